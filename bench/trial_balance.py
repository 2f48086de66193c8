"""How long a trial balance takes, for a client with a million lines and for one with ten thousand.

It is read from the kept totals of each account's months, and from lines only for the days of months that
are not whole; beside it stands the plain sum over all lines, measured in the same run. The lines are put in
as the running system's role, past the actions but not past the guards: entries of a thousand lines each.

    python -m bench.trial_balance [--lines 1000000] [--rounds 15] [--clients 0] [--json]

With --clients, that many more clients with a few open invoices each stand beside the two, and the open
items and the journal of one of them are measured and their plans shown.
"""

import argparse
import datetime
import json
import sys
from functools import partial

from bench import scratch

WANTED_SECONDS = {1_000_000: 0.200, 10_000: 0.010}
PER_ENTRY = 1_000
WHOLE = (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
MIDDLE = (datetime.date(2026, 3, 10), datetime.date(2026, 9, 20))
ACTS = "SELECT id FROM trail_act WHERE client_id = %(client)s ORDER BY id LIMIT 1"
ENTRIES = """
INSERT INTO ledger_entry (client_id, series_id, number, position, date, text, origin, round, line_count,
    content, link, act_id, posted_at)
SELECT %(client)s, %(series)s, n, n, %(starts)s::date + (n * 7919 %% 365), '', 'bench:' || n, 0, %(per)s,
    '', '', ({acts}), now()
FROM generate_series(%(first)s, %(last)s) AS n
"""
LINES = """
INSERT INTO ledger_line (client_id, entry_id, number, date, account_id, amount, currency, currency_amount,
    rate, text, vat_code, reference)
SELECT entry.client_id, entry.id, n, entry.date,
    account.ids[1 + (entry.number * 31 + (n + 1) / 2 * (1 + n %% 2)) %% account.many],
    (CASE WHEN n %% 2 = 1 THEN 1 ELSE -1 END) * ((n + 1) / 2 * 7 %% 1000 + 0.25), 'NOK',
    (CASE WHEN n %% 2 = 1 THEN 1 ELSE -1 END) * ((n + 1) / 2 * 7 %% 1000 + 0.25), 1, '', '', ''
FROM ledger_entry entry CROSS JOIN generate_series(1, %(per)s) AS n
CROSS JOIN (SELECT array_agg(id ORDER BY id) AS ids, count(*) AS many FROM ledger_account
            WHERE client_id = %(client)s AND control = '') account
WHERE entry.client_id = %(client)s AND entry.position BETWEEN %(first)s AND %(last)s
"""
NAIVE = """
SELECT account.number, sum(line.amount) FILTER (WHERE line.date < %(starts)s),
    sum(line.amount) FILTER (WHERE line.date >= %(starts)s AND line.amount > 0),
    sum(line.amount) FILTER (WHERE line.date >= %(starts)s AND line.amount < 0)
FROM ledger_line line JOIN ledger_account account ON account.id = line.account_id
WHERE line.client_id = %(client)s AND line.date <= %(ends)s GROUP BY account.number ORDER BY 1
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000, help="of the larger client")
    parser.add_argument("--rounds", type=int, default=15, help="of which the median is told")
    parser.add_argument("--clients", type=int, default=0, help="how many more there are")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with scratch.home():
        found = measure(arguments.lines, arguments.rounds, arguments.clients)
    if arguments.json:
        print(json.dumps(found))
        return 0 if found["passed"] else 1
    for row in found["measured"]:
        wanted = f"(wanted below {row['wanted'] * 1000:.0f} ms)" if row["wanted"] else ""
        print(
            f"{row['lines']:>9,} lines  {row['span']:<12} {row['seconds'] * 1000:>8.2f} ms {wanted:<24} "
            f"plain sum {row['naive'] * 1000:>8.1f} ms, {row['naive'] / row['seconds']:.0f} times as long"
        )
    for row in found["lists"]:
        print(f"{row['what']:<28} {row['seconds'] * 1000:>8.2f} ms   {row['plan']}")
    return 0 if found["passed"] else 1


def measure(lines: int, rounds: int, others: int) -> dict[str, object]:
    """Medians of the trial balance of both clients, over a whole year and over one that cuts months."""
    from nattbok.db.scope import scope

    office = scratch.office()
    measured, lists = [], []
    neighbours = [neighbour(office, place) for place in range(10, 10 + others)]
    clients = [(count, scratch.client(office, place)) for place, count in ((1, lines), (2, 10_000))]
    for count, client in clients:
        with scope([client.pk]):
            fill(client, count)
    _analyze()
    for count, client in clients:
        with scope([client.pk]):
            for span, days in (("whole year", WHOLE), ("parts of it", MIDDLE)):
                wanted = WANTED_SECONDS.get(count) if span == "whole year" else None
                measured.append(
                    {"lines": count, "span": span, "wanted": wanted, **both(client, days, rounds)}
                )
    if neighbours:
        with scope([neighbours[len(neighbours) // 2].pk]):
            lists = [*of_lists(neighbours[len(neighbours) // 2], rounds)]
    passed = all(row["wanted"] is None or row["seconds"] < row["wanted"] for row in measured)
    return {"measured": measured, "lists": lists, "passed": passed}


def both(client, days: tuple[datetime.date, datetime.date], rounds: int) -> dict[str, object]:
    """Median seconds of the trial balance and of the plain sum, which must agree, and the plan's indexes."""
    from django.db import connection

    from nattbok.ledger.queries import trial_balance

    parameters = {"client": client.pk, "starts": days[0], "ends": days[1]}

    def naive() -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(NAIVE, parameters)
            return [(number, *(amount or 0 for amount in sums)) for number, *sums in cursor.fetchall()]

    ours = [(row.number, row.opening, row.debit, row.credit) for row in trial_balance(client, *days)]
    assert ours == naive(), "the trial balance is not the sum of its lines"
    return {
        "seconds": scratch.median(partial(trial_balance, client, *days), rounds),
        "naive": scratch.median(naive, max(3, rounds // 5)),
        "plan": plan(partial(trial_balance, client, *days)),
    }


def of_lists(client, rounds: int):
    """The open items and the journal of one small client among many, with their plans."""
    from nattbok.ledger.queries import entries, open_items

    for what, work in (("open items", open_items), ("journal", entries)):
        work = partial(work, client)
        yield {"what": what, "seconds": scratch.median(work, rounds), "plan": plan(work)}


def plan(work) -> str:
    """The scans that the database makes for the first statement of `work`: each table, and its index."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        work()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + queries[0]["sql"])
        (found,) = cursor.fetchone()
    nodes = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    scans = []
    for node in nodes:
        nodes += node.get("Plans", [])
        if "Relation Name" in node:
            scans.append(f"{node['Relation Name']}: {node.get('Index Name', node['Node Type'])}")
        elif "Index Name" in node:
            scans.append(f"bitmap of {node['Index Name']}")
    return "; ".join(scans)


def fill(client, count: int) -> None:
    """`count` lines in entries of a thousand, with the counters that posting would keep."""
    from django.db import connection, transaction

    from nattbok.ledger.models import FiscalYear, Series
    from nattbok.trail.actions import act

    act(client, "bench.filled", "bench")
    year = FiscalYear.objects.get(client=client)
    series = Series.objects.create(client=client, year=year, code="A")
    entries, step = count // PER_ENTRY, 100
    for first in range(1, entries + 1, step):
        last = min(first + step - 1, entries)
        with transaction.atomic(), connection.cursor() as cursor:
            parameters = {
                "client": client.pk, "series": series.pk, "starts": scratch.STARTS_ON, "per": PER_ENTRY,
                "first": first, "last": last,
            }  # fmt: skip
            cursor.execute(ENTRIES.format(acts=ACTS), parameters)
            cursor.execute(LINES, parameters)


def neighbour(office, place: int):
    """A client with twenty open invoices."""
    from bench.posting import invoices
    from nattbok.db.scope import scope

    made = scratch.client(office, place)
    with scope([made.pk]):
        invoices(made, 20)
    return made


def _analyze() -> None:
    from django.db import connections

    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
