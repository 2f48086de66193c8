"""What is spread over months, and how far it has come."""

from collections.abc import Collection

from nattbok.base.dates import Month
from nattbok.clients.models import Client
from nattbok.ledger.models import Accrual, Entry
from nattbok.ledger.rules.spreading import AccrualRow, origin_of


def accruals(
    client: Client, *, entries: Collection[int] | None = None, is_running: bool | None = None
) -> list[AccrualRow]:
    """What is spread, in the order it was posted: of these entries, or of all; running, stopped, or both."""
    found = Accrual.objects.filter(client=client)
    if entries is not None:
        found = found.filter(line__entry__in=list(entries))
    rows = list(
        found.order_by("pk").values_list(
            "id", "line__entry_id", "line__entry__series__code", "line__entry__number", "line__date",
            "line__text", "line__entry__text", "line__account__number", "account__number", "line__amount",
            "months", "first", "line__dimensions",
        )
    )  # fmt: skip
    if not rows:
        return []
    stopped = set(
        Entry.objects.filter(client=client, reverses__among={row[1] for row in rows}).values_list(
            "reverses_id", flat=True
        )
    )
    listed = [
        AccrualRow(*row[:5], row[5] or row[6], *row[7:11], Month.of(row[11]), row[12], row[1] in stopped)
        for row in rows
    ]
    return [row for row in listed if is_running is None or row.is_stopped is not is_running]


def months_of(client: Client, entries: Collection[int], *, but: Collection[int] = ()) -> list[int]:
    """The entries that stand for months of what these entries spread, in the order they were posted."""
    origins = [
        origin_of(row.id, part.month) for row in accruals(client, entries=entries) for part in row.parts
    ]
    if not origins:
        return []
    found = (
        Entry.objects.filter(client=client, origin__among=origins, reverses__isnull=True)
        .exclude(pk__in=Entry.objects.filter(client=client, reverses__isnull=False).values("reverses_id"))
        .order_by("position")
    )
    return [pk for pk in found.values_list("pk", flat=True) if pk not in set(but)]
