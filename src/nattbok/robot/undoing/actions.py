"""Taking back: one client in one transaction, so that it is done whole or not at all; and safe to repeat."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.bank.actions import undoing as bank
from nattbok.base.errors import NattbokError
from nattbok.base.words import _
from nattbok.clients.access import enter_client, enter_office
from nattbok.clients.models import Client, Office
from nattbok.db import lock
from nattbok.documents.actions import undoing as documents
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books
from nattbok.outbox import actions as outbox
from nattbok.robot.models import Undoing, UndoingPart
from nattbok.robot.undoing import queries, rules
from nattbok.robot.undoing.rules import Layer, Plan, Undone, What
from nattbok.trail.actions import record
from nattbok.trail.models import Act
from nattbok.trail.rules import ActDraft, means

UNDONE = means(
    "undoing.done",
    _("{entries} entries were reversed, {parted} settlements parted and {unpaired} pairings undone: {why}"),
)
TAKEN_BACK = means("undoing.taken_back", _("What an act had done without an entry was taken back: {why}"))
AT_ONCE = 5000  # entries whose lines are in memory together
LONGEST_WHY = 300


def undo(
    client: Client,
    what: What,
    *,
    by: str,
    why: str,
    shown: str = "",
    along: bool = False,
) -> Undone:
    """Take `what` back in this client's books, all in one transaction; what is taken back already is left.

    `shown` is the hash of the plan that the person saw: when something else would be done by now, it raises
    PlanChanged. Later work that depends on it raises SomethingDepends, unless `along` says that it goes too.
    Run again, by whomever, it finds nothing left and does nothing. A night or a rule is not taken back while
    the robot is in the client's books (NightRuns).
    """
    if not why.strip():
        raise rules.NoReasonForUndoing()
    if not what.is_many:
        return _undo(client, what, by=by, why=why, shown=shown, along=along)
    with lock.held(lock.CLIENT, client.pk) as nobody_is_in:
        if not nobody_is_in:
            raise rules.NightRuns(client=client.name)
        return _undo(client, what, by=by, why=why, shown=shown, along=along)


@transaction.atomic
def _undo(client: Client, what: What, *, by: str, why: str, shown: str, along: bool) -> Undone:
    Books.objects.select_for_update().get(client=client)  # what is planned now is what is done
    plan = queries.plan(client, what)
    if plan.is_empty:
        return Undone()
    if shown and shown != plan.hash:
        raise rules.PlanChanged()
    if plan.depends.count and not along:
        raise rules.SomethingDepends(count=plan.depends.count, first=_first(plan.depends))
    return _carry_out(client, plan, by=by, why=" ".join(why.split())[:LONGEST_WHY])


def _first(depends: Layer) -> str:
    if depends.entries:
        return depends.entries[0].name
    return depends.settlements[0].party if depends.settlements else "–"


def _carry_out(client: Client, plan: Plan, *, by: str, why: str) -> Undone:
    taken = plan.chosen + plan.depends
    counts = {
        "entries": len(taken.entries),
        "parted": len(taken.settlements),
        "unpaired": len(taken.pairings),
        "movements": len(plan.movements),
        "documents": len(plan.documents),
        "cancelled": len(plan.cancels),
        "along": plan.depends.count,
    }
    evidence = {"what": plan.what.written(), "why": why, "amount": str(taken.amount), "plan": plan.hash}
    (act,) = record(client, [ActDraft(UNDONE, by, evidence | counts)])
    # In the opposite order of how things were made: pairings and settlements stand on entries.
    bank.unpair(client, [pairing.id for pairing in taken.pairings], act)
    _part(client, taken, by=by, why=why, summary=act)
    entries = [entry.id for entry in taken.entries]
    for start in range(0, len(entries), AT_ONCE):
        ledger.reverse(client, entries[start : start + AT_ONCE], by=by, why=why, along=False)
    bank.forget(client, [entry.act for entry in taken.entries])
    bank.hold(client, plan.movements, act)
    documents.hold(client, plan.documents, act)
    for gone in plan.cancels:
        outbox.withdraw(client, gone.name, by=by)
    return Undone(act, counts)


def _part(client: Client, taken: Layer, *, by: str, why: str, summary: int) -> None:
    """Part what was settled without an entry, each by an act that undoes the one that settled it."""
    made: dict[int, list[int]] = {}
    for settlement in taken.settlements:
        made.setdefault(settlement.act, []).append(settlement.id)
    undone = set(
        Act.objects.filter(client=client, undoes__among=list(made)).values_list("undoes_id", flat=True)
    )
    acts = record(
        client,
        [
            ActDraft(TAKEN_BACK, by, {"why": why, "act": summary}, undoes=None if act in undone else act)
            for act in made
        ],
    )
    for parting, settlements in zip(acts, made.values(), strict=True):
        ledger.part(client, settlements, act=parting)


@transaction.atomic
def begin(
    office: Office,
    what: What,
    shown: dict[int, str],
    *,
    along: bool,
    by: str,
    why: str,
) -> Undoing:
    """Keep that `what` is to be taken back for these clients, with the plan that was shown of each.

    Nothing is taken back yet: `go_through` does it, client by client.
    """
    if not why.strip():
        raise rules.NoReasonForUndoing()
    undoing = Undoing.objects.create(
        office=office,
        what=what.written(),
        along=along,
        by=by,
        why=" ".join(why.split())[:LONGEST_WHY],
        asked_at=timezone.now(),
    )
    UndoingPart.objects.bulk_create(
        [UndoingPart(client_id=client, undoing=undoing, plan=plan) for client, plan in shown.items()]
    )
    return undoing


def go_through(undoing: Undoing, client_ids: Sequence[int] | None = None) -> None:
    """Take back what is left of an undoing, client by client; killed and called again it goes on."""
    with enter_office(undoing.office):
        waiting = UndoingPart.objects.filter(undoing=undoing, ended_at__isnull=True)
        if client_ids is not None:
            waiting = waiting.filter(client__in=list(client_ids))
        ids = list(waiting.order_by("client").values_list("client", flat=True))
    for client in ids:
        go_through_client(undoing, client)


def go_through_client(undoing: Undoing, client_id: int) -> UndoingPart:
    """Take back in one client's books, and keep how it went; a part that has ended is left as it is.

    What was taken back and that it was, are kept in one transaction. Raises NightRuns, which passes.
    """
    with enter_client(client_id) as client:
        try:
            with transaction.atomic():
                part = UndoingPart.objects.select_for_update().get(client=client, undoing=undoing)
                if part.ended_at is not None:
                    return part
                done = undo(
                    client,
                    rules.read(undoing.what),
                    by=undoing.by,
                    why=undoing.why,
                    shown=part.plan,
                    along=undoing.along,
                )
                part.act_id, part.counts, part.ended_at = done.act, done.counts, timezone.now()
                part.save()
        except rules.NightRuns:
            raise
        except NattbokError as trouble:
            part.trouble, part.trouble_values = trouble.message, dict(trouble.values)
            part.ended_at = timezone.now()
            part.save()
        return part
