"""What every file of this folder is read into.

Amounts are Decimal kroner (or the account's currency) with a sign: money in positive, money out negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from nattbok.base.money import ZERO
from nattbok.formats.finding import Finding, Severity


class Kind(StrEnum):
    """What a file reports; the same money may be reported once by each kind."""

    STATEMENT = "statement"  # camt.053: a booked day with its balances
    NOTICE = "notice"  # camt.054: details of booked entries
    INTRADAY = "intraday"  # camt.052, and lists exported from the net bank: so far; never closes a day
    GIRO = "giro"  # OCR giro, BgMax: incoming payments with references


class Status(StrEnum):
    """Only what is booked may be posted."""

    BOOKED = "booked"
    PENDING = "pending"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Remittance:
    """One structured reference or invoice that a payment says it pays."""

    reference: str = ""  # KID, OCR or RF: only from a reference field
    invoice: str = ""  # the invoice or credit note number it names
    amount: Decimal | None = None  # signed as the payment; a credit note has the other sign
    is_credit_note: bool = False


@dataclass(frozen=True, slots=True)
class Transaction:
    """One payment, or one line that stands for several (`sums_up`)."""

    amount: Decimal  # signed, in the account's currency
    booked_on: date | None
    value_on: date | None
    status: Status = Status.BOOKED
    bank_reference: str = ""  # the bank's own id of this transaction (AcctSvcrRef, BGC number, OCR key)
    batch_reference: str = ""  # the bank's id of the line it is part of on the statement
    end_to_end_id: str = ""
    payment_info_id: str = ""
    message_id: str = ""
    reference: str = ""  # the checked reference when there is exactly one, from a reference field
    remittances: tuple[Remittance, ...] = ()
    text: str = ""  # free text: unstructured remittance, additional information
    counterparty_name: str = ""
    counterparty_account: str = ""  # digits and letters only
    counterparty_org_number: str = ""
    bank_code: str = ""  # e.g. "PMNT-RCDT-VCOM", OCR type "13"
    is_reversal: bool = False
    return_reason: str = ""
    instructed_amount: Decimal | None = None
    instructed_currency: str = ""
    charges: Decimal | None = None
    sums_up: int = 0  # how many payments this line is the sum of; 0 for a single payment
    where: str = ""  # the place in the file


@dataclass(frozen=True, slots=True)
class Statement:
    """One account's part of a file."""

    account: str  # digits and letters only, as the file gives it: BBAN, IBAN or bankgiro number
    currency: str
    kind: Kind
    number: str = ""  # the bank's id of it
    agreement: str = ""  # the number of the agreement that it is sent under, where the file says so
    sequence: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None
    entries: int = 0  # lines on the bank's statement; a line may have several transactions
    transactions: tuple[Transaction, ...] = ()
    payments: int = 0  # details the bank lists; a line without details counts as one
    not_booked: int = 0  # lines that are not booked
    booked_in: Decimal = ZERO  # sums of the lines (giro: of the payments), both without sign
    booked_out: Decimal = ZERO
    waiting_in: Decimal = ZERO  # the same for what is not booked
    waiting_out: Decimal = ZERO
    is_last_page: bool = True
    findings: tuple[Finding, ...] = ()

    @property
    def is_held(self) -> bool:
        """Whether something in it forbids posting any of it."""
        return any(finding.severity is not Severity.NOTE for finding in self.findings)


@dataclass(frozen=True, slots=True)
class BankFile:
    """All that was read from one file."""

    message: str  # "camt.053.001.02", "ocr_giro", "bgmax"
    kind: Kind
    message_id: str = ""
    created: str = ""
    is_test: bool = False
    statements: tuple[Statement, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)  # records by kind, where the format counts them
    findings: tuple[Finding, ...] = ()  # of the file as a whole

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Those of the file, then those of its statements."""
        return self.findings + tuple(
            finding for statement in self.statements for finding in statement.findings
        )

    @property
    def is_refused(self) -> bool:
        """Whether the file proves wrong, so that nothing of it may be stored."""
        return any(finding.severity is Severity.ERROR for finding in self.all_findings)
