"""A printed page as machines and people make pictures of it: a scanner, a phone.

Pages are drawn by pdfium, as any reader would show them. The same seed gives the same picture.
"""

import io
from collections.abc import Sequence
from random import Random

import pypdfium2
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

GREY_GROUND = 232
PHONE_TURN = {0: 1, 90: 6, 180: 3, 270: 8}  # EXIF's word for how the phone was held
EXIF_ORIENTATION = 0x0112
TABLE = (146, 110, 78)  # what the paper lies on
SHADE = 70  # how much darker the far corner is, of 255


def drawn(pdf: bytes, *, dpi: int = 200) -> list[Image.Image]:
    """Each page as it looks, at so many dots to an inch."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    finally:
        document.close()


def scanned(page: Image.Image, random: Random, *, skew: float = 1.2) -> Image.Image:
    """As it comes from a flat-bed scanner: grey, a little skew, a little dust."""
    grey = ImageOps.grayscale(page)
    turned = grey.rotate(random.uniform(-skew, skew), Image.Resampling.BICUBIC, fillcolor=255)
    for _speck in range(random.randint(3, 12)):
        x, y = random.randrange(turned.width - 3), random.randrange(turned.height - 3)
        turned.paste(random.randrange(90, 200), (x, y, x + 2, y + 2))
    return turned


def photographed(page: Image.Image, random: Random, *, shake: float = 0.0) -> Image.Image:
    """As a phone sees it: on a table, from a little askew, darker to one side."""
    wide, high = page.size
    edge = round(wide * 0.05)
    ground = Image.new("RGB", (wide + 2 * edge, high + 2 * edge), TABLE)
    ground.paste(page, (edge, edge))

    def near(limit: float) -> float:
        return random.uniform(0, limit * wide)

    corners = (
        near(0.03), near(0.03),
        near(0.03), ground.height - near(0.03),
        ground.width - near(0.03), ground.height - near(0.03),
        ground.width - near(0.03), near(0.03),
    )  # fmt: skip
    seen = ground.transform(ground.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    shade = Image.linear_gradient("L").resize(seen.size).point(lambda light: 255 - light * SHADE // 255)
    seen = ImageChops.multiply(seen, Image.merge("RGB", (shade,) * 3))
    return ImageEnhance.Contrast(seen.filter(ImageFilter.GaussianBlur(0.5 + shake))).enhance(0.92)


def unreadable(page: Image.Image, random: Random) -> Image.Image:
    """A photo that nobody can read: dark and shaken, from far away."""
    small = page.resize((page.width // 6, page.height // 6), Image.Resampling.BILINEAR)
    dim = ImageEnhance.Brightness(photographed(small, random, shake=1.6)).enhance(0.35)
    return dim.resize((dim.width * 3, dim.height * 3), Image.Resampling.BICUBIC)


def tiff(pages: Sequence[Image.Image], *, is_bilevel: bool) -> bytes:
    """All pages in one file: black and white as a fax (CCITT group 4), or grey (LZW)."""
    kept = io.BytesIO()
    if is_bilevel:
        made = [page.point(lambda light: 255 if light > 170 else 0).convert("1") for page in pages]
    else:
        made = [page.convert("L") for page in pages]
    made[0].save(
        kept,
        "TIFF",
        compression="group4" if is_bilevel else "tiff_lzw",
        save_all=True,
        append_images=made[1:],
        dpi=(200, 200),
    )
    return kept.getvalue()


def jpeg(picture: Image.Image, *, turned: int = 0, quality: int = 80) -> bytes:
    """A JPEG; `turned` by how many degrees the phone was held wrong, which its EXIF tells."""
    kept = io.BytesIO()
    exif = Image.Exif()
    if turned:
        exif[EXIF_ORIENTATION] = PHONE_TURN[turned]
        picture = picture.rotate(turned, expand=True)
    picture.convert("RGB").save(kept, "JPEG", quality=quality, exif=exif)
    return kept.getvalue()


def png(picture: Image.Image) -> bytes:
    """A PNG."""
    kept = io.BytesIO()
    picture.save(kept, "PNG", optimize=False)
    return kept.getvalue()
