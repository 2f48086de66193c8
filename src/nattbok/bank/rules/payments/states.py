"""How far a payment has come. It only goes forward; what would lead it back changes nothing.

`settled` and `reconciled` are never kept: they follow from the ledger and from the statements, so that
undoing an entry puts the payment back by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nattbok.base.words import Words, _
from nattbok.formats.payment.shape import Reason, Status


class Kind(StrEnum):
    """What a payment is for. All but suppliers' are hidden from those without the right."""

    SUPPLIER = "supplier"
    SALARY = "salary"
    TAX = "tax"


class State(StrEnum):
    """How far a payment has come."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    SENT = "sent"
    RECEIVED = "received"  # the bank has it, and promises nothing
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    RETURNED = "returned"  # it came back from the payee's bank
    SETTLED = "settled"  # the bank has executed it, and it is in the books
    RECONCILED = "reconciled"  # and the day is sealed


ON_THE_WAY = (State.DRAFTED, State.APPROVED, State.SENT, State.RECEIVED, State.ACCEPTED)
AT_THE_BANK = (State.APPROVED, State.SENT, State.RECEIVED, State.ACCEPTED)
ENDED = (State.REJECTED, State.CANCELLED, State.RETURNED)

# State → those it may be followed by. guards.sql holds the database to the same table.
AFTER: dict[State, frozenset[State]] = {
    State.DRAFTED: frozenset({State.APPROVED, State.CANCELLED}),
    State.APPROVED: frozenset(
        {State.SENT, State.RECEIVED, State.ACCEPTED, State.REJECTED, State.CANCELLED, State.RETURNED}
    ),
    State.SENT: frozenset({State.RECEIVED, State.ACCEPTED, State.REJECTED, State.CANCELLED, State.RETURNED}),
    State.RECEIVED: frozenset({State.ACCEPTED, State.REJECTED, State.CANCELLED, State.RETURNED}),
    State.ACCEPTED: frozenset({State.REJECTED, State.CANCELLED, State.RETURNED}),
    State.REJECTED: frozenset(),
    State.CANCELLED: frozenset(),
    State.RETURNED: frozenset(),
}

# What the bank says → the state it leads to. What is not here, or PART, leads to none.
LEADS_TO: dict[str, State] = {
    Status.RECEIVED: State.RECEIVED,
    Status.PENDING: State.RECEIVED,
    Status.ACCEPTED: State.ACCEPTED,
    Status.IN_PROCESS: State.ACCEPTED,
    Status.CHANGED: State.ACCEPTED,
    Status.SETTLED: State.ACCEPTED,  # the proof of payment is the statement's line, not the receipt
    Status.REJECTED: State.REJECTED,
    "CANC": State.CANCELLED,
}
REASONS: dict[str, str] = {
    "AC01": _("The payee's account number is wrong."),
    "AC04": _("The payee's account is closed."),
    "AC06": _("The payee's account is blocked."),
    "AG01": _("The bank does not allow this kind of payment from the account."),
    "AG08": _("Whoever approved it has no right to at the bank."),
    "AM04": _("There is too little money on the account."),
    "AM05": _("The bank has had this payment before."),
    "DU01": _("The bank has had this file before."),
    "BE04": _("The payee's address is missing or not complete."),
    "CH03": _("The date is too far ahead or in the past."),
    "DT01": _("The date is one that the bank does not take."),
    "FF01": _("The bank could not read the file."),
    "NARR": _("The bank explains it in its own words."),
    "RC01": _("The code of the payee's bank (BIC) is wrong."),
    "RR03": _("The payee's name or address is missing, and the authorities demand it."),
    "RR04": _("The bank stopped it because of a rule of the authorities."),
}
OTHER_REASON = _("The bank's reason is {code}.")
NO_REASON = _("The bank gives no reason.")


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a payment when something new is heard."""

    state: State
    is_executed: bool = False  # in the books
    was_said_settled: bool = False  # the bank's receipts have said so


@dataclass(frozen=True, slots=True)
class Heard:
    """What a status comes to: the state to go to (None: stay), and whether it contradicts what is known."""

    state: State | None = None
    is_contrary: bool = False


def after(state: State, to: State) -> bool:
    """Whether a payment may go from one state to the other."""
    return to in AFTER.get(state, frozenset())


def heard(story: Story, code: str) -> Heard:
    """What the bank's status `code` means for a payment with this story.

    A status that only lags behind (received after accepted) is noted and changes nothing. One that says the
    opposite of what is known is contrary and changes nothing either: rejected after it was executed or said
    to be, accepted after it was rejected.
    """
    to = LEADS_TO.get(code)
    if to is None:
        return Heard()
    ends = to in (State.REJECTED, State.CANCELLED)
    if story.state is to and not story.is_executed:
        return Heard()
    if story.state in ENDED:
        return Heard(is_contrary=True) if story.state is not State.RETURNED or ends else Heard()
    if ends and (story.is_executed or story.was_said_settled):
        return Heard(is_contrary=True)
    if story.state is State.DRAFTED:
        return Heard(is_contrary=True)  # the bank speaks of what was never handed to it
    if not after(story.state, to):
        return Heard()
    return Heard(to)


def plainly(reasons: Sequence[Reason]) -> Words:
    """The first reason in plain words."""
    for code, _text in reasons:
        if code in REASONS:
            return Words(REASONS[code])
    for code, text in reasons:
        if code or text:
            return Words(OTHER_REASON, {"code": code or text})
    return Words(NO_REASON)
