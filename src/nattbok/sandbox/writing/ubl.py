"""UBL 2.1 invoices and credit notes as Peppol BIS Billing 3.0 (EHF 3) wants them, from the shape they are
read into.

Amounts are written as they stand in the shape and never recomputed, so that a document that does not add up
can be written too. Attachments and allowances are not written. Source: Peppol BIS Billing 3.0.21.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.formats.invoice.shape import Invoice, InvoiceLine, PartyIdentity, PaymentMeans, VatGroup
from nattbok.sandbox.writing.xml import Node, document

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_SHARED = {"cac": f"{_UBL}CommonAggregateComponents-2", "cbc": f"{_UBL}CommonBasicComponents-2"}
# What a registered seller says of itself in a second tax scheme (NO-R-002, SE-R-005).
_REGISTERED = {"NO": "Foretaksregisteret", "SE": "Godkänd för F-skatt"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a party is; its country is the party's own."""

    street: str = ""
    city: str = ""
    post_code: str = ""


def write(invoice: Invoice, *, supplier: Address = Address(), buyer: Address = Address()) -> bytes:
    """The document in UTF-8."""
    kind = invoice.document_type
    is_credit_note = invoice.is_credit_note
    return document(
        kind,
        [
            ("cbc:CustomizationID", invoice.customization_id),
            ("cbc:ProfileID", invoice.profile_id),
            ("cbc:ID", invoice.number or None),
            _day("cbc:IssueDate", invoice.issue_date),
            None if is_credit_note else _day("cbc:DueDate", invoice.due_date),
            (f"cbc:{kind}TypeCode", invoice.type_code),
            ("cbc:Note", invoice.note or None),
            ("cbc:DocumentCurrencyCode", invoice.currency),
            ("cbc:AccountingCost", invoice.account_code or None),
            ("cbc:BuyerReference", invoice.buyer_reference),
            _period(invoice.starts_on, invoice.ends_on),
            ("cac:OrderReference", [("cbc:ID", invoice.order_reference)])
            if invoice.order_reference
            else None,
            *(
                ("cac:BillingReference", [("cac:InvoiceDocumentReference", [("cbc:ID", number)])])
                for number in invoice.preceding_invoices
            ),
            ("cac:AccountingSupplierParty", [_party(invoice.supplier, supplier, is_seller=True)]),
            ("cac:AccountingCustomerParty", [_party(invoice.buyer, buyer, is_seller=False)]),
            ("cac:Delivery", [_day("cbc:ActualDeliveryDate", invoice.delivered_on)]),
            *(_means(one, is_credit_note) for one in invoice.payment_means),
            ("cac:PaymentTerms", [("cbc:Note", invoice.payment_terms)]) if invoice.payment_terms else None,
            _tax(invoice),
            _totals(invoice),
            *(_line(line, invoice) for line in invoice.lines),
        ],
        {None: f"{_UBL}{kind}-2", **_SHARED},
    )


def _party(party: PartyIdentity, address: Address, *, is_seller: bool) -> Node:
    registered = _REGISTERED.get(party.country or "") if is_seller and party.vat_number else None
    return (
        "cac:Party",
        [
            _coded("cbc:EndpointID", party.endpoint, "schemeID", party.endpoint_scheme),
            ("cac:PartyName", [("cbc:Name", party.trading_name)]) if party.trading_name else None,
            (
                "cac:PostalAddress",
                [
                    ("cbc:StreetName", address.street or None),
                    ("cbc:CityName", address.city or None),
                    ("cbc:PostalZone", address.post_code or None),
                    ("cac:Country", [("cbc:IdentificationCode", party.country)]) if party.country else None,
                ],
            ),
            _registration(party.vat_number, "VAT"),
            _registration(registered, "TAX"),
            (
                "cac:PartyLegalEntity",
                [
                    ("cbc:RegistrationName", party.name or None),
                    _coded("cbc:CompanyID", party.org_number, "schemeID", party.org_scheme),
                ],
            ),
        ],
    )


def _registration(number: str | None, scheme: str) -> Node:
    if number is None:
        return None
    return ("cac:PartyTaxScheme", [("cbc:CompanyID", number), ("cac:TaxScheme", [("cbc:ID", scheme)])])


def _means(one: PaymentMeans, is_credit_note: bool) -> Node:
    branch: Node = ("cac:FinancialInstitutionBranch", [("cbc:ID", one.branch)]) if one.branch else None
    account: list[Node] = [("cbc:ID", one.account), ("cbc:Name", one.account_name), branch]
    return (
        "cac:PaymentMeans",
        [
            ("cbc:PaymentMeansCode", one.code),
            _day("cbc:PaymentDueDate", one.due_date) if is_credit_note else None,
            ("cbc:PaymentID", one.payment_id),
            ("cac:PayeeFinancialAccount", account) if one.account else None,
        ],
    )


def _tax(invoice: Invoice) -> Node:
    return (
        "cac:TaxTotal",
        [
            _money("cbc:TaxAmount", invoice.vat, invoice.currency),
            *(_group(one, invoice.currency) for one in invoice.vat_groups),
        ],
    )


def _group(one: VatGroup, currency: str) -> Node:
    return (
        "cac:TaxSubtotal",
        [
            _money("cbc:TaxableAmount", one.taxable, currency),
            _money("cbc:TaxAmount", one.tax, currency),
            _category("cac:TaxCategory", one.category, one.rate, one.exemption_reason),
        ],
    )


def _category(name: str, code: str | None, rate: Decimal | None, reason: str = "") -> Node:
    return (
        name,
        [
            ("cbc:ID", code),
            None if rate is None else ("cbc:Percent", str(rate)),
            ("cbc:TaxExemptionReason", reason or None),
            ("cac:TaxScheme", [("cbc:ID", "VAT")]),
        ],
    )


def _totals(invoice: Invoice) -> Node:
    return (
        "cac:LegalMonetaryTotal",
        [
            _money(f"cbc:{name}Amount", amount, invoice.currency)
            for name, amount in (
                ("LineExtension", invoice.line_total),
                ("TaxExclusive", invoice.net),
                ("TaxInclusive", invoice.gross),
                ("AllowanceTotal", invoice.allowance_total),
                ("ChargeTotal", invoice.charge_total),
                ("Prepaid", invoice.prepaid),
                ("PayableRounding", invoice.rounding),
                ("Payable", invoice.payable),
            )
        ],
    )


def _line(line: InvoiceLine, invoice: Invoice) -> Node:
    kind, quantity = (
        ("CreditNoteLine", "CreditedQuantity")
        if invoice.is_credit_note
        else ("InvoiceLine", "InvoicedQuantity")
    )
    price: Node = None
    if line.price is not None:
        base = None if line.base_quantity is None else ("cbc:BaseQuantity", str(line.base_quantity))
        price = ("cac:Price", [("cbc:PriceAmount", str(line.price), {"currencyID": invoice.currency}), base])
    return (
        f"cac:{kind}",
        [
            ("cbc:ID", line.number),
            ("cbc:Note", line.note or None),
            _coded(f"cbc:{quantity}", _plain(line.quantity), "unitCode", line.unit),
            _money("cbc:LineExtensionAmount", line.net, invoice.currency),
            ("cbc:AccountingCost", line.account_code or None),
            _period(line.starts_on, line.ends_on),
            (
                "cac:Item",
                [
                    ("cbc:Description", line.description or None),
                    ("cbc:Name", line.name or None),
                    ("cac:SellersItemIdentification", [("cbc:ID", line.sellers_item)])
                    if line.sellers_item
                    else None,
                    (
                        "cac:CommodityClassification",
                        [_coded("cbc:ItemClassificationCode", line.commodity, "listID", line.commodity_list)],
                    )
                    if line.commodity
                    else None,
                    _category("cac:ClassifiedTaxCategory", line.vat_category, line.vat_rate),
                ],
            ),
            price,
        ],
    )


def _period(starts_on: date | None, ends_on: date | None) -> Node:
    return ("cac:InvoicePeriod", [_day("cbc:StartDate", starts_on), _day("cbc:EndDate", ends_on)])


def _coded(name: str, content: str | None, attribute: str, code: str | None) -> Node:
    if content is None:
        return None
    return (name, content, {attribute: code} if code else {})


def _money(name: str, amount: Decimal | None, currency: str) -> Node:
    return None if amount is None else (name, f"{amount:.2f}", {"currencyID": currency})


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _day(name: str, on: date | None) -> Node:
    return None if on is None else (name, on.isoformat())
