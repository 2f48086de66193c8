"""An amount of several months, spread over them: each month gets its part, and the parts sum to the whole.

A cost paid ahead waits on an asset, an income received ahead on a debt, and each month takes its part.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.base.dates import Month
from nattbok.base.errors import Refused
from nattbok.base.money import split
from nattbok.base.words import _

LONGEST = 120  # months
# As people type it: /12, /12 from 2026-04; "fra" and "från" say the same.
WRITTEN = re.compile(r"/\s*(\d{1,4})(?:\s+(?:from|fra|från)\s+(\d{4})-?(\d{1,2}))?", re.IGNORECASE)


class NotASpread(Refused):
    """How many months, and from which."""

    message = _("“{written}” does not say how to spread: write /12, or /12 from 2026-04.")


class TooManyMonths(Refused):
    """A spread is over two months or more, and not over a lifetime."""

    message = _("An amount is spread over 2 to {most} months, not {months}.")


class SpreadTooEarly(Refused):
    """An amount is not spread over months long gone."""

    message = _("The spread would begin in {month}, more than a year before or ten years after the entry.")


@dataclass(frozen=True, slots=True)
class Spread:
    """That a line's amount waits on its account, and each month's part goes from there to `account`."""

    account: str  # of cost or income
    months: int
    first: Month


@dataclass(frozen=True, slots=True)
class WaitsOn:
    """The accounts where what is spread waits; `incomes` are the accounts whose amounts are income."""

    costs: str
    income: str
    incomes: Collection[str] = frozenset()

    def of(self, account: str) -> str:
        """Where an amount of `account` waits."""
        return self.income if account in self.incomes else self.costs


@dataclass(frozen=True, slots=True)
class Part:
    """One month's part, with the sign of the whole."""

    month: Month
    amount: Decimal


def spread(amount: Decimal, months: int, from_: Month) -> tuple[Part, ...]:
    """`amount` over `months` months from `from_`, each part in whole øre; they sum to `amount`.

    The parts differ by one øre at most, and the months that get one more come first. Raises TooManyMonths.
    """
    check_months(months)
    parts = split(amount, [Decimal(1)] * months)
    return tuple(Part(from_.plus(place), part) for place, part in enumerate(parts))


@dataclass(frozen=True, slots=True)
class AccrualRow:
    """What waits on an account and goes on month by month, as long as its entry stands."""

    id: int
    entry: int
    series: str
    number: int
    date: date
    text: str
    waits_on: str  # the account's number
    account: str  # where each month's part goes
    amount: Decimal  # debit positive
    months: int
    first: Month
    dimensions: Mapping[str, str] | None
    is_stopped: bool  # its entry is reversed

    @property
    def parts(self) -> tuple[Part, ...]:
        """Each month's part."""
        return spread(self.amount, self.months, self.first)


def check_months(months: int) -> None:
    """TooManyMonths unless an amount can be spread over so many."""
    if not 2 <= months <= LONGEST:
        raise TooManyMonths(months=months, most=LONGEST)


def read(written: str, *, on: date) -> tuple[int, Month]:
    """What somebody typed, "/12" or "/12 from 2026-04": how many months, and the first; else that of `on`.

    Raises NotASpread and TooManyMonths, and SpreadTooEarly for a month far from `on`.
    """
    found = WRITTEN.fullmatch(written.strip())
    if found is None:
        raise NotASpread(written=written.strip()[:40])
    months, year, month = found.groups()
    check_months(int(months))
    if not year:
        return int(months), Month.of(on)
    try:
        first = Month(int(year), int(month))
    except ValueError:
        raise NotASpread(written=written.strip()[:40]) from None
    check_first(first, on=on)
    return int(months), first


def check_first(first: Month, *, on: date) -> None:
    """SpreadTooEarly unless `first` is near enough to the day of the entry, `on`."""
    if not -12 <= first.since(Month.of(on)) <= 120:
        raise SpreadTooEarly(month=str(first))


def day_of(month: Month, *, on: date) -> date:
    """The day on which a month's part of an entry dated `on` is posted: its last, or the entry's if later.

    What belongs to a month before the entry cannot be dated before it: the cost was not known then.
    """
    return max(month.last, on)


def written(spread: Spread) -> str:
    """As people type it: /12 from 2026-04."""
    return f"/{spread.months} from {spread.first}"


def origin_of(accrual: int, month: Month) -> str:
    """What a month's entry has as its origin."""
    return f"accrual:{accrual}:{month}"
