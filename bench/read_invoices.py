"""How many e-invoices are read per second on one core, beside a bare lxml pass that takes the same fields;
and what it costs to hold each to its schema and to the whole rule sets.

The bare pass parses and takes text and Decimals into tuples: no checks, no paths, no refusals. It is what
the reading could at best cost. The invoices are made here; nothing is read from disk.

    python bench/read_invoices.py [--count 400] [--rounds 5] [--json]
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

from lxml import etree

from nattbok.formats.invoice import peppol_bis3
from nattbok.formats.invoice.peppol_bis3.envelope import BILLING
from nattbok.formats.invoice.peppol_bis3.group import cac, cbc
from nattbok.formats.invoice.peppol_bis3.names import CAC, CBC, INVOICE

WANTED_PER_SECOND = 1_000
WANTED_RATIO = 0.5
MOST_MILLISECONDS = 15  # of one normal invoice, read and held to all rules
MOST_MEGABYTES = 300  # of the process
CHECKED = 100  # invoices of each round: checking takes ten times as long as reading

_PARTY = """<cac:{role}><cac:Party>
      <cbc:EndpointID schemeID="0192">{org}</cbc:EndpointID>
      <cac:PartyName><cbc:Name>{name}</cbc:Name></cac:PartyName>
      <cac:PostalAddress>
        <cbc:StreetName>Storgata 1</cbc:StreetName><cbc:CityName>Bergen</cbc:CityName>
        <cbc:PostalZone>5003</cbc:PostalZone>
        <cac:Country><cbc:IdentificationCode>NO</cbc:IdentificationCode></cac:Country>
      </cac:PostalAddress>
      <cac:PartyTaxScheme><cbc:CompanyID>NO{org}MVA</cbc:CompanyID>
        <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
      <cac:PartyTaxScheme><cbc:CompanyID>Foretaksregisteret</cbc:CompanyID>
        <cac:TaxScheme><cbc:ID>TAX</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
      <cac:PartyLegalEntity><cbc:RegistrationName>{name}</cbc:RegistrationName>
        <cbc:CompanyID schemeID="0192">{org}</cbc:CompanyID></cac:PartyLegalEntity>
    </cac:Party></cac:{role}>"""

_CATEGORY = """<cac:{tag}>
          <cbc:ID>S</cbc:ID>
          <cbc:Percent>{rate}</cbc:Percent>
          <cac:TaxScheme>
            <cbc:ID>VAT</cbc:ID>
          </cac:TaxScheme>
        </cac:{tag}>"""


def an_invoice(number: int, lines: int = 8) -> bytes:
    """A sound Norwegian invoice of about 9 kB with two rates, its own number and its own amounts."""
    taxable = {25: Decimal(0), 15: Decimal(0)}
    made = []
    for line in range(1, lines + 1):
        rate = 15 if line % 4 == 0 else 25
        price, quantity = Decimal(100 + (number * 7 + line * 13) % 900), 1 + line % 5
        taxable[rate] += price * quantity
        made.append(
            f"""
    <cac:InvoiceLine>
      <cbc:ID>{line}</cbc:ID>
      <cbc:InvoicedQuantity unitCode="EA">{quantity}</cbc:InvoicedQuantity>
      <cbc:LineExtensionAmount currencyID="NOK">{price * quantity}.00</cbc:LineExtensionAmount>
      <cac:Item>
        <cbc:Name>Vare nummer {line} til hverdags</cbc:Name>
        <cac:SellersItemIdentification><cbc:ID>V-{line:04}</cbc:ID></cac:SellersItemIdentification>
        {_CATEGORY.format(tag="ClassifiedTaxCategory", rate=rate)}
      </cac:Item>
      <cac:Price>
        <cbc:PriceAmount currencyID="NOK">{price}</cbc:PriceAmount>
      </cac:Price>
    </cac:InvoiceLine>"""
        )
    taxes = {rate: (base * rate / 100).quantize(Decimal("0.01")) for rate, base in taxable.items()}
    groups = "".join(
        f"""
      <cac:TaxSubtotal>
        <cbc:TaxableAmount currencyID="NOK">{base}.00</cbc:TaxableAmount>
        <cbc:TaxAmount currencyID="NOK">{taxes[rate]}</cbc:TaxAmount>
        {_CATEGORY.format(tag="TaxCategory", rate=rate)}
      </cac:TaxSubtotal>"""
        for rate, base in taxable.items()
    )
    net, vat = sum(taxable.values()), sum(taxes.values())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="{INVOICE}" xmlns:cac="{CAC[1:-1]}" xmlns:cbc="{CBC[1:-1]}">
    <cbc:CustomizationID>{BILLING}</cbc:CustomizationID>
    <cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
    <cbc:ID>F-{number:06}</cbc:ID>
    <cbc:IssueDate>2026-03-02</cbc:IssueDate>
    <cbc:DueDate>2026-03-16</cbc:DueDate>
    <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
    <cbc:DocumentCurrencyCode>NOK</cbc:DocumentCurrencyCode>
    <cbc:BuyerReference>Avdeling 10</cbc:BuyerReference>
    <cac:OrderReference><cbc:ID>B-{number}</cbc:ID></cac:OrderReference>
    {_PARTY.format(role="AccountingSupplierParty", org="310420115", name="Prøve Engros AS")}
    {_PARTY.format(role="AccountingCustomerParty", org="310410012", name="Prøve Kunde AS")}
    <cac:PaymentMeans>
      <cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
      <cbc:PaymentID>04100100454</cbc:PaymentID>
      <cac:PayeeFinancialAccount><cbc:ID>15031200455</cbc:ID></cac:PayeeFinancialAccount>
    </cac:PaymentMeans>
    <cac:TaxTotal>
      <cbc:TaxAmount currencyID="NOK">{vat}</cbc:TaxAmount>{groups}
    </cac:TaxTotal>
    <cac:LegalMonetaryTotal>
      <cbc:LineExtensionAmount currencyID="NOK">{net}.00</cbc:LineExtensionAmount>
      <cbc:TaxExclusiveAmount currencyID="NOK">{net}.00</cbc:TaxExclusiveAmount>
      <cbc:TaxInclusiveAmount currencyID="NOK">{net + vat}</cbc:TaxInclusiveAmount>
      <cbc:PayableAmount currencyID="NOK">{net + vat}</cbc:PayableAmount>
    </cac:LegalMonetaryTotal>{"".join(made)}
</Invoice>
""".encode()


def _path(*steps: str) -> str:
    return "/".join(cbc(step[1:]) if step[0] == "." else cac(step) for step in steps)


_HEAD = tuple(
    _path(*steps)
    for steps in (
        (".CustomizationID",),
        (".ProfileID",),
        (".ID",),
        (".InvoiceTypeCode",),
        (".IssueDate",),
        (".DueDate",),
        (".DocumentCurrencyCode",),
        (".BuyerReference",),
        ("OrderReference", ".ID"),
    )
)
_OF_PARTY = tuple(
    _path("Party", *steps)
    for steps in (
        (".EndpointID",),
        ("PartyName", ".Name"),
        ("PartyLegalEntity", ".RegistrationName"),
        ("PartyLegalEntity", ".CompanyID"),
        ("PostalAddress", "Country", ".IdentificationCode"),
    )
)
_PARTIES = (cac("AccountingSupplierParty"), cac("AccountingCustomerParty"))
_REGISTRATIONS, _SCHEME = _path("Party", "PartyTaxScheme"), _path("TaxScheme", ".ID")
_TOTALS = tuple(
    cbc(name) for name in ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount")
)
_LINE_TEXTS = tuple(
    _path(*steps)
    for steps in (
        (".ID",),
        ("Item", ".Name"),
        ("Item", "SellersItemIdentification", ".ID"),
        ("Item", "ClassifiedTaxCategory", ".ID"),
    )
)
_LINE_NUMBERS = tuple(
    _path(*steps)
    for steps in (
        (".InvoicedQuantity",),
        (".LineExtensionAmount",),
        ("Item", "ClassifiedTaxCategory", ".Percent"),
        ("Price", ".PriceAmount"),
    )
)
_MEANS = tuple(
    _path(*steps) for steps in ((".PaymentMeansCode",), (".PaymentID",), ("PayeeFinancialAccount", ".ID"))
)
_SUBTOTALS = _path("TaxTotal", "TaxSubtotal")
_GROUP = (
    _path("TaxCategory", ".ID"),
    _path("TaxCategory", ".Percent"),
    cbc("TaxableAmount"),
    cbc("TaxAmount"),
)


def bare(data: bytes) -> tuple:
    """The same fields by plain lxml."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    head = tuple(root.findtext(path) for path in _HEAD)
    parties = []
    for role in _PARTIES:
        party = root.find(role)
        vat = [
            registration.findtext(cbc("CompanyID"))
            for registration in party.iterfind(_REGISTRATIONS)
            if registration.findtext(_SCHEME) == "VAT"
        ]
        parties.append((*(party.findtext(path) for path in _OF_PARTY), vat))
    total = root.find(cac("LegalMonetaryTotal"))
    totals = tuple(Decimal(total.findtext(tag)) for tag in _TOTALS)
    vat = Decimal(root.findtext(_path("TaxTotal", ".TaxAmount")))
    groups = [
        (group.findtext(_GROUP[0]), *(Decimal(group.findtext(tag)) for tag in _GROUP[1:]))
        for group in root.iterfind(_SUBTOTALS)
    ]
    means = [tuple(node.findtext(path) for path in _MEANS) for node in root.iterfind(cac("PaymentMeans"))]
    lines = [
        (
            *(node.findtext(path) for path in _LINE_TEXTS),
            *(Decimal(node.findtext(path)) for path in _LINE_NUMBERS),
        )
        for node in root.iterfind(cac("InvoiceLine"))
    ]
    return head, parties, totals, vat, groups, means, lines


def seconds(work: Callable[[bytes], object], files: Sequence[bytes], rounds: int) -> float:
    """CPU seconds for one pass over `files`, the best of `rounds`."""
    best = float("inf")
    for _round in range(rounds):
        began = time.process_time()
        for data in files:
            work(data)
        best = min(best, time.process_time() - began)
    return best


def measured(count: int, rounds: int) -> dict[str, float | int | bool]:
    """Both passes over `count` invoices of this bench's making."""
    files = [an_invoice(number) for number in range(count)]
    for data in files[:50]:
        invoice = peppol_bis3.read(data)
        assert not invoice.findings, invoice.findings
        assert bare(data)[2][-1] == invoice.payable
    read, plain = seconds(peppol_bis3.read, files, rounds), seconds(bare, files, rounds)
    some = files[:CHECKED]
    assert not peppol_bis3.check(some[0], peppol_bis3.read(some[0])).findings
    whole = seconds(lambda data: peppol_bis3.check(data, peppol_bis3.read(data)), some, rounds)
    milliseconds = round(whole / len(some) * 1000, 1)
    megabytes = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {
        "invoices": count,
        "bytes_mean": sum(map(len, files)) // count,
        "read_per_second": round(count / read),
        "bare_per_second": round(count / plain),
        "ratio": round(plain / read, 3),
        "whole_milliseconds": milliseconds,
        "megabytes": megabytes,
        "is_fast_enough": count / read >= WANTED_PER_SECOND and plain / read >= WANTED_RATIO,
        "is_light_enough": milliseconds <= MOST_MILLISECONDS and megabytes <= MOST_MEGABYTES,
    }


def main() -> int:
    """Print the figures; ends with 1 when they are below what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measured(arguments.count, arguments.rounds)
    if arguments.json:
        print(json.dumps(found))
    else:
        print(f"{found['invoices']} invoices of {found['bytes_mean']} bytes, one core")
        print(f"read, sums proven {found['read_per_second']:>6} a second  (wanted {WANTED_PER_SECOND})")
        print(f"bare lxml pass    {found['bare_per_second']:>6} a second")
        print(f"ratio             {found['ratio']:>6}           (wanted {WANTED_RATIO})")
        print(f"with all rules    {found['whole_milliseconds']:>6} ms each    (at most {MOST_MILLISECONDS})")
        print(f"memory            {found['megabytes']:>6} MB         (at most {MOST_MEGABYTES})")
    return 0 if found["is_fast_enough"] and found["is_light_enough"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
