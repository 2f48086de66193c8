"""What every way in and out has in common.

A way in gives files, and is told which of them are safely kept. It gives each complete file once for every
time it is asked, until it is told that the file is kept. Whoever is stopped between keeping a file and saying
so is given it again.

A way out says of each file one of three things: it has come, it has certainly not come (Unreachable), or
nobody knows (Uncertain). After the last, whoever sends looks there before sending again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from nattbok.base.errors import NattbokError
from nattbok.base.words import Words, _
from nattbok.formats.finding import Finding


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that has come: its name as the sender called it, and its bytes."""

    name: str
    data: bytes
    handle: Any  # what the channel knows it by; given back to `done`


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file that is to go: the name it shall have at the other side, and its bytes.

    The same name always stands for the same content. `key` names the deed of sending, for channels that know
    a file sent twice by it; without one it is made of the name and the content.
    """

    name: str
    data: bytes
    key: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that lies at the other side."""

    name: str
    size: int  # bytes
    sha256: str  # hexadecimal; "" when the other side does not let us know
    reference: str = ""  # what the other side calls it, where it has a word for it

    def is_same(self, data: bytes, sha256: str) -> bool:
        """Whether it is the file with these bytes, as far as the other side lets us see."""
        return self.size == len(data) and self.sha256 in {"", sha256}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that has come to the other side."""

    name: str
    size: int  # bytes
    reference: str = ""  # what the other side calls it, where it has a word for it
    was_there: bool = False  # it lay there already, so nothing was sent now


class Uncertain(NattbokError):
    """The file may have come, or not: look there before it is sent again.

    It is none of the three kinds on purpose. Whoever tries again later after an Unreachable must not do so
    after this.
    """

    message = _("It is not known whether {name} has come to {host}. Look there before it is sent again.")


class CutWhileSending(Uncertain):
    """The connection broke between the last we sent and the answer."""

    message = _(
        "The connection to {host} was cut before it answered for {name}. "
        "The file may have come; look there before it is sent again."
    )


class SilentWhileSending(Uncertain):
    """No answer came in time to the last we sent."""

    message = _(
        "{host} did not answer within {seconds} seconds for {name}. "
        "The file may have come; look there before it is sent again."
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a test of a connection tries.

    `ok` is None when it was not tried, since something it needs had failed. `words` says how it went, and
    `advice` what to do when it went wrong.
    """

    name: str  # stable: "reach", "host_key", "log_in", "list", "write", "returns"
    title: str  # marked for translation
    ok: bool | None
    words: Words | None = None
    advice: Words | None = None


class Channel(Protocol):
    """A way in."""

    def fetch(self) -> Iterator[Incoming | Finding]:
        """The complete files that wait, and findings on what was not taken.

        Raises Unreachable when the other side is silent.
        """

    def done(self, handle: Any) -> None:
        """The file is kept: do not give it again. Raises Unreachable when that cannot be arranged."""


class SendingChannel(Protocol):
    """A way out."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Send the file, unless the same lies there already.

        Raises Unreachable when it has certainly not come, Uncertain when nobody knows.
        """

    def find(self, name: str) -> Found | None:
        """The file of this name at the other side. Raises Unreachable when we cannot look.

        None when it is not seen there; a bank that has taken it in may no longer show it.
        """


class ProbedChannel(Protocol):
    """A way whose connection can be tested."""

    def probe(self) -> list[Step]:
        """Try everything that fetching and sending need, and say in plain words how each went."""
