"""Photographs and scans: JPEG, PNG, HEIC and TIFF of many pages, opened with bounds on what they may cost.

A picture says its size before it is unpacked, so one that would fill the memory is refused first.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy
import pi_heif
from PIL import Image, ImageFile, ImageOps, ImageSequence

from nattbok.base.errors import Unreadable
from nattbok.base.words import _

LARGEST = 100_000_000  # bytes
MOST_PIXELS = 60_000_000  # of a page: twice what the best telephones take, and an A3 page at 600 dpi in grey
MOST_PAGES = 300
LONGEST_SIDE = 4_000  # pixels that a page is read at; more tells the models nothing
FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "MPO")

Pixels = numpy.ndarray  # height × width × 3, blue green red, as the models take it

pi_heif.register_heif_opener()
ImageFile.LOAD_TRUNCATED_IMAGES = False

_TOO_LARGE = _("The picture is {size} bytes; at most {largest} are read.")
_TOO_MANY_PIXELS = _("The picture has {pixels} pixels; at most {most} are read.")
_TOO_MANY_PAGES = _("The file has {pages} pages; at most {most} are read.")
_BROKEN = _("The picture cannot be opened: it is cut short, damaged, or of a kind that is not read.")


def pages(data: bytes) -> Iterator[Pixels]:
    """Each page of the picture `data`, turned as its camera says; one page in memory at a time.

    Raises Unreadable for what is too large, damaged or no picture.
    """
    if len(data) > LARGEST:
        raise Unreadable(_TOO_LARGE, code="too_large", size=len(data), largest=LARGEST)
    with _as_unreadable(), Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        count = getattr(picture, "n_frames", 1)
        if picture.format == "MPO":
            count = 1  # a telephone's second picture is the same scene again
        if count > MOST_PAGES:
            raise Unreadable(_TOO_MANY_PAGES, code="too_many_pages", pages=count, most=MOST_PAGES)
        for place, frame in enumerate(ImageSequence.Iterator(picture)):
            if place >= count:
                break
            width, height = frame.size
            if width * height > MOST_PIXELS:
                raise Unreadable(
                    _TOO_MANY_PIXELS,
                    where=f"page {place + 1}",
                    code="too_many_pixels",
                    pixels=width * height,
                    most=MOST_PIXELS,
                )
            yield pixels(frame)


def pixels(picture: Image.Image) -> Pixels:
    """A picture as the models take it: upright by its camera's word, at most LONGEST_SIDE long, on white."""
    if picture.format == "JPEG":
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # unpacked at half the size where that is enough
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layered = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)
    plain = upright.convert("L" if upright.mode.startswith("I;16") else "RGB").convert("RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return numpy.ascontiguousarray(numpy.asarray(plain)[:, :, ::-1])


@contextmanager
def _as_unreadable() -> Iterator[None]:
    """What the library says of a damaged picture, in our words."""
    try:
        yield
    except Unreadable:
        raise
    except Exception as trouble:  # noqa: BLE001  decoders raise whatever their libraries do
        raise Unreadable(_BROKEN, where=type(trouble).__name__, code="picture_broken") from None
