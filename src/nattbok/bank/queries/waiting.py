"""What waits to be posted: movements that no entry and no pairing stands for."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal

from django.db import connection

from nattbok.bank import models
from nattbok.bank.rules.shape import Agreement, Payment, Remitted
from nattbok.clients.models import Client
from nattbok.ledger.models import PartyAccount

# Each NOT IN is hashed once, whatever the planner believes of tables that were filled just now. As joins
# it has taken them for a few rows, and an hour for a hundred thousand.
UNPOSTED = """(movement.id NOT IN (
        SELECT substring(entry.origin FROM 10)::bigint FROM ledger_entry entry
        WHERE entry.client_id = %(client)s AND entry.origin ~ '^movement:[0-9]+$'
            AND entry.id NOT IN (SELECT reversal.reverses_id FROM ledger_entry reversal
                WHERE reversal.client_id = %(client)s AND reversal.reverses_id IS NOT NULL))
        AND movement.id NOT IN (SELECT paired.movement_id FROM bank_pairedmovement paired
            WHERE paired.client_id = %(client)s AND paired.is_live))"""
# A movement is settled when an unreversed entry has it as origin, or a pairing stands. Sums of payments are
# never posted.
UNSETTLED = """
SELECT movement.id, movement.amount, movement.booked_on, movement.reference, movement.remittances,
    movement.text, movement.payer_name, movement.payer_account, movement.end_to_end_id,
    movement.is_reversal OR movement.return_reason <> '', movement.bank_reference, movement.account_id,
    movement.waits_for, movement.payment_info_id, movement.bank_code, movement.return_reason,
    movement.instructed_amount, movement.instructed_currency
FROM bank_movement movement
WHERE movement.client_id = %(client)s AND movement.sums_up = 0
    AND (%(ids)s::bigint[] IS NULL OR movement.id = ANY(%(ids)s))
    AND """
ORDER = " ORDER BY movement.booked_on, movement.id"
# The same of a few movements, each looked up: all entries of a client are too many for one line of a page.
STILL_UNPOSTED = """NOT EXISTS (SELECT FROM ledger_entry entry
        WHERE entry.client_id = %(client)s AND entry.origin = 'movement:' || movement.id
            AND NOT EXISTS (SELECT FROM ledger_entry reversal
                WHERE reversal.client_id = %(client)s AND reversal.reverses_id = entry.id))
        AND NOT EXISTS (SELECT FROM bank_pairedmovement paired WHERE paired.client_id = %(client)s
            AND paired.movement_id = movement.id AND paired.is_live)"""
FEW = 100


def every_account(client: Client) -> dict[int, models.BankAccount]:
    """The bank accounts by id, also those out of use, the oldest first; each with its ledger account."""
    found = models.BankAccount.objects.filter(client=client).select_related("client", "account")
    return {account.pk: account for account in found.order_by("pk")}


def unsettled(
    client: Client,
    ids: Collection[int] | None = None,
    *,
    accounts: Mapping[int, models.BankAccount] | None = None,
) -> list[Payment]:
    """The movements that no entry stands for, oldest first, as the rules take them.

    `accounts` are `every_account`, for who has asked for them already.
    """
    if accounts is None:
        accounts = every_account(client)
    agreements = {
        pk: Agreement(
            tuple(account.reference_lengths), tuple(account.reference_methods), account.rounding_limit
        )
        for pk, account in accounts.items()
    }
    is_few = ids is not None and len(ids) <= FEW
    with connection.cursor() as cursor:
        query = UNSETTLED + (STILL_UNPOSTED if is_few else UNPOSTED) + ORDER
        cursor.execute(query, {"client": client.pk, "ids": None if ids is None else list(ids)})
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
                payment_info_id=payment_info_id,
                bank_code=bank_code,
                return_reason=return_reason,
                instructed_amount=instructed_amount,
                instructed_currency=instructed_currency,
            )
            for (
                pk, amount, booked_on, reference, remittances, text, payer_name, payer_account,
                end_to_end_id, is_reversal, bank_reference, account, waits_for, payment_info_id, bank_code,
                return_reason, instructed_amount, instructed_currency,
            ) in cursor
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


def payers(client: Client) -> dict[str, dict[int, int]]:
    """Bank account → the parties it is confirmed to be of, with how often."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for number, party, confirmed in PartyAccount.objects.filter(client=client, confirmed__gt=0).values_list(
        "number", "party_id", "confirmed"
    ):
        found[number][party] = confirmed
    return found


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
