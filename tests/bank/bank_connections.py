"""Connections to the stand-in bank over real sockets, for the tests of connections, sending and fetching."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nattbok.bank import actions
from nattbok.bank.models import BankAccount
from nattbok.bank.queries import connections as queries
from nattbok.bank.rules.connections import Form, KeyState
from nattbok.clients.models import Client
from nattbok.sandbox.bank.doors.serving import Ports, Serving
from nattbok.sandbox.bank.shape import Customer
from tests.sandbox.bank.stand_in import StandIn

DAY = datetime.date(2026, 3, 12)  # a Thursday
BY = "person:1"


@dataclass
class World:
    """A client's connection, and the bank at its other end."""

    client: Client
    account: BankAccount
    connection: int
    bank: StandIn
    serving: Serving
    customer: Customer

    @property
    def row(self) -> queries.ConnectionRow:
        return queries.connection(self.client, self.connection)

    def host_key(self) -> str:
        return self.serving.host_keys[0]


def an_account(client: Client, number: str = "") -> BankAccount:
    default = {"NO": "99990244851", "SE": "SE3550000000054910000003"}[client.country]
    return actions.open_account(client, number or default, title="Driftskonto")


@contextmanager
def a_connection(
    client: Client,
    form: Form = Form.SFTP,
    *,
    active: bool = True,
    token: str = "hemmelig-token-123",  # noqa: S107
) -> Iterator[World]:
    """A connection to a bank of its own; tested and activated unless told otherwise."""
    account = an_account(client)
    bank = StandIn()
    connection = actions.order(
        client, bank="test", form=form, accounts=[account.pk], by=BY, title="Prøvebanken", is_test=True
    )
    keys = queries.keys(client, connection)
    customer = bank.join(f"c{client.pk}", keys[0].public_key if keys else "", token)
    with Serving(bank, ports=Ports()) as serving:
        world = World(client, account, connection, bank, serving, customer)
        address = serving.rest_address if form is Form.REST else f"{serving.host}:{serving.sftp_port}"
        actions.registered(client, connection, by=BY, on=DAY, address=address, username=customer.id)
        if form is Form.REST:
            actions.set_token(client, connection, token, by=BY)
        if form is Form.SFTP:
            actions.confirm_host_key(client, connection, world.host_key(), by=BY)
        if active:
            actions.try_out(client, connection, by=BY)
            actions.activate(client, connection, by=BY, on=DAY)
        yield world


def next_public_key(client: Client, connection: int) -> str:
    return next(key.public_key for key in queries.keys(client, connection) if key.state is KeyState.NEXT)
