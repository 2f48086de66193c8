"""`nattbok night`: goes through an office's clients now, shows how far it has come, and prints the report."""

import argparse
import datetime
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nattbok.base.words import Words, _

if TYPE_CHECKING:
    from nattbok.clients.models import Client, Office
    from nattbok.robot.coordinator import Seen
    from nattbok.robot.models import Night
    from nattbok.robot.rules import Report

FINE, FAILED, WRONG, RUNNING, STOPPED = 0, 1, 2, 3, 130
LANGUAGES = ("nb", "sv", "en")
MOST_WORKERS = 4
BAR = 30
LINE_SECONDS = 2.0


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "night",
        help="run the robot's night now, or go on with one that was halted",
        description="Go through the office's clients now. Stopped or killed and started again, the night "
        "goes on where it was, and nothing is done twice.",
        epilog="Ends with 0 when all went well, 1 when something failed, 2 when the command was wrong, "
        "3 when a night is running already, 130 when it was stopped.",
    )
    parser.add_argument(
        "--date", type=datetime.date.fromisoformat, help="the day whose morning it prepares (today)"
    )
    parser.add_argument(
        "--client", action="append", default=[], metavar="NUMBER", nargs="+", help="only these clients"
    )
    parser.add_argument(
        "--office", metavar="ORG", help="the office's organisation number (all offices, one after the other)"
    )
    parser.add_argument("--workers", type=_workers, help="worker processes (one per processor, at most 4)")
    parser.add_argument(
        "--json", action="store_true", help="each report as JSON, one per line, and nothing else on stdout"
    )
    parser.add_argument("--language", choices=LANGUAGES, help="of the report (the office's own)")
    parser.set_defaults(run=run)


def _workers(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 64:
        raise argparse.ArgumentTypeError("between 1 and 64")
    return count


class _Wrong(Exception):
    """The command names what is not there. Carries the sentence."""


def run(arguments: argparse.Namespace) -> int:
    """Run the night of each office asked for; returns what the command ends with."""
    from nattbok.site.catalogs import compile_all

    compile_all()
    language = arguments.language or "en"
    try:
        with _stoppable():
            ended = [
                _run(arguments, office, arguments.language or office.language)
                for office in _offices(arguments.office, one_is_meant=bool(arguments.client))
            ]
    except _Wrong as wrong:
        return _end(WRONG, Words(*wrong.args), language)
    except KeyboardInterrupt:
        sentence = _("Stopped. Start it again with the same command: it goes on where it was.")
        return _end(STOPPED, Words(sentence), language)
    return max(ended)


def _run(arguments: argparse.Namespace, office: "Office", language: str) -> int:
    from nattbok.clients.access import enter_office
    from nattbok.db import lock
    from nattbok.outbox.actions import send_waiting
    from nattbok.robot import actions, coordinator, report, rules

    date = arguments.date or rules.night_of(datetime.datetime.now(datetime.UTC), office.time_zone)
    with lock.held(lock.NIGHT, office.pk) as is_ours, enter_office(office) as clients:
        if not is_ours:
            sentence = _("A night is running for {office} already. See how far it has come, or wait for it.")
            return _end(RUNNING, Words(sentence, {"office": office.name}), language)
        chosen = _chosen(clients, [number for numbers in arguments.client for number in numbers])
        night = actions.begin(office, date, covers_all=not arguments.client)
        progress = _Progress(language, is_resumed=night.starts > 1)
        try:
            told = lead(office, night, chosen, workers=arguments.workers, tell=progress.tell)
        except coordinator.CrewLost as lost:
            return _end(FAILED, lost.words, language)
        finally:
            progress.end()
        send_waiting()
    if arguments.json:
        print(json.dumps(report.as_data(told, language), ensure_ascii=False))
    else:
        print(report.text(told, language), end="")
    left = progress.last.asked - progress.last.done if progress.last else 0
    return FAILED if told.failed or left else FINE


def lead(
    office: "Office",
    night: "Night",
    chosen: Sequence[int],
    *,
    workers: int | None,
    tell: "Callable[[Seen], None]",
) -> "Report":
    """Go through the chosen clients with a crew of worker processes, and report.

    Inside the office's scope and with its night held. One worker per processor when `workers` is None.
    """
    from nattbok.robot import actions, coordinator, jobs, reading

    coordinator.lead(
        night,
        chosen,
        command=worker_command(jobs.queue_of(office.pk), reading.queue_of(office.pk)),
        workers=workers or min(MOST_WORKERS, os.cpu_count() or 1),
        tell=tell,
    )
    return actions.finish(night)


def worker_command(*queues: str) -> list[str]:
    """How a worker of this process's crew is started."""
    named = [argument for queue in queues for argument in ("--queue", queue)]
    return [sys.executable, "-m", "nattbok.site.worker", *named, "--crew-of", str(os.getpid())]


def _offices(org_number: str | None, *, one_is_meant: bool) -> "Sequence[Office]":
    from nattbok.clients.models import Office

    offices = list(Office.objects.order_by("pk"))
    if org_number is not None:
        digits = "".join(sign for sign in org_number if sign.isdigit())
        offices = [office for office in offices if office.org_number == digits]
    if not offices:
        raise _Wrong(_("There is no such office."), {})
    if one_is_meant and len(offices) > 1:
        names = ", ".join(f"{office.org_number} {office.name}" for office in offices)
        raise _Wrong(_("There are several offices; name one with --office: {names}"), {"names": names})
    return offices


def _chosen(clients: "Sequence[Client]", numbers: Collection[str]) -> list[int]:
    there = {client.number: client.pk for client in clients}
    unknown = sorted(set(numbers) - set(there))
    if unknown:
        raise _Wrong(_("There is no client {numbers}."), {"numbers": ", ".join(unknown)})
    return [pk for number, pk in there.items() if not numbers or number in numbers]


@contextmanager
def _stoppable():
    """SIGTERM stops the night as Ctrl-C does."""

    def stop(number, frame):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(code: int, words: Words, language: str) -> int:
    from nattbok.site.language import translate

    print(translate(words, language), file=sys.stderr)
    return code


class _Progress:
    """A bar on a terminal, a line now and then elsewhere; always on stderr."""

    def __init__(self, language: str, *, is_resumed: bool) -> None:
        self.language = language
        self.is_resumed = is_resumed
        self.last: Seen | None = None
        self.shown = 0.0
        self.began = time.monotonic()

    def tell(self, seen: "Seen") -> None:
        first = self.last is None
        is_news = first or seen != self.last
        self.last = seen
        if first and self.is_resumed and seen.done:
            self._line(
                _("Going on with a night that was started before: {done} of {asked} clients are done."), seen
            )
        if sys.stderr.isatty():
            self._bar(seen)
        elif is_news and (time.monotonic() - self.shown >= LINE_SECONDS or seen.done == seen.asked):
            self.shown = time.monotonic()
            self._line(_("{done} of {asked} clients, {posted} posted, {waiting} wait"), seen)

    def _bar(self, seen: "Seen") -> None:
        filled = BAR * seen.done // seen.asked if seen.asked else BAR
        minutes, seconds = divmod(int(time.monotonic() - self.began), 60)
        figures = self._words(_("{done} of {asked} clients, {posted} posted, {waiting} wait"), seen)
        bar = "#" * filled + "-" * (BAR - filled)
        print(f"\r[{bar}] {figures}  {minutes}:{seconds:02}\x1b[K", end="", file=sys.stderr, flush=True)

    def _line(self, text: str, seen: "Seen") -> None:
        print(self._words(text, seen), file=sys.stderr, flush=True)

    def _words(self, text: str, seen: "Seen") -> str:
        from nattbok.site.language import translate

        values = {"done": seen.done, "asked": seen.asked, "posted": seen.posted, "waiting": seen.waiting}
        return translate(Words(text, values), self.language)

    def end(self) -> None:
        """Leave the bar's line."""
        if self.last is not None and sys.stderr.isatty():
            print(file=sys.stderr)
