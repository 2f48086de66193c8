"""`nattbok read FILE…`: what a bank file, payment file, e-invoice, picture or PDF says, storing nothing.

Starts without Django. One object per file with --json, one per line; else a page of text for a person.
Ends with 0 when every file was accepted or held, and with 2 when any was refused.
"""

import argparse
import json
import os
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date

from nattbok.base.words import _
from nattbok.formats import known
from nattbok.formats.bank import totals as bank_totals
from nattbok.formats.bank.shape import BankFile, Kind
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice import totals as invoice_totals
from nattbok.formats.invoice.shape import Invoice
from nattbok.formats.payment import totals as payment_totals
from nattbok.formats.payment.shape import PaymentFile, Receipt
from nattbok.formats.sales_day import totals as sales_totals
from nattbok.formats.sales_day.shape import SettlementReport
from nattbok.reading import process, sniff
from nattbok.reading.shape import FIELDS, Own, Reading
from nattbok.site.read_page import page, translated

LANGUAGES = ("nb", "sv", "en")


@dataclass
class Eyes:
    """The process that looks at pictures and PDFs, begun when the first one comes."""

    country: str = "NO"
    own: Own = field(default_factory=Own)
    seconds: float = 0.0  # that the last file took
    _stack: ExitStack = field(default_factory=ExitStack)
    _reader: process.Reader | None = None

    def read(self, data: bytes) -> known.Read:
        """What the picture or PDF says."""
        if self._reader is None:
            self._reader = self._stack.enter_context(process.Reader())
        begun = time.perf_counter()
        found = self._reader.read(data, country=self.country, own=self.own, on=date.today())  # noqa: DTZ011
        self.seconds = time.perf_counter() - begun
        name = "pdf" if sniff.is_pdf(data) else "picture"
        return known.Read(name, known.outcome(found.findings), found.findings, found)

    def close(self) -> None:
        """End the process."""
        self._stack.close()


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "read",
        help="say what bank files and e-invoices contain",
        description="Read camt.052/053/054, OCR giro, BgMax, lists exported from net banks (CSV), pain.001, "
        "pain.002, settlement reports (Vipps, Stripe, Klarna, Zettle, card acquirers) and Peppol BIS "
        "Billing 3 (EHF 3) files, and invoices as PDF or pictures, each told by its content, and say what is "
        "in them and what is wrong with them. Nothing is stored.",
        epilog="Ends with 0 when all files were accepted or held, with 2 when any was refused.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object per file, one per line")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of texts and amounts")
    parser.add_argument(
        "--all", action="store_true", help="show all transactions and lines, not the first 20"
    )
    parser.add_argument("--country", choices=("NO", "SE"), default="NO", help="of who received the bill")
    parser.add_argument(
        "--own", action="append", default=[], metavar="NUMBER",
        help="an organisation or account number of the receiver's own, which is never the supplier's",
    )  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read the files one after the other; returns what the command ends with."""
    if hasattr(sys.stdout, "reconfigure"):
        # A name of a file or a person that the terminal cannot show must not stop the reading.
        sys.stdout.reconfigure(errors="backslashreplace")
    refused = False
    eyes = Eyes(arguments.country, _own(arguments.own))
    try:
        for place, file in enumerate(arguments.files):
            read = read_file(file, eyes)
            refused = refused or read.outcome is known.Outcome.REFUSE
            if arguments.json:
                print(json.dumps(as_json(file, read, arguments.language, eyes.seconds), ensure_ascii=False))
            else:
                if place:
                    print()
                for line in page(file, read, arguments.language, is_whole=arguments.all):
                    print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has gone; Python's own last flush must find somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    finally:
        eyes.close()
    return 2 if refused else 0


def _own(numbers: Sequence[str]) -> Own:
    """Numbers as they are typed, which are of organisations or accounts."""
    plain = frozenset(number.replace(" ", "").replace(".", "").replace("-", "").upper() for number in numbers)
    return Own(plain, plain)


def read_data(data: bytes, eyes: Eyes | None = None) -> known.Read:
    """What the bytes say: as a picture or PDF when they begin as one, else by the formats we know."""
    if len(data) <= known.LARGEST and (sniff.is_pdf(data) or sniff.is_picture(data)) and eyes is not None:
        return eyes.read(data)
    return known.read_any(data)


def read_file(file: str, eyes: Eyes | None = None) -> known.Read:
    """What came of reading the file at the path `file`, of which no more than the limit is taken in."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(known.LARGEST_OF_ALL + 1)
            return (
                known.refused(known.too_large(len(data)))
                if len(data) > known.LARGEST_OF_ALL
                else read_data(data, eyes)
            )
        about = os.stat(file)
        if stat.S_ISDIR(about.st_mode):
            return _unopened("is_a_folder", _("This is a folder, not a file."))
        if not stat.S_ISREG(about.st_mode):
            return _unopened("not_a_file", _("This is not an ordinary file; use - to read standard input."))
        if about.st_size > known.LARGEST_OF_ALL:
            return known.refused(known.too_large(about.st_size))
        with open(file, "rb") as opened:
            data = opened.read(known.LARGEST_OF_ALL + 1)
    except FileNotFoundError:
        return _unopened("no_such_file", _("There is no such file."))
    except PermissionError:
        return _unopened("no_permission", _("The file may not be read by this user."))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return _unopened("unopened", _("The file could not be opened: {reason}."), reason=reason)
    return read_data(data, eyes)


def _unopened(code: str, sentence: str, **values: str) -> known.Read:
    return known.refused(Finding(Severity.ERROR, code, "", sentence, dict(values)))


def as_json(file: str, read: known.Read, language: str, seconds: float = 0.0) -> dict[str, object]:
    """What is said of a file to other programs; amounts as text with two decimals, in no language."""
    said: dict[str, object] = {
        "file": file,
        "format": read.format or None,
        "outcome": read.outcome.value,
        "findings": [
            {
                "severity": finding.severity.value,
                "code": finding.code,
                "where": finding.where,
                "text": translated(finding.words, language),
            }
            for finding in read.findings
        ],
        "totals": {},
    }
    if isinstance(read.content, Invoice):
        said["totals"] = invoice_totals.totals(read.content)
        said["invoice"] = invoice_totals.expected(read.content)
    elif isinstance(read.content, BankFile):
        said["totals"] = dict(bank_totals.totals(read.content))
        said["statements"] = said["totals"].get("statements") or list(_giro_statements(read.content))
    elif isinstance(read.content, PaymentFile):
        said["totals"] = payment_totals.of_payments(read.content)
    elif isinstance(read.content, Receipt):
        said["totals"] = payment_totals.of_receipt(read.content)
    elif isinstance(read.content, SettlementReport):
        said["totals"] = sales_totals.totals(read.content)
    elif isinstance(read.content, Reading):
        said |= _seen(read.content, language, seconds)
    return said


def _seen(reading: Reading, language: str, seconds: float) -> dict[str, object]:
    """What was read of a picture or PDF: the values, and of each how sure it is, why, and where it stands."""
    fields = reading.fields
    invoice: dict[str, object] = {"kind": reading.kind.value}
    invoice |= {name: reading.value(name) for name in FIELDS}
    invoice["vat_lines"] = [
        {
            "rate": int(line.rate) if line.rate == line.rate.to_integral_value() else float(line.rate),
            "base": f"{line.base:.2f}",
            "vat": f"{line.vat:.2f}",
        }
        for line in reading.vat_lines
    ]
    return {
        "invoice": invoice,
        "confidence": {name: one.confidence for name, one in fields.items()},
        "proven": [name for name, one in fields.items() if one.is_proven],
        "is_proven": reading.is_proven,
        "reason": {name: translated(one.reason, language) for name, one in fields.items()},
        "place": {
            name: {
                "page": one.place.page + 1,
                "box": [
                    round(part, 4)
                    for part in (
                        one.place.box.left,
                        one.place.box.top,
                        one.place.box.right,
                        one.place.box.bottom,
                    )
                ],
            }
            for name, one in fields.items()
            if one.place is not None
        },
        "pieces": [{"first": one.first + 1, "last": one.last + 1} for one in reading.pieces],
        "pages": len(reading.pages),
        "engine": reading.engine or None,
        "seconds": round(seconds, 3),
    }


def _giro_statements(file: BankFile) -> Iterator[dict[str, object]]:
    """A giro file has payments and no balances."""
    if file.kind is not Kind.GIRO:
        return
    for statement in file.statements:
        yield {
            "account": statement.account,
            "currency": statement.currency,
            "entries": statement.entries,
            "tx": len(statement.transactions),
            "credits": invoice_totals.amount(statement.booked_in),
            "debits": invoice_totals.amount(statement.booked_out),
        }
