"""E-invoices from an access point: by its REST door, or as envelopes in its SFTP folder.

We are the fourth corner: the access point receives for our client, and we fetch from it. A message is said to
be received only when it is kept. One that is not whole, or not for the participant whose inbox it lay in, is
left where it is and told of; it is nobody's here until the access point has put it right.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

from nattbok.base.errors import Unreachable, Unreadable
from nattbok.base.words import _
from nattbok.channels import trouble
from nattbok.channels.channel import Channel, Incoming
from nattbok.channels.rest_line import RestLine, RestSettings
from nattbok.channels.ssh_keys import plain
from nattbok.formats import envelope
from nattbok.formats.finding import Finding, Severity

MOST = 2_000  # messages in one fetch
LONGEST_ID = 255


class NotUnderstood(Unreachable):
    """The access point answered what we cannot read."""

    message = _("{host} answered in a way that is not understood.")


class MessageAtPoint(NamedTuple):
    """A message in an inbox, as the access point's list has it."""

    id: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a participant's registration with the access point has come."""

    state: str  # "none", "pending", "active", "refused"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the network's directory says of a participant; `access_point` is "" when it is not there."""

    access_point: str
    document_types: tuple[str, ...] = ()


class AccessPoint:
    """The access point's REST door, for one participant ("0192:123456785"). Satisfies Channel."""

    def __init__(self, settings: RestSettings, participant: str) -> None:
        self.settings = settings
        self.participant = participant
        self._held = threading.local()

    def fetch(self) -> Iterator[Incoming | Finding]:
        """The messages that wait, in the access point's order. Raises Unreachable, also between two."""
        with self._line() as line:
            for message in self._listed(line):
                answer = line.get(self._path(message.id), most=self.settings.largest)
                if len(answer.body) != message.size:
                    yield half(message.id, len(answer.body), message.size)
                else:
                    yield Incoming(f"{message.id}.xml", answer.body, message)

    def done(self, handle: MessageAtPoint) -> None:
        """Say that the message is kept; saying it twice does no harm. Raises Unreachable."""
        with self._line() as line:
            try:
                line.post(f"{self._path(handle.id)}/ack")
            except trouble.RemoteFolderMissing:
                return  # it has been said before

    def register(self) -> Standing:
        """Ask to be received for; asking again does no harm. Raises Unreachable."""
        with self._line() as line:
            return self._standing(line.post(self._registration()).data())

    def unregister(self) -> Standing:
        """Ask to be received for no longer. Raises Unreachable."""
        with self._line() as line:
            return self._standing(line.post(f"{self._registration()}/end").data())

    def standing(self) -> Standing:
        """How far the registration has come. Raises Unreachable."""
        with self._line() as line:
            try:
                return self._standing(line.get(self._registration()).data())
            except trouble.RemoteFolderMissing:
                return Standing("none")

    def directory(self) -> Entry:
        """Who receives for the participant, as the whole network sees it. Raises Unreachable."""
        with self._line() as line:
            try:
                given = line.get(f"/v1/directory/{quote(self.participant, safe='')}").data()
            except trouble.RemoteFolderMissing:
                return Entry("")
            if not isinstance(given, dict) or not isinstance(given.get("access_point"), str):
                raise NotUnderstood(host=self.settings.host)
            types = given.get("document_types")
            return Entry(
                plain(given["access_point"])[:200],
                tuple(str(one)[:500] for one in types[:100]) if isinstance(types, list) else (),
            )

    @contextmanager
    def _line(self) -> Iterator[RestLine]:
        held = getattr(self._held, "line", None)
        if held is not None:
            yield held
            return
        line = RestLine(self.settings)
        self._held.line = line
        try:
            yield line
        finally:
            self._held.line = None
            line.close()

    def _listed(self, line: RestLine) -> list[MessageAtPoint]:
        given = line.get(self._path()).data()
        messages = given.get("messages") if isinstance(given, dict) else None
        if not isinstance(messages, list):
            raise NotUnderstood(host=self.settings.host)
        return [self._message(one) for one in messages[:MOST]]

    def _message(self, given: Any) -> MessageAtPoint:
        match given:
            case {"id": str(name), "size": int(size)} if 0 < len(name) <= LONGEST_ID and size >= 0:
                return MessageAtPoint(name, size)
        raise NotUnderstood(host=self.settings.host)

    def _standing(self, given: Any) -> Standing:
        match given:
            case {"state": ("none" | "pending" | "active" | "refused") as state}:
                return Standing(state, plain(str(given.get("reason", "")))[:300])
        raise NotUnderstood(host=self.settings.host)

    def _registration(self) -> str:
        return f"/v1/participants/{quote(self.participant, safe='')}"

    def _path(self, message: str = "") -> str:
        inbox = f"/v1/inbox/{quote(self.participant, safe='')}"
        return f"{inbox}/{quote(message, safe='')}" if message else inbox


class Network:
    """Envelopes from `channel` that are whole and for one of `participants`. Satisfies Channel."""

    def __init__(self, channel: Channel, participants: Sequence[str]) -> None:
        self.channel = channel
        self.participants = {envelope.participant(one) for one in participants}

    def fetch(self) -> Iterator[Incoming | Finding]:
        """What is whole and ours; findings on the rest, which stays where it is. Raises Unreachable."""
        for found in self.channel.fetch():
            yield self._checked(found) if isinstance(found, Incoming) else found

    def done(self, handle: Any) -> None:
        """See Channel."""
        self.channel.done(handle)

    def _checked(self, incoming: Incoming) -> Incoming | Finding:
        try:
            read = envelope.read(incoming.data)
        except Unreadable as error:
            return Finding(
                Severity.HOLD, f"peppol.{error.finding_code}", incoming.name, error.message, error.values
            )
        if read.receiver not in self.participants:
            return Finding(
                Severity.HOLD,
                "peppol.wrong_receiver",
                incoming.name,
                _(
                    "The message {number} from {sender} is for {receiver}, and not for this client. It was "
                    "not taken; tell the access point."
                ),
                {"number": read.instance_id, "sender": read.sender, "receiver": read.receiver},
            )
        return incoming


def half(name: str, size: int, promised: int) -> Finding:
    """What is said of a message that did not come whole."""
    return Finding(
        Severity.HOLD,
        "peppol.half",
        name,
        _("Of the message {number}, {size} of {promised} bytes came. It is fetched again."),
        {"number": name, "size": size, "promised": promised},
    )
