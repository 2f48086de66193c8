"""Pictures as programs of all kinds write them: each is seen as it looks, or refused with a reason."""

import io

import numpy
import pytest
from PIL import Image, ImageChops, ImageStat, TiffImagePlugin

from nattbok.reading import ocr, pictures, upright
from nattbok.reading.words import Source
from tests.reading.papers import Sale, stacked
from tests.reading.test_files import saved


@pytest.fixture(scope="module")
def scan() -> Image.Image:
    return stacked(Sale()).picture(1.2)


def grey_of(scan: Image.Image, kind: str, most: float) -> Image.Image:
    """The page in deep grey, its white as `most`."""
    return Image.fromarray((numpy.asarray(scan.convert("L")) * (most / 255)).astype(kind))


def unseen_ground(scan: Image.Image) -> Image.Image:
    """Black ink on nothing."""
    made = Image.new("RGBA", scan.size, (0, 0, 0, 0))
    made.putalpha(scan.convert("L").point(lambda shade: 255 - shade))
    return made


def of_all_packings(scan: Image.Image) -> bytes:
    """A TIFF whose pages are packed each in its way."""
    kept = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(kept, True) as tiff:
        for mode, packing in (
            ("1", "group4"), ("1", "group3"), ("L", "tiff_lzw"), ("RGB", "jpeg"), ("P", "packbits"),
            ("RGBA", "tiff_deflate"), ("CMYK", "tiff_adobe_deflate"), ("L", "raw"),
        ):  # fmt: skip
            scan.convert(mode, dither=0).save(tiff, format="TIFF", compression=packing)
            tiff.newFrame()
    return kept.getvalue()


MAKE = {
    "16 bits": lambda scan: saved(grey_of(scan, "uint16", 65_535), "PNG"),
    "12 bits in 16": lambda scan: saved(grey_of(scan, "uint16", 4_095), "TIFF"),
    "fractions": lambda scan: saved(grey_of(scan, "float32", 1.0), "TIFF"),
    "no ground": lambda scan: saved(unseen_ground(scan), "PNG"),
    "four inks": lambda scan: saved(scan.convert("CMYK"), "JPEG", quality=90),
    "moving PNG": lambda scan: saved(scan, "PNG", save_all=True, append_images=[scan.rotate(180)] * 3),
    "moving WebP": lambda scan: saved(scan, "WEBP", save_all=True, append_images=[scan.rotate(180)]),
    "WebP": lambda scan: saved(scan, "WEBP", quality=90),
    "palette": lambda scan: saved(scan.convert("P"), "PNG"),
    "all packings": of_all_packings,
    "fax": lambda scan: saved(
        scan.convert("1", dither=0).resize((scan.width, scan.height // 2)),
        "TIFF", compression="group3", dpi=(204, 102),
    ),
}  # fmt: skip
PAGES = {"all packings": 8}


@pytest.mark.parametrize("name", MAKE)
def test_it_is_seen_as_it_looks(scan, name):
    seen = [Image.fromarray(page[:, :, ::-1]) for page in pictures.pages(MAKE[name](scan))]
    assert len(seen) == PAGES.get(name, 1)
    for page in seen:
        assert abs(page.width / page.height - scan.width / scan.height) < 0.02
        small = [each.convert("L").resize((100, 140)) for each in (page, scan)]
        assert ImageStat.Stat(ImageChops.difference(*small)).mean[0] < 6


@pytest.mark.parametrize("size", [(60_000, 2), (2, 60_000), (1, 1), (3_000, 9)])
def test_a_picture_that_is_no_page_has_no_words(size):
    (page,) = pictures.pages(saved(Image.new("L", size, 255), "PNG"))
    assert ocr.words(page, 0, Source.TINY) == () and upright.turned(page)[0] in upright.QUARTERS
