"""Both sides of an account, day by day, and what stands between them. Each is one statement for all days.

The books' side of a bank account is its ledger account. Where several bank accounts share one, a line is
of the account whose movement it was posted or paired for, and all other lines are of the oldest account.
"""

from datetime import date
from decimal import Decimal

from django.db import connection

from nattbok.bank import models
from nattbok.bank.queries.waiting import UNPOSTED
from nattbok.bank.rules.reconciliation import (
    BankBalance,
    Day,
    Moved,
    Seal,
    Stated,
    bank_balances,
    days,
)
from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import Kind

# What the bank's statements list, each line once, on the day that the statement says.
STATED = """
SELECT movement.id, movement.amount, coalesce(report.booked_on, movement.booked_on) AS day,
    movement.sums_up, movement.waits_for, report.place, report.statement_id
FROM bank_report report
JOIN bank_movement movement ON movement.client_id = report.client_id AND movement.id = report.movement_id
WHERE report.client_id = %(client)s AND report.account_id = %(account)s AND report.kind = 'statement'
"""
# Entries that stand for a movement of the account, and the movement.
STANDING = """
SELECT entry.id AS entry_id, substring(entry.origin FROM 10)::bigint AS movement_id
FROM ledger_entry entry
WHERE entry.client_id = %(client)s AND entry.origin ~ '^movement:[0-9]+$'
    AND entry.id NOT IN (SELECT reversal.reverses_id FROM ledger_entry reversal
        WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL)
"""
# The lines on the ledger account that are this bank account's, in its own currency.
LINES = """
SELECT line.id, line.entry_id, line.date AS day,
    CASE WHEN %(is_foreign)s THEN line.currency_amount ELSE line.amount END AS amount
FROM ledger_line line
WHERE line.client_id = %(client)s AND line.account_id = %(ledger)s
"""
# What the books began with, and what took that back.
BEGUN = """
SELECT entry.id FROM ledger_entry entry WHERE entry.client_id = %(client)s
    AND (entry.origin LIKE 'opening:%%' OR entry.reverses_id IN (SELECT begun.id FROM ledger_entry begun
        WHERE begun.client_id = %(client)s AND begun.origin LIKE 'opening:%%'))
"""
# The account's movements that a statement lists, by themselves or in a sum.
TOLD = """
SELECT stated.id FROM ({STATED}) stated
UNION ALL SELECT part.id FROM bank_movement part WHERE part.client_id = %(client)s
    AND part.part_of_id IN (SELECT stated.id FROM ({STATED}) stated)
"""
# Lines that are paired with such a movement.
PAIRED = """
SELECT line.line_id FROM bank_pairedline line JOIN bank_pairedmovement paired
    ON paired.client_id = line.client_id AND paired.pairing_id = line.pairing_id AND paired.is_live
WHERE line.client_id = %(client)s AND line.is_live AND paired.movement_id IN (SELECT id FROM told)
"""
PIECES = {"STANDING": STANDING, "BEGUN": BEGUN, "PAIRED": PAIRED, "TOLD": TOLD, "STATED": STATED}
SHARED = """ AND coalesce(
    (SELECT movement.account_id FROM ledger_entry entry
     LEFT JOIN ledger_entry original ON original.client_id = entry.client_id
         AND original.id = entry.reverses_id
     JOIN bank_movement movement ON movement.client_id = entry.client_id
         AND 'movement:' || movement.id = coalesce(original.origin, entry.origin)
     JOIN bank_bankaccount bank ON bank.id = movement.account_id AND bank.account_id = line.account_id
     WHERE entry.client_id = line.client_id AND entry.id = line.entry_id),
    (SELECT pairing.account_id FROM bank_pairedline paired JOIN bank_pairing pairing
         ON pairing.client_id = paired.client_id AND pairing.id = paired.pairing_id
     WHERE paired.client_id = line.client_id AND paired.line_id = line.id AND paired.is_live),
    %(oldest)s) = %(account)s"""


def ask(account: models.BankAccount, query: str, **more: object) -> list[tuple]:
    """Rows of a query that names the account's client, itself, its ledger account and its LINES."""
    sharing = _sharing(account)
    lines = LINES + (SHARED if len(sharing) > 1 else "")
    for name, piece in ({"LINES": lines} | PIECES).items():
        query = query.replace(f"{{{name}}}", piece)
    with connection.cursor() as cursor:
        cursor.execute(
            query,
            {
                "client": account.client_id,
                "account": account.pk,
                "ledger": account.account_id,
                "oldest": sharing[0],
                "is_foreign": account.currency != account.client.currency,
                **more,
            },
        )
        return cursor.fetchall()


def _sharing(account: models.BankAccount) -> list[int]:
    """The bank accounts on its ledger account, the oldest first; asked once for the row that was fetched."""
    found = getattr(account, "sharing", None)
    if found is None:
        found = account.sharing = list(
            models.BankAccount.objects.filter(client=account.client_id, account=account.account_id)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    return found


def statements(account: models.BankAccount) -> list[Stated]:
    """The frames of the account's statements that are not held."""
    return [
        Stated(*row)
        for row in models.Statement.objects.filter(
            client=account.client_id,
            account=account,
            kind=Kind.STATEMENT.value,
            is_held=False,
            starts_on__isnull=False,
            ends_on__isnull=False,
            opening__isnull=False,
            closing__isnull=False,
        ).values_list("starts_on", "ends_on", "opening", "closing")
    ]


def _bank_moved(account: models.BankAccount) -> dict[date, Moved]:
    """The statements' lines by day: their sum, how many are not answered, and a print of them.

    A sum line is answered when the payments it is made of are all told and posted.
    """
    rows = ask(
        account,
        """
        WITH stated AS ({STATED}), posted AS (
            SELECT movement.id, movement.part_of_id, movement.amount FROM bank_movement movement
            WHERE movement.client_id = %(client)s AND movement.account_id = %(account)s AND NOT """
        + UNPOSTED
        + """), parts AS (SELECT part_of_id AS id, sum(amount) AS amount FROM posted
              WHERE part_of_id IS NOT NULL GROUP BY 1)
        SELECT stated.day, sum(stated.amount),
            count(*) FILTER (WHERE CASE WHEN stated.sums_up > 0
                THEN stated.id NOT IN (SELECT parts.id FROM parts JOIN stated line ON line.id = parts.id
                                       WHERE line.amount = parts.amount)
                ELSE stated.id NOT IN (SELECT posted.id FROM posted) END),
            encode(sha256(convert_to(string_agg(stated.id || ':' || stated.amount, ','
                ORDER BY stated.id), 'UTF8')), 'hex')
        FROM stated GROUP BY stated.day
        """,
    )
    return {day: Moved(*rest) for day, *rest in rows}


def _books_moved(account: models.BankAccount) -> tuple[dict[date, Moved], set[date]]:
    """The ledger account's lines by day, likewise; and the days of the entries the books began with.

    A line is answered when it was posted or paired for a line of a statement's, when it is what the books
    began with, or when it and its reversal are of the same day.
    """
    rows = ask(
        account,
        """
        WITH lines AS ({LINES}), told AS ({TOLD}), answered AS (
            SELECT lines.id FROM lines JOIN ({STANDING}) standing ON standing.entry_id = lines.entry_id
                WHERE standing.movement_id IN (SELECT id FROM told)
            UNION ALL {PAIRED}
            UNION ALL SELECT lines.id FROM lines JOIN ledger_entry entry ON entry.client_id = %(client)s
                AND entry.id = lines.entry_id
                WHERE entry.origin LIKE 'opening:%%' OR entry.reverses_id IS NOT NULL
                    OR entry.id IN (SELECT reversal.reverses_id FROM ledger_entry reversal
                        WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL)
        )
        SELECT lines.day, sum(lines.amount),
            count(*) FILTER (WHERE lines.id NOT IN (SELECT answered.id FROM answered)),
            encode(sha256(convert_to(string_agg(lines.id || ':' || lines.amount, ','
                ORDER BY lines.id), 'UTF8')), 'hex')
        FROM lines GROUP BY lines.day
        """,
    )
    return {day: Moved(*rest) for day, *rest in rows}


def _openings(account: models.BankAccount, first: date) -> tuple[Decimal, dict[date, Decimal]]:
    """What the books had before the first day; and by day what they began with on it or later."""
    rows = ask(
        account,
        """
        SELECT lines.day, sum(lines.amount) FROM ({LINES}) lines
        WHERE lines.day < %(first)s OR lines.entry_id IN ({BEGUN})
        GROUP BY lines.day
        """,
        first=first,
    )
    before = sum((amount for day, amount in rows if day < first), ZERO)
    return before, {day: amount for day, amount in rows if day >= first}


def account_days(account: models.BankAccount) -> list[Day]:
    """Every day that the account's statements reach over: the bank's balance, the books', what waits.

    What the books began with counts as there from the first statement on, if it is of that day or later,
    since both begin with the same money.
    """
    balances, bank, books, opening = _sides(account)
    return days(balances, bank, books, book_opening=opening)


def _sides(
    account: models.BankAccount,
) -> tuple[list[BankBalance], dict[date, Moved], dict[date, Moved], Decimal]:
    bank = _bank_moved(account)
    balances = bank_balances(statements(account), {day: moved.amount for day, moved in bank.items()})
    if not balances:
        return [], {}, {}, ZERO
    books = _books_moved(account)
    opening, begun = _openings(account, balances[0].day)
    for day, amount in begun.items():
        opening += amount
        moved = books[day]
        books[day] = Moved(moved.amount - amount, moved.waiting, moved.print)
    return balances, bank, books, opening


def opening_difference(account: models.BankAccount) -> tuple[date, Decimal] | None:
    """The first day, and how far the books' opening is from the statement's; None without statements."""
    found = statements(account)
    if not found:
        return None
    first = min(found, key=lambda one: (one.starts_on, one.ends_on))
    before, begun = _openings(account, first.starts_on)
    return first.starts_on, first.opening - before - sum(begun.values(), ZERO)


def seals(account: models.BankAccount) -> list[Seal]:
    """The account's seals that have not been found broken, the oldest first."""
    return [
        Seal(*row)
        for row in models.BankDay.objects.filter(
            client=account.client_id, account=account, sealed_at__isnull=False
        )
        .order_by("day")
        .values_list("day", "bank_balance", "book_balance", "print")
    ]


def sealed_days(account: models.BankAccount) -> dict[date, str]:
    """Day → whether it is sealed now, or was and is broken; days that never were are not in it."""
    return {
        day: "sealed" if sealed_at else "broken"
        for day, sealed_at, broken_at in models.BankDay.objects.filter(
            client=account.client_id, account=account
        ).values_list("day", "sealed_at", "broken_at")
        if sealed_at or broken_at
    }
