"""Step 1: payments of ours that the bank has executed, one by one or as the sum of a batch."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from nattbok.bank.rules.ladder.state import State
from nattbok.bank.rules.shape import (
    Allocation,
    Match,
    OtherLine,
    Payment,
    SentPayment,
    Step,
    Suggestion,
    Unclear,
)
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _

SENT_DIFFERS = _("It names our payment {end_to_end_id}, but that was {amount}, or it was rejected.")
BATCH_DIFFERS = _("It names our batch {payment_info_id} of {count} payments, which sum to {amount}.")
ACCOUNT_CHANGED = _("The supplier's bank account was changed, and nobody has confirmed the new one.")
ALL_THE_SAME = _("The payment is right: settle what it paid")


def own_payment(state: State, payment: Payment) -> Match | Unclear | None:
    """Money out that carries the id of a payment we sent, or of the batch it went in."""
    if payment.amount >= 0:
        return None
    ours = state.sent.get(payment.end_to_end_id) if payment.end_to_end_id else None
    if ours is not None:
        values = {"end_to_end_id": ours.end_to_end_id, "amount": str(ours.amount)}
        return _settled(
            state, payment, [ours], Words(SENT_DIFFERS, values), {"end_to_end_id": ours.end_to_end_id}
        )
    batch = state.batches.get(payment.payment_info_id) if payment.payment_info_id else None
    if batch is None or payment.end_to_end_id not in ("", "NOTPROVIDED"):
        return None
    waiting = [one for one in batch if not one.is_rejected and one.end_to_end_id not in state.executed]
    values = {
        "payment_info_id": payment.payment_info_id,
        "count": len(waiting),
        "amount": str(sum((one.amount for one in waiting), ZERO)),
    }
    evidence = {
        "payment_info_id": payment.payment_info_id,
        "end_to_end_id": payment.payment_info_id,
        "end_to_end_ids": [one.end_to_end_id for one in waiting],
    }
    return _settled(state, payment, waiting, Words(BATCH_DIFFERS, values), evidence)


def _settled(
    state: State, payment: Payment, ours: Sequence[SentPayment], differs: Words, evidence: dict
) -> Match | Unclear:
    """The items of the payments are settled, when all of it is as we sent it; else a person looks."""
    pays: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in ours:
        for item, amount in one.items:
            pays[item] += amount
    fits = (
        bool(ours)
        and sum((one.amount for one in ours), ZERO) == -payment.amount
        and not any(one.is_rejected or one.end_to_end_id in state.executed for one in ours)
        and all(one.against or _rest(one) == 0 for one in ours)
        and all(_is_left(state, item, amount) for item, amount in pays.items())
    )
    if not fits:
        return Unclear(payment, Step.OWN_PAYMENT, differs, evidence=evidence)
    match = Match(
        payment,
        Step.OWN_PAYMENT,
        tuple(Allocation(state.by_id[item], -amount) for item, amount in pays.items() if amount),
        lines=tuple(OtherLine(one.against, rest) for one in ours if (rest := _rest(one))),
        evidence=evidence,
    )
    if any(one.item.party in state.known.blocked for one in match.allocations):
        offered = (Suggestion(match, Words(ALL_THE_SAME)),)
        return Unclear(
            payment, Step.OWN_PAYMENT, Words(ACCOUNT_CHANGED), suggestions=offered, evidence=evidence
        )
    # The bank executes each once, also when its items have more left.
    state.executed.update(one.end_to_end_id for one in ours)
    return match


def _rest(one: SentPayment) -> Decimal:
    """What of the payment pays no open item."""
    return one.amount - sum((amount for _item, amount in one.items), ZERO)


def _is_left(state: State, item: int, amount: Decimal) -> bool:
    """Whether that much of a bill is still owed; a credit note that was deducted is paid the other way."""
    if item not in state.by_id:
        return False
    left = -state.left[item]
    return ZERO < amount <= left or left <= amount < ZERO
