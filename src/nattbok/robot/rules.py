"""What a routine returns, what a night's report holds, and when a night is due."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from nattbok.base.words import Words

NOON = datetime.time(12)
# A night missed by this long is left alone: the next one is near.
TOO_LATE = datetime.timedelta(hours=23)
OVERDUE = datetime.timedelta(hours=2)


class Skipped(StrEnum):
    """Why a routine did not run, beside that office, client or nobody does the service."""

    EARLIER = "earlier"  # a routine that it comes after failed
    NOT_ENROLLED = "not_enrolled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a routine did for one client, and what it left for a person."""

    done: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class RunLine:
    """One routine for one client in a night, as the report shows it.

    `posted` and `waiting` are counted from the books and the desk, so they are right also when a worker
    was killed half way.
    """

    client: int
    client_number: str
    client_name: str
    routine: str
    title: str  # marked for translation
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None
    counted: int
    posted: int
    waiting: int
    skipped: str = ""  # "", or why it did not run: client, office, nobody, earlier, not_enrolled
    trouble: Words | None = None  # why it failed
    is_running: bool = False  # its night has not ended

    @property
    def has_failed(self) -> bool:
        """Whether it ended in trouble, or was begun and never ended."""
        if self.trouble is not None:
            return True
        return self.started_at is not None and self.ended_at is None and not self.is_running


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source of a client in a night: how many files came, how many were known, whether it answered."""

    client: int
    client_name: str
    title: str
    files: int  # new ones
    repeats: int
    records: int = 0  # bank movements and documents that the new files held
    trouble: Words | None = None  # why it did not answer


class Question(NamedTuple):
    """How many questions of a kind were left, over all clients."""

    heading: str  # marked for translation
    count: int


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How far a client's books have come: the outside anchor of its hash chain."""

    client: int
    client_number: str
    client_name: str
    entries: int
    turnover: Decimal
    head: str


@dataclass(frozen=True, slots=True)
class Report:
    """A night, whole: failures first, then what waits, then what was done."""

    night: int
    office: str
    date: datetime.date
    started_at: datetime.datetime
    ended_at: datetime.datetime | None
    starts: int
    clients: int
    clients_done: int
    runs: tuple[RunLine, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    heads: tuple[ChainHead, ...] = ()
    questions: tuple[Question, ...] = ()  # what waits, by kind, the most first
    not_done: tuple[str, ...] = ()  # the names of enrolled clients that were not gone through

    @property
    def duration(self) -> datetime.timedelta | None:
        """From its first start to its end, None while it runs."""
        return self.ended_at - self.started_at if self.ended_at else None

    @property
    def posted(self) -> int:
        """Entries posted in the night."""
        return sum(run.posted for run in self.runs)

    @property
    def waiting(self) -> int:
        """Questions asked in the night and still open."""
        return sum(run.waiting for run in self.runs)

    @property
    def failed(self) -> int:
        """Runs that ended in trouble."""
        return sum(run.has_failed for run in self.runs)


class Due(NamedTuple):
    """A night whose time has come: the day whose morning it prepares, and when it was to start."""

    date: datetime.date
    starts_at: datetime.datetime


def night_of(now: datetime.datetime, time_zone: str) -> datetime.date:
    """The day that a night started by a person now is for: today, where the office is."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def due(now: datetime.datetime, night_at: datetime.time, time_zone: str) -> Due | None:
    """The office's latest night whose start has passed, or None when it was missed by almost a day.

    `night_at` is local wall-clock time. A night that starts in the evening prepares the next morning. On
    the day the clocks go forward a time that does not exist counts as passed when the next that does has.
    """
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone)
    day = local.date() if local.time() >= night_at else local.date() - datetime.timedelta(days=1)
    starts_at = datetime.datetime.combine(day, night_at, tzinfo=zone)
    if now - starts_at.astimezone(datetime.UTC) >= TOO_LATE:
        return None
    return Due(day + datetime.timedelta(days=night_at >= NOON), starts_at)


def is_overdue(due_night: Due, now: datetime.datetime) -> bool:
    """Whether the night ought to have ended by now."""
    return now - due_night.starts_at.astimezone(datetime.UTC) >= OVERDUE
