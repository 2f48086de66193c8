"""UN/CEFACT Cross Industry Invoice, as it lies inside a Factur-X PDF.

Amounts are written as they stand in the shape. Source: CII D16B, EN 16931-3-3; Factur-X 1.0, profile
EN 16931.
"""

from datetime import date
from decimal import Decimal

from nattbok.formats.invoice.shape import Invoice, PartyIdentity
from nattbok.sandbox.writing.xml import Node, document

_CII = "urn:un:unece:uncefact:data:standard:"
NAMES = {
    "rsm": f"{_CII}CrossIndustryInvoice:100",
    "ram": f"{_CII}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_CII}UnqualifiedDataType:100",
}
GUIDELINE = "urn:cen.eu:en16931:2017"
FILE = "factur-x.xml"


def write(invoice: Invoice, *, iban: str = "") -> bytes:
    """The document in UTF-8; `iban` is where it asks to be paid."""
    return document(
        "rsm:CrossIndustryInvoice",
        [
            (
                "rsm:ExchangedDocumentContext",
                [("ram:GuidelineSpecifiedDocumentContextParameter", [("ram:ID", GUIDELINE)])],
            ),
            (
                "rsm:ExchangedDocument",
                [
                    ("ram:ID", invoice.number),
                    ("ram:TypeCode", invoice.type_code),
                    ("ram:IssueDateTime", [_day("udt:DateTimeString", invoice.issue_date)]),
                ],
            ),
            (
                "rsm:SupplyChainTradeTransaction",
                [
                    *(_line(one) for one in invoice.lines),
                    (
                        "ram:ApplicableHeaderTradeAgreement",
                        [
                            ("ram:SellerTradeParty", _party(invoice.supplier)),
                            ("ram:BuyerTradeParty", _party(invoice.buyer)),
                        ],
                    ),
                    ("ram:ApplicableHeaderTradeDelivery", []),
                    ("ram:ApplicableHeaderTradeSettlement", _settlement(invoice, iban)),
                ],
            ),
        ],
        NAMES,
    )


def _line(line) -> Node:
    return (
        "ram:IncludedSupplyChainTradeLineItem",
        [
            ("ram:AssociatedDocumentLineDocument", [("ram:LineID", line.number)]),
            ("ram:SpecifiedTradeProduct", [("ram:Name", line.name)]),
            (
                "ram:SpecifiedLineTradeAgreement",
                [("ram:NetPriceProductTradePrice", [("ram:ChargeAmount", _money(line.price or line.net))])],
            ),
            (
                "ram:SpecifiedLineTradeDelivery",
                [("ram:BilledQuantity", f"{line.quantity or 1:f}", {"unitCode": line.unit or "C62"})],
            ),
            (
                "ram:SpecifiedLineTradeSettlement",
                [
                    (
                        "ram:ApplicableTradeTax",
                        [
                            ("ram:TypeCode", "VAT"),
                            ("ram:CategoryCode", line.vat_category or "S"),
                            ("ram:RateApplicablePercent", f"{line.vat_rate or 0:f}"),
                        ],
                    ),
                    (
                        "ram:SpecifiedTradeSettlementLineMonetarySummation",
                        [("ram:LineTotalAmount", _money(line.net))],
                    ),
                ],
            ),
        ],
    )


def _party(party: PartyIdentity) -> list[Node]:
    return [
        ("ram:Name", party.name),
        (
            "ram:SpecifiedLegalOrganization",
            [("ram:ID", party.org_number or "", {"schemeID": party.org_scheme or ""})],
        ),
        ("ram:PostalTradeAddress", [("ram:CountryID", party.country or "")]),
        ("ram:SpecifiedTaxRegistration", [("ram:ID", party.vat_number or "", {"schemeID": "VA"})]),
    ]


def _settlement(invoice: Invoice, iban: str) -> list[Node]:
    currency = {"currencyID": invoice.currency}
    reference = next((one.payment_id for one in invoice.payment_means if one.payment_id), "")
    return [
        ("ram:PaymentReference", reference or None),
        ("ram:InvoiceCurrencyCode", invoice.currency),
        (
            "ram:SpecifiedTradeSettlementPaymentMeans",
            [
                ("ram:TypeCode", "30"),
                ("ram:PayeePartyCreditorFinancialAccount", [("ram:IBANID", iban or None)]),
            ],
        ),
        *(
            (
                "ram:ApplicableTradeTax",
                [
                    ("ram:CalculatedAmount", _money(group.tax)),
                    ("ram:TypeCode", "VAT"),
                    ("ram:BasisAmount", _money(group.taxable)),
                    ("ram:CategoryCode", group.category),
                    ("ram:RateApplicablePercent", f"{group.rate or 0:f}"),
                ],
            )
            for group in invoice.vat_groups
        ),
        (
            "ram:SpecifiedTradePaymentTerms",
            [("ram:DueDateDateTime", [_day("udt:DateTimeString", invoice.due_date)])],
        ),
        (
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            [
                ("ram:LineTotalAmount", _money(invoice.line_total or invoice.net)),
                ("ram:TaxBasisTotalAmount", _money(invoice.net)),
                ("ram:TaxTotalAmount", _money(invoice.vat), currency),
                ("ram:GrandTotalAmount", _money(invoice.gross)),
                ("ram:DuePayableAmount", _money(invoice.payable)),
            ],
        ),
    ]


def _day(name: str, on: date | None) -> Node:
    return None if on is None else (name, f"{on:%Y%m%d}", {"format": "102"})


def _money(amount: Decimal | None) -> str:
    return f"{amount or Decimal(0):.2f}"
