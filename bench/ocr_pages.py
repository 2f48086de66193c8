"""How many pages of pictures are read in a minute, by two processes beside each other.

The pages are drawn here: scans, photos from a phone and pictures, all with the figures known. What is
told are the minutes it took, the seconds of one core that a page took, and what that makes of 1 000 pages on
two cores that have nothing else to do; the longest page; how many were given up; and how many of the bills
that would have gone on unattended were wrong, which must be none.

    python -m bench.ocr_pages [--pages 60] [--processes 2] [--with-text] [--json]
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nattbok.formats.invoice.shape import Invoice
from nattbok.reading.process import PATIENCE, Reader
from nattbok.reading.shape import Own
from nattbok.sandbox.documents.post import Form, sheaf
from nattbok.sandbox.making import NIGHT, make_office

MIX = (Form.SCANNED_PDF, Form.PHONE_JPEG, Form.FAX_TIFF, Form.PHONE_JPEG, Form.GREY_TIFF, Form.PNG)
WITH_TEXT = (*MIX, Form.TEXT_PDF, Form.FACTUR_X, Form.TEXT_PDF)
GOAL_PAGES, GOAL_MINUTES, CORES = 1000, 25, 2

_reader = Reader()


@dataclass(frozen=True)
class Told:
    """What is told of one page: how long it took, and what came of it."""

    seconds: float
    core_seconds: float
    is_given_up: bool
    is_proven: bool
    is_wrong: bool


@dataclass(frozen=True)
class Figures:
    """What is told of all of them."""

    pages: int
    processes: int
    minutes: float
    pages_per_minute: float
    core_seconds_per_page: float
    longest_seconds: float
    given_up: int
    proven: int
    proven_wrong: int
    minutes_for_1000_here: float  # as busy as the machine was
    minutes_for_1000_on_two_free_cores: float  # by the seconds of one core that a page takes


def read_one(work: tuple[str, Invoice, bytes]) -> Told:
    """One page, read in this process's own reader."""
    country, wanted, data = work
    process, before = _reader.process_id, used()
    begun = time.perf_counter()
    found = _reader.read(data, country=country, own=Own(frozenset([wanted.buyer.org_number or ""])), on=NIGHT)
    took = time.perf_counter() - begun
    given_up = any(one.code == "reading_given_up" for one in found.findings)
    right = {
        "invoice_no": wanted.number,
        "supplier_orgno": wanted.supplier.org_number,
        "issue_date": _day(wanted.issue_date),
        "due_date": _day(wanted.due_date),
        "net": f"{wanted.net:.2f}",
        "vat_total": f"{wanted.vat:.2f}",
        "total": f"{wanted.payable:.2f}",
        "payment_ref": wanted.payment_means[0].payment_id,
    }
    is_wrong = any(found.value(name) != value for name, value in right.items())
    core = used() - (before if process == _reader.process_id else 0.0)
    return Told(took, core, given_up, found.is_proven, found.is_proven and is_wrong)


def used() -> float:
    """The seconds of one core that the reading process has taken so far; 0 before there is one."""
    if _reader.process_id is None:
        return 0.0
    times = psutil.Process(_reader.process_id).cpu_times()
    return times.user + times.system


def measured(pages: int, processes: int, mix: tuple[Form, ...]) -> Figures:
    """Draw the pages, then read them; only the reading is timed."""
    world = make_office(seed=7, clients=5)
    work = list(_work(world, mix, pages))
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(read_one, work[:processes]))  # the engines are loaded once in a night
        begun = time.perf_counter()
        told = list(pool.map(read_one, work))
        took = time.perf_counter() - begun
    each = sum(one.core_seconds for one in told) / len(told)
    return Figures(
        pages=len(told),
        processes=processes,
        minutes=round(took / 60, 2),
        pages_per_minute=round(60 * len(told) / took, 1),
        core_seconds_per_page=round(each, 2),
        longest_seconds=round(max(one.seconds for one in told), 1),
        given_up=sum(one.is_given_up for one in told),
        proven=sum(one.is_proven for one in told),
        proven_wrong=sum(one.is_wrong for one in told),
        minutes_for_1000_here=round(GOAL_PAGES * took / len(told) / 60, 1),
        minutes_for_1000_on_two_free_cores=round(GOAL_PAGES * each / CORES / 60, 1),
    )


def _work(world, mix: tuple[Form, ...], pages: int) -> Iterator[tuple[str, Invoice, bytes]]:
    for _form, wanted, data in sheaf(world, mix, pages):
        yield ("NO" if wanted.currency == "NOK" else "SE"), wanted, data


def _day(on: date | None) -> str:
    return on.isoformat() if on is not None else ""


def main() -> int:
    """Measure and tell; 1 when a page took too long, or a proven bill is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.ocr_pages", description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=60, metavar="N")
    parser.add_argument("--processes", type=int, default=CORES, metavar="N")
    parser.add_argument("--with-text", action="store_true", help="PDFs with text among them")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    told = measured(arguments.pages, arguments.processes, WITH_TEXT if arguments.with_text else MIX)
    if arguments.json:
        print(json.dumps(asdict(told)))
    else:
        print(
            f"  {told.pages} pages by {told.processes} processes in {told.minutes} minutes: "
            f"{told.pages_per_minute} a minute, the longest {told.longest_seconds} s, "
            f"{told.given_up} given up\n"
            f"  {told.core_seconds_per_page} s of one core for a page: 1 000 in "
            f"{told.minutes_for_1000_on_two_free_cores} minutes on two free cores, "
            f"{told.minutes_for_1000_here} as busy as the machine is now (goal {GOAL_MINUTES})\n"
            f"  {told.proven} would have gone on unattended, {told.proven_wrong} of them wrong"
        )
    return 1 if told.proven_wrong or told.longest_seconds > PATIENCE + 1 else 0


if __name__ == "__main__":
    sys.exit(main())
