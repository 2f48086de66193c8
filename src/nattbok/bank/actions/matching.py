"""Matching movements with open items, posting what is certain, and asking about the rest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from nattbok.bank import queries
from nattbok.bank.rules import ladder, posting
from nattbok.bank.rules.shape import Match, Payment, Step, Unclear
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk.actions import ask, close
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books
from nattbok.ledger.queries import open_items
from nattbok.ledger.rules import OpenItem, Posted
from nattbok.trail.actions import act, record
from nattbok.trail.rules import ActDraft, means

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
}
ASKED = {
    Step.WAITS: asks("bank.waits", _("Payments that may not be posted yet")),
    Step.OWN_PAYMENT: asks("bank.own_payment_differs", _("Payments of ours that the bank reports otherwise")),
    Step.KID_PARTIAL: asks("bank.exchange", _("Payments of invoices in another currency")),
    Step.KID_CLOSED: asks("bank.closed_reference", _("References of paid invoices")),
    Step.KID_UNKNOWN: asks("bank.unknown_reference", _("References that no invoice has")),
    Step.KID_INVALID: asks("bank.invalid_reference", _("References with a wrong check digit")),
    Step.LIST: asks("bank.list_does_not_fit", _("Lists of invoices that do not fit")),
    Step.REF_AMOUNT: asks("bank.number_does_not_fit", _("Invoice numbers that do not fit")),
    Step.NONE: asks("bank.unknown", _("Payments without anything to go by")),
}
OVERPAID = asks("bank.overpaid", _("Money paid beyond what was owed"))

TAKEN_BACK = asks("bank.undone", _("Bank movements that were taken back"))

OVER_TEXT = _("{payer} paid {rest} more than was owed. It stands on the customer's account.")
PAYS_ITEM = _("It pays invoice {number} of {party}, of which {left} is left")
LEAVE = _("Leave it on the customer's account")
PAY_BACK = _("Pay it back")


MATCHED = means("bank.matched", _("Payments were matched: {posted} posted, {left} left for a person"))
AT_ONCE = 10_000  # payments whose drafts are in memory together


@dataclass(frozen=True, slots=True)
class Matched:
    """What a run came to, in numbers."""

    posted: int
    left: int


@transaction.atomic
def match(client: Client, *, by: str, night: int | None = None) -> Matched:
    """Post all movements that are certain, and ask about the others. Safe to repeat; nothing twice."""
    books = Books.objects.select_for_update().get(client=client)  # nobody settles meanwhile
    payments = queries.unsettled(client)
    if not payments:
        return Matched(0, 0)
    law = country(client.country)
    quoted = {payment.reference for payment in payments if payment.reference}
    quoted |= {one.reference for payment in payments for one in payment.remittances if one.reference}
    found = ladder.match(
        payments,
        open_items(client, references=quoted),
        references=law.references,
        is_org_number=law.is_org_number,
        payers=queries.payers(client),
        sent=queries.sent_payments(client),
        closed_through=books.closed_through,
    )
    for at in range(0, len(found.certain), AT_ONCE):
        settle(client, found.certain[at : at + AT_ONCE], by=by, night=night)
    _ask(client, found.unclear, by, night)
    act(client, MATCHED, by, night=night, posted=len(found.certain), left=len(found.unclear))
    return Matched(len(found.certain), len(found.unclear))


@transaction.atomic
def settle(client: Client, matches: Sequence[Match], *, by: str, night: int | None = None) -> list[Posted]:
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
    _remember_payers(client, matches)
    done = {posting.origin(one.payment.id) for one in matches}
    done |= {f"rest:{one.payment.id}" for one in matches if not one.on_account}
    close(client, sorted(done & queries.asked(client).keys()), by=by, night=night)
    ask(client, [_overpaid(client, one) for one in matches if one.on_account], by=by, night=night)
    return posted


def _evidence(one: Match) -> dict:
    """Why, as data: the step, what was compared, and what was paid of what."""
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
    } | one.evidence


def _proves(one: Match) -> int | None:
    """The party that the payer's account is now known to be of: it quoted that party's own reference, or
    listed its invoices. Kept in the evidence, so that taking the match back forgets just this much."""
    if one.allocations and one.payment.payer_account and one.payment.amount > 0:
        return one.allocations[0].item.party
    return None


def _overpaid(client: Client, one: Match) -> QuestionDraft:
    paid = one.payment
    return QuestionDraft(
        OVERPAID,
        f"rest:{paid.id}",
        Words(OVER_TEXT, {"payer": paid.payer_name or "?", "rest": str(one.on_account)}),
        (
            Candidate(Words(LEAVE), {"do": "leave"}),
            Candidate(Words(PAY_BACK), {"do": "pay_back"}),
        ),
        one.on_account,
        client.currency,
        about=_about(paid),
    )


def _ask(client: Client, unclear: Sequence[Unclear], by: str, night: int | None) -> None:
    """One question on each movement: what was asked for another reason is closed."""
    open_now = queries.asked(client)
    # What was taken back is asked about by whoever took it back, in their words; that stands.
    unclear = [one for one in unclear if TAKEN_BACK not in open_now.get(posting.origin(one.payment.id), ())]
    otherwise = [
        posting.origin(one.payment.id)
        for one in unclear
        if open_now.get(posting.origin(one.payment.id), set()) - {ASKED[one.step]}
    ]
    close(client, otherwise, by=by, night=night)
    ask(
        client,
        [
            QuestionDraft(
                ASKED[one.step],
                f"movement:{one.payment.id}",
                one.reason,
                tuple(_candidate(item) for item in one.candidates),
                one.payment.amount,
                client.currency,
                {"step": one.step.value, "payer": one.payment.payer_name, "amount": str(one.payment.amount)},
                _about(one.payment),
            )
            for one in unclear
        ],
        by=by,
        night=night,
    )


def _about(payment: Payment) -> str:
    """What a person knows a movement by: its day, who paid, and what stood on it."""
    told = " ".join(payment.text.split())
    return " · ".join(filter(None, (str(payment.booked_on), payment.payer_name, payment.reference, told)))


def _candidate(item: OpenItem) -> Candidate:
    values = {"number": item.number, "party": item.party_name, "left": str(item.left)}
    return Candidate(Words(PAYS_ITEM, values), {"do": "settle", "item": item.id})


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
