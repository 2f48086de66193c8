"""Nights whose right answer is known: per line what was done, how many are wrong, and how many were posted.

A scenario's folder is loaded into a fresh client, its files are read in two orders, the night is run twice,
and each of the bank's lines is held against expected.json. `wrong` are lines that were posted otherwise than
they should, or that should not have been; `yield` is the share of those that should be posted, and were.
Beside it a naive matcher, as is commonly made. With --random, nights from the generator.

    python -m bench.scenario DIR [DIR ...] [--json]
    python -m bench.scenario --random 1000 [--seed 1] [--json]

Ends with 1 when anything is wrong, posted twice, or a balance is not the bank's; for a folder also when less
was posted than should be.
"""

import argparse
import json
import sys
import time
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import scratch, worlds

KEPT_TROUBLE = 20


def play(office, place: int, country: str, world: dict, expected: dict, files: list) -> dict:
    """One night in a client of its own, run twice with the files in two orders; what came of it."""
    from nattbok.bank.models import Movement
    from nattbok.db.scope import scope
    from nattbok.ledger.models import Entry
    from nattbok.ledger.queries.proof import prove

    client = scratch.client(office, place, country)
    with scope([client.pk]):
        books = worlds.load(client, world)
        worlds.night(books, files)
        before = Entry.objects.filter(client=client).count(), Movement.objects.filter(client=client).count()
        worlds.night(books, list(reversed(files)))
        after = Entry.objects.filter(client=client).count(), Movement.objects.filter(client=client).count()
        found = worlds.became(books)
        rows = worlds.judge(books, expected, found)
        off = worlds.balance_off(books, expected)
        fault = prove(client).fault
    posted = sum(row["done"] == "posted" and row["expected"] in worlds.POSTS for row in rows)
    should = sum(row["expected"] in worlds.POSTS for row in rows)
    return {
        "rows": rows,
        "wrong": sum(bool(row["wrong"]) for row in rows),
        "yield": round(posted / should, 4) if should else 1.0,
        "posted": posted,
        "postable": should,
        "second_run_changed": before != after,
        "balance_off": str(off),
        "fault": str(fault.words) if fault else "",
        "naive": naive(books, expected, found),
    }


def naive(books: worlds.Books, expected: dict, found: list[worlds.Became]) -> dict:
    """What is commonly done: the first open invoice whose number stands anywhere in what is said, else the
    first with the amount. How many it would post, and how many of them otherwise than they should be."""
    items = [item for item in books.world["open_items"] if Decimal(item["open"]) > 0]
    used: set[str] = set()
    posted = wrong = 0
    left = list(found)
    for row in expected["expected"]:
        line = worlds.line_of(row, left)
        if line is None or line.amount <= 0:
            continue
        left.remove(line)
        free = [item for item in items if item["id"] not in used]
        named = (one for one in free if one["number"] and one["number"] in line.said)
        item = next(named, None) or next((one for one in free if Decimal(one["open"]) == line.amount), None)
        if item is None:
            continue
        used.add(item["id"])
        posted += 1
        right = {one["item"]: Decimal(one["amount"]) for one in row.get("allocations", ())}
        pays = {item["id"]: min(line.amount, Decimal(item["open"]))}
        wrong += row["outcome"] not in worlds.POSTS or right != pays
    return {"posted": posted, "wrong": wrong}


def passed(result: dict) -> bool:
    """Nothing wrong, nothing twice, the balance as the bank's."""
    return not (
        result["wrong"] or result["second_run_changed"] or Decimal(result["balance_off"]) or result["fault"]
    )


def folders(paths: list[Path]) -> list[dict]:
    """Each folder's night."""
    with scratch.home():
        office = scratch.office()
        results = []
        for place, path in enumerate(paths, 1):
            world, expected, files = worlds.read(path)
            with unlogged():
                result = play(office, place, world["client"]["country"], world, expected, files)
            results.append({"scenario": path.name, **result})
        return results


def random_nights(count: int, seed: int) -> dict:
    """So many nights of the generator, Norwegian and Swedish by turns, in one database."""
    from nattbok.sandbox.bank.nights import make_night

    totals = {"nights": 0, "lines": 0, "postable": 0, "posted": 0, "wrong": 0, "twice": 0, "balance_off": 0}
    naive_posted = naive_wrong = 0
    trouble: list[dict] = []
    started = time.perf_counter()
    with scratch.home(), unlogged():
        office = scratch.office()
        for place in range(count):
            code = ("NO", "SE")[place % 2]
            night = make_night(seed + place, code)
            result = play(office, place + 1, code, dict(night.world), dict(night.expected), list(night.files))
            totals["nights"] += 1
            totals["lines"] += len(result["rows"])
            totals["postable"] += result["postable"]
            totals["posted"] += result["posted"]
            totals["wrong"] += result["wrong"]
            totals["twice"] += result["second_run_changed"]
            totals["balance_off"] += bool(Decimal(result["balance_off"]))
            naive_posted += result["naive"]["posted"]
            naive_wrong += result["naive"]["wrong"]
            odd = [row for row in result["rows"] if row["wrong"] or row["missed"]]
            if (odd or not passed(result)) and len(trouble) < KEPT_TROUBLE:
                told = {name: result[name] for name in ("second_run_changed", "balance_off", "fault")}
                trouble.append({"seed": seed + place, "country": code, "lines": odd, **told})
    return {
        **totals,
        "yield": round(totals["posted"] / max(totals["postable"], 1), 4),
        "naive_wrong_percent": round(100 * naive_wrong / max(naive_posted, 1), 1),
        "seconds": round(time.perf_counter() - started, 1),
        "trouble": trouble,
    }


@contextmanager
def unlogged():
    """Without the log of what is normal: the figures are what is asked for."""
    import logging

    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def show(result: dict) -> None:
    """The lines and the figures, for people."""
    print(f"{result['scenario']}:")
    for row in result["rows"]:
        mark = "WRONG" if row["wrong"] else "missed" if row["missed"] else "ok"
        pays = " ".join(f"{name} {amount}" for name, amount in row["pays"].items())
        lines = " ".join(f"{name} {amount}" for name, amount in row["lines"].items())
        told = pays or lines or row["reason"]
        print(
            f"  {row['tx']:<5} {row['amount']:>12} {row['expected']:<15} {row['done']:<7} {row['step']:<22} "
            f"{mark:<6} {row['wrong']} {told}".rstrip()
        )
    for name in (
        "wrong",
        "yield",
        "posted",
        "postable",
        "second_run_changed",
        "balance_off",
        "fault",
        "naive",
    ):
        print(f"  {name:<20} {result[name]}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    parser.add_argument("--random", type=int, default=0, metavar="N", help="so many nights of the generator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.folders:
        results = folders(given.folders)
        if given.json:
            print(json.dumps(results[0] if len(results) == 1 else results, ensure_ascii=False))
        else:
            for result in results:
                show(result)
        return 0 if all(passed(result) and result["yield"] == 1.0 for result in results) else 1
    found = random_nights(given.random or 20, given.seed)
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for name, figure in found.items():
            print(f"  {name:<22} {figure}")
    return 1 if found["wrong"] or found["twice"] or found["balance_off"] else 0


if __name__ == "__main__":
    sys.exit(main())
