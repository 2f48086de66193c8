"""What every way in has in common: it gives files, and is told which of them are safely kept.

A channel gives each complete file once for every time it is asked, until it is told that the file is
kept. Whoever is stopped between keeping a file and saying so is given it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from nattbok.formats.finding import Finding


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that has come: its name as the sender called it, and its bytes."""

    name: str
    data: bytes
    handle: Any  # what the channel knows it by; given back to `done`


class Channel(Protocol):
    """A way in."""

    def fetch(self) -> Iterator[Incoming | Finding]:
        """The complete files that wait, and findings on what was not taken.

        Raises Unreachable when the other side is silent.
        """

    def done(self, handle: Any) -> None:
        """The file is kept: do not give it again. Raises Unreachable when that cannot be arranged."""
