"""Connections with banks: their forms and states, which files are expected when, and what is late."""

import datetime
import itertools
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from nattbok.base.dates import DAY, add_open_days, open_days_between
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.channels import channel

LOOK_BACK = 45  # days; a statement older than this is not asked for any more
ZONES = {"NO": "Europe/Oslo", "SE": "Europe/Stockholm"}


class Form(StrEnum):
    """How an account's files come and go."""

    NONE = "none"
    FILE = "file"  # a person carries them between these pages and the bank's
    SFTP = "sftp"
    REST = "rest"

    @property
    def is_direct(self) -> bool:
        """Whether files go by themselves."""
        return self in (Form.SFTP, Form.REST)


class State(StrEnum):
    """How far an agreement with the bank has come."""

    ORDERED = "ordered"  # the order data is made, and is with the bank
    REGISTERED = "registered"  # the bank has confirmed it
    ACTIVE = "active"  # files go and come by themselves
    SUSPENDED = "suspended"  # nothing is sent or fetched until a person says so


class KeyState(StrEnum):
    """A key's time: made and shown, then used, then wiped."""

    NEXT = "next"
    CURRENT = "current"
    RETIRED = "retired"


class Step(StrEnum):
    """What is done with a connection."""

    REGISTER = "register"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"


# Step → the states that it may be taken in, and the state after it.
STEPS: dict[Step, tuple[frozenset[State], State]] = {
    Step.REGISTER: (frozenset({State.ORDERED, State.REGISTERED}), State.REGISTERED),
    Step.ACTIVATE: (frozenset({State.REGISTERED, State.ACTIVE}), State.ACTIVE),
    Step.SUSPEND: (frozenset(State), State.SUSPENDED),
    # Whatever it was before, it is tested anew before anything goes.
    Step.RESUME: (frozenset({State.SUSPENDED}), State.REGISTERED),
}


class NotInThisState(Refused):
    """The connection is not so far, or has come further."""

    message = _("This cannot be done with the connection as it is now: take the steps in their order.")


class NotTested(Refused):
    """Nothing goes over a connection before both directions have been seen to work."""

    message = _("Test the connection first: both sending and fetching must have worked with these settings.")


def after(state: State, step: Step) -> State:
    """The state that `step` leads to; raises NotInThisState where it may not be taken."""
    allowed, then = STEPS[step]
    if state not in allowed:
        raise NotInThisState(state=state.value)
    return then


def may_make_files(form: Form, state: State) -> bool:
    """Whether payment files may be made for it: file-based when registered, direct when active."""
    if form is Form.FILE:
        return state in (State.REGISTERED, State.ACTIVE)
    return form.is_direct and state is State.ACTIVE


def may_go(form: Form, state: State) -> bool:
    """Whether files go and come by themselves over it now."""
    return form.is_direct and state is State.ACTIVE


@dataclass(frozen=True, slots=True)
class Came:
    """A statement that came for an account: its days, and its balances where it has them."""

    starts_on: date
    ends_on: date


def missing_days(
    came: Collection[Came],
    *,
    since: date,
    today: date,
    is_bank_day: Callable[[date], bool],
    lag: int = 0,
    sends_empty_days: bool = True,
) -> list[date]:
    """The bank days whose statement ought to be here on the morning of `today`, and is not, oldest first.

    A day's statement is expected in the night after it, or `lag` bank days later. Where the bank sends none
    for a day on which nothing moved, a later statement covers the days before it (that its opening balance
    is right is looked at elsewhere) and only the last days can be missing.
    """
    last_due = add_open_days(today, -(lag + 1), is_bank_day)
    first = max(since, today - DAY * LOOK_BACK)
    if not sends_empty_days:
        first = max([first, *(one.ends_on + DAY for one in came)])
    covered = {
        one.starts_on + DAY * count
        for one in came
        for count in range(min((one.ends_on - one.starts_on).days, 366) + 1)
    }
    days = (first + DAY * count for count in range((last_due - first).days + 1))
    return [day for day in days if is_bank_day(day) and day not in covered]


def is_receipt_late(
    sent_at: datetime.datetime,
    now: datetime.datetime,
    *,
    minutes: int,
    opens: datetime.time,
    closes: datetime.time,
    country: str,
    is_bank_day: Callable[[date], bool],
) -> bool:
    """Whether the bank has had `minutes` of its open hours since `sent_at` and not answered.

    Hours are local time on bank days. What was sent in the night has from the morning on.
    """
    zone = ZoneInfo(ZONES[country])
    needed = timedelta(minutes=minutes)
    start, end = sent_at.astimezone(zone), now.astimezone(zone)
    day = start.date()
    passed = timedelta(0)
    while day <= end.date() and passed < needed:
        if is_bank_day(day):
            from_ = max(start, datetime.datetime.combine(day, opens, tzinfo=zone))
            to = min(end, datetime.datetime.combine(day, closes, tzinfo=zone))
            passed += max(timedelta(0), to.astimezone(datetime.UTC) - from_.astimezone(datetime.UTC))
        day += DAY
    return passed >= needed


def bank_days_gone(since: date, today: date, is_bank_day: Callable[[date], bool]) -> int:
    """How many whole bank days have gone since the beginning of `since`, on the morning of `today`."""
    return open_days_between(since - DAY, today - DAY, is_bank_day)


def is_stale(
    last_on: date | None, since: date, today: date, *, days: int, is_bank_day: Callable[[date], bool]
) -> bool:
    """Whether `days` whole bank days before `today` have gone without any file from the bank."""
    if days <= 0:
        return False
    return add_open_days(today, -(days + 1), is_bank_day) >= max(last_on or since, since)


def sequence_jumps(numbers: Sequence[tuple[int, date]]) -> list[tuple[int, int, date]]:
    """Where numbered statements of one account skip: the number before, the one after, and its day.

    `numbers` are (sequence number, last day) of the account's statements in any order. A bank that begins
    anew each year, or numbers two statements alike, makes no jump.
    """
    found = []
    ordered = sorted(set(numbers), key=lambda one: (one[1], one[0]))
    for (before, day_before), (number, day) in itertools.pairwise(ordered):
        if number > before + 1 and day.year == day_before.year:
            found.append((before, number, day))
    return found


# The steps of a test that belong to one direction alone; all others are needed by both.
OUT_STEPS = frozenset({"write"})
IN_STEPS = frozenset({"list", "read", "archive", "returns"})


def directions(steps: Sequence[channel.Step]) -> tuple[bool, bool]:
    """Whether a test has shown that files can be sent, and that they can be fetched."""
    good = {step.name: step.ok is True for step in steps}
    both = all(ok for name, ok in good.items() if name not in OUT_STEPS | IN_STEPS)
    out = [ok for name, ok in good.items() if name in OUT_STEPS]
    in_ = [ok for name, ok in good.items() if name in IN_STEPS]
    return both and bool(out) and all(out), both and bool(in_) and all(in_)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bank's SFTP door is."""

    host: str
    port: int


class NotAnAddress(Refused):
    """Neither a host with or without a port, nor a web address where one is asked for."""

    message = _("“{address}” is not an address: write it as the bank does, as sftp.bank.example or with :22.")


_HOST = re.compile(r"(?=.{1,190}$)[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_URL = re.compile(r"https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")
HIGHEST_PORT = 65535


def sftp_address(written: str) -> Address:
    """The host and port of "host" or "host:port"; raises NotAnAddress."""
    host, _colon, port = written.strip().partition(":")
    if not _HOST.fullmatch(host) or not (not _colon or (port.isdecimal() and 0 < int(port) <= HIGHEST_PORT)):
        raise NotAnAddress(address=written[:100])
    return Address(host, int(port or 22))


def checked_address(form: Form, written: str) -> str:
    """The address as it is kept, for the form; raises NotAnAddress."""
    written = written.strip()
    if form is Form.SFTP:
        sftp_address(written)
    elif form is Form.REST and not _URL.fullmatch(written):
        raise NotAnAddress(address=written[:100])
    return written
