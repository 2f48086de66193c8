"""A reading process that is kept between files: lent to one at a time, and ended when nobody wants it."""

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from nattbok.reading.process import Reader

FOREVER = -1.0  # as `Lock.acquire` has it


class Kept(Protocol):
    """What is kept: a process, that begins by itself when it is asked."""

    def start(self) -> None:
        """Have it ready."""
        ...

    def close(self) -> None:
        """End it, at once."""
        ...


@dataclass
class Lent:
    """A reader, or another process that is kept so, and `idle`: the seconds without use after which its
    memory is given back."""

    idle: float
    reader: Kept = field(default_factory=Reader)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _timer: threading.Timer | None = None

    def __post_init__(self) -> None:
        atexit.register(self.close)

    @contextmanager
    def lent(self, wait: float = FOREVER) -> Iterator[Any]:
        """The reader, when it is free within `wait` seconds; else None."""
        if not self.take(wait):
            yield None
            return
        try:
            yield self.reader
        finally:
            self.give_back()

    def take(self, wait: float = FOREVER) -> bool:
        """Whether the reader is now the caller's, who gives it back, from whatever thread."""
        return self._lock.acquire(timeout=wait)

    def give_back(self) -> None:
        """The reader is free again; it ends when it is idle for long."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self.idle, self.close)
        self._timer.daemon = True
        self._timer.start()
        self._lock.release()

    def close(self) -> None:
        """End the process, unless somebody has it."""
        if self._lock.acquire(blocking=False):
            try:
                self.reader.close()
            finally:
                self._lock.release()
