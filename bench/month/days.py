"""The days of a month: people's part, the bank's, and the robot's night, one after the other in a process."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from random import Random

from bench.month.people import People
from bench.month.world import STARTS_ON, Played, join, stranger
from nattbok.sandbox.bank.doors.serving import Ports, Serving
from nattbok.sandbox.bank.engine import Bank
from nattbok.sandbox.bank.shape import DOOR_FAULTS, Fault

PATIENCE = "0.7"  # seconds that a silent bank is waited for
FORMS = ("sftp", "rest", "file")
# How often a fault strikes where it would otherwise never end, or is told with what it needs to know.
TIMES: Mapping[Fault, int] = {
    Fault.REJECT_AC04: 2,
    Fault.REJECT_AM04: 3,
    Fault.REJECT_AG08: 2,
    Fault.REJECT_DU01: 2,
    Fault.RECEIPT_UNKNOWN_REASON: 2,
    Fault.RETURN_AFTER_SETTLED: 3,
    Fault.LINE_MISSING: 3,
    Fault.STATEMENT_LATE: 3,
    Fault.SEQUENCE_GAP: 2,
    Fault.DETAILS_NEVER_COME: 2,
    Fault.DETAILS_DO_NOT_SUM: 3,
    Fault.FOREIGN_ACCOUNT: 2,
    Fault.LATIN_1: 3,
    Fault.HUGE_FILE: 1,
    Fault.DISCONNECT_IN_UPLOAD: 2,
    Fault.RENAME_FAILS: 2,
    Fault.DISK_FULL: 2,
}
# Faults that no way but these can meet. What a person puts in comes on the day of the wall's clock, which is
# not the month's.
ONLY: Mapping[Fault, tuple[str, ...]] = {
    **dict.fromkeys((*DOOR_FAULTS, Fault.CLOCK_SKEW), ("sftp", "rest")),
    Fault.HOST_KEY_CHANGED: ("sftp",),
}
DOOR_DAYS = 3  # bank days that a door stays shut


@dataclass
class Month:
    """A bank with its doors open, an office with clients at it, and what is switched on for them."""

    bank: Bank
    office: object
    people: People
    random: Random
    played: list[Played] = field(default_factory=list)
    switched: list[tuple[int, Played, Fault]] = field(default_factory=list)  # on which day of the month
    reports: list[object] = field(default_factory=list)

    def struck(self, played: Played) -> set[Fault]:
        """The faults that have struck this client."""
        by = self.bank.faults.counts_by
        return {fault for who, fault in by if who in (played.number, played.customer)}


@contextmanager
def month(
    office, clients: Sequence[tuple[object, str, Sequence[Fault]]], *, days: int, seed: int
) -> Iterator[Month]:
    """A month about to begin for (client, form, faults) of an office: what strikes each is laid out in it."""
    from nattbok.db.scope import scope

    os.environ |= {"NATTBOK_BANK_SETTLE": "0", "NATTBOK_BANK_PATIENCE": PATIENCE}
    random = Random(f"{seed}:{'+'.join(fault for _client, _form, faults in clients for fault in faults)}")
    bank = Bank(STARTS_ON)
    logging.getLogger("asyncssh").setLevel(logging.CRITICAL)
    with Serving(bank, ports=Ports()) as doors:
        made = Month(bank, office, People(office), random)
        for client, form, _faults in clients:
            with scope([client.pk]):
                made.played.append(join(client, form, bank, doors, made.people, days=days, random=random))
        stranger(bank, random)
        for played, (_client, _form, faults) in zip(made.played, clients, strict=True):
            _lay_out(made, played, faults, days)
        yield made


def _lay_out(made: Month, played: Played, faults: Sequence[Fault], days: int) -> None:
    """On which days each fault begins to strike the client: early enough to be cured within the month."""
    for fault in faults:
        if played.form in ONLY.get(fault, (played.form,)):
            made.switched.append((made.random.randint(1, max(1, days // 3)), played, fault))


def go_through(made: Month, days: int) -> None:
    """So many bank days of either country, each with the night after it."""
    for place in range(days):
        _switch(made, place)
        _one_day(made)


def _switch(made: Month, place: int) -> None:
    faults = made.bank.faults
    for at, played, fault in made.switched:
        is_door = fault in DOOR_FAULTS
        who = played.customer if is_door else played.number
        if place == at:
            faults.switch(who, fault, times=TIMES.get(fault, 0), amount=_amount(made.random, fault))
        elif fault not in TIMES and place == at + (DOOR_DAYS if is_door else 3 * DOOR_DAYS):
            faults.switch(who, fault, on=False)


def _amount(random: Random, fault: Fault) -> int:
    """After how many bytes an upload breaks; how a rename fails."""
    if fault is Fault.DISCONNECT_IN_UPLOAD:
        return random.choice((1, 700, 1500))
    return random.randrange(4) if fault is Fault.RENAME_FAILS else 0


def _one_day(made: Month) -> None:
    """People, a round to the bank, the bank's own work, and the night."""
    from nattbok.db.scope import scope
    from nattbok.robot import rounds

    today = made.bank.today
    for played in made.played:
        with scope([played.client.pk]):
            made.people.morning(played, made.bank, today, made.random)
        _as_if_time_had_gone(played)
        assert rounds.go_round(played.client.pk, today=today)
    made.bank.advance()
    for played in made.played:
        with scope([played.client.pk]):
            made.people.evening(played, made.bank, made.random)
    _night(made, made.bank.today)
    for played in made.played:
        with scope([played.client.pk]):
            _look_at_desk(played)


def _as_if_time_had_gone(played: Played) -> None:
    """The clock of the wall stands still in a month: what waits for it is told that its time has come."""
    from nattbok.bank.models import Connection
    from nattbok.db.scope import scope
    from nattbok.outbox.models import Sending

    with scope([played.client.pk]):
        Connection.objects.filter(client=played.client).update(tried_at=None)
        Sending.objects.filter(client=played.client, tried_at__isnull=False).update(tried_at=None)


def _night(made: Month, on: date) -> None:
    from nattbok.robot import actions

    night = actions.begin(made.office, on)
    for played in made.played:
        result = actions.run_client(night, played.client.pk)
        if result is not actions.Result.DONE:
            played.trouble.append(f"{on}: the night was {result}")
    report = actions.finish(night)
    made.reports.append(report)
    for played in made.played:
        played.trouble += [
            f"{on}: {run.routine}: {run.trouble}"
            for run in report.runs
            if run.has_failed and run.client == played.client.pk
        ]


def _look_at_desk(played: Played) -> None:
    from nattbok.desk.queries import waiting

    played.morning |= {(one.kind, str(one.reason)) for one in waiting([played.client])}
