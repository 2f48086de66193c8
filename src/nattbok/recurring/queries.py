"""What is spread, and how far it has come."""

from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.clients.models import Client
from nattbok.ledger.queries import accruals, last_posted, unreversed
from nattbok.ledger.rules import AccrualRow, Part
from nattbok.ledger.rules.spreading import origin_of


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month's part: the entry that stands for it, or that was taken back; neither while it waits."""

    part: Part
    entry: int | None
    is_taken_back: bool


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """What is spread with its months, and what of it still waits."""

    accrual: AccrualRow
    months: tuple[MonthRow, ...]
    left: Decimal

    @property
    def posted(self) -> int:
        """How many of its months are posted."""
        return sum(month.entry is not None and not month.is_taken_back for month in self.months)


def spreads(client: Client) -> list[SpreadRow]:
    """What is spread and not stopped, the newest first, each month with its entry."""
    return _rows(client, list(reversed(accruals(client, is_running=True))))


def spreads_of(client: Client, entry: int) -> list[SpreadRow]:
    """What one entry spreads, standing or stopped."""
    rows = accruals(client, entries=[entry])
    return _rows(client, rows) if rows else []


def _rows(client: Client, rows: list[AccrualRow]) -> list[SpreadRow]:
    origins = [origin_of(row.id, part.month) for row in rows for part in row.parts]
    last, standing = last_posted(client, origins), unreversed(client, origins)
    found = []
    for row in rows:
        months = []
        for part in row.parts:
            origin = origin_of(row.id, part.month)
            entry = standing.get(origin) or last.get(origin, (None, ""))[0]
            months.append(MonthRow(part, entry, entry is not None and origin not in standing))
        posted = [each.part.amount for each in months if each.entry and not each.is_taken_back]
        found.append(SpreadRow(row, tuple(months), row.amount - sum(posted, ZERO)))
    return found
