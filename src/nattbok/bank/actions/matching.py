"""Matching movements with open items, posting what is certain, and asking about the rest."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from django.db import connection, transaction

from nattbok.bank import models, queries
from nattbok.bank.actions import unclear
from nattbok.bank.actions.unclear import ASKED, OVERPAID, TAKEN_BACK
from nattbok.bank.queries.deciding import decide, told_before
from nattbok.bank.rules import explaining, posting, suggestion
from nattbok.bank.rules.shape import Match, Payment, SentPayment, Step, Unclear
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.db import bulk
from nattbok.desk.actions import close
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books, OpenItem
from nattbok.ledger.queries import open_items
from nattbok.ledger.rules import Posted, Settles
from nattbok.trail.actions import act, record
from nattbok.trail.rules import ActDraft, means

__all__ = [
    "ASKED",
    "DONE",
    "OVERPAID",
    "TAKEN_BACK",
    "Matched",
    "accept",
    "decide",
    "match",
    "offset",
    "settle",
]

DONE = {
    Step.OWN_PAYMENT: means("bank.own_payment", _("Our payment {end_to_end_id} was executed by the bank")),
    Step.KID_EXACT: means(
        "bank.reference_exact", _("Matched by the reference {reference}: exactly what was owed")
    ),
    Step.KID_PARTIAL: means("bank.reference_part", _("Matched by reference {reference}: paid in part")),
    Step.KID_OVER: means("bank.reference_over", _("Matched by reference {reference}: more than was owed")),
    Step.KID_CLOSED: means(
        "bank.reference_closed", _("Matched by reference {reference}: already paid, kept on account")
    ),
    Step.LIST: means("bank.listed", _("Matched by the list of {count} invoices it pays")),
    Step.REF_AMOUNT: means("bank.number_and_amount", _("Matched by invoice {number} and exact amount")),
    Step.SETTLEMENT: means(
        "bank.settlement", _("Posted by the settlement report {payout_id} from {source}: net {net}")
    ),
    Step.RULE: means("bank.rule", _("Posted by the rule {name}, version {version}")),
    Step.UNIQUE: means(
        "bank.payer_and_amount", _("Matched by the payer's account and exact amount: invoice {number}")
    ),
    Step.FX: means(
        "bank.exchange", _("Matched by invoice {number} and the {instructed} that were sent for it")
    ),
    Step.BY_HAND: means("bank.by_hand", _("A person said what the payment of {amount} is")),
}
OFFSET = means("bank.offset", _("Money on a ledger was set against {number}: {amount}"))
MATCHED = means("bank.matched", _("Payments were matched: {posted} posted, {left} left for a person"))
AT_ONCE = 4_000  # payments whose drafts or questions are in memory together
Decided = TypeVar("Decided", Match, Unclear)
# The steps in which the payer itself has said whose invoice it pays: whose account it is, is proven.
PROVING = {Step.KID_EXACT, Step.KID_PARTIAL, Step.KID_OVER, Step.LIST, Step.REF_AMOUNT, Step.BY_HAND}


class AlreadySettled(Refused):
    """The movement is in the books already."""

    message = _("This bank movement is in the books already.")


class NothingToOffset(Refused):
    """Nothing of the movement is left on a ledger."""

    message = _("Nothing of this bank movement is left to be set against an invoice.")


@dataclass(frozen=True, slots=True)
class Matched:
    """What a run came to, in numbers."""

    posted: int
    left: int


@transaction.atomic
def match(
    client: Client,
    *,
    by: str,
    night: int | None = None,
    today: date | None = None,
    sent: Sequence[SentPayment] = (),
) -> Matched:
    """Post all movements that are certain, and ask about the others. Safe to repeat; nothing twice.

    With `today`, sum lines whose payments have not been told in time are asked about as well. `sent` are
    payments that left by another system, before the client came here.
    """
    Books.objects.select_for_update().get(client=client)  # nobody settles meanwhile
    waiting = unclear.ask_about_sums(client, today, by=by, night=night) if today else 0
    payments = queries.unsettled(client)
    if not payments:
        return Matched(0, waiting)
    in_books = told_before(client, payments, sent=sent)
    if in_books.pairs:
        payments = _paired(client, payments, in_books.pairs, by=by, night=night)
    found = decide(client, payments, night=night, sent=sent, in_books=in_books)
    certain, left = deque(found.certain), deque(found.unclear)
    posted, asked = len(certain), len(left)
    del payments, in_books, found
    while certain:
        settle(client, _taken(certain), by=by, night=night)
    while left:
        unclear.ask_about(client, _taken(left), by=by, night=night)
    act(client, MATCHED, by, night=night, posted=posted, left=asked)
    return Matched(posted, asked + waiting)


def _taken(waiting: deque[Decided]) -> list[Decided]:
    """The next of them, which nobody else keeps: what is posted or asked about is out of memory then."""
    return [waiting.popleft() for _place in range(min(AT_ONCE, len(waiting)))]


def _paired(
    client: Client,
    payments: Sequence[Payment],
    pairs: Sequence[tuple[int, int]],
    *,
    by: str,
    night: int | None,
) -> list[Payment]:
    """Pair what certainly is in the books already; the other payments."""
    from nattbok.bank.actions.pairing import pair_proven  # which posts through this file

    pair_proven(client, [((movement,), (line,)) for movement, line in pairs], by=by, night=night)
    gone = {movement for movement, _line in pairs}
    return [one for one in payments if one.id not in gone]


@transaction.atomic
def settle(
    client: Client,
    matches: Sequence[Match],
    *,
    by: str,
    night: int | None = None,
    answer: dict | None = None,
) -> list[Posted]:
    """Post matches, each with its act and evidence, and settle the items they pay; all or none.

    A movement that is posted already with the same content is left as it is. What a payer's account was
    proven to be of is remembered, and the questions about these movements are closed.
    """
    if not matches:
        return []
    rounding = country(client.country).accounts.rounding
    acts = record(client, [ActDraft(DONE[one.step], by, _evidence(one), night) for one in matches])
    posted = ledger.post(
        client, [posting.payment(one, rounding_account=rounding) for one in matches], acts=acts
    )
    new = [
        (one, act_id) for one, act_id, entry in zip(matches, acts, posted, strict=True) if not entry.was_there
    ]
    _remember_payers(client, [one for one, _act in new])
    _executed(client, [one for one, _act in new], by, night)
    _hit(client, new, by)
    unclear.close_settled(client, matches, by=by, night=night, answer=answer)
    unclear.ask_about_rests(client, matches, by=by, night=night)
    return posted


@transaction.atomic
def accept(client: Client, movement: int, answer: Mapping, *, by: str) -> Posted:
    """Post exactly what a suggested answer says, for a person who said yes to it.

    Refused when the movement is in the books already, or when what it would pay has changed since.
    """
    Books.objects.select_for_update().get(client=client)
    payments = queries.unsettled(client, [movement])
    if not payments:
        raise AlreadySettled()
    ids = [int(item) for item, _amount in answer.get("pays", ()) if str(item).isdigit()]
    items = {item.id: item for item in open_items(client, ids=ids)}
    said = suggestion.match_of(payments[0], answer, items)
    models.Movement.objects.filter(client=client, pk=movement, waits_for="undone").update(waits_for="")
    (posted,) = settle(client, [said], by=by, answer=dict(answer))
    return posted


@transaction.atomic
def offset(client: Client, movement: int, item: int, *, by: str) -> None:
    """Set what a movement left on a customer's or supplier's ledger against one of its items there."""
    Books.objects.select_for_update().get(client=client)
    theirs = OpenItem.objects.get(client=client, pk=item)
    ours = (
        OpenItem.objects.filter(
            client=client,
            line__entry__origin=posting.origin(movement),
            account=theirs.account,
            party=theirs.party,
        )
        .exclude(left=0)
        .exclude(line__entry__in=_reversed(client))
        .first()
    )
    if ours is None or ours.left * theirs.left >= 0:
        raise NothingToOffset()
    amount = min(abs(ours.left), abs(theirs.left))
    done = act(client, OFFSET, by, movement=movement, item=item, number=theirs.number, amount=str(amount))
    ledger.settle(client, ours.pk, [Settles(item, amount)], act=done)
    close(client, [f"rest:{movement}"], by=by, answer={"do": "offset", "item": item})


def _reversed(client: Client):
    from nattbok.ledger.models import Entry

    return Entry.objects.filter(client=client, reverses__isnull=False).values("reverses_id")


def _evidence(one: Match) -> dict:
    """Why, as data: the step, what spoke for it, what was compared, and what was paid of what."""
    paid = one.payment
    return {
        "step": one.step.value,
        "movement": paid.id,
        "amount": str(paid.amount),
        "booked_on": str(paid.booked_on),
        "payer": paid.payer_name,
        "payer_account": paid.payer_account,
        "bank_reference": paid.bank_reference,
        "count": len(one.allocations),
        "pays": [
            {
                "item": allocation.item.id,
                "number": allocation.item.number,
                "party": allocation.item.party_name,
                "left": str(allocation.item.left),
                "amount": str(allocation.amount),
            }
            for allocation in one.allocations
        ],
        "on_account": str(one.on_account),
        "rounding": str(one.rounding),
        "proves": _proves(one),
        "signals": explaining.signals(one),
    } | one.evidence


def _proves(one: Match) -> int | None:
    """The party that the payer's account is now known to be of: it quoted that party's own reference, or
    listed its invoices. Kept in the evidence, so that taking the match back forgets just this much."""
    if one.step not in PROVING or not one.allocations or not one.payment.payer_account:
        return None
    if one.payment.amount < 0 or len({each.item.party for each in one.allocations}) > 1:
        return None
    if one.step is Step.BY_HAND and any(each.amount != each.item.left for each in one.allocations):
        return None  # in part, or beyond: an authority pays its part of many customers' invoices
    return one.allocations[0].item.party


def _remember_payers(client: Client, matches: Sequence[Match]) -> None:
    """A payment that quoted a party's own reference, or listed its invoices, proves whose account it came
    from."""
    proven = Counter(
        (party, one.payment.payer_account) for one in matches if (party := _proves(one)) is not None
    )
    if not proven:
        return
    pairs = sorted(proven)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ledger_partyaccount AS known (client_id, party_id, number, confirmed)
            SELECT %s, party, number, times
            FROM unnest(%s::bigint[], %s::varchar[], %s::int[]) AS given (party, number, times)
            ON CONFLICT (client_id, party_id, number)
                DO UPDATE SET confirmed = known.confirmed + excluded.confirmed
            """,
            [
                client.pk,
                [party for party, _number in pairs],
                [number for _party, number in pairs],
                [proven[pair] for pair in pairs],
            ],
        )


def _executed(client: Client, matches: Sequence[Match], by: str, night: int | None) -> None:
    """Tell the payments of ours that the bank has executed them, or that they came back."""
    from nattbok.bank.actions import payments  # which posts through this file

    said = [(one, one.evidence.get("suggested_by", one.step)) for one in matches]
    ours = [replace(one, step=Step.OWN_PAYMENT) for one, step in said if step == Step.OWN_PAYMENT]
    if ours:
        payments.executed(client, ours, by=by, night=night)


def _hit(client: Client, done: Sequence[tuple[Match, int]], by: str) -> None:
    """Which version of which rule posted it, so that its errors are counted against it."""
    of_rules = [(one, act_id) for one, act_id in done if "rule" in one.evidence and "version" in one.evidence]
    if not of_rules:
        return
    versions = {
        (rule, number): pk
        for pk, rule, number in models.BankRuleVersion.objects.filter(
            client=client, rule__in={one.evidence["rule"] for one, _act in of_rules}
        ).values_list("id", "rule_id", "number")
    }
    of_rules = [
        (one, act_id, versions[key])
        for one, act_id in of_rules
        if (key := (one.evidence["rule"], one.evidence["version"])) in versions
    ]
    bulk.insert(
        models.BankRuleHit,
        {
            "client_id": [client.pk] * len(of_rules),
            "version_id": [version for _one, _act, version in of_rules],
            "movement_id": [one.payment.id for one, _act, _version in of_rules],
            "act_id": [act_id for _one, act_id, _version in of_rules],
            "by_robot": [not by.startswith("person:")] * len(of_rules),
        },
    )
