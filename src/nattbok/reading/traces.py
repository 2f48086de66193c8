"""Where on a document a confirmed value stands, which is what its supplier's memory keeps."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from nattbok.reading import amounts, dates
from nattbok.reading.memory import Trace
from nattbok.reading.print import LABEL_OF, Hit, Print, printed

_DATES = ("issue_date", "due_date")
_AMOUNTS = ("net", "vat_total", "total")


def trace_of(reading, name: str, value: str) -> Trace | None:
    """The trace of the field's value on the pages that were read; None when it is printed nowhere."""
    if name not in LABEL_OF:
        return None
    document = printed(reading.pages)
    hits = list(_hits(document, name, value))
    if not hits:
        return None
    # Of several places the one that its label speaks for, else the first.
    hit = max(hits, key=lambda one: (one.strength(LABEL_OF[name]), [-part for part in one.order]))
    left, above = document.around(hit.cell, hit.start, hit.end)
    return Trace(left, above, round(hit.box.left, 3), round(hit.box.middle, 3), hit.end - hit.start)


def _hits(document: Print, name: str, value: str) -> Iterator[Hit]:
    for cell in document.cells:
        if name in _DATES:
            spans = [(one.start, one.end) for one in dates.find(cell.text) if one.day.isoformat() == value]
        elif name in _AMOUNTS:
            try:
                wanted = abs(Decimal(value))
            except InvalidOperation:
                return
            found = [
                *amounts.find(cell.text, document.decimal),
                *amounts.find_whole(cell.text, document.decimal),
            ]
            spans = [(one.start, one.end) for one in found if abs(one.amount) == wanted]
        else:
            spans = _spans(cell.text, value)
        for start, end in spans:
            yield document.hit(cell, start, end)


def _spans(text: str, value: str) -> list[tuple[int, int]]:
    """Where in the text the number stands, whatever blanks, dots and hyphens are put in it."""
    wanted = re.sub(r"[^A-Za-z0-9]", "", value)
    if not wanted:
        return []
    form = re.compile(
        r"(?<![A-Za-z0-9])" + r"[ .\-/–]{0,2}".join(map(re.escape, wanted)) + r"(?![0-9])", re.IGNORECASE
    )
    return [match.span() for match in form.finditer(text)]
