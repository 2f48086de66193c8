"""What moved on the accounts, and what waits to be posted."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection

from nattbok.bank import models
from nattbok.bank.rules.identity import NEAR_DAYS, Known
from nattbok.bank.rules.shape import Agreement, Payment, Remitted
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.formats.bank.shape import Kind
from nattbok.ledger.models import PartyAccount
from nattbok.ledger.queries import unreversed

UNPOSTED = """NOT EXISTS (
        SELECT 1 FROM ledger_entry entry
        WHERE entry.client_id = movement.client_id AND entry.origin = 'movement:' || movement.id
            AND NOT EXISTS (SELECT 1 FROM ledger_entry reversal
                WHERE reversal.client_id = entry.client_id AND reversal.reverses_id = entry.id))"""
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
