"""What the books of an invented client come to when the night begins."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from nattbok.sandbox.office import HistoryEntry, OpenItem


def open_items(history: Iterable[HistoryEntry]) -> dict[str, OpenItem]:
    """All items by their keys, also the settled ones (`left` zero); amounts signed as in the books."""
    found: dict[str, OpenItem] = {}
    settled: dict[str, Decimal] = defaultdict(Decimal)
    for entry in history:
        for line in entry.lines:
            for key, amount in line.settles:
                settled[key] += amount
            if line.key:
                found[line.key] = OpenItem(
                    key=line.key,
                    party=line.party,
                    number=line.number,
                    reference=line.reference,
                    date=entry.date,
                    due_on=line.due_on,
                    amount=line.amount,
                    left=line.amount,
                )
    return {key: _less(item, settled[key]) for key, item in found.items()}


def balances(history: Iterable[HistoryEntry]) -> dict[str, Decimal]:
    """Every account's balance."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for entry in history:
        for line in entry.lines:
            found[line.account] += line.amount
    return dict(sorted(found.items()))


def _less(item: OpenItem, amount: Decimal) -> OpenItem:
    if not amount:
        return item
    left = item.amount - amount if item.amount > 0 else item.amount + amount
    return OpenItem(
        item.key, item.party, item.number, item.reference, item.date, item.due_on, item.amount, left
    )
