"""What goes to the bank to be paid, and what the bank answers.

Amounts are positive Decimal in the currency that stands beside them, in whole øre. Account numbers are
letters and digits only, whole: a Swedish account with its clearing number first. Dates are the bank's days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from nattbok.base.money import ZERO
from nattbok.formats.finding import Finding


class AccountKind(StrEnum):
    """What kind of number an account is told by."""

    BBAN = "BBAN"  # NO 11 digits; SE clearing and account; elsewhere whatever the country has
    IBAN = "IBAN"
    BANKGIRO = "BGNR"
    PLUSGIRO = "PGNR"


class BatchKind(StrEnum):
    """What a batch pays; the bank books, shows and hides them apart."""

    SUPPLIER = "SUPP"
    SALARY = "SALA"
    TAX = "TAXS"


class Status(StrEnum):
    """How far a payment has come, as the bank says it. What is not here is kept as the bank's own text."""

    RECEIVED = "ACTC"  # technically sound; nothing is promised
    ACCEPTED = "ACCP"
    IN_PROCESS = "ACSP"
    SETTLED = "ACSC"
    CHANGED = "ACWC"  # accepted, but on another day: see `executes_on`
    PENDING = "PDNG"  # waits for funds or for an approval
    IN_PART = "PART"  # some of it; the levels below tell which
    REJECTED = "RJCT"


class PaidInvoice(NamedTuple):
    """An invoice or credit note that a transfer pays or deducts; `amount` is positive for both."""

    number: str
    amount: Decimal | None = None
    is_credit_note: bool = False


@dataclass(frozen=True, slots=True)
class CreditTransfer:
    """One payment to one account. The reference, the invoices and the text exclude each other mostly.

    The writer says no to what the bank would: see `pain001.write`.
    """

    end_to_end_id: str  # at most 35 letters, unique for ever: all that comes back is known by it
    amount: Decimal
    currency: str
    creditor_name: str
    account: str
    account_kind: AccountKind
    creditor_country: str = ""  # two letters; Sweden demands it
    creditor_address: tuple[str, ...] = ()  # lines, at most seven
    bic: str = ""  # of the creditor's bank; needed abroad outside IBAN countries
    reference: str = ""  # KID or OCR number, as the creditor printed it, digits (and the MOD11 "-")
    invoices: tuple[PaidInvoice, ...] = ()
    text: str = ""  # free text to the creditor
    purpose: str = ""  # ISO purpose code, for example SALA
    charges: str = ""  # who bears the costs abroad: SHAR, DEBT, CRED, SLEV; "" is SHAR
    regulatory_code: str = ""  # the authority's code of what is paid for, abroad over the reporting limit
    regulatory_text: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Payments from one account on one day of one kind (PmtInf)."""

    id: str  # PmtInfId, at most 35 letters, unique
    debtor_name: str
    account: str
    account_kind: AccountKind
    bic: str
    execute_on: date
    kind: BatchKind
    currency: str  # of the account
    transfers: tuple[CreditTransfer, ...]
    books_as_one: bool = True  # one line on the statement
    debtor_org_number: str = ""
    debtor_country: str = ""

    @property
    def total(self) -> Decimal:
        """The sum of the amounts, whatever their currencies, as CtrlSum counts."""
        return sum((transfer.amount for transfer in self.transfers), ZERO)


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """What is handed to one bank at once (pain.001)."""

    message_id: str  # at most 35 letters, the same each time the same payments are written
    created: datetime  # of the batch's row, never the clock's; printed as it is, to the second
    initiator: str  # name of whoever sends: the client or the office
    agreement_id: str  # the customer number that the bank has given the agreement
    batches: tuple[Batch, ...]
    division: str = ""  # within the agreement, where the bank has such
    findings: tuple[Finding, ...] = field(default=(), compare=False)  # when it was read, as those below
    message: str = field(default="", compare=False)  # "pain.001.001.03"
    stated_count: int | None = field(default=None, compare=False)  # NbOfTxs of its header
    stated_sum: Decimal | None = field(default=None, compare=False)  # CtrlSum of its header

    @property
    def transfers(self) -> tuple[CreditTransfer, ...]:
        """The payments of all batches."""
        return tuple(transfer for batch in self.batches for transfer in batch.transfers)

    @property
    def total(self) -> Decimal:
        """The sum of all amounts, as CtrlSum counts."""
        return sum((batch.total for batch in self.batches), ZERO)


class Reason(NamedTuple):
    """Why a bank says what it says: an ISO code or the bank's own, and what it wrote beside it."""

    code: str  # "AC04"; "" when only text is given
    text: str = ""


class Level(StrEnum):
    """Where in a receipt a status stands."""

    GROUP = "group"
    BATCH = "batch"
    TRANSFER = "transfer"


class Said(NamedTuple):
    """What a receipt says of one payment: the status, why, and at which level it was said.

    `status` is "" when it says nothing. PART from a level above is all that is known of a payment which
    the bank does not name below: it is not among those it names, and nothing more.
    """

    status: Status | str
    reasons: tuple[Reason, ...] = ()
    executes_on: date | None = None
    level: Level = Level.GROUP


@dataclass(frozen=True, slots=True)
class TransferStatus:
    """What the bank says of one payment."""

    end_to_end_id: str  # ours; the instruction id where the bank gives only that, the same in what we write
    status: Status | str  # "" when the bank names the payment without a status: the level above tells
    reasons: tuple[Reason, ...] = ()
    executes_on: date | None = None  # the day the bank will pay or has paid, where it says one
    payment_info_id: str = ""  # of its batch
    instruction_id: str = ""
    bank_reference: str = ""  # the bank's own id of it (AcctSvcrRef)
    amount: Decimal | None = None
    currency: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """What the bank says of one batch (PmtInf) as a whole."""

    payment_info_id: str
    status: Status | str  # "" when it says nothing of the whole
    reasons: tuple[Reason, ...] = ()
    where: str = ""


@dataclass(frozen=True)
class Receipt:
    """One pain.002: what has become of one payment file."""

    message: str  # "pain.002.001.03"
    message_id: str
    original_message_id: str  # MsgId of the payment file
    created: str = ""
    original_message: str = ""  # "pain.001.001.03"
    status: Status | str = ""  # of the whole file; "" when it says nothing of the whole
    reasons: tuple[Reason, ...] = ()
    batches: tuple[BatchStatus, ...] = ()
    transfers: tuple[TransferStatus, ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)  # NbOfTxsPerSts where given: status → payments

    def lowest(self, end_to_end_id: str, payment_info_id: str = "") -> Said:
        """What is said of the payment: the lowest level given wins.

        Its own status; else that of its batch, when `payment_info_id` names it; else that of the file.
        """
        said = self._transfers.get(end_to_end_id)
        if said is not None and said.status:
            return Said(said.status, said.reasons, said.executes_on, Level.TRANSFER)
        batch = self._batches.get(payment_info_id or (said.payment_info_id if said else ""))
        if batch is not None and batch.status:
            return Said(batch.status, batch.reasons, None, Level.BATCH)
        return Said(self.status, self.reasons, None, Level.GROUP)

    @cached_property
    def _transfers(self) -> dict[str, TransferStatus]:
        return {one.end_to_end_id: one for one in self.transfers}

    @cached_property
    def _batches(self) -> dict[str, BatchStatus]:
        return {one.payment_info_id: one for one in self.batches}


def status(written: str) -> Status | str:
    """The status that `written` is the code of; an unknown one stays the text it is."""
    try:
        return Status(written)
    except ValueError:
        return written
