"""Writes small UBL invoices for tests: parties, lines and a way to pay; the sums follow from the lines."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from xml.sax.saxutils import escape

BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
ENVELOPE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
ORE = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    name: str
    quantity: str
    price: str
    rate: str = "25"
    category: str = "S"

    @property
    def net(self) -> Decimal:
        return whole_ore(Decimal(self.quantity) * Decimal(self.price))


@dataclass(frozen=True)
class Company:
    name: str
    number: str
    country: str = "NO"

    @property
    def vat(self) -> str:
        return f"NO{self.number}MVA" if self.country == "NO" else f"SE{self.number}01"

    @property
    def scheme(self) -> str:
        return "0192" if self.country == "NO" else "0007"


FJORD = Company("Fjord Prøve AS", "310420115")
BAKKE = Company("Bakke & Sønn Prøve AS", "310410012")
SKOG = Company("Skog Prov AB", "5590120019", "SE")
HAV = Company("Hav Prov AB", "5590110010", "SE")
LINES = (Line("Snekkerarbeid", "7.5", "895"), Line("Lunsj", "3", "119.90", "15"))


def whole_ore(amount: Decimal) -> Decimal:
    return amount.quantize(ORE, rounding=ROUND_HALF_UP)


def groups_of(lines) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """(category, rate) → base and VAT."""
    bases = defaultdict(Decimal)
    for line in lines:
        bases[line.category, line.rate] += line.net
    return {key: (base, whole_ore(base * Decimal(key[1]) / 100)) for key, base in bases.items()}


def written(
    lines=LINES,
    *,
    number="F-1001",
    credit=False,
    seller=FJORD,
    buyer=BAKKE,
    currency="NOK",
    reference="04100100454",
    account="15031200455",
    branch="",
    preceding="",
    rounding="",
    prepaid="",
    tax_currency="",
    vat_in_tax_currency="",
    customization=BILLING,
    extra="",
) -> str:
    """The document as text. `extra` goes in before the parties."""
    kind = "CreditNote" if credit else "Invoice"
    groups = groups_of(lines)
    net = sum((line.net for line in lines), Decimal("0.00"))
    vat = sum((tax for _base, tax in groups.values()), Decimal("0.00"))
    payable = net + vat - Decimal(prepaid or 0) + Decimal(rounding or 0)
    other_vat = (
        f'<cac:TaxTotal><cbc:TaxAmount currencyID="{tax_currency}">{vat_in_tax_currency}</cbc:TaxAmount>'
        "</cac:TaxTotal>"
        if tax_currency
        else ""
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{kind} xmlns="{UBL}{kind}-2"
  xmlns:cac="{UBL}CommonAggregateComponents-2" xmlns:cbc="{UBL}CommonBasicComponents-2">
<cbc:CustomizationID>{customization}</cbc:CustomizationID>
<cbc:ProfileID>{PROFILE}</cbc:ProfileID>
<cbc:ID>{escape(number)}</cbc:ID>
<cbc:IssueDate>2026-03-02</cbc:IssueDate>
{"" if credit else "<cbc:DueDate>2026-03-16</cbc:DueDate>"}
<cbc:{kind}TypeCode>{"381" if credit else "380"}</cbc:{kind}TypeCode>
<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
{f"<cbc:TaxCurrencyCode>{tax_currency}</cbc:TaxCurrencyCode>" if tax_currency else ""}
<cbc:BuyerReference>Avd 7</cbc:BuyerReference>
{_preceding(preceding)}{extra}
{_party("AccountingSupplierParty", seller)}
{_party("AccountingCustomerParty", buyer)}
<cac:PaymentMeans>
<cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
{"<cbc:PaymentDueDate>2026-03-30</cbc:PaymentDueDate>" if credit else ""}
<cbc:PaymentID>{escape(reference)}</cbc:PaymentID>
<cac:PayeeFinancialAccount><cbc:ID>{account}</cbc:ID>{_branch(branch)}</cac:PayeeFinancialAccount>
</cac:PaymentMeans>
<cac:TaxTotal>
<cbc:TaxAmount currencyID="{currency}">{vat}</cbc:TaxAmount>
{"".join(_group(key, base, tax, currency) for key, (base, tax) in groups.items())}
</cac:TaxTotal>{other_vat}
<cac:LegalMonetaryTotal>
<cbc:LineExtensionAmount currencyID="{currency}">{net}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="{currency}">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="{currency}">{net + vat}</cbc:TaxInclusiveAmount>
{f'<cbc:PrepaidAmount currencyID="{currency}">{prepaid}</cbc:PrepaidAmount>' if prepaid else ""}
{_rounding(rounding, currency)}
<cbc:PayableAmount currencyID="{currency}">{payable}</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
{"".join(_line(kind, place, line, currency) for place, line in enumerate(lines, 1))}
</{kind}>
"""


def enveloped(*documents: str, kind="Invoice", standard=f"{UBL}Invoice-2") -> bytes:
    """Documents in the envelope of the network, which says it holds a `kind`."""
    inside = "\n".join(document.partition("?>")[2] for document in documents)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<StandardBusinessDocument xmlns="{ENVELOPE}"><StandardBusinessDocumentHeader>
<HeaderVersion>1.0</HeaderVersion><DocumentIdentification><Standard>{standard}</Standard>
<TypeVersion>2.1</TypeVersion><InstanceIdentifier>1</InstanceIdentifier><Type>{kind}</Type>
<CreationDateAndTime>2026-03-02T08:00:00Z</CreationDateAndTime></DocumentIdentification>
</StandardBusinessDocumentHeader>{inside}</StandardBusinessDocument>""".encode()


def _preceding(number: str) -> str:
    if not number:
        return ""
    inside = f"<cac:InvoiceDocumentReference><cbc:ID>{escape(number)}</cbc:ID></cac:InvoiceDocumentReference>"
    return f"<cac:BillingReference>{inside}</cac:BillingReference>"


def _rounding(rounding: str, currency: str) -> str:
    if not rounding:
        return ""
    return f'<cbc:PayableRoundingAmount currencyID="{currency}">{rounding}</cbc:PayableRoundingAmount>'


def _branch(branch: str) -> str:
    if not branch:
        return ""
    return f"<cac:FinancialInstitutionBranch><cbc:ID>{branch}</cbc:ID></cac:FinancialInstitutionBranch>"


def _category(tag: str, category: str, rate: str) -> str:
    reason = "<cbc:TaxExemptionReason>Unntatt</cbc:TaxExemptionReason>" if category in ("E", "AE") else ""
    reason = reason if tag == "TaxCategory" else ""
    return (
        f"<cac:{tag}><cbc:ID>{category}</cbc:ID><cbc:Percent>{rate}</cbc:Percent>{reason}"
        f"<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:{tag}>"
    )


def _group(key: tuple[str, str], base: Decimal, tax: Decimal, currency: str) -> str:
    return (
        f'<cac:TaxSubtotal><cbc:TaxableAmount currencyID="{currency}">{base}</cbc:TaxableAmount>'
        f'<cbc:TaxAmount currencyID="{currency}">{tax}</cbc:TaxAmount>{_category("TaxCategory", *key)}'
        "</cac:TaxSubtotal>\n"
    )


def _party(role: str, company: Company) -> str:
    return f"""<cac:{role}><cac:Party>
<cbc:EndpointID schemeID="{company.scheme}">{company.number}</cbc:EndpointID>
<cac:PostalAddress><cac:Country>
<cbc:IdentificationCode>{company.country}</cbc:IdentificationCode>
</cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>{company.vat}</cbc:CompanyID>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>{escape(company.name)}</cbc:RegistrationName>
<cbc:CompanyID schemeID="{company.scheme}">{company.number}</cbc:CompanyID></cac:PartyLegalEntity>
</cac:Party></cac:{role}>"""


def _line(kind: str, place: int, line: Line, currency: str) -> str:
    quantity = "InvoicedQuantity" if kind == "Invoice" else "CreditedQuantity"
    return f"""<cac:{kind}Line>
<cbc:ID>{place}</cbc:ID>
<cbc:{quantity} unitCode="EA">{line.quantity}</cbc:{quantity}>
<cbc:LineExtensionAmount currencyID="{currency}">{line.net}</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>{escape(line.name)}</cbc:Name>
{_category("ClassifiedTaxCategory", line.category, line.rate)}</cac:Item>
<cac:Price><cbc:PriceAmount currencyID="{currency}">{line.price}</cbc:PriceAmount></cac:Price>
</cac:{kind}Line>
"""
