"""Files as people and strangers send them: scans, photographs, PDFs, and what only looks like them."""

import io
import socket
import struct
import zlib
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from nattbok import reading
from nattbok.base.errors import Unreadable
from nattbok.formats.finding import Severity
from nattbok.reading import Own, pages, pdf, pictures, upright
from tests.reading.papers import Sale, stacked

ON = date(2026, 4, 1)


def read(data: bytes, **more):
    """What the file says."""
    return reading.read(data, country="NO", own=Own(frozenset([Sale().buyer_org])), on=ON, **more)


def saved(picture: Image.Image, form: str, **how) -> bytes:
    """The picture as a file."""
    kept = io.BytesIO()
    picture.save(kept, form, **how)
    return kept.getvalue()


@pytest.fixture(scope="module")
def scan() -> Image.Image:
    """A page as a scanner gives it."""
    return stacked(Sale()).picture()


@pytest.fixture(scope="module")
def no_network():
    """Whoever opens a socket here fails the test."""
    real = socket.socket.connect

    def refused(*_arguments):
        raise AssertionError("the reading called out")

    socket.socket.connect = refused
    yield
    socket.socket.connect = real


def test_a_scan_is_read_and_nothing_is_fetched(scan, no_network):
    found = read(saved(scan, "JPEG", quality=85))
    truth = stacked(Sale()).truth
    read_as = {name: found.value(name) for name in truth}
    assert read_as == truth and found.engine.startswith("ocr")
    assert found.fields["total"].is_proven and not found.is_illegible
    place = found.fields["total"].place
    assert 0.7 < place.box.right < 0.95 and 0.5 < place.box.middle < 0.7


@pytest.mark.parametrize("turns, degrees", [(1, 270), (2, 180), (3, 90)])
def test_a_page_turned_is_turned_back(scan, turns, degrees):
    found = upright.turned(pictures.pixels(scan.rotate(90 * turns, expand=True)))
    assert found[0] == degrees and found[1] > upright.LEAST_SURE
    back = upright.back(pictures.pixels(scan.rotate(90 * turns, expand=True)), degrees)
    assert (back == pictures.pixels(scan)).all()


def test_all_pages_of_a_tiff_are_seen(scan):
    small = scan.convert("1").resize((600, 850))
    data = saved(small, "TIFF", save_all=True, append_images=[small, small], compression="group4")
    assert [picture.shape[:2] for picture in pictures.pages(data)] == [(850, 600)] * 3


def test_a_camera_says_which_way_is_up(scan):
    exif = Image.Exif()
    exif[0x0112] = 6
    [picture] = pictures.pages(saved(scan, "JPEG", exif=exif))
    assert picture.shape[:2] == (scan.width, scan.height)


def test_what_cannot_be_read_is_to_be_taken_again(scan):
    blurred = scan.resize((scan.width // 4, scan.height // 4)).filter(ImageFilter.GaussianBlur(3))
    found = read(saved(blurred, "JPEG"))
    assert found.is_illegible and not found.is_proven
    assert found.findings[0].code == "illegible"
    assert not any(one.is_proven for one in found.fields.values())


def test_an_empty_page_is_to_be_taken_again():
    found = read(saved(Image.new("RGB", (800, 1100), "white"), "PNG"))
    assert found.is_illegible and not found.fields.get("total")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hei",
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n" + b"0" * 50,
        b"II*\0",
    ],
)
def test_what_only_begins_like_a_file(data):
    with pytest.raises(Unreadable):
        read(data)


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([b"%PDF-1.4\n", b"\xff\xd8\xff\xe0", b"II*\0\x08\0\0\0", b"\0\0\0\x18ftypheic"]),
    st.binary(max_size=300),
)
def test_whatever_follows_is_refused_in_words(head, rest):
    try:
        for _sheet in pages.sheets(head + rest):
            pass
    except Unreadable as trouble:
        assert str(trouble.words)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_a_file_cut_short(scan, form, share):
    whole = saved(scan.resize((400, 560)), form)
    with pytest.raises(Unreadable):
        list(pictures.pages(whole[: int(len(whole) * share)]))


def a_png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and unpacks to nothing."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(b"\0" * 1000))
        + part(b"IEND", b"")
    )


def test_a_picture_that_would_fill_the_memory():
    with pytest.raises(Unreadable) as trouble:
        list(pictures.pages(a_png_of(60_000, 60_000)))
    assert trouble.value.finding_code in ("too_many_pixels", "picture_broken")


def test_a_file_too_large_is_not_opened():
    with pytest.raises(Unreadable) as trouble:
        list(pages.sheets(b"\xff\xd8\xff" + b"\0" * pictures.LARGEST))
    assert trouble.value.finding_code == "too_large"


def a_pdf(**made) -> bytes:
    """A PDF of blank pages, with what is asked for in it."""
    writer = PdfWriter()
    for _page in range(made.get("pages", 1)):
        writer.add_blank_page(595, 842)
    if "script" in made:
        action = {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject(made["script"]),
        }
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    for name, data in made.get("attached", {}).items():
        writer.add_attachment(name, data)
    if "password" in made:
        writer.encrypt(made["password"])
    kept = io.BytesIO()
    writer.write(kept)
    return kept.getvalue()


def test_a_pdf_of_ten_thousand_pages():
    with pytest.raises(Unreadable) as trouble:
        read(a_pdf(pages=10_000))
    assert trouble.value.finding_code == "too_many_pages"


def test_a_locked_pdf_is_said_to_be_locked():
    with pytest.raises(Unreadable) as trouble:
        read(a_pdf(password="hemmelig"))
    assert trouble.value.finding_code == "pdf_locked"


def test_a_script_in_a_pdf_does_nothing(no_network):
    found = read(a_pdf(script="app.launchURL('https://example.org'); this.exportDataObject({cName: 'x'});"))
    assert not found.is_proven


def test_many_scanned_pages_are_refused(monkeypatch):
    monkeypatch.setattr(pages, "MOST_LOOKED_AT", 2)
    with pytest.raises(Unreadable) as trouble:
        read(a_pdf(pages=3))
    assert trouble.value.finding_code == "too_many_pages"


def test_a_bomb_among_the_attachments_is_left():
    data = a_pdf(attached={"factur-x.xml": b"<x/>" * 10, "bombe.bin": b"\0" * 30_000_000})
    with pdf.opened(data) as document:
        assert list(pdf.inside(document)) == ["factur-x.xml"]


CII = """<?xml version="1.0"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>R-77</ram:ID><ram:TypeCode>380</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">20260312</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement>
<ram:SellerTradeParty><ram:Name>Werk GmbH</ram:Name><ram:SpecifiedTaxRegistration><ram:ID>DE136695976</ram:ID>
</ram:SpecifiedTaxRegistration></ram:SellerTradeParty></ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeSettlement><ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
<ram:ApplicableTradeTax><ram:CalculatedAmount>19.00</ram:CalculatedAmount>
<ram:BasisAmount>100.00</ram:BasisAmount>
<ram:RateApplicablePercent>19.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>
<ram:GrandTotalAmount>119.00</ram:GrandTotalAmount>
<ram:DuePayableAmount>119.00</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def test_the_data_inside_a_pdf_is_the_best_source():
    found = read(a_pdf(attached={"factur-x.xml": CII.encode()}))
    assert found.engine == "xml" and not found.is_illegible
    assert {name: found.value(name) for name in ("invoice_no", "issue_date", "currency", "total", "net")} == {
        "invoice_no": "R-77",
        "issue_date": "2026-03-12",
        "currency": "EUR",
        "total": "119.00",
        "net": "100.00",
    }
    assert found.fields["supplier_orgno"].value == "DE136695976"


BY_CARD = (
    "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>48</ram:TypeCode>"
    "</ram:SpecifiedTradeSettlementPaymentMeans><ram:ApplicableTradeTax>"
)


@pytest.mark.parametrize(
    "old, new, code",
    [
        (">380<", ">389<", "inside_type"),  # made by the buyer
        (">380<", ">386<", "inside_type"),  # a prepayment
        ("<ram:ApplicableTradeTax>", BY_CARD, "inside_paid_otherwise"),
    ],
)
def test_what_the_data_says_against_posting_it_is_held(old, new, code):
    found = read(a_pdf(attached={"factur-x.xml": CII.replace(old, new).encode()}))
    assert found.engine == "xml"
    assert code in [one.code for one in found.findings if one.severity is Severity.HOLD]


def test_an_amount_that_is_no_whole_ore_is_not_rounded():
    data = CII.replace("DuePayableAmount>119.00", "DuePayableAmount>119.004")
    assert not read(a_pdf(attached={"factur-x.xml": data.encode()})).value("total")


def test_data_with_entities_is_not_opened():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + CII.removeprefix('<?xml version="1.0"?>')
    found = read(a_pdf(attached={"factur-x.xml": bomb.encode()}))
    assert found.engine != "xml"


def test_the_text_of_a_pdf_is_taken_with_its_places(shared_data):
    data = (shared_data / "documents" / "dev-008.pdf").read_bytes()
    found = reading.read(data, country="NO", on=date(2025, 4, 15))
    assert found.engine == "text" and found.is_proven
    assert (found.value("total"), found.value("bank_account")) == ("4151.50", "86014535812")
    turned = PdfReader(io.BytesIO(data))
    writer = PdfWriter()
    writer.add_page(turned.pages[0].rotate(90))
    kept = io.BytesIO()
    writer.write(kept)
    assert reading.read(kept.getvalue(), country="NO", on=date(2025, 4, 15)).value("total") == "4151.50"
