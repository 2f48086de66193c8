"""How well pictures and PDFs are read, over a folder with truth.json as in ../shared/data/documents.

For each class of quality: the share of fields right, of documents with all that matter right, what would have
gone on with nobody looking, how much of that was wrong (which must be nothing), and the seconds of one core
that a page takes.
Then what one correction teaches: the second and later documents of each supplier. And whether papers that
are no bills (reminders, statements, offers, delivery notes, letters) are told apart.

    python -m bench.reading DIR [--json] [--processes 2] [--no-own] [--calibrate]
    python -m bench.reading --layouts 1
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nattbok import reading
from nattbok.base.errors import Unreadable
from nattbok.reading import Memory, Own, Reading

BILLS = ("invoice", "credit_note", "receipt")
FIELDS = (
    "supplier_name", "supplier_orgno", "invoice_no", "issue_date", "due_date", "currency", "net", "vat_total",
    "total", "vat_lines", "payment_ref", "account",
)  # fmt: skip
ACCOUNTS = ("bank_account", "bankgiro", "plusgiro", "iban")
# What must be right for a document to be: the name comes from the register, the VAT lines from the sums.
MATTER = (
    "supplier_orgno", "invoice_no", "issue_date", "due_date", "net", "vat_total", "total", "payment_ref",
    "account",
)  # fmt: skip
CLASSES = ("text", "scan300", "scan200", "scan150", "photo", "photo_hard", "photo_bad")
# Fields, documents, wrong among what is proven, seconds for a page; facts/documents.md, "Targets".
TARGETS = {
    "text": (0.96, 0.85, 0.003, 0.1),
    "scan300": (0.95, 0.88, 0.005, 4),
    "scan200": (0.95, 0.88, 0.005, 4),
    "scan150": (0.95, 0.88, 0.005, 4),
    "photo": (0.96, 0.80, 0.01, 4),
    "photo_hard": (0.90, 0.55, 0.015, 4),
    "photo_bad": (None, None, 0.05, 4),
}
SECOND = 0.98  # of the fields of a supplier's second document, after one correction
RETAKE = 0.9  # of the class photo_bad
PATIENCE = timedelta(days=14)  # after which a document is taken to have come


@dataclass
class Tally:
    """What is counted of one class."""

    documents: int = 0
    right: int = 0
    fields: int = 0
    whole: int = 0
    touchless: int = 0
    touchless_wrong: int = 0
    proven: int = 0
    proven_wrong: int = 0
    retake: int = 0
    pages: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    kinds: int = 0  # of all papers, bills or not
    kinds_right: int = 0
    taken_for_bills: int = 0  # papers that are none
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def said(document: Reading | None, name: str) -> object:
    """What the reading says of a field, in the form that truths have here."""
    if document is None:
        return None
    if name == "account":
        return {one: document.value(one) for one in ACCOUNTS if document.value(one)}
    if name == "vat_lines":
        return sorted((line.rate, line.base, line.vat) for line in document.vat_lines)
    return document.value(name)


def wanted(truth: Mapping, name: str) -> object:
    """What is right."""
    fields = truth["fields"]
    if name == "account":
        return {one: fields[one] for one in ACCOUNTS if fields.get(one)}
    if name == "vat_lines":
        lines = fields.get("vat_lines") or []
        return sorted((Decimal(str(one["rate"])), Decimal(one["base"]), Decimal(one["vat"])) for one in lines)
    return fields.get(name)


def came_on(truth: Mapping) -> date:
    """The day the document is taken to have come."""
    issued = truth["fields"].get("issue_date")
    return date.fromisoformat(issued) + PATIENCE if issued else date(2026, 12, 31)


def own_of(truth: Mapping, is_own_known: bool) -> Own:
    """The client's own numbers: a client knows them."""
    buyer = truth["fields"].get("buyer_orgno")
    return Own(frozenset([buyer] if buyer and is_own_known else []))


def read_one(work: tuple[str, Mapping, bool]) -> tuple[Reading | None, float]:
    """A document read in a process of the pool, and the seconds of one core that it took."""
    folder, truth, is_own_known = work
    data = (Path(folder) / truth["file"]).read_bytes()
    begun = time.process_time()
    try:
        found = reading.read(
            data, country=truth["country"], own=own_of(truth, is_own_known), on=came_on(truth)
        )
    except Unreadable:
        found = None
    return found, time.process_time() - begun


def count(tally: Tally, truth: Mapping, found: Reading | None, seconds: float) -> None:
    """Add one document to its class; of what is no bill only whether that is seen."""
    tally.kinds += 1
    tally.kinds_right += found is not None and found.kind == truth["kind"]
    if truth["kind"] not in BILLS:
        tally.taken_for_bills += found is not None and found.kind.is_bill
        return
    right = {name: said(found, name) == wanted(truth, name) for name in FIELDS}
    tally.documents += 1
    tally.right += sum(right.values())
    tally.fields += len(right)
    tally.whole += all(right[name] for name in MATTER)
    for name, is_right in right.items():
        tally.wrong[name] += not is_right
    pages = len(found.pages) if found is not None else 1
    tally.pages += pages
    tally.seconds += seconds
    tally.longest = max(tally.longest, seconds / max(pages, 1))
    if found is None:
        return
    tally.retake += found.is_illegible
    for name, one in found.fields.items():
        if one.is_proven and name != "buyer_orgno":
            tally.proven += 1
            tally.proven_wrong += one.value != truth["fields"].get(name)
    if found.is_proven:
        tally.touchless += 1
        tally.touchless_wrong += not all(right[name] for name in (*MATTER, "currency", "vat_lines"))


def learning(
    truths: Sequence[Mapping], readings: Mapping[str, Reading], is_own_known: bool
) -> dict[str, list]:
    """Right and counted for the first, second, and later documents of each supplier, each corrected in turn.

    The pictures nobody can read teach nothing and are left out.
    """
    from nattbok.reading.pages import Sheet
    from nattbok.reading.reader import of_sheets

    memories: dict[str, Memory] = {}
    seen: dict[str, int] = defaultdict(int)
    counted: dict[str, list] = defaultdict(lambda: [0, 0])
    for truth in truths:
        first = readings.get(truth["id"])
        if first is None or truth["quality"] == "photo_bad" or truth["kind"] not in BILLS:
            continue
        org = truth["supplier_key"]
        again = of_sheets(
            [Sheet(page) for page in first.pages], country=truth["country"], own=own_of(truth, is_own_known),
            memories=list(memories.values()), on=came_on(truth),
        )  # fmt: skip
        seen[org] += 1
        place = ("first", "second", "later")[min(seen[org], 3) - 1]
        for name in FIELDS:
            counted[place][0] += said(again, name) == wanted(truth, name)
            counted[place][1] += 1
        fields = {name: value for name, value in truth["fields"].items() if isinstance(value, str)}
        if (taught := reading.learnt(again, fields, memories.get(org))) is not None:
            memories[org] = taught
    return counted


def calibrated(truths: Sequence[Mapping], readings: Mapping[str, Reading]) -> dict[str, tuple[int, int]]:
    """Right and counted for each kind of proof, as `reading/trust.json` holds it."""
    from nattbok.reading.trust import key

    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for truth in truths:
        found = readings.get(truth["id"])
        is_bill = found is not None and truth["kind"] in BILLS
        for name, one in found.fields.items() if is_bill else ():
            if one.source in ("xml", "code") or name == "buyer_orgno":
                continue
            row = counted[key(name, one.proof, one.source == "text")]
            row[0] += one.value == truth["fields"].get(name)
            row[1] += 1
    return {name: tuple(row) for name, row in sorted(counted.items())}


def figures(tallies: Mapping[str, Tally], learned: Mapping[str, list]) -> dict[str, object]:
    """All that is measured, for other programs."""
    told: dict[str, object] = {}
    for name, one in tallies.items():
        target = TARGETS.get(name, (None, None, None, None))
        told[name] = {
            "documents": one.documents,
            "fields": share(one.right, one.fields),
            "fields_target": target[0],
            "whole": share(one.whole, one.documents),
            "whole_target": target[1],
            "proven": one.proven,
            "proven_wrong": share(one.proven_wrong, one.proven),
            "proven_wrong_target": target[2],
            "touchless": share(one.touchless, one.documents),
            "touchless_wrong": one.touchless_wrong,
            "retake": share(one.retake, one.documents),
            "kinds_right": share(one.kinds_right, one.kinds),
            "taken_for_bills": one.taken_for_bills,
            "seconds_per_page": round(one.seconds / max(one.pages, 1), 2),
            "longest_page": round(one.longest, 2),
            "seconds_target": target[3],
            "wrong": {key: value for key, value in one.wrong.items() if value},
        }
    return {
        "classes": told,
        "learning": {name: share(*row) for name, row in learned.items()},
        "learning_target": SECOND,
        "touchless_wrong": sum(one.touchless_wrong for one in tallies.values()),
        "taken_for_bills": sum(one.taken_for_bills for one in tallies.values()),
    }


def share(some: int, of: int) -> float:
    """To four decimals; 0 of none."""
    return round(some / of, 4) if of else 0.0


def lines(told: Mapping) -> Iterator[str]:
    """The table for a person."""
    yield (
        f"{'class':<11}{'n':>4}  {'fields':>7}{'≥':>6}  {'docs':>6}{'≥':>6}  {'alone':>6}{'wrong':>6}  "
        f"{'proven':>6}{'wrong':>8}{'≤':>7}  {'retake':>6}  {'s/page':>6}{'most':>7}{'≤':>5}"
    )
    for name, one in told["classes"].items():
        yield (
            f"{name:<11}{one['documents']:>4}  {one['fields']:>7.3f}{_or(one['fields_target']):>6}  "
            f"{one['whole']:>6.2f}{_or(one['whole_target']):>6}  "
            f"{one['touchless']:>6.2f}{one['touchless_wrong']:>6}  "
            f"{one['proven']:>6}{one['proven_wrong']:>8.4f}{_or(one['proven_wrong_target']):>7}  "
            f"{one['retake']:>6.2f}  {one['seconds_per_page']:>6.2f}{one['longest_page']:>7.2f}"
            f"{_or(one['seconds_target']):>5}"
        )
    yield ""
    yield "s/page: seconds of one core, and the most for a page"
    yield "retake: told to take a new picture; photo_bad ≥ 0.9"
    yield (
        "after one correction: "
        + ", ".join(f"{name} document {row:.3f}" for name, row in told["learning"].items())
        + f" (second ≥ {SECOND})"
    )
    kinds = ", ".join(f"{name} {one['kinds_right']:.3f}" for name, one in told["classes"].items())
    yield f"what the paper is, right: {kinds}"
    yield f"no bills, and taken for bills: {told['taken_for_bills']} (must be 0)"
    yield f"wrong among what would have gone on alone: {told['touchless_wrong']} (must be 0)"


def _or(target: float | None) -> str:
    return "" if target is None else f"{target:g}"


def main() -> int:
    """Measure a folder, or drawn papers; ends with 1 when anything wrong would have gone on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--layouts", type=int, metavar="N", help="draw N papers of each sketched layout")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--no-own", action="store_true", help="as if the client's own numbers were not known")
    parser.add_argument("--calibrate", action="store_true", help="write reading/trust.json from this folder")
    parser.add_argument("--wrong", action="store_true", help="list every wrong field")
    arguments = parser.parse_args()
    if (arguments.folder is None) is (arguments.layouts is None):
        parser.error("name a folder, or how many papers of each layout are drawn")
    if arguments.folder is not None:
        return measure(arguments)
    from nattbok.sandbox.documents import folder

    with TemporaryDirectory() as drawn:
        arguments.folder = Path(drawn)
        folder.write(arguments.folder, each=arguments.layouts)
        return measure(arguments)


def measure(arguments: argparse.Namespace) -> int:
    """Read the folder and print what is measured."""
    truths = json.loads((arguments.folder / "truth.json").read_text(encoding="utf-8"))["documents"]
    is_own_known = not arguments.no_own
    with ProcessPoolExecutor(arguments.processes) as pool:
        list(pool.map(_warm, range(arguments.processes)))
        work = [(str(arguments.folder), truth, is_own_known) for truth in truths]
        found = list(pool.map(read_one, work))
    readings = {truth["id"]: one for truth, (one, _seconds) in zip(truths, found, strict=True) if one}
    tallies: dict[str, Tally] = {}
    ordered = [*CLASSES, *sorted({truth["quality"] for truth in truths} - set(CLASSES))]
    for quality in ordered:
        for truth, (one, seconds) in zip(truths, found, strict=True):
            if truth["quality"] == quality:
                count(tallies.setdefault(quality, Tally()), truth, one, seconds)
    if arguments.calibrate:
        place = Path(reading.__file__).parent / "trust.json"
        place.write_text(json.dumps(calibrated(truths, readings), indent=1) + "\n", encoding="utf-8")
    told = figures(tallies, learning(truths, readings, is_own_known))
    if arguments.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        if arguments.wrong:
            for truth in truths:
                one = readings.get(truth["id"])
                for name in FIELDS if truth["kind"] in BILLS else ():
                    if said(one, name) != wanted(truth, name):
                        alone = " ALONE" if one is not None and one.is_proven else ""
                        print(
                            truth["id"], truth["quality"], name, wanted(truth, name), said(one, name), alone
                        )
        for line in lines(told):
            print(line)
    return 1 if told["touchless_wrong"] or told["taken_for_bills"] else 0


def _warm(_number: int) -> None:
    """Load the engines before anything is timed."""
    from nattbok.reading import ocr, upright
    from nattbok.reading.words import Source

    upright.load()
    for source in (Source.TINY, Source.SMALL):
        ocr.load(source)
    time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
