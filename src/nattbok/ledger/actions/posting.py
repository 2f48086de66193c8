"""Posting: drafts become entries, all or none, with the next numbers of their series."""

import datetime
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.ledger import rules
from nattbok.ledger.actions.books import open_year
from nattbok.ledger.actions.settling import insert_settlements
from nattbok.ledger.models import Account, Books, Entry, FiscalYear, Line, OpenItem, Party, Series
from nattbok.ledger.rules import EntryDraft, Posted

ONE = Decimal(1)


@transaction.atomic
def post(client: Client, drafts: Sequence[EntryDraft], *, acts: Sequence[int]) -> list[Posted]:
    """Post `drafts` with the next numbers of their series, all or none; each for the act beside it.

    An origin that is already posted with the same content is not posted again: its entry is returned in
    its place. Other content under the same origin raises OriginConflict. An origin whose entry was
    reversed is posted anew. A line's `settles` pays those open items at once.
    """
    if not drafts:
        return []
    books = Books.objects.select_for_update().get(client=client)  # one poster at a time
    prints = [rules.content(draft) for draft in drafts]
    posted, rounds = _already_posted(client, drafts, prints)
    new = [
        (draft, fingerprint, act)
        for draft, fingerprint, act in zip(drafts, prints, acts, strict=True)
        if draft.origin not in posted
    ]
    if len({draft.origin for draft, _print, _act in new}) < len(new):
        raise rules.OriginConflict(origin=_first_twice([draft.origin for draft, _print, _act in new]))
    if new:
        accounts, parties = _accounts(client), _parties(client, [draft for draft, _print, _act in new])
        in_use = {number: control for number, (_pk, control) in accounts.items()}
        for draft, _fingerprint, _act in new:
            rules.check(draft, accounts=in_use, closed_through=books.closed_through, parties=parties)
        posted |= _insert(client, books, new, rounds, accounts)
    return [posted[draft.origin] for draft in drafts]


def _first_twice(origins: Sequence[str]) -> str:
    return next(origin for place, origin in enumerate(origins) if origin in origins[:place])


def _already_posted(
    client: Client, drafts: Sequence[EntryDraft], prints: Sequence[str]
) -> tuple[dict[str, Posted], dict[str, int]]:
    """What stands under the drafts' origins, and the round that a reversed origin would be posted in."""
    asked = dict(zip((draft.origin for draft in drafts), prints, strict=True))
    reversed_ids = set(
        Entry.objects.filter(client=client, reverses__origin__in=list(asked)).values_list(
            "reverses_id", flat=True
        )
    )
    posted: dict[str, Posted] = {}
    rounds: dict[str, int] = {}
    there = Entry.objects.filter(client=client, origin__in=list(asked)).order_by("round")
    for pk, code, number, origin, round_, fingerprint in there.values_list(
        "id", "series__code", "number", "origin", "round", "content"
    ):
        if pk in reversed_ids:
            rounds[origin] = round_ + 1
            continue
        if fingerprint != asked[origin]:
            raise rules.OriginConflict(origin=origin)
        posted[origin] = Posted(pk, code, number, origin, was_there=True)
    return posted, rounds


def _accounts(client: Client) -> dict[str, tuple[int, str]]:
    rows = Account.objects.filter(client=client, is_active=True).values_list("number", "id", "control")
    return {number: (pk, control) for number, pk, control in rows}


def _parties(client: Client, drafts: Sequence[EntryDraft]) -> set[int]:
    named = {line.party for draft in drafts for line in draft.lines if line.party is not None}
    return set(Party.objects.filter(client=client, pk__in=named).values_list("pk", flat=True))


def _series(client: Client, keys: set[tuple[datetime.date, str]]) -> dict[tuple[datetime.date, str], Series]:
    """The series for each (day, code), made if need be; the books are locked, so nobody else makes them."""
    years = list(FiscalYear.objects.filter(client=client).order_by("starts_on"))
    by_day: dict[datetime.date, FiscalYear] = {}
    for day in sorted({day for day, _code in keys}):
        year = next((year for year in years if year.starts_on <= day <= year.ends_on), None)
        if year is None:
            # A client's years follow each other: the next one, or the one before, is opened by itself.
            near = years and years[0].starts_on - datetime.timedelta(days=366) <= day <= years[
                -1
            ].ends_on + datetime.timedelta(days=366)
            if not near:
                raise rules.OutsideYears(date=day)
            year = open_year(client, day)
            years.append(year)
            years.sort(key=lambda found: found.starts_on)
        by_day[day] = year
    found = {
        (series.year_id, series.code): series
        for series in Series.objects.filter(client=client, year__in={year.pk for year in by_day.values()})
    }
    for day, code in sorted(keys):
        year = by_day[day]
        if (year.pk, code) not in found:
            found[year.pk, code] = Series.objects.create(client=client, year=year, code=code)
    return {(day, code): found[by_day[day].pk, code] for day, code in keys}


def _insert(
    client: Client,
    books: Books,
    new: Sequence[tuple[EntryDraft, str, int]],
    rounds: dict[str, int],
    accounts: dict[str, tuple[int, str]],
) -> dict[str, Posted]:
    """Entries in one statement, lines in one, open items in one, settlements in one."""
    series = _series(client, {(draft.date, draft.series) for draft, _print, _act in new})
    entry_ids = bulk.ids(Entry, len(new))
    moment = timezone.now()
    entries: dict[str, list] = {
        name: []
        for name in (
            "series_id", "number", "position", "date", "text", "origin", "round", "reverses_id", "file_id",
            "line_count", "content", "link", "act_id",
        )
    }  # fmt: skip
    columns = (
        "entry_id", "number", "date", "account_id", "amount", "currency", "currency_amount", "rate", "text",
        "vat_code", "vat_base", "vat_amount", "party_id", "due_on", "reference", "dimensions",
    )  # fmt: skip
    rows: list[tuple] = []
    waiting: list[tuple[int, rules.LineDraft, EntryDraft]] = []  # row, line, draft: they get open items
    head, position = books.head, books.entries
    posted: list[Posted] = []
    for entry_id, (draft, fingerprint, act) in zip(entry_ids, new, strict=True):
        of = series[draft.date, draft.series]
        of.last_number += 1
        position += 1
        round_ = rounds.get(draft.origin, 0)
        linked = []
        for number, line in enumerate(draft.lines, start=1):
            currency = line.currency or client.currency
            currency_amount = line.amount if line.currency_amount is None else line.currency_amount
            rate = line.rate if line.rate is not None else _rate(line.amount, currency_amount)
            if line.party is not None:
                waiting.append((len(rows), line, draft))
            rows.append(
                (
                    entry_id, number, draft.date, accounts[line.account][0], line.amount, currency,
                    currency_amount, rate, line.text, line.vat_code, line.vat_base, line.vat_amount,
                    line.party, line.due_on, line.reference,
                    dict(line.dimensions) if line.dimensions else None,
                )
            )  # fmt: skip
            linked.append(
                (
                    line.account, line.amount, currency, currency_amount, line.vat_code, line.party,
                    line.due_on, line.reference,
                )
            )  # fmt: skip
        head = rules.Link(
            position, draft.series, of.last_number, draft.date, draft.text, draft.origin, round_,
            draft.reverses, act, linked,
        ).after(head)  # fmt: skip
        for name, value in zip(
            entries,
            (
                of.pk, of.last_number, position, draft.date, draft.text, draft.origin, round_, draft.reverses,
                draft.file, len(draft.lines), fingerprint, head, act,
            ),
            strict=True,
        ):  # fmt: skip
            entries[name].append(value)
        posted.append(Posted(entry_id, draft.series, of.last_number, draft.origin, was_there=False))
    bulk.insert(
        Entry,
        {"id": entry_ids, "client_id": [client.pk] * len(new), **entries, "posted_at": [moment] * len(new)},
    )
    line_ids = bulk.ids(Line, len(rows))
    bulk.insert(
        Line,
        {
            "id": line_ids,
            "client_id": [client.pk] * len(rows),
            **dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True)),
        },
    )
    items = _open_items(client, waiting, rows, line_ids, accounts)
    act_of = {entry_id: act for entry_id, (_draft, _print, act) in zip(entry_ids, new, strict=True)}
    insert_settlements(
        client,
        [
            (items[row], settles.item, settles.amount, act_of[rows[row][0]])
            for row, line, _draft in waiting
            for settles in line.settles
        ],
    )
    for found in series.values():
        Series.objects.filter(pk=found.pk).update(last_number=found.last_number)
    Books.objects.filter(pk=books.pk).update(entries=position, head=head)
    return {entry.origin: entry for entry in posted}


def _rate(amount: Decimal, currency_amount: Decimal) -> Decimal:
    """The client's currency for one unit of the line's, eight decimals; 1 when they are the same."""
    if amount == currency_amount or not currency_amount:
        return ONE
    return (amount / currency_amount).quantize(Decimal("0.00000001"))


def _open_items(client, waiting, rows, line_ids, accounts) -> dict[int, int]:
    """An open item for every line with a party: row → item id."""
    ids = bulk.ids(OpenItem, len(waiting))
    lines = [line for _row, line, _draft in waiting]
    bulk.insert(
        OpenItem,
        {
            "id": ids,
            "client_id": [client.pk] * len(ids),
            "line_id": [line_ids[row] for row, _line, _draft in waiting],
            "account_id": [accounts[line.account][0] for line in lines],
            "party_id": [line.party for line in lines],
            "date": [draft.date for _row, _line, draft in waiting],
            "due_on": [line.due_on for line in lines],
            "number": [line.number for line in lines],
            "reference": [line.reference for line in lines],
            "currency": [rows[row][5] for row, _line, _draft in waiting],
            "currency_amount": [rows[row][6] for row, _line, _draft in waiting],
            "amount": [line.amount for line in lines],
            "left": [line.amount for line in lines],
            "on_hold": [line.on_hold for line in lines],
        },
    )
    return {row: pk for (row, _line, _draft), pk in zip(waiting, ids, strict=True)}
