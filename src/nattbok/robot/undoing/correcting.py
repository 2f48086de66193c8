"""Correcting an entry: its reversal and a new one in its place, and what stood on the first one follows.

It stands beside taking back, since what a bank has paired with the entry is another department's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from nattbok.bank.actions import undoing as bank
from nattbok.bank.models import BankAccount
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.documents.actions import approval
from nattbok.documents.queries.approval import holds_correction
from nattbok.documents.rules.entry import document_of
from nattbok.expenses.rules.entry import is_of_claim
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books, Entry, OpenItem, Settlement
from nattbok.ledger.queries import acts_of_entries
from nattbok.ledger.queries.lines import lines_of
from nattbok.ledger.rules import AlreadyReversed, EntryDraft, LineDraft, NoSuchEntry, Posted, Settles
from nattbok.robot.undoing import queries, rules
from nattbok.robot.undoing.rules import What
from nattbok.trail.models import Act
from nattbok.vouchers import actions as vouchers

CORRECTED = "ledger.corrected"


class BankMoved(Refused):
    """What the bank moved is a fact, whatever it is said to be for."""

    message = _(
        "The bank moved {amount} on account {account}, and the lines would have {lines}. "
        "To undo what a bank line was booked as, take the entry back instead."
    )


class ClaimApproved(Refused):
    """What is paid back, and to whom, is what was approved of a claim."""

    message = _(
        "What {claim} pays back, and to whom, was approved and stays. Take the claim back and return it, so "
        "that it is handed in and approved anew."
    )


class NothingCorrected(Refused):
    """A correction changes something."""

    message = _("The lines are as they were, so there is nothing to correct.")


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction came to."""

    reversal: int | None  # None when it had been done before
    entry: Posted
    kept: int = 0  # settlements that hold for the new entry too
    parted: int = 0
    unpaired: int = 0  # bank lines that are on the list again


@transaction.atomic
def correct(
    client: Client,
    entry: int,
    draft: EntryDraft,
    *,
    by: str,
    why: str,
    shown: str = "",
    files: Sequence[int] = (),
) -> Corrected:
    """Reverse `entry` and post `draft` in its place, from the same origin, all in one transaction.

    What paid, or was paid by, a line with a party holds for the new entry where it has the same line; else
    it is parted. An item on hold stays on hold. What the bank has paired with the entry waits again. A bill
    that is another purchase now, and is not paid, goes to approval again.
    `shown` is the hash of the plan that the person saw: PlanChanged when something has happened since. The
    same correction again gives the entry that is there.
    """
    if not why.strip():
        raise rules.NoReasonForUndoing()
    Books.objects.select_for_update().get(client=client)
    wrong = Entry.objects.select_related("series").filter(client=client, pk=entry).first()
    if wrong is None:
        raise NoSuchEntry(entry=entry)
    if (done := _done_before(client, wrong, draft)) is not None:
        return done
    plan = queries.plan(client, What(entries=(entry,)))
    if shown and shown != plan.hash:
        raise rules.PlanChanged()
    was = lines_of(client, [entry])[entry]
    if (wrong.date, wrong.text, tuple(was)) == (draft.date, draft.text, draft.lines) and not files:
        raise NothingCorrected()
    _check_bank(client, wrong, was, draft.lines)
    _check_claim(wrong, was, draft.lines)
    standing, held = _settled(client, entry), _held(client, entry)
    document = document_of(wrong.origin)
    is_looked_at = document is not None and holds_correction(client, document)
    lines, kept = _carried(draft.lines, was, standing, held, all_on_hold=is_looked_at)
    pairings = [pairing for pairing in (plan.chosen + plan.depends).pairings if entry in pairing.entries]
    back, right = ledger.correct(
        client, entry, replace(draft, series=wrong.series.code, lines=lines), by=by, why=why
    )
    act = acts_of_entries(client, [right.id])[right.id]
    movements = bank.unpair(client, [pairing.id for pairing in pairings], act)
    if movements:
        bank.hold(client, movements, act)
    if wrong.origin.startswith("movement:"):
        bank.forget(client, [wrong.act_id])
    vouchers.add_attachments(client, right.id, tuple(files))
    if document is not None:
        approval.entry_corrected(
            client,
            document,
            right.id,
            was,
            lines_of(client, [right.id])[right.id],
            was_held=bool(held),
            by=by,
            why=why,
            today=timezone.localdate(),
        )
    return Corrected(back.id, right, kept, len(standing) - kept, len(movements))


def _done_before(client: Client, wrong: Entry, draft: EntryDraft) -> Corrected | None:
    """The entry that the same correction made before; refused when the entry was reversed otherwise."""
    if not Entry.objects.filter(client=client, reverses=wrong).exists():
        return None
    there = (
        Entry.objects.filter(client=client, origin=wrong.origin, round=wrong.round + 1, date=draft.date)
        .select_related("series")
        .first()
    )
    if there is not None:
        made = Act.objects.get(client=client, pk=there.act_id)
        same = [_bare(line) for line in lines_of(client, [there.pk])[there.pk]] == [
            _bare(line) for line in draft.lines
        ]
        if made.kind == CORRECTED and made.evidence.get("entry") == wrong.pk and same:
            posted = Posted(there.pk, there.series.code, there.number, there.origin, was_there=True)
            return Corrected(None, posted)
    raise AlreadyReversed(entry=wrong.pk)


def _bare(line: LineDraft) -> tuple:
    return line.account, line.amount, line.text, line.vat_code, line.party, line.number


def _check_bank(client: Client, wrong: Entry, was: Sequence[LineDraft], lines: Sequence[LineDraft]) -> None:
    """What was made from a bank line keeps its amount on the bank's account."""
    if not wrong.origin.startswith("movement:"):
        return
    accounts = BankAccount.objects.filter(client=client).values_list("account__number", flat=True)
    for account in sorted(set(accounts)):
        moved = sum((line.amount for line in was if line.account == account), Decimal("0.00"))
        would = sum((line.amount for line in lines if line.account == account), Decimal("0.00"))
        if moved != would:
            raise BankMoved(account=account, amount=moved, lines=would)


def _check_claim(wrong: Entry, was: Sequence[LineDraft], lines: Sequence[LineDraft]) -> None:
    """A claim's entry keeps what is owed and to whom; where its costs go may be corrected."""
    if not is_of_claim(wrong.origin):
        return

    def owed(of: Sequence[LineDraft]) -> list[tuple]:
        return sorted((line.account, line.party, line.amount) for line in of if line.party is not None)

    if owed(was) != owed(lines):
        raise ClaimApproved(claim=wrong.text or wrong.origin)


def _held(client: Client, entry: int) -> set[tuple[str, int]]:
    return set(
        OpenItem.objects.filter(client=client, line__entry=entry, on_hold=True).values_list(
            "account__number", "party_id"
        )
    )


def _settled(client: Client, entry: int) -> list[tuple[int, Settles]]:
    """Line number and what it settles with, for each settlement of the entry's items that stands."""
    mine = dict(OpenItem.objects.filter(client=client, line__entry=entry).values_list("id", "line__number"))
    parted = Settlement.objects.filter(client=client, parts__isnull=False).values("parts_id")
    found = []
    for side, other in (("debit", "credit"), ("credit", "debit")):
        rows = (
            Settlement.objects.filter(client=client, parts__isnull=True, **{f"{side}__among": list(mine)})
            .exclude(pk__in=parted)
            .order_by("pk")
        )
        for item, against, amount in rows.values_list(f"{side}_id", f"{other}_id", "amount"):
            if against not in mine:
                found.append((mine[item], Settles(against, amount)))
    return found


def _carried(
    lines: Sequence[LineDraft],
    was: Sequence[LineDraft],
    standing: Sequence[tuple[int, Settles]],
    held: set[tuple[str, int]],
    *,
    all_on_hold: bool,
) -> tuple[tuple[LineDraft, ...], int]:
    """The new lines with what held for the old ones, and how many settlements that is.

    A line is the same when it is on the same account of the same party, with the same amount and number. What
    is owed to somebody who was not in the entry before is on hold where anything of it was.
    """
    known_parties = {(line.account, line.party) for line in was}
    of_line: dict[int, list[Settles]] = {}
    for number, settles in standing:
        of_line.setdefault(number, []).append(settles)
    left = {
        number: (line.account, line.party, line.amount, line.number)
        for number, line in enumerate(was, start=1)
        if line.party is not None
    }
    found, kept = [], 0
    for line in lines:
        if line.party is not None:
            key = (line.account, line.party, line.amount, line.number)
            same = next((number for number, known in left.items() if known == key), None)
            settles = tuple(of_line.get(same, ())) if same is not None else ()
            left.pop(same, None)
            kept += len(settles)
            own = (line.account, line.party)
            is_held = own in held or (bool(held) and own not in known_parties)
            line = replace(line, settles=settles, on_hold=all_on_hold or is_held)
        found.append(line)
    return tuple(found), kept
