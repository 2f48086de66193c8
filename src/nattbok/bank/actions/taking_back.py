"""Taking back what was done with bank lines by hand: the links, the entries, the notes; never the lines."""

from collections.abc import Collection, Sequence

from django.db import transaction

from nattbok.bank import queries
from nattbok.bank.actions import undoing
from nattbok.bank.actions.pairing import KINDS, NoSuchLine
from nattbok.bank.models import Movement, PairedLine, PairedMovement, Postponement
from nattbok.bank.rules import posting
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books, Entry
from nattbok.ledger.queries import unreversed
from nattbok.trail.actions import record
from nattbok.trail.models import Act
from nattbok.trail.rules import ActDraft, means

TAKEN_BACK = means("bank.hand.taken_back", _("What was done with {count} bank lines was taken back: {why}"))


class NothingToTakeBack(Refused):
    """Nothing of it stands."""

    message = _("There is nothing of yours to take back here.")


@transaction.atomic
def unmatch(client: Client, movements: Sequence[int], *, by: str, why: str) -> int:
    """Take back what stands for these bank lines, whoever did it: entries reversed, pairings parted.

    The lines, and those that were paired with the reversed entries' lines, wait again; the robot leaves
    them until somebody lets it go on. The act of it.
    """
    Books.objects.select_for_update().get(client=client)
    if Movement.objects.filter(client=client, pk__in=set(movements)).count() < len(set(movements)):
        raise NoSuchLine()
    standing = unreversed(client, [posting.origin(pk) for pk in movements])
    pairings = set(
        PairedMovement.objects.filter(client=client, movement__in=list(movements), is_live=True).values_list(
            "pairing_id", flat=True
        )
    )
    return _take_back(client, list(standing.values()), pairings, [], by=by, why=why, undoes=None)


@transaction.atomic
def take_back(client: Client, deed: int, *, by: str, why: str = "") -> int:
    """Take back one deed by hand, whole; the act of it."""
    Books.objects.select_for_update().get(client=client)
    done = Act.objects.filter(client=client, pk=deed, kind__in=KINDS).first()
    if done is None:
        raise NothingToTakeBack()
    entries, pairings, notes = queries.standing_of(client, deed)
    return _take_back(client, entries, pairings, notes, by=by, why=why or "–", undoes=done.pk)


def take_back_last(client: Client, account: int, *, by: str) -> int:
    """Take back the last thing that this person did by hand on a bank account and that still stands."""
    deed = queries.last_deed(client, account, by)
    if deed is None:
        raise NothingToTakeBack()
    return take_back(client, deed, by=by)


def _take_back(
    client: Client,
    entries: Sequence[int],
    pairings: Collection[int],
    notes: Sequence[int],
    *,
    by: str,
    why: str,
    undoes: int | None,
) -> int:
    # What is paired with a line of an entry that goes is no longer paired with anything.
    pairings = set(pairings) | set(
        PairedLine.objects.filter(client=client, line__entry__in=list(entries), is_live=True).values_list(
            "pairing_id", flat=True
        )
    )
    if not entries and not pairings and not notes:
        raise NothingToTakeBack()
    movements = {
        int(origin[9:])
        for origin in Entry.objects.filter(client=client, pk__in=list(entries)).values_list(
            "origin", flat=True
        )
        if origin.startswith("movement:")
    } | set(
        PairedMovement.objects.filter(client=client, pairing__in=pairings, is_live=True).values_list(
            "movement_id", flat=True
        )
    )
    count = len(movements) or len(notes)
    (taking,) = record(
        client,
        [
            ActDraft(
                TAKEN_BACK, by, {"count": count, "why": why, "movements": sorted(movements)}, None, undoes
            )
        ],
    )
    undoing.unpair(client, sorted(pairings), taking)
    if entries:
        acts = list(
            Entry.objects.filter(client=client, pk__in=list(entries)).values_list("act_id", flat=True)
        )
        ledger.reverse(client, list(entries), by=by, why=why)
        undoing.forget(client, acts)
    Postponement.objects.filter(client=client, pk__in=list(notes)).update(ended_by=taking)
    if movements:
        undoing.hold(client, sorted(movements), taking)
    return taking
