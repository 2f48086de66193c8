"""Pages of strangers' files drawn as PNG, and those that are not."""

import hashlib
import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from nattbok.web import drawing

# A telephone's picture, made by us: a red field in the upper left corner, and a line of text.
HEIC = (Path(__file__).parent / "samples/receipt.heic").read_bytes()
SIZE = struct.pack(">II", 320, 480)


def drawn(data: bytes, turned: int = 0) -> Image.Image | None:
    found = drawing.page(data, hashlib.sha256(data).hexdigest(), 1, turned)
    return None if found is None else Image.open(io.BytesIO(found.png))


def test_a_telephones_picture_is_drawn_as_others_are():
    assert drawing.can_be_drawn(HEIC)
    picture = drawn(HEIC)
    assert (picture.format, picture.size) == ("PNG", (320, 480))
    red, green, blue = picture.getpixel((20, 20))
    assert red > 150 and green < 90 and blue < 90
    assert drawn(HEIC, turned=90).size == (480, 320)


@pytest.mark.parametrize(
    "data",
    [
        HEIC[:700],
        HEIC[:40],
        HEIC.replace(SIZE, struct.pack(">II", 60_000, 60_000)),
        b"\0\0\0\x18ftypheic" + b"x" * 500,
    ],
    ids=["cut short", "its head alone", "of too many pixels", "no picture"],
)
def test_one_that_is_none_is_not_drawn(data):
    assert SIZE in HEIC
    assert drawing.can_be_drawn(data)
    assert drawn(data) is None
