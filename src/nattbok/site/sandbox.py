"""`nattbok sandbox`: the test bank by itself, for whoever builds or tries a connection to it.

`nattbok sandbox bank` opens its doors until it is stopped, and writes what each customer needs to come in to
a folder. The other commands speak to the bank that runs from that folder: they move its day, throw its
switches, and let things happen to its accounts. What the bank has done is kept in the folder, so that a bank
started there again goes on.
"""

import argparse
import datetime
import fcntl
import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nattbok.base.errors import Refused, Unreachable
from nattbok.base.words import _

if TYPE_CHECKING:
    from nattbok.sandbox.bank.doors.certificates import Authority
    from nattbok.sandbox.bank.doors.serving import Serving
    from nattbok.sandbox.bank.engine import Bank

FOLDER = Path("test-bank")
MARKER = "this is a test bank"
JOURNAL, ADMIN, HOST_KEY, CUSTOMERS, TLS = "journal", "admin.json", "host_key", "customers", "tls"
ASKING_SECONDS = 600.0  # a year of bank days takes its time


class NotABankFolder(Refused):
    """Only an empty folder, or a test bank's own, is written to."""

    message = _("{folder} has other things in it. Name another folder with --folder.")


class BankRunning(Refused):
    """Two banks cannot share a folder."""

    message = _("A test bank is running in {folder} already.")


class BankHasItsDay(Refused):
    """A bank that goes on keeps its day."""

    message = _(
        "The bank in {folder} goes on from {today}. "
        "Leave out --date and --country, or name another folder with --folder."
    )


class BankJournalBroken(Refused):
    """What the bank had kept cannot be read."""

    message = _("The bank in {folder} cannot be opened: {reason}")


class PortTaken(Refused):
    """Something else listens there."""

    message = _("The ports cannot be listened on: {reason}")


class NoBankRunning(Unreachable):
    """Nobody to speak to."""

    message = _("No test bank runs from {folder}. Start it with: nattbok sandbox bank --folder {folder}")


class BankSaidNo(Refused):
    """The bank's own words."""

    message = _("The test bank refused: {reason}")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "sandbox",
        help="a test bank with real doors",
        description="A test bank over real sockets, with accounts, a clock and faults to switch on. No money "
        "is real in it.",
    )
    parser.set_defaults(run=run, deed=lambda _arguments: parser.print_help() or 2)
    commands = parser.add_subparsers(metavar="COMMAND")
    _add_bank(commands)
    advance = commands.add_parser("advance", help="move the bank's day", description="Do bank days' work.")
    advance.add_argument("days", nargs="?", type=int, default=1, help="how many days (1)")
    advance.set_defaults(deed=_advance)
    fault = commands.add_parser(
        "fault",
        help="switch a fault on or off, or see them",
        description="Without a fault: which are on, and how often each has struck.",
    )
    fault.add_argument("fault", nargs="?", help="such as no_answer, disk_full or receipt_twice")
    fault.add_argument("--who", default="*", help="an account's number or a customer's id (everybody)")
    fault.add_argument("--off", action="store_true", help="switch it off")
    fault.add_argument("--times", type=int, default=0, metavar="N", help="off by itself after N strikes")
    fault.add_argument("--amount", type=int, default=0, metavar="N", help="such as bytes before a cut")
    fault.set_defaults(deed=_fault)
    happen = commands.add_parser(
        "happen",
        help="let something happen to an account",
        description="Such as: nattbok sandbox happen 99981234567 money_in amount=125.00 text=Hello",
    )
    happen.add_argument("account", help="its number")
    happen.add_argument("kind", help="such as money_in, money_out, fee, interest, tax_refund")
    happen.add_argument("about", nargs="*", metavar="NAME=VALUE", help="what the kind asks for")
    happen.set_defaults(deed=_happen)
    for command in (advance, fault, happen):
        command.add_argument("--folder", type=Path, default=FOLDER, help=f"the bank's folder ({FOLDER})")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked of the bank; without that the help is shown."""
    return arguments.deed(arguments)


def _add_bank(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    bank = commands.add_parser(
        "bank",
        help="open the bank's doors until stopped",
        description="Open the test bank's doors until stopped. Customers' keys and tokens are written to the "
        "folder; what the bank does is kept there.",
    )
    bank.add_argument("--folder", type=Path, default=FOLDER, help=f"of keys and of what it does ({FOLDER})")
    bank.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    bank.add_argument("--port-sftp", type=int, default=2222, metavar="N", help="of SFTP (2222); 0 takes any")
    bank.add_argument(
        "--port-rest", type=int, default=8022, metavar="N", help="of REST and the pages (8022); 0 takes any"
    )
    bank.add_argument(
        "--port-tls", type=int, metavar="N", help="of REST with certificates on both sides (not opened)"
    )
    bank.add_argument("--country", choices=("NO", "SE"), help="of a new bank's customers (NO)")
    bank.add_argument("--date", type=datetime.date.fromisoformat, help="a new bank's first day (today)")
    bank.set_defaults(deed=_bank)


def _bank(arguments: argparse.Namespace) -> int:
    from nattbok.sandbox.bank.doors.serving import Ports, Serving, new_host_key

    folder = arguments.folder.expanduser().resolve()
    with _held(folder):
        bank = _opened(folder, arguments)
        host_key = _kept(folder / HOST_KEY, new_host_key)
        tls = arguments.port_tls
        serving = Serving(
            bank,
            ports=Ports(arguments.port_sftp, arguments.port_rest, tls),
            host=arguments.host,
            host_key=host_key,
            authority=_authority(folder / TLS, arguments.host) if tls is not None else None,
        )
        _remind(folder / JOURNAL, serving)
        try:
            with serving as doors:
                _tell_customers(folder, bank, doors)
                admin = {"address": doors.rest_address, "token": doors.admin_token}
                _write(folder / ADMIN, json.dumps(admin).encode())
                signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
                try:
                    _tell(folder, bank, doors)
                    threading.Event().wait()
                finally:
                    (folder / ADMIN).unlink(missing_ok=True)
        except OSError as error:
            raise PortTaken(reason=error.strerror or str(error)) from error
    return 0


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The folder, this bank's alone until the block ends."""
    marker = folder / MARKER
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise NotABankFolder(folder=str(folder))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with marker.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BankRunning(folder=str(folder)) from None
        yield


def _opened(folder: Path, arguments: argparse.Namespace) -> "Bank":
    """The bank that the folder has, or a new one with its customers."""
    from nattbok.sandbox.bank.engine import Bank

    journal = folder / JOURNAL
    if journal.exists() and journal.stat().st_size:
        try:
            bank = Bank.open(journal)
        except (ValueError, TypeError, KeyError) as error:
            raise BankJournalBroken(folder=str(folder), reason=str(error)) from error
        if arguments.date or arguments.country:
            raise BankHasItsDay(folder=str(folder), today=bank.today.isoformat())
        return bank
    # Begun beside, so that a bank stopped in the middle of opening its accounts is begun again.
    begun = folder / f"{JOURNAL}.new"
    begun.unlink(missing_ok=True)
    today = arguments.date or datetime.datetime.now().astimezone().date()
    bank = Bank(today, path=begun)
    _open_customers(bank, arguments.country or "NO", folder)
    bank.save(journal)
    begun.unlink()
    return Bank.open(journal)


def _open_customers(bank: "Bank", country: str, folder: Path) -> None:
    """Two customers; the second approves its payments at the bank."""
    from nattbok.sandbox.bank.doors.sample import sample_customers
    from nattbok.sandbox.bank.doors.serving import new_host_key, public_line

    for number, one in enumerate(sample_customers(country, secrets.SystemRandom()), 1001):
        own = folder / CUSTOMERS / f"c{number}"
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = public_line(_kept(own / "key", new_host_key))
        token = _kept(own / "token", lambda: secrets.token_urlsafe(24).encode()).decode().strip()
        one.open(bank, f"c{number}", key, token)


def _remind(journal: Path, doors: "Serving") -> None:
    """The doors show the files that the bank took before, so that whoever sent them can look."""
    from hashlib import sha256

    from nattbok.sandbox.bank.doors.folders import Taken
    from nattbok.sandbox.bank.journal import Journal

    uploads = [about for name, about in Journal.deeds(journal) if name == "upload"]
    for number, one in enumerate(uploads, 1):
        digest = sha256(one["data"]).hexdigest()
        taken = Taken(number, one["name"], one["data"], digest, one["idempotency_key"])
        doors.folders.remember(one["customer"], taken)


def _tell_customers(folder: Path, bank: "Bank", doors: "Serving") -> None:
    """In each customer's folder: how to come in, for people and programs."""
    for customer in bank.customers():
        own = folder / CUSTOMERS / customer.id
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        about: dict[str, Any] = {
            "name": customer.name,
            "accounts": [
                {"number": one.number, "iban": one.iban, "bankgiro": one.bankgiro, "currency": one.currency}
                for one in bank.accounts(customer)
            ],
            "sftp": {
                "host": doors.host,
                "port": doors.sftp_port,
                "username": customer.id,
                "host_key": doors.host_keys[0],
                "private_key": str(own / "key"),
            },
            "rest": {"address": doors.rest_address, "token": str(own / "token")},
        }
        if doors.tls_port and doors.authority is not None:
            pair = doors.authority.for_customer(customer.id)
            _write(own / "certificate.pem", pair.certificate)
            _write(own / "certificate.key", pair.key)
            _write(own / "authority.pem", doors.authority.certificate)
            about["rest_tls"] = {
                "address": doors.tls_address,
                "authority": str(own / "authority.pem"),
                "certificate": str(own / "certificate.pem"),
                "certificate_key": str(own / "certificate.key"),
            }
        _write(own / "how.json", json.dumps(about, indent=2, ensure_ascii=False).encode())


def _tell(folder: Path, bank: "Bank", doors: "Serving") -> None:
    """What is open, on standard output."""
    lines = [
        f"The test bank is open, and its day is {bank.today}.",
        f"  SFTP   {doors.host} port {doors.sftp_port}, host key {doors.host_keys[0]}",
        f"  REST   {doors.rest_address}/v1/",
        f"  Pages  {doors.rest_address}/",
    ]
    if doors.tls_port:
        lines.append(f"  REST with certificates  {doors.tls_address}/v1/")
    for customer in bank.customers():
        accounts = ", ".join(f"{one.number} {one.currency}" for one in bank.accounts(customer))
        lines.append(f"  {customer.id}  {customer.name}: {accounts}")
        lines.append(f"         key, token and how.json in {folder / CUSTOMERS / customer.id}")
    lines += [
        f"Its day moves with: nattbok sandbox advance --folder {folder}",
        f"Faults: nattbok sandbox fault no_answer --folder {folder}",
        "Ctrl-C stops it; started again from the same folder it goes on.",
    ]
    print("\n".join(lines), flush=True)


def _authority(folder: Path, host: str) -> "Authority":
    """The bank's authority, kept so that customers' certificates stay good."""
    from nattbok.sandbox.bank.doors.certificates import Authority, Pair

    names = ("authority.pem", "authority.key", "server.pem", "server.key")
    whole = folder / f"for {host}"
    if whole.exists():
        data = [(whole / name).read_bytes() for name in names]
        return Authority(host, Pair(*data[:2]), Pair(*data[2:]))
    made = Authority.made(host)
    unfinished = folder / f".{secrets.token_hex(4)}"
    unfinished.mkdir(mode=0o700, parents=True)
    for name, data in zip(
        names,
        (made.pair.certificate, made.pair.key, made.server.certificate, made.server.key),
        strict=True,
    ):
        _write(unfinished / name, data)
    unfinished.rename(whole)
    return made


def _kept(path: Path, make) -> bytes:
    """What the file has, or what `make` gives, then kept there for its owner's eyes."""
    if not path.exists():
        _write(path, make())
    return path.read_bytes()


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, readable for its owner alone."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.unlink(missing_ok=True)
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    os.replace(unfinished, path)


# Speaking to the bank that runs


def _advance(arguments: argparse.Namespace) -> int:
    said = _ask(arguments.folder, "POST", "advance", {"days": arguments.days})
    print(f"The bank's day is {said['today']}")
    return 0


def _fault(arguments: argparse.Namespace) -> int:
    if arguments.fault:
        given = {
            "who": arguments.who,
            "fault": arguments.fault,
            "on": not arguments.off,
            "times": arguments.times,
            "amount": arguments.amount,
        }
        said = _ask(arguments.folder, "POST", "faults", given)
    else:
        said = _ask(arguments.folder, "GET", "faults", None)
    for one in said["on"]:
        print(f"on for {one['who']}: {one['fault']}")
    for fault, count in sorted(said["counts"].items()):
        print(f"has struck {count} times: {fault}")
    if not said["on"] and not said["counts"]:
        print("No fault is on")
    return 0


def _happen(arguments: argparse.Namespace) -> int:
    given: dict[str, object] = {"account": arguments.account, "kind": arguments.kind}
    for one in arguments.about:
        name, _equals, value = one.partition("=")
        given[name] = value
    said = _ask(arguments.folder, "POST", "inject", given)
    print(f"The bank calls it {said['bank_reference']}")
    return 0


def _ask(folder: Path, method: str, what: str, given: dict[str, object] | None) -> dict[str, Any]:
    """The running bank's answer. Raises NoBankRunning, BankSaidNo."""
    import httpx

    try:
        admin = json.loads((folder.expanduser() / ADMIN).read_bytes())
        answer = httpx.request(
            method,
            f"{admin['address']}/admin/{what}",
            json=given,
            headers={"Authorization": f"Bearer {admin['token']}"},
            timeout=ASKING_SECONDS,
            trust_env=False,
        )
        said = answer.json()
    except (OSError, ValueError, KeyError, TypeError, httpx.TransportError) as error:
        raise NoBankRunning(folder=str(folder)) from error
    if not answer.is_success:
        raise BankSaidNo(reason=str(said.get("message", answer.status_code)))
    return said
