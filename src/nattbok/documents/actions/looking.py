"""A quick look at a picture while the person who took it still has the paper at hand.

In a process apart, as all that opens what strangers send; it is started when the server shows a page that
takes pictures, and ended when nobody has sent one for a while.
"""

import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from nattbok.reading.lent import Lent
from nattbok.reading.process import Reader
from nattbok.reading.shape import Reading
from nattbok.reading.sniff import is_picture

SECONDS = 4.5  # that a person waits for the verdict; what takes longer is told by the reading itself
IDLE = 600.0  # seconds after which the engines' memory is given back
LARGEST = 40_000_000  # bytes


@dataclass
class _Glass(Lent):
    """The process that looks."""

    is_serving: bool = False

    def look(self, data: bytes, country: str, on: date, until: float) -> Reading | None:
        """What the picture is at a glance; None when nobody can say it in time."""
        if not self.take(max(0.0, until - time.monotonic())):
            return None
        said: queue.Queue[Reading] = queue.Queue()

        def run() -> None:
            try:
                said.put(self.reader.glance(data, country=country, on=on))
            finally:
                self.give_back()

        threading.Thread(target=run, daemon=True).start()
        with suppress(queue.Empty):
            return said.get(timeout=max(0.0, until - time.monotonic()))
        return None

    def start(self) -> None:
        """Have the process ready, in the background."""
        if self.take(0):

            def run() -> None:
                try:
                    with suppress(Exception):  # it is tried again with the first picture
                        self.reader.start()
                finally:
                    self.give_back()

            threading.Thread(target=run, daemon=True).start()


_glass = _Glass(IDLE, Reader(patience=20.0))


def serve() -> None:
    """Say that this process serves pages, so that it is worth being ready for pictures."""
    _glass.is_serving = True


def get_ready() -> None:
    """A page that takes pictures is shown: whoever uses it sends one soon."""
    if _glass.is_serving:
        _glass.start()


def is_to_be_retaken(data: bytes, *, country: str, on: date, until: float) -> bool:
    """Whether the picture is beyond reading, told by the moment `until` (monotonic); False when not known."""
    if not is_picture(data) or len(data) > LARGEST:
        return False
    found = _glass.look(data, country, on, until)
    return found is not None and found.is_illegible
