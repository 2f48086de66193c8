"""Reading tables that strangers have exported as text: CSV with any of the usual marks between cells.

Every row must have as many cells as its header, so that a cell that holds the mark itself, or a quote that
never ends, is noticed instead of moving amounts to other columns.

Codes of what is raised: table_too_large, table_not_text, table_broken, table_width, table_amount,
table_date.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import StringIO

from nattbok.base.errors import Unreadable
from nattbok.base.words import _

LARGEST = 20_000_000  # bytes; about two hundred thousand rows
DELIMITERS = (";", "\t", ",", "|")
_CELL = 32_768  # letters
_ISO = re.compile(r"(\d{4})([-/.])(\d{2})\2(\d{2})", re.ASCII)
_NORDIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})", re.ASCII)
_BLANKS = " \u00a0\u202f\u2009"

Row = tuple[int, list[str]]  # the line it begins on, its cells without blanks around them


def text(data: bytes) -> str:
    """The file as text: UTF-8, UTF-16 with its mark, else Windows-1252. Raises Unreadable for binary."""
    if len(data) > LARGEST:
        raise Unreadable(
            _("The file is {size} bytes; at most {largest} are read."),
            code="table_too_large",
            size=len(data),
            largest=LARGEST,
        )
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252", "iso-8859-1"):
        try:
            found = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in found:
            return found
    raise Unreadable(_("The file is not text."), code="table_not_text")


def head_lines(head: bytes, most: int = 10) -> list[str]:
    """The first lines of a file of which only the beginning is at hand; never raises."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        found = head.decode("utf-8-sig") if not wide else head.decode("utf-16", "replace")
    except UnicodeDecodeError as error:
        # A letter cut in two at the end is still UTF-8.
        at_end = error.start >= len(head) - 4 and error.reason == "unexpected end of data"
        found = head.decode("utf-8-sig", "ignore") if at_end else head.decode("cp1252", "replace")
    return [] if "\0" in found[:4096] else [line.strip() for line in found.split("\n", most)[:most]]


def delimiter_of(header: str) -> str:
    """The mark that stands between the cells of a header line: the one there is most of."""
    return max(DELIMITERS, key=header.count)


def rows(written: str, delimiter: str, *, is_quoted: bool = True) -> Iterator[Row]:
    """The rows of a table that are not blank."""
    reader = csv.reader(
        StringIO(written, newline=""),
        delimiter=delimiter,
        strict=True,
        quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
    )
    line = 1
    try:
        for cells in reader:
            stripped = [cell.strip(_BLANKS) for cell in cells]
            if any(stripped):
                if max(map(len, stripped)) > _CELL:
                    raise csv.Error("a cell is too long")
                yield line, stripped
            line = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            _("The table is broken: {reason}"), where=f"line {line}", code="table_broken", reason=str(error)
        ) from None


def named(cells: Sequence[str], header: Sequence[str], line: int) -> dict[str, str]:
    """A row's cells by the names of `header`; empty cells beyond it are let go."""
    extra = len(cells) - len(header)
    if extra > 0 and not any(cells[len(header) :]):
        cells, extra = cells[: len(header)], 0
    if extra:
        raise Unreadable(
            _("The row has {cells} cells; its header has {header}."),
            where=f"line {line}",
            code="table_width",
            cells=len(cells),
            header=len(header),
        )
    return dict(zip(header, cells, strict=True))


@lru_cache(maxsize=16)
def _pattern(point: str, thousands: str) -> re.Pattern[str]:
    groups = rf"[0-9]{{1,3}}(?:[{re.escape(thousands)}][0-9]{{3}}){{1,5}}|" if thousands else ""
    return re.compile(rf"([-+\u2212]?)({groups}[0-9]{{1,15}})(?:{re.escape(point)}([0-9]{{2}}))?", re.ASCII)


def amount(written: str, where: str, *, point: str = ",", thousands: str = "") -> Decimal:
    """`written` as an amount with two decimals or none; a minus may stand before it.

    One decimal is what a cut leaves of two, and is not read. `point` is what stands before the decimals,
    `thousands` what may stand between thousands (blanks always may). What is written in another way is
    never guessed at.
    """
    found = _pattern(point, thousands + _BLANKS).fullmatch(written)
    if found is None:
        raise Unreadable(
            _("“{amount}” is not an amount."), where=where, code="table_amount", amount=written[:40]
        )
    sign, whole, decimals = found.groups()
    digits = "".join(letter for letter in whole if letter.isdigit())
    number = Decimal(f"{digits}.{(decimals or '').ljust(2, '0')}")
    return -number if sign in ("-", "\u2212") and number else number


def ore(written: str, where: str) -> Decimal:
    """A whole number of øre (or öre, cents) as kroner."""
    if re.fullmatch(r"-?[0-9]{1,17}", written, re.ASCII) is None:
        raise Unreadable(
            _("“{amount}” is not an amount."), where=where, code="table_amount", amount=written[:40]
        )
    return Decimal(int(written)).scaleb(-2).quantize(Decimal("0.01"))


def day(written: str, where: str) -> date:
    """2026-03-12, 2026/03/12 or 12.03.2026, with or without a time after it."""
    bare = re.split(r"[T ]", written, maxsplit=1)[0]
    found = _ISO.fullmatch(bare)
    if found is not None:
        parts = int(found[1]), int(found[3]), int(found[4])
    else:
        found = _NORDIC.fullmatch(bare)
        parts = (int(found[4]), int(found[3]), int(found[1])) if found is not None else (0, 0, 0)
    try:
        return date(*parts)
    except ValueError:
        raise Unreadable(
            _("“{date}” is not a date."), where=where, code="table_date", date=written[:40]
        ) from None
