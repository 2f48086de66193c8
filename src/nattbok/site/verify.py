"""`nattbok verify`: recompute what the books promise, and name the first thing that is wrong.

For every client of every office: entries balance and are complete, numbers have no gaps, every act is there,
totals, open items and settlements agree with their lines, the hash chain leads to its head, and every kept
file has the SHA-256 it came with. Reads only. Ends with 0 when all holds, with 1 when something does not.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.words import Words, _

DAMAGED = _("File {name} ({file}) no longer has the bytes it came with.")
MISSING = _("File {name} ({file}) is kept in the books, but its bytes are gone.")
NO_CLIENT = _("There is no client {number}.")
NO_OFFICE = _("There is no office {number}.")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "verify",
        help="prove the books: recompute everything they promise",
        description="Recompute what the books of every client promise, down to the hash chain over all "
        "entries and the bytes of every kept file, and name the first thing that is wrong with each.",
        epilog="Ends with 0 when all holds, with 1 when something does not.",
    )
    parser.add_argument("--client", metavar="NUMBER", help="only the client with this number")
    parser.add_argument("--office", metavar="NUMBER", help="only the office with this organisation number")
    parser.add_argument("--no-files", action="store_true", help="leave out the bytes of kept files")
    parser.add_argument("--json", action="store_true", help="one JSON object per client, one per line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prove client by client; returns what the command ends with."""
    import django

    django.setup()
    found = 0
    is_sound = True
    for office, result in results(arguments.office, arguments.client, with_files=not arguments.no_files):
        found += 1
        is_sound = is_sound and not result.faults
        print(json.dumps(result.as_json(office), ensure_ascii=False) if arguments.json else result.line())
        if not arguments.json:
            for promise, words in result.faults:
                print(f"    {promise}: {words}")
    if not found and (arguments.client or arguments.office):
        missing = NO_CLIENT if arguments.client else NO_OFFICE
        print(missing.format(number=arguments.client or arguments.office), file=sys.stderr)
        return 1
    return 0 if is_sound else 1


@dataclass(frozen=True, slots=True)
class Result:
    """What was recomputed for one client; a fault is a promise and the first thing that breaks it."""

    number: str
    name: str
    entries: int
    lines: int
    turnover: Decimal
    head: str
    files: int
    faults: tuple[tuple[str, Words], ...]

    def line(self) -> str:
        """The client on one line, for a person."""
        said = "holds" if not self.faults else "WRONG"
        return (
            f"{self.number:>6}  {self.name[:30]:30}  {said}  {self.entries} entries, {self.lines} lines, "
            f"turnover {self.turnover:,.2f}, {self.files} files, chain {self.head or '-'}"
        )

    def as_json(self, office: str) -> dict[str, object]:
        """The client for other programs; amounts as text."""
        return {
            "office": office,
            "client": self.number,
            "name": self.name,
            "holds": not self.faults,
            "entries": self.entries,
            "lines": self.lines,
            "turnover": str(self.turnover),
            "head": self.head,
            "files": self.files,
            "faults": [{"promise": promise, "text": str(words)} for promise, words in self.faults],
        }


def results(
    office_number: str | None = None, client_number: str | None = None, *, with_files: bool = True
) -> Iterator[tuple[str, Result]]:
    """Each client's proof, with its office's organisation number; the offices in order of their names."""
    from nattbok.clients.access import enter_office
    from nattbok.clients.models import Office

    offices = Office.objects.order_by("name", "pk")
    if office_number:
        offices = offices.filter(org_number=office_number)
    for office in offices:
        with enter_office(office) as clients:
            for client in clients:
                if client_number in (None, client.number):
                    yield office.org_number, prove(client, with_files=with_files)


def prove(client, *, with_files: bool = True) -> Result:
    """One client's proof, inside its scope."""
    from nattbok.ledger.queries.proof import prove as prove_ledger

    ledger = prove_ledger(client)
    faults = [(ledger.fault.promise, ledger.fault.words)] if ledger.fault else []
    for proof in proofs():
        faults += [(promise, words) for promise, words in [next(proof(client), (None, None))] if promise]
    count = 0
    if with_files:
        count, fault = _files(client)
        faults += [fault] if fault else []
    return Result(
        client.number, client.name, ledger.entries, ledger.lines, ledger.turnover, ledger.head, count,
        tuple(faults),
    )  # fmt: skip


Proof = Callable[..., Iterator[tuple[str, Words]]]


def proofs() -> list[Proof]:
    """What departments can prove of a client, each a function that yields (promise, what breaks it).

    Add a department's here. Only the first that each yields is told; a proof that holds yields nothing.
    """
    from nattbok.bank import queries as bank

    return [lambda client: ((fault.promise, fault.words) for fault in bank.faults(client))]


def _files(client) -> tuple[int, tuple[str, Words] | None]:
    """How many files were read, and the first whose bytes are not those that came."""
    from nattbok.files import queries
    from nattbok.files.models import File

    promise, count = "files are kept as they came", 0
    for file in File.objects.filter(client=client).order_by("pk").iterator(chunk_size=500):
        count += 1
        about = {"name": file.name, "file": file.pk}
        try:
            queries.data(file)
        except queries.Damaged:
            return count, (promise, Words(DAMAGED, about))
        except FileNotFoundError:
            return count, (promise, Words(MISSING, about))
    return count, None
