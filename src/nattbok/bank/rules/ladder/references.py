"""Step 2: money in with one checked reference in a reference field. It never falls through to amounts."""

from collections.abc import Sequence

from nattbok.bank.rules.ladder.state import SHOWN, State
from nattbok.bank.rules.shape import Allocation, Match, Payment, Step, Suggestion, Unclear
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem

UNKNOWN = _("No invoice has the reference {reference}, though its check digit is right.")
INVALID = _("The reference {reference} has a wrong check digit or length.")
SEVERAL = _("{count} unpaid invoices have the reference {reference}.")
CREDIT = _("The reference {reference} is of a credit note, which nobody pays.")
SEVERAL_CUSTOMERS = _("Invoices of several customers had the reference {reference}, and all are paid.")
EXCHANGE = _(
    "Invoice {number} is in {currency}, and {paid} is not the {left} that is left of it in the books."
)
OTHERS_TOO = _("Invoices of several customers have had the reference {reference}.")
CLOSED = _("The reference {reference} is of an invoice that is paid.")
ON_ACCOUNT = _("Keep it on the account of {party}")


def reference(state: State, payment: Payment) -> Match | Unclear | None:
    """Money in with one checked reference in a reference field."""
    if payment.amount <= 0 or not payment.reference or len(payment.remittances) > 1:
        return None  # one that lists more than its reference is a list
    quoted, agreed = payment.reference, payment.agreement
    having = state.by_reference(quoted)
    if not having and quoted.upper() in state.payouts:
        return None  # an acquirer's own number, which it writes where a customer writes a reference
    if not state.known.references.is_valid(quoted, lengths=agreed.lengths, methods=agreed.methods):
        words = Words(INVALID, {"reference": quoted})
        return Unclear(payment, Step.KID_INVALID, words, state.near(quoted))
    if not having:
        words = Words(UNKNOWN, {"reference": quoted})
        return Unclear(payment, Step.KID_UNKNOWN, words, state.near(quoted))
    unpaid = state.unpaid(having)
    if len(unpaid) > 1:
        return _several(state, payment, unpaid)
    if not unpaid:
        return _closed(state, payment, having)
    if len(having) > 1 and len({item.party for item in having}) > 1 and not _fits(state, payment, unpaid[0]):
        words = Words(OTHERS_TOO, {"reference": quoted})
        return Unclear(payment, Step.KID_UNKNOWN, words, tuple(unpaid))
    return _one(state, payment, unpaid[0])


def _several(state: State, payment: Payment, unpaid: Sequence[OpenItem]) -> Match | Unclear:
    """Several invoices may share a customer's reference; then only their whole sum says which."""
    if (
        len({(item.party, item.account) for item in unpaid}) == 1
        and sum(state.left[item.id] for item in unpaid) == payment.amount
    ):
        return Match(
            payment,
            Step.LIST,
            tuple(Allocation(item, state.left[item.id]) for item in unpaid),
            evidence={"listed": [item.number or item.reference for item in unpaid]},
        )
    words = Words(SEVERAL, {"count": len(unpaid), "reference": payment.reference})
    return Unclear(payment, Step.KID_UNKNOWN, words, tuple(unpaid[:SHOWN]))


def _fits(state: State, payment: Payment, item: OpenItem) -> bool:
    """Whether exactly this is left of the item, and the payer is nobody else, as far as is known."""
    owners = state.owners(payment)
    return state.left[item.id] == payment.amount and (not owners or item.party in owners)


def _one(state: State, payment: Payment, item: OpenItem) -> Match | Unclear | None:
    """The reference is of exactly one unpaid item."""
    left, limit = state.left[item.id], payment.agreement.rounding_limit
    if left < 0:
        return Unclear(payment, Step.KID_UNKNOWN, Words(CREDIT, {"reference": payment.reference}), (item,))
    evidence = {"reference": payment.reference, "left": str(left)}
    over = payment.amount - left
    if over == 0:
        return Match(payment, Step.KID_EXACT, (Allocation(item, left),), evidence=evidence)
    if payment.currency and item.currency != payment.currency:
        if payment.instructed_currency == item.currency and payment.instructed_amount:
            state.reserved[payment.id] = "exchanged"
            return None
        # What differs may be the exchange rate, and then nothing is left, or more than it seems.
        values = {"number": item.number, "currency": item.currency}
        values |= {"paid": str(payment.amount), "left": str(left)}
        return Unclear(payment, Step.KID_PARTIAL, Words(EXCHANGE, values), (item,))
    if abs(over) <= limit:
        step = Step.KID_OVER if over > 0 else Step.KID_PARTIAL
        return Match(payment, step, (Allocation(item, left),), rounding=over, evidence=evidence)
    if over < 0:
        return Match(payment, Step.KID_PARTIAL, (Allocation(item, payment.amount),), evidence=evidence)
    return Match(
        payment,
        Step.KID_OVER,
        (Allocation(item, left),),
        on_account=over,
        party=item.party,
        party_account=item.account,
        evidence=evidence,
    )


def _closed(state: State, payment: Payment, having: Sequence[OpenItem]) -> Match | Unclear:
    """All that had the reference is paid: the customer is certain, the invoice is not."""
    if len({(item.party, item.account) for item in having}) > 1:
        words = Words(SEVERAL_CUSTOMERS, {"reference": payment.reference})
        return Unclear(payment, Step.KID_CLOSED, words, tuple(having[:SHOWN]))
    match = Match(
        payment,
        Step.KID_CLOSED,
        (),
        on_account=payment.amount,
        party=having[0].party,
        party_account=having[0].account,
        evidence={"reference": payment.reference, "paid": [item.number for item in having[:SHOWN]]},
    )
    if not state.known.terms.closed_reference_holds:
        return match
    offered = (Suggestion(match, Words(ON_ACCOUNT, {"party": having[0].party_name})),)
    words = Words(CLOSED, {"reference": payment.reference})
    return Unclear(payment, Step.KID_CLOSED, words, suggestions=offered)
