"""Reversal: an entry is undone by another one, and what it had settled is left again."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.ledger import rules
from nattbok.ledger.actions.posting import post
from nattbok.ledger.actions.settling import insert_partings, insert_settlements
from nattbok.ledger.models import Books, Entry, OpenItem, Settlement
from nattbok.ledger.queries.accruals import months_of
from nattbok.ledger.queries.lines import lines_of
from nattbok.ledger.rules import EntryDraft, Posted, Settles
from nattbok.trail.actions import record
from nattbok.trail.models import Act
from nattbok.trail.rules import ActDraft, means

REVERSED = means("ledger.reversed", _("Entry {series} {number} was reversed: {why}"))
POSTED_AGAIN = means("ledger.posted_again", _("Entry {series} {number} was posted again: {why}"))
CORRECTED = means("ledger.corrected", _("Entry {series} {number} was corrected: {why}"))


@transaction.atomic
def reverse(
    client: Client,
    entries: Sequence[int],
    *,
    by: str,
    why: str,
    on: datetime.date | None = None,
    night: int | None = None,
    along: bool = True,
) -> list[Posted]:
    """Reverse `entries`, each by an entry of its own with an act of its own that undoes the first one's.

    Settlements in which the entries' items take part are parted first, then each item and its opposite
    settle each other, so all that the entries paid is left again. Dated `on`, or as the entry itself, or,
    when that day is closed, the first open day. An entry that is already reversed is refused, and so is one
    that is itself a reversal: what it took back is posted anew from its origin. The months of what an entry
    spread go with it, unless `along` says that the caller sees to them. All are answered in the order that
    they were posted.
    """
    books = Books.objects.select_for_update().get(client=client)
    if along:
        entries = [*entries, *months_of(client, entries, but=entries)]
    originals = list(
        Entry.objects.filter(client=client, pk__among=entries).select_related("series").order_by("position")
    )
    missing = set(entries) - {entry.pk for entry in originals}
    if missing:
        raise rules.NoSuchEntry(entry=min(missing))
    for entry in originals:
        if entry.reverses_id is not None:
            raise rules.IsAReversal(entry=entry.pk)
    already = Entry.objects.filter(client=client, reverses__among=[entry.pk for entry in originals]).first()
    if already is not None:
        raise rules.AlreadyReversed(entry=already.reverses_id)
    undone = set(
        Act.objects.filter(client=client, undoes__among={entry.act_id for entry in originals}).values_list(
            "undoes_id", flat=True
        )
    )
    # Several entries may share an act; it is undone once, by the first one's reversal.
    undoes = []
    for entry in originals:
        undoes.append(None if entry.act_id in undone else entry.act_id)
        undone.add(entry.act_id)
    acts = record(
        client,
        [
            ActDraft(
                REVERSED,
                by,
                {"series": entry.series.code, "number": entry.number, "entry": entry.pk, "why": why},
                night,
                undone_act,
            )
            for entry, undone_act in zip(originals, undoes, strict=True)
        ],
    )
    lines = lines_of(client, [entry.pk for entry in originals])
    _part_all(client, originals, acts)
    drafts = []
    for entry in originals:
        first_open = books.closed_through and books.closed_through + datetime.timedelta(days=1)
        day = on or (max(entry.date, first_open) if first_open else entry.date)
        draft = EntryDraft(entry.date, entry.series.code, entry.origin, entry.text, tuple(lines[entry.pk]))
        drafts.append(rules.reversal(draft, entry.pk, on=day, text=why))
    posted = post(client, drafts, acts=acts)
    _close_both(client, originals, posted, acts)
    return posted


@transaction.atomic
def correct(
    client: Client, entry: int, draft: EntryDraft, *, by: str, why: str, night: int | None = None
) -> tuple[Posted, Posted]:
    """Reverse an entry and post `draft` in its place: the reversal and the new entry.

    The new entry stands for what the wrong one stood for, so it takes its origin, and its file when the
    draft names none; its act names both. Nothing is changed when the draft cannot be posted.
    """
    wrong = Entry.objects.select_related("series").filter(client=client, pk=entry).first()
    if wrong is None:
        raise rules.NoSuchEntry(entry=entry)
    back, *_months = reverse(client, [entry], by=by, why=why, night=night)
    evidence = {
        "series": wrong.series.code,
        "number": wrong.number,
        "entry": wrong.pk,
        "reversal": back.id,
        "why": why,
    }
    acts = record(client, [ActDraft(CORRECTED, by, evidence, night)])
    (right,) = post(
        client, [replace(draft, origin=wrong.origin, file=draft.file or wrong.file_id)], acts=acts
    )
    return back, right


@transaction.atomic
def post_again(
    client: Client, entry: int, *, by: str, why: str, night: int | None = None, is_held: bool = False
) -> Posted:
    """Post a reversed entry once more, from the same origin and with the same lines: the new entry.

    It settles what the first one settled when it was posted. What it owes is on hold where the first one's
    was, and all of it with `is_held`. Dated as that one, or, when that day is closed, the first open day.
    Refused when the entry still stands, when something else was posted from its origin, or when what it
    settled has been settled otherwise.
    """
    books = Books.objects.select_for_update().get(client=client)
    first = Entry.objects.select_related("series").filter(client=client, pk=entry).first()
    if first is None:
        raise rules.NoSuchEntry(entry=entry)
    if first.reverses_id is not None:
        raise rules.IsAReversal(entry=entry)
    standing = Entry.objects.filter(client=client, origin=first.origin, reverses__isnull=True).exclude(
        pk__in=Entry.objects.filter(client=client, reverses__isnull=False).values("reverses_id")
    )
    if standing.exists():
        raise rules.OriginConflict(origin=first.origin)
    settled = _settled_by(client, first)
    on_hold = set(
        OpenItem.objects.filter(client=client, line__entry=first, on_hold=True).values_list(
            "line__number", flat=True
        )
    )
    lines = tuple(
        replace(
            line,
            settles=tuple(settled.get(number, ())),
            on_hold=number in on_hold or (is_held and line.party is not None),
        )
        for number, line in enumerate(lines_of(client, [first.pk])[first.pk], start=1)
    )
    first_open = books.closed_through and books.closed_through + datetime.timedelta(days=1)
    day = max(first.date, first_open) if first_open else first.date
    evidence = {"series": first.series.code, "number": first.number, "entry": first.pk, "why": why}
    acts = record(client, [ActDraft(POSTED_AGAIN, by, evidence, night)])
    draft = EntryDraft(day, first.series.code, first.origin, first.text, lines, first.file_id)
    (posted,) = post(client, [draft], acts=acts)
    return posted


def _settled_by(client: Client, entry: Entry) -> dict[int, list[Settles]]:
    """Line number → what the entry's own act settled with it, parted or not."""
    number_of = dict(
        OpenItem.objects.filter(client=client, line__entry=entry).values_list("id", "line__number")
    )
    made = Settlement.objects.filter(client=client, act=entry.act_id, parts__isnull=True).order_by("pk")
    found: dict[int, list[Settles]] = defaultdict(list)
    for debit, credit, amount in made.values_list("debit_id", "credit_id", "amount"):
        for mine, other in ((debit, credit), (credit, debit)):
            if mine in number_of and other not in number_of:
                found[number_of[mine]].append(Settles(other, amount))
    return found


def _part_all(client: Client, originals: Sequence[Entry], acts: Sequence[int]) -> None:
    """Part every settlement that an entry's items take part in, for the act that reverses the entry."""
    act_of = dict(zip((entry.pk for entry in originals), acts, strict=True))
    mine = dict(
        OpenItem.objects.filter(client=client, line__entry__in=list(act_of)).values_list(
            "id", "line__entry_id"
        )
    )
    touching = Settlement.objects.filter(client=client, parts__isnull=True).filter(
        Q(debit__among=list(mine)) | Q(credit__among=list(mine))
    )
    insert_partings(
        client,
        {
            pk: act_of[mine[debit] if debit in mine else mine[credit]]
            for pk, debit, credit in touching.values_list("id", "debit_id", "credit_id")
        },
    )


def _close_both(
    client: Client, originals: Sequence[Entry], posted: Sequence[Posted], acts: Sequence[int]
) -> None:
    """Each item of an entry and its opposite in the reversal settle each other."""
    items: dict[int, dict[int, tuple[int, Decimal]]] = defaultdict(dict)
    both = [*(entry.pk for entry in originals), *(back.id for back in posted)]
    for entry_id, number, pk, amount in OpenItem.objects.filter(
        client=client, line__entry__in=both
    ).values_list("line__entry_id", "line__number", "id", "amount"):
        items[entry_id][number] = (pk, abs(amount))
    insert_settlements(
        client,
        [
            (items[back.id][number][0], pk, amount, act)
            for entry, back, act in zip(originals, posted, acts, strict=True)
            for number, (pk, amount) in sorted(items[entry.pk].items())
        ],
    )
