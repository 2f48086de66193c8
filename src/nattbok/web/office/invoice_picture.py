"""An e-invoice laid out as on paper: every field with its label and the element of the file it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext

from nattbok.base.words import _
from nattbok.formats.invoice.shape import AllowanceCharge, Invoice, InvoiceLine, PartyIdentity
from nattbok.web import shown

MOST_LINES = 500  # shown; the file has them all
CATEGORIES = {
    "S": _("with VAT"),
    "Z": _("zero rate"),
    "E": _("exempt"),
    "AE": _("the buyer owes the VAT"),
    "K": _("within the EEA or emission allowances"),
    "G": _("export"),
    "O": _("outside the VAT Act"),
    "L": _("Canary Islands"),
    "M": _("Ceuta and Melilla"),
}
UNITS = {  # by UN/ECE Recommendation 20 and 21, those that bills in our countries use
    "C62": _("pcs"),
    "DAY": _("days"),
    "EA": _("pcs"),
    "GRM": "g",
    "H87": _("pcs"),
    "HUR": _("hours"),
    "KGM": "kg",
    "KMT": "km",
    "KWH": "kWh",
    "LTR": "l",
    "MIN": "min",
    "MMT": "mm",
    "MON": _("months"),
    "MTK": "m²",
    "MTQ": "m³",
    "MTR": "m",
    "PCE": _("pcs"),
    "SET": _("sets"),
    "TNE": _("tonnes"),
    "WEE": _("weeks"),
    "XPK": _("packages"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing that the document says: its label, the text in the reader's form, and where it stands."""

    label: str  # English, marked
    text: str
    source: str = ""
    name: str = ""  # the field's, where the reading has one


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the invoice; `under` stands in small print below it."""

    number: Cell
    name: Cell
    quantity: Cell
    price: Cell
    vat: Cell
    net: Cell
    under: tuple[Cell, ...]
    source: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One row of the VAT breakdown; `source` is what the coding's lines are of."""

    category: Cell
    rate: Cell
    taxable: Cell
    tax: Cell
    reason: Cell | None
    source: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole picture."""

    is_credit_note: bool
    number: Cell
    seller: tuple[Cell, ...]
    buyer: tuple[Cell, ...]
    payee: tuple[Cell, ...]
    facts: tuple[Cell, ...]
    notes: tuple[Cell, ...]
    lines: tuple[LineRow, ...]
    more_lines: int
    changes: tuple[tuple[Cell, Cell], ...]  # discounts and charges on the whole
    groups: tuple[GroupRow, ...]
    totals: tuple[Cell, ...]
    payable: Cell
    payment: tuple[tuple[Cell, ...], ...]


def sheet(invoice: Invoice) -> Sheet:
    """`invoice` as it is drawn; amounts as the document states them."""
    at = invoice.sources
    return Sheet(
        is_credit_note=invoice.is_credit_note,
        number=Cell(_("Number"), invoice.number, at.get("number", ""), "number"),
        seller=tuple(_party(invoice.supplier, "supplier", at)),
        buyer=tuple(_party(invoice.buyer, "buyer", at)),
        payee=()
        if invoice.payee is None
        else tuple(
            Cell(label, text, at.get("payee", ""))
            for label, text in (
                (_("Pay to"), invoice.payee.name),
                (_("Organisation number"), invoice.payee.org_number),
            )
            if text
        ),
        facts=tuple(_facts(invoice)),
        notes=tuple(
            Cell(label, text, at.get(name, ""), name)
            for name, label, text in (
                ("note", _("Note"), invoice.note),
                ("payment_terms", _("Terms of payment"), invoice.payment_terms),
            )
            if text
        ),
        lines=tuple(_line(line, invoice.is_credit_note) for line in invoice.lines[:MOST_LINES]),
        more_lines=max(0, len(invoice.lines) - MOST_LINES),
        changes=tuple(_change(one) for one in invoice.allowances_charges),
        groups=tuple(_groups(invoice)),
        totals=tuple(_totals(invoice)),
        payable=Cell(
            _("To be credited") if invoice.is_credit_note else _("To pay"),
            f"{invoice.currency} {shown.amount(invoice.payable)}",
            at.get("payable", ""),
            "payable",
        ),
        payment=tuple(tuple(_means(invoice, place)) for place in range(len(invoice.payment_means))),
    )


def _party(party: PartyIdentity, role: str, at: dict[str, str]) -> Iterator[Cell]:
    for name, label in (
        ("name", _("Name")),
        ("trading_name", _("Trading name")),
        ("org_number", _("Organisation number")),
        ("vat_number", _("VAT number")),
        ("country", _("Country")),
        ("endpoint", _("Address in the network")),
    ):
        text = getattr(party, name)
        if text and not (name == "trading_name" and text == party.name):
            yield Cell(label, text, at.get(f"{role}.{name}", ""), f"{role}.{name}")


def _facts(invoice: Invoice) -> Iterator[Cell]:
    at = invoice.sources
    for name, label, text in (
        ("issue_date", _("Date"), _day(invoice.issue_date)),
        ("due_date", _("Due"), _day(invoice.due_date)),
        ("delivered_on", _("Delivered"), _day(invoice.delivered_on)),
        ("starts_on", _("From"), _day(invoice.starts_on)),
        ("ends_on", _("Through"), _day(invoice.ends_on)),
        ("buyer_reference", _("Your reference"), invoice.buyer_reference),
        ("order_reference", _("Order"), invoice.order_reference),
        ("contract_reference", _("Contract"), invoice.contract_reference),
        ("project_reference", _("Project"), invoice.project_reference),
        ("account_code", _("Your account"), invoice.account_code),
        ("type_code", _("Type"), invoice.type_code),
    ):
        if text:
            yield Cell(label, text, at.get(name, ""), name)
    if invoice.preceding_invoices:
        yield Cell(_("Refers to"), ", ".join(invoice.preceding_invoices))


def _unit(code: str | None) -> str:
    """A unit as people write it; one that has no such name here is shown by its code."""
    return gettext(UNITS[code]) if code in UNITS else code or ""


def _line(line: InvoiceLine, is_credit: bool) -> LineRow:
    quantity = f"{line.xpath}/cbc:{'Credited' if is_credit else 'Invoiced'}Quantity"
    price = _number(line.price)
    if line.base_quantity not in (None, Decimal(1)):
        price += f" / {_number(line.base_quantity)}"
    under = [
        Cell(label, text, f"{line.xpath}/{place}")
        for label, text, place in (
            (_("Description"), line.description, "cac:Item/cbc:Description"),
            (_("Note"), line.note, "cbc:Note"),
            (_("Item number"), line.sellers_item, "cac:Item/cac:SellersItemIdentification/cbc:ID"),
            (
                _("Class of goods"),
                line.commodity,
                "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode",
            ),
            (_("Your account"), line.account_code, "cbc:AccountingCost"),
            (_("Period"), _span(line.starts_on, line.ends_on), "cac:InvoicePeriod"),
        )
        if text
    ]
    for one in line.allowances_charges:
        label, amount = _change(one)
        under.append(Cell(label.label, f"{label.text} {amount.text}".strip(), one.xpath))
    return LineRow(
        Cell(_("Line"), line.number, f"{line.xpath}/cbc:ID"),
        Cell(_("Text"), line.name, f"{line.xpath}/cac:Item/cbc:Name"),
        Cell(_("Quantity"), f"{_number(line.quantity)} {_unit(line.unit)}".strip(), quantity),
        Cell(_("Price"), price, f"{line.xpath}/cac:Price/cbc:PriceAmount"),
        Cell(
            _("VAT"),
            "" if line.vat_rate is None else f"{_number(line.vat_rate)} %",
            f"{line.xpath}/cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",
        ),
        Cell(_("Amount"), shown.amount(line.net), f"{line.xpath}/cbc:LineExtensionAmount"),
        tuple(under),
        line.xpath,
    )


def _change(one: AllowanceCharge) -> tuple[Cell, Cell]:
    label = _("Charge") if one.is_charge else _("Discount")
    amount = one.amount if one.is_charge else -one.amount
    return Cell(label, one.reason, one.xpath), Cell(label, shown.amount(amount), f"{one.xpath}/cbc:Amount")


def _groups(invoice: Invoice) -> Iterator[GroupRow]:
    for group in invoice.vat_groups:
        place = f"{group.xpath}/cac:TaxCategory"
        reason = group.exemption_reason or group.exemption_code
        yield GroupRow(
            Cell(CATEGORIES.get(group.category, ""), group.category, f"{place}/cbc:ID"),
            Cell(
                _("Rate"),
                "" if group.rate is None else f"{_number(group.rate)} %",
                f"{place}/cbc:Percent",
            ),
            Cell(_("Of"), shown.amount(group.taxable), f"{group.xpath}/cbc:TaxableAmount"),
            Cell(_("VAT"), shown.amount(group.tax), f"{group.xpath}/cbc:TaxAmount"),
            Cell(_("Why no VAT"), reason, f"{place}/cbc:TaxExemptionReason") if reason else None,
            group.xpath,
        )


def _totals(invoice: Invoice) -> Iterator[Cell]:
    for name, label in (
        ("line_total", _("The lines")),
        ("allowance_total", _("Discounts")),
        ("charge_total", _("Charges")),
        ("net", _("Without VAT")),
        ("vat", _("VAT")),
        ("vat_in_tax_currency", _("VAT in the VAT currency")),
        ("gross", _("With VAT")),
        ("prepaid", _("Paid already")),
        ("rounding", _("Rounding")),
    ):
        amount = getattr(invoice, name)
        if amount is not None:
            unit = f"{invoice.tax_currency} " if name == "vat_in_tax_currency" else ""
            yield Cell(label, unit + shown.amount(amount), invoice.sources.get(name, ""), name)


def _means(invoice: Invoice, place: int) -> Iterator[Cell]:
    means = invoice.payment_means[place]
    inside = f"{means.xpath}/cac:PayeeFinancialAccount"
    for label, text, source in (
        (_("Account"), means.account, f"{inside}/cbc:ID"),
        (_("Name of the account"), means.account_name, f"{inside}/cbc:Name"),
        (_("Bank"), means.branch, f"{inside}/cac:FinancialInstitutionBranch/cbc:ID"),
        (_("Reference"), means.payment_id, f"{means.xpath}/cbc:PaymentID"),
        (_("Mandate"), means.mandate, f"{means.xpath}/cac:PaymentMandate/cbc:ID"),
    ):
        if text:
            yield Cell(label, text, source)


def _day(on: date | None) -> str:
    return shown.day(on)


def _span(starts_on: date | None, ends_on: date | None) -> str:
    return " – ".join(filter(None, (shown.day(starts_on), shown.day(ends_on))))


def _number(number: Decimal | None) -> str:
    """A quantity, price or rate as short as it is: 7,5 and 25."""
    if number is None:
        return ""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if shown.language() == "en" else text.replace(".", ",")
