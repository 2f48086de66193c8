"""A month with a bank that misbehaves: nothing paid twice, nothing lost, nothing posted wrong, all noticed.

    python -m bench.bank_month [--fault NAME ...] [--pairs N] [--days 30] [--seed 1] [--forms sftp,rest,file]
                               [--workers 2] [--json]

Clients in Norway and Sweden, each with a connection of one form, pay their suppliers and are paid by their
customers over so many bank days: each day people release what is due, the bank does its work, and the robot
its night, over real sockets. Each fault of the test bank strikes alone, then in random pairs. Without --fault
or --pairs, a month without any fault and one with each fault alone. Ends with 1 when anything does not hold.
"""

import argparse
import json
import multiprocessing
import queue
import sys
import time
from pathlib import Path
from random import Random

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import scratch
from nattbok.sandbox.bank.shape import Fault

COUNTRIES = ("NO", "SE")


def play(
    office, place: int, faults: tuple[Fault, ...], *, days: int, seed: int, forms: tuple[str, ...]
) -> dict:
    """One month of an office whose clients are made for it; what came of it."""
    from bench.month import checks
    from bench.month.days import go_through, month
    from bench.month.notices import noticed
    from nattbok.db.scope import scope

    started = time.perf_counter()
    clients = [
        (scratch.client(office, place * 10 + at, COUNTRIES[(place + at) % 2]), form, faults)
        for at, form in enumerate(forms)
    ]
    broken, figures, told_of = [], {"payments": 0, "lines": 0, "missed": 0}, {}
    with month(office, clients, days=days, seed=seed) as made:
        go_through(made, days)
        for played in made.played:
            with scope([played.client.pk]):
                told = f"{played.client.country} {played.form}"
                broken += [f"{told}: {one}" for one in checks.check(made, played)]
                figures["payments"] += sum(len(one.payments) for one in made.bank.orders(played.customer))
                figures["lines"] += sum(len(one.details) for one in made.bank.lines(played.number))
                figures["missed"] += checks.missed(played)
                for fault in made.struck(played):
                    told_of.setdefault(str(fault), {})[played.form] = noticed(played, fault)
        strikes = {str(fault): times for fault, times in made.bank.faults.counts.items()}
    quiet = [f"{fault} never struck" for fault in faults if fault not in strikes and len(faults) == 1]
    return {
        "faults": [str(fault) for fault in faults],
        "strikes": strikes,
        **figures,
        "noticed": told_of,
        "broken": broken,
        "quiet": quiet,
        "seconds": round(time.perf_counter() - started, 1),
    }


def _work(
    number: int, runs: list[tuple[Fault, ...]], days: int, seed: int, forms: tuple[str, ...], out
) -> None:
    """Every so-manieth run, in an installation of this process's own."""
    import logging

    with scratch.home():
        logging.disable(logging.WARNING)
        office = scratch.office()
        for place, faults in enumerate(runs, 1):
            out.put(play(office, place, faults, days=days, seed=seed, forms=forms))
    out.put(None)


def months(runs: list[tuple[Fault, ...]], *, days: int, seed: int, forms: tuple[str, ...], workers: int):
    """Each run's result as it comes, in no order."""
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    parts = [runs[number::workers] for number in range(workers)]
    started = [
        context.Process(target=_work, args=(number, part, days, seed, forms, out))
        for number, part in enumerate(parts)
        if part
    ]
    for process in started:
        process.start()
    left = len(started)
    while left:
        try:
            result = out.get(timeout=5)
        except queue.Empty:  # look whether somebody has died
            if not any(process.is_alive() for process in started):
                raise SystemExit("a worker ended before its months did") from None
            continue
        if result is None:
            left -= 1
        else:
            yield result
    for process in started:
        process.join()


def pairs(count: int, seed: int) -> list[tuple[Fault, ...]]:
    """So many random pairs of different faults."""
    random = Random(seed)
    return [tuple(sorted(random.sample(list(Fault), 2))) for _place in range(count)]


def show(result: dict) -> None:
    """A month on a line, and what does not hold below it."""
    name = " + ".join(result["faults"]) or "no fault"
    strikes = sum(result["strikes"].values())
    said = "WRONG" if result["broken"] else "holds" if not result["quiet"] else "QUIET"
    print(
        f"  {name:<48} {said}  struck {strikes:>3}, {result['payments']} payments, {result['lines']} lines, "
        f"{result['missed']} left, {result['seconds']} s",
        flush=True,
    )
    for fault, places in result["noticed"].items():
        told = ", ".join(f"{form} {place or 'NOWHERE'}" for form, place in places.items())
        print(f"      {fault}: {told}", flush=True)
    for one in (*result["broken"], *result["quiet"]):
        print(f"      {one}", flush=True)


def main() -> int:
    """Play the months; 1 when anything does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fault", action="append", default=[], type=Fault, metavar="NAME")
    parser.add_argument("--together", action="store_true", help="the faults that are named in one month")
    parser.add_argument("--pairs", type=int, default=0, metavar="N")
    parser.add_argument("--days", type=int, default=30, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forms", default="sftp,rest,file", help="the clients: one for each")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.fault:
        runs = [tuple(given.fault)] if given.together else [(fault,) for fault in given.fault]
    elif given.pairs:
        runs = []
    else:
        runs = [(), *((fault,) for fault in Fault)]
    runs += pairs(given.pairs, given.seed)
    results = []
    forms = tuple(given.forms.split(","))
    for result in months(
        runs, days=given.days, seed=given.seed, forms=forms, workers=min(given.workers, len(runs))
    ):
        results.append(result)
        if not given.json:
            show(result)
    broken = sum(bool(one["broken"]) for one in results)
    if given.json:
        print(json.dumps({"months": results, "broken": broken}, ensure_ascii=False))
    else:
        print(f"  {len(results)} months of {given.days} bank days, {broken} in which something does not hold")
    return 1 if broken or any(one["quiet"] for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
