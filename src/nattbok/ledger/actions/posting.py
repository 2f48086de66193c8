"""Posting: drafts become entries, all or none, with the next numbers of their series."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

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


@dataclass(frozen=True, slots=True)
class _Placed:
    """An entry about to be written: its draft, and its place in its series and in the chain."""

    id: int
    draft: EntryDraft
    series: Series
    link: rules.Link
    head: str  # the chain's last link once the entry is in it

    def lines(self) -> Iterator[tuple[rules.LineDraft, rules.LinkedLine]]:
        """Each line as it was asked for, with the line as it stands in the table."""
        return zip(self.draft.lines, self.link.lines, strict=True)


def _insert(
    client: Client,
    books: Books,
    new: Sequence[tuple[EntryDraft, str, int]],
    rounds: dict[str, int],
    accounts: dict[str, tuple[int, str, bool]],
) -> dict[str, Posted]:
    """Entries in one statement, lines in one, open items in one, settlements in one."""
    entries = _placed(client, books, new, rounds)
    _write_entries(client, entries)
    line_ids = _write_lines(client, entries, accounts)
    _write_accruals(client, entries, line_ids, accounts)
    items = _write_open_items(client, entries, line_ids, accounts)
    every_line = [(entry, line) for entry in entries for line in entry.draft.lines]
    insert_settlements(
        client,
        [
            (item, settles.item, settles.amount, entry.link.act)
            for (entry, line), item in zip(every_line, items, strict=True)
            for settles in line.settles
        ],
    )
    for series in {id(entry.series): entry.series for entry in entries}.values():
        Series.objects.filter(pk=series.pk).update(last_number=series.last_number)
    Books.objects.filter(pk=books.pk).update(entries=entries[-1].link.position, head=entries[-1].head)
    waits = iter(items)
    return {
        entry.draft.origin: Posted(
            entry.id,
            entry.draft.series,
            entry.link.number,
            entry.draft.origin,
            was_there=False,
            items=tuple(islice(waits, len(entry.draft.lines))),
        )
        for entry in entries
    }


def _placed(
    client: Client, books: Books, new: Sequence[tuple[EntryDraft, str, int]], rounds: dict[str, int]
) -> list[_Placed]:
    """Each draft with the next number of its series, and chained to the one before it."""
    series = _series(client, {(draft.date, draft.series) for draft, _print, _act in new})
    entry_ids = bulk.ids(Entry, len(new))
    act_prints = fingerprints(client, [act for _draft, _print, act in new])
    moment = timezone.now()
    head, entries = books.head, []
    for position, (pk, (draft, fingerprint, act)) in enumerate(
        zip(entry_ids, new, strict=True), start=books.entries + 1
    ):
        of = series[draft.date, draft.series]
        of.last_number += 1
        link = rules.Link(
            position=position,
            series=draft.series,
            number=of.last_number,
            date=draft.date,
            text=draft.text,
            origin=draft.origin,
            round=rounds.get(draft.origin, 0),
            reverses=draft.reverses,
            file=draft.file,
            content=fingerprint,
            act=act,
            act_print=act_prints.get(act, ""),
            posted_at=moment,
            lines=[_linked(line, client.currency) for line in draft.lines],
        )
        head = link.after(head)
        entries.append(_Placed(pk, draft, of, link, head))
    return entries


def _linked(line: rules.LineDraft, currency: str) -> rules.LinkedLine:
    """The line as it stands in the table: with its currency, rate and amount said."""
    return rules.LinkedLine(
        account=line.account,
        amount=line.amount,
        currency=line.currency or currency,
        currency_amount=line.amount if line.currency_amount is None else line.currency_amount,
        rate=rules.rate(line),
        text=line.text,
        vat_code=line.vat_code,
        vat_base=line.vat_base,
        vat_amount=line.vat_amount,
        party=line.party,
        due_on=line.due_on,
        reference=line.reference,
        dimensions=dict(line.dimensions) if line.dimensions else None,
    )


def _write_entries(client: Client, entries: Sequence[_Placed]) -> None:
    links = [entry.link for entry in entries]
    same = ("number", "position", "date", "text", "origin", "round", "content", "posted_at")
    bulk.insert(
        Entry,
        {
            "id": [entry.id for entry in entries],
            "client_id": [client.pk] * len(entries),
            "series_id": [entry.series.pk for entry in entries],
            **{name: [getattr(link, name) for link in links] for name in same},
            "reverses_id": [link.reverses for link in links],
            "file_id": [link.file for link in links],
            "line_count": [len(link.lines) for link in links],
            "link": [entry.head for entry in entries],
            "act_id": [link.act for link in links],
        },
    )


def _write_lines(client: Client, entries: Sequence[_Placed], accounts) -> list[int]:
    """The lines of all the entries, in their order; their ids."""
    lines = [line for entry in entries for line in entry.link.lines]
    ids = bulk.ids(Line, len(lines))
    same = ("amount", "currency", "currency_amount", "rate", "text", "vat_code", "vat_base", "vat_amount",
            "due_on", "reference", "dimensions")  # fmt: skip
    bulk.insert(
        Line,
        {
            "id": ids,
            "client_id": [client.pk] * len(ids),
            "entry_id": [entry.id for entry in entries for _line in entry.link.lines],
            "number": [number for entry in entries for number in range(1, len(entry.link.lines) + 1)],
            "date": [entry.draft.date for entry in entries for _line in entry.link.lines],
            "account_id": [accounts[line.account][0] for line in lines],
            "party_id": [line.party for line in lines],
            **{name: [getattr(line, name) for line in lines] for name in same},
        },
    )
    return ids


def _write_accruals(client: Client, entries: Sequence[_Placed], line_ids: Sequence[int], accounts) -> None:
    """What is spread, of which line over which months."""
    lines = (line for entry in entries for line in entry.draft.lines)
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


def _write_open_items(
    client: Client, entries: Sequence[_Placed], line_ids: Sequence[int], accounts
) -> list[int | None]:
    """An open item for every line with a party: for each line its item's id, or None."""
    every = ((entry.draft.date, *both) for entry in entries for both in entry.lines())
    waiting = [
        (pk, on, line, linked)
        for pk, (on, line, linked) in zip(line_ids, every, strict=True)
        if line.party is not None
    ]
    ids = bulk.ids(OpenItem, len(waiting))
    lines = [line for _pk, _on, line, _linked in waiting]
    bulk.insert(
        OpenItem,
        {
            "id": ids,
            "client_id": [client.pk] * len(ids),
            "line_id": [pk for pk, _on, _line, _linked in waiting],
            "account_id": [accounts[line.account][0] for line in lines],
            "party_id": [line.party for line in lines],
            "date": [on for _pk, on, _line, _linked in waiting],
            "due_on": [line.due_on for line in lines],
            "number": [line.number for line in lines],
            "reference": [line.reference for line in lines],
            "currency": [linked.currency for _pk, _on, _line, linked in waiting],
            "currency_amount": [linked.currency_amount for _pk, _on, _line, linked in waiting],
            "amount": [line.amount for line in lines],
            "left": [line.amount for line in lines],
            "on_hold": [line.on_hold for line in lines],
        },
    )
    of_line = {pk: item for (pk, *_rest), item in zip(waiting, ids, strict=True)}
    return [of_line.get(pk) for pk in line_ids]
