"""From the elements of a UBL document to the business terms of an invoice, each with its path."""

import binascii
import hashlib
from base64 import b64decode
from datetime import date
from decimal import Decimal
from functools import lru_cache

from nattbok.base.words import _
from nattbok.formats.finding import Finding
from nattbok.formats.invoice.peppol_bis3.group import Group, cac, cbc, text
from nattbok.formats.invoice.shape import (
    AllowanceCharge,
    Attachment,
    Invoice,
    InvoiceLine,
    PartyIdentity,
    PaymentMeans,
    VatGroup,
)
from nattbok.formats.xml import Element

_ID, _NAME, _AMOUNT, _NOTE = cbc("ID"), cbc("Name"), cbc("Amount"), cbc("Note")
_ISSUED, _DUE = cbc("IssueDate"), cbc("DueDate")
_STARTS, _ENDS = cbc("StartDate"), cbc("EndDate")
_CUSTOMIZATION, _PROFILE = cbc("CustomizationID"), cbc("ProfileID")
_CURRENCY, _TAX_CURRENCY = cbc("DocumentCurrencyCode"), cbc("TaxCurrencyCode")
_BUYER_REFERENCE, _ACCOUNT_CODE = cbc("BuyerReference"), cbc("AccountingCost")
_PERIOD, _DELIVERY, _DELIVERED = cac("InvoicePeriod"), cac("Delivery"), cbc("ActualDeliveryDate")
_SUPPLIER, _BUYER, _PARTY = cac("AccountingSupplierParty"), cac("AccountingCustomerParty"), cac("Party")
_PAYEE = cac("PayeeParty")
_ENDPOINT, _PARTY_NAME, _COMPANY = cbc("EndpointID"), cac("PartyName"), cbc("CompanyID")
_LEGAL, _REGISTRATION = cac("PartyLegalEntity"), cbc("RegistrationName")
_PARTY_TAX, _TAX_SCHEME = cac("PartyTaxScheme"), cac("TaxScheme")
_ADDRESS, _COUNTRY, _COUNTRY_CODE = cac("PostalAddress"), cac("Country"), cbc("IdentificationCode")
_MEANS, _MEANS_CODE, _MEANS_DUE = cac("PaymentMeans"), cbc("PaymentMeansCode"), cbc("PaymentDueDate")
_PAYMENT_ID, _ACCOUNT = cbc("PaymentID"), cac("PayeeFinancialAccount")
_BRANCH, _MANDATE, _TERMS = cac("FinancialInstitutionBranch"), cac("PaymentMandate"), cac("PaymentTerms")
_ALLOWANCE, _IS_CHARGE = cac("AllowanceCharge"), cbc("ChargeIndicator")
_REASON, _TAX_CATEGORY, _PERCENT = cbc("AllowanceChargeReason"), cac("TaxCategory"), cbc("Percent")
_TAX_TOTAL, _TAX_AMOUNT = cac("TaxTotal"), cbc("TaxAmount")
_SUBTOTAL, _TAXABLE = cac("TaxSubtotal"), cbc("TaxableAmount")
_EXEMPTION, _EXEMPTION_CODE = cbc("TaxExemptionReason"), cbc("TaxExemptionReasonCode")
_TOTAL, _NET = cac("LegalMonetaryTotal"), cbc("LineExtensionAmount")
_ITEM, _DESCRIPTION, _CLASSIFIED = cac("Item"), cbc("Description"), cac("ClassifiedTaxCategory")
_SELLERS_ITEM, _PRICE, _PRICE_AMOUNT = cac("SellersItemIdentification"), cac("Price"), cbc("PriceAmount")
_CLASSES, _CLASS = cac("CommodityClassification"), cbc("ItemClassificationCode")
_BASE_QUANTITY, _BASE_AMOUNT = cbc("BaseQuantity"), cbc("BaseAmount")
_REFERENCE, _ATTACHMENT = cac("AdditionalDocumentReference"), cac("Attachment")
_EMBEDDED, _EXTERNAL, _URI = cbc("EmbeddedDocumentBinaryObject"), cac("ExternalReference"), cbc("URI")
_BILLING_REFERENCE, _INVOICE_REFERENCE = cac("BillingReference"), cac("InvoiceDocumentReference")

_NUMBERS = (cbc("InvoiceTypeCode"), cac("InvoiceLine"), cbc("InvoicedQuantity"))
_CREDIT_NUMBERS = (cbc("CreditNoteTypeCode"), cac("CreditNoteLine"), cbc("CreditedQuantity"))

# Lists of classes of goods, the one that says most first. Source: UNTDID 7143.
_LISTS = {"TST": 0, "STI": 1}

# Field, element, and the rule that allows the amount two decimals.
_TOTALS = (
    ("line_total", _NET, "BR-DEC-09"),
    ("allowance_total", cbc("AllowanceTotalAmount"), "BR-DEC-10"),
    ("charge_total", cbc("ChargeTotalAmount"), "BR-DEC-11"),
    ("net", cbc("TaxExclusiveAmount"), "BR-DEC-12"),
    ("gross", cbc("TaxInclusiveAmount"), "BR-DEC-14"),
    ("prepaid", cbc("PrepaidAmount"), "BR-DEC-16"),
    ("rounding", cbc("PayableRoundingAmount"), "BR-DEC-17"),
    ("payable", cbc("PayableAmount"), "BR-DEC-18"),
)


def invoice(node: Element, path: str) -> Invoice:
    """The document whose root is `node`; raises Unreadable where an amount or a date cannot be read."""
    findings: list[Finding] = []
    document = Group(node, path, findings)
    credit = path.endswith("CreditNote")
    type_code, line, quantity = _CREDIT_NUMBERS if credit else _NUMBERS
    currency = document.currency = document.text(_CURRENCY) or ""
    tax_currency = document.text(_TAX_CURRENCY)
    header, sources = _header(document, type_code)
    totals, total_sources = _totals(document)
    taxes, tax_sources = _taxes(document, tax_currency)
    means = tuple(_means(group) for group in document.groups(_MEANS))
    due_date = document.day(_DUE)
    due_path = "cbc:DueDate"
    if due_date is None and means:
        due_date, due_path = _due_date(means, document), "cac:PaymentMeans[1]/cbc:PaymentDueDate"
    if due_date is not None:
        sources["due_date"] = f"{path}/{due_path}"
    supplier = _supplier_or_buyer(document, _SUPPLIER)
    buyer = _supplier_or_buyer(document, _BUYER)
    payee = _payee(document, _PAYEE)
    sources |= total_sources
    sources |= tax_sources
    sources |= _party_sources(f"{path}/cac:AccountingSupplierParty/cac:Party", "supplier", supplier)
    sources |= _party_sources(f"{path}/cac:AccountingCustomerParty/cac:Party", "buyer", buyer)
    if payee is not None:
        sources["payee"] = f"{path}/cac:PayeeParty"
    return Invoice(
        document_type="CreditNote" if credit else "Invoice",
        currency=currency,
        tax_currency=tax_currency,
        due_date=due_date,
        supplier=supplier,
        buyer=buyer,
        payee=payee,
        payment_means=means,
        preceding_invoices=_preceding(document),
        lines=tuple(_line(group, quantity) for group in document.groups(line)),
        allowances_charges=tuple(
            _allowance_charge(group, "BR-DEC-01", "BR-DEC-05", "BR-31", "BR-36")
            for group in document.groups(_ALLOWANCE)
        ),
        attachments=tuple(_attachment(group) for group in document.groups(_REFERENCE)),
        sources=sources,
        findings=tuple(findings),
        **header,
        **totals,
        **taxes,
    )


def embedded(node: Element) -> dict[str, bytes]:
    """The files inside the document whose root is `node`, by their SHA-256; broken ones are left out."""
    found = {}
    for inside in node.iterfind(f"{_REFERENCE}/{_ATTACHMENT}/{_EMBEDDED}"):
        data = _decoded(text(inside) or "")
        if data is not None:
            found[hashlib.sha256(data).hexdigest()] = data
    return found


_SIMPLE = (
    ("customization_id", _CUSTOMIZATION, "cbc:CustomizationID"),
    ("profile_id", _PROFILE, "cbc:ProfileID"),
    ("buyer_reference", _BUYER_REFERENCE, "cbc:BuyerReference"),
)
_BELOW = (
    ("order_reference", cac("OrderReference"), "cac:OrderReference/cbc:ID"),
    ("contract_reference", cac("ContractDocumentReference"), "cac:ContractDocumentReference/cbc:ID"),
    ("project_reference", cac("ProjectReference"), "cac:ProjectReference/cbc:ID"),
)


def _header(document: Group, type_code: str) -> tuple[dict[str, object], dict[str, str]]:
    """The fields that stand for themselves, and where they were found."""
    path = document.path
    fields: dict[str, object] = {
        "number": document.text(_ID) or "",
        "issue_date": document.day(_ISSUED),
        "type_code": document.text(type_code),
        "note": document.texts(_NOTE),
        "account_code": document.text(_ACCOUNT_CODE) or "",
    }
    sources = {"currency": f"{path}/cbc:DocumentCurrencyCode"}
    if _TAX_CURRENCY in document:
        sources["tax_currency"] = f"{path}/cbc:TaxCurrencyCode"
    for field, tag in (
        ("number", _ID),
        ("issue_date", _ISSUED),
        ("type_code", type_code),
        ("note", _NOTE),
        ("account_code", _ACCOUNT_CODE),
    ):
        if tag in document:
            sources[field] = document.where(tag)
    for field, tag, place in _SIMPLE:
        fields[field] = document.text(tag)
        if fields[field] is not None:
            sources[field] = f"{path}/{place}"
    for field, tag, place in _BELOW:
        below = document.group(tag)
        fields[field] = None if below is None else below.text(_ID)
        if fields[field] is not None:
            sources[field] = f"{path}/{place}"
    terms = document.group(_TERMS)
    fields["payment_terms"] = "" if terms is None else terms.texts(_NOTE)
    if fields["payment_terms"]:
        sources["payment_terms"] = f"{path}/cac:PaymentTerms/cbc:Note"
    delivery = document.group(_DELIVERY)
    fields["delivered_on"] = None if delivery is None else delivery.day(_DELIVERED)
    if fields["delivered_on"] is not None:
        sources["delivered_on"] = f"{path}/cac:Delivery/cbc:ActualDeliveryDate"
    fields["starts_on"], fields["ends_on"] = _period(document)
    for field, name in (("starts_on", "StartDate"), ("ends_on", "EndDate")):
        if fields[field] is not None:
            sources[field] = f"{path}/cac:InvoicePeriod/cbc:{name}"
    return fields, sources


def _period(group: Group) -> tuple[date | None, date | None]:
    period = group.group(_PERIOD)
    return (None, None) if period is None else (period.day(_STARTS), period.day(_ENDS))


def _totals(document: Group) -> tuple[dict[str, Decimal | None], dict[str, str]]:
    """The document's own sums (BG-22)."""
    total = document.group(_TOTAL)
    if total is None:
        return {}, {}
    fields, sources = {}, {}
    for field, tag, rule in _TOTALS:
        fields[field] = total.amount(tag, rule)
        if fields[field] is not None:
            sources[field] = total.where(tag)
    return fields, sources


def _taxes(document: Group, tax_currency: str | None) -> tuple[dict[str, object], dict[str, str]]:
    """VAT in the document's currency with its groups, and in the currency of the tax where that is another.

    There are then two TaxTotals; the currency of their amounts tells which is which, never their order.
    """
    fields: dict[str, object] = {}
    sources: dict[str, str] = {}
    for total in document.groups(_TAX_TOTAL):
        stated = total.attribute(_TAX_AMOUNT, "currencyID") or ""
        if tax_currency and stated == tax_currency != document.currency:
            field, total.currency, rule = "vat_in_tax_currency", stated, "BR-DEC-15"
        else:
            field, rule = "vat", "BR-DEC-13"
        if field in fields:
            total.fault(
                "BR-CO-15",
                _TAX_AMOUNT,
                _("The document states its VAT twice in {currency}."),
                currency=total.currency,
            )
            continue
        fields[field] = total.amount(_TAX_AMOUNT, rule)
        if fields[field] is not None:
            sources[field] = total.where(_TAX_AMOUNT)
        if field == "vat":
            fields["vat_groups"] = tuple(_vat_group(group) for group in total.groups(_SUBTOTAL))
    return fields, sources


def _vat_group(group: Group) -> VatGroup:
    category = group.group(_TAX_CATEGORY) or _nothing(group)
    rate = category.text(_PERCENT)
    return VatGroup(
        category=category.text(_ID) or "",
        rate=category.number(_PERCENT),
        taxable=group.needed(_TAXABLE, "BR-DEC-19", "BR-45"),
        tax=group.needed(_TAX_AMOUNT, "BR-DEC-20", "BR-46"),
        rate_text=rate,
        exemption_reason=category.texts(_EXEMPTION),
        exemption_code=category.text(_EXEMPTION_CODE) or "",
        xpath=group.path,
    )


def _supplier_or_buyer(document: Group, tag: str) -> PartyIdentity:
    outer = document.group(tag)
    party = None if outer is None else outer.group(_PARTY)
    if party is None:
        return PartyIdentity()
    legal = party.group(_LEGAL) or _nothing(party)
    name = party.group(_PARTY_NAME)
    address = party.group(_ADDRESS)
    country = None if address is None else address.group(_COUNTRY)
    return PartyIdentity(
        name=legal.text(_REGISTRATION) or "",
        trading_name=None if name is None else name.text(_NAME),
        org_number=legal.text(_COMPANY),
        org_scheme=legal.attribute(_COMPANY, "schemeID"),
        vat_number=_vat_number(party),
        endpoint=party.text(_ENDPOINT),
        endpoint_scheme=party.attribute(_ENDPOINT, "schemeID"),
        country=None if country is None else country.text(_COUNTRY_CODE),
    )


def _vat_number(party: Group) -> str | None:
    """The one registered for VAT; another tax scheme has “Foretaksregisteret” or “Godkänd för F-skatt”."""
    for registration in party.groups(_PARTY_TAX):
        scheme = registration.group(_TAX_SCHEME)
        if scheme is not None and (scheme.text(_ID) or "").upper() == "VAT":
            return registration.text(_COMPANY)
    return None


def _payee(document: Group, tag: str) -> PartyIdentity | None:
    """Who is to be paid instead of the seller, as in factoring."""
    payee = document.group(tag)
    if payee is None:
        return None
    name = payee.group(_PARTY_NAME)
    legal = payee.group(_LEGAL) or _nothing(payee)
    return PartyIdentity(
        name=(None if name is None else name.text(_NAME)) or "",
        org_number=legal.text(_COMPANY),
        org_scheme=legal.attribute(_COMPANY, "schemeID"),
    )


_PARTY_PLACES = (
    ("name", "cac:PartyLegalEntity/cbc:RegistrationName"),
    ("trading_name", "cac:PartyName/cbc:Name"),
    ("org_number", "cac:PartyLegalEntity/cbc:CompanyID"),
    ("vat_number", "cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID"),
    ("endpoint", "cbc:EndpointID"),
    ("country", "cac:PostalAddress/cac:Country/cbc:IdentificationCode"),
)


@lru_cache(maxsize=32)
def _party_paths(path: str, role: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((field, f"{role}.{field}", f"{path}/{place}") for field, place in _PARTY_PLACES)


def _party_sources(path: str, role: str, party: PartyIdentity) -> dict[str, str]:
    return {name: place for field, name, place in _party_paths(path, role) if getattr(party, field)}


def _means(group: Group) -> PaymentMeans:
    account = group.group(_ACCOUNT) or _nothing(group)
    branch = account.group(_BRANCH)
    mandate = group.group(_MANDATE)
    return PaymentMeans(
        code=group.text(_MEANS_CODE),
        payment_id=group.text(_PAYMENT_ID),
        account=account.text(_ID),
        account_name=account.text(_NAME),
        branch=None if branch is None else branch.text(_ID),
        mandate=None if mandate is None else mandate.text(_ID),
        due_date=group.day(_MEANS_DUE),
        xpath=group.path,
    )


def _due_date(means: tuple[PaymentMeans, ...], document: Group) -> date | None:
    days = {one.due_date for one in means if one.due_date is not None}
    if len(days) > 1:
        document.fault(
            "due_dates_differ",
            _MEANS,
            _("The ways to pay have different due dates: {stated}."),
            stated=", ".join(sorted(day.isoformat() for day in days)),
        )
    return means[0].due_date


def _preceding(document: Group) -> tuple[str, ...]:
    references = (group.group(_INVOICE_REFERENCE) for group in document.groups(_BILLING_REFERENCE))
    numbers = (reference.text(_ID) for reference in references if reference is not None)
    return tuple(number for number in numbers if number)


def _allowance_charge(group: Group, *rules: str) -> AllowanceCharge:
    """`rules`: the decimals of an allowance and of a charge, then that either has an amount."""
    written = group.text(_IS_CHARGE)
    is_charge = written in ("true", "1")
    if not is_charge and written not in ("false", "0"):
        group.fault(
            "UBL-DT-charge-indicator",
            _IS_CHARGE,
            _("“{stated}” does not say whether this is a discount or a charge."),
            stated=(written or "")[:40],
        )
    category = group.group(_TAX_CATEGORY) or _nothing(group)
    return AllowanceCharge(
        is_charge=is_charge,
        amount=group.needed(_AMOUNT, rules[is_charge], rules[2 + is_charge]),
        reason=group.text(_REASON) or "",
        vat_category=category.text(_ID),
        vat_rate=category.number(_PERCENT),
        xpath=group.path,
    )


def _line(group: Group, quantity: str) -> InvoiceLine:
    item = group.group(_ITEM) or _nothing(group)
    category = item.group(_CLASSIFIED) or _nothing(item)
    sellers_item = item.group(_SELLERS_ITEM)
    price = group.group(_PRICE) or _nothing(group)
    price_discount = price.group(_ALLOWANCE)
    starts_on, ends_on = _period(group)
    commodity, commodity_list = _commodity(item)
    return InvoiceLine(
        number=group.text(_ID) or "",
        name=item.text(_NAME) or "",
        net=group.needed(_NET, "BR-DEC-23", "BR-24"),
        quantity=group.number(quantity),
        unit=group.attribute(quantity, "unitCode"),
        price=price.number(_PRICE_AMOUNT),
        base_quantity=price.number(_BASE_QUANTITY),
        gross_price=None if price_discount is None else price_discount.number(_BASE_AMOUNT),
        vat_category=category.text(_ID),
        vat_rate=category.number(_PERCENT),
        description=item.texts(_DESCRIPTION),
        note=group.texts(_NOTE),
        account_code=group.text(_ACCOUNT_CODE) or "",
        starts_on=starts_on,
        ends_on=ends_on,
        sellers_item=("" if sellers_item is None else sellers_item.text(_ID)) or "",
        commodity=commodity,
        commodity_list=commodity_list,
        allowances_charges=tuple(
            _allowance_charge(each, "BR-DEC-24", "BR-DEC-27", "BR-41", "BR-43")
            for each in group.groups(_ALLOWANCE)
        ),
        xpath=group.path,
    )


def _commodity(item: Group) -> tuple[str, str]:
    """The item's class of goods, and whose classes they are: of several UNSPSC, else CPV, else the first."""
    found = [
        (code, each.attribute(_CLASS, "listID") or "")
        for each in item.groups(_CLASSES)
        if (code := each.text(_CLASS))
    ]
    return min(found, key=lambda one: _LISTS.get(one[1], len(_LISTS)), default=("", ""))


def _attachment(group: Group) -> Attachment:
    inside = group.group(_ATTACHMENT) or _nothing(group)
    node = inside.one(_EMBEDDED)
    external = inside.group(_EXTERNAL)
    data = None if node is None else _decoded(text(node) or "")
    if node is not None and data is None:
        inside.fault(
            "attachment_unreadable", _EMBEDDED, _("The attached file is damaged: it is not sound base64.")
        )
    return Attachment(
        number=group.text(_ID) or "",
        description=group.text(cbc("DocumentDescription")),
        filename=inside.attribute(_EMBEDDED, "filename"),
        media_type=inside.attribute(_EMBEDDED, "mimeCode"),
        uri=None if external is None else external.text(_URI),
        sha256=None if data is None else hashlib.sha256(data).hexdigest(),
        size=None if data is None else len(data),
        xpath=group.path,
    )


def _decoded(written: str) -> bytes | None:
    try:
        return b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


class _Nothing(Group):
    """A group that is not there: nothing is found in it."""

    def __init__(self, parent: Group) -> None:
        self.path = parent.path
        self.findings = parent.findings
        self.currency = parent.currency
        self._found = {}


def _nothing(parent: Group) -> Group:
    return _Nothing(parent)
