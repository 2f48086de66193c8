"""A quick look at a picture while the person who took it still has the paper at hand.

Twice, in processes apart, as all that opens what strangers send: a glimpse by no engine, which is there in a
second and knows what is beyond all reading; and the quick engine, which may take longer on a busy server. The
person waits a few seconds for both; what the engine says later, the page that took the picture asks for.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from nattbok.reading.glimpse import Glimpse
from nattbok.reading.lent import Lent
from nattbok.reading.process import Reader
from nattbok.reading.sniff import is_picture

SECONDS = 4.5  # that a person waits for the verdict
IDLE = 600.0  # seconds after which the engines' memory is given back
LARGEST = 40_000_000  # bytes
MOST_WAITING = 8  # looks at a time; the pictures beyond are left to the reading
QUEUE = 60.0  # seconds that a look waits for those before it
REMEMBERED = 500  # verdicts


class Verdict(StrEnum):
    """What a look has come to."""

    FINE = "fine"
    RETAKE = "retake"
    OPEN = "open"  # it is still being looked at
    UNKNOWN = "unknown"  # nobody looks: the reading will tell


@dataclass
class _Glass:
    """The two processes that look, what is being looked at, and what was seen last."""

    engine: Lent = field(default_factory=lambda: Lent(IDLE, Reader(patience=20.0)))
    glimpse: Lent = field(default_factory=lambda: Lent(IDLE, Glimpse()))
    is_serving: bool = False
    _seen: OrderedDict[object, Verdict] = field(default_factory=OrderedDict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def look(self, key: object, data: bytes, country: str, on: date, until: float) -> Verdict:
        """The verdict by the moment `until`: a glimpse's when hopeless, else the engine's."""
        if time.monotonic() >= until or not self._begin(key):
            return Verdict.UNKNOWN
        hopeless: list[object] = []

        def by_engine(reader: Reader) -> None:
            is_illegible = reader.glance(data, country=country, on=on).is_illegible
            with self._changed:
                self._seen[key] = Verdict.RETAKE if is_illegible else Verdict.FINE

        def by_glimpse(glimpse: Glimpse) -> None:
            if glimpse.is_hopeless(data):
                hopeless.append(key)

        for whose, look in ((self.glimpse, by_glimpse), (self.engine, by_engine)):
            is_last = whose is self.engine
            threading.Thread(target=self._run, args=(key, whose, look, is_last), daemon=True).start()
        with self._changed:
            self._changed.wait_for(
                lambda: bool(hopeless) or self.verdict(key) is not Verdict.OPEN,
                max(0.0, until - time.monotonic()),
            )
            found = self.verdict(key)
        return Verdict.RETAKE if hopeless and found is Verdict.OPEN else found

    def verdict(self, key: object) -> Verdict:
        """What the engine has said of it, or that it is still looking."""
        return self._seen.get(key, Verdict.UNKNOWN)

    def _begin(self, key: object) -> bool:
        with self._changed:
            if sum(one is Verdict.OPEN for one in self._seen.values()) >= MOST_WAITING:
                return False
            self._seen[key] = Verdict.OPEN
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return True

    def _run(self, key: object, whose: Lent, look: Callable[[Any], None], is_last: bool) -> None:
        try:
            with whose.lent(QUEUE) as process:
                if process is not None:
                    look(process)
        finally:
            with self._changed:
                if is_last and self._seen.get(key) is Verdict.OPEN:
                    self._seen[key] = Verdict.UNKNOWN
                self._changed.notify_all()

    def start(self) -> None:
        """Have the processes ready, in the background; the one that is there first, first."""
        for one in (self.glimpse, self.engine):
            if one.take(0):
                threading.Thread(target=_start, args=(one,), daemon=True).start()


def _start(lent: Lent) -> None:
    try:
        with suppress(Exception):  # it is tried again with the first picture
            lent.reader.start()
    finally:
        lent.give_back()


_glass = _Glass()


def serve() -> None:
    """Say that this process serves pages, so that it is worth being ready for pictures."""
    _glass.is_serving = True


def get_ready() -> None:
    """A page that takes pictures is shown: whoever uses it sends one soon."""
    if _glass.is_serving:
        _glass.start()


def look(key: object, data: bytes, *, country: str, on: date, until: float) -> Verdict:
    """Whether the picture is beyond reading, as far as it is known by the moment `until` (monotonic).

    OPEN and a RETAKE that came early are not the last word: `verdict` of the same key is, later.
    """
    if not is_picture(data) or len(data) > LARGEST:
        return Verdict.UNKNOWN
    return _glass.look(key, data, country, on, until)


def verdict(key: object) -> Verdict:
    """What has come of a look since; UNKNOWN when this server does not know of it."""
    return _glass.verdict(key)
