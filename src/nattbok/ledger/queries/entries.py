"""Entries: one by one with all that is behind them, and as a journal."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q, Sum

from nattbok.clients.models import Client
from nattbok.ledger.models import Entry, Line, OpenItem, Settlement


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in a list; `amount` is the sum of its debits."""

    id: int
    series: str
    number: int
    date: datetime.date
    text: str
    origin: str
    amount: Decimal
    is_reversed: bool
    by: str
    has_file: bool


@dataclass(frozen=True, slots=True)
class Paid:
    """That an item paid, or was paid by, an item of another entry."""

    entry: int
    series: str
    number: int
    date: datetime.date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineDetail:
    """One line of an entry, with what is left of it when it waits for payment, and what settled it."""

    number: int
    account: str
    account_name: str
    amount: Decimal
    currency: str
    currency_amount: Decimal
    text: str
    vat_code: str
    vat_base: Decimal | None
    vat_amount: Decimal | None
    party: str
    due_on: datetime.date | None
    reference: str
    item: int | None
    left: Decimal | None
    paid: tuple[Paid, ...]


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """An entry whole: its lines, act, file, and the entries that undo it or that it undoes."""

    id: int
    series: str
    number: int
    position: int
    date: datetime.date
    text: str
    origin: str
    link: str
    posted_at: datetime.datetime
    act: int
    file: int | None
    reverses: int | None
    reversed_by: int | None
    lines: tuple[LineDetail, ...]


def unreversed(client: Client, origins: Collection[str] | None = None) -> dict[str, int]:
    """Origin → the entry that stands for it now. Without `origins`, all of the client's."""
    found = Entry.objects.filter(client=client, reverses__isnull=True).exclude(
        pk__in=Entry.objects.filter(client=client, reverses__isnull=False).values("reverses_id")
    )
    if origins is not None:
        found = found.filter(origin__in=list(origins))
    return dict(found.values_list("origin", "pk"))


def last_posted(client: Client, origins: Collection[str]) -> dict[str, tuple[int, str]]:
    """Origin → the last entry that was posted from it, standing or reversed, with its series and number."""
    rows = (
        Entry.objects.filter(client=client, origin__in=list(origins), reverses__isnull=True)
        .order_by("position")
        .values_list("origin", "pk", "series__code", "number")
    )
    return {origin: (pk, f"{series} {number}") for origin, pk, series, number in rows}


def acts_of_entries(client: Client, ids: Collection[int]) -> dict[int, int]:
    """Entry → the act it was posted for."""
    return dict(Entry.objects.filter(client=client, pk__among=ids).values_list("pk", "act_id"))


def entries(
    client: Client,
    *,
    text: str = "",
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
    account: str = "",
    act_ids: Collection[int] | None = None,
    before: int | None = None,
    limit: int = 100,
    order: str = "",
) -> list[EntryRow]:
    """The journal, the newest first; `before` is the id of the last one of the page before.

    `order` "oldest" is the oldest first, "date" the latest date first.
    """
    found = Entry.objects.filter(client=client)
    if text:
        words = Q(text__icontains=text) | Q(origin__icontains=text)
        if text.isdigit():
            words |= Q(number=int(text)) if len(text) < 10 else Q()
        found = found.filter(words)
    if starts_on:
        found = found.filter(date__gte=starts_on)
    if ends_on:
        found = found.filter(date__lte=ends_on)
    if account:
        found = found.filter(
            Exists(Line.objects.filter(client=client, entry=OuterRef("pk"), account__number=account))
        )
    if act_ids is not None:
        found = found.filter(act__in=list(act_ids))
    if before:
        found = found.filter(_after(client, before, order))
    page = list(
        found.order_by(*_ORDERS[order]).values_list(
            "id", "series__code", "number", "date", "text", "origin", "act__by", "file_id"
        )[:limit]
    )
    ids = [row[0] for row in page]
    debits = dict(
        Line.objects.filter(client=client, entry__in=ids, amount__gt=0)
        .values_list("entry")
        .annotate(total=Sum("amount"))
        .values_list("entry", "total")
    )
    undone = set(Entry.objects.filter(client=client, reverses__in=ids).values_list("reverses_id", flat=True))
    return [
        EntryRow(
            pk,
            series,
            number,
            date,
            words,
            origin,
            debits.get(pk, Decimal("0.00")),
            pk in undone,
            by,
            bool(file),
        )
        for pk, series, number, date, words, origin, by, file in page
    ]


_ORDERS = {"": ("-pk",), "oldest": ("pk",), "date": ("-date", "-pk")}


def _after(client: Client, last: int, order: str) -> Q:
    """What comes after the entry `last` in an order."""
    match order:
        case "oldest":
            return Q(pk__gt=last)
        case "date":
            on = Entry.objects.filter(client=client, pk=last).values_list("date", flat=True).first()
            return Q(date__lt=on) | Q(date=on, pk__lt=last) if on else Q(pk__lt=last)
        case _:
            return Q(pk__lt=last)


def entry(client: Client, entry_id: int) -> EntryDetail:
    """One entry with all that is behind it; raises Entry.DoesNotExist when it is not this client's."""
    found = Entry.objects.select_related("series").get(client=client, pk=entry_id)
    reversal = Entry.objects.filter(client=client, reverses=found).first()
    rows = list(
        Line.objects.filter(client=client, entry=found).select_related("account", "party").order_by("number")
    )
    items = {
        line: (pk, left)
        for line, pk, left in OpenItem.objects.filter(client=client, line__in=rows).values_list(
            "line_id", "id", "left"
        )
    }
    paid = _paid(client, [pk for pk, _left in items.values()])
    return EntryDetail(
        found.pk,
        found.series.code,
        found.number,
        found.position,
        found.date,
        found.text,
        found.origin,
        found.link,
        found.posted_at,
        found.act_id,
        found.file_id,
        found.reverses_id,
        reversal.pk if reversal else None,
        tuple(
            LineDetail(
                line.number,
                line.account.number,
                line.account.name,
                line.amount,
                line.currency,
                line.currency_amount,
                line.text,
                line.vat_code,
                line.vat_base,
                line.vat_amount,
                line.party.name if line.party else "",
                line.due_on,
                line.reference,
                items.get(line.pk, (None, None))[0],
                items.get(line.pk, (None, None))[1],
                tuple(paid.get(items[line.pk][0], ())) if line.pk in items else (),
            )
            for line in rows
        ),
    )


def _paid(client: Client, items: Collection[int]) -> dict[int, list[Paid]]:
    """Item → what settled it and still stands."""
    parted = Settlement.objects.filter(client=client, parts__isnull=False).values("parts_id")
    standing = Settlement.objects.filter(client=client, parts__isnull=True).exclude(pk__in=parted)
    found: dict[int, list[Paid]] = {}
    for mine, other in (("debit", "credit"), ("credit", "debit")):
        for item, *rest in (
            standing.filter(**{f"{mine}__in": items})
            .annotate(
                other_entry=F(f"{other}__line__entry_id"),
                other_series=F(f"{other}__line__entry__series__code"),
                other_number=F(f"{other}__line__entry__number"),
                other_date=F(f"{other}__date"),
            )
            .values_list(f"{mine}_id", "other_entry", "other_series", "other_number", "other_date", "amount")
        ):
            found.setdefault(item, []).append(Paid(*rest))
    return found
