"""Step 0: what is not to be posted at all, or not yet."""

from nattbok.bank.rules.ladder.state import SHOWN, State
from nattbok.bank.rules.shape import Payment, Step, Unclear
from nattbok.base.words import Words, _

PERIOD_CLOSED = _("The books are closed through {closed_through}, and the payment was booked {date}.")
MAYBE_TWICE = _(
    "Another file reported the same amount with the same reference on another day. It may be the same money."
)
CURRENCY = _("The account is not kept in the currency of the books.")
UNDONE = _("It was posted and a person took that back; the robot leaves it until a person lets it go on.")
WAITS = _("It waits for a person.")
WAITING = {"maybe_twice": MAYBE_TWICE, "currency": CURRENCY, "undone": UNDONE}


def not_yet(state: State, payment: Payment) -> Unclear | None:
    """Movements that wait or whose day is closed. Returns are for their own step alone."""
    if payment.waits_for:
        candidates = tuple(state.unpaid(state.by_reference(payment.reference)))[:SHOWN]
        return Unclear(payment, Step.WAITS, Words(WAITING.get(payment.waits_for, WAITS)), candidates)
    closed = state.known.closed_through
    if closed is not None and payment.booked_on <= closed and not state.known.terms.is_first_open_day:
        values = {"closed_through": str(closed), "date": str(payment.booked_on)}
        return Unclear(payment, Step.WAITS, Words(PERIOD_CLOSED, values))
    if payment.is_reversal:
        state.reserved[payment.id] = "returned"
    return None
