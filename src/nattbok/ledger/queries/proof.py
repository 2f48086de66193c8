"""Recomputing every promise from the tables, and naming the first thing that is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.ledger.models import Books, Entry
from nattbok.ledger.rules import Link

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
        """SELECT series.code AS series, entry.number, entry.line_count::text AS promised,
               count(line.id)::text AS there
           FROM ledger_entry entry JOIN ledger_series series ON series.id = entry.series_id
           LEFT JOIN ledger_line line ON line.entry_id = entry.id
           WHERE entry.client_id = %(client)s GROUP BY entry.id, series.code
           HAVING count(line.id) <> entry.line_count OR max(line.number) IS DISTINCT FROM entry.line_count
           ORDER BY entry.id""",
        _("Entry {series} {number} should have {promised} lines and has {there}."),
    ),
    (
        "numbers have no gaps",
        """SELECT series.code AS series, max(entry.number) AS number, count(*)::text AS there
           FROM ledger_entry entry JOIN ledger_series series ON series.id = entry.series_id
           WHERE entry.client_id = %(client)s GROUP BY series.id
           HAVING count(*) <> max(entry.number) OR min(entry.number) <> 1
               OR series.last_number <> max(entry.number)
           ORDER BY series.id""",
        _("Series {series} ends at {number} but has {there} entries, or its counter says something else."),
    ),
    (
        "positions have no gaps",
        """SELECT max(entry.position) AS number, count(*)::text AS there, max(books.entries)::text AS counted
           FROM ledger_entry entry JOIN ledger_books books ON books.client_id = entry.client_id
           WHERE entry.client_id = %(client)s
           HAVING count(*) > 0 AND (count(*) <> max(entry.position) OR min(entry.position) <> 1
               OR max(books.entries) <> count(*))""",
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
        """SELECT item.id AS item, item.amount::text AS amount, item."left"::text AS left,
               coalesce(sum(taken.amount), 0)::text AS settled
           FROM ledger_openitem item LEFT JOIN (
               SELECT debit_id AS id, amount FROM ledger_settlement WHERE client_id = %(client)s
               UNION ALL SELECT credit_id, -amount FROM ledger_settlement WHERE client_id = %(client)s
           ) taken ON taken.id = item.id
           WHERE item.client_id = %(client)s GROUP BY item.id
           HAVING item.amount - coalesce(sum(taken.amount), 0) <> item."left"
               OR abs(coalesce(sum(taken.amount), 0)) > abs(item.amount)
               OR coalesce(sum(taken.amount), 0) * item.amount < 0
           ORDER BY item.id""",
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
    """Recompute every promise the books make. Stops at the first fault."""
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
                "id", "position", "series__code", "number", "date", "text", "origin", "round", "reverses_id",
                "act_id", "link",
            )[:size]
        )  # fmt: skip
        if not page:
            return
        last = page[-1][1]
        lines: dict[int, list[tuple]] = {row[0]: [] for row in page}
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT line.entry_id, account.number, line.amount, line.currency, line.currency_amount,
                       line.vat_code, line.party_id, line.due_on, line.reference
                   FROM ledger_line line JOIN ledger_account account ON account.id = line.account_id
                   WHERE line.client_id = %s AND line.entry_id = ANY(%s)
                   ORDER BY line.entry_id, line.number""",
                [client.pk, list(lines)],
            )
            for entry_id, *rest in cursor.fetchall():
                lines[entry_id].append(tuple(rest))
        for pk, position, series, number, date, text, origin, round_, reverses, act, kept in page:
            yield (
                Link(position, series, number, date, text, origin, round_, reverses, act, lines[pk]),
                kept,
                pk,
            )
