"""The ways to the banks: a connection's channel, opened with its secrets.

Secrets leave the vault here and go nowhere but into the channel's settings, which do not show them. A
channel is loaded when it is asked for: SSH and HTTP take a second each, and most processes open no line.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nattbok.bank import models
from nattbok.bank.queries.connections import ConnectionRow, connection
from nattbok.bank.rules.connections import Form, KeyState, sftp_address
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.channels.rest_settings import RestSettings
from nattbok.channels.ssh_keys import fingerprint
from nattbok.clients.models import Client
from nattbok.db import vault

if TYPE_CHECKING:
    from nattbok.channels.bank_rest import BankRest
    from nattbok.channels.sftp import Sftp

    Way = Sftp | BankRest

SETTLE = 2.0  # seconds between two looks at a file's size
LARGEST = 200_000_000  # bytes of a file that is fetched; as large as a statement that is read may be
PATIENCE = 60.0  # seconds that one answer is waited for


@dataclass(frozen=True, slots=True)
class RestSecret:
    """What we show at a bank's REST door: a token, and a certificate where the bank asks for one."""

    token: str = field(repr=False)
    certificate: str = field(default="", repr=False)  # PEM
    certificate_key: str = field(default="", repr=False)  # PEM, without a password

    def closed(self) -> bytes:
        """As it is sealed."""
        return json.dumps([self.token, self.certificate, self.certificate_key]).encode()

    @classmethod
    def opened(cls, secret: bytes) -> "RestSecret":
        """As it was sealed."""
        return cls(*json.loads(secret))


class NoKey(Refused):
    """There is nothing to log in with."""

    message = _("The connection {title} has no key or token to log in with.")


def way_to(client: Client) -> "Callable[[int], Way | None]":
    """For each connection of the client the way over it; None where files do not go by themselves now."""

    def way(connection_id: int) -> "Way | None":
        row = models.Connection.objects.filter(client=client, pk=connection_id).first()
        if row is None:
            return None
        found = connection(client, connection_id)
        return way_over(client, found) if found.may_go else None

    return way


def way_over(client: Client, row: ConnectionRow, *, key: KeyState = KeyState.CURRENT) -> "Way":
    """The connection's way, whatever its state; raises NoKey, CannotBeOpened, NotAnAddress."""
    secret = _secret(client, row, key)
    settle = float(os.environ.get("NATTBOK_BANK_SETTLE", SETTLE))
    patience = float(os.environ.get("NATTBOK_BANK_PATIENCE", PATIENCE))
    if row.form is Form.REST:
        return _rest(row, secret, settle, patience)
    return _sftp(row, secret, settle, patience)


def _rest(row: ConnectionRow, secret: bytes, settle: float, patience: float) -> "BankRest":
    from nattbok.channels.bank_rest import BankRest

    given = RestSecret.opened(secret)
    authority = row.host_key.encode()
    return BankRest(
        RestSettings(
            row.address,
            given.token,
            authority,
            given.certificate.encode(),
            given.certificate_key.encode(),
            patterns=row.profile.names_in,
            connect_seconds=min(20.0, patience),
            answer_seconds=patience,
            settle_seconds=settle,
            largest=LARGEST,
        )
    )


def _sftp(row: ConnectionRow, secret: bytes, settle: float, patience: float) -> "Sftp":
    from nattbok.channels.sftp import Sftp
    from nattbok.channels.ssh_line import SftpSettings

    address = sftp_address(row.address)
    return Sftp(
        SftpSettings(
            address.host,
            row.username,
            secret,
            tuple(line for line in row.host_key.splitlines() if line.strip()),
            port=address.port,
            upload_folder=row.profile.folder_out,
            download_folder=row.profile.folder_in,
            archive_folder=row.profile.folder_archive,
            patterns=row.profile.names_in,
            connect_seconds=min(20.0, patience),
            answer_seconds=patience,
            settle_seconds=settle,
            largest=LARGEST,
        )
    )


def host_key_shown(row: ConnectionRow) -> tuple[str, str]:
    """The key that the bank's SFTP door shows now, as a line and as people compare it. Raises Unreachable.

    Anyone may answer: only a person who has it from the bank as well can say that it is right.
    """
    from nattbok.channels.ssh_line import host_key

    address = sftp_address(row.address)
    line = host_key(address.host, address.port)
    return line, fingerprint(line)


def purpose(connection_id: int) -> str:
    """What the vault is told that a connection's secret is for: it opens for no other."""
    return f"connection:{connection_id}"


def _secret(client: Client, row: ConnectionRow, state: KeyState) -> bytes:
    found = models.ConnectionKey.objects.filter(client=client, connection=row.id, state=state).first()
    if found is None:
        raise NoKey(title=row.title)
    return vault.opened(bytes(found.secret), purpose=purpose(row.id))
