"""PDFs: their words where they have any worth trusting, else their pages as pictures; and files inside them.

Read by PDFium, which runs no script and follows no link. A text layer is trusted only when it is the page
itself and not something a scanner laid under a picture.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy
import pypdfium2
import pypdfium2.raw as pdfium

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.reading.pictures import LONGEST_SIDE, MOST_PAGES, Pixels
from nattbok.reading.words import Box, Word

LARGEST = 100_000_000  # bytes
LEAST_WORDS = 8  # fewer, and the page is looked at instead
COVERED = 0.75  # the share of a page that a picture covers when the page is a scan
MOST_SIGNS = 60_000  # on a page; more is no invoice
LARGEST_INSIDE = 20_000_000  # bytes of a file within the file
UNKNOWN = 0.03  # the share of signs without a meaning from which a text layer is not trusted
DPI = 200

Bounds = tuple[float, float, float, float]  # left, bottom, right and top, in points

_TOO_LARGE = _("The PDF is {size} bytes; at most {largest} are read.")
_TOO_MANY = _("The PDF has {pages} pages; at most {most} are read.")
_LOCKED = _("The PDF is locked with a password. Ask the sender for one that is not.")
_BROKEN = _("The PDF is damaged or cut short and cannot be opened.")
_NO_PAGES = _("The PDF has no pages.")


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page of an open PDF. `words` is empty when its text layer is not to be trusted."""

    number: int
    width: float  # points
    height: float
    words: tuple[Word, ...]
    handle: pypdfium2.PdfPage

    def picture(self, dpi: int = DPI) -> Pixels:
        """The page as it looks, at most LONGEST_SIDE pixels long."""
        scale = min(dpi / 72, LONGEST_SIDE / max(self.width, self.height, 1.0))
        drawn = self.handle.render(scale=scale, rev_byteorder=False, may_draw_forms=True)
        found = drawn.to_numpy()
        if found.ndim == 2:
            found = numpy.repeat(found[:, :, None], 3, axis=2)
        return numpy.ascontiguousarray(found[:, :, :3])


@contextmanager
def opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """The PDF `data`, closed afterwards; raises Unreadable for what is locked, damaged or too large."""
    if len(data) > LARGEST:
        raise Unreadable(_TOO_LARGE, code="too_large", size=len(data), largest=LARGEST)
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as trouble:
        is_locked = "password" in str(trouble).lower() or "security" in str(trouble).lower()
        raise Unreadable(
            _LOCKED if is_locked else _BROKEN, code="pdf_locked" if is_locked else "pdf_broken"
        ) from None
    try:
        if count > MOST_PAGES:
            raise Unreadable(_TOO_MANY, code="too_many_pages", pages=count, most=MOST_PAGES)
        if not count:
            raise Unreadable(_NO_PAGES, code="pdf_empty")
        yield document
    finally:
        document.close()


def pages(document: pypdfium2.PdfDocument, only: tuple[int, int] | None = None) -> Iterator[PdfPage]:
    """The pages in order, or `only` from the one to the other; each closed when the next is asked for."""
    first, last = only or (0, len(document) - 1)
    for number in range(max(first, 0), min(last + 1, len(document))):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            raise Unreadable(_BROKEN, where=f"page {number + 1}", code="pdf_broken") from None
        try:
            width, height = page.get_size()
            words = () if _is_scan(page, width, height) else tuple(_words(page, number, width, height))
            yield PdfPage(number, width, height, words if len(words) >= LEAST_WORDS else (), page)
        finally:
            page.close()


def inside(document: pypdfium2.PdfDocument) -> dict[str, bytes]:
    """The files attached to the PDF by their names; those too large are left out."""
    found = {}
    for place in range(min(document.count_attachments(), 50)):
        attached = document.get_attachment(place)
        data = bytes(attached.get_data())
        if len(data) <= LARGEST_INSIDE:
            found[attached.get_name()] = data
    return found


def _is_scan(page: pypdfium2.PdfPage, width: float, height: float) -> bool:
    """Whether one picture covers the page: then its text, if any, was read by somebody else's engine."""
    area = max(width * height, 1.0)
    for thing in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        left, bottom, right, top = thing.get_bounds()
        if abs(right - left) * abs(top - bottom) / area >= COVERED:
            return True
    return False


def _words(page: pypdfium2.PdfPage, number: int, width: float, height: float) -> Iterator[Word]:
    """The words of the text layer: signs that follow each other without a gap on one line.

    None where too many signs say nothing: then the font draws them, but nobody can tell what they are.
    """
    text = page.get_textpage()
    try:
        count = min(text.count_chars(), MOST_SIGNS)
        # Asked one by one: the text as a whole leaves out signs, and their places would be others'.
        signs = [chr(pdfium.FPDFText_GetUnicode(text, place)) for place in range(count)]
        if sum(_is_unknown(sign) for sign in signs) > UNKNOWN * count:
            return
        left0, bottom0, _right, _top = page.get_bbox()
        letters: list[tuple[str, Bounds]] = []
        turned = 0
        for place, sign in enumerate(signs):
            if sign.isspace() or _is_unknown(sign):
                if letters:
                    yield _word(letters, turned, number, width, height, left0, bottom0)
                letters = []
                continue
            box = text.get_charbox(place, loose=True)
            way = _way(pdfium.FPDFText_GetCharAngle(text, place))
            if letters and (way != turned or _apart(_upright(letters[-1][1], way), _upright(box, way))):
                yield _word(letters, turned, number, width, height, left0, bottom0)
                letters = []
            turned = way
            letters.append((sign, box))
        if letters:
            yield _word(letters, turned, number, width, height, left0, bottom0)
    finally:
        text.close()


def _is_unknown(sign: str) -> bool:
    """Whether a sign has no meaning: control signs, and those of fonts that do not tell what they draw."""
    return sign in "\ufffd\ufffe\uffff" or "\ue000" <= sign <= "\uf8ff" or (sign < " " and not sign.isspace())


def _way(angle: float) -> int:
    """How many degrees anticlockwise a sign is turned: 0, 90 or 270; `angle` is in radians, clockwise."""
    degrees = round(math.degrees(-angle) / 90) * 90 % 360
    return degrees if degrees in (90, 270) else 0


def _upright(box: Bounds, way: int) -> Bounds:
    """The place of a turned sign, as it would be if its line lay level."""
    left, bottom, right, top = box
    if way == 90:
        return bottom, -right, top, -left
    return (-top, left, -bottom, right) if way == 270 else box


def _apart(one: Bounds, other: Bounds) -> bool:
    """Whether two signs that follow each other stand apart: on two lines, or with a gap between them."""
    size = max(one[3] - one[1], 0.1)
    middle = (other[1] + other[3]) / 2
    return not one[1] <= middle <= one[3] or not -size <= other[0] - one[2] <= 0.35 * size


def _word(
    letters, turned: int, number: int, width: float, height: float, left0: float, bottom0: float
) -> Word:
    left = min(box[0] for _sign, box in letters) - left0
    right = max(box[2] for _sign, box in letters) - left0
    bottom = min(box[1] for _sign, box in letters) - bottom0
    top = max(box[3] for _sign, box in letters) - bottom0
    return Word(
        "".join(sign for sign, _box in letters),
        Box(left / width, 1 - top / height, right / width, 1 - bottom / height),
        number,
        turned=turned,
    )
