"""Posting: drafts become entries, all or none, with the next numbers of their series."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.ledger import rules
from nattbok.ledger.actions.books import open_year
from nattbok.ledger.actions.settling import insert_settlements
from nattbok.ledger.models import Account, Accrual, Books, Entry, FiscalYear, Line, OpenItem, Party, Series
from nattbok.ledger.rules import EntryDraft, Posted
from nattbok.trail.queries import fingerprints


@transaction.atomic
def post(client: Client, drafts: Sequence[EntryDraft], *, acts: Sequence[int]) -> list[Posted]:
    """Post `drafts` with the next numbers of their series, all or none; each for the act beside it.

    An origin that is already posted with the same content is not posted again: its entry is returned in
    its place. Other content under the same origin raises OriginConflict. An origin whose entry was
    reversed is posted anew. A line's `settles` pays those open items at once.
    """
    if not drafts:
        return []
    drafts, acts, asked = _each_once(drafts, acts)
    books = Books.objects.select_for_update().get(client=client)  # one poster at a time
    prints = [rules.content(draft) for draft in drafts]
    posted, rounds = _already_posted(client, drafts, prints)
    new = [
        (draft, fingerprint, act)
        for draft, fingerprint, act in zip(drafts, prints, acts, strict=True)
        if draft.origin not in posted
    ]
    if new:
        accounts, parties = _accounts(client), _parties(client, [draft for draft, _print, _act in new])
        every = {number: control for number, (_pk, control, _is_active) in accounts.items()}
        in_use = {number: control for number, (_pk, control, is_active) in accounts.items() if is_active}
        for draft, _fingerprint, _act in new:
            # What was posted on an account that is now out of use can still be taken back.
            rules.check(
                draft,
                accounts=in_use if draft.reverses is None else every,
                closed_through=books.closed_through,
                parties=parties,
                currency=client.currency,
            )
        posted |= _insert(client, books, new, rounds, accounts)
    return [posted[origin] for origin in asked]


def _each_once(
    drafts: Sequence[EntryDraft], acts: Sequence[int]
) -> tuple[list[EntryDraft], list[int], list[str]]:
    """Each origin once, with the act beside it, and the origins as they were asked for.

    The same draft asked for twice in one call is one entry, as it is in two calls.
    """
    first: dict[str, tuple[EntryDraft, int]] = {}
    for draft, act in zip(drafts, acts, strict=True):
        there, _act = first.setdefault(draft.origin, (draft, act))
        if there is not draft and rules.content(there) != rules.content(draft):
            raise rules.OriginConflict(origin=draft.origin)
    return (
        [draft for draft, _act in first.values()],
        [act for _draft, act in first.values()],
        [draft.origin for draft in drafts],
    )


def _already_posted(
    client: Client, drafts: Sequence[EntryDraft], prints: Sequence[str]
) -> tuple[dict[str, Posted], dict[str, int]]:
    """What stands under the drafts' origins, and the round that a reversed origin would be posted in."""
    asked = dict(zip((draft.origin for draft in drafts), prints, strict=True))
    reversed_ids = set(
        Entry.objects.filter(client=client, reverses__origin__among=asked).values_list(
            "reverses_id", flat=True
        )
    )
    posted: dict[str, Posted] = {}
    rounds: dict[str, int] = {}
    there = Entry.objects.filter(client=client, origin__among=asked).order_by("round")
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


def _accounts(client: Client) -> dict[str, tuple[int, str, bool]]:
    rows = Account.objects.filter(client=client).values_list("number", "id", "control", "is_active")
    return {number: tuple(rest) for number, *rest in rows}


def _parties(client: Client, drafts: Sequence[EntryDraft]) -> set[int]:
    named = {line.party for draft in drafts for line in draft.lines if line.party is not None}
    return set(Party.objects.filter(client=client, pk__among=named).values_list("pk", flat=True))


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
    accounts: dict[str, tuple[int, str, bool]],
) -> dict[str, Posted]:
    """Entries in one statement, lines in one, open items in one, settlements in one."""
    series = _series(client, {(draft.date, draft.series) for draft, _print, _act in new})
    entry_ids = bulk.ids(Entry, len(new))
    act_prints = fingerprints(client, [act for _draft, _print, act in new])
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
    posted: list[tuple[int, str, int, str]] = []
    for entry_id, (draft, fingerprint, act) in zip(entry_ids, new, strict=True):
        of = series[draft.date, draft.series]
        of.last_number += 1
        position += 1
        round_ = rounds.get(draft.origin, 0)
        linked = []
        for number, line in enumerate(draft.lines, start=1):
            currency = line.currency or client.currency
            currency_amount = line.amount if line.currency_amount is None else line.currency_amount
            rate = rules.rate(line)
            dimensions = dict(line.dimensions) if line.dimensions else None
            if line.party is not None:
                waiting.append((len(rows), line, draft))
            rows.append(
                (
                    entry_id, number, draft.date, accounts[line.account][0], line.amount, currency,
                    currency_amount, rate, line.text, line.vat_code, line.vat_base, line.vat_amount,
                    line.party, line.due_on, line.reference, dimensions,
                )
            )  # fmt: skip
            linked.append(
                rules.LinkedLine(
                    line.account, line.amount, currency, currency_amount, rate, line.text, line.vat_code,
                    line.vat_base, line.vat_amount, line.party, line.due_on, line.reference, dimensions,
                )
            )  # fmt: skip
        head = rules.Link(
            position, draft.series, of.last_number, draft.date, draft.text, draft.origin, round_,
            draft.reverses, draft.file, fingerprint, act, act_prints.get(act, ""), moment, linked,
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
        posted.append((entry_id, draft.series, of.last_number, draft.origin))
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
    _accruals(client, [line for draft, _print, _act in new for line in draft.lines], line_ids, accounts)
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
    waits = [items.get(row) for row in range(len(rows))]
    result, row = {}, 0
    for (entry_id, code, number, origin), (draft, _print, _act) in zip(posted, new, strict=True):
        after = row + len(draft.lines)
        result[origin] = Posted(
            entry_id, code, number, origin, was_there=False, items=tuple(waits[row:after])
        )
        row = after
    return result


def _accruals(client, lines, line_ids, accounts) -> None:
    """What is spread, of which line over which months."""
    spread = [(pk, line.spread) for pk, line in zip(line_ids, lines, strict=True) if line.spread is not None]
    bulk.insert(
        Accrual,
        {
            "client_id": [client.pk] * len(spread),
            "line_id": [pk for pk, _spread in spread],
            "account_id": [accounts[found.account][0] for _pk, found in spread],
            "months": [found.months for _pk, found in spread],
            "first": [found.first.first for _pk, found in spread],
        },
    )


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
