"""What an e-invoice is read into, named by the business terms (BT) and groups (BG) of EN 16931.

Amounts are the document's own statements, Decimal, never recomputed. Signs are the document's: a credit
note has positive amounts that reduce the debt, and an invoice may legally be negative; `payable_signed`
is the one place that turns both into "what the buyer owes".
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nattbok.formats.finding import Finding


@dataclass(frozen=True, slots=True)
class PartyIdentity:
    """Seller (BG-4), buyer (BG-7) or payee (BG-10)."""

    name: str = ""
    trading_name: str | None = None
    org_number: str | None = None
    org_scheme: str | None = None
    vat_number: str | None = None
    endpoint: str | None = None
    endpoint_scheme: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class VatGroup:
    """One row of the VAT breakdown (BG-23)."""

    category: str  # BT-118: S Z E AE K G O L M
    rate: Decimal | None  # BT-119, percent
    taxable: Decimal  # BT-116
    tax: Decimal  # BT-117
    rate_text: str | None = None  # as written
    exemption_reason: str = ""
    exemption_code: str = ""
    xpath: str = ""


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """How to pay (BG-16)."""

    code: str | None
    payment_id: str | None = None  # BT-83: KID, OCR or free text
    account: str | None = None  # BT-84
    account_name: str | None = None
    branch: str | None = None  # BIC, or SE:BANKGIRO / SE:PLUSGIRO
    mandate: str | None = None
    due_date: date | None = None  # only credit notes have it here
    xpath: str = ""


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """A discount (BG-20, BG-27) or charge (BG-21, BG-28), on the whole document or within a line.

    Within a line it is already part of the line's net and has no VAT category of its own.
    """

    is_charge: bool
    amount: Decimal
    reason: str = ""
    vat_category: str | None = None
    vat_rate: Decimal | None = None
    xpath: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line (BG-25). `net` (BT-131) is the truth; quantity and price explain it."""

    number: str
    name: str
    net: Decimal
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    base_quantity: Decimal | None = None
    vat_category: str | None = None
    vat_rate: Decimal | None = None
    description: str = ""
    note: str = ""
    account_code: str = ""  # BT-133, the buyer's accounting reference
    starts_on: date | None = None
    ends_on: date | None = None
    sellers_item: str = ""
    commodity: str = ""  # BT-158, the class of goods; where there are several, by UNSPSC or else by CPV
    commodity_list: str = ""  # whose classes they are, by UNTDID 7143: TST is UNSPSC, STI is CPV
    gross_price: Decimal | None = None  # BT-148, before the discount in `price`
    allowances_charges: tuple[AllowanceCharge, ...] = ()  # already in `net`
    xpath: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A supporting document (BG-24); `sha256` and `size` when its bytes are inside the file."""

    number: str
    description: str | None = None
    filename: str | None = None
    media_type: str | None = None
    uri: str | None = None
    sha256: str | None = None
    size: int | None = None
    xpath: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or a credit note, whole."""

    document_type: str  # "Invoice" or "CreditNote"
    type_code: str | None
    customization_id: str | None
    profile_id: str | None
    number: str
    issue_date: date | None
    due_date: date | None
    currency: str
    supplier: PartyIdentity
    buyer: PartyIdentity
    payee: PartyIdentity | None = None
    tax_currency: str | None = None
    vat_in_tax_currency: Decimal | None = None
    delivered_on: date | None = None
    starts_on: date | None = None  # BT-73, the period it is for
    ends_on: date | None = None  # BT-74
    line_total: Decimal | None = None
    allowance_total: Decimal | None = None
    charge_total: Decimal | None = None
    net: Decimal | None = None
    vat: Decimal | None = None
    gross: Decimal | None = None
    prepaid: Decimal | None = None
    rounding: Decimal | None = None
    payable: Decimal | None = None
    vat_groups: tuple[VatGroup, ...] = ()
    payment_means: tuple[PaymentMeans, ...] = ()
    payment_terms: str = ""
    preceding_invoices: tuple[str, ...] = ()
    buyer_reference: str | None = None
    order_reference: str | None = None
    contract_reference: str | None = None
    project_reference: str | None = None
    account_code: str = ""
    note: str = ""
    lines: tuple[InvoiceLine, ...] = ()
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sources: dict[str, str] = field(default_factory=dict)  # field name → XPath it came from
    findings: tuple[Finding, ...] = ()

    @property
    def is_credit_note(self) -> bool:
        """Whether it takes money back: a CreditNote document (an Invoice may be negative instead)."""
        return self.document_type == "CreditNote"

    @property
    def payable_signed(self) -> Decimal | None:
        """What the buyer owes: positive for a debt, negative for money due back."""
        if self.payable is None:
            return None
        return -self.payable if self.is_credit_note else self.payable
