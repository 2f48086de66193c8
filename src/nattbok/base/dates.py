"""Days, periods and fiscal years. A day has no time; a range has both its ends in it.

Nothing here asks the clock: whoever needs today is told it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

T = TypeVar("T")
DAY = timedelta(days=1)
MONTHS = 12
TERM_LENGTHS = (1, 2, 3, 4, 6, 12)  # months; all that divide a year


@dataclass(frozen=True, slots=True, order=True)
class DateRange:
    """The days from `first` through `last`, both in it."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a range cannot end on {self.last}, before it begins on {self.first}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + DAY * count for count in range(len(self)))

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def overlaps(self, other: "DateRange") -> bool:
        """Whether the two have a day in common."""
        return self.first <= other.last and other.first <= self.last

    def common(self, other: "DateRange") -> "DateRange | None":
        """The days in both, or None."""
        if not self.overlaps(other):
            return None
        return DateRange(max(self.first, other.first), min(self.last, other.last))

    def months(self) -> "list[Month]":
        """Every month that has a day in the range, in order."""
        first, last = Month.of(self.first), Month.of(self.last)
        return [first.plus(count) for count in range(last.since(first) + 1)]


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month; prints as 2026-03."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not 1 <= self.month <= MONTHS or not date.min.year <= self.year <= date.max.year:
            raise ValueError(f"there is no month {self.year}-{self.month}")

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month that `day` is in."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.month, days_in_month(self.year, self.month))

    @property
    def days(self) -> DateRange:
        """All its days."""
        return DateRange(self.first, self.last)

    def plus(self, months: int) -> "Month":
        """The month `months` later, or earlier when negative."""
        year, month = divmod(self.year * MONTHS + self.month - 1 + months, MONTHS)
        return Month(year, month + 1)

    def since(self, other: "Month") -> int:
        """How many months later than `other` it is."""
        return (self.year - other.year) * MONTHS + self.month - other.month


@dataclass(frozen=True, slots=True, order=True)
class FiscalYear:
    """A fiscal year, named by the calendar year it ends in where it is one of twelve months.

    The first and last years of a company may be shorter or longer, so the days are what counts.
    """

    days: DateRange

    @classmethod
    def of(cls, day: date, *, start_month: int = 1) -> "FiscalYear":
        """The twelve months with `day` in them that begin on the first of `start_month`."""
        year = day.year if day.month >= start_month else day.year - 1
        first = Month(year, start_month)
        return cls(DateRange(first.first, first.plus(MONTHS - 1).last))

    @property
    def first(self) -> date:
        """Its first day."""
        return self.days.first

    @property
    def last(self) -> date:
        """Its last day."""
        return self.days.last

    @property
    def name(self) -> str:
        """What people call it: "2026", or "2025/2026" when it runs over a new year."""
        if self.first.year == self.last.year:
            return str(self.last.year)
        return f"{self.first.year}/{self.last.year}"

    def __contains__(self, day: date) -> bool:
        return day in self.days

    @property
    def months(self) -> list[Month]:
        """Its months in order; a month's place in the list, from 1, is its period number."""
        return self.days.months()

    def period(self, day: date) -> int:
        """The number, from 1, of the period (month of the fiscal year) that `day` is in."""
        if day not in self.days:
            raise ValueError(f"{day} is not in the fiscal year {self.name}")
        return Month.of(day).since(Month.of(self.first)) + 1

    def following(self) -> "FiscalYear":
        """The year of twelve months that begins the day after this one ends."""
        first = Month.of(self.last + DAY)
        return FiscalYear(DateRange(self.last + DAY, first.plus(MONTHS - 1).last))


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == MONTHS:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days


def term(day: date, months: int) -> DateRange:
    """The term of `months` calendar months (1, 2, 3, 4, 6 or 12, counted from January) that `day` is in.

    VAT returns follow calendar terms whatever the fiscal year is.
    """
    if months not in TERM_LENGTHS:
        raise ValueError(f"a year has no whole number of terms of {months} months")
    first = Month(day.year, (day.month - 1) // months * months + 1)
    return DateRange(first.first, first.plus(months - 1).last)


def add_open_days(day: date, count: int, is_open: Callable[[date], bool]) -> date:
    """The `count`-th open day after `day` (before it when negative); with 0 `day` itself, open or not."""
    step = DAY if count > 0 else -DAY
    left = abs(count)
    while left:
        day += step
        left -= is_open(day)
    return day


def open_days_between(earlier: date, later: date, is_open: Callable[[date], bool]) -> int:
    """How many open days have passed on `later` since `earlier`: those after `earlier`, through `later`."""
    return sum(is_open(earlier + DAY * count) for count in range(1, (later - earlier).days + 1))


def in_force(table: Sequence[tuple[date, T]], on: date) -> T | None:
    """What a dated table, oldest first, says on a day: its last row from that day or before, or None."""
    place = bisect_right(table, on, key=lambda row: row[0])
    return table[place - 1][1] if place else None
