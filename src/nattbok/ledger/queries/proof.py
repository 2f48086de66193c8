"""Recomputing every promise from the tables, and naming the first thing that is wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.ledger.models import Books, Entry
from nattbok.ledger.rules import Link, LinkedLine
from nattbok.trail.queries import fingerprints

# The two sides of a promise are put under each other and summed, rather than joined, where there are many
# rows: just after a large posting the planner's statistics are old, and would have it loop over both.
# Each promise: its name, a query that gives the rows which break it, and the sentence for such a row. The
# query's columns are the sentence's names.
PROMISES: list[tuple[str, str, str]] = [
    (
        "entries balance",
        """SELECT series.code AS series, entry.number, sum(line.amount)::text AS total
           FROM ledger_line line JOIN ledger_entry entry ON entry.id = line.entry_id
           JOIN ledger_series series ON series.id = entry.series_id
           WHERE line.client_id = %(client)s
           GROUP BY series.code, entry.number, entry.id HAVING sum(line.amount) <> 0 ORDER BY entry.id""",
        _("Entry {series} {number} does not balance: its lines sum to {total}."),
    ),
    (
        "entries are complete",
        """SELECT series.code AS series, entry.number, wrong.promised::text, wrong.there::text
           FROM (SELECT id, sum(promised) AS promised, sum(there) AS there FROM (
                     SELECT id, line_count AS promised, 0 AS there, 0 AS last
                     FROM ledger_entry WHERE client_id = %(client)s
                     UNION ALL SELECT entry_id, 0, 1, number FROM ledger_line WHERE client_id = %(client)s
                 ) both_sides GROUP BY id
                 HAVING sum(promised) <> sum(there) OR max(last) <> sum(promised)) wrong
           JOIN ledger_entry entry ON entry.id = wrong.id
           JOIN ledger_series series ON series.id = entry.series_id ORDER BY entry.id""",
        _("Entry {series} {number} should have {promised} lines and has {there}."),
    ),
    (
        "numbers have no gaps",
        """SELECT series.code AS series, coalesce(max(entry.number), 0) AS number,
               count(entry.id)::text AS there
           FROM ledger_series series LEFT JOIN ledger_entry entry
               ON entry.client_id = series.client_id AND entry.series_id = series.id
           WHERE series.client_id = %(client)s GROUP BY series.id
           HAVING count(entry.id) <> coalesce(max(entry.number), 0) OR min(entry.number) <> 1
               OR series.last_number <> coalesce(max(entry.number), 0)
           ORDER BY series.id""",
        _("Series {series} ends at {number} but has {there} entries, or its counter says something else."),
    ),
    (
        "positions have no gaps",
        """SELECT coalesce(max(entry.position), 0) AS number, count(entry.id)::text AS there,
               max(books.entries)::text AS counted
           FROM ledger_books books LEFT JOIN ledger_entry entry ON entry.client_id = books.client_id
           WHERE books.client_id = %(client)s
           HAVING count(entry.id) <> coalesce(max(entry.position), 0) OR min(entry.position) <> 1
               OR max(books.entries) <> count(entry.id)""",
        _("The journal ends at {number}, has {there} entries, and the books count {counted}."),
    ),
    (
        "every act is there",
        """SELECT series.code AS series, entry.number FROM ledger_entry entry
           JOIN ledger_series series ON series.id = entry.series_id
           LEFT JOIN trail_act act ON act.id = entry.act_id AND act.client_id = entry.client_id
           WHERE entry.client_id = %(client)s AND act.id IS NULL ORDER BY entry.id""",
        _("Entry {series} {number} has no act: nobody can say why it was posted."),
    ),
    (
        "dates lie in their year",
        """SELECT series.code AS series, entry.number, entry.date::text AS date FROM ledger_entry entry
           JOIN ledger_series series ON series.id = entry.series_id
           JOIN ledger_fiscalyear year ON year.id = series.year_id
           WHERE entry.client_id = %(client)s AND entry.date NOT BETWEEN year.starts_on AND year.ends_on
           ORDER BY entry.id""",
        _("Entry {series} {number} is dated {date}, outside its year."),
    ),
    (
        "reversals are exact",
        """SELECT series.code AS series, entry.number FROM ledger_entry entry
           JOIN ledger_series series ON series.id = entry.series_id
           JOIN ledger_line line ON line.entry_id = entry.id
           LEFT JOIN ledger_line undone ON undone.entry_id = entry.reverses_id AND undone.number = line.number
               AND undone.account_id = line.account_id AND undone.amount = -line.amount
           LEFT JOIN ledger_entry original ON original.id = entry.reverses_id
           WHERE entry.client_id = %(client)s AND entry.reverses_id IS NOT NULL
               AND (undone.id IS NULL OR original.reverses_id IS NOT NULL
                    OR original.line_count <> entry.line_count)
           ORDER BY entry.id""",
        _("Entry {series} {number} does not take back exactly what it says it reverses."),
    ),
    (
        "nothing is posted twice",
        """SELECT series.code AS series, entry.number, entry.origin FROM ledger_entry entry
           JOIN ledger_series series ON series.id = entry.series_id
           WHERE entry.client_id = %(client)s AND entry.round > 0 AND NOT EXISTS (
               SELECT 1 FROM ledger_entry earlier JOIN ledger_entry reversal
                   ON reversal.client_id = earlier.client_id AND reversal.reverses_id = earlier.id
               WHERE earlier.client_id = entry.client_id AND earlier.origin = entry.origin
                   AND earlier.round = entry.round - 1)
           ORDER BY entry.id""",
        _("Entry {series} {number} posts {origin} again, which stands already."),
    ),
    (
        "open items are as their lines",
        """SELECT item.id AS item, item.amount::text AS amount, line.amount::text AS posted
           FROM ledger_line line LEFT JOIN ledger_openitem item ON item.line_id = line.id
           WHERE line.client_id = %(client)s AND (line.party_id IS NOT NULL OR item.id IS NOT NULL)
               AND (item.id IS NULL OR item.amount <> line.amount OR item.account_id <> line.account_id
                    OR item.party_id IS DISTINCT FROM line.party_id)
           ORDER BY line.id""",
        _("Open item {item} says {amount}, its line says {posted}."),
    ),
    (
        "settlements are never above the item",
        """SELECT id AS item, sum(amount)::text AS amount, sum("left")::text AS left,
               sum(settled)::text AS settled
           FROM (SELECT id, amount, "left", 0 AS settled FROM ledger_openitem WHERE client_id = %(client)s
                 UNION ALL SELECT debit_id, 0, 0, amount FROM ledger_settlement WHERE client_id = %(client)s
                 UNION ALL SELECT credit_id, 0, 0, -amount FROM ledger_settlement WHERE client_id = %(client)s
           ) both_sides GROUP BY id
           HAVING sum(amount) - sum(settled) <> sum("left") OR abs(sum(settled)) > abs(sum(amount))
               OR sum(settled) * sum(amount) < 0
           ORDER BY id""",
        _("Open item {item} of {amount} has {left} left, but {settled} of it is settled."),
    ),
    (
        "subledgers equal their control accounts",
        """SELECT account.number AS account, coalesce(lines.total, 0)::text AS ledger,
               coalesce(items.total, 0)::text AS subledger
           FROM ledger_account account
           LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_line
                      WHERE client_id = %(client)s GROUP BY 1) lines ON lines.account_id = account.id
           LEFT JOIN (SELECT account_id, sum("left") AS total FROM ledger_openitem
                      WHERE client_id = %(client)s GROUP BY 1) items ON items.account_id = account.id
           WHERE account.client_id = %(client)s AND account.control <> ''
               AND coalesce(lines.total, 0) <> coalesce(items.total, 0)
           ORDER BY account.number""",
        _("Account {account} stands at {ledger}, its open items sum to {subledger}."),
    ),
    (
        "totals equal their lines",
        """SELECT account.number AS account, coalesce(total.month, lines.month)::text AS month,
               (total.debit + total.credit)::text AS kept, lines.amount::text AS computed
           FROM (SELECT account_id, date_trunc('month', date)::date AS month, sum(amount) AS amount,
                     coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS debit, count(*) AS lines
                 FROM ledger_line WHERE client_id = %(client)s GROUP BY 1, 2) lines
           FULL JOIN (SELECT * FROM ledger_total WHERE client_id = %(client)s) total
               ON total.account_id = lines.account_id AND total.month = lines.month
           JOIN ledger_account account ON account.id = coalesce(total.account_id, lines.account_id)
           WHERE total.debit + total.credit IS DISTINCT FROM lines.amount
               OR total.debit IS DISTINCT FROM lines.debit OR total.lines IS DISTINCT FROM lines.lines
           ORDER BY 1, 2""",
        _("The total of account {account} for {month} is kept as {kept}; its lines sum to {computed}."),
    ),
]
TAMPERED = _("Entry {series} {number} is not as it was posted: the hash chain breaks at position {position}.")
HEAD_DIFFERS = _("The hash chain ends in {computed}, but the books say {kept}.")


@dataclass(frozen=True, slots=True)
class Fault:
    """A promise that does not hold, and the first thing that is wrong with it."""

    promise: str
    words: Words


@dataclass(frozen=True, slots=True)
class Proof:
    """What was recomputed for one client: entries, lines, their turnover, and the chain's head."""

    entries: int
    lines: int
    turnover: Decimal
    head: str
    fault: Fault | None


def prove(client: Client) -> Proof:
    """Recompute every promise the books make, as they stand at one moment. Stops at the first fault."""
    with one_moment():
        return _prove(client)


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read in the block is of the same moment, whoever posts meanwhile.

    Inside somebody's transaction it is that transaction's view, which is theirs to choose.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _prove(client: Client) -> Proof:
    books = Books.objects.get(client=client)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(amount) FILTER (WHERE amount > 0), 0) FROM ledger_line "
            "WHERE client_id = %s",
            [client.pk],
        )
        lines, turnover = cursor.fetchone()
    return Proof(books.entries, lines, turnover, books.head, next(_faults(client, books), None))


def _faults(client: Client, books: Books) -> Iterator[Fault]:
    for promise, query, sentence in PROMISES:
        with connection.cursor() as cursor:
            cursor.execute(query + " LIMIT 1", {"client": client.pk})
            row = cursor.fetchone()
            if row is not None:
                names = [column.name for column in cursor.description]
                yield Fault(promise, Words(sentence, dict(zip(names, row, strict=True))))
    yield from _chain(client, books)


def _chain(client: Client, books: Books) -> Iterator[Fault]:
    """Follow the hash chain from the first entry; the rows are streamed, not held."""
    before = ""
    for link, kept, pk in _links(client):
        before = link.after(before)
        if before != kept:
            yield Fault(
                "posted is posted",
                Words(
                    TAMPERED,
                    {"series": link.series, "number": link.number, "position": link.position, "entry": pk},
                ),
            )
            return
    if before != books.head:
        yield Fault("posted is posted", Words(HEAD_DIFFERS, {"computed": before, "kept": books.head}))


def _links(client: Client) -> Iterator[tuple[Link, str, int]]:
    """Every entry's link as it follows from the tables, with the one that was kept, in order."""
    last, size = 0, 2000
    while True:
        page = list(
            Entry.objects.filter(client=client, position__gt=last)
            .order_by("position")
            .values_list(
                "id", "link", "position", "series__code", "number", "date", "text", "origin", "round",
                "reverses_id", "file_id", "content", "act_id", "posted_at",
            )[:size]
        )  # fmt: skip
        if not page:
            return
        last = page[-1][2]
        lines = _linked_lines(client, [row[0] for row in page])
        acts = fingerprints(client, {row[12] for row in page})
        for pk, kept, *said, act, posted_at in page:
            yield Link(*said, act, acts.get(act, ""), posted_at, lines[pk]), kept, pk


def _linked_lines(client: Client, entries: list[int]) -> dict[int, list[LinkedLine]]:
    lines: dict[int, list[LinkedLine]] = {pk: [] for pk in entries}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT line.entry_id, account.number, line.amount, line.currency, line.currency_amount,
                   line.rate, line.text, line.vat_code, line.vat_base, line.vat_amount, line.party_id,
                   line.due_on, line.reference, line.dimensions
               FROM ledger_line line JOIN ledger_account account ON account.id = line.account_id
               WHERE line.client_id = %s AND line.entry_id = ANY(%s)
               ORDER BY line.entry_id, line.number""",
            [client.pk, entries],
        )
        for entry, *said, dimensions in cursor.fetchall():
            # A cursor of Django's gives JSON as text.
            known = json.loads(dimensions) if isinstance(dimensions, str) else dimensions
            lines[entry].append(LinkedLine(*said, known))
    return lines
