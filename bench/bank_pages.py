"""The pages of bank reconciliation: a thousand lines that wait, the next line's pane, and a large account.

Asked through the whole server, logged in, but without a network between: the time and the queries of each,
the median of some rounds. The large account has `--movements` lines over a year, all posted and its days
sealed, but for the last ten.

    python -m bench.bank_pages [--waiting 1000] [--movements 20000] [--rounds 9] [--queries] [--json]
"""

import argparse
import datetime
import json
import sys
from collections.abc import Callable
from decimal import Decimal

from bench import scratch
from nattbok.formats.bank.shape import BankFile, Kind, Statement, Transaction
from nattbok.sandbox.writing import camt

FIRST = datetime.date(2026, 1, 5)
# Milliseconds of the server: what a person works through line by line is to feel as if it were there.
WANTED = {"page_of_waiting": 100, "next_line": 50, "large_account": 300}
NUMBERS = ("99990244851", "99990000006")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waiting", type=int, default=1_000, help="lines that wait on the small account")
    parser.add_argument("--movements", type=int, default=20_000, help="lines on the large account")
    parser.add_argument("--rounds", type=int, default=9, help="of which the median is told")
    parser.add_argument("--queries", action="store_true", help="print what each page asks")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with scratch.home():
        found = measure(given.waiting, given.movements, given.rounds, shows=given.queries)
    return told(found, WANTED, as_json=given.json)


def told(found: dict, wanted: dict[str, int], *, as_json: bool) -> int:
    """Print what each page took, beside what is wanted; 1 when one took longer."""
    if as_json:
        print(json.dumps(found))
    else:
        for name, figures in found.items():
            print(f"  {name:<18} {figures['milliseconds']:>7} ms  {figures['queries']:>4} queries"
                  f"  (wanted: {wanted[name]} ms)")  # fmt: skip
    return 0 if all(one["milliseconds"] <= wanted[name] for name, one in found.items()) else 1


def measure(waiting: int, movements: int, rounds: int, *, shows: bool) -> dict:
    """Name of the page → its median milliseconds and its queries."""
    from django.test import Client as Browser
    from django.test.utils import setup_test_environment

    from nattbok.clients import actions as clients
    from nattbok.clients.models import Person
    from nattbok.db.scope import scope

    setup_test_environment(debug=False)
    office = scratch.office()
    client = scratch.client(office, 1)
    person = Person.objects.create_user("kari@fjord.example", "a long enough one", name="Kari")
    clients.employ(office, person)
    browser = Browser()
    browser.force_login(person)
    with scope([client.pk]):
        small, ids = an_account(client, NUMBERS[0], waiting, 20, posts=False)
        large, _ids = an_account(client, NUMBERS[1], movements, 250, posts=True)
    at = f"/clients/{client.pk}/bank"
    asked = {
        "page_of_waiting": f"{at}/{small}/",
        "next_line": f"{at}/lines/{ids[len(ids) // 2]}/pane/",
        "large_account": f"{at}/{large}/",
    }
    return {name: asking(lambda way=way: browser.get(way), rounds, shows) for name, way in asked.items()}


def asking(get: Callable, rounds: int, shows: bool) -> dict:
    """The median of some rounds, and how many queries one makes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        if get().status_code != 200:
            raise AssertionError("the page was not shown")
        count = len(queries)
    if shows:
        for one in queries.captured_queries:
            print(f"    {float(one['time']) * 1000:6.1f} ms  {' '.join(one['sql'].split())[:240]}")
    return {"milliseconds": round(scratch.median(get, rounds) * 1000), "queries": count}


def an_account(client, number: str, count: int, days: int, *, posts: bool) -> tuple[int, list[int]]:
    """A bank account with lines that the bank told of, posted by hand and sealed where `posts`; its lines."""
    from nattbok.bank import actions as bank
    from nattbok.bank.actions.receiving import unread
    from nattbok.bank.actions.reconciliation import reconcile
    from nattbok.bank.models import Movement
    from nattbok.bank.queries import unsettled
    from nattbok.bank.rules.shape import Match, OtherLine, Step
    from nattbok.files.actions import keep

    ledger = {NUMBERS[0]: "1920", NUMBERS[1]: "1930"}[number]
    account = bank.open_account(client, number, title=f"Konto {ledger}", ledger_account=ledger)
    opening = Decimal("0.00")
    for day in range(days):
        on = FIRST + datetime.timedelta(days=day)
        lines = tuple(
            Transaction(
                Decimal(place % 900 + 1),
                on,
                on,
                bank_reference=f"{number[-4:]}{place}",
                text=f"linje {place}",
            )
            for place in range(day, count, days)
        )
        closing = opening + sum(line.amount for line in lines)
        statement = Statement(number, "NOK", Kind.STATEMENT, number=f"S{day}", starts_on=on, ends_on=on,
                              opening=opening, closing=closing, transactions=lines)  # fmt: skip
        data = camt.write(BankFile("camt.053.001.02", Kind.STATEMENT, f"{number}{day}", f"{on}T23:00:00",
                                   statements=(statement,)))  # fmt: skip
        keep(client, data, name=f"{day}.xml", came_by="folder")
        opening = closing
    for file in unread(client):
        bank.receive(client, file, by="bench")
    waiting = [one for one in unsettled(client) if one.bank_account == account.pk]
    if posts:
        waiting = waiting[:-10]
        matches = [Match(one, Step.BY_HAND, (), lines=(OtherLine("3000", -one.amount),)) for one in waiting]
        for start in range(0, len(matches), 10_000):
            bank.settle(client, matches[start : start + 10_000], by="person:1")
    reconcile(client, by="bench", accounts=[account.pk])
    return account.pk, list(
        Movement.objects.filter(client=client, account=account).order_by("pk").values_list("pk", flat=True)
    )


if __name__ == "__main__":
    sys.exit(main())
