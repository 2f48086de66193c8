"""The access point and the directory behind the doors: who is registered, and what waits for whom."""

import datetime
import hashlib
import itertools
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from nattbok.base.errors import Unreadable
from nattbok.formats import envelope as envelopes
from nattbok.sandbox.writing.sbdh import DOCUMENT_TYPE, envelope

RESPONSE_TYPE = (
    "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2::ApplicationResponse##"
    "urn:fdc:peppol.eu:poacc:trns:invoice_response:3::2.1"
)
ANSWERS_OF_THE_TIRED = 2
START = datetime.datetime(2026, 3, 12, 9, 0, tzinfo=datetime.UTC)


class Fault(StrEnum):
    """What can go wrong; switched on by name, for all participants."""

    DEAD = "dead"  # the line is closed without an answer
    BUSY = "busy"  # 503
    HALF = "half"  # a message breaks off in the middle, under the length of the whole
    CUT = "cut"  # the line is cut in the middle of a message
    DEAF = "deaf"  # an acknowledgement is taken, and its answer is lost
    FORGETFUL = "forgetful"  # an acknowledged message is given again
    REVERSED = "reversed"  # the latest message comes first
    PENDING = "pending"  # a registration waits for somebody
    REFUSING = "refusing"  # a registration is refused
    MUTE = "mute"  # a message of ours is taken, and its answer is lost
    SLOW = "slow"  # a message of ours stays under way
    LOST = "lost"  # the receiver's access point does not take a message of ours
    TIRED = "tired"  # the directory answers twice, and then no more


@dataclass
class Message:
    """A message in an inbox."""

    id: str
    data: bytes
    comes_at: int = 0  # how many more looks until it is seen
    is_acknowledged: bool = False


@dataclass(frozen=True)
class Handed:
    """A message that a participant here has sent."""

    name: str
    sender: str
    receiver: str
    data: bytes  # the envelope
    document: bytes


@dataclass
class Participant:
    """Somebody who is received for."""

    number: str  # "0192:123456785"
    state: str = "none"
    inbox: list[Message] = field(default_factory=list)


class AccessPoint:
    """An access point and the directory of its network. Used from several threads."""

    name = "Sandbox Access Point"

    def __init__(self, *, token: str = "sandbox") -> None:  # noqa: S107 - it is played
        self.token = token
        self.lock = threading.RLock()
        self.participants: dict[str, Participant] = {}
        self.directory: dict[str, str] = {}  # participant → the access point that receives for it
        # What each participant takes; those that are not named take invoices.
        self.takes: dict[str, tuple[str, ...]] = {}
        self.handed: dict[tuple[str, str], Handed] = {}  # (participant, name) → what was sent
        self.times_handed: Counter[tuple[str, str]] = Counter()
        self.faults: set[Fault] = set()
        self.asked: Counter[str] = Counter()
        self._numbers = itertools.count(1)

    def participant(self, number: str) -> Participant:
        """The participant, made when it is new."""
        with self.lock:
            return self.participants.setdefault(number, Participant(number))

    def register(self, number: str) -> tuple[str, str]:
        """Receive for the participant from now on; the state, and the reason when it is refused."""
        with self.lock:
            who = self.participant(number)
            if Fault.REFUSING in self.faults:
                who.state = "refused"
                return who.state, "registered with another access point"
            who.state = "pending" if Fault.PENDING in self.faults else "active"
            if who.state == "active":
                self.directory[number] = self.name
            return who.state, ""

    def unregister(self, number: str) -> None:
        """Receive no longer."""
        with self.lock:
            self.participant(number).state = "none"
            if self.directory.get(number) == self.name:
                del self.directory[number]

    def move(self, number: str, other: str) -> None:
        """Another access point has taken over the participant in the directory."""
        with self.lock:
            self.directory[number] = other

    def send(
        self,
        document: bytes,
        *,
        sender: str,
        receiver: str,
        number: str = "",
        inbox: str = "",
        looks: int = 0,
        times: int = 1,
    ) -> str:
        """A sender's message, delivered as the directory says; its number.

        `inbox` puts it into another's, `looks` lets it come late, `times` twice. Raises LookupError when
        nobody receives for the receiver here.
        """
        with self.lock:
            number = number or f"sandbox-{next(self._numbers):08d}"
            if not inbox and self.directory.get(receiver) != self.name:
                raise LookupError(f"PEPPOL:NOT_SERVICED {receiver}")
            data = envelope(document, number=number, sender=sender, receiver=receiver, at=START)
            for _time in range(times):
                self.put(inbox or receiver, data, looks=looks)
            return number

    def put(self, participant: str, data: bytes, *, looks: int = 0) -> None:
        """Put these bytes into an inbox, whatever they are."""
        with self.lock:
            waiting = Message(f"m{next(self._numbers):08d}", data, looks)
            self.participant(participant).inbox.append(waiting)

    def take_answers(self, *participants: str) -> None:
        """Let these, who may be anywhere in the network, take invoices and answers to theirs."""
        with self.lock:
            for number in participants:
                self.directory.setdefault(number, "Another Access Point")
                self.takes[number] = (DOCUMENT_TYPE, RESPONSE_TYPE)

    def hand_in(self, participant: str, name: str, data: bytes) -> str:
        """A participant's own message; "" when it is taken, else why not. The same again is the same."""
        try:
            read = envelopes.read(data)
        except Unreadable as trouble:
            return str(trouble)
        if (read.instance_id, read.sender) != (name, participant):
            return f"the envelope says {read.instance_id} from {read.sender}"
        with self.lock:
            there = self.handed.get((participant, name))
            if there is not None and there.data != data:
                return "another message has this number"
            self.times_handed[participant, name] += 1
            self.handed[participant, name] = Handed(name, read.sender, read.receiver, data, read.document)
            return ""

    def fate(self, participant: str, name: str) -> dict | None:
        """What is known of a participant's message; None when there is none."""
        with self.lock:
            found = self.handed.get((participant, name))
            if found is None:
                return None
            state = "accepted" if Fault.SLOW in self.faults else "delivered"
            reason = ""
            if Fault.LOST in self.faults:
                state, reason = "failed", "the receiver's access point does not answer"
            return {
                "size": len(found.data),
                "sha256": hashlib.sha256(found.data).hexdigest(),
                "state": state,
                "reason": reason,
            }

    def collect(self, participant: str, folder: Path) -> int:
        """Take in what lies in the participant's folder `out`, and put receipts into `receipts`; how many."""
        count = 0
        for path in sorted((folder / "out").glob("*.xml")):
            refusal = self.hand_in(participant, path.stem, path.read_bytes())
            fate = {"state": "failed", "reason": refusal} if refusal else self.fate(participant, path.stem)
            (folder / "receipts").mkdir(exist_ok=True)
            (folder / "receipts" / f"{path.name}.json").write_text(json.dumps(fate))
            path.unlink()
            count += 1
        return count

    def waiting(self, participant: str) -> list[Message]:
        """What a look into the inbox shows."""
        with self.lock:
            box = self.participant(participant).inbox
            seen = [m for m in box if m.comes_at <= 0 and (not m.is_acknowledged or self._gives_again())]
            for message in box:
                message.comes_at -= 1
            return seen[::-1] if Fault.REVERSED in self.faults else seen

    def entry(self, participant: str) -> dict | None:
        """What the directory says of a participant, {} when it has none; None when it says nothing more."""
        with self.lock:
            self.asked["directory"] += 1
            if Fault.TIRED in self.faults and self.asked["directory"] > ANSWERS_OF_THE_TIRED:
                return None
            there = self.directory.get(participant)
            types = self.takes.get(participant, (DOCUMENT_TYPE,))
            return {"access_point": there, "document_types": list(types)} if there else {}

    def _gives_again(self) -> bool:
        return Fault.FORGETFUL in self.faults
