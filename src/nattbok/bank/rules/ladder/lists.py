"""Step 3: money in that lists what it pays, in structured fields or as whole words of the text."""

from collections.abc import Sequence
from decimal import Decimal

from nattbok.bank.rules.ladder.numbers import named
from nattbok.bank.rules.ladder.state import SHOWN, State
from nattbok.bank.rules.shape import Allocation, Match, Payment, Step, Suggestion, Unclear
from nattbok.bank.rules.suggestion import paying_all
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem

LIST_UNKNOWN = _("It lists {unknown}, which is no unpaid invoice.")
LIST_CUSTOMERS = _("The invoices it lists are of several customers.")
LIST_SUM = _("The invoices it lists sum to {listed}, but {paid} was paid.")
LIST_BEYOND = _("It pays {paid} of invoice {number}, of which {left} is left.")
LIST_CREDIT = _("It calls {number} a credit note where that is an invoice, or the other way round.")
LIST_DOUBLE = _("It lists invoice {number} more than once.")
AS_LISTED = _("What it lists, as far as the money goes")

Listed = Sequence[tuple[OpenItem, Decimal | None]]


def structured_list(state: State, payment: Payment) -> Match | Unclear | None:
    """Money in that lists references or invoices in structured fields."""
    if payment.amount <= 0 or not payment.remittances:
        return None
    listed: list[tuple[OpenItem, Decimal | None]] = []
    for remitted in payment.remittances:
        having = (
            state.by_reference(remitted.reference)
            if remitted.reference
            else state.by_number(remitted.invoice.strip().upper())
        )
        unpaid = state.unpaid(having)
        if len(unpaid) != 1:
            name = remitted.reference or remitted.invoice
            if len(payment.remittances) == 1 and name.upper() in state.payouts:
                return None
            candidates = (_items(listed) + state.near(name))[:SHOWN]
            return Unclear(payment, Step.LIST, Words(LIST_UNKNOWN, {"unknown": name}), candidates)
        if remitted.is_credit_note != (unpaid[0].amount < 0):
            words = Words(LIST_CREDIT, {"number": unpaid[0].number or remitted.invoice})
            return Unclear(payment, Step.LIST, words, (*_items(listed), unpaid[0])[:SHOWN])
        listed.append((unpaid[0], remitted.amount))
    return _add_up(state, payment, listed)


def listed_in_text(state: State, payment: Payment) -> Match | Unclear | None:
    """Money in whose text names two or more invoices as whole words."""
    if payment.amount <= 0 or not payment.text:
        return None
    items, strangers = named(state, payment)
    if len(items) < 2:
        return None
    if strangers:
        words = Words(LIST_UNKNOWN, {"unknown": strangers[0]})
        return Unclear(payment, Step.LIST, words, tuple(items[:SHOWN]))
    return _add_up(state, payment, [(item, None) for item in items])


def _items(listed: Listed) -> tuple[OpenItem, ...]:
    return tuple(item for item, _amount in listed[:SHOWN])


def _add_up(state: State, payment: Payment, listed: Listed) -> Match | Unclear:
    """All that is listed is known: it must be one customer's and sum to what was paid."""
    items = tuple(item for item, _amount in listed)
    shown = items[:SHOWN]
    if len({item.id for item in items}) < len(items):
        twice = next(item for place, item in enumerate(items) if item in items[:place])
        return Unclear(payment, Step.LIST, Words(LIST_DOUBLE, {"number": twice.number}), shown)
    if len({(item.party, item.account) for item in items}) > 1:
        return Unclear(payment, Step.LIST, Words(LIST_CUSTOMERS), shown)
    pays = [(item, state.left[item.id] if amount is None else amount) for item, amount in listed]
    for item, amount in pays:
        left = state.left[item.id]
        if amount * left <= 0 or abs(amount) > abs(left):
            values = {"paid": str(amount), "number": item.number, "left": str(left)}
            return Unclear(payment, Step.LIST, Words(LIST_BEYOND, values), shown)
    total = sum((amount for _item, amount in pays), ZERO)
    if total != payment.amount:
        values = {"listed": str(total), "paid": str(payment.amount)}
        return Unclear(payment, Step.LIST, Words(LIST_SUM, values), shown, _as_listed(payment, pays))
    return Match(
        payment,
        Step.LIST,
        tuple(Allocation(item, amount) for item, amount in pays),
        evidence={"listed": [item.number or item.reference for item in items]},
    )


def _as_listed(payment: Payment, pays: Sequence[tuple[OpenItem, Decimal]]) -> tuple[Suggestion, ...]:
    """All that is listed, the last one only as far as the money goes; a rest stays on the account."""
    rest, taken = payment.amount, []
    for item, amount in sorted(
        pays, key=lambda one: one[1] > 0
    ):  # credit notes first: they add to what is paid
        amount = min(amount, rest) if amount > 0 else amount
        if amount:
            taken.append(Allocation(item, amount))
            rest -= amount
    return (paying_all(payment, tuple(taken), Step.LIST, Words(AS_LISTED)),) if taken else ()
