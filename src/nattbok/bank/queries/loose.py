"""What stands between the bank and the books of an account, line by line."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import connection

from nattbok.bank import models
from nattbok.bank.queries.reconciliation import ask, opening_difference
from nattbok.bank.queries.waiting import UNPOSTED
from nattbok.bank.rules.reconciliation import Loose, Why
from nattbok.base.money import ZERO
from nattbok.base.words import Words
from nattbok.clients.models import Client


def loose(account: models.BankAccount, until: date) -> list[Loose]:
    """All that stands between bank and books up to `until`, with the reasons that the desk has."""
    began = opening_difference(account)
    if began is None:
        return []
    first, opening = began
    found = [Loose(Why.OPENING, first, opening)] if opening else []
    found += _loose_bank(account, until)
    found += _loose_books(account, first, until)
    found += _other_days(account, first, until)
    found += _taken_back(account, first)
    return found


def _loose_bank(account: models.BankAccount, until: date) -> list[Loose]:
    rows = ask(
        account,
        """
        WITH posted AS (SELECT movement.id, movement.part_of_id, movement.amount FROM bank_movement movement
            WHERE movement.client_id = %(client)s AND movement.account_id = %(account)s AND NOT """
        + UNPOSTED
        + """), parts AS (SELECT part_of_id AS id, sum(amount) AS amount FROM posted
              WHERE part_of_id IS NOT NULL GROUP BY 1)
        SELECT stated.id, stated.day, stated.sums_up, stated.amount - coalesce(parts.amount, 0)
        FROM ({STATED}) stated LEFT JOIN parts ON parts.id = stated.id
        WHERE stated.day <= %(until)s AND CASE WHEN stated.sums_up > 0
            THEN stated.amount <> coalesce(parts.amount, 0)
            ELSE stated.id NOT IN (SELECT posted.id FROM posted) END
        """,
        until=until,
    )
    sums = {pk: day for pk, day, sums_up, _amount in rows if sums_up}
    parts = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT movement.id, movement.part_of_id, movement.amount FROM bank_movement movement
               WHERE movement.client_id = %(client)s AND movement.part_of_id = ANY(%(sums)s) AND """
            + UNPOSTED,
            {"client": account.client_id, "sums": list(sums)},
        )
        for pk, part_of, amount in cursor.fetchall():
            parts[part_of].append((pk, amount))
    waiting = []
    for pk, day, sums_up, amount in rows:
        if not sums_up:
            waiting.append((Why.WAITS, day, amount, pk))
            continue
        waiting += [(Why.WAITS, day, part_amount, part) for part, part_amount in parts[pk]]
        missing = amount - sum((part_amount for _part, part_amount in parts[pk]), ZERO)
        if missing:
            waiting.append((Why.PART_MISSING, day, missing, pk))
    ids = [pk for _why, _day, _amount, pk in waiting]
    told = {
        pk: " ".join(filter(None, (payer, reference, " ".join(text.split()))))[:200]
        for pk, payer, reference, text in models.Movement.objects.filter(
            client=account.client_id, pk__among=ids
        ).values_list("pk", "payer_name", "reference", "text")
    }
    reasons = asked_reasons(account.client, ids)
    return [
        Loose(why, day, amount, movement=pk, text=told[pk], reason=reasons.get(pk))
        for why, day, amount, pk in waiting
    ]


def asked_reasons(client: Client, movements: Collection[int]) -> dict[int, Words]:
    """Movement → why it waits, as the desk's open question says."""
    if not movements:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT substring(subject FROM 10)::bigint, reason, "values"::text FROM desk_question
               WHERE client_id = %s AND closed_at IS NULL AND subject = ANY(%s)""",
            [client.pk, [f"movement:{pk}" for pk in movements]],
        )
        return {pk: Words(reason, json.loads(values)) for pk, reason, values in cursor.fetchall()}


def _loose_books(account: models.BankAccount, first: date, until: date) -> list[Loose]:
    rows = ask(
        account,
        """
        WITH lines AS (SELECT * FROM ({LINES}) every
            WHERE every.day BETWEEN %(first)s AND %(until)s), told AS ({TOLD})
        SELECT lines.id, lines.day, -lines.amount, lines.entry_id, series.code || ' ' || entry.number,
            coalesce(nullif(entry.text, ''), entry.origin),
            CASE WHEN entry.origin ~ '^movement:[0-9]+$' THEN substring(entry.origin FROM 10)::bigint END
        FROM lines JOIN ledger_entry entry ON entry.client_id = %(client)s AND entry.id = lines.entry_id
        JOIN ledger_series series ON series.id = entry.series_id
        WHERE entry.reverses_id IS NULL AND entry.origin NOT LIKE 'opening:%%'
            AND entry.id NOT IN (SELECT reversal.reverses_id FROM ledger_entry reversal
                WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL)
            AND lines.id NOT IN ({PAIRED})
            AND lines.entry_id NOT IN (SELECT standing.entry_id FROM ({STANDING}) standing
                WHERE standing.movement_id IN (SELECT id FROM told))
        """,
        first=first,
        until=until,
    )
    own = set(
        models.Movement.objects.filter(
            client=account.client_id, account=account, pk__in=[row[6] for row in rows if row[6]]
        ).values_list("pk", flat=True)
    )
    return [
        Loose(
            Why.NOT_STATED if movement in own else Why.NO_BANK_LINE,
            day,
            amount,
            movement=movement if movement in own else None,
            line=line,
            entry=entry,
            number=number,
            text=text,
        )
        for line, day, amount, entry, number, text, movement in rows
    ]


def _other_days(account: models.BankAccount, first: date, until: date) -> list[Loose]:
    """Money that both sides have, but on different days, or not of the same amount."""
    rows = ask(
        account,
        """
        WITH stated AS ({STATED}), answers AS (
            SELECT coalesce(movement.part_of_id, movement.id) AS key, 'm' AS kind, lines.day,
                lines.amount, lines.entry_id
            FROM ({LINES}) lines JOIN ({STANDING}) standing ON standing.entry_id = lines.entry_id
            JOIN bank_movement movement ON movement.client_id = %(client)s
                AND movement.id = standing.movement_id AND movement.account_id = %(account)s
            UNION ALL
            SELECT coalesce(parts.part_of_id, paired.pairing_id),
                CASE WHEN parts.part_of_id IS NULL THEN 'p' ELSE 'm' END, lines.day, lines.amount,
                lines.entry_id
            FROM ({LINES}) lines JOIN bank_pairedline paired ON paired.client_id = %(client)s
                AND paired.line_id = lines.id AND paired.is_live
            LEFT JOIN (SELECT part.pairing_id, min(movement.part_of_id) AS part_of_id
                FROM bank_pairedmovement part JOIN bank_movement movement ON movement.id = part.movement_id
                WHERE part.client_id = %(client)s AND part.is_live GROUP BY 1) parts
                ON parts.pairing_id = paired.pairing_id
        ), said AS (
            SELECT coalesce(paired.pairing_id, movement.part_of_id, stated.id) AS key,
                CASE WHEN paired.pairing_id IS NULL THEN 'm' ELSE 'p' END AS kind, stated.day,
                stated.amount, stated.id AS movement_id
            FROM stated JOIN bank_movement movement ON movement.id = stated.id
            LEFT JOIN bank_pairedmovement paired ON paired.client_id = %(client)s
                AND paired.movement_id = stated.id AND paired.is_live
        ), both_sides AS (
            SELECT kind, key, day, amount, movement_id, NULL::bigint AS entry_id FROM said
            UNION ALL SELECT kind, key, day, -amount, NULL, entry_id FROM answers
        ), by_day AS (
            SELECT kind, key, day, sum(amount) AS amount, max(movement_id) AS movement_id,
                max(entry_id) AS entry_id
            FROM both_sides GROUP BY kind, key, day
        ), apart AS (
            SELECT kind, key, count(movement_id) AS told, count(entry_id) AS posted FROM both_sides
            GROUP BY kind, key
        )
        SELECT by_day.kind, by_day.key, by_day.day, by_day.amount,
            max(by_day.movement_id) OVER same, max(by_day.entry_id) OVER same,
            sum(by_day.amount) OVER same
        FROM by_day JOIN apart ON apart.kind = by_day.kind AND apart.key = by_day.key
        WHERE apart.told > 0 AND apart.posted > 0 AND by_day.amount <> 0
        WINDOW same AS (PARTITION BY by_day.kind, by_day.key)
        ORDER BY by_day.kind, by_day.key, by_day.day
        """,
    )
    sums = set(
        models.Movement.objects.filter(
            client=account.client_id, sums_up__gt=0, pk__in={row[4] for row in rows if row[4]}
        ).values_list("pk", flat=True)
    )
    found: list[Loose] = []
    standing: dict[tuple[str, int], list[tuple[date, Decimal, int | None, int | None, Decimal]]] = {}
    for kind, key, day, amount, movement, entry, total in rows:
        if day >= first:  # what is before it is in the opening
            standing.setdefault((kind, key), []).append((day, amount, movement, entry, total))
    for parts in standing.values():
        total = parts[0][4]
        if parts[0][2] in sums and total:
            # What is missing of a sum line is told as that; here only the part that is posted.
            parts = _without_missing(parts, total)
            total = ZERO
        running = ZERO
        for place, (day, amount, movement, entry, _total) in enumerate(parts):
            running += amount
            until_day = parts[place + 1][0] if place + 1 < len(parts) else None
            if running and day <= until and until_day != day:
                why = Why.OTHER_DAY if until_day is not None or not total else Why.OTHER_AMOUNT
                found.append(Loose(why, day, running, until_day, movement=movement, entry=entry))
    return found


def _without_missing(parts: list[tuple], total: Decimal) -> list[tuple]:
    """The same group without what is missing, which is on the day of the bank's line."""
    place = next((at for at, part in enumerate(parts) if part[1] * total > 0), 0)
    day, amount, *rest = parts[place]
    return [*parts[:place], (day, amount - total, *rest), *parts[place + 1 :]]


def _taken_back(account: models.BankAccount, first: date) -> list[Loose]:
    rows = ask(
        account,
        """
        WITH lines AS ({LINES})
        SELECT reversal.reverses_id, original.date, reversal.date, sum(lines.amount)
        FROM ledger_entry reversal
        JOIN ledger_entry original ON original.client_id = reversal.client_id
            AND original.id = reversal.reverses_id
        JOIN lines ON lines.entry_id = original.id
        WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL
            AND original.date <> reversal.date AND original.origin NOT LIKE 'opening:%%'
        GROUP BY 1, 2, 3
        """,
    )
    found = []
    for entry, day, back_on, amount in rows:
        sides = sorted([(day, -amount), (back_on, amount)])
        within = [side for side in sides if side[0] >= first]  # what is before it is in the opening
        if within:
            ends = within[1][0] if len(within) == 2 else None
            found.append(Loose(Why.TAKEN_BACK, *within[0], ends, entry=entry))
    return found
