"""Before any engine looks: what is far too blurred to be read is known, and what can be read is let be."""

import pytest
from PIL import Image, ImageFilter

from nattbok.reading import pictures
from nattbok.reading.glimpse import HOPELESS, Glimpse, sharpness
from tests.reading.papers import Sale, stacked
from tests.reading.test_files import saved


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return stacked(Sale()).picture(3.0)


def on_a_desk(photo: Image.Image, share: float) -> Image.Image:
    """A paper that is a small part of its picture."""
    desk = Image.new("RGB", (2400, 3200), (150, 140, 130))
    desk.paste(photo.resize((int(photo.width * share), int(photo.height * share))), (500, 600))
    return desk


@pytest.mark.parametrize(
    "seen, is_hopeless",
    [
        (lambda photo: photo, False),
        (lambda photo: photo.convert("1").convert("RGB"), False),
        (lambda photo: photo.filter(ImageFilter.GaussianBlur(1.5)), False),
        (lambda photo: on_a_desk(photo, 0.5), False),
        (lambda photo: photo.point(lambda shade: 190 + shade * 65 // 255), False),  # faint, but sharp
        (lambda photo: photo.filter(ImageFilter.GaussianBlur(7)), True),
        (lambda photo: photo.point(lambda shade: 10 + shade // 8).filter(ImageFilter.GaussianBlur(3)), True),
        (lambda photo: Image.new("RGB", (1200, 1600), (90, 80, 70)), True),
        (lambda photo: photo.resize((20, 30)), True),
    ],
)
def test_it_knows_what_is_beyond_doubt(photo, seen, is_hopeless):
    assert (sharpness(pictures.pixels(seen(photo))) < HOPELESS) is is_hopeless


def test_the_process_answers_whatever_it_is_given(photo):
    glimpse = Glimpse()
    try:
        assert glimpse.is_hopeless(saved(photo.filter(ImageFilter.GaussianBlur(7)), "JPEG"))
        for data in (
            saved(photo, "JPEG"),
            b"",
            b"\xff\xd8\xff\xe0" + b"0" * 400,
            b"%PDF-1.7",
            saved(photo, "PNG"),
        ):
            assert not glimpse.is_hopeless(data)
    finally:
        glimpse.close()
