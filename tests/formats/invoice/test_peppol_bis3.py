"""What an e-invoice is read as, what it proves about itself, and what hostile files come to."""

import json
import re
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nattbok.base.errors import Unreadable
from nattbok.formats import known, xml
from nattbok.formats.finding import Severity
from nattbok.formats.invoice import peppol_bis3
from nattbok.formats.invoice.totals import expected
from tests.formats.invoice.written_invoices import BILLING, LINES, UBL, Line, enveloped, written

SAMPLES = Path(__file__).parent / "samples"
SHARED = Path(__file__).parents[4] / "shared/data/einvoice"


def shared(folder: str) -> list[dict]:
    manifest = SHARED / folder / "manifest.json"
    if not manifest.exists():
        return []
    found = json.loads(manifest.read_text())
    return next(value for value in found.values() if isinstance(value, list))


def named(entry: dict) -> str:
    return Path(entry["file"]).stem


def codes(document: str | bytes) -> list[str]:
    data = document.encode() if isinstance(document, str) else document
    return [finding.code for finding in peppol_bis3.read(data).findings]


def changed(old: str, new: str, count: int = 1, **written_as) -> str:
    document = written(**written_as)
    assert old in document
    return document.replace(old, new, count)


# What is read


@pytest.mark.parametrize("folder", sorted(SAMPLES.iterdir()), ids=lambda folder: folder.name)
def test_samples_read_as_they_say(folder):
    invoice = peppol_bis3.read((folder / "invoice.xml").read_bytes())
    assert expected(invoice) == json.loads((folder / "expected.json").read_text())
    assert invoice.findings == ()


@pytest.mark.skipif(not SHARED.exists(), reason="the shared e-invoices are not on this machine")
def test_the_shared_e_invoices_are_all_there():
    assert len(shared("dev")) == 45
    assert len(shared("invalid")) == 22


@pytest.mark.parametrize("entry", shared("dev"), ids=named)
def test_sound_e_invoices_read_field_by_field(entry):
    data = (SHARED / entry["file"]).read_bytes()
    invoice = peppol_bis3.read(data)
    assert peppol_bis3.looks_like(data[:4096])
    assert expected(invoice) == entry["expected"]
    assert [one for one in invoice.findings if one.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("entry", shared("invalid"), ids=named)
def test_faulty_e_invoices_are_found_out(entry):
    read = known.read_any((SHARED / entry["file"]).read_bytes())
    rule = entry["rule_id"]
    assert rule in {finding.code for finding in read.findings}
    assert read.outcome is not known.Outcome.ACCEPT


@pytest.mark.parametrize("folder", sorted(SAMPLES.iterdir()), ids=lambda folder: folder.name)
def test_every_field_says_where_it_came_from(folder):
    """The paths can be evaluated, and lead to one element with the field's own text."""
    data = (folder / "invoice.xml").read_bytes()
    invoice, root = peppol_bis3.read(data), xml.parse(data)
    for field, path in invoice.sources.items():
        owner, _dot, name = field.rpartition(".")
        value = getattr(getattr(invoice, owner) if owner else invoice, name)
        [element] = root.xpath(path, namespaces=peppol_bis3.NAMESPACES)
        assert element.text == (f"{value:f}" if isinstance(value, Decimal) else str(value))
    for part in (*invoice.lines, *invoice.vat_groups, *invoice.payment_means):
        assert len(root.xpath(part.xpath, namespaces=peppol_bis3.NAMESPACES)) == 1
    stated = {field.name for field in fields(invoice)} & {"number", "payable", "net", "vat", "gross"}
    assert stated <= invoice.sources.keys()


def test_a_credit_note_takes_money_back():
    invoice = peppol_bis3.read((SAMPLES / "no_credit_note/invoice.xml").read_bytes())
    assert invoice.payable_signed == Decimal("-1118.75")


def test_values_may_be_padded_and_broken_by_comments():
    document = written().replace("<cbc:ID>F-1001<", "<cbc:ID>\n  F-<!-- x -->1001\n<")
    document = document.replace(">8804.29<", ">\n 8804.29 \n<")
    invoice = peppol_bis3.read(document.encode())
    assert (invoice.number, invoice.payable) == ("F-1001", Decimal("8804.29"))


def test_the_vat_in_the_documents_currency_counts_whichever_comes_first():
    document = (SAMPLES / "no_euro_with_vat_in_kroner/invoice.xml").read_text()
    totals = re.findall(r"<cac:TaxTotal>.*?</cac:TaxTotal>", document, re.DOTALL)
    turned = document.replace("".join(totals), totals[1] + totals[0])
    assert turned != document
    invoice = peppol_bis3.read(turned.encode())
    assert (invoice.vat, invoice.vat_in_tax_currency) == (Decimal("300.00"), Decimal("3420.00"))
    assert invoice.findings == ()


def test_an_attached_file_is_told_by_its_bytes():
    extra = (
        "<cac:AdditionalDocumentReference><cbc:ID>v</cbc:ID><cac:Attachment>"
        '<cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="v.pdf">\n JVBE\n Rg== \n'
        "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>"
    )
    data = written(extra=extra).encode()
    [attachment] = peppol_bis3.read(data).attachments
    assert attachment.size == 4
    assert peppol_bis3.embedded(data) == {attachment.sha256: b"%PDF"}
    assert codes(written(extra=extra.replace("Rg==", "R"))) == ["attachment_unreadable"]


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ([], ("", "")),
        ([("SRV", "09348023")], ("09348023", "SRV")),
        ([("", "83101800")], ("83101800", "")),
        ([("SRV", "1"), ("STI", "65310000"), ("TST", "83101800")], ("83101800", "TST")),
        ([("SRV", "1"), ("STI", "65310000")], ("65310000", "STI")),
        ([("HS", "2"), ("SRV", "1")], ("2", "HS")),
        ([("TST", " "), ("SRV", "1")], ("1", "SRV")),
    ],
)
def test_a_line_says_its_class_of_goods(stated, read):
    """Of several, the one by the list that says most; one without a code says nothing."""
    classes = "".join(
        "<cac:CommodityClassification><cbc:ItemClassificationCode"
        + (f' listID="{name}"' if name else "")
        + f">{code}</cbc:ItemClassificationCode></cac:CommodityClassification>"
        for name, code in stated
    )
    before = "<cac:ClassifiedTaxCategory>"
    invoice = peppol_bis3.read(changed(before, classes + before).encode())
    assert (invoice.lines[0].commodity, invoice.lines[0].commodity_list) == read
    assert invoice.lines[1].commodity == ""


def test_utf_16_is_read():
    document = written().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    read = known.read_any(document.encode("utf-16"))
    assert (read.format, read.outcome) == ("peppol_bis3", "accept")


# What it is


REMINDER = f"{BILLING}#conformant#urn:fdc:anskaffelser.no:2019:ehf:reminder:3.0"
FORWARD = f"{BILLING}#conformant#urn:fdc:anskaffelser.no:2019:ehf:forward-billing:3.0"
EHF_2 = (
    "urn:www.cenbii.eu:transaction:biitrns010:ver2.0:extended:urn:www.peppol.eu:bis:peppol5a:ver2.0"
    ":extended:urn:www.difi.no:ehf:faktura:ver2.0"
)


@pytest.mark.parametrize(
    ("customization", "code", "outcome"),
    [
        (BILLING, None, "accept"),
        (REMINDER, "not_an_invoice", "refuse"),
        ("urn:fdc:anskaffelser.no:2019:ehf:spec:payment-request:3.0", "not_an_invoice", "refuse"),
        ("urn:fdc:difi.no:2017:ehf:spec:payment-request:3.0", "not_an_invoice", "refuse"),
        (FORWARD, "not_an_invoice", "refuse"),
        (BILLING.replace("billing", "selfbilling"), "self_billing", "hold"),
        (EHF_2, "outdated_customization", "hold"),
        ("urn:cen.eu:en16931:2017", "unknown_customization", "hold"),
        (f"{BILLING}1", "unknown_customization", "hold"),
        ("", "unknown_customization", "hold"),
    ],
)
def test_the_customization_tells_what_a_document_is(customization, code, outcome):
    read = known.read_any(written(customization=customization).encode())
    assert read.outcome == outcome
    serious = [one.code for one in read.findings if one.severity is not Severity.NOTE]
    assert [one for one in serious if one != "PEPPOL-EN16931-R008"] == ([code] if code else [])


@pytest.mark.parametrize(
    ("root", "said"),
    [
        (f'<ApplicationResponse xmlns="{UBL}ApplicationResponse-2"/>', "Invoice Response"),
        (f'<a:Reminder xmlns:a="{UBL}Reminder-2"/>', "a reminder"),
        (f'<Order xmlns="{UBL}Order-2"/>', "an order"),
        (
            '<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:'
            'CrossIndustryInvoice:100"/>',
            "CII",
        ),
    ],
)
@pytest.mark.parametrize("is_enveloped", [False, True])
def test_what_is_no_ubl_invoice_is_named(root, said, is_enveloped):
    data = enveloped(f"?>{root}", kind="x", standard="x") if is_enveloped else root.encode()
    [finding] = known.read_any(data).findings
    assert said in str(finding.words)


def test_a_payment_request_without_vat_is_named_not_just_broken():
    document = written(customization="urn:fdc:difi.no:2017:ehf:spec:payment-request:3.0")
    document = re.sub(r"<cbc:TaxableAmount.*?</cbc:TaxableAmount>", "", document)
    [finding] = known.read_any(document.encode()).findings
    assert finding.code == "not_an_invoice"


@pytest.mark.parametrize(
    ("type_code", "code"),
    [("381", "PEPPOL-EN16931-P0100"), ("389", "self_billing"), ("999", "PEPPOL-EN16931-P0100")],
)
def test_the_type_must_fit_the_document(type_code, code):
    assert codes(changed("TypeCode>380<", f"TypeCode>{type_code}<")) == [code]


def test_an_envelope_holds_one_document_of_its_own_type():
    invoice = peppol_bis3.read(enveloped(written()))
    assert invoice.number == "F-1001"
    assert invoice.sources["number"] == "/sbd:StandardBusinessDocument/inv:Invoice/cbc:ID"
    assert peppol_bis3.looks_like(enveloped(written())[:4096])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (enveloped(written(), written(number="F-1002")), "envelope_documents"),
        (enveloped(), "envelope_documents"),
        (enveloped(written(), kind="CreditNote"), "envelope_type"),
        (enveloped(written(), standard=f"{UBL}CreditNote-2"), "envelope_type"),
        (enveloped("?><Order/>", kind="Order"), "not_an_invoice"),
    ],
)
def test_other_envelopes_are_refused(data, code):
    with pytest.raises(Unreadable) as refused:
        peppol_bis3.read(data)
    assert refused.value.finding_code == code


# What it proves


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('LineExtensionAmount currencyID="NOK">7072.20', "7072.21", ["BR-CO-10", "BR-CO-13"]),
        ('TaxExclusiveAmount currencyID="NOK">7072.20', "7072.19", ["BR-CO-13", "BR-CO-15"]),
        ('TaxInclusiveAmount currencyID="NOK">8804.29', "8804.30", ["BR-CO-15", "BR-CO-16"]),
        ('PayableAmount currencyID="NOK">8804.29', "8804.27", ["BR-CO-16"]),
        ('<cac:TaxTotal>\n<cbc:TaxAmount currencyID="NOK">1732.09', "1732.10", ["BR-CO-14", "BR-CO-15"]),
        ('TaxAmount currencyID="NOK">53.96', "54.95", ["BR-CO-14", "vat_group_rounding"]),
        ('TaxAmount currencyID="NOK">53.96', "54.96", ["BR-CO-14", "BR-CO-17", "BR-S-09"]),
        ('TaxableAmount currencyID="NOK">359.70', "360.69", ["vat_group_rounding", "vat_base_rounding"]),
        ('TaxableAmount currencyID="NOK">359.70', "360.70", ["vat_group_rounding", "BR-S-08"]),
        (
            'LineExtensionAmount currencyID="NOK">359.70',
            "359.73",
            ["BR-CO-10", "vat_base_rounding", "PEPPOL-EN16931-R120"],
        ),
        ('PriceAmount currencyID="NOK">895', "-895", ["BR-27", "PEPPOL-EN16931-R120"]),
    ],
)  # fmt: skip
def test_a_changed_sum_is_found(old, new, found):
    replaced = re.sub(r"-?[0-9.]+$", new, old)
    assert codes(changed(old, replaced)) == found


def test_a_finding_has_the_two_figures_and_the_place():
    [finding] = peppol_bis3.read(
        changed('PayableAmount currencyID="NOK">8804.29', 'PayableAmount currencyID="NOK">88').encode()
    ).findings
    assert finding.where == "/inv:Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount"
    assert finding.values == {"stated": "88", "computed": "8804.29"}
    assert finding.severity is Severity.HOLD


@pytest.mark.parametrize(
    ("old", "new", "found", "outcome"),
    [
        ("<cbc:ID>F-1001</cbc:ID>", "", "BR-02", "refuse"),
        ("<cbc:IssueDate>2026-03-02</cbc:IssueDate>", "", "BR-03", "refuse"),
        ("<cbc:DocumentCurrencyCode>NOK</cbc:DocumentCurrencyCode>", "", "BR-05", "refuse"),
        ("<cbc:RegistrationName>Fjord Prøve AS</cbc:RegistrationName>", "", "BR-06", "refuse"),
        ('<cbc:PayableAmount currencyID="NOK">8804.29</cbc:PayableAmount>', "", "BR-15", "refuse"),
        ("<cbc:BuyerReference>Avd 7</cbc:BuyerReference>", "", "PEPPOL-EN16931-R003", "hold"),
        ("<cbc:ID>15031200455</cbc:ID>", "", "BR-61", "hold"),
        ("<cbc:ID>15031200455<", "<cbc:ID>15031200456<", "account_check_digit", "accept"),
        ("<cbc:PaymentID>04100100454<", "<cbc:PaymentID>04100100455<", "kid_check_digit", "accept"),
        ('schemeID="0192">310420115<', 'schemeID="0192">310420116<', "PEPPOL-COMMON-R041", "hold"),
        ("NO310420115MVA", "310420115", "NO-R-001", "hold"),
        ('currencyID="NOK">8804.29', 'currencyID="SEK">8804.29', "PEPPOL-EN16931-R051", "hold"),
        ('currencyID="NOK">8804.29', 'currencyID="NOK">8804.290', "BR-DEC-14", "hold"),
        ("2026-03-02<", "2026-03-02Z<", "PEPPOL-EN16931-F001", "hold"),
        (
            "<cbc:ID>F-1001</cbc:ID>",
            "<cbc:ID>F-1001</cbc:ID><cbc:ID>F-1</cbc:ID>",
            "repeated_element",
            "hold",
        ),
        ('unitCode="EA"', 'unitCode="stk"', "BR-CL-23", "hold"),
        ("<cac:TaxTotal>", "<cbc:Note> </cbc:Note><cac:TaxTotal>", "PEPPOL-EN16931-R008", "hold"),
    ],
)
def test_what_is_missing_or_wrong_is_said(old, new, found, outcome):
    read = known.read_any(changed(old, new).encode())
    assert found in {finding.code for finding in read.findings}
    assert read.outcome == outcome


@pytest.mark.parametrize(
    ("reference", "is_wrong"),
    [
        ("1234567897", False),  # MOD10
        ("7714", False),  # MOD11
        ("06-", False),  # MOD11 whose check is ten
        ("07-", True),
        ("7715", True),
        ("Faktura 17", False),  # free text
    ],
)
def test_references_are_tested_and_never_required(reference, is_wrong):
    assert codes(written(reference=reference)) == (["kid_check_digit"] if is_wrong else [])


# What hostile files come to


@pytest.mark.parametrize(
    ("amount", "is_read"),
    [
        ("8804.29", True), ("+8804.29", True), ("8804.2900", True), ("8.80428E3", False), ("8804,28", False),
        ("8 804.28", False), ("NaN", False), ("INF", False), ("0x10", False), ("٨٨٠٤", False),
        ("1" * 400, False),        ("1e999999", False), ("--1", False), (".", False), ("8804.29 NOK", False),
    ],
)  # fmt: skip
def test_only_decimals_are_amounts(amount, is_read):
    document = changed('PayableAmount currencyID="NOK">8804.29', f'PayableAmount currencyID="NOK">{amount}')
    if is_read:
        assert peppol_bis3.read(document.encode()).payable == Decimal("8804.29")
    else:
        with pytest.raises(Unreadable) as refused:
            peppol_bis3.read(document.encode())
        assert refused.value.finding_code == "not_an_amount"
        assert refused.value.where == "/inv:Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount"


def test_an_entity_is_never_read():
    attack = changed("?>", '?><!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>')
    with pytest.raises(Unreadable) as refused:
        peppol_bis3.read(attack.replace("F-1001", "&x;").encode())
    assert refused.value.finding_code == "xml_doctype"


@pytest.mark.parametrize(
    "inside",
    ["<a>" * 50_000, "<a>" * 3_000 + "</a>" * 3_000, "<a/>" * 900_000, "<a " + 'b="1" ' * 100_000 + "/>"],
    ids=["deep and open", "deep", "many", "attributes"],
)
def test_what_would_fill_the_memory_is_refused(inside):
    with pytest.raises(Unreadable):
        peppol_bis3.read(changed("<cac:TaxTotal>", f"{inside}<cac:TaxTotal>").encode())


def test_huge_figures_are_only_wrong():
    enormous = "9" * 15
    document = written().replace(">7.5<", f">{enormous}<").replace(">895<", f">{enormous}<")
    assert "PEPPOL-EN16931-R120" in codes(document)
    document = written().replace("<cbc:Percent>25<", f"<cbc:Percent>{enormous}.{'9' * 20}<")
    assert "BR-CO-17" in codes(document.replace(">6712.50<", f">{enormous}<"))


def test_a_thousand_faults_are_a_short_list():
    document = written(tuple(Line(f"Vare {n}", "1", "10") for n in range(1000))).replace('"EA"', '"stk"')
    found = codes(document)
    assert found.count("BR-CL-23") == 20
    assert found[-1] == "more_alike"


DOCUMENT = written().encode()


@settings(max_examples=60, deadline=None)
@given(some.integers(0, len(DOCUMENT) - 3))
def test_a_file_cut_short_is_refused(length):
    assert known.read_any(DOCUMENT[:length]).outcome == "refuse"


@settings(max_examples=150, deadline=None)
@given(
    some.lists(
        some.tuples(some.integers(0, len(DOCUMENT) - 1), some.binary(max_size=4), some.integers(0, 6)),
        min_size=1,
        max_size=4,
    )
)
def test_a_garbled_file_is_read_or_refused_in_words(changes):
    data = DOCUMENT
    for at, put, gone in changes:
        data = data[:at] + put + data[at + gone :]
    read = known.read_any(data)
    assert "reader_failed" not in {finding.code for finding in read.findings}
    assert (read.outcome == "accept") == all(one.severity is Severity.NOTE for one in read.findings)
    for finding in read.findings:
        assert str(finding.words)


amounts = some.decimals(min_value="0.01", max_value="99999.99", places=2).map(str)
quantities = some.integers(-50, 50).filter(bool).map(str)
lines_of_any_kind = some.lists(
    some.builds(Line, some.just("Vare"), quantities, amounts, some.sampled_from(["25", "15", "12", "11.11"]))
    | some.builds(Line, some.just("Fritt"), quantities, amounts, some.just("0"), some.sampled_from("ZE")),
    min_size=1,
    max_size=6,
).map(tuple)


@settings(max_examples=80, deadline=None)
@given(lines_of_any_kind, some.booleans())
def test_whatever_adds_up_is_read_without_a_word_and_every_ore_off_is_found(lines, credit):
    document = written(lines, credit=credit)
    invoice = peppol_bis3.read(document.encode())
    assert invoice.findings == ()
    assert invoice.net == sum(line.net for line in lines)
    assert [line.net for line in invoice.lines] == [line.net for line in lines]
    payable = f"{invoice.payable}</cbc:PayableAmount"
    off = document.replace(payable, f"{invoice.payable + Decimal('0.01')}</cbc:PayableAmount")
    assert codes(off) == ["BR-CO-16"]


def test_the_lines_of_the_tests_are_as_the_samples_say():
    assert (SAMPLES / "no_two_rates/invoice.xml").read_text() == written(LINES)
