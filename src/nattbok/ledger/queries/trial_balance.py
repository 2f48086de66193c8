"""Every account's opening, movement and closing, and the lines behind a figure."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from nattbok.base.money import ZERO
from nattbok.clients.models import Client
from nattbok.ledger.models import Account, Line


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account over a span of days. Debit positive, credit negative; closing is the sum of the others."""

    number: str
    name: str
    kind: str
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        """What stands on the account when the span ends."""
        return self.opening + self.debit + self.credit


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of an account, with the entry it is of and the balance after it."""

    entry: int
    series: str
    number: int
    date: datetime.date
    text: str
    amount: Decimal
    vat_code: str
    party: str
    balance: Decimal


# Whole months come from the totals that the database keeps; only the days of months that are not whole are
# summed from lines. The two halves never overlap, so nothing is counted twice.
BALANCES = """
WITH pieces AS (
    SELECT account_id,
        sum(debit + credit) FILTER (WHERE month < %(first_whole)s) AS opening,
        sum(debit) FILTER (WHERE month >= %(first_whole)s) AS debit,
        sum(credit) FILTER (WHERE month >= %(first_whole)s) AS credit
    FROM ledger_total WHERE client_id = %(client)s AND month < %(last_whole)s GROUP BY account_id
    UNION ALL
    SELECT account_id,
        sum(amount) FILTER (WHERE date < %(starts)s),
        sum(amount) FILTER (WHERE date >= %(starts)s AND amount > 0),
        sum(amount) FILTER (WHERE date >= %(starts)s AND amount < 0)
    FROM ledger_line
    WHERE client_id = %(client)s AND date >= %(last_whole)s AND date <= %(ends)s GROUP BY account_id
)
SELECT account.number, account.name, account.kind,
    coalesce(sum(opening), 0), coalesce(sum(debit), 0), coalesce(sum(credit), 0)
FROM pieces JOIN ledger_account account ON account.id = pieces.account_id
GROUP BY account.number, account.name, account.kind
ORDER BY account.number
"""


def trial_balance(client: Client, starts_on: datetime.date, ends_on: datetime.date) -> list[AccountBalance]:
    """Every account with lines through `ends_on`: what it opened with on `starts_on`, and what moved since.

    Income and costs are not reset at a new year here: they open with what the years before left, until the
    year's result has been moved.
    """
    month_of_start = starts_on.replace(day=1)
    after = ends_on + datetime.timedelta(days=1)
    last_whole = after.replace(day=1)
    if starts_on != month_of_start:
        # The first month is not whole: the totals end before it, and its days come from the lines.
        last_whole = min(last_whole, month_of_start)
    with connection.cursor() as cursor:
        cursor.execute(
            BALANCES,
            {
                "client": client.pk,
                "first_whole": month_of_start,
                "last_whole": last_whole,
                "starts": starts_on,
                "ends": ends_on,
            },
        )
        return [AccountBalance(*row) for row in cursor.fetchall()]


def account_lines(
    client: Client,
    number: str,
    starts_on: datetime.date,
    ends_on: datetime.date,
    *,
    limit: int = 500,
    offset: int = 0,
) -> tuple[AccountBalance, list[LedgerLine]]:
    """An account's balances over the span, and its lines from `offset` on, each with the balance after it."""
    account = Account.objects.get(client=client, number=number)
    balances = {balance.number: balance for balance in trial_balance(client, starts_on, ends_on)}
    balance = balances.get(number, AccountBalance(number, account.name, account.kind, ZERO, ZERO, ZERO))
    rows = (
        Line.objects.filter(client=client, account=account, date__range=(starts_on, ends_on))
        .order_by("date", "entry_id", "number")
        .values_list(
            "entry_id", "entry__series__code", "entry__number", "date", "text", "entry__text", "amount",
            "vat_code", "party__name",
        )[: offset + limit]
    )  # fmt: skip
    running = balance.opening
    lines = []
    for entry, series, entry_number, date, text, entry_text, amount, vat_code, party in rows:
        running += amount
        lines.append(
            LedgerLine(
                entry, series, entry_number, date, text or entry_text, amount, vat_code, party or "", running
            )
        )
    return balance, lines[offset:]
