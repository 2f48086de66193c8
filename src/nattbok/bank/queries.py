"""What moved on the accounts, and what waits to be posted."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from nattbok.bank import models
from nattbok.bank.rules.identity import NEAR_DAYS, Known
from nattbok.bank.rules.shape import Agreement, Payment, Remitted
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.formats.bank.shape import Kind
from nattbok.ledger.models import PartyAccount
from nattbok.ledger.queries import unreversed
from nattbok.ledger.queries.proof import Fault

# Both NOT IN are hashed once, whatever the planner believes of tables that were filled just now. As joins
# it has taken them for a few rows, and an hour for a hundred thousand.
UNPOSTED = """movement.id NOT IN (
        SELECT substring(entry.origin FROM 10)::bigint FROM ledger_entry entry
        WHERE entry.client_id = %(client)s AND entry.origin ~ '^movement:[0-9]+$'
            AND entry.id NOT IN (SELECT reversal.reverses_id FROM ledger_entry reversal
                WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL))"""
# A movement is settled when an unreversed entry has it as origin. Sums of payments are never posted.
UNSETTLED = """
SELECT movement.id, movement.amount, movement.booked_on, movement.reference, movement.remittances,
    movement.text, movement.payer_name, movement.payer_account, movement.end_to_end_id,
    movement.is_reversal OR movement.return_reason <> '', movement.bank_reference, movement.account_id,
    movement.waits_for
FROM bank_movement movement
WHERE movement.client_id = %(client)s AND movement.sums_up = 0
    AND (%(ids)s::bigint[] IS NULL OR movement.id = ANY(%(ids)s))
    AND """
UNSETTLED += UNPOSTED + " ORDER BY movement.booked_on, movement.id"


def unsettled(client: Client, ids: Collection[int] | None = None) -> list[Payment]:
    """The movements that no entry stands for, oldest first, as the rules take them."""
    accounts = {
        account.pk: account
        for account in models.BankAccount.objects.filter(client=client).select_related("account")
    }
    agreements = {
        pk: Agreement(
            tuple(account.reference_lengths), tuple(account.reference_methods), account.rounding_limit
        )
        for pk, account in accounts.items()
    }
    with connection.cursor() as cursor:
        cursor.execute(UNSETTLED, {"client": client.pk, "ids": None if ids is None else list(ids)})
        rows = cursor.fetchall()
    return [
        Payment(
            id=pk,
            amount=amount,
            booked_on=booked_on,
            reference=reference,
            remittances=tuple(_remitted(one) for one in _json(remittances)),
            text=text,
            payer_name=payer_name,
            payer_account=payer_account,
            end_to_end_id=end_to_end_id,
            is_reversal=is_reversal,
            bank_reference=bank_reference,
            bank_account=account,
            account=accounts[account].account.number,
            agreement=agreements[account],
            waits_for=waits_for or ("" if accounts[account].currency == client.currency else "currency"),
            currency=accounts[account].currency,
        )
        for (
            pk, amount, booked_on, reference, remittances, text, payer_name, payer_account, end_to_end_id,
            is_reversal, bank_reference, account, waits_for,
        ) in rows
    ]  # fmt: skip


def _json(value: object) -> list:
    """A JSON column read past the ORM: psycopg is told by Django to leave it as text."""
    return json.loads(value) if isinstance(value, str) else value or []


def _remitted(one: dict) -> Remitted:
    amount = one.get("amount")
    return Remitted(
        one.get("reference", ""),
        one.get("invoice", ""),
        None if amount is None else Decimal(amount),
        one.get("is_credit_note", False),
    )


def known_near(account: models.BankAccount, starts_on: date, ends_on: date) -> list[Known]:
    """The account's movements within these days and a little around them, and what reported them."""
    around = timedelta(days=NEAR_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT movement.id, movement.key, movement.amount, movement.booked_on,
                CASE WHEN told.kinds = '{giro}' THEN '' ELSE movement.bank_reference END,
                movement.reference, movement.sums_up, told.kinds, movement.batch_reference,
                movement.payer_account, movement.text
            FROM bank_movement movement
            JOIN (SELECT report.movement_id, array_agg(report.kind::text) AS kinds
                  FROM bank_report report JOIN bank_movement near
                      ON near.client_id = report.client_id AND near.id = report.movement_id
                  WHERE near.client_id = %(client)s AND near.account_id = %(account)s
                      AND near.booked_on BETWEEN %(starts_on)s AND %(ends_on)s
                  GROUP BY 1) told ON told.movement_id = movement.id
            WHERE movement.client_id = %(client)s AND movement.account_id = %(account)s
                AND movement.booked_on BETWEEN %(starts_on)s AND %(ends_on)s
            ORDER BY movement.booked_on, movement.id
            """,
            {
                "client": account.client_id,
                "account": account.pk,
                "starts_on": starts_on - around,
                "ends_on": ends_on + around,
            },
        )
        rows = cursor.fetchall()
    return [Known(*row[:7], {Kind(kind) for kind in row[7]}, *row[8:]) for row in rows]


def without_payer(account: models.BankAccount, ids: Collection[int]) -> set[int]:
    """Those of these movements that say nothing of who paid what, and that no entry stands for."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT movement.id FROM bank_movement movement
            WHERE movement.client_id = %(client)s AND movement.id = ANY(%(ids)s)
                AND movement.reference = '' AND movement.remittances = '[]'::jsonb
                AND movement.payer_account = '' AND """
            + UNPOSTED,
            {"client": account.client_id, "ids": list(ids)},
        )
        return {pk for (pk,) in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class MaybeTwice:
    """Two movements that may be the same money. `rank`: 0 told by a statement, 3 by giro files alone."""

    waiting: int
    rank: int
    other: int | None
    other_rank: int | None
    is_other_posted: bool


def maybe_twice(account: models.BankAccount) -> list[MaybeTwice]:
    """Each movement that waits because it may be told twice, with those it may be; None when none is left.

    Two that one kind of file has reported each are two payments.
    """
    rank = """(SELECT min(CASE report.kind WHEN 'statement' THEN 0 WHEN 'notice' THEN 1 WHEN 'intraday' THEN 2
            ELSE 3 END) FROM bank_report report
        WHERE report.client_id = {0}.client_id AND report.movement_id = {0}.id)"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH waiting AS (
                SELECT movement.*, {rank.format("movement")} AS rank FROM bank_movement movement
                WHERE movement.client_id = %(client)s AND movement.account_id = %(account)s
                    AND movement.waits_for = 'maybe_twice')
            SELECT waiting.id, waiting.rank, movement.id, {rank.format("movement")}, NOT {UNPOSTED}
            FROM waiting LEFT JOIN bank_movement movement
                ON movement.client_id = waiting.client_id AND movement.account_id = waiting.account_id
                AND movement.id <> waiting.id AND movement.amount = waiting.amount
                AND movement.reference = waiting.reference
                AND (movement.sums_up = 0) = (waiting.sums_up = 0)
                AND (CASE WHEN waiting.reference <> ''
                     THEN abs(movement.booked_on - waiting.booked_on) <= %(days)s
                     ELSE movement.booked_on = waiting.booked_on
                         AND (waiting.rank = 3 OR {rank.format("movement")} = 3)
                         AND (movement.payer_account = '' OR waiting.payer_account = ''
                              OR movement.payer_account = waiting.payer_account) END)
                AND NOT EXISTS (
                    SELECT 1 FROM bank_report mine JOIN bank_report theirs
                        ON theirs.client_id = mine.client_id AND theirs.kind = mine.kind
                    WHERE mine.client_id = waiting.client_id AND mine.movement_id = waiting.id
                        AND theirs.movement_id = movement.id)
            ORDER BY waiting.id, movement.id
            """,
            {"client": account.client_id, "account": account.pk, "days": NEAR_DAYS},
        )
        return [MaybeTwice(*row[:4], bool(row[2]) and row[4]) for row in cursor.fetchall()]


def payers(client: Client) -> dict[str, set[int]]:
    """Bank account → the parties it is confirmed to be of."""
    found: dict[str, set[int]] = defaultdict(set)
    for number, party in PartyAccount.objects.filter(client=client, confirmed__gt=0).values_list(
        "number", "party_id"
    ):
        found[number].add(party)
    return found


def account_for(client: Client, number: str) -> models.BankAccount | None:
    """The client's bank account that a file calls `number`: BBAN, IBAN, bankgiro or plusgiro."""
    normal = country(client.country).normal_account(number) or number
    for account in models.BankAccount.objects.filter(client=client, is_active=True).select_related("account"):
        if normal in (account.number, *account.other_numbers) or number in account.other_numbers:
            return account
    return None


def asked(client: Client) -> dict[str, set[str]]:
    """What is asked about movements now: subject → the kinds of its open questions."""
    found: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT subject, kind FROM desk_question WHERE client_id = %s AND closed_at IS NULL
               AND (subject LIKE 'movement:%%' OR subject LIKE 'rest:%%')""",
            [client.pk],
        )
        for subject, kind in cursor.fetchall():
            found[subject].add(kind)
    return found


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A movement in a list, with the entry that stands for it."""

    id: int
    account: str
    booked_on: date
    amount: Decimal
    reference: str
    payer: str
    text: str
    kinds: tuple[str, ...]
    entry: int | None
    sums_up: int


def movements(client: Client, *, limit: int = 200, before: int | None = None) -> list[MovementRow]:
    """The latest movements, the newest first."""
    found = models.Movement.objects.filter(client=client).select_related("account")
    if before:
        found = found.filter(pk__lt=before)
    page = list(found.order_by("-pk")[:limit])
    entries = unreversed(client, [f"movement:{movement.pk}" for movement in page])
    kinds: dict[int, list[str]] = defaultdict(list)
    for movement, kind in models.Report.objects.filter(client=client, movement__in=page).values_list(
        "movement_id", "kind"
    ):
        kinds[movement].append(kind)
    return [
        MovementRow(
            movement.pk,
            movement.account.title,
            movement.booked_on,
            movement.amount,
            movement.reference,
            movement.payer_name,
            movement.text,
            tuple(sorted(kinds[movement.pk])),
            entries.get(f"movement:{movement.pk}"),
            movement.sums_up,
        )
        for movement in page
    ]


# Each: the promise, what finds the first that breaks it, and the sentence. Movements younger than the last
# time the client's payments were matched wait for the next.
PROMISES = (
    (
        "a posted movement is on the bank's account as the bank said it",
        """SELECT movement.booked_on::text AS date, movement.amount::text AS amount,
               coalesce(posted.amount, 0)::text AS posted
           FROM bank_movement movement
           JOIN bank_bankaccount bank ON bank.id = movement.account_id
           JOIN ledger_entry entry ON entry.client_id = movement.client_id
               AND entry.origin = 'movement:' || movement.id
           LEFT JOIN LATERAL (SELECT sum(line.amount) AS amount FROM ledger_line line
               WHERE line.client_id = entry.client_id AND line.entry_id = entry.id
                   AND line.account_id = bank.account_id) posted ON true
           WHERE movement.client_id = %(client)s AND posted.amount IS DISTINCT FROM movement.amount
           ORDER BY movement.id""",
        _("The bank moved {amount} on {date}, but {posted} is posted of it."),
    ),
    (
        "a sum of payments is never posted beside them",
        """SELECT movement.booked_on::text AS date, movement.amount::text AS amount
           FROM bank_movement movement
           WHERE movement.client_id = %(client)s AND movement.sums_up > 0 AND NOT """
        + UNPOSTED
        + " ORDER BY movement.id",
        _("The sum line of {amount} on {date} is posted, and so may its payments be."),
    ),
    (
        "every movement is posted or asked about",
        """SELECT movement.booked_on::text AS date, movement.amount::text AS amount,
               movement.bank_reference AS reference
           FROM bank_movement movement
           WHERE movement.client_id = %(client)s AND movement.sums_up = 0
               AND movement.first_reported_at < (SELECT max(act.at) FROM trail_act act
                   WHERE act.client_id = movement.client_id AND act.kind = 'bank.matched')
               AND """
        + UNPOSTED
        + """ AND movement.id NOT IN (SELECT substring(question.subject FROM 10)::bigint
               FROM desk_question question
               WHERE question.client_id = %(client)s AND question.closed_at IS NULL
                   AND question.subject ~ '^movement:[0-9]+$')
               AND NOT EXISTS (SELECT 1 FROM ledger_entry entry JOIN ledger_entry reversal
                   ON reversal.client_id = entry.client_id AND reversal.reverses_id = entry.id
                   WHERE entry.client_id = movement.client_id AND entry.origin = 'movement:' || movement.id
                       AND reversal.posted_at > (SELECT max(act.at) FROM trail_act act
                           WHERE act.client_id = movement.client_id AND act.kind = 'bank.matched'))
           ORDER BY movement.id""",
        _("The movement of {amount} on {date} ({reference}) is neither posted nor asked about."),
    ),
    (
        "what statements report leads from their opening to their closing balance",
        """SELECT statement.number, statement.ends_on::text AS date, statement.closing::text AS closing,
               (statement.opening + coalesce(sum(movement.amount), 0))::text AS computed
           FROM bank_statement statement
           LEFT JOIN LATERAL (
               SELECT DISTINCT found.id, found.amount FROM bank_movement found
               JOIN bank_report report ON report.client_id = found.client_id AND report.movement_id = found.id
                   AND report.kind = 'statement'
               WHERE found.client_id = statement.client_id AND found.account_id = statement.account_id
                   AND found.booked_on BETWEEN statement.starts_on AND statement.ends_on
           ) movement ON true
           WHERE statement.client_id = %(client)s AND statement.kind = 'statement' AND NOT statement.is_held
               AND statement.opening IS NOT NULL AND statement.closing IS NOT NULL
               AND statement.starts_on IS NOT NULL AND statement.ends_on IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM bank_statement other
                   WHERE other.client_id = statement.client_id AND other.account_id = statement.account_id
                       AND other.kind = 'statement' AND other.id <> statement.id
                       AND other.starts_on <= statement.ends_on AND other.ends_on >= statement.starts_on
                       AND (other.opening, other.closing)
                           IS DISTINCT FROM (statement.opening, statement.closing))
           GROUP BY statement.id
           HAVING statement.opening + coalesce(sum(movement.amount), 0) <> statement.closing
           ORDER BY statement.id""",
        _("Statement {number} of {date} ends in {closing}, but its movements lead to {computed}."),
    ),
)


def faults(client: Client) -> Iterator[Fault]:
    """For each promise of the bank's that does not hold, the first thing that breaks it."""
    for promise, query, sentence in PROMISES:
        with connection.cursor() as cursor:
            cursor.execute(query + " LIMIT 1", {"client": client.pk})
            row = cursor.fetchone()
            if row is not None:
                names = [column.name for column in cursor.description]
                yield Fault(promise, Words(sentence, dict(zip(names, row, strict=True))))


def gaps(client: Client) -> list[tuple[str, date, date]]:
    """Where a statement does not begin with what the one before it ended in: account, and the two days."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT number, ended_on, starts_on FROM (
                SELECT bank.number, statement.starts_on, statement.opening,
                    lag(statement.closing) OVER of_account AS closing,
                    lag(statement.ends_on) OVER of_account AS ended_on
                FROM (SELECT DISTINCT account_id, starts_on, ends_on, opening, closing FROM bank_statement
                      WHERE client_id = %(client)s AND kind = 'statement' AND NOT is_held
                          AND opening IS NOT NULL AND closing IS NOT NULL) statement
                JOIN bank_bankaccount bank ON bank.id = statement.account_id
                WINDOW of_account AS (PARTITION BY statement.account_id ORDER BY statement.ends_on,
                    statement.starts_on)
            ) followed
            WHERE closing IS NOT NULL AND closing <> opening ORDER BY number, starts_on
            """,
            {"client": client.pk},
        )
        return cursor.fetchall()
