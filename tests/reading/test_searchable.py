"""A paper as a searchable PDF: it looks as the paper does, and its words are found where they stand."""

import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader

from nattbok.base.errors import Unreadable
from nattbok.reading import pages, searchable
from nattbok.reading.pdf_file import About
from nattbok.reading.words import Box, Page, Source, Word
from tests.documents.papers_in import _whole as whole_pdf
from tests.documents.papers_in import a_pdf
from tests.reading.papers import Sale, stacked
from tests.reading.test_files import saved

ABOUT = About(
    "Lyngdal Møbelsnekkeri AS 20417", "Lyngdal Møbelsnekkeri AS", "kvittering <1>.jpg, SHA-256 0a",
    "urn:sha256:0a", "nb", datetime(2026, 3, 12, 8, 30, tzinfo=UTC),
)  # fmt: skip
FLIPS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip


@pytest.fixture(scope="module")
def scan() -> Image.Image:
    """A page as a scanner gives it."""
    return stacked(Sale()).picture()


@pytest.fixture(scope="module")
def page() -> Page:
    """And the words on it."""
    return replace(stacked(Sale()).page(), source=Source.TINY)


def by_camera(scan: Image.Image, orientation: int) -> bytes:
    """A photo that was stored turned, and says so."""
    exif = Image.Exif()
    exif[0x112] = orientation
    return saved(scan.transpose(FLIPS[orientation]), "JPEG", quality=85, exif=exif)


def looks(made: bytes, number: int = 0) -> Image.Image:
    """A page of the PDF as a reader draws it."""
    return pypdfium2.PdfDocument(made)[number].render(scale=0.5).to_pil().convert("RGB")


def apart(one: Image.Image, other: Image.Image) -> float:
    """Shades of 255 that two pictures differ on average."""
    small = [each.convert("RGB").resize((200, 280)) for each in (one, other)]
    return max(ImageStat.Stat(ImageChops.difference(*small)).mean)


def found(made: bytes, text: str, number: int = 0) -> Box:
    """Where a reader's search finds the text first, as shares of the page."""
    shown = pypdfium2.PdfDocument(made)[number]
    layer = shown.get_textpage()
    hit = layer.search(text, match_case=True).get_next()
    assert hit is not None, f"{text} is not found"
    boxes = [layer.get_charbox(place, loose=True) for place in range(hit[0], hit[0] + hit[1])]
    width, height = shown.get_size()
    return Box(
        min(box[0] for box in boxes) / width, 1 - max(box[3] for box in boxes) / height,
        max(box[2] for box in boxes) / width, 1 - min(box[1] for box in boxes) / height,
    )  # fmt: skip


def is_near(one: Box, other: Box, by: float = 0.004) -> bool:
    return all(abs(a - b) <= by for a, b in zip(
        (one.left, one.top, one.right, one.bottom), (other.left, other.top, other.right, other.bottom),
        strict=True,
    ))  # fmt: skip


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_photo_is_upright_and_not_packed_anew(scan, page, orientation):
    data = by_camera(scan, orientation)
    made = searchable.made(data, [page], ABOUT)
    assert data in made and len(made) < len(data) + 8_000
    assert apart(looks(made), scan) < 2
    assert is_near(found(made, "Møbelsnekkeri"), next(w.box for w in page.words if "Møbel" in w.text), 0.02)


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("form", ["JPEG", "PDF", "TIFF"])
def test_a_page_scanned_turned_is_turned_back(scan, page, degrees, form):
    lying = scan.rotate(-degrees, expand=True)
    how = {"compression": "group4"} if form == "TIFF" else {}
    data = saved(lying.convert("1", dither=0) if form == "TIFF" else lying, form, **how)
    made = searchable.made(data, [replace(page, turned=degrees)], ABOUT)
    assert apart(looks(made), scan) < 4
    width, height = pypdfium2.PdfDocument(made)[0].get_size()
    assert width < height


@pytest.mark.parametrize(
    "form, mode, how, packed, most",
    [
        ("TIFF", "1", {"compression": "group4"}, "CCITTFaxDecode", 1.0),
        ("TIFF", "1", {"compression": "tiff_lzw"}, "CCITTFaxDecode", 1.0),
        ("PNG", "1", {}, "CCITTFaxDecode", 1.0),
        ("PNG", "L", {}, "FlateDecode", 1.1),
        ("PNG", "RGBA", {}, "FlateDecode", 1.1),
        ("JPEG", "L", {"quality": 60}, "DCTDecode", 1.0),
        ("JPEG", "CMYK", {"quality": 60}, "DCTDecode", 1.0),
        ("PDF", "L", {"resolution": 150}, "DCTDecode", 1.0),
        ("PDF", "1", {"resolution": 150}, "CCITTFaxDecode", 1.0),
    ],
)
def test_it_is_about_as_small_as_what_came(scan, page, form, mode, how, packed, most):
    picture = scan.convert("1", dither=0) if mode == "1" else scan.convert(mode)
    data = saved(picture, form, **how)
    made = searchable.made(data, [page], ABOUT)
    assert f"/Filter /{packed}".encode() in made
    assert len(made) <= most * len(data) + 8_000
    assert apart(looks(made), scan) < 4


def test_it_says_what_it_is_and_runs_nothing(scan, page):
    made = searchable.made(saved(scan, "JPEG"), [page], ABOUT)
    told = PdfReader(io.BytesIO(made))
    assert told.metadata.title == ABOUT.title and told.metadata.author == ABOUT.author
    assert told.metadata.subject == ABOUT.subject and told.metadata.creation_date == ABOUT.made_at
    assert told.xmp_metadata.dc_source == "urn:sha256:0a"
    assert told.xmp_metadata.dc_title == {"x-default": ABOUT.title}
    assert b"<pdfaid:part>2</pdfaid:part>" in made and b"/GTS_PDFA1" in made
    assert not re.search(rb"/(JavaScript|JS|Launch|OpenAction|AA|URI|EmbeddedFile)\b", made)
    assert "Møbelsnekkeri" in told.pages[0].extract_text()  # another reader finds the same


def test_the_same_paper_gives_the_same_bytes(scan, page):
    data = saved(scan, "PNG")
    assert searchable.made(data, [page], ABOUT) == searchable.made(data, [page], ABOUT)
    other = searchable.made(data, [page], replace(ABOUT, title="Another"))
    assert other != searchable.made(data, [page], ABOUT)


def test_pages_of_a_batch_become_a_pdf_of_their_own(scan, page):
    blank = Image.new("1", (600, 850), 1)
    data = saved(blank, "TIFF", save_all=True, append_images=[scan.convert("1"), blank], compression="group4")
    second, third = replace(page, number=1), Page(2, (), 600, 850, Source.TINY)
    made = searchable.made(data, [second, third], ABOUT)
    assert len(pypdfium2.PdfDocument(made)) == 2
    assert apart(looks(made), scan) < 6
    found(made, "Møbelsnekkeri")


def test_one_sign_alone_is_found_too():
    data = saved(Image.new("L", (420, 594), 255), "PNG")
    words = (Word("5", Box(0.7, 0.5, 0.71, 0.52), 0), Word("€", Box(0.72, 0.5, 0.73, 0.52), 0))
    made = searchable.made(data, [Page(0, words, 420, 594, Source.TINY)], ABOUT)
    assert is_near(found(made, "5"), words[0].box) and is_near(found(made, "€"), words[1].box)


def test_of_a_mixed_pdf_all_pages_are_there(scan, page):
    whole = pypdfium2.PdfDocument.new()
    for data in (a_pdf(stacked(Sale())), saved(scan, "PDF", resolution=150)):
        whole.import_pages(pypdfium2.PdfDocument(data))
    kept = io.BytesIO()
    whole.save(kept)
    first = replace(page, source=Source.TEXT)
    made = searchable.made(kept.getvalue(), [first, replace(page, number=1)], ABOUT)
    assert apart(looks(made, 0), scan) < 8 and apart(looks(made, 1), scan) < 4


SIGNS = st.text(
    st.sampled_from("abcxyzæøåäöÆØÅÄÖ€§0123456789,.-/()\\ <>&éßłЖ中\U0001f9fe"), min_size=1, max_size=30
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            SIGNS, st.floats(0.02, 0.5), st.floats(0.01, 0.04), st.floats(0.05, 0.4), st.floats(-0.03, 0.03)
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_word_is_found_at_its_place(lines):
    """Whatever its letters are, and however its line leans."""
    data = saved(Image.new("L", (420, 594), 255), "PNG")
    words = []
    for place, (text, left, tall, long, lean) in enumerate(lines):
        top = 0.02 + 0.08 * place
        box = Box(left, top, left + long, top + tall + abs(lean) * long)
        words.append(Word(f"q{place}q" + text.strip(), box, 0, 0.9, lean))
    made = searchable.made(data, [Page(0, tuple(words), 420, 594, Source.SMALL)], ABOUT)
    layer = pypdfium2.PdfDocument(made)[0].get_textpage()
    told = re.sub(r"\s", "", layer.get_text_range()).replace("\ufffe", "-")  # a hyphen that ends a line
    for place, word in enumerate(words):
        assert re.sub(r"\s", "", word.text) in told
        at = found(made, f"q{place}q")
        begins = Box(word.box.left, word.box.top, at.right, word.box.bottom)
        assert abs(at.left - begins.left) <= 0.02 and at.right <= word.box.right + 0.02
        assert begins.top - 0.01 <= at.top and at.bottom <= begins.bottom + 0.01


@pytest.mark.parametrize(
    "word",
    [
        Word("nowhere", Box(0.5, 0.5, 0.5, 0.5), 0),
        Word("outside", Box(-3.0, -2.0, 7.0, 9.0), 0),
        Word("upside down", Box(0.9, 0.9, 0.1, 0.1), 0),
        Word("steep", Box(0.1, 0.1, 0.2, 0.8), 0, 1.0, 900.0),
        Word("\0\ud800\x1b) Tj ET Q", Box(0.1, 0.1, 0.4, 0.2), 0),
        Word("x" * 100_000, Box(0.1, 0.1, 0.4, 0.2), 0),
    ],
)
def test_words_that_cannot_be_do_no_harm(page, word):
    data = saved(Image.new("L", (420, 594), 255), "PNG")
    made = searchable.made(data, [replace(page, words=(word, *page.words))], ABOUT)
    assert len(made) < 60_000 and len(pypdfium2.PdfDocument(made)) == 1
    if word.text[0] != "x":
        found(made, "Møbelsnekkeri")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4\n", b"\xff\xd8\xff\xe0 no picture", b"PK\3\4"])
def test_what_cannot_be_opened_is_refused(page, data):
    with pytest.raises(Unreadable):
        searchable.made(data, [page], ABOUT)


def test_pages_that_are_not_there_are_refused(scan, page):
    with pytest.raises(Unreadable, match="no longer"):
        searchable.made(saved(scan, "JPEG"), [replace(page, number=7)], ABOUT)


def test_what_was_read_is_what_is_found(scan):
    """From the picture alone: our own reading, laid over it."""
    data = by_camera(scan, 6)
    read = [sheet.page for sheet in pages.sheets(data)]
    made = searchable.made(data, read, ABOUT)
    for text in ("Foretaksregisteret", "5 225,50"):
        box = next(word.box for word in read[0].words if text in word.text)
        at = found(made, text)
        assert box.left - 0.01 <= at.left and at.right <= box.right + 0.01
        assert abs(at.middle - box.middle) < 0.005


def a_scanned_pdf(picture: Image.Image, *, media: str, placed: str, turned: int = 0) -> bytes:
    """A page that is one picture, laid on it as `placed` says."""
    jpeg = saved(picture, "JPEG", quality=80)
    content = f"q {placed} cm /I Do Q".encode()
    return whole_pdf([
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Rotate %d /Contents 4 0 R"
        b" /Resources << /XObject << /I 5 0 R >> >> >>" % (media.encode(), turned),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8"
        b" /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream" % (*picture.size, len(jpeg), jpeg),
    ])  # fmt: skip


@pytest.mark.parametrize(
    "turn, media, placed, turned",
    [
        (None, "[0 0 595 842]", "595 0 0 842 0 0", 0),
        (Image.Transpose.FLIP_TOP_BOTTOM, "[0 0 595 842]", "595 0 0 -842 0 842", 0),
        (Image.Transpose.FLIP_LEFT_RIGHT, "[0 0 595 842]", "-595 0 0 842 595 0", 0),
        (Image.Transpose.ROTATE_90, "[0 0 842 595]", "842 0 0 595 0 0", 90),
        (Image.Transpose.ROTATE_270, "[0 0 842 595]", "842 0 0 595 0 0", 270),
        (None, "[100 200 695 1042]", "595 0 0 842 100 200", 0),
        (None, "[0 0 59500 84200]", "59500 0 0 84200 0 0", 0),
    ],
)
def test_however_a_scan_lies_in_its_pdf_it_is_as_it_is_shown(scan, page, turn, media, placed, turned):
    lying = scan.transpose(turn) if turn is not None else scan
    made = searchable.made(a_scanned_pdf(lying, media=media, placed=placed, turned=turned), [page], ABOUT)
    assert apart(looks(made), scan) < 3 and b"JavaScript" not in made
    assert max(pypdfium2.PdfDocument(made)[0].get_size()) <= 14_400
    assert is_near(found(made, "Møbelsnekkeri"), next(w.box for w in page.words if "Møbel" in w.text), 0.02)
