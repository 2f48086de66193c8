"""What the test bank's customers see of it: accounts, files, orders with their states, and its faults.

Amounts are Decimal in the account's currency with two decimals; on an account money in is positive, money out
negative. Days are bank days of the account's country.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from nattbok.base.money import ZERO


class Fault(StrEnum):
    """Everything the bank can do wrong. Each is switched on per account or customer, and its strikes counted.

    Faults of receipts and executions belong to the account that pays, those of reports to the account
    reported, those of doors to the customer.
    """

    # Receipts of payment files (pain.002).
    RECEIPT_LATE = "receipt_late"  # every receipt comes a bank day late
    RECEIPT_TWICE = "receipt_twice"  # the same receipt in two files
    RECEIPTS_OUT_OF_ORDER = "receipts_out_of_order"  # settled is told before accepted
    RECEIPTS_ONLY_NEGATIVE = "receipts_only_negative"  # only rejections are told
    RECEIPT_UNKNOWN_REASON = "receipt_unknown_reason"  # a payment is rejected for a reason nobody knows
    NO_RECEIPT = "no_receipt"  # debited on the account, and no status ever
    # Payments refused (reason codes of ISO 20022), whether rightly or not.
    REJECT_AC04 = "reject_ac04"  # the payee's account is closed
    REJECT_AM04 = "reject_am04"  # funds are lacking
    REJECT_AG08 = "reject_ag08"  # the approver lacks the right
    REJECT_DU01 = "reject_du01"  # a duplicate message
    RETURN_AFTER_SETTLED = "return_after_settled"  # settled, and sent back three bank days later
    # Reports (camt, OCR giro, BgMax).
    LINE_MISSING = "line_missing"  # the statement lacks one line; its balances tell
    STATEMENT_LATE = "statement_late"  # the day's statement comes a bank day late
    SEQUENCE_GAP = "sequence_gap"  # a statement's number is one too high, though none is left out
    FILE_TWICE = "file_twice"  # the same bytes under a second name
    NEW_MESSAGE_ID = "new_message_id"  # the same content once more under a new MsgId
    DETAILS_NEVER_COME = "details_never_come"  # a sum line whose details are in no file
    DETAILS_DO_NOT_SUM = "details_do_not_sum"  # the details of a sum line come to another amount
    FOREIGN_ACCOUNT = "foreign_account"  # another customer's account is in the file
    LATIN_1 = "latin_1"  # bytes that are not the UTF-8 they say they are
    HUGE_FILE = "huge_file"  # a file of 200 MB lies beside the others
    CLOCK_SKEW = "clock_skew"  # the files' times of making are a day wrong
    # Doors (SFTP, REST).
    NO_ANSWER = "no_answer"  # the connection is taken and nothing more happens
    DISCONNECT_IN_UPLOAD = "disconnect_in_upload"  # after `amount` bytes
    HOST_KEY_CHANGED = "host_key_changed"
    RENAME_FAILS = "rename_fails"
    FILE_GROWING = "file_growing"  # a file is seen before it is whole
    DISK_FULL = "disk_full"
    KEY_REVOKED = "key_revoked"
    MAINTENANCE = "maintenance"  # the doors say that the bank is closed for maintenance


DOOR_FAULTS = (
    Fault.NO_ANSWER,
    Fault.DISCONNECT_IN_UPLOAD,
    Fault.HOST_KEY_CHANGED,
    Fault.RENAME_FAILS,
    Fault.FILE_GROWING,
    Fault.DISK_FULL,
    Fault.KEY_REVOKED,
    Fault.MAINTENANCE,
)


class OrderState(StrEnum):
    """How far a payment file or payment has come, by its ISO 20022 status."""

    RECEIVED = "ACTC"  # the file is technically right
    WAITING = "PDNG"  # for approval in the net bank, or for funds
    ACCEPTED = "ACCP"
    CHANGED = "ACWC"  # accepted, but for another day
    PARTLY = "PART"  # of a file or batch: some payments are rejected
    SETTLED = "ACSC"
    REJECTED = "RJCT"
    CANCELLED = "CANC"  # taken back in the net bank before the day
    RETURNED = "RTRN"  # settled, and sent back by the payee's bank


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's account."""

    number: str  # as the bank writes it: BBAN (NO), IBAN (SE and abroad)
    iban: str
    bankgiro: str  # "" where there is none
    currency: str
    owner: str  # the customer's name
    customer: str  # the customer's id
    bban: str = ""  # clearing number and account number (SE); the number itself (NO)
    title: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every number the account is known by."""
        return tuple(dict.fromkeys(one for one in (self.number, self.iban, self.bankgiro, self.bban) if one))


@dataclass(frozen=True, slots=True)
class Reporting:
    """What a customer gets, and how it is written."""

    version: str = "02"  # of camt: "02" or "08"
    as_iban: bool = False  # accounts written as IBAN rather than as the country does
    sums_giro: bool = True  # incoming payments with references are one line on the statement
    details: bool = True  # camt.054 C and D
    giro_file: bool = False  # OCR giro (NO) or BgMax (SE) as well
    one_statement_file: bool = True  # all accounts in one camt.053, else one file each
    lists_debit_details: bool = True  # the details of a batch are on the statement too
    file_names: str = (
        "{kind}_{date}_{number}.xml"  # {kind}: camt053, camt054c, camt054d, pain002 …; {ending} too
    )


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone with accounts at the bank and ways in to it."""

    id: str  # stable, "c1001"
    name: str
    country: str  # "NO" or "SE"
    agreement: str = ""  # the id that payment files carry in InitgPty; "" when any will do
    public_keys: tuple[str, ...] = ()  # OpenSSH lines: "ssh-ed25519 AAAA…"
    tokens: tuple[str, ...] = ()  # for the REST door
    approves_in_bank: bool = False  # payments wait (PDNG) until someone approves them in the net bank
    reporting: Reporting = field(default_factory=Reporting)


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file that lies ready for a customer."""

    name: str
    size: int  # bytes
    kind: str = ""  # "camt053", "camt054c", "camt054d", "camt052", "pain002", "ocr", "bgmax", "settlement"
    made_at: datetime | None = None  # by the bank's clock


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The bank's answer to an upload. `number` is the order's, by which its state can be asked for."""

    number: int
    status: OrderState
    message: str  # in plain English: what is wrong with the file and where, or ""


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment in an order."""

    end_to_end_id: str
    batch: str  # PmtInfId
    account: str  # that is debited
    payee: str
    payee_account: str
    amount: Decimal  # positive, in `currency`
    currency: str
    asked_for: date
    state: OrderState
    reason: str = ""  # AM04, AC04 …
    booked_on: date | None = None
    reference: str = ""  # KID, OCR or RF
    text: str = ""


@dataclass(frozen=True, slots=True)
class OrderView:
    """A payment file with its payments and their states."""

    number: int
    customer: str
    name: str
    message_id: str
    state: OrderState
    received_at: datetime
    payments: tuple[PaymentView, ...]
    message: str = ""
    approved_by: str = ""

    @property
    def total(self) -> Decimal:
        """The sum of all its payments, whatever their state."""
        return sum((one.amount for one in self.payments), ZERO)

    @property
    def waits_for_approval(self) -> bool:
        """Whether someone is to approve it in the net bank."""
        return self.state is OrderState.WAITING and not self.approved_by


@dataclass(frozen=True, slots=True)
class Movement:
    """A booked line on an account, as the bank's books have it."""

    account: str
    booked_on: date
    amount: Decimal
    balance: Decimal  # after it
    bank_reference: str
    text: str
    counterparty: str = ""
    reference: str = ""
    end_to_end_id: str = ""
    details: int = 1  # payments it sums up


class Faults(Protocol):
    """The bank's switches. `who` is an account's number, a customer's id, or "*" for everybody."""

    def switch(self, who: str, fault: Fault, on: bool = True, *, times: int = 0, amount: int = 0) -> None:
        """Turn a fault on or off; with `times` it turns itself off after that many strikes.

        `amount` is what the fault needs to know, as the bytes after which an upload breaks.
        """

    def is_on(self, who: str, fault: Fault) -> bool:
        """Whether it would strike now; not counted."""

    def strikes(self, who: str, fault: Fault) -> bool:
        """Whether it strikes now; counted when it does."""

    def amount(self, who: str, fault: Fault) -> int:
        """What was said when it was switched on, else 0."""

    @property
    def counts(self) -> Mapping[Fault, int]:
        """How often each has struck."""


class BankDoor(Protocol):
    """What the doors (SFTP, REST, net bank) call. `engine.Bank` is it; every call is safe from any thread."""

    faults: Faults

    @property
    def today(self) -> date:
        """The bank's day."""

    @property
    def now(self) -> datetime:
        """The bank's clock, without zone."""

    def customer_by_key(self, public_key_openssh: str) -> Customer | None:
        """Whose key this is; its comment does not matter."""

    def customer_by_token(self, token: str) -> Customer | None:
        """Whose token this is."""

    def customers(self) -> list[Customer]:
        """All, in the order they came."""

    def accounts(self, customer: Customer | str) -> list[Account]:
        """A customer's accounts."""

    def upload(
        self, customer: Customer | str, name: str, data: bytes, *, idempotency_key: str = ""
    ) -> Uploaded:
        """Take a payment file. The same key gives the first answer again."""

    def waiting(self, customer: Customer | str) -> list[BankFile]:
        """Files that lie ready, oldest first."""

    def archived(self, customer: Customer | str) -> list[BankFile]:
        """Files that have been put away, oldest first."""

    def read(self, customer: Customer | str, name: str) -> bytes:
        """A file's bytes, waiting or archived. Raises KeyError."""

    def archive(self, customer: Customer | str, name: str) -> None:
        """Put a waiting file away; nothing when it already is. Raises KeyError."""

    def orders(self, customer: Customer | str) -> list[OrderView]:
        """Payment files, newest first."""

    def status(self, customer: Customer | str, number: int) -> OrderView:
        """One payment file. Raises KeyError."""

    def approve(self, customer: Customer | str, number: int, by: str) -> OrderView:
        """Approve a waiting payment file in the net bank; once is enough. Raises KeyError, ValueError."""

    def movements(self, customer: Customer | str, account: str) -> list[Movement]:
        """What is booked on an account, oldest first. Raises KeyError."""

    def advance(self, days: int = 1) -> date:
        """Do the work of today and of the next bank days; the new today."""

    def inject(self, account: str, kind: str, **about: Any) -> str:
        """Something happens to an account from outside; its bank reference. See `injections`."""


Listener = Callable[[str, str], None]  # customer, file name
Injections = Sequence[Mapping[str, Any]]
