"""A file's pages: their words by the best way there is, and the payment codes and files found in them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.reading import codes, legibility, ocr, pdf, pictures, upright
from nattbok.reading.pictures import Pixels
from nattbok.reading.sniff import is_pdf
from nattbok.reading.words import Page, Source

MOST_LOOKED_AT = 40  # pages read from pictures; a file with more is no invoice
CODE_PAGES = 3  # the pages looked at for payment codes
KEPT = 4  # pages whose pictures are kept to be looked at again

_TOO_MANY = _("The file has {pages} scanned pages; at most {most} are read.")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as it was found: its words, its payment codes, and the picture where one was made."""

    page: Page
    codes: tuple[str, ...] = ()
    picture: Pixels | None = None  # upright


def _silent() -> None:
    """Nobody watches the time."""


def sheets(
    data: bytes,
    source: Source = Source.TINY,
    *,
    on_page: Callable[[], None] = _silent,
    only: tuple[int, int] | None = None,
) -> Iterator[Sheet]:
    """The pages in order, or `only` those from the one to the other. Raises Unreadable.

    `on_page` is told of each page begun, to watch the time.

    Pages whose own text is to be trusted are taken by it; the others are read from their picture by `source`.
    """
    if is_pdf(data):
        yield from _of_pdf(data, source, on_page, only)
    else:
        first = only[0] if only else 0
        for number, picture in enumerate(pictures.pages(data)):
            if not _is_wanted(number, only):
                continue
            _bounded(number - first)
            on_page()
            yield _looked_at(picture, number, source, number - first)


def _is_wanted(number: int, only: tuple[int, int] | None) -> bool:
    return only is None or only[0] <= number <= only[1]


def _of_pdf(
    data: bytes, source: Source, on_page: Callable[[], None], only: tuple[int, int] | None
) -> Iterator[Sheet]:
    first = only[0] if only else 0
    with pdf.opened(data) as document:
        looked_at = 0
        for page in pdf.pages(document, only):
            on_page()
            if not page.words:
                _bounded(looked_at)
                looked_at += 1
                yield _looked_at(page.picture(), page.number, source, page.number - first)
                continue
            found = Page(page.number, page.words, page.width, page.height, Source.TEXT)
            seen = codes.read(page.picture(codes.DPI)) if page.number - first < CODE_PAGES else ()
            yield Sheet(found, seen)


def _bounded(looked_at: int) -> None:
    if looked_at >= MOST_LOOKED_AT:
        raise Unreadable(_TOO_MANY, code="too_many_pages", pages=looked_at + 1, most=MOST_LOOKED_AT)


def _looked_at(picture: Pixels, number: int, source: Source, place: int) -> Sheet:
    """A page read from its picture, after it was turned upright; `place` is the how manieth it is."""
    degrees, sure = upright.turned(picture)
    if sure < upright.LEAST_SURE:
        degrees = 0
    picture = upright.back(picture, degrees)
    found = ocr.words(picture, number, source)
    height, width = picture.shape[:2]
    page = Page(number, found, float(width), float(height), source, degrees, legibility.share(found))
    seen = codes.read(picture) if place < CODE_PAGES else ()
    return Sheet(page, seen, picture if place < KEPT else None)
