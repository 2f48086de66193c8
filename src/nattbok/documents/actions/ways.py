"""The channels that a client's sources lead to, with their secrets opened."""

import os
from dataclasses import dataclass
from pathlib import Path

from nattbok.channels.channel import Channel
from nattbok.channels.folder import SETTLE, Folder
from nattbok.channels.mail import Imap, ImapSettings
from nattbok.channels.peppol import AccessPoint, Network
from nattbok.channels.remembered import Remembered
from nattbok.channels.rest_line import RestSettings
from nattbok.channels.sftp import Sftp
from nattbok.channels.ssh_line import SftpSettings
from nattbok.documents.rules.intake import Kind, NoAccessPoint
from nattbok.files.actions import secret_of
from nattbok.files.models import Source


@dataclass(frozen=True, slots=True)
class Agreement:
    """The operator's agreement with an access point."""

    name: str  # as the network's directory calls it; "" when it is not told
    settings: RestSettings


def channel(source: Source) -> Channel:
    """The channel of a source. Raises Refused when its secret or settings cannot be used."""
    match Kind(source.kind):
        case Kind.FOLDER:
            return Folder(source.address, settle=float(os.environ.get("NATTBOK_FOLDER_SETTLE", SETTLE)))
        case Kind.IMAP:
            return Imap(_imap(source), source.position)
        case Kind.SFTP:
            return _sftp(source)
        case Kind.PEPPOL_SFTP:
            return _OverNetwork(_sftp(source), source.settings.get("participants", ()))
        case Kind.PEPPOL:
            return Network(AccessPoint(agreement().settings, source.address), [source.address])


class _OverNetwork(Network):
    """A network's folder that may be one whose files stay."""

    @property
    def position(self) -> dict | None:
        return getattr(self.channel, "position", None)


def _sftp(source: Source) -> Channel:
    given = source.settings
    settings = SftpSettings(
        host=given["host"],
        port=given["port"],
        username=given["username"],
        private_key=secret_of(source),
        host_keys=tuple(given.get("host_keys", ())),
        download_folder=given["folder"],
        archive_folder=given.get("archive", ""),
        settle_seconds=float(os.environ.get("NATTBOK_FOLDER_SETTLE", SETTLE)),
    )
    return Sftp(settings) if settings.archive_folder else Remembered(Sftp(settings), source.position)


def _imap(source: Source) -> ImapSettings:
    given = source.settings
    return ImapSettings(
        host=given["host"],
        port=given["port"],
        username=given["username"],
        password=secret_of(source).decode(),
        security=given.get("security", "tls"),
        folder=given.get("folder", "INBOX"),
        done_folder=given.get("done_folder", ""),
        authority=_authority("NATTBOK_IMAP_AUTHORITY"),
    )


def agreement() -> Agreement:
    """The operator's access point, as the environment names it. Raises NoAccessPoint."""
    address = os.environ.get("NATTBOK_AP_ADDRESS", "")
    if not address:
        raise NoAccessPoint()
    return Agreement(
        os.environ.get("NATTBOK_AP_NAME", ""),
        RestSettings(
            address=address,
            token=os.environ.get("NATTBOK_AP_TOKEN", ""),
            authority=_authority("NATTBOK_AP_AUTHORITY"),
            connect_seconds=10.0,
            answer_seconds=30.0,
        ),
    )


def _authority(name: str) -> bytes:
    """The certificates that are believed beside those of the system: a file that the environment names."""
    path = os.environ.get(name, "")
    return Path(path).read_bytes() if path else b""


def mail_domain() -> str:
    """What stands after the @ of the clients' addresses."""
    return os.environ.get("NATTBOK_MAIL_DOMAIN", "mail.invalid").lower()
