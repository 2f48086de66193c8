"""When a mail or a file is tried again, what it is called on its way, and what is known of a file sent."""

import datetime
import hashlib
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol, runtime_checkable

from nattbok.channels.channel import SendingChannel

AT_ONCE = 5  # tries that need not wait for anything but the next round
GIVEN_UP_AFTER = datetime.timedelta(days=7)


def is_due(tries: int, age: datetime.timedelta) -> bool:
    """Whether a mail of this age, tried so many times in vain, is to be tried now.

    The first tries follow each other; after them the wait doubles from a minute, and ends after a week.
    """
    if age > GIVEN_UP_AFTER:
        return False
    return tries < AT_ONCE or age >= datetime.timedelta(minutes=2 ** min(tries - AT_ONCE, 20))


def message_id(office: int, key: str, sender: str) -> str:
    """The mail's own Message-ID: the same for every try, so that a receiver can tell a repeat."""
    domain = sender.rpartition("@")[2].strip("> ") or "nattbok.invalid"
    return f"<{hashlib.sha256(f'{office}:{key}'.encode()).hexdigest()[:32]}@{domain}>"


def one_line(text: str) -> str:
    """A subject that cannot smuggle in headers."""
    return " ".join(text.split())[:300]


class State(StrEnum):
    """How far a file on its way to a bank has come."""

    WAITING = "waiting"  # certainly not at the bank
    SENDING = "sending"  # being sent, or was when the sender was stopped
    UNCERTAIN = "uncertain"  # it may be at the bank; it is looked for, and not sent again
    SENT = "sent"  # at the bank
    FAILED = "failed"  # certainly not at the bank, and not tried again by itself
    WITHDRAWN = "withdrawn"  # taken back before it left


UNDECIDED = (State.WAITING, State.SENDING, State.UNCERTAIN)
LONGEST_WAIT = datetime.timedelta(minutes=30)


Way = SendingChannel  # one that says `repeats_safely` knows the same file sent twice for one


@runtime_checkable
class TellsBeforeRename(Protocol):
    """A way that calls `before_rename` when a file is whole at the bank under a temporary name.

    Until then it has certainly not come, whatever happens to us; after it nobody knows until it is seen.
    """

    before_rename: Callable[[], None] | None


def is_file_due(tries: int, since: datetime.timedelta | None) -> bool:
    """Whether a file tried so many times, the last `since` ago, is to be tried now.

    The wait doubles from a minute to half an hour, and never ends: somebody is asked meanwhile.
    """
    if not tries or since is None:
        return True
    return since >= min(datetime.timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_WAIT)
