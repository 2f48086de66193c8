"""Files of 80-character records: from bytes to numbered records, and the fields they share."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO

from nattbok.base.errors import Unreadable
from nattbok.base.words import _

WIDTH = 80
LARGEST = 50_000_000  # bytes

_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def records(data: bytes, starts: Callable[[str], bool], *, code: str) -> list[tuple[int, str]]:
    """The (line number, record) of `data`, each padded with blanks to 80 characters.

    Line ends may be any or none at all, lines may be blank, trailing blanks may be cut. `starts` says
    whether text can begin a record, so that records without anything between them are told apart.
    Raises Unreadable with `code` for a line that is no record or too long.
    """
    if len(data) > LARGEST:
        raise Unreadable(
            _("The file is {size} bytes; at most {largest} are read."),
            code="too_large",
            size=len(data),
            largest=LARGEST,
        )
    if b"\0" in data[:4096]:
        raise Unreadable(_("The file is not text."), code=code)
    found: list[tuple[int, str]] = []
    for number, line in enumerate(StringIO(_text(data), newline=None), 1):
        line = line.removesuffix("\n")
        if len(line) != WIDTH:
            line = line.rstrip(" \x1a")
            if not line:
                continue
        elif line.isspace():
            continue
        for at in range(0, len(line), WIDTH):
            record = line[at : at + WIDTH].ljust(WIDTH)
            if not starts(record):
                raise Unreadable(
                    _("“{record}” is not a record of this format."),
                    where=f"line {number}",
                    code=code,
                    record=record[:20].strip(),
                )
            found.append((number, record))
    return found


def _text(data: bytes) -> str:
    """ISO-8859-1 as the formats say, unless a system on the way has made it UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("iso-8859-1")


def number(written: str, line: int, name: str) -> int:
    """A field of digits only. Raises Unreadable naming the field."""
    if _DIGITS.fullmatch(written) is None:
        raise Unreadable(
            _("“{written}” is not a number ({field})."),
            where=f"line {line}",
            code="not_a_number",
            written=written.strip(),
            field=name,
        )
    return int(written)


def ore(written: str) -> Decimal:
    """Digits that count øre (or öre, cents), as kroner."""
    return Decimal(f"{written[:-2]}.{written[-2:]}")


def amount(written: str, line: int, name: str) -> Decimal:
    """A field that counts øre, as kroner. Raises Unreadable naming the field."""
    number(written, line, name)
    return ore(written)


def short_day(written: str, line: int) -> date:
    """DDMMYY; years 80-99 are of the last century."""
    try:
        day, month, year = int(written[:2]), int(written[2:4]), int(written[4:6])
        return date(year + (1900 if year >= 80 else 2000), month, day)
    except ValueError:
        raise _no_date(written, line) from None


def long_day(written: str, line: int) -> date:
    """YYYYMMDD."""
    try:
        return date(int(written[:4]), int(written[4:6]), int(written[6:8]))
    except ValueError:
        raise _no_date(written, line) from None


def _no_date(written: str, line: int) -> Unreadable:
    return Unreadable(
        _("“{date}” is not a date."), where=f"line {line}", code="not_a_date", date=written.strip()
    )
