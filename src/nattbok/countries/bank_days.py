"""The days on which a country's banks settle payments."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY = 5


class BankDays:
    """One country's bank days: not weekends, not public holidays, not the days it adds to them."""

    def __init__(self, code: str, also_closed: Callable[[int], frozenset[date]]) -> None:
        """`also_closed` gives the bank-free days of a year that are not public holidays."""
        self._code = code
        self._also_closed = also_closed
        self._closed = lru_cache(maxsize=256)(self._closed_in)

    def _closed_in(self, year: int) -> frozenset[date]:
        return frozenset(holidays.country_holidays(self._code, years=year)) | self._also_closed(year)

    def is_bank_day(self, day: date) -> bool:
        """Whether banks settle on `day`."""
        return day.weekday() < SATURDAY and day not in self._closed(day.year)

    def next_bank_day(self, day: date) -> date:
        """`day` itself when it is a bank day, otherwise the first one after it.

        The last day there is stands for itself: files write 9999-12-31 for "never".
        """
        while day != date.max and not self.is_bank_day(day):
            day += timedelta(days=1)
        return day
