"""Lines on the bank accounts' ledger accounts that nothing of the bank's answers, beside what waits."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection

from nattbok.bank.rules.in_books import DAYS_APART, BookedLine
from nattbok.bank.rules.shape import Payment
from nattbok.clients.models import Client

# From the first day that the bank has told of: what is older is in the balance it began with.
_LINES = """
WITH banks AS (
    SELECT bank.account_id AS ledger, bool_and(bank.currency <> %(currency)s) AS is_foreign
    FROM bank_bankaccount bank WHERE bank.client_id = %(client)s GROUP BY 1
), begun AS (
    SELECT bank.account_id AS ledger, min(movement.booked_on) AS day
    FROM bank_movement movement JOIN bank_bankaccount bank ON bank.id = movement.account_id
    WHERE movement.client_id = %(client)s GROUP BY 1
), lines AS (
    SELECT line.id, line.entry_id, line.account_id, line.date,
        CASE WHEN banks.is_foreign THEN line.currency_amount ELSE line.amount END AS amount
    FROM ledger_line line JOIN banks ON banks.ledger = line.account_id
    JOIN begun ON begun.ledger = line.account_id AND begun.day <= line.date
    WHERE line.client_id = %(client)s AND line.date BETWEEN %(first)s AND %(last)s
)
SELECT lines.id, lines.entry_id, account.number, lines.date, lines.amount,
    series.code || ' ' || entry.number, entry.text
FROM lines JOIN ledger_entry entry ON entry.client_id = %(client)s AND entry.id = lines.entry_id
JOIN ledger_account account ON account.id = lines.account_id
JOIN ledger_series series ON series.id = entry.series_id
LEFT JOIN bank_movement made ON made.client_id = %(client)s AND made.id =
    CASE WHEN entry.origin ~ '^movement:[0-9]+$' THEN substring(entry.origin FROM 10)::bigint END
LEFT JOIN bank_bankaccount bank ON bank.id = made.account_id
WHERE lines.amount IN (SELECT unnest(%(amounts)s::numeric[]))
    AND entry.reverses_id IS NULL AND entry.origin NOT LIKE 'opening:%%'
    AND entry.id NOT IN (SELECT reversal.reverses_id FROM ledger_entry reversal
        WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL)
    AND (bank.account_id IS NULL OR bank.account_id <> lines.account_id)
    AND lines.id NOT IN (SELECT paired.line_id FROM bank_pairedline paired
        WHERE paired.client_id = %(client)s AND paired.is_live)
"""
_AROUND = """
WITH others AS (
    SELECT line.id, line.entry_id, line.account_id, line.party_id, line.text
    FROM ledger_line line
    WHERE line.client_id = %(client)s AND line.entry_id = ANY(%(entries)s) AND line.id <> ALL(%(lines)s)
), items AS (
    SELECT others.entry_id, item.id, item.number, item.reference
    FROM others JOIN ledger_openitem item ON item.client_id = %(client)s AND item.line_id = others.id
), settled AS (
    SELECT items.entry_id, other.number, other.reference
    FROM items JOIN ledger_settlement settlement ON settlement.client_id = %(client)s
        AND items.id IN (settlement.debit_id, settlement.credit_id)
    JOIN ledger_openitem other ON other.client_id = %(client)s
        AND other.id IN (settlement.debit_id, settlement.credit_id) AND other.id <> items.id
)
SELECT entry_id, account.number, party_id, text, '', ''
FROM others JOIN ledger_account account ON account.id = others.account_id
UNION ALL SELECT entry_id, '', NULL, '', number, reference FROM items
UNION ALL SELECT entry_id, '', NULL, '', number, reference FROM settled
"""


def booked_lines(client: Client, payments: Sequence[Payment]) -> list[BookedLine]:
    """The unanswered lines that have the amount of one of the payments, near in time."""
    if not payments:
        return []
    days = [one.booked_on for one in payments]
    apart = timedelta(days=DAYS_APART)
    given = {
        "client": client.pk,
        "currency": client.currency,
        "first": min(days) - apart,
        "last": max(days) + apart,
        "amounts": sorted({one.amount for one in payments}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_LINES, given)
        rows = cursor.fetchall()
        if not rows:
            return []
        entries = sorted({entry for _line, entry, *_rest in rows})
        cursor.execute(
            _AROUND, {"client": client.pk, "entries": entries, "lines": sorted({row[0] for row in rows})}
        )
        around: dict[int, list[tuple]] = {entry: [] for entry in entries}
        for entry, *rest in cursor.fetchall():
            around[entry].append(tuple(rest))
    return [
        BookedLine(
            pk, account, day, amount, number,
            " ".join(filter(None, (text, *(each[2] for each in around[entry])))),
            frozenset(name.strip().upper() for each in around[entry] for name in each[3:] if name.strip()),
            frozenset(each[1] for each in around[entry] if each[1]),
            frozenset(each[0] for each in around[entry] if each[0] and not each[1]),
        )
        for pk, entry, account, day, amount, number, text in rows
    ]  # fmt: skip
