"""The invoice as data inside a PDF: Factur-X and ZUGFeRD (CII), or UBL as in Peppol BIS 3.

Source: UN/CEFACT Cross Industry Invoice D16B/D22B; EN 16931-3-3 for its paths.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice import peppol_bis3
from nattbok.reading.shape import Kind

_CII = "CrossIndustryInvoice"
_NO_TRADE = _("The invoice inside the PDF is not whole.")
_TRADE = "{*}SupplyChainTradeTransaction"
LARGEST = Decimal("1e12")
_CREDIT_TYPES = {"381", "396", "261", "262", "81", "83"}
_PLAIN_TYPES = {"", "380", "381", "393", "396", "751", "80", "81", "82", "83"}  # UNTDID 1001
_PAID_OTHERWISE = {"10", "48", "49", "54", "55", "59", "97"}  # UNTDID 4461: cash, card, direct debit, set off

Lines = tuple[tuple[Decimal, Decimal, Decimal], ...]
Told = tuple[Kind, dict[str, str], Lines, str, tuple[Finding, ...]]


def invoice(attached: Mapping[str, bytes]) -> Told | None:
    """Kind, fields, VAT lines (rate, base, VAT), the seller's VAT number, and what a person must look at.

    None without just one invoice. Raises Unreadable when there is more than one, and for one that is damaged.
    """
    found = [data for data in attached.values() if _is_invoice(data)]
    if len(found) != 1:
        return None
    data = found[0]
    return _ubl(data) if peppol_bis3.looks_like(data[:65_536]) else _cii(data)


def _is_invoice(data: bytes) -> bool:
    head = data[:65_536]
    return _CII in xml.root_tag(head) or peppol_bis3.looks_like(head)


def _ubl(data: bytes) -> Told:
    told = peppol_bis3.read(data)
    sign = -1 if told.is_credit_note else 1
    fields = {
        "supplier_name": told.supplier.name or "",
        "supplier_orgno": told.supplier.org_number or "",
        "buyer_orgno": told.buyer.org_number or "",
        "invoice_no": told.number,
        "issue_date": told.issue_date.isoformat() if told.issue_date else "",
        "due_date": told.due_date.isoformat() if told.due_date else "",
        "currency": told.currency,
        "net": _text(told.net, sign),
        "vat_total": _text(told.vat, sign),
        "total": _text(told.payable, sign),
    }
    lines = tuple(
        (group.rate or Decimal(0), sign * group.taxable, sign * group.tax) for group in told.vat_groups
    )
    kind = Kind.CREDIT_NOTE if told.is_credit_note else Kind.INVOICE
    held = tuple(finding for finding in told.findings if finding.severity is not Severity.NOTE)
    paid = _paid_otherwise(means.code or "" for means in told.payment_means)
    return kind, _kept(fields), lines, told.supplier.vat_number or "", (*held, *paid)


def _text(amount: Decimal | None, sign: int) -> str:
    """The amount in øre; "" without one, and for what is none in whole øre, which is never rounded here."""
    if amount is None or not amount.is_finite() or abs(amount) >= LARGEST or amount != round(amount, 2):
        return ""
    return f"{sign * amount:.2f}"


def _cii(data: bytes) -> Told:
    root = xml.parse(data)
    trade = root.find(_TRADE)
    document = root.find("{*}ExchangedDocument")
    if trade is None or document is None:
        raise Unreadable(_NO_TRADE, where="SupplyChainTradeTransaction")

    def at(path: str, node=trade) -> str:
        found = node.find("/".join(f"{{*}}{step}" for step in path.split("/")))
        return (found.text or "").strip() if found is not None else ""

    sums = "ApplicableHeaderTradeSettlement/SpecifiedTradeSettlementHeaderMonetarySummation/"
    kind = Kind.CREDIT_NOTE if at("TypeCode", document) in _CREDIT_TYPES else Kind.INVOICE
    sign = -1 if kind is Kind.CREDIT_NOTE else 1
    seller = "ApplicableHeaderTradeAgreement/SellerTradeParty/"
    means = "ApplicableHeaderTradeSettlement/SpecifiedTradeSettlementPaymentMeans/"
    means += "PayeePartyCreditorFinancialAccount/"
    fields = {
        "supplier_name": at(seller + "Name"),
        "supplier_orgno": at(seller + "SpecifiedLegalOrganization/ID")
        or at(seller + "SpecifiedTaxRegistration/ID"),
        "buyer_orgno": at("ApplicableHeaderTradeAgreement/BuyerTradeParty/SpecifiedLegalOrganization/ID"),
        "invoice_no": at("ID", document),
        "issue_date": _day(at("IssueDateTime/DateTimeString", document)),
        "due_date": _day(
            at("ApplicableHeaderTradeSettlement/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString")
        ),
        "currency": at("ApplicableHeaderTradeSettlement/InvoiceCurrencyCode"),
        "net": _amount(at(sums + "TaxBasisTotalAmount"), sign),
        "vat_total": _amount(at(sums + "TaxTotalAmount"), sign),
        "total": _amount(at(sums + "DuePayableAmount") or at(sums + "GrandTotalAmount"), sign),
        "payment_ref": at("ApplicableHeaderTradeSettlement/PaymentReference"),
        "iban": at(means + "IBANID").replace(" ", ""),
    }
    lines = []
    for tax in trade.findall("{*}ApplicableHeaderTradeSettlement/{*}ApplicableTradeTax"):
        with suppress(InvalidOperation):
            rate = Decimal(at("RateApplicablePercent", tax) or "0")
            base, vat = Decimal(at("BasisAmount", tax)), Decimal(at("CalculatedAmount", tax) or "0")
            lines.append((rate, sign * base, sign * vat))
    vat_number = _vat_number(
        trade.iterfind(
            "{*}ApplicableHeaderTradeAgreement/{*}SellerTradeParty/{*}SpecifiedTaxRegistration/{*}ID"
        )
    )
    codes = trade.iterfind(
        "{*}ApplicableHeaderTradeSettlement/{*}SpecifiedTradeSettlementPaymentMeans/{*}TypeCode"
    )
    held = (*_odd_type(at("TypeCode", document)), *_paid_otherwise((one.text or "").strip() for one in codes))
    return kind, _kept(fields), tuple(lines), vat_number, held


def _odd_type(code: str) -> Iterable[Finding]:
    """A prepayment, self-billing, a corrected or partial invoice: none is posted as it stands."""
    if code not in _PLAIN_TYPES:
        text = _("The data in the PDF is of type {code}, which is no plain invoice or credit note.")
        yield Finding(Severity.HOLD, "inside_type", "TypeCode", text, {"code": code[:20]})


def _paid_otherwise(codes: Iterable[str]) -> Iterable[Finding]:
    if not _PAID_OTHERWISE.isdisjoint(codes):
        text = _("The data in the PDF says that it is paid without a transfer: by one too, it is paid twice.")
        yield Finding(Severity.HOLD, "inside_paid_otherwise", "PaymentMeans", text)


def _vat_number(numbers: Iterable) -> str:
    """The number of the scheme VA, which is the VAT number; FC is the tax office's own."""
    return next(((one.text or "").strip() for one in numbers if one.get("schemeID") == "VA"), "")


def _day(text: str) -> str:
    with suppress(ValueError):
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat()
    return ""


def _amount(text: str, sign: int) -> str:
    with suppress(InvalidOperation):
        return _text(Decimal(text), sign)
    return ""


def _kept(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
