"""Step 10: an invoice in another currency, by what the payer asked its bank to pay."""

from decimal import Decimal

from nattbok.bank.rules.ladder.numbers import named
from nattbok.bank.rules.ladder.state import State
from nattbok.bank.rules.shape import Allocation, Match, OtherLine, Payment, Step, Suggestion, Unclear
from nattbok.base.money import rounded
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem

EXACT = _("It pays the {instructed} {currency} of invoice {number}; converted it is {paid}.")
SHORT = _("Invoice {number} is {owed} {currency}, but {instructed} was sent; converted it is {paid}.")
SETTLES = _("It settles invoice {number}, with an exchange difference of {difference}")
SETTLES_WITH_FEE = _("It settles invoice {number}: a fee of {fee} and an exchange difference of {difference}")
SETTLES_PART = _("It pays {instructed} {currency} of invoice {number}; the rest stays open")


def exchanged(state: State, payment: Payment) -> Match | Unclear | None:
    """One untouched item in the currency that was sent, named by the payment."""
    if payment.amount <= 0 or not payment.instructed_amount or not payment.instructed_currency:
        return None
    if payment.instructed_currency == payment.currency:
        return None
    item = _named(state, payment)
    if item is None or item.currency != payment.instructed_currency or state.left[item.id] != item.amount:
        return None
    values = {
        "number": item.number,
        "owed": str(item.currency_amount),
        "currency": item.currency,
        "instructed": str(payment.instructed_amount),
        "paid": str(payment.amount),
    }
    if payment.instructed_amount == item.currency_amount:
        match = _whole(state, payment, item)
        if match is None:
            return None
        owners = state.owners(payment)
        if state.known.terms.fx_may_post and (not owners or item.party in owners):
            return match
        difference = {"number": item.number, "difference": str(payment.amount - item.left)}
        offered = (Suggestion(match, Words(SETTLES, difference)),)
        return Unclear(payment, Step.FX, Words(EXACT, values), suggestions=offered)
    offered = tuple(_short(state, payment, item)) if payment.instructed_amount < item.currency_amount else ()
    return Unclear(payment, Step.FX, Words(SHORT, values), () if offered else (item,), offered)


def _named(state: State, payment: Payment) -> OpenItem | None:
    """The one unpaid item that the reference or the text names."""
    items = (
        state.unpaid(state.by_reference(payment.reference)) if payment.reference else named(state, payment)[0]
    )
    return items[0] if len(items) == 1 else None


def _difference(state: State, amount: Decimal) -> tuple[OtherLine, ...]:
    """The exchange difference as a line: `amount` positive is a gain."""
    if not amount:
        return ()
    accounts = state.known.accounts
    return (OtherLine(accounts.exchange_gain if amount > 0 else accounts.exchange_loss, -amount),)


def _whole(state: State, payment: Payment, item: OpenItem) -> Match | None:
    if state.known.accounts is None:
        return None
    difference = payment.amount - item.left
    return Match(
        payment,
        Step.FX,
        (Allocation(item, item.left),),
        lines=_difference(state, difference),
        evidence={
            "number": item.number,
            "instructed": f"{payment.instructed_amount} {payment.instructed_currency}",
            "left": str(item.left),
            "exchange_difference": str(difference),
        },
    )


def _short(state: State, payment: Payment, item: OpenItem) -> list[Suggestion]:
    """Less was sent than is owed: a part, or all of it less what a bank kept on the way."""
    if state.known.accounts is None:
        return []
    share = rounded(item.left * payment.instructed_amount / item.currency_amount)
    values = {"number": item.number, "currency": item.currency, "instructed": str(payment.instructed_amount)}
    part = Match(
        payment, Step.FX, (Allocation(item, share),), lines=_difference(state, payment.amount - share)
    )
    fee = item.left - share
    difference = payment.amount - share
    whole = Match(
        payment,
        Step.FX,
        (Allocation(item, item.left),),
        lines=(OtherLine(state.known.accounts.bank_charges, fee), *_difference(state, difference)),
    )
    told = {"number": item.number, "fee": str(fee), "difference": str(difference)}
    return [Suggestion(part, Words(SETTLES_PART, values)), Suggestion(whole, Words(SETTLES_WITH_FEE, told))]
