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
    SETTLEMENT = "SETTLEMENT"
    RULE = "RULE"
    UNIQUE = "UNIQUE"
    SUBSET = "SUBSET"
    RETURN = "RETURN"
    FX = "FX"
    FUZZY = "FUZZY"
    NONE = "NONE"
    CAPPED = "CAPPED"  # certain, and more than the client lets the robot post by itself
    IN_BOOKS = "IN_BOOKS"  # certain, but a person may have booked the same money before the bank told of it
    BY_HAND = "BY_HAND"  # a person said it, or said yes to what was suggested


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
    bank_code: str = ""  # PMNT-RCDT-VCOM, or the giro file's type
    return_reason: str = ""  # why it came back: AC04
    instructed_amount: Decimal | None = None  # what the payer asked for, without sign
    instructed_currency: str = ""


@dataclass(frozen=True, slots=True)
class SentPayment:
    """A payment of ours that was sent to the bank: what it pays, by open item."""

    end_to_end_id: str
    amount: Decimal  # positive
    items: tuple[tuple[int, Decimal], ...]  # open item, positive amount
    is_rejected: bool = False
    payment_info_id: str = ""  # of the batch it went in; the bank may report the batch as one line
    party: int = 0  # whom it was to, where all of it was to one
    is_executed: bool = False  # in the books already: known so that its return is understood
    against: str = ""  # the account that what pays no item is posted on: pay, tax


@dataclass(frozen=True, slots=True)
class Allocation:
    """That a payment pays `amount` of an item: positive of an invoice, negative of a credit note."""

    item: OpenItem
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OtherLine:
    """A line that pays no open item: on an account, or on a customer's or supplier's ledger.

    Signed as the ledger: debit positive, credit negative.
    """

    account: str
    amount: Decimal
    text: str = ""
    party: int = 0
    number: str = ""
    reference: str = ""
    vat_code: str = ""
    vat_base: Decimal | None = None
    vat_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What a payment certainly pays, or what a person's yes would post.

    The allocations, `on_account` and `rounding`, less the sum of `lines`, are its amount.
    """

    payment: Payment
    step: Step
    allocations: tuple[Allocation, ...]
    on_account: Decimal = Decimal("0.00")  # paid by `party` beyond what it owes there
    rounding: Decimal = Decimal("0.00")  # positive: paid too much, within the agreed limit
    party: int = 0
    party_account: str = ""  # the party's control account
    evidence: dict = field(default_factory=dict)
    lines: tuple[OtherLine, ...] = ()
    posted_on: date | None = None  # the first open day, when the day it was booked on is closed


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A likely answer: exactly what a person's yes would post, what it is, and why it is likely."""

    match: Match
    label: Words
    why: Words | None = None
    likeness: int = 0  # 0 to 100; ranks the suggestions of step 11 and decides nothing


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why nothing is certain, and the items it may be about, the likeliest first."""

    payment: Payment
    step: Step
    reason: Words
    candidates: tuple[OpenItem, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    evidence: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a run of the ladder came to. Every payment is in one of the two."""

    certain: tuple[Match, ...]
    unclear: tuple[Unclear, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a client lets the robot post by itself. Amounts are in kroner, without sign; None: no limit."""

    unique_may_post: bool = False
    fx_may_post: bool = False
    closed_reference_holds: bool = False  # a paid invoice's reference is asked about instead
    largest: Decimal | None = None  # of one payment
    per_night: Decimal | None = None  # of all payments of a night together
    is_first_open_day: bool = False  # a closed day's payment is posted on the first open day instead of held


@dataclass(frozen=True, slots=True)
class PayoutAccounts:
    """Where an acquirer's payouts are posted."""

    clearing: str  # what was sold through it, gross: what the sales have put there
    fee: str
    fee_vat_code: str = ""
    refund: str = ""  # the clearing account when blank
    reserve: str = ""  # what it holds back; the clearing account when blank


@dataclass(frozen=True, slots=True)
class Payout:
    """A kept settlement report: net = gross - fee - refund - reserve.

    Amounts are without sign, but for `net` and `reserve`, of which a negative one is paid out again.
    """

    id: int
    source: str  # vipps, stripe, klarna
    payout_id: str
    gross: Decimal
    fee: Decimal
    refund: Decimal
    reserve: Decimal
    net: Decimal
    adds_up: bool
    paid_on: date | None = None
    references: tuple[str, ...] = ()  # what else stands on the bank's line for it
    accounts: PayoutAccounts | None = None
    is_posted: bool = False
    fee_vat: Decimal | None = None  # of the fee, where the report itself says so
