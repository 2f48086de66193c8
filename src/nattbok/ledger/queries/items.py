"""Open items, and the parties they are of."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs, Lower

from nattbok.base.money import ZERO
from nattbok.clients.models import Client
from nattbok.ledger import models
from nattbok.ledger.rules import OpenItem, PartyKind

AT_ONCE = 5_000  # rows that are fetched together
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Party:
    """A customer or supplier, with the bank accounts that are theirs and how often each was confirmed."""

    id: int
    kind: PartyKind
    number: str
    name: str
    org_number: str
    country: str
    accounts: tuple[tuple[str, int], ...] = ()


def open_items(
    client: Client,
    *,
    kind: PartyKind | None = None,
    party: int | None = None,
    references: Collection[str] = (),
    numbers: Collection[str] = (),
    ids: Collection[int] | None = None,
) -> list[OpenItem]:
    """The items still owed, oldest first; and, settled or not, those with one of the references or numbers.

    A settled item has nothing left; it is asked for to tell a second payment from an unknown one.
    """
    found = models.OpenItem.objects.filter(client=client)
    if ids is not None:
        found = found.filter(pk__in=list(ids))
    else:
        wanted = ~Q(left=0)
        if references:
            wanted |= Q(reference__in=[reference for reference in references if reference])
        if numbers:
            wanted |= Q(number__in=[number for number in numbers if number])
        found = found.filter(wanted)
    if kind is not None:
        found = found.filter(account__control=kind.value)
    if party is not None:
        found = found.filter(party=party)
    return _items(found.order_by("date", "id"))


@dataclass(frozen=True, slots=True)
class ItemPage:
    """The first of some open items, and what all of them come to; signed as the books have them."""

    items: list[OpenItem]
    count: int
    left: Decimal
    overdue: Decimal


_ITEM_ORDERS = {
    "": (Lower("party__name"), "party_id", "due_on", "date", "id"),
    "due": (F("due_on").asc(nulls_last=True), "date", "id"),
    "largest": (Abs("left").desc(), "id"),
}


def item_page(
    client: Client,
    kind: PartyKind,
    *,
    today: datetime.date,
    q: str = "",
    only: str = "",
    order: str = "",
    limit: int = 500,
) -> ItemPage:
    """The open items of customers or suppliers, by party, or as `order` says "due" or "largest".

    `q` is in the party's name, begins its number, or is in the invoice's number or reference; `only` is
    "overdue" or "on_hold".
    """
    found = models.OpenItem.objects.filter(~Q(left=0), client=client, account__control=kind.value)
    if q:
        wanted = Q(party__name__icontains=q) | Q(party__number__startswith=q)
        found = found.filter(wanted | Q(number__icontains=q) | Q(reference__icontains=q))
    if only == "overdue":
        found = found.filter(due_on__lt=today)
    if only == "on_hold":
        found = found.filter(on_hold=True)
    sums = found.aggregate(
        count=Count("pk"), sum=Sum("left", default=ZERO),
        overdue=Sum("left", filter=Q(due_on__lt=today), default=ZERO),
    )  # fmt: skip
    items = _items(found.order_by(*_ITEM_ORDERS[order])[:limit])
    return ItemPage(items, sums["count"], sums["sum"], sums["overdue"])


def _items(found: QuerySet) -> list[OpenItem]:
    rows = found.values_list(
        "id", "party_id", "party__kind", "party__number", "party__name", "account__number", "date", "due_on",
        "number", "reference", "currency", "currency_amount", "amount", "left", "on_hold", "line__entry_id",
    )  # fmt: skip
    # A client may have hundreds of thousands: fetched in parts, and what is equal is in memory once.
    once: dict = {}

    def same(value: Value) -> Value:
        return once.setdefault(value, value)

    return [
        OpenItem(
            pk, party, PartyKind(kind_), same(party_number), same(name), same(account), same(on),
            same(due_on), number_, reference, same(currency), same(currency_amount), same(amount), same(left),
            on_hold, entry, is_invoice=bool(number_),
        )
        for (
            pk, party, kind_, party_number, name, account, on, due_on, number_, reference, currency,
            currency_amount, amount, left, on_hold, entry,
        ) in rows.iterator(chunk_size=AT_ONCE)
    ]  # fmt: skip


def parties(client: Client, kind: PartyKind | None = None) -> list[Party]:
    """The client's customers and suppliers, with their bank accounts."""
    accounts = party_accounts(client)
    found = models.Party.objects.filter(client=client)
    if kind is not None:
        found = found.filter(kind=kind.value)
    return [
        Party(pk, PartyKind(kind_), number, name, org_number, country, tuple(accounts.get(pk, ())))
        for pk, kind_, number, name, org_number, country in found.order_by("kind", "name", "id").values_list(
            "id", "kind", "number", "name", "org_number", "country"
        )
    ]


def party_accounts(client: Client) -> dict[int, list[tuple[str, int]]]:
    """Party → its bank accounts in normal form, each with how many times it was confirmed."""
    found: dict[int, list[tuple[str, int]]] = {}
    for party, number, confirmed in models.PartyAccount.objects.filter(client=client).values_list(
        "party_id", "number", "confirmed"
    ):
        found.setdefault(party, []).append((number, confirmed))
    return found
