"""Amounts and days as people write them: read as they can only be meant, or refused."""

import re
from datetime import date, timedelta
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.words import _

LARGEST = Decimal(10) ** 13  # kroner; the ledger's columns take a little more
_PLAIN = re.compile(r"[+-]?\d*(?:[.,]\d{1,2}|[.,]-)?", re.ASCII)
_GROUPS = (  # mark between thousands, mark before øre
    (re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,(?:\d{1,2}|-))?", re.ASCII), "."),
    (re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.(?:\d{1,2}|-))?", re.ASCII), ","),
)
_ONE_GROUP = re.compile(r"[+-]?\d{1,3}[.,]\d{3}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:[.,]\d{0,12})?|[.,]\d{1,12})", re.ASCII)

_MONTHS = (
    "januar januari january", "februar februari february", "mars march", "april", "mai maj may",
    "juni june", "juli july", "august augusti", "september sept", "oktober october", "november",
    "desember december",
)  # fmt: skip
_DAYS_AWAY = {
    word: away
    for away, words in (
        (-1, "i går,igår,yesterday"),
        (0, "d,t,i,=,i dag,idag,today"),
        (1, "i morgen,imorgen,i morgon,imorgon,tomorrow"),
    )
    for word in words.split(",")
}
_DAY_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<year>\d{4})(?P<mark>[-./ ])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<year>\d{2})(?P<mark>-?)(?P<month>\d{2})(?P=mark)(?P<day>\d{2})",
        r"(?P<day>\d{2})(?P<mark>-?)(?P<month>\d{2})(?P=mark)(?P<year>\d{2}|\d{4})",
        r"(?P<day>\d{1,2})[./ ] ?(?P<month>\d{1,2})[-./ ] ?(?P<year>\d{2}|\d{4})",
        r"(?P<day>\d{1,2})[./] ?(?P<month>\d{1,2})\.?",
        r"(?P<day>\d{2})(?P<month>\d{2})",
        r"(?P<day>\d{1,2})[-. ]{0,2}(?P<name>[a-z]{3,9})[-. ]{0,2}(?P<year>\d{2}|\d{4})?",
    )
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_NEAR = timedelta(days=400)  # as far away as a year of two digits is taken without asking
_SAME_YEAR = timedelta(days=274)  # nine months: as far away as a day without a year is taken without asking


class NotAnAmount(Refused):
    """What stands there cannot be read as an amount of whole øre."""

    message = _("“{written}” is not an amount. Write it as 1234,50 or 1 234.50.")


class ThousandsOrDecimals(NotAnAmount):
    """1.000 is a thousand to one reader and one to another."""

    message = _("“{written}” can mean thousands or decimals. Write {thousands} or {decimals}.")


class NotADay(Refused):
    """What stands there cannot be read as a day."""

    message = _("“{written}” is not a day: write 2026-03-12, 12.03.2026, 1203 or d for today.")


class DayOrDay(NotADay):
    """250326 is a day of 2026 to a Norwegian and of 2025 to a Swede; 3112 in January is of which year?"""

    message = _("“{written}” can mean {one} or {other}. Write the day with its whole year.")


class DayMissing(NotADay):
    """A day must be written here."""

    message = _("Write the day.")


def read_amount(written: str) -> Decimal | None:
    """An amount in whole øre; None when nothing is written.

    Blanks stand between thousands, comma or point before the øre: 1 234,50, 1234.50, 1.234,50, 1,234.50,
    -7, 1234,-. One mark with three digits after it is refused, since it can be meant in two ways.
    """
    bare = _bare(written)
    if not bare:
        return None
    if _ONE_GROUP.fullmatch(bare):
        whole, digits = re.split("[.,]", bare)
        raise ThousandsOrDecimals(written=written[:40], thousands=whole + digits, decimals=f"{whole},00")
    if not (_PLAIN.fullmatch(bare) and re.search(r"\d", bare)):
        thousands = next((mark for pattern, mark in _GROUPS if pattern.fullmatch(bare)), None)
        if thousands is None:
            raise NotAnAmount(written=written[:40])
        bare = bare.replace(thousands, "")
    found = Decimal(bare.rstrip("-").rstrip(".,").replace(",", "."))
    if abs(found) >= LARGEST:
        raise NotAnAmount(written=written[:40])
    return found.quantize(Decimal("0.01"))


def read_number(written: str) -> Decimal | None:
    """A number with as many decimals as are written, such as a rate; comma or point. None for nothing."""
    bare = _bare(written)
    if not bare:
        return None
    if not _NUMBER.fullmatch(bare):
        raise NotAnAmount(written=written[:40])
    return Decimal(bare.replace(",", "."))


def read_day(written: str, *, near: date) -> date | None:
    """A day; None when nothing is written. Raises NotADay, and DayOrDay for what can be meant in two ways.

    2026-03-12, 20260312, 12.03.2026, 12/3-26, 12. mars 2026, 12.3, 1203 (the day first), d or “i dag” for
    `near`, which is today or else the day that the others of the form are about. A year of two digits is of
    the 2000s. Six digits are read as 120326 or 260312, whichever lies near. A day without a year is of the
    year of `near`, unless it lies nearer in the next or the last and most of a year away in this.
    """
    bare = " ".join(written.casefold().split())
    if not bare:
        return None
    meant = {found for form in _DAY_FORMS if (match := form.fullmatch(bare)) for found in _days(match, near)}
    if bare in _DAYS_AWAY and date(_FIRST_YEAR, 1, 2) < near < date(_LAST_YEAR, 12, 31):
        meant = {near + timedelta(days=_DAYS_AWAY[bare])}
    if len(meant) > 1:
        meant = {day for day in meant if abs(day - near) <= _NEAR} or meant
    if len(meant) > 1:
        one, other, *_more = sorted(meant)
        raise DayOrDay(written=written[:40], one=one, other=other)
    if not meant:
        raise NotADay(written=written[:40])
    return meant.pop()


def need_day(written: str, *, near: date) -> date:
    """A day as `read_day` reads it. Raises DayMissing too, when nothing is written."""
    found = read_day(written, near=near)
    if found is None:
        raise DayMissing()
    return found


def _days(match: re.Match[str], near: date) -> list[date]:
    """The days that the parts of one form can mean: none when there is no such day, two without a year."""
    parts = match.groupdict()
    name, year = parts.get("name"), parts.get("year")
    month = _month(name) if name else int(parts["month"])
    if year:
        found = [_day(int(year) + (2000 if len(year) == 2 else 0), month, int(parts["day"]))]
        return [day for day in found if day]
    here = _day(near.year, month, int(parts["day"]))
    if here is None or abs(here - near) <= _SAME_YEAR:
        return [here] if here else []
    there = _day(near.year + (1 if here < near else -1), month, int(parts["day"]))
    return [here, there] if there else [here]


def _day(year: int, month: int, day: int) -> date | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(name: str) -> int:
    """The number of a month by its name in Norwegian, Swedish or English, or the start of it; 0 for none."""
    months = enumerate(_MONTHS, 1)
    return next((at for at, names in months for each in names.split() if each.startswith(name)), 0)


def _bare(written: str) -> str:
    return "".join(written.split()).replace("\N{MINUS SIGN}", "-")
