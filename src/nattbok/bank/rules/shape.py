"""What the matching takes and gives. Amounts as the bank's: money in positive, money out negative."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from nattbok.base.words import Words
from nattbok.ledger.rules import OpenItem


class Step(StrEnum):
    """The steps of the matching ladder. What is sure is decided by the step, never by a number."""

    WAITS = "WAITS"  # not to be posted yet: perhaps the same money as another movement
    OWN_PAYMENT = "OWN_PAYMENT"
    KID_EXACT = "KID_EXACT"
    KID_PARTIAL = "KID_PARTIAL"
    KID_OVER = "KID_OVER"
    KID_CLOSED = "KID_CLOSED"
    KID_UNKNOWN = "KID_UNKNOWN"
    KID_INVALID = "KID_INVALID"
    LIST = "LIST"
    REF_AMOUNT = "REF_AMOUNT"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is agreed for a bank account: the references on it, and how small a rest is rounding."""

    lengths: tuple[int, ...] = ()
    methods: tuple[str, ...] = ()
    rounding_limit: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Remitted:
    """One thing that a payment says it pays, in a structured field."""

    reference: str = ""
    invoice: str = ""
    amount: Decimal | None = None
    is_credit_note: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """A movement that is not posted, as the rules see it."""

    id: int
    amount: Decimal
    booked_on: date
    reference: str = ""
    remittances: tuple[Remitted, ...] = ()
    text: str = ""
    payer_name: str = ""
    payer_account: str = ""  # in normal form
    end_to_end_id: str = ""
    is_reversal: bool = False  # a reversal or a return: never posted by itself
    bank_reference: str = ""
    bank_account: int = 0
    account: str = ""  # the ledger account's number
    agreement: Agreement = Agreement()
    waits_for: str = ""  # why it may not be posted: maybe_twice, currency, undone
    currency: str = ""  # what the account is kept in
    payment_info_id: str = ""  # of our own batch, when the line is the sum of one


@dataclass(frozen=True, slots=True)
class SentPayment:
    """A payment of ours that was sent to the bank: what it pays, by open item."""

    end_to_end_id: str
    amount: Decimal  # positive
    items: tuple[tuple[int, Decimal], ...]  # open item, positive amount
    is_rejected: bool = False
    payment_info_id: str = ""  # of the batch it went in; the bank may report the batch as one line


@dataclass(frozen=True, slots=True)
class Allocation:
    """That a payment pays `amount` of an item: positive of an invoice, negative of a credit note."""

    item: OpenItem
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Match:
    """What a payment certainly pays. The allocations, `on_account` and `rounding` sum to its amount."""

    payment: Payment
    step: Step
    allocations: tuple[Allocation, ...]
    on_account: Decimal = Decimal("0.00")  # paid by `party` beyond what it owes there
    rounding: Decimal = Decimal("0.00")  # positive: paid too much, within the agreed limit
    party: int = 0
    party_account: str = ""  # the party's control account
    evidence: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why nothing is certain, and the items it may be about, the likeliest first."""

    payment: Payment
    step: Step
    reason: Words
    candidates: tuple[OpenItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a run of the ladder came to. Every payment is in one of the two."""

    certain: tuple[Match, ...]
    unclear: tuple[Unclear, ...]
