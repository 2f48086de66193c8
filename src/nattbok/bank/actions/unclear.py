"""Asking people about movements: why nothing is certain, and what each likely answer would post."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from nattbok.bank import queries
from nattbok.bank.queries import bank_rules as known
from nattbok.bank.rules import posting, suggestion
from nattbok.bank.rules.shape import Match, Payment, Step, Suggestion, Unclear
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk.actions import ask, close
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.ledger.queries import open_items
from nattbok.ledger.rules import OpenItem

ASKED = {
    Step.WAITS: asks("bank.waits", _("Payments that may not be posted yet")),
    Step.OWN_PAYMENT: asks("bank.own_payment_differs", _("Payments of ours that the bank reports otherwise")),
    Step.KID_PARTIAL: asks("bank.exchange", _("Payments of invoices in another currency")),
    Step.FX: "bank.exchange",
    Step.KID_CLOSED: asks("bank.closed_reference", _("References of paid invoices")),
    Step.KID_UNKNOWN: asks("bank.unknown_reference", _("References that no invoice has")),
    Step.KID_INVALID: asks("bank.invalid_reference", _("References with a wrong check digit")),
    Step.LIST: asks("bank.list_does_not_fit", _("Lists of invoices that do not fit")),
    Step.REF_AMOUNT: asks("bank.number_does_not_fit", _("Invoice numbers that do not fit")),
    Step.SETTLEMENT: asks("bank.settlement", _("Payouts that wait for their settlement report")),
    Step.RULE: asks("bank.rule", _("Payments that a rule is about")),
    Step.UNIQUE: asks("bank.payer_known", _("Payments of a known payer")),
    Step.SUBSET: "bank.payer_known",
    Step.RETURN: asks("bank.returned", _("Money that went back")),
    Step.FUZZY: asks("bank.alike", _("Payments that are only like something")),
    Step.NONE: asks("bank.unknown", _("Payments without anything to go by")),
    Step.IN_BOOKS: asks("bank.in_books", _("Payments that may be in the books already")),
    Step.CAPPED: asks("bank.capped", _("Payments beyond what may be posted unattended")),
}
OVERPAID = asks("bank.overpaid", _("Money paid beyond what was owed"))
OFFERED = asks("bank.offered", _("Money on a customer's or supplier's ledger that pays nothing yet"))
TAKEN_BACK = asks("bank.undone", _("Bank movements that were taken back"))
SUM_WAITS = asks("bank.details_missing", _("Sums whose payments the bank has not told"))

OVER_TEXT = _("{payer} paid {rest} more than was owed. It stands on the customer's account.")
OFFER_TEXT = _("{payer}: {rest} was posted on the ledger by the rule {rule}. What does it pay?")
SUM_TEXT = _("{amount} on {date} is the sum of {count} payments, and no file has told which they are.")
LEAVE = _("Leave it on the customer's account")
PAY_BACK = _("Pay it back")
OFFSETS = _("It pays {number} of {party}, of which {left} is left")
DAYS = 2  # bank days that a sum line waits before it is asked about
MOST_OFFERED = 5


def ask_about(client: Client, unclear: Sequence[Unclear], *, by: str, night: int | None) -> None:
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
    ask(client, [_question(client, one) for one in unclear], by=by, night=night)


def _question(client: Client, one: Unclear) -> QuestionDraft:
    evidence = {"step": one.step.value, "payer": one.payment.payer_name, "amount": str(one.payment.amount)}
    return QuestionDraft(
        ASKED[one.step],
        posting.origin(one.payment.id),
        one.reason,
        tuple(candidate(each) for each in offered(one)),
        one.payment.amount,
        client.currency,
        evidence | one.evidence,
        about(one.payment),
    )


def offered(one: Unclear) -> list[Suggestion]:
    """What a person may choose from, the likeliest first: each item that it may be about, paid by it."""
    found = list(one.suggestions)
    there = {allocation.item.id for each in found for allocation in each.match.allocations}
    for item in one.candidates:
        if item.id not in there:
            paying = suggestion.paying(one.payment, item, item.left, one.step)
            if paying is not None:
                found.append(paying)
    return found


def candidate(one: Suggestion) -> Candidate:
    """A suggestion as an answer that is kept with its question."""
    return Candidate(one.label, suggestion.answer(one.match), one.why)


def about(payment: Payment) -> str:
    """What a person knows a movement by: its day, who paid, and what stood on it."""
    told = " ".join(payment.text.split())
    return " · ".join(filter(None, (str(payment.booked_on), payment.payer_name, payment.reference, told)))


def ask_about_rests(client: Client, matches: Sequence[Match], *, by: str, night: int | None) -> None:
    """What was posted on a party's ledger without paying anything there: is it to stay?"""
    drafts = [_overpaid(client, one) for one in matches if one.on_account]
    on_ledger = [one for one in matches if one.step is Step.RULE and any(line.party for line in one.lines)]
    if on_ledger:
        items = open_items(client)
        drafts += [_offer(client, one, items) for one in on_ledger]
    ask(client, drafts, by=by, night=night)


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
        about=about(paid),
    )


def _offer(client: Client, one: Match, items: Sequence[OpenItem]) -> QuestionDraft:
    """A rule put it on a party's ledger: it is offered against what is open there."""
    paid = one.payment
    (line, *_others) = [line for line in one.lines if line.party]
    open_there = [
        item
        for item in items
        if item.party == line.party and item.account == line.account and item.left * line.amount < 0
    ]
    open_there.sort(key=lambda item: (item.left != -line.amount, item.date, item.id))
    values = {
        "payer": paid.payer_name or "?",
        "rest": str(-line.amount),
        "rule": one.evidence.get("name", ""),
    }
    candidates = [
        Candidate(
            Words(OFFSETS, {"number": item.number, "party": item.party_name, "left": str(item.left)}),
            {"do": "offset", "item": item.id},
        )
        for item in open_there[:MOST_OFFERED]
    ]
    candidates.append(Candidate(Words(LEAVE), {"do": "leave"}))
    return QuestionDraft(
        OFFERED,
        f"rest:{paid.id}",
        Words(OFFER_TEXT, values),
        tuple(candidates),
        -line.amount,
        client.currency,
        about=about(paid),
    )


def ask_about_sums(client: Client, today: date, *, by: str, night: int | None) -> int:
    """Sum lines whose payments nobody has told within two bank days; how many there are.

    Their questions are closed when the payments come.
    """
    is_bank_day = country(client.country).is_bank_day
    before, days = today, DAYS
    while days:
        before -= timedelta(days=1)
        days -= is_bank_day(before)
    waiting = known.waiting_sums(client, before)
    told = _asked_about_sums(client) - {posting.origin(pk) for pk, *_rest in waiting}
    close(client, sorted(told), by=by, night=night)
    ask(
        client,
        [
            QuestionDraft(
                SUM_WAITS,
                posting.origin(pk),
                Words(SUM_TEXT, {"amount": str(amount), "date": str(day), "count": count}),
                amount=amount,
                currency=client.currency,
                about=f"{day} · {account}",
            )
            for pk, account, day, amount, count in waiting
        ],
        by=by,
        night=night,
    )
    return len(waiting)


def _asked_about_sums(client: Client) -> set[str]:
    return {subject for subject, kinds in queries.asked(client).items() if SUM_WAITS in kinds}


def close_settled(
    client: Client, matches: Sequence[Match], *, by: str, night: int | None, answer: dict | None = None
) -> None:
    """The questions about these movements have their answer."""
    done = {posting.origin(one.payment.id) for one in matches}
    done |= {f"rest:{one.payment.id}" for one in matches if not one.on_account}
    subjects: Collection[str] = done & queries.asked(client).keys()
    close(client, sorted(subjects), by=by, night=night, answer=answer)
