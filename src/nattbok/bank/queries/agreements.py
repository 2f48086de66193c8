"""Agreements on references, and the payments that came with references while none was active."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from nattbok.bank import models
from nattbok.bank.rules.agreements import AgreementState, ReferenceAgreement
from nattbok.clients.models import Client


@dataclass(frozen=True, slots=True)
class Unpromised:
    """Payments with references to an account without an active agreement."""

    account: int
    title: str
    count: int
    last_on: date


def agreements(client: Client) -> list[ReferenceAgreement]:
    """All of the client's, the newest first."""
    return [
        ReferenceAgreement(
            one.pk, one.account_id, one.number, AgreementState(one.state), one.ordered_on, one.active_on,
            one.ended_on, tuple(one.lengths), tuple(one.methods),
        )
        for one in models.ReferenceAgreement.objects.filter(client=client).order_by("-pk")
    ]  # fmt: skip


def unpromised(client: Client, since: date) -> list[Unpromised]:
    """The accounts in use to which payments with a reference came since a day, and no agreement is active."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account.id, account.title, count(*), max(movement.booked_on)
            FROM bank_movement movement
            JOIN bank_bankaccount account ON account.id = movement.account_id AND account.is_active
            WHERE movement.client_id = %(client)s AND movement.booked_on >= %(since)s
                AND movement.amount > 0 AND movement.reference <> '' AND movement.sums_up = 0
                AND account.id NOT IN (SELECT agreement.account_id FROM bank_referenceagreement agreement
                    WHERE agreement.client_id = %(client)s AND agreement.state = 'active')
            GROUP BY 1, 2 ORDER BY 1
            """,
            {"client": client.pk, "since": since},
        )
        return [Unpromised(*row) for row in cursor.fetchall()]
