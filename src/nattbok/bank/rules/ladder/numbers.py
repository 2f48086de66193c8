"""Step 4: money in whose text names exactly one invoice, of which exactly that is left."""

from collections.abc import Iterator, Sequence

from nattbok.bank.rules import tokens
from nattbok.bank.rules.ladder.state import SHOWN, State
from nattbok.bank.rules.shape import Allocation, Match, Payment, Step, Unclear
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem

NUMBER_AMOUNT = _("It names invoice {number}, of which {left} is left, but {paid} was paid.")
NUMBER_PAYER = _("It names invoice {number}, but the payer's account is another customer's.")
NUMBER_SEVERAL = _("It names {count} invoices, and which of them it pays does not follow.")


def number_and_amount(state: State, payment: Payment) -> Match | Unclear | None:
    """Money in whose text names exactly one invoice, of which exactly that is left."""
    if payment.amount <= 0 or not payment.text:
        return None
    items, _strangers = named(state, payment)
    if not items:
        return None
    if len(items) > 1:
        words = Words(NUMBER_SEVERAL, {"count": len(items)})
        return Unclear(payment, Step.REF_AMOUNT, words, tuple(items[:SHOWN]))
    (item,) = items
    left = state.left[item.id]
    if item.currency != payment.currency and payment.instructed_currency == item.currency:
        state.reserved[payment.id] = "exchanged"
        return None
    if left != payment.amount:
        values = {"number": item.number, "left": str(left), "paid": str(payment.amount)}
        return Unclear(payment, Step.REF_AMOUNT, Words(NUMBER_AMOUNT, values), (item,))
    owners = state.owners(payment)
    if owners and item.party not in owners:
        words = Words(NUMBER_PAYER, {"number": item.number})
        return Unclear(payment, Step.REF_AMOUNT, words, (item,))
    return Match(
        payment,
        Step.REF_AMOUNT,
        (Allocation(item, payment.amount),),
        evidence={"number": item.number, "text": payment.text[:200], "alternatives": _not_named(state, item)},
    )


def _not_named(state: State, item: OpenItem) -> list[dict]:
    """Other invoices of the same amount, which the text does not name."""
    return [
        {"item": other.id, "number": other.number, "party": other.party_name, "why_not": "not_named"}
        for other in state.of_amount(item.left)
        if other.id != item.id
    ][:3]


def named(state: State, payment: Payment) -> tuple[list[OpenItem], Sequence[str]]:
    """The unpaid items that the text names, and words of the same form that are no item's number."""
    found: dict[int, OpenItem] = {}
    strangers = []
    said = state.said.get(payment.id)
    if said is None:
        said = state.said[payment.id] = tuple(_numbers(state, payment))
    for word in said:
        unpaid = state.unpaid(state.by_number(word))
        if unpaid:
            found |= {item.id: item for item in unpaid}
        elif word.isdigit() and len(word) in state.number_lengths:
            strangers.append(word)
    return list(found.values()), strangers


def _numbers(state: State, payment: Payment) -> Iterator[str]:
    """The words of the text that are, or could be, an invoice's number."""
    amount_digits, numbered = str(int(payment.amount)), None
    for word in tokens.words(payment.text):
        if not state.by_number(word) and (len(word) not in state.number_lengths or not word.isdigit()):
            continue
        if numbered is None:
            numbered = tokens.numbered(payment.text)
        if tokens.could_be_number(
            word,
            is_org_number=state.known.is_org_number,
            amount_digits=amount_digits,
            is_named=word in numbered,
        ):
            yield word
