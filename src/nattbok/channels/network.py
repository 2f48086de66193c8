"""What an access point into the e-invoice network tells us, whichever door of its we use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from nattbok.channels.channel import Found, Outgoing, Sent


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message of ours in the network."""

    is_delivered: bool
    reason: str = ""


class NetworkWay(Protocol):
    """A way into the network: a SendingChannel that also tells what became of a message."""

    def find(self, name: str) -> Found | None:
        """See SendingChannel."""

    def send(self, outgoing: Outgoing) -> Sent:
        """See SendingChannel."""

    def receipts(self, names: Sequence[str]) -> dict[str, Receipt]:
        """What is known of these messages; those still under way are left out. Raises Unreachable."""


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
