"""A process of our own, kept apart because what it works on is a stranger's: it may hang, grow or end.

Questions as the module reads them, answers as frames: four bytes of length, then the answer. Whoever asks
sets how long it waits; the process is made anew when it has ended, or has been asked often enough.
"""

import os
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from nattbok.base.errors import Unreachable
from nattbok.base.words import _

LARGEST_ANSWER = 200_000_000


class ProcessSilent(Unreachable):
    """No answer, or no room for the question, within the time given."""

    message = _("The process gave no answer within {seconds} seconds.")


class ProcessEnded(Unreachable):
    """It was killed, or ended by a fault or for want of memory."""

    message = _("The process ended by itself.")


@dataclass
class Apart:
    """A Python module run as a process that answers frames; its first frame says that it is ready.

    One thread at a time. `recycled` is how many questions one process is asked, `start` the seconds it may
    take to be ready. Raises ProcessSilent and ProcessEnded; whoever gets one closes it.
    """

    module: str
    words: Sequence[str] = ()  # the command line after the module
    environment: Mapping[str, str] = field(default_factory=dict)
    start: float = 60.0
    recycled: int = 500
    _process: subprocess.Popen | None = field(default=None, repr=False)
    _asked: int = field(default=0, repr=False)

    @property
    def process_id(self) -> int | None:
        """The process now at work, if any."""
        return self._process.pid if self._process is not None else None

    def ask(self, question: bytes, patience: float) -> bytes:
        """The first frame that it answers with, begun anew if need be; seconds for all of it."""
        if self._process is not None and (self._asked >= self.recycled or self._process.poll() is not None):
            self.close()
        self.begin()
        self._asked += 1
        self._say(question, patience)
        return self.answer(patience)

    def answer(self, patience: float) -> bytes:
        """The next frame, when one question is answered with several."""
        until = time.monotonic() + patience
        (size,) = struct.unpack(">I", self._bytes(4, until, patience))
        if size > LARGEST_ANSWER:
            raise ProcessEnded
        return self._bytes(size, until, patience)

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

    def begin(self) -> None:
        """Have the process ready before there is anything to ask."""
        if self._process is not None:
            return
        self._process = subprocess.Popen(  # noqa: S603  ourselves
            [sys.executable, "-m", self.module, *self.words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": os.pathsep.join(sys.path),
                **self.environment,
            },
        )
        os.set_blocking(self._process.stdin.fileno(), False)
        self._asked = 0
        self.answer(self.start)

    def _say(self, question: bytes, patience: float) -> None:
        """Write without waiting for ever for a process that does not read."""
        until = time.monotonic() + patience
        number = self._process.stdin.fileno()
        left = memoryview(question)
        with selectors.DefaultSelector() as waiting:
            waiting.register(number, selectors.EVENT_WRITE)
            while left:
                if not waiting.select(max(0.0, until - time.monotonic())):
                    raise ProcessSilent(seconds=int(patience))
                try:
                    left = left[os.write(number, left[:65_536]) :]
                except BlockingIOError:
                    continue
                except OSError:
                    raise ProcessEnded from None

    def _bytes(self, count: int, until: float, patience: float) -> bytes:
        got = bytearray()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)
            while len(got) < count:
                left = until - time.monotonic()
                if left <= 0 or not waiting.select(left):
                    raise ProcessSilent(seconds=int(patience))
                some = os.read(self._process.stdout.fileno(), count - len(got))
                if not some:
                    raise ProcessEnded
                got += some
        return bytes(got)
