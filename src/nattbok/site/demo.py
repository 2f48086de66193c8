"""`nattbok demo`: an office with clients and a year of books, a bank, a night's files, the night, its report.

All of it is made up by the sandbox, which knows the truth about every file; so the demo also tells how much
of the night's work was right, and ends with 1 when anything was posted wrong. With `--days` people pay the
suppliers, the bank's days go by, and more nights follow. It has a folder, and on
somebody's own server a database, of its own, and begins afresh every time.
"""

import argparse
import fcntl
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _

if TYPE_CHECKING:
    from nattbok.robot.rules import Report
    from nattbok.sandbox.judging import Touchless, Verdict
    from nattbok.sandbox.mail.mailboxes import Mailboxes
    from nattbok.sandbox.office import World

LANGUAGES = ("nb", "sv", "en")
EMAIL = "kari@demo.example"
WRONG = 1
BAR = 30


class DemoRunning(Refused):
    """Two demos cannot share a folder."""

    message = _("A demo is running in {folder} already. Stop it first, or name another folder with --home.")


class NotADemo(Refused):
    """Only what a demo made is ever removed."""

    message = _("{folder} is not a demo's folder, so it is left alone. Name another with --home.")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "demo",
        help="an office with clients, a night, and the pages to look at",
        description="Make up an office with a year of books, run a night on real files, tell how it went and "
        "how much of it was right, and serve the pages until stopped. Ends with 1 when anything was posted "
        "wrong.",
    )
    parser.add_argument("--clients", type=_count, default=60, metavar="N", help="how many clients (60)")
    parser.add_argument(
        "--days", type=_days, default=1, metavar="N", help="how many nights, with the bank's days between (1)"
    )
    parser.add_argument(
        "--papers", type=_papers, default=0, metavar="N", help="how many bills on paper (two for each client)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed is another office (1)")
    parser.add_argument("--workers", type=_count, help="worker processes (one per processor, at most 4)")
    parser.add_argument("--no-serve", action="store_true", help="end when the night is told of")
    parser.add_argument("--json", action="store_true", help="the report as JSON, and nothing else, on stdout")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the report (en)")
    parser.add_argument("--home", type=Path, help="the demo's folder (beside the installation's own)")
    parser.add_argument("--port", type=int, default=8000, help="of the pages (8000)")
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 2000:
        raise argparse.ArgumentTypeError("between 1 and 2000")
    return count


def _papers(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 500:
        raise argparse.ArgumentTypeError("between 0 and 500; 0 is two for each client with documents")
    return count


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= 60:
        raise argparse.ArgumentTypeError("between 1 and 60")
    return days


def run(arguments: argparse.Namespace) -> int:
    """Make, load, run, judge, tell and serve; returns what the command ends with."""
    folder = _folder(arguments.home)
    with _afresh(folder), ExitStack() as open_until_the_end:
        os.environ["NATTBOK_HOME"] = str(folder)
        # Whoever writes the demo's files renames them when they are whole; nobody need wait for them.
        os.environ["NATTBOK_FOLDER_SETTLE"] = os.environ["NATTBOK_BANK_SETTLE"] = "0"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nattbok.site.settings")
        from nattbok.site import demo_people

        mailboxes = open_until_the_end.enter_context(demo_people.mail_server(arguments.port))
        import django

        django.setup()
        ended, password, doors, owner = _demo(arguments, folder, mailboxes, open_until_the_end)
        if not arguments.no_serve:
            from nattbok.site.serve import run as serve

            if not arguments.json:
                text = _("Log in as {email} with the password {password}")
                _say(Words(text, {"email": EMAIL, "password": password}), arguments.language, sys.stdout)
                text = _("A client's own person, {owner}, logs in with the same password")
                _say(Words(text, {"owner": owner}), arguments.language, sys.stdout)
                text = _("The test bank's own pages are at {address}")
                _say(Words(text, {"address": doors}), arguments.language, sys.stdout)
            serve(argparse.Namespace(host="127.0.0.1", port=arguments.port, proxy="127.0.0.1"))
        return ended


def _folder(named: Path | None) -> Path:
    """Beside the installation's own folder, so that neither is ever taken for the other."""
    from nattbok.db import server

    home = server.home()
    return (named.expanduser() if named else home.with_name(home.name + "-demo")).resolve()


@contextmanager
def _afresh(folder: Path) -> Iterator[None]:
    """An empty folder, this demo's alone until the block ends; what an earlier demo left is removed."""
    marker = folder / "this is a demo"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise NotADemo(folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    with marker.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRunning(folder=str(folder)) from None
        from nattbok.db import server

        server.remove_demo(folder)
        for left in folder.iterdir():
            if left != marker:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield


def _demo(
    arguments: argparse.Namespace, folder: Path, mailboxes: "Mailboxes", stack: ExitStack
) -> tuple[int, str, str, str]:
    """The demo up to the pages: what the command ends with, the password to log in with, the bank's address,
    and the e-mail of a client's own person.

    The doors of the bank, the network and the mail stay open until `stack` closes.
    """
    from django.core.management import call_command

    from nattbok.clients import actions as clients
    from nattbok.clients.models import Person
    from nattbok.outbox.actions import send_waiting
    from nattbok.robot import report
    from nattbok.sandbox.documents.post import make_post
    from nattbok.sandbox.making import make_office
    from nattbok.sandbox.placing import write_files
    from nattbok.site import demo_bank, demo_books, demo_people, demo_telling, demo_ways
    from nattbok.site.catalogs import compile_all

    told = _Told(arguments)
    seconds: dict[str, float] = {}
    with _timed(seconds, "set_up"):
        compile_all()
        call_command("migrate", database="owner", verbosity=0)
        world = make_office(seed=arguments.seed, clients=arguments.clients)
        entries = sum(len(client.history) for client in world.clients)
        told.say(
            _("{office}: {clients} clients with a year of books, {entries} entries"),
            office=world.office.name,
            clients=len(world.clients),
            entries=entries,
        )
        inbox = folder / "inbox"
        workers = arguments.workers or min(4, os.cpu_count() or 1)
        office, loaded = demo_books.load(
            world, inbox, workers=min(workers, len(world.clients)), told=told.progress(len(world.clients))
        )
        password = secrets.token_urlsafe(9)
        person = Person.objects.create_user(EMAIL, password, name="Kari Demo", language=arguments.language)
        clients.employ(office, person, is_manager=True)
        bank = stack.enter_context(demo_bank.opened(world, office, loaded, folder))
        bank.connect(arguments.days)
        bank.approver(person)
        bank.write_rules(person)
        ways = stack.enter_context(demo_ways.opened(world, loaded, folder / "outside"))
        ways.connect()
        write_files(replace(world, files=tuple(ways.lay_out(bank.lay_out(world.files)))), inbox)
        post = make_post(world, most=arguments.papers)
        sorted_clients = demo_people.with_documents(world, loaded)
        owners = demo_people.owners(sorted_clients, password)
        first = sorted_clients[0]
        demo_people.ask_approvals(first, owners[first.number])
        claims = demo_people.hand_in_expenses(first, world.client(first.number), world.night)
        ways.send(post, owners, inbox)
    told.say(
        _("The night has {files} files from {sources} sources: {payments} payments in, {bills} e-invoices"),
        files=len(world.files),
        sources=len(world.sources),
        payments=len(world.payments),
        bills=len(world.bills),
    )
    told.say(
        _("By all six ways come {papers} papers: PDFs, scans and photos, {bad} of them broken or hostile"),
        papers=sum(len(one.files) for one in post.parcels),
        bad=sum(demo_ways.forms(post)[form] for form in demo_ways.NO_GOOD),
    )
    outcomes = []
    with _timed(seconds, "night"):
        outcomes.append(_night(office, world.night, workers, told))
    with _timed(seconds, "days"):
        for _day in range(arguments.days - 1):
            night = bank.day()
            told.say(_("{date}: people have paid, and the bank has done its day"), date=str(night))
            outcomes.append(_night(office, night, workers, told))
    with _timed(seconds, "judging"):
        known = replace(
            world,
            payments=(*world.payments, *bank.happened()),
            other_lines=tuple(bank.by_rule(world.other_lines)),
            bills=(*world.bills, *post.truths),
        )
        verdict, touchless = _judge(world, known, loaded)
        papers = demo_telling.papers(ways, loaded)
        send_waiting()
        owner = owners[first.number].email
        asked = demo_people.Asked(owner, demo_people.mailed_link(mailboxes, owner), claims)
        faults = list(_proofs(loaded))
        paid, sealed = demo_bank.paid(bank), demo_bank.accounts(bank)
    if arguments.json:
        data = {
            "report": report.as_data(outcomes[-1], arguments.language),
            "verdict": demo_telling.verdict_data(verdict),
            "touchless": asdict(touchless) | {"share": round(touchless.share, 4)},
            "papers": asdict(papers),
            "asked": asdict(asked),
            "paid": asdict(paid),
            "accounts": asdict(sealed),
            "faults": faults,
            "seconds": {name: round(value, 2) for name, value in seconds.items()},
        }
        print(json.dumps(data, ensure_ascii=False))
    else:
        for outcome in outcomes:
            print(report.text(outcome, arguments.language))
        demo_telling.tell_verdict(verdict, faults, seconds, arguments.language)
        demo_telling.tell_papers(papers, touchless, arguments.language)
        demo_telling.tell_people(asked, arguments.language)
        demo_telling.tell_bank(paid, sealed, arguments.language)
    is_wrong = (
        verdict.wrong or faults or any(one.failed for one in outcomes) or sealed.unexplained
        or paid.settled > paid.executed
    )  # fmt: skip
    return (WRONG if is_wrong else 0), password, bank.doors.rest_address, owner


def _night(office, date, workers: int, told: "_Told") -> "Report":
    """Run the office's night with worker processes, as `nattbok night` does."""
    from nattbok.clients.access import enter_office
    from nattbok.db import lock
    from nattbok.robot import actions
    from nattbok.site import night

    with lock.held(lock.NIGHT, office.pk), enter_office(office) as clients:
        chosen = [client.pk for client in clients]
        begun = actions.begin(office, date, covers_all=True)
        return night.lead(office, begun, chosen, workers=workers, tell=told.night(len(chosen)))


def _judge(world: "World", known: "World", loaded: list) -> tuple["Verdict", "Touchless"]:
    """What was posted, held against what the sandbox knows to be right; and the e-invoices posted unaided."""
    from nattbok.clients.access import enter_client
    from nattbok.sandbox.judging import judge, touchless
    from nattbok.site import demo_books

    payments, bills = [], []
    for one in loaded:
        with enter_client(one.client) as client:
            payments += demo_books.posted_payments(client, one)
            bills += demo_books.posted_bills(client, one)
    return judge(known, payments=payments, bills=bills), touchless(world, bills)


def _proofs(loaded: list) -> Iterator[str]:
    """The first thing that is wrong in any client's books, as `nattbok verify` would say it."""
    from nattbok.clients.access import enter_client
    from nattbok.ledger.queries.proof import prove

    for one in loaded:
        with enter_client(one.client) as client:
            fault = prove(client).fault
            if fault is not None:
                yield f"{one.number}: {fault.words}"


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[name] = time.monotonic() - began


def _say(words: Words, language: str, where: TextIO) -> None:
    from nattbok.site.language import translate

    print(translate(words, language), file=where, flush=True)


class _Told:
    """What is said on the way: always on stderr, with a bar on a terminal."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.language = arguments.language
        self.is_terminal = sys.stderr.isatty()

    def say(self, text: str, **values: str | int) -> None:
        """One sentence on a line."""
        _say(Words(text, values), self.language, sys.stderr)

    def progress(self, total: int):
        """Hears how many are done."""

        def heard(done: int) -> None:
            self._bar(done, total)

        return heard

    def night(self, total: int):
        """Hears how far the night has come."""

        def heard(seen) -> None:
            self._bar(seen.done, total)

        return heard

    def _bar(self, done: int, total: int) -> None:
        if not self.is_terminal:
            return
        filled = BAR * done // total
        with suppress(OSError):
            print(f"\r[{'#' * filled}{'-' * (BAR - filled)}] {done}/{total}", end="", file=sys.stderr)
            print("\r\x1b[K" if done == total else "", end="", file=sys.stderr, flush=True)
