"""Reading in a process apart, so that a hostile file or a slow page leaves a finding and never stops a night.

The process has a limit on its memory and a time for each page; it is killed and made anew when it hangs,
ends, or has read many files.
"""

import json
import pickle
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from types import TracebackType
from typing import Any

from nattbok.base.apart import Apart
from nattbok.base.errors import Unreachable, Unreadable
from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.reading.memory import Memory
from nattbok.reading.pdf_file import About
from nattbok.reading.shape import Kind, Own, Reading
from nattbok.reading.words import Page

START = 120.0  # seconds for the engines to be loaded
PATIENCE = 20.0  # seconds for a page
RECYCLED = 200  # files, after which the process is made anew
MEMORY = 3_000_000_000  # bytes of address space: the engines map much that they never touch

_TROUBLE = _("The file was given up: {detail}")


@dataclass
class Reader:
    """A process that reads files. Use with `with`; one thread at a time; as many as there are cores."""

    patience: float = PATIENCE
    memory: int = MEMORY
    process: Apart = field(init=False)

    def __post_init__(self) -> None:
        self.process = Apart(
            "nattbok.reading.worker",
            (str(self.memory),),
            {"OMP_NUM_THREADS": "1"},
            start=START,
            recycled=RECYCLED,
        )

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

    def searchable(self, data: bytes, pages: Sequence[Page], about: About) -> bytes | Finding:
        """As `searchable.made`, and never raising: what is given up is a finding that says why."""
        told = asdict(about) | {"made_at": about.made_at.isoformat() if about.made_at else None}
        asked = json.dumps({"searchable": told, "pages": [asdict(page) for page in pages]}).encode()
        try:
            return self._ask(asked, data)
        except Unreachable as trouble:
            self.close()
            return given_up(trouble)

    def start(self) -> None:
        """Have the process ready before there is anything to read."""
        self.process.begin()

    def _read(self, asked: dict, data: bytes) -> Reading:
        try:
            return self._ask(json.dumps(asked).encode(), data)
        except Unreachable as trouble:
            self.close()
            return nothing(given_up(trouble))

    @property
    def process_id(self) -> int | None:
        """The process now at work, if any."""
        return self.process.process_id

    def close(self) -> None:
        """End the process, at once."""
        self.process.close()

    def _ask(self, asked: bytes, data: bytes) -> Any:
        question = struct.pack(">II", len(asked), len(data)) + asked + data
        answer = self.process.ask(question, self.patience)
        while answer == b"page":  # said for every page begun, and so a new wait
            answer = self.process.answer(self.patience)
        # What our own process made; nothing a stranger wrote is unpacked so.
        return pickle.loads(answer)  # noqa: S301


def given_up(trouble: Unreachable) -> Finding:
    """That the process hung or ended with the file."""
    return Finding(Severity.HOLD, "reading_given_up", "", _TROUBLE, {"detail": str(trouble.words)})


def nothing(finding: Finding) -> Reading:
    """A reading of which nothing came, and why."""
    return Reading(Kind.UNKNOWN, {}, (), (), "", (finding,))


def unreadable(trouble: Unreadable) -> Reading:
    """The reading of a file that cannot be opened."""
    return nothing(found(trouble))


def found(trouble: Unreadable) -> Finding:
    """What keeps a file from being opened."""
    return Finding(Severity.ERROR, trouble.finding_code, trouble.where, trouble.message, trouble.values)
