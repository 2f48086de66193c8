"""Rows written past the actions, as a faulty program or a careless hand would write them."""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.ledger.models import Account, Books, Entry, Line, OpenItem, Series
from nattbok.trail.actions import act
from tests.world import TODAY

Amounts = Sequence[tuple]
EVEN = (("1920", "100.00"), ("3000", "-100.00"))


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    """What is done in the block is refused, at the latest at commit, by the promise `constraint`."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__.diag.constraint_name == constraint, caught.value


def entry_row(client: Client, **changes) -> int:
    """One row in the entries' table with the next number and position; its id."""
    series = Series.objects.filter(client=client, code="A").order_by("year__starts_on").last()
    books = Books.objects.get(client=client)
    (pk,) = bulk.ids(Entry, 1)
    row = {
        "id": pk,
        "client_id": client.pk,
        "series_id": series.pk,
        "number": series.last_number + 1,
        "position": books.entries + 1,
        "date": TODAY,
        "text": "raw",
        "origin": f"raw:{pk}",
        "round": 0,
        "reverses_id": None,
        "file_id": None,
        "line_count": 2,
        "content": "",
        "link": "",
        "posted_at": timezone.now(),
    } | changes
    row.setdefault("act_id", 0) or row.update(act_id=act(client, "test.raw", "test"))
    bulk.insert(Entry, {name: [value] for name, value in row.items()})
    return pk


def line_rows(
    client: Client,
    entry: int,
    amounts: Amounts = EVEN,
    *,
    first: int = 1,
    on: datetime.date = TODAY,
    **changes,
) -> list[int]:
    """Lines of (account, amount) or (account, amount, party) for an entry, in one statement; their ids."""
    accounts = dict(Account.objects.filter(client=client).values_list("number", "id"))
    ids = bulk.ids(Line, len(amounts))
    columns = {
        "id": ids,
        "client_id": [client.pk] * len(amounts),
        "entry_id": [entry] * len(amounts),
        "number": list(range(first, first + len(amounts))),
        "date": [on] * len(amounts),
        "account_id": [accounts[amount[0]] for amount in amounts],
        "amount": [Decimal(amount[1]) for amount in amounts],
        "currency": [client.currency] * len(amounts),
        "currency_amount": [Decimal(amount[1]) for amount in amounts],
        "rate": [Decimal(1)] * len(amounts),
        "text": [""] * len(amounts),
        "vat_code": [""] * len(amounts),
        "party_id": [amount[2] if len(amount) > 2 else None for amount in amounts],
        "reference": [""] * len(amounts),
    }
    columns |= {name: [value] * len(amounts) for name, value in changes.items()}
    bulk.insert(Line, columns)
    return ids


def item_row(client: Client, line: int, **changes) -> int:
    """An open item for a line, as the line says unless changed; its id."""
    of = Line.objects.get(pk=line)
    (pk,) = bulk.ids(OpenItem, 1)
    row = {
        "id": pk,
        "client_id": client.pk,
        "line_id": line,
        "account_id": of.account_id,
        "party_id": of.party_id,
        "date": of.date,
        "number": "",
        "reference": "",
        "currency": of.currency,
        "currency_amount": of.currency_amount,
        "amount": of.amount,
        "left": of.amount,
        "on_hold": False,
    } | changes
    bulk.insert(OpenItem, {name: [value] for name, value in row.items()})
    return pk


def settlement_row(client: Client, debit: int, credit: int, amount: str, **changes) -> None:
    """A settlement's row."""
    row = {"debit_id": debit, "credit_id": credit, "amount": Decimal(amount), "parts_id": None} | changes
    row["act_id"] = row.get("act_id") or act(client, "test.raw", "test")
    names = ["client_id", *row]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_settlement ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",
            [client.pk, *row.values()],
        )
