"""Reading in a process apart, so that a hostile file or a slow page leaves a finding and never stops a night.

Frames over pipes: four bytes of length, then the file or the answer. The process has a limit on its memory
and a time for each page; it is killed and made anew when it hangs, ends, or has read many files.
"""

import json
import os
import pickle
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from types import TracebackType

from nattbok.base.errors import Unreachable, Unreadable
from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.reading.memory import Memory
from nattbok.reading.shape import Kind, Own, Reading

START = 120.0  # seconds for the engines to be loaded
PATIENCE = 20.0  # seconds for a page
RECYCLED = 200  # files, after which the process is made anew
MEMORY = 3_000_000_000  # bytes of address space: the engines map much that they never touch
LARGEST_ANSWER = 200_000_000

_TROUBLE = _("The file was given up: {detail}")


class ReaderSilent(Unreachable):
    """A page took longer than we wait."""

    message = _("A page was not read within {seconds} seconds.")


class ReaderGone(Unreachable):
    """The process ended, killed or by a fault in it."""

    message = _("The reading ended by itself; the file may want more memory than is given.")


@dataclass
class Reader:
    """A process that reads files. Use with `with`; one thread at a time; as many as there are cores."""

    patience: float = PATIENCE
    memory: int = MEMORY
    _process: subprocess.Popen | None = field(default=None, repr=False)
    _asked: int = field(default=0, repr=False)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(
        self,
        data: bytes,
        *,
        country: str,
        own: Own | None = None,
        memories: Sequence[Memory] = (),
        on: date,
        only: tuple[int, int] | None = None,
    ) -> Reading:
        """As `reader.read`, and never raising: what is given up is a Reading that says so."""
        own = own or Own()
        asked = {
            "only": only,
            "country": country,
            "on": on.isoformat(),
            "org_numbers": sorted(own.org_numbers),
            "accounts": sorted(own.accounts),
            "memories": [memory.as_json() for memory in memories],
        }
        return self._read(asked, data)

    def glance(self, data: bytes, *, country: str, on: date) -> Reading:
        """As `reader.glance`, and never raising."""
        return self._read({"glance": True, "country": country, "on": on.isoformat()}, data)

    def start(self) -> None:
        """Have the process ready before there is anything to read."""
        if self._process is None:
            self._start()

    def _read(self, asked: dict, data: bytes) -> Reading:
        try:
            return self._ask(json.dumps(asked).encode(), data)
        except Unreachable as trouble:
            self.close()
            detail = {"detail": str(trouble.words)}
            return nothing(Finding(Severity.HOLD, "reading_given_up", "", _TROUBLE, detail))

    @property
    def process_id(self) -> int | None:
        """The process now at work, if any."""
        return self._process.pid if self._process is not None else None

    def close(self) -> None:
        """End the process, at once."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()
        process.wait()

    def _ask(self, asked: bytes, data: bytes) -> Reading:
        if self._process is not None and (self._asked >= RECYCLED or self._process.poll() is not None):
            self.close()
        if self._process is None:
            self._start()
        self._asked += 1
        self._send(struct.pack(">II", len(asked), len(data)) + asked + data)
        while True:
            answer = self._answer(self.patience)
            if answer != b"page":  # said for every page begun, and so a new wait
                # What our own process made; nothing a stranger wrote is unpacked so.
                return pickle.loads(answer)  # noqa: S301

    def _send(self, frame: bytes) -> None:
        """Write without waiting for ever for a process that does not read."""
        until = time.monotonic() + self.patience
        number = self._process.stdin.fileno()
        left = memoryview(frame)
        with selectors.DefaultSelector() as waiting:
            waiting.register(number, selectors.EVENT_WRITE)
            while left:
                if not waiting.select(max(0.0, until - time.monotonic())):
                    raise ReaderSilent(seconds=int(self.patience))
                try:
                    left = left[os.write(number, left[:65_536]) :]
                except BlockingIOError:
                    continue
                except OSError:
                    raise ReaderGone from None

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  ourselves
            [sys.executable, "-m", "nattbok.reading.worker", str(self.memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": os.pathsep.join(sys.path),
                "OMP_NUM_THREADS": "1",
            },
        )
        os.set_blocking(self._process.stdin.fileno(), False)
        self._asked = 0
        self._answer(START)

    def _answer(self, patience: float) -> bytes:
        until = time.monotonic() + patience
        (size,) = struct.unpack(">I", self._bytes(4, until, patience))
        if size > LARGEST_ANSWER:
            raise ReaderGone
        return self._bytes(size, until, patience)

    def _bytes(self, count: int, until: float, patience: float) -> bytes:
        got = bytearray()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)
            while len(got) < count:
                left = until - time.monotonic()
                if left <= 0 or not waiting.select(left):
                    raise ReaderSilent(seconds=int(patience))
                some = os.read(self._process.stdout.fileno(), count - len(got))
                if not some:
                    raise ReaderGone
                got += some
        return bytes(got)


def nothing(finding: Finding) -> Reading:
    """A reading of which nothing came, and why."""
    return Reading(Kind.UNKNOWN, {}, (), (), "", (finding,))


def unreadable(trouble: Unreadable) -> Reading:
    """The reading of a file that cannot be opened."""
    return nothing(
        Finding(Severity.ERROR, trouble.finding_code, trouble.where, trouble.message, trouble.values)
    )
