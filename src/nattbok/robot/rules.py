"""What a routine returns, what a night's report holds, and which services a routine belongs to."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.words import Words


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
    skipped: str = ""  # "", or why it did not run: client, office, nobody, earlier
    trouble: Words | None = None  # why it failed

    @property
    def has_failed(self) -> bool:
        """Whether it ended in trouble, or was begun and never ended."""
        return self.trouble is not None or (self.started_at is not None and self.ended_at is None)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source of a client in a night: how many files came, how many were known, and whether it answered."""

    client: int
    client_name: str
    title: str
    files: int
    repeats: int


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
