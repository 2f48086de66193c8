"""What customers owe and what is owed to suppliers, in sums: what is overdue, and what is due next."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from nattbok.base.money import ZERO
from nattbok.clients.models import Client
from nattbok.ledger.models import OpenItem
from nattbok.ledger.rules import PartyKind

MOST_DAYS = 4


@dataclass(frozen=True, slots=True)
class Due:
    """What falls due on a day."""

    on: datetime.date
    amount: Decimal
    invoices: int


@dataclass(frozen=True, slots=True)
class Owed:
    """One side of the subledger, in the client's currency and without a sign.

    `left` is what is owed with credit notes and payments ahead, which are `other`, taken off. `overdue`,
    `on_hold` and the next days, from today on, are of the invoices alone.
    """

    left: Decimal
    other: Decimal
    overdue: Decimal
    on_hold: Decimal
    due_next: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class _Day:
    """The open items of a side that are due on a day: invoices, those of them on hold, and what is not."""

    on: datetime.date | None
    invoices: int
    amount: Decimal
    held: Decimal
    other: Decimal


def owed(client: Client, *, today: datetime.date) -> dict[PartyKind, Owed]:
    """What is owed, for each side that has anything open; one query, summed by day in the database."""
    is_customers = Q(account__control=PartyKind.CUSTOMER.value)
    invoice = Q(left__gt=0) & is_customers | Q(left__lt=0) & ~is_customers
    rows = (
        OpenItem.objects.filter(client=client, account__control__in=[kind.value for kind in PartyKind])
        .exclude(left=0)
        .values("due_on", kind=F("account__control"))
        .order_by("due_on")
        .annotate(
            invoices=Count("pk", filter=invoice),
            amount=Sum("left", filter=invoice, default=ZERO),
            held=Sum("left", filter=invoice & Q(on_hold=True), default=ZERO),
            other=Sum("left", filter=~invoice, default=ZERO),
        )
    )
    sides: dict[PartyKind, list[_Day]] = {}
    for row in rows:
        kind = PartyKind(row["kind"])
        sign = 1 if kind is PartyKind.CUSTOMER else -1
        day = _Day(
            row["due_on"], row["invoices"], sign * row["amount"], sign * row["held"], -sign * row["other"]
        )
        sides.setdefault(kind, []).append(day)
    return {kind: _summed(days, today) for kind, days in sides.items()}


def _summed(days: Sequence[_Day], today: datetime.date) -> Owed:
    """The days of one side, the earliest first, as what is owed."""
    amount, other = sum((day.amount for day in days), ZERO), sum((day.other for day in days), ZERO)
    to_come = [day for day in days if day.invoices and day.on is not None and day.on >= today]
    return Owed(
        left=amount - other,
        other=other,
        overdue=sum((day.amount for day in days if day.on is not None and day.on < today), ZERO),
        on_hold=sum((day.held for day in days), ZERO),
        due_next=tuple(Due(day.on, day.amount, day.invoices) for day in to_come[:MOST_DAYS]),
    )
