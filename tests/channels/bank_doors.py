"""A stand-in bank with open doors, and channels of the product that lead to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from nattbok.channels.bank_rest import BankRest
from nattbok.channels.channel import Incoming
from nattbok.channels.rest_settings import RestSettings
from nattbok.channels.sftp import Sftp, SftpSettings
from nattbok.channels.ssh_keys import KeyPair, make_key_pair
from nattbok.sandbox.bank.doors.serving import Ports, Serving
from nattbok.sandbox.bank.shape import BankDoor, Customer
from tests.sandbox.bank.stand_in import StandIn

KEYS = make_key_pair("tests")  # making one takes time; which one it is does not matter


@dataclass
class Doors:
    """The bank, its doors, and a customer's ways in."""

    bank: StandIn
    serving: Serving
    customer: Customer
    keys: KeyPair

    def sftp(self, **settings: Any) -> Sftp:
        given = SftpSettings(
            host=self.serving.host,
            port=self.serving.sftp_port,
            username=self.customer.id,
            private_key=self.keys.private,
            host_keys=self.serving.host_keys,
            connect_seconds=5,
            answer_seconds=5,
            settle_seconds=0,
        )
        return Sftp(replace(given, **settings))

    def rest(self, **settings: Any) -> BankRest:
        given = RestSettings(
            address=self.serving.rest_address,
            token=self.customer.tokens[0],
            connect_seconds=5,
            answer_seconds=5,
            settle_seconds=0,
        )
        return BankRest(replace(given, **settings))


@contextmanager
def open_doors(*, tls: bool = False) -> Iterator[Doors]:
    """A stand-in bank with one customer, c1, and its doors."""
    bank = StandIn()
    customer = bank.join("c1", KEYS.public, "token-1")
    with doors_of(bank, customer, tls=tls) as doors:
        yield doors


@contextmanager
def doors_of(bank: BankDoor, customer: Customer, *, tls: bool = False) -> Iterator[Doors]:
    """The doors of any bank, and the ways in of one customer, who has the key KEYS and a token."""
    with Serving(bank, ports=Ports(tls=0 if tls else None)) as serving:
        yield Doors(bank, serving, customer, KEYS)


def fetched(channel) -> dict[str, bytes]:
    """What a channel brings, by name, without what it only tells of."""
    return {found.name: found.data for found in channel.fetch() if isinstance(found, Incoming)}


def taken(doors) -> list[tuple[str, bytes]]:
    """The names and bytes that the bank has been sent, in order."""
    return [(name, data) for _who, name, data in doors.bank.uploads]
