"""The searchable PDF of a paper: each page as it is shown, the words that were read unseen over their places.

The same bytes whenever it is made, of the same file and words. Nothing of a PDF that came is taken along but
what its pages look like: no script, no link, no file within.
"""

from collections.abc import Callable, Sequence

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.reading import plates, sniff
from nattbok.reading.pdf_file import About, PdfFile, PdfPage
from nattbok.reading.unseen import FONT, UnseenFont
from nattbok.reading.words import Page

LARGEST = 100_000_000  # bytes
_PICTURE = "P"

_TOO_LARGE = _("The searchable PDF would be more than {largest} bytes.")
_NO_PAGES = _("The file no longer has the pages that were read.")


def made(
    data: bytes, pages: Sequence[Page], about: About, *, on_page: Callable[[], None] = lambda: None
) -> bytes:
    """The searchable PDF of these pages of the picture or PDF `data`, in their order.

    `on_page` is told of each page begun. Raises Unreadable for what cannot be opened or would be too large.
    """
    file, font = PdfFile(), UnseenFont()
    words = {page.number: page.words for page in pages}
    turned = {page.number: page.turned for page in sorted(pages, key=lambda page: page.number)}
    found = plates.of_pdf(data, turned) if sniff.is_pdf(data) else plates.of_picture(data, turned)
    laid: list[tuple[plates.Plate, bytes, int]] = []
    size = 0
    for number, plate in found:
        on_page()
        size += len(plate.data)
        if size > LARGEST:
            raise Unreadable(_TOO_LARGE, code="searchable_too_large", largest=LARGEST)
        content = plate.content(_PICTURE) + font.content(words[number], plate.width, plate.height)
        laid.append((plate, content, plate.add_to(file)))
    if len(laid) != len(pages) or not laid:
        raise Unreadable(_NO_PAGES, code="pages_gone")
    fonts = {FONT: font.add_to(file)}
    return file.whole(
        [
            PdfPage(plate.width, plate.height, content, {_PICTURE: picture}, fonts)
            for plate, content, picture in laid
        ],
        about,
    )
