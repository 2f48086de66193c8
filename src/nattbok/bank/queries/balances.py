"""What is in the bank, as the bank has said it last."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from nattbok.bank.models import Statement
from nattbok.clients.models import Client
from nattbok.formats.bank.shape import Kind


@dataclass(frozen=True, slots=True)
class Balance:
    """The last closing balance of a bank account, in its currency, and the day it is of."""

    account: int
    title: str
    currency: str
    closing: Decimal
    on: datetime.date


def balances(client: Client) -> list[Balance]:
    """The last balance of each bank account in use; one that no bank has told of yet is left out.

    Only statements of booked days count, and none that is held for doubt.
    """
    rows = (
        Statement.objects.filter(
            client=client,
            kind=Kind.STATEMENT.value,
            is_held=False,
            closing__isnull=False,
            ends_on__isnull=False,
            account__is_active=True,
        )
        .order_by("account", "-ends_on", "-sequence", "-pk")
        .distinct("account")
        .values_list("account", "account__title", "account__currency", "closing", "ends_on")
    )
    return [Balance(*row) for row in rows]
