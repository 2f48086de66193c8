"""What a demo does from an empty database to the report: the office, its nights, the judging, the telling.

Django is set up before this module is imported. Each step takes what the one before it made.
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from django.core.management import call_command

from nattbok.base.words import Words, _
from nattbok.clients import actions as clients
from nattbok.clients.access import enter_client, enter_office
from nattbok.clients.models import Office, Person
from nattbok.db import lock
from nattbok.ledger.queries.proof import prove
from nattbok.outbox.actions import send_waiting
from nattbok.robot import actions, report
from nattbok.robot.rules import Report
from nattbok.sandbox.documents.post import Post, make_post
from nattbok.sandbox.judging import Touchless, Verdict, judge, touchless
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.making import make_office
from nattbok.sandbox.office import World
from nattbok.sandbox.placing import write_files
from nattbok.site import demo_bank, demo_books, demo_library, demo_people, demo_telling, demo_ways, night
from nattbok.site.catalogs import compile_all

EMAIL = "kari@demo.example"
WRONG = 1
BAR = 30


@dataclass(frozen=True, slots=True)
class Played:
    """How it went, and what whoever looks at the pages must know."""

    ended: int  # what the command ends with
    password: str  # of EMAIL, and of the client's own person
    bank_address: str
    owner: str  # the e-mail of a client's own person


@dataclass(frozen=True, slots=True)
class Stage:
    """The office in its books, with its doors open and the night's files in place."""

    world: World
    office: Office
    loaded: list[demo_books.Loaded]
    password: str
    bank: demo_bank.DemoBank
    ways: demo_ways.DemoWays
    post: Post
    owner: str
    claims: int
    workers: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What the nights came to, held against the truth."""

    verdict: Verdict
    touchless: Touchless
    papers: demo_telling.Papers
    asked: demo_people.Asked
    faults: list[str]
    paid: demo_bank.Paid
    accounts: demo_bank.Sealed

    @property
    def is_wrong(self) -> bool:
        """Whether anything is in the books, or at the bank, that should not be."""
        settled_too_much = self.paid.settled > self.paid.executed
        return bool(self.verdict.wrong or self.faults or self.accounts.unexplained or settled_too_much)


def play(arguments: argparse.Namespace, folder: Path, mailboxes: Mailboxes, stack: ExitStack) -> Played:
    """The demo up to the pages.

    The doors of the bank, the network and the mail stay open until `stack` closes.
    """
    told = _Told(arguments)
    seconds: dict[str, float] = {}
    with _timed(seconds, "set_up"):
        stage = _set_up(arguments, folder, stack, told)
    _tell_what_waits(stage, told)
    outcomes = _nights(stage, arguments.days, seconds, told)
    with _timed(seconds, "judging"):
        findings = _find(stage, mailboxes)
    if arguments.json:
        print(json.dumps(_data(outcomes[-1], findings, seconds, arguments.language), ensure_ascii=False))
    else:
        _tell(outcomes, findings, seconds, arguments.language)
    is_wrong = findings.is_wrong or any(one.failed for one in outcomes)
    return Played(WRONG if is_wrong else 0, stage.password, stage.bank.doors.rest_address, stage.owner)


def _set_up(arguments: argparse.Namespace, folder: Path, stack: ExitStack, told: "_Told") -> Stage:
    """Make up the office, put it into books, open its doors and lay out the night's files."""
    compile_all()
    call_command("migrate", database="owner", verbosity=0)
    world = make_office(seed=arguments.seed, clients=arguments.clients)
    told.say(
        _("{office}: {clients} clients with a year of books, {entries} entries"),
        office=world.office.name,
        clients=len(world.clients),
        entries=sum(len(client.history) for client in world.clients),
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
    demo_library.write(office, person, loaded)
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
    owner = owners[first.number].email
    return Stage(world, office, loaded, password, bank, ways, post, owner, claims, workers)


def _tell_what_waits(stage: Stage, told: "_Told") -> None:
    told.say(
        _("The night has {files} files from {sources} sources: {payments} payments in, {bills} e-invoices"),
        files=len(stage.world.files),
        sources=len(stage.world.sources),
        payments=len(stage.world.payments),
        bills=len(stage.world.bills),
    )
    told.say(
        _("By all six ways come {papers} papers: PDFs, scans and photos, {bad} of them broken or hostile"),
        papers=sum(len(one.files) for one in stage.post.parcels),
        bad=sum(demo_ways.forms(stage.post)[form] for form in demo_ways.NO_GOOD),
    )


def _nights(stage: Stage, days: int, seconds: dict[str, float], told: "_Told") -> list[Report]:
    """The first night, then the bank's days with a night after each."""
    with _timed(seconds, "night"):
        outcomes = [_night(stage, stage.world.night, told)]
    with _timed(seconds, "days"):
        for _day in range(days - 1):
            on = stage.bank.day()
            told.say(_("{date}: people have paid, and the bank has done its day"), date=str(on))
            outcomes.append(_night(stage, on, told))
    return outcomes


def _night(stage: Stage, on: date, told: "_Told") -> Report:
    """Run the office's night with worker processes, as `nattbok night` does."""
    with lock.held(lock.NIGHT, stage.office.pk), enter_office(stage.office) as entered:
        chosen = [client.pk for client in entered]
        begun = actions.begin(stage.office, on, covers_all=True)
        return night.lead(stage.office, begun, chosen, workers=stage.workers, tell=told.night(len(chosen)))


def _find(stage: Stage, mailboxes: Mailboxes) -> Findings:
    """All that the sandbox can judge, and the mail that leaves afterwards."""
    verdict, unaided = _judge(stage)
    papers = demo_telling.papers(stage.ways, stage.loaded)
    send_waiting()
    link = demo_people.mailed_link(mailboxes, stage.owner)
    return Findings(
        verdict,
        unaided,
        papers,
        demo_people.Asked(stage.owner, link, stage.claims),
        list(_proofs(stage.loaded)),
        demo_bank.paid(stage.bank),
        demo_bank.accounts(stage.bank),
    )


def _judge(stage: Stage) -> tuple[Verdict, Touchless]:
    """What was posted, held against what the sandbox knows to be right; and the e-invoices posted unaided."""
    world, bank = stage.world, stage.bank
    known = replace(
        world,
        payments=(*world.payments, *bank.happened()),
        other_lines=tuple(bank.by_rule(world.other_lines)),
        bills=(*world.bills, *stage.post.truths),
    )
    payments, bills = [], []
    for one in stage.loaded:
        with enter_client(one.client) as client:
            payments += demo_books.posted_payments(client, one)
            bills += demo_books.posted_bills(client, one)
    return judge(known, payments=payments, bills=bills), touchless(world, bills)


def _proofs(loaded: Sequence[demo_books.Loaded]) -> Iterator[str]:
    """The first thing that is wrong in any client's books, as `nattbok verify` would say it."""
    for one in loaded:
        with enter_client(one.client) as client:
            fault = prove(client).fault
            if fault is not None:
                yield f"{one.number}: {fault.words}"


def _data(last: Report, findings: Findings, seconds: dict[str, float], language: str) -> dict:
    return {
        "report": report.as_data(last, language),
        "verdict": demo_telling.verdict_data(findings.verdict),
        "touchless": asdict(findings.touchless) | {"share": round(findings.touchless.share, 4)},
        "papers": asdict(findings.papers),
        "asked": asdict(findings.asked),
        "paid": asdict(findings.paid),
        "accounts": asdict(findings.accounts),
        "faults": findings.faults,
        "seconds": {name: round(value, 2) for name, value in seconds.items()},
    }


def _tell(outcomes: Sequence[Report], findings: Findings, seconds: dict[str, float], language: str) -> None:
    for outcome in outcomes:
        print(report.text(outcome, language))
    demo_telling.tell_verdict(findings.verdict, findings.faults, seconds, language)
    demo_telling.tell_papers(findings.papers, findings.touchless, language)
    demo_telling.tell_people(findings.asked, language)
    demo_telling.tell_bank(findings.paid, findings.accounts, language)


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[name] = time.monotonic() - began


class _Told:
    """What is said on the way: always on stderr, with a bar on a terminal."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.language = arguments.language
        self.is_terminal = sys.stderr.isatty()

    def say(self, text: str, **values: str | int) -> None:
        """One sentence on a line."""
        demo_telling.say(Words(text, values), self.language, sys.stderr)

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
