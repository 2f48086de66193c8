"""The publishers' own rules, run by Saxon in a process apart.

The engine that the others are compared with, and the one to choose where the law or a contract asks for the
official rules to the letter. It needs the extra `official` and a store that an administrator has filled.
"""

import json
import os
import selectors
import struct
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import TracebackType

from lxml import etree

from nattbok.base.errors import Unreachable
from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.checking import schema, texts
from nattbok.formats.invoice.checking.store import RuleSet
from nattbok.formats.xml import Element

PATIENCE = 20.0  # seconds for one document
START = 60.0  # seconds for the style sheets to be compiled
RECYCLED = 500  # documents, after which the process is made anew: its memory only grows

_TROUBLE = _("The official rules could not be asked of the document: {detail}")


class NoEngine(Unreachable):
    """The package that runs the rules is not installed."""

    message = _("The official rules need the extra package “official” (saxonche).")


class RulesGaveNoAnswer(Unreachable):
    """It took longer than we wait."""

    message = _("The official rules gave no answer within {seconds} seconds.")


class WorkerGone(Unreachable):
    """The process ended, killed or by a fault in it."""

    message = _("The process of the official rules ended by itself.")


def is_installed() -> bool:
    """Whether the engine itself is there."""
    return find_spec("saxonche") is not None


@dataclass
class Official:
    """A process that holds documents to one version of the rules. Use with `with`; one thread at a time."""

    rules: RuleSet
    patience: float = PATIENCE
    _process: subprocess.Popen | None = field(default=None, repr=False)
    _asked: int = field(default=0, repr=False)

    def __enter__(self) -> "Official":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check(self, root: Element) -> list[Finding]:
        """What the schema and the rules say of the document whose root is `root`.

        It was parsed by us, without document type or entities; what is sent on is written anew from that. A
        document that the engine stumbles on, or that takes longer than `patience`, is held with the reason.
        """
        found = schema.findings(root)
        # The rules presuppose the schema, and may stumble where it is not met.
        return [*found, *(_finding(one) for one in self.failed(root) if one["id"] or not found)]

    def failed(self, root: Element) -> list[dict[str, str]]:
        """The failed assertions (id, flag, where, text), without the schema."""
        try:
            told = self._ask(etree.tostring(root, encoding="UTF-8"))
        except Unreachable as trouble:
            self.close()
            return [{"id": "", "flag": "fatal", "where": "", "text": str(trouble.words)}]
        return told["failed"]

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

    def _ask(self, document: bytes) -> dict:
        if self._process is not None and self._asked >= RECYCLED:
            self.close()
        if self._process is None:
            self._start()
        self._asked += 1
        try:
            self._process.stdin.write(struct.pack(">I", len(document)) + document)
            self._process.stdin.flush()
        except OSError:
            raise WorkerGone from None
        return self._answer(self.patience)

    def _start(self) -> None:
        if not is_installed():
            raise NoEngine
        self._process = subprocess.Popen(  # noqa: S603  ourselves, with paths of our own store
            [sys.executable, "-m", "nattbok.formats.invoice.checking.worker", *map(str, self.rules.sheets)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self._asked = 0
        self._answer(START)

    def _answer(self, patience: float) -> dict:
        until = time.monotonic() + patience
        (size,) = struct.unpack(">I", self._bytes(4, until, patience))
        return json.loads(self._bytes(size, until, patience))

    def _bytes(self, count: int, until: float, patience: float) -> bytes:
        got = bytearray()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)
            while len(got) < count:
                left = until - time.monotonic()
                if left <= 0 or not waiting.select(left):
                    raise RulesGaveNoAnswer(seconds=int(patience))
                some = os.read(self._process.stdout.fileno(), count - len(got))
                if not some:
                    raise WorkerGone
                got += some
        return bytes(got)


def _finding(failed: dict[str, str]) -> Finding:
    code, said = failed["id"], failed["text"]
    if not code:
        return Finding(Severity.HOLD, "rules_not_asked", "", _TROUBLE, {"detail": said[:300]})
    sentence, values = texts.of(code)
    severity = Severity.NOTE if failed["flag"] == "warning" else Severity.HOLD
    return Finding(
        severity, code, failed["where"], sentence,
        {"code": code, "where": failed["where"], "detail": said[:500]} | values,
    )  # fmt: skip
