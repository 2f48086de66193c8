"""Pages as pictures that a PDF holds: as few bytes as keep them as they look.

A JPEG stays the JPEG it is, turned by how it is laid on the page; what is black and white alone becomes CCITT
group 4; drawings of few colours are deflated; all else becomes a JPEG. Of a scanned PDF the picture is taken
out as it lies, when the page shows it and nothing else.
"""

import io
import math
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, TiffImagePlugin

from nattbok.reading import pdf, pictures
from nattbok.reading.pdf_file import PdfFile

QUALITY = 85  # of a JPEG that is made
A4 = 842.0  # points: how long a page is made whose picture does not say how large its paper was
SCANNED = (100.0, 1_200.0)  # dots an inch that a scanner has; a telephone's 72 means nothing
LARGEST_SIDE, SMALLEST_SIDE = 14_400.0, 3.0  # points; readers open no other page
FEW = 256  # colours of a drawing
WHOLE = 0.98  # of its page that a picture covers when it is the page
ALIKE = 0.97  # how far two small pictures go together, from -1 to 1, when they are of the same page
MEAN_APART = 6.0  # and shades of 255 that one is lighter than the other
BLANK = 1.0  # shades of 255 that a small picture of an empty page varies by
_SMALL = (96, 96)  # pixels that they are compared at

Matrix = tuple[float, float, float, float, float, float]
_UPRIGHT: Matrix = (1, 0, 0, 1, 0, 0)
# How a picture is laid on a page one wide and one tall, from below on the left, by what its camera says.
_BY_EXIF: dict[int, Matrix] = {
    2: (-1, 0, 0, 1, 1, 0), 3: (-1, 0, 0, -1, 1, 1), 4: (1, 0, 0, -1, 0, 1), 5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1), 7: (0, 1, 1, 0, 0, 0), 8: (0, 1, -1, 0, 1, 0),
}  # fmt: skip
# And to be turned back by what it was turned clockwise.
_BACK: dict[int, Matrix] = {90: (0, 1, -1, 0, 1, 0), 180: (-1, 0, 0, -1, 1, 1), 270: (0, -1, 1, 0, 0, 1)}
_TURNS = {
    90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270
}  # fmt: skip
_SWAPPING = {5, 6, 7, 8}
_ORIENTATION = 0x0112  # of Exif and TIFF
_JPEG_END = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture as a PDF holds it, how it is laid on its page, and the page's size in points."""

    data: bytes
    entries: bytes  # what a PDF says of it
    matrix: Matrix
    width: float
    height: float

    def add_to(self, file: PdfFile) -> int:
        """The picture in the file; its object."""
        return file.stream(self.data, b" /Type /XObject /Subtype /Image" + self.entries, is_packed=True)

    def content(self, name: str) -> bytes:
        """What lays it over its page."""
        a, b, c, d, e, f = self.matrix
        placed = (
            a * self.width, b * self.height, c * self.width, d * self.height, e * self.width, f * self.height,
        )  # fmt: skip
        return b"q %s cm /%s Do Q\n" % (b" ".join(b"%.4f" % one for one in placed), name.encode())


def of_picture(data: bytes, turned: dict[int, int]) -> Iterator[tuple[int, Plate]]:
    """The pages of a picture that are in `turned`, each turned back by as many degrees. Raises Unreadable."""
    for place, frame in enumerate(pictures.frames(data)):
        if place in turned:
            with pictures.as_unreadable():
                plate = _of_frame(data, frame, turned[place])
            yield place, plate


def of_pdf(data: bytes, turned: dict[int, int]) -> Iterator[tuple[int, Plate]]:
    """As `of_picture`, of a PDF."""
    with pdf.opened(data) as document:
        for place, degrees in turned.items():
            for page in pdf.pages(document, (place, place)):
                yield place, _of_page(page, degrees)


def _of_frame(data: bytes, frame: Image.Image, degrees: int) -> Plate:
    orientation = frame.getexif().get(_ORIENTATION, 1)
    dpi = frame.info.get("dpi")
    own = _own_jpeg(data, frame)
    if own is not None:
        across, down = frame.size if orientation not in _SWAPPING else frame.size[::-1]
        across, down = (down, across) if degrees in (90, 270) else (across, down)
        placed = _after(_BY_EXIF.get(orientation, _UPRIGHT), _BACK.get(degrees, _UPRIGHT))
        return Plate(own, _of_jpeg(frame.size, frame.mode), placed, *_paper(across, down, dpi))
    upright = pictures.plain(frame)
    upright = upright.transpose(_TURNS[degrees]) if degrees in _TURNS else upright
    return _made(upright, *_paper(*upright.size, dpi))


def _own_jpeg(data: bytes, frame: Image.Image) -> bytes | None:
    """The file itself, when it is a JPEG that can lie in a PDF as it is."""
    if frame.format not in ("JPEG", "MPO") or frame.mode not in ("L", "RGB") or pictures.is_uneven(frame):
        return None
    if frame.format == "JPEG":
        return data
    with suppress(AttributeError, KeyError, IndexError, TypeError):
        first = data[: frame.mpinfo[0xB002][0]["Size"]]  # a telephone's file holds a second one after it
        return first if first.endswith(_JPEG_END) else None
    return None


def _of_page(page: pdf.PdfPage, degrees: int) -> Plate:
    shown = _picture(page.picture())
    width, height = _openable(page.width, page.height)
    plate = _lying_in(page, shown, degrees)
    if plate is not None:
        return plate
    upright = shown.transpose(_TURNS[degrees]) if degrees in _TURNS else shown
    return _made(upright, *((height, width) if degrees in (90, 270) else (width, height)))


def _lying_in(page: pdf.PdfPage, shown: Image.Image, degrees: int) -> Plate | None:
    """The one picture that the page is, taken out as it lies; proven by looking as the page does."""
    found = list(page.handle.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3))
    if len(found) != 1 or not _covers(found[0], page):
        return None
    turned = page.handle.get_rotation()
    size = _openable(page.width, page.height)
    size = size[::-1] if degrees in (90, 270) else size
    # Clockwise by what the page says, then back by what it was turned: the angle left, clockwise.
    placed = _after(_BACK.get(-turned % 360, _UPRIGHT), _BACK.get(degrees, _UPRIGHT))
    with suppress(pypdfium2.PdfiumError, OSError, ValueError, Image.DecompressionBombError):
        inside = found[0]
        if inside.get_px_size()[0] * inside.get_px_size()[1] > pictures.MOST_PIXELS:
            return None
        if inside.get_filters() == ["DCTDecode"]:
            own = bytes(inside.get_data(decode_simple=False))
            with Image.open(io.BytesIO(own), formats=["JPEG"]) as jpeg:
                if jpeg.mode in ("L", "RGB") and _is_alike(jpeg, shown, turned):
                    return Plate(own, _of_jpeg(jpeg.size, jpeg.mode), placed, *size)
        elif inside.get_metadata().bits_per_pixel == 1:
            bits = inside.get_bitmap().to_pil()
            if (plain := _as_bits(bits)) is not None and _is_alike(plain, shown, turned):
                return Plate(*_group4(plain), placed, *size)
    return None


def _covers(thing: pypdfium2.PdfObject, page: pdf.PdfPage) -> bool:
    left, bottom, right, top = thing.get_bounds()
    left0, bottom0, right0, top0 = page.handle.get_bbox()
    shared = max(0.0, min(right, right0) - max(left, left0)) * max(0.0, min(top, top0) - max(bottom, bottom0))
    both = max((right - left) * (top - bottom), (right0 - left0) * (top0 - bottom0), 1.0)
    return shared / both >= WHOLE


def _is_alike(one: Image.Image, shown: Image.Image, turned: int) -> bool:
    """Whether a picture, turned clockwise as its page says, is what the page shows."""
    back = one.convert("RGB").transpose(_TURNS[-turned % 360]) if turned else one.convert("RGB")
    small = [
        numpy.asarray(each.resize(_SMALL, Image.Resampling.BOX)).astype(numpy.float64)
        for each in (back, shown)
    ]
    ours, theirs = (each - each.mean() for each in small)
    if abs(small[0].mean() - small[1].mean()) > MEAN_APART:
        return False
    spread = math.sqrt(float((ours**2).mean())), math.sqrt(float((theirs**2).mean()))
    if max(spread) < BLANK:
        return True
    return float((ours * theirs).mean()) >= ALIKE * spread[0] * spread[1]


def _made(upright: Image.Image, width: float, height: float) -> Plate:
    """A picture packed as what it is."""
    if (bits := _as_bits(upright)) is not None:
        return Plate(*_group4(bits), _UPRIGHT, width, height)
    if upright.mode == "RGB" and _is_grey(upright):
        upright = upright.convert("L")
    upright.thumbnail((pictures.LONGEST_SIDE, pictures.LONGEST_SIDE), Image.Resampling.LANCZOS)
    packed = io.BytesIO()
    upright.save(packed, "JPEG", quality=QUALITY, optimize=True)
    entries, data = _of_jpeg(upright.size, upright.mode), packed.getvalue()
    if upright.getcolors(FEW) is not None:
        deflated = zlib.compress(upright.tobytes(), 9)
        if len(deflated) < len(data):
            entries, data = _said(upright.size, upright.mode, b"FlateDecode"), deflated
    return Plate(data, entries, _UPRIGHT, width, height)


def _as_bits(picture: Image.Image) -> Image.Image | None:
    """The picture in black and white, when it has nothing else."""
    if picture.mode == "1":
        return picture
    colours = picture.getcolors(2)
    if colours is None:
        return None
    both = {0, 255} if picture.mode == "L" else {(0, 0, 0), (255, 255, 255)}
    if not {colour for _count, colour in colours} <= both:
        return None
    return picture.convert("1", dither=Image.Dither.NONE)


def _is_grey(picture: Image.Image) -> bool:
    seen = numpy.asarray(picture)
    return bool((seen[:, :, 0] == seen[:, :, 1]).all() and (seen[:, :, 1] == seen[:, :, 2]).all())


def _group4(bits: Image.Image) -> tuple[bytes, bytes]:
    """The picture as CCITT group 4, and what a PDF says of it."""
    width, height = bits.size
    packed = io.BytesIO()
    strip = (width + 7) // 8 * height + 1  # all of it in one
    bits.save(packed, "TIFF", compression="group4", strip_size=strip)
    with Image.open(packed) as tiff:
        tags = tiff.tag_v2
        (start,), (count,) = tags[TiffImagePlugin.STRIPOFFSETS], tags[TiffImagePlugin.STRIPBYTECOUNTS]
        is_black_one = tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] == 1
    told = b" /DecodeParms << /K -1 /Columns %d /Rows %d /BlackIs1 %s >>" % (
        width, height, b"true" if is_black_one else b"false",
    )  # fmt: skip
    entries = b" /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 1" % (width, height)
    return packed.getvalue()[start : start + count], entries + b" /Filter /CCITTFaxDecode" + told


def _of_jpeg(size: tuple[int, int], mode: str) -> bytes:
    return _said(size, mode, b"DCTDecode")


def _said(size: tuple[int, int], mode: str, packed: bytes) -> bytes:
    colours = b"/DeviceGray" if mode == "L" else b"/DeviceRGB"
    return b" /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Filter /%s" % (*size, colours, packed)


def _picture(seen: pictures.Pixels) -> Image.Image:
    return Image.fromarray(numpy.ascontiguousarray(seen[:, :, ::-1]))


def _paper(across: int, down: int, dpi: object) -> tuple[float, float]:
    """The size of the paper in points: as scanned, else as long as an A4."""
    with suppress(TypeError, ValueError, ZeroDivisionError, IndexError):
        dots = float(max(dpi))  # the pixels were made square by the finer of the two
        if SCANNED[0] <= dots <= SCANNED[1] and 72 * max(across, down) / dots <= LARGEST_SIDE:
            return 72 * across / dots, 72 * down / dots
    scale = A4 / max(across, down, 1)
    return max(across * scale, SMALLEST_SIDE), max(down * scale, SMALLEST_SIDE)


def _openable(width: float, height: float) -> tuple[float, float]:
    """The size of a page, or that of a page of its shape that readers open."""
    if min(width, height) >= SMALLEST_SIDE and max(width, height) <= LARGEST_SIDE:
        return width, height
    scale = A4 / max(width, height, 1.0)
    return max(width * scale, SMALLEST_SIDE), max(height * scale, SMALLEST_SIDE)


def _after(first: Matrix, then: Matrix) -> Matrix:
    """Both, the one after the other; each takes (x, y) to (ax + cy + e, bx + dy + f)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
