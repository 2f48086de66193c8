"""Movements to show."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.bank import models
from nattbok.clients.models import Client
from nattbok.ledger.queries import unreversed


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A movement in a list, with the entry that stands for it."""

    id: int
    account: str
    booked_on: date
    amount: Decimal
    reference: str
    payer: str
    text: str
    kinds: tuple[str, ...]
    entry: int | None
    sums_up: int


def movements(client: Client, *, limit: int = 200, before: int | None = None) -> list[MovementRow]:
    """The latest movements, the newest first."""
    found = models.Movement.objects.filter(client=client).select_related("account")
    if before:
        found = found.filter(pk__lt=before)
    page = list(found.order_by("-pk")[:limit])
    entries = unreversed(client, [f"movement:{movement.pk}" for movement in page])
    kinds: dict[int, list[str]] = defaultdict(list)
    for movement, kind in models.Report.objects.filter(client=client, movement__in=page).values_list(
        "movement_id", "kind"
    ):
        kinds[movement].append(kind)
    return [
        MovementRow(
            movement.pk,
            movement.account.title,
            movement.booked_on,
            movement.amount,
            movement.reference,
            movement.payer_name,
            movement.text,
            tuple(sorted(kinds[movement.pk])),
            entries.get(f"movement:{movement.pk}"),
            movement.sums_up,
        )
        for movement in page
    ]
