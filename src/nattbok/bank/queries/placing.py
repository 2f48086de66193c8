"""What is known of an account's movements when another file tells of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from nattbok.bank import models
from nattbok.bank.queries.waiting import UNPOSTED
from nattbok.bank.rules.identity import NEAR_DAYS, Known
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.formats.bank.shape import Kind


def account_for(client: Client, number: str) -> models.BankAccount | None:
    """The client's bank account that a file calls `number`: BBAN, IBAN, bankgiro or plusgiro."""
    normal = country(client.country).normal_account(number) or number
    for account in models.BankAccount.objects.filter(client=client, is_active=True).select_related("account"):
        if normal in (account.number, *account.other_numbers) or number in account.other_numbers:
            return account
    return None


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
