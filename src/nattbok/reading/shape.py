"""What reading a picture or PDF gives: each field with its place, its confidence, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from nattbok.base.words import Words, _
from nattbok.formats.finding import Finding, Severity
from nattbok.reading.words import Box, Page

FIELDS = (
    "supplier_name",
    "supplier_orgno",
    "invoice_no",
    "credited_number",  # of the invoice that a credit note takes back
    "issue_date",
    "due_date",
    "currency",
    "net",
    "vat_total",
    "total",
    "payment_ref",
    "bank_account",
    "bankgiro",
    "plusgiro",
    "iban",
    "buyer_orgno",
)
AMOUNTS = ("net", "vat_total", "total")
ACCOUNTS = ("bank_account", "bankgiro", "plusgiro", "iban")


class Kind(StrEnum):
    """What a document is. Only the first three are bills."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"
    REMINDER = "reminder"
    STATEMENT = "statement"
    DELIVERY_NOTE = "delivery_note"
    ORDER = "order"  # confirmations, offers and pro forma invoices
    UNKNOWN = "unknown"

    @property
    def is_bill(self) -> bool:
        """Whether it is to be booked."""
        return self in (Kind.INVOICE, Kind.CREDIT_NOTE, Kind.RECEIPT)


class Proof(StrEnum):
    """What a value rests on. Confidence follows from it, by how often each kind was right."""

    XML = "xml"
    CODE = "code"
    CHECKED = "checked"
    CHECKED_MARKED = "checked_marked"
    CHECKED_ONLY = "checked_only"
    SUMS = "sums"
    SUMS_ONLY = "sums_only"
    DERIVED = "derived"
    CONFIRMED = "confirmed"
    LABELLED = "labelled"
    MEMORY = "memory"
    PLACED = "placed"
    DEFAULT = "default"
    DOUBTFUL = "doubtful"


REASONS = {
    Proof.XML: _("It stands in the data inside the file."),
    Proof.CODE: _("It was read from the payment code."),
    Proof.CHECKED: _("Its check digit is right, and its label says what it is."),
    Proof.CHECKED_MARKED: _("Its check digit is right, and it is written as the seller's own."),
    Proof.CHECKED_ONLY: _("Its check digit is right, but nothing printed says whose or what it is."),
    Proof.SUMS: _("Net, VAT and total agree to the øre, and each stands with its label."),
    Proof.SUMS_ONLY: _("The amounts agree, but not all of them stand with labels of their own."),
    Proof.DERIVED: _("It is not printed, but follows from the other amounts."),
    Proof.CONFIRMED: _("It stands with its label, and something else on the paper says the same."),
    Proof.LABELLED: _("It stands with its label, and nothing else proves it."),
    Proof.MEMORY: _("It stands where this supplier's confirmed documents have it."),
    Proof.PLACED: _("It was found by where it stands alone."),
    Proof.DEFAULT: _("It is not printed; it is what is usual in the supplier's country."),
    Proof.DOUBTFUL: _("Its check digit is wrong, or the amounts do not agree: look at it."),
}
# What a value must rest on to be used with no person looking.
PROVING = frozenset({Proof.XML, Proof.CODE, Proof.CHECKED, Proof.CHECKED_MARKED, Proof.SUMS, Proof.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands."""

    page: int  # from 0
    box: Box


@dataclass(frozen=True, slots=True)
class Field:
    """A value as text (days as ISO, amounts with two decimals), and how much it can be relied on."""

    value: str
    confidence: float  # the share of values with such proof that were right
    proof: Proof
    source: str  # xml, code, text, ocr_tiny, ocr_small
    place: Place | None = None
    second: str | None = None  # the next best value
    is_proven: bool = False
    is_remembered: bool = False  # the supplier's memory says that this is its place

    @property
    def reason(self) -> Words:
        """Why it is believed, as a sentence."""
        return Words(REASONS[self.proof], {})


@dataclass(frozen=True, slots=True)
class VatLine:
    """The VAT of one rate: percent, kroner without it, kroner of it."""

    rate: Decimal
    base: Decimal
    vat: Decimal
    is_proven: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """The client's own numbers, which are never the supplier's. Digits only; IBANs compact."""

    org_numbers: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of several in a file: its pages, from 0, both in it; and what it begins with."""

    first: int
    last: int
    reason: Words


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a file was read as. A field that is not there was not found."""

    kind: Kind
    fields: Mapping[str, Field]
    vat_lines: tuple[VatLine, ...]
    pages: tuple[Page, ...]
    engine: str  # xml, text, ocr_tiny, ocr_small
    findings: tuple[Finding, ...] = ()
    pieces: tuple[Piece, ...] = ()  # more than one: a proposal to split the file, for a person
    is_illegible: bool = False  # a new picture is needed
    rounding: Decimal = Decimal(0)
    country: str = ""
    language: str = ""
    supplier_country: str = ""  # ISO 3166 alpha-2, by the number that the supplier has
    vat_number: str = ""  # the supplier's, when it is printed as one: NO … MVA, SE … 01

    def value(self, name: str) -> str | None:
        """What the field says, or None."""
        found = self.fields.get(name)
        return found.value if found is not None else None

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields without which nothing may go on unattended."""
        always = ("supplier_orgno", "invoice_no", "issue_date", "currency", "net", "vat_total", "total")
        return always if self.kind is not Kind.INVOICE else (*always, "due_date")

    @property
    def is_proven(self) -> bool:
        """Whether every needed field, every account and reference found, and the VAT of each rate is proven.

        An invoice must say where to pay; and nothing may have been found that holds the document.
        """
        if not self.kind.is_bill or self.is_illegible or len(self.pieces) > 1:
            return False
        if any(finding.severity is not Severity.NOTE for finding in self.findings):
            return False
        if self.kind is Kind.INVOICE and not any(name in self.fields for name in ACCOUNTS):
            return False
        names = {*self.needed, *(name for name in (*ACCOUNTS, "payment_ref") if name in self.fields)}
        return bool(self.vat_lines) and (
            all(name in self.fields and self.fields[name].is_proven for name in names)
            and all(line.is_proven for line in self.vat_lines)
        )
