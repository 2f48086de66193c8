"""Step 9: money that goes back: returns of our payments, reversals, refunds to customers. Only suggested."""

from collections.abc import Iterator

from nattbok.bank.rules.ladder.state import SHOWN, State
from nattbok.bank.rules.shape import Match, OtherLine, Payment, SentPayment, Step, Suggestion, Unclear
from nattbok.bank.rules.suggestion import paying
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem, PartyKind

RETURNED = _("Our payment {end_to_end_id} came back: {reason}")
NO_REASON = _("without a reason")
REVERSED = _("The bank calls it a reversal or a return of an earlier payment.")
REFUND = _("Money out with a customer's reference: it looks like a refund.")
OWED_AGAIN = _("Owe it to {party} again")
DRAWN_BACK = _("Invoice {number} of {party} is owed again")
NOT_EXECUTED = _("Its execution is not in the books: post that first, if it was")
PAID_BACK = _("Paid back to {party}")


def returned(state: State, payment: Payment) -> Unclear | None:
    """The mirror of what was posted, for a person to look at before it is."""
    ours = state.sent.get(payment.end_to_end_id) if payment.end_to_end_id else None
    if payment.amount > 0 and ours is not None:
        return _ours(state, payment, ours)
    if payment.is_reversal:
        offered = tuple(_mirror(state, payment))
        return Unclear(payment, Step.RETURN, Words(REVERSED), _of_reference(state, payment), offered[:SHOWN])
    if payment.amount < 0:
        return _refund(state, payment)
    return None


def _ours(state: State, payment: Payment, ours: SentPayment) -> Unclear:
    """A payment of ours that came back: the supplier is owed it again."""
    values = {"end_to_end_id": ours.end_to_end_id, "reason": payment.return_reason or NO_REASON}
    evidence = {"end_to_end_id": ours.end_to_end_id, "return_reason": payment.return_reason}
    items = [state.by_id[item] for item, _amount in ours.items if item in state.by_id]
    parties = {(item.party, item.account) for item in items}
    offered: tuple[Suggestion, ...] = ()
    if len(parties) == 1 and ours.amount == payment.amount:
        item = items[0]
        line = OtherLine(
            item.account,
            -payment.amount,
            text=payment.text[:300],
            party=item.party,
            number=item.number if len(items) == 1 else "",
            reference=item.reference if len(items) == 1 else "",
        )
        match = Match(payment, Step.RETURN, (), lines=(line,), evidence=evidence)
        is_executed = ours.is_executed or ours.end_to_end_id in state.executed
        why = None if is_executed else Words(NOT_EXECUTED)
        offered = (Suggestion(match, Words(OWED_AGAIN, {"party": item.party_name}), why),)
    return Unclear(payment, Step.RETURN, Words(RETURNED, values), suggestions=offered, evidence=evidence)


def _of_reference(state: State, payment: Payment) -> tuple[OpenItem, ...]:
    return tuple(state.by_reference(payment.reference))[:SHOWN] if payment.reference else ()


def _mirror(state: State, payment: Payment) -> Iterator[Suggestion]:
    """Money that a customer's bank draws back: what its invoice was paid with is owed again."""
    if payment.amount > 0:
        return
    for item in _of_reference(state, payment):
        size = -payment.amount
        if item.amount < size:
            continue
        line = OtherLine(item.account, size, party=item.party, number=item.number, reference=item.reference)
        match = Match(payment, Step.RETURN, (), lines=(line,), evidence={"reference": item.reference})
        yield Suggestion(match, Words(DRAWN_BACK, {"number": item.number, "party": item.party_name}))


def _refund(state: State, payment: Payment) -> Unclear | None:
    """Money out to a customer: by its reference, or to its account where it has something to get."""
    items = [item for item in _of_reference(state, payment) if item.party_kind is PartyKind.CUSTOMER]
    party = items[0].party if items else state.payer(payment, PartyKind.CUSTOMER)
    if not party:
        return None
    credits = [
        item
        for item in state.unpaid(state.by_party.get(party, ()))
        if item.party_kind is PartyKind.CUSTOMER and state.left[item.id] < 0
    ]
    if not items and not credits:
        return None
    credits.sort(key=lambda item: state.left[item.id] != payment.amount)
    offered = [
        each
        for item in credits[:SHOWN]
        if (each := paying(payment, item, state.left[item.id], Step.RETURN)) is not None
    ]
    if items and not offered:
        line = OtherLine(items[0].account, -payment.amount, party=party, reference=payment.reference)
        match = Match(payment, Step.RETURN, (), lines=(line,))
        offered = [Suggestion(match, Words(PAID_BACK, {"party": items[0].party_name}))]
    return Unclear(payment, Step.RETURN, Words(REFUND), suggestions=tuple(offered))
