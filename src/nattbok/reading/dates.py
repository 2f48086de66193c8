"""Days as they are printed: in figures by day, month and year, as ISO writes them, and in words."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from typing import NamedTuple

EARLIEST, LATEST = 1990, 2079  # years that an invoice may be of

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar januari january jan jän", "februar februari february feb febr",
            "mars march mar mrs marts märz maerz mrz maart mrt",
            "april apr", "mai maj may mei", "juni june jun", "juli july jul", "august augusti aug",
            "september sept sep", "oktober october okt oct", "november nov",
            "desember december dezember des dec dez",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NOT_AFTER = r"(?!\d)(?![.,/-]\d)"
_FORMS = (
    (
        re.compile(rf"(?<!\d)(\d{{4}})\s?[-./]\s?(\d{{1,2}})\s?[-./]\s?(\d{{1,2}}){_NOT_AFTER}", re.ASCII),
        "ymd",
    ),
    (
        re.compile(
            rf"(?<!\d)(?<!\d[.,/-])(\d{{1,2}})\s?[./-]\s?(\d{{1,2}})(?:\s?[./-]\s?|\s(?=20\d\d))(\d{{4}}|\d{{2}}){_NOT_AFTER}",
            re.ASCII,
        ),
        "dmy",
    ),
    (
        re.compile(
            rf"(?<!\d)(\d{{1,2}})\s?[.:]?\s?(?:de?n?\s)?({_NAMES})[.,]?\s?(\d{{4}}|'?\d{{2}}(?!\d|:))",
            re.IGNORECASE,
        ),
        "dny",
    ),
    (re.compile(rf"\b({_NAMES})[.]?\s?(\d{{1,2}})(?:st|nd|rd|th)?,?\s(\d{{4}})(?!\d)", re.IGNORECASE), "ndy"),
    (re.compile(r"(?<!\d)(?<!\d[.,/-])(20\d\d)(\d\d)(\d\d)(?![\d.,-])", re.ASCII), "packed"),
    (re.compile(r"(?<!\d)(?<!\d[.,/-])(\d\d)(\d\d)(\d\d)(?![\d.,-])", re.ASCII), "packed"),
)


_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?![\d/])", re.ASCII)


class Printed(NamedTuple):
    """A day, where in the text it stands, and whether its form could be nothing else."""

    day: date
    start: int
    end: int
    is_plain: bool  # False for six or eight figures in a row, which need a label to be a day


def find(text: str) -> Iterator[Printed]:
    """The days in a text, in the order of the forms above; none overlaps another."""
    taken: list[tuple[int, int]] = []
    for form, order in _FORMS:
        for match in form.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            day = _day(match, order)
            if day is not None:
                taken.append(match.span())
                yield Printed(day, match.start(), match.end(), order != "packed")


def is_month_first(texts: Iterable[str]) -> bool:
    """Whether a day is printed that only is one with the month first: 07/15/2025."""
    for text in texts:
        for match in _SLASHED.finditer(text):
            if int(match[1]) <= 12 < int(match[2]) <= 31:
                return True
    return False


def _day(match: re.Match[str], order: str) -> date | None:
    one, two, three = match.groups()
    if order in ("ymd", "packed"):
        parts = one, two, three
    elif order == "dmy":
        parts = three, two, one
    elif order == "dny":
        parts = three.lstrip("'"), str(_MONTHS[two.lower()]), one
    else:
        parts = three, str(_MONTHS[one.lower()]), two
    year, month, day = (int(part) for part in parts)
    if year < 100:
        year += 2000
    if not EARLIEST <= year <= LATEST:
        return None
    with suppress(ValueError):
        return date(year, month, day)
    return None
