"""E-invoices from an access point, and answers to it: by its REST door, or as envelopes in its SFTP folders.

We are the fourth corner: the access point receives for our client, and we fetch from it. A message is said to
be received only when it is kept. One that is not whole, or not for the participant whose inbox it lay in, is
left where it is and told of; it is nobody's here until the access point has put it right.

What we send is an envelope whose number is its own: given twice, it is known for one. That the access point
has it says nothing of the receiver; that is told by its receipt.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

from nattbok.base.errors import Refused, Unreachable, Unreadable
from nattbok.base.words import _
from nattbok.channels import trouble
from nattbok.channels.channel import Channel, Found, Incoming, Outgoing, Sent
from nattbok.channels.network import Entry, Receipt, Standing
from nattbok.channels.rest_line import RestLine
from nattbok.channels.rest_settings import RestSettings
from nattbok.channels.sftp import Sftp
from nattbok.channels.trouble import plain
from nattbok.formats import envelope
from nattbok.formats.finding import Finding, Severity

MOST = 2_000  # messages in one fetch
LONGEST_ID = 255


class NotUnderstood(Unreachable):
    """The access point answered what we cannot read."""

    message = _("{host} answered in a way that is not understood.")


class NotServiced(Refused):
    """Nobody would take the message at the other end, so it is not sent."""

    message = _("{receiver} is not in the network's directory as one that takes such messages.")


class MessageAtPoint(NamedTuple):
    """A message in an inbox, as the access point's list has it."""

    id: str
    size: int  # bytes


class AccessPoint:
    """The access point's REST door, for one participant ("0192:123456785").

    Satisfies Channel and NetworkWay.
    """

    repeats_safely = True  # a message given twice under its number is one

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

    def find(self, name: str) -> Found | None:
        """The message of ours that the access point has under this number. Raises Unreachable."""
        with self._line() as line:
            given = self._sent(line, name)
        match given:
            case None:
                return None
            case {"size": int(size), "sha256": str(sha256)}:
                return Found(name, size, sha256[:64])
        raise NotUnderstood(host=self.settings.host)

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand in an envelope; see SendingChannel. Raises NotServiced when nobody takes it there."""
        read = envelope.read(outgoing.data)
        entry = self.directory(read.receiver)
        wanted = read.document_type.partition("##")[0]
        if not entry.access_point or not any(
            one.partition("##")[0] == wanted for one in entry.document_types
        ):
            raise NotServiced(receiver=read.receiver)
        key = outgoing.key or hashlib.sha256(outgoing.name.encode()).hexdigest()
        with self._line() as line:
            line.send(self._outbox(), outgoing.name, outgoing.data, key)
        return Sent(outgoing.name, len(outgoing.data))

    def receipts(self, names: Sequence[str]) -> dict[str, Receipt]:
        """What became of these messages. Raises Unreachable."""
        with self._line() as line:
            said = {name: _receipt(self._sent(line, name)) for name in names}
        return {name: receipt for name, receipt in said.items() if receipt is not None}

    def directory(self, participant: str = "") -> Entry:
        """Who receives for the participant, or another, as the whole network sees it. Raises Unreachable."""
        with self._line() as line:
            return self._entry(line, participant or self.participant)

    def entries(self, participants: Sequence[str]) -> Iterator[Entry]:
        """What the directory says of each in turn, over one line. Raises Unreachable, also between two."""
        with self._line() as line:
            for participant in participants:
                yield self._entry(line, participant)

    def _entry(self, line: RestLine, participant: str) -> Entry:
        try:
            given = line.get(f"/v1/directory/{quote(participant, safe='')}").data()
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

    def _sent(self, line: RestLine, name: str) -> Any:
        """What the access point says of a message of ours; None when it has none of that number."""
        try:
            given = line.get(f"{self._outbox()}/{quote(name, safe='')}").data()
        except trouble.RemoteFolderMissing:
            return None
        if not isinstance(given, dict):
            raise NotUnderstood(host=self.settings.host)
        return given

    def _outbox(self) -> str:
        return f"/v1/outbox/{quote(self.participant, safe='')}"

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

    @property
    def position(self) -> dict | None:
        """What to remember until the next time, of a folder whose files stay; else None."""
        return getattr(self.channel, "position", None)

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


class NetworkFolders:
    """The access point's SFTP folders for what we send: one for envelopes, one for its receipts.

    An envelope is called after its number, and so is its receipt: {"state": "delivered" or "failed",
    "reason"}. Satisfies NetworkWay.
    """

    def __init__(self, out: Sftp, receipts: Sftp) -> None:
        self.out, self._receipts = out, receipts
        self.host = out.settings.host

    def find(self, name: str) -> Found | None:
        """See SendingChannel; what the access point has taken in is no longer there."""
        return self.out.find(_file(name))

    def send(self, outgoing: Outgoing) -> Sent:
        """See SendingChannel."""
        return self.out.send(Outgoing(_file(outgoing.name), outgoing.data, outgoing.key))

    @property
    def before_rename(self) -> Any:
        """Called when an envelope is whole there and about to get its name; see Sftp."""
        return self.out.before_rename

    @before_rename.setter
    def before_rename(self, call: Any) -> None:
        self.out.before_rename = call

    def receipts(self, names: Sequence[str]) -> dict[str, Receipt]:
        """What the receipts that lie there say of these messages. Raises Unreachable."""
        wanted = {f"{_file(name)}.json": name for name in names}
        found = {}
        for one in self._receipts.fetch():
            if isinstance(one, Incoming) and one.name in wanted:
                try:
                    receipt = _receipt(json.loads(one.data))
                except (ValueError, RecursionError):
                    receipt = None
                if receipt is not None:
                    found[wanted[one.name]] = receipt
        return found


def _file(name: str) -> str:
    return f"{name}.xml"


def _receipt(given: Any) -> Receipt | None:
    match given:
        case {"state": ("delivered" | "failed") as state}:
            return Receipt(state == "delivered", plain(str(given.get("reason", "")))[:300])
    return None


def half(name: str, size: int, promised: int) -> Finding:
    """What is said of a message that did not come whole."""
    return Finding(
        Severity.HOLD,
        "peppol.half",
        name,
        _("Of the message {number}, {size} of {promised} bytes came. It is fetched again."),
        {"number": name, "size": size, "promised": promised},
    )
