"""The span of days that a ledger page shows, from its address."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from nattbok.base.dates import DateRange, FiscalYear, Month
from nattbok.base.written import read_day
from nattbok.clients.models import Client
from nattbok.web.page import NotAsAsked


@dataclass(frozen=True, slots=True)
class Chosen:
    """The span shown, and those that are one click away."""

    days: DateRange
    years: tuple[FiscalYear, ...]
    months: tuple[Month, ...]

    @property
    def query(self) -> str:
        """The span as it stands in an address."""
        return f"from={self.days.first}&to={self.days.last}"


def read(written: str) -> datetime.date | None:
    """A day from an address, None when there is none. Raises NotADay."""
    return read_day(written, near=timezone.localdate())


def chosen(request: HttpRequest, client: Client, asked: Mapping[str, str] | None = None) -> Chosen:
    """The days asked for in the address, or in `asked`; or else the client's fiscal year that today is in."""
    asked = request.GET if asked is None else asked
    first, last = read(asked.get("from", "")), read(asked.get("to", ""))
    this_year = FiscalYear.of(last or first or timezone.localdate(), start_month=client.year_starts)
    first, last = first or this_year.first, last or this_year.last
    if last < first:
        raise NotAsAsked(written=f"{first} – {last}")
    now = FiscalYear.of(timezone.localdate(), start_month=client.year_starts)
    before = FiscalYear.of(now.first - datetime.timedelta(days=1), start_month=client.year_starts)
    years = sorted({before, now, this_year})
    return Chosen(DateRange(first, last), tuple(years), tuple(this_year.months))
