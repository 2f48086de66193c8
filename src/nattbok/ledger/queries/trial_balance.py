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
# summed from lines. The two never overlap, so nothing is counted twice.
BALANCES = """
WITH pieces AS (
    SELECT account_id,
        sum(debit + credit) FILTER (WHERE month < %(first_month)s) AS opening,
        sum(debit) FILTER (WHERE month >= %(first_month)s) AS debit,
        sum(credit) FILTER (WHERE month >= %(first_month)s) AS credit
    FROM ledger_total WHERE client_id = %(client)s
        AND (month < %(first_month)s OR (month >= %(first_whole)s AND month < %(last_whole)s))
    GROUP BY account_id
    {days}
)
SELECT account.number, account.name, account.kind,
    coalesce(sum(opening), 0), coalesce(sum(debit), 0), coalesce(sum(credit), 0)
FROM pieces JOIN ledger_account account ON account.id = pieces.account_id
GROUP BY account.number, account.name, account.kind
ORDER BY account.number
"""
# Account by account, so that each finds its days in the index, however many lines there are around them.
DAYS = """
    UNION ALL
    SELECT account.id, lines.opening, lines.debit, lines.credit
    FROM ledger_account account CROSS JOIN LATERAL (
        SELECT count(*) AS many,
            sum(amount) FILTER (WHERE date < %(starts)s) AS opening,
            sum(amount) FILTER (WHERE date >= %(starts)s AND amount > 0) AS debit,
            sum(amount) FILTER (WHERE date >= %(starts)s AND amount < 0) AS credit
        FROM ledger_line line WHERE line.client_id = %(client)s AND line.account_id = account.id
            AND line.date >= %({first})s AND line.date <= %({last})s
    ) lines
    WHERE account.client_id = %(client)s AND lines.many > 0
"""


def trial_balance(client: Client, starts_on: datetime.date, ends_on: datetime.date) -> list[AccountBalance]:
    """Every account with lines through `ends_on`: what it opened with on `starts_on`, and what moved since.

    Income and costs are not reset at a new year here: they open with what the years before left, until the
    year's result has been moved.
    """
    day = datetime.timedelta(days=1)
    starts_on = min(starts_on, ends_on + day)
    first_month, last_whole = starts_on.replace(day=1), (ends_on + day).replace(day=1)
    is_cut = starts_on != first_month
    first_whole = (first_month + 31 * day).replace(day=1) if is_cut else first_month
    parameters = {
        "client": client.pk,
        "starts": starts_on,
        "first_month": first_month,
        "first_whole": first_whole,
        "last_whole": last_whole,
    }
    # The days of the first month, when it is cut, and those of the last; they are one month in a short span.
    spans = [(first_month, min(first_whole - day, ends_on))] if is_cut else []
    spans.append((max(last_whole, first_whole), ends_on))
    days = ""
    for place, (first, last) in enumerate(spans):
        if first <= last:
            days += DAYS.replace("{first}", f"first_{place}").replace("{last}", f"last_{place}")
            parameters |= {f"first_{place}": first, f"last_{place}": last}
    with connection.cursor() as cursor:
        cursor.execute(BALANCES.replace("{days}", days), parameters)
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
