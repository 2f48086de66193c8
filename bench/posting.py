"""How many payments are posted and settled per second, beside a bare INSERT of the very same rows.

One client is owed many invoices; each payment pays one, through `bank.actions.settle`: an entry of two
lines, bank debit and customer credit, its open item, its settlement and its act, all in one transaction.
The reference puts the same rows, read back from the tables, into copies of the same tables with the same
keys, indexes and references, but without policies and triggers: INSERT … SELECT … FROM unnest, as the same
role.

    python -m bench.posting [--payments 20000] [--rounds 3] [--json]
"""

import argparse
import cProfile
import json
import pstats
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

from bench import scratch

WANTED_PER_SECOND = 1_500
WANTED_RATIO = 1 / 3
TABLES = ("trail_act", "ledger_entry", "ledger_line", "ledger_openitem", "ledger_settlement")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--payments", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is told")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--profile", action="store_true", help="say where the time of one round goes")
    arguments = parser.parse_args()
    with scratch.home():
        found = measure(arguments.payments, arguments.rounds, arguments.profile)
    if arguments.json:
        print(json.dumps(found))
    else:
        print(f"{found['payments']} payments, median of {arguments.rounds} rounds")
        print(f"  posted and settled  {found['per_second']:>8,.0f} a second")
        print(f"  bare INSERT         {found['bare_per_second']:>8,.0f} a second")
        print(f"  ratio               {found['ratio']:>8.2f}   (wanted at least {WANTED_RATIO:.2f})")
    return 0 if found["passed"] else 1


def measure(payments: int, rounds: int, is_profiled: bool = False) -> dict[str, object]:
    """Post `payments` payments `rounds` times, each beside the bare INSERT of the same rows."""
    from nattbok.db.scope import scope
    from nattbok.ledger.queries.proof import prove

    office = scratch.office()
    posted, bare = [], []
    copies()
    for place in range(1, rounds + 1):
        client = scratch.client(office, place)
        with scope([client.pk]):
            matches = matched(client, invoices(client, payments))
            with profiled(is_profiled):
                posted.append(scratch.seconds(partial(pay, client, matches)))
            bare.append(bare_seconds(client))
            fault = prove(client).fault
            assert fault is None, str(fault.words)
    per_second = payments / statistics.median(posted)
    bare_per_second = payments / statistics.median(bare)
    ratio = per_second / bare_per_second
    return {
        "payments": payments,
        "per_second": round(per_second, 1),
        "bare_per_second": round(bare_per_second, 1),
        "ratio": round(ratio, 3),
        "passed": per_second >= WANTED_PER_SECOND and ratio >= WANTED_RATIO,
    }


@contextmanager
def profiled(is_wanted: bool) -> Iterator[None]:
    """Where the time of the block goes, on standard error."""
    if not is_wanted:
        yield
        return
    with cProfile.Profile() as profile:
        yield
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)


def invoices(client, count: int) -> list[tuple[int, int, Decimal]]:
    """Post `count` invoices to a hundred customers: (item, party, amount) of each."""
    from nattbok.ledger import actions as ledger
    from nattbok.ledger.actions.books import PartyDraft
    from nattbok.ledger.rules import EntryDraft, LineDraft, PartyKind
    from nattbok.trail.actions import record
    from nattbok.trail.rules import ActDraft

    parties = ledger.add_parties(
        client, [PartyDraft(PartyKind.CUSTOMER, str(n), f"Kunde {n}") for n in range(100)]
    )
    drafts = []
    for n in range(count):
        amount = Decimal(10_000 + n % 90_000) / 100
        drafts.append(
            EntryDraft(
                scratch.STARTS_ON,
                "S",
                f"invoice:{n}",
                f"Faktura {n}",
                (
                    LineDraft("1500", amount, party=parties[n % 100], number=f"F{n}", reference=f"{n:07}"),
                    LineDraft("3000", -amount),
                ),
            )
        )
    acts = record(client, [ActDraft("sales.issued", "bench", {"invoice": n}) for n in range(count)])
    entries = ledger.post(client, drafts, acts=acts)
    return [
        (entry.items[0], draft.lines[0].party, draft.lines[0].amount)
        for entry, draft in zip(entries, drafts, strict=True)
    ]


def matched(client, items: list[tuple[int, int, Decimal]]) -> list:
    """What the ladder says of a payment for each item: matched by its reference, exactly what was owed."""
    from nattbok.bank.rules import Allocation, Match, Payment, Step
    from nattbok.ledger.queries import open_items

    by_id = {item.id: item for item in open_items(client)}
    return [
        Match(
            Payment(
                id=n,
                amount=amount,
                booked_on=scratch.STARTS_ON,
                reference=f"{n:07}",
                payer_name=f"Kunde {party}",
                bank_reference=f"26070{n}",
                account="1920",
            ),
            Step.KID_EXACT,
            (Allocation(by_id[item], amount),),
            evidence={"reference": f"{n:07}", "left": str(amount)},
        )
        for n, (item, party, amount) in enumerate(items)
    ]


def pay(client, matches: list) -> None:
    """All of them posted and settled, each for an act of its own, in one transaction."""
    from nattbok.bank.actions import settle

    settle(client, matches, by="robot:match_payments", night=1)


def copies() -> None:
    """`bare_` copies of the tables, with their keys, indexes and references, owned as the originals are."""
    from django.db import connections, transaction

    from nattbok.db import server

    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"GRANT SELECT, INSERT ON bare_{table} TO {server.logins().app.user}")
        for table in TABLES:
            cursor.execute(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conrelid = %s::regclass AND contype = 'f'",
                [table],
            )
            for name, definition in cursor.fetchall():
                for other in TABLES:
                    definition = definition.replace(f"REFERENCES {other}(", f"REFERENCES bare_{other}(")
                cursor.execute(f'ALTER TABLE bare_{table} ADD CONSTRAINT "{name}" {definition}')


def bare_seconds(client) -> float:
    """Seconds to insert the payments' rows into the copies, one statement per table, one transaction.

    What they refer to, the invoices, is put there first and not counted.
    """
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM ledger_entry WHERE client_id = %s AND series_id IN "
                       "(SELECT id FROM ledger_series WHERE code = 'B')", [client.pk])  # fmt: skip
        (first_entry,) = cursor.fetchone()
        of_payments = {
            "trail_act": f"id >= (SELECT min(act_id) FROM ledger_entry WHERE id >= {first_entry})",
            "ledger_entry": f"id >= {first_entry}",
            "ledger_line": f"entry_id >= {first_entry}",
            "ledger_openitem": "line_id >= (SELECT min(id) FROM ledger_line WHERE "
            f"entry_id >= {first_entry})",
            "ledger_settlement": "true",
        }
        statements = []
        with transaction.atomic():
            for table in TABLES:
                cursor.execute(
                    "SELECT column_name, udt_name FROM information_schema.columns "
                    "WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
                    [table],
                )
                columns = cursor.fetchall()
                names = ", ".join(f'"{name}"' for name, _kind in columns)
                mine = f"client_id = {client.pk} AND {of_payments[table]}"
                others = f"client_id = {client.pk} AND NOT ({of_payments[table]})"
                cursor.execute(
                    f"INSERT INTO bare_{table} ({names}) OVERRIDING SYSTEM VALUE "
                    f"SELECT {names} FROM {table} WHERE {others}"
                )
                wire = [(name, "text" if kind == "jsonb" else kind) for name, kind in columns]
                cursor.execute(
                    "SELECT " + ", ".join(f'"{name}"::{kind}' for name, kind in wire) +
                    f" FROM {table} WHERE {mine} ORDER BY id"
                )  # fmt: skip
                rows = cursor.fetchall()
                values = ", ".join(f'"{name}"::{kind}' for name, kind in columns)
                arrays = ", ".join(f"%s::{kind}[]" for _name, kind in wire)
                statements.append(
                    (
                        f"INSERT INTO bare_{table} ({names}) OVERRIDING SYSTEM VALUE "
                        f"SELECT {values} FROM unnest({arrays}) AS given ({names})",
                        [list(column) for column in zip(*rows, strict=True)],
                    )
                )

        def insert() -> None:
            with transaction.atomic():
                for statement, arrays in statements:
                    cursor.execute(statement, arrays)

        return scratch.seconds(insert)


if __name__ == "__main__":
    sys.exit(main())
