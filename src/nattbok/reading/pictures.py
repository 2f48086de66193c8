"""Photographs and scans: JPEG, PNG, WebP, HEIC and TIFF of many pages, with bounds on what they may cost.

A picture says its size before it is unpacked, so one that would fill the memory is refused first.
"""

import io
import math
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
EVEN, MOST_UNEVEN = (
    1.05,
    4.0,
)  # times as many dots one way as the other; more is a mistake of whoever wrote it
FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "WEBP")  # a telephone's MPO opens as the JPEG it begins with

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
    for frame in frames(data):
        with as_unreadable():
            seen = pixels(frame)
        yield seen


def frames(data: bytes) -> Iterator[Image.Image]:
    """Each page of the picture as its library has it, not unpacked yet; gone when the next is asked for.

    Raises Unreadable as `pages` does; unpack it within `as_unreadable`.
    """
    with _opened(data) as picture:
        count = _pages(picture)
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
            yield frame


def count(data: bytes) -> int:
    """How many pages the picture has. Raises Unreadable."""
    with _opened(data) as picture:
        return _pages(picture)


def _pages(picture: Image.Image) -> int:
    """A telephone's second picture is the same scene again, and what moves is one picture."""
    return 1 if picture.format in ("MPO", "PNG", "WEBP") else getattr(picture, "n_frames", 1)


def pixels(picture: Image.Image) -> Pixels:
    """A picture as the models take it: upright by its camera's word, at most LONGEST_SIDE long, on white."""
    if picture.format == "JPEG":
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # unpacked at half the size where that is enough
    upright = plain(picture).convert("RGB")
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return numpy.ascontiguousarray(numpy.asarray(upright)[:, :, ::-1])


def plain(picture: Image.Image) -> Image.Image:
    """A picture as it looks: upright, on white, of square pixels; black and white (1), grey (L) or RGB."""
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in upright.info:
        layered = upright.convert("RGBA")
        upright = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    elif upright.mode.startswith(("I", "F")):
        upright = _of_deep_grey(upright)
    elif upright.mode not in ("1", "L", "RGB"):
        upright = upright.convert("RGB")
    return _square(upright, picture) if is_uneven(picture) else upright


def _of_deep_grey(picture: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits in eight: its library would only cut the brighter half to white."""
    grey = numpy.nan_to_num(numpy.asarray(picture).astype(numpy.float64))
    most = float(grey.max(initial=0.0))
    # Fractions, or whole numbers of as many bits as there are: cameras of 12 bits write 16.
    full = 1.0 if most <= 1.0 else 2.0 ** max(8, math.ceil(math.log2(most + 1))) - 1
    return Image.fromarray(numpy.clip(grey * (255 / full), 0, 255).astype(numpy.uint8))


def is_uneven(picture: Image.Image) -> bool:
    """Whether its pixels are not square: faxes are sent at half as many lines as dots."""
    try:
        across, down = (float(part) for part in picture.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return False
    return across > 0 and down > 0 and EVEN < max(across, down) / min(across, down) <= MOST_UNEVEN


def _square(upright: Image.Image, picture: Image.Image) -> Image.Image:
    """The upright picture with square pixels, made larger the way that has the fewer dots."""
    width, height = picture.size
    across, down = (float(part) for part in picture.info["dpi"])
    size = (width, round(height * across / down)) if down < across else (round(width * down / across), height)
    if (upright.width > upright.height) != (width > height):
        size = size[::-1]  # its camera turned it
    return upright.resize(size) if size[0] * size[1] <= MOST_PIXELS else upright


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """The picture, with nothing of it unpacked."""
    if len(data) > LARGEST:
        raise Unreadable(_TOO_LARGE, code="too_large", size=len(data), largest=LARGEST)
    with as_unreadable(), Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        yield picture


@contextmanager
def as_unreadable() -> Iterator[None]:
    """What the library says of a damaged picture, in our words."""
    try:
        yield
    except Unreadable:
        raise
    except Exception as trouble:  # noqa: BLE001  decoders raise whatever their libraries do
        raise Unreadable(_BROKEN, where=type(trouble).__name__, code="picture_broken") from None
