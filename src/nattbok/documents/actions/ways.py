"""The channels that a client's sources lead to, with their secrets opened.

A channel is loaded when its line is to be opened: those over SSH and HTTP take a second each, and most
processes open none.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction

from nattbok.channels.channel import Channel
from nattbok.channels.folder import SETTLE, Folder
from nattbok.channels.mail import Imap, ImapSettings
from nattbok.channels.network import NetworkWay
from nattbok.channels.oauth import Grant, access_token
from nattbok.channels.remembered import Remembered
from nattbok.channels.rest_settings import RestSettings
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.documents.rules.intake import Kind, NoAccessPoint, OAuthSecret
from nattbok.files.actions import secret_of, set_secret
from nattbok.files.models import Source

if TYPE_CHECKING:
    from nattbok.channels.peppol import AccessPoint
    from nattbok.channels.ssh_line import SftpSettings


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
            return _network(_sftp(source), source.settings.get("participants", ()))
        case Kind.PEPPOL:
            return _network(access_point(source.address), [source.address])


def access_point(participant: str) -> "AccessPoint":
    """The operator's access point, for one participant. Raises NoAccessPoint."""
    settings = agreement().settings
    from nattbok.channels.peppol import AccessPoint

    return AccessPoint(settings, participant)


def _network(channel: Channel, participants: Sequence[str]) -> Channel:
    from nattbok.channels.peppol import Network

    return Network(channel, participants)


def _sftp(source: Source) -> Channel:
    from nattbok.channels.sftp import Sftp

    settings = _sftp_settings(source)
    is_emptied = settings.archive_folder or settings.removes
    return Sftp(settings) if is_emptied else Remembered(Sftp(settings), source.position)


def _sftp_settings(source: Source) -> "SftpSettings":
    from nattbok.channels.ssh_line import SftpSettings

    given = source.settings
    return SftpSettings(
        host=given["host"],
        port=given["port"],
        username=given["username"],
        private_key=secret_of(source),
        host_keys=tuple(given.get("host_keys", ())),
        download_folder=given["folder"],
        archive_folder=given.get("archive", ""),
        removes=bool(given.get("removes")),
        settle_seconds=float(os.environ.get("NATTBOK_FOLDER_SETTLE", SETTLE)),
    )


def way_out(client: Client) -> Source | None:
    """The source over which the client's messages go into the e-invoice network; None when there is none."""
    active = Source.objects.filter(client=client, is_active=True).order_by("pk")
    for source in active.filter(kind=Kind.PEPPOL.value):
        return source
    return next(
        (one for one in active.filter(kind=Kind.PEPPOL_SFTP.value) if one.settings.get("outbox")), None
    )


def own_participant(client: Client, source: Source) -> str:
    """Who the client is to the access point behind the source: "0192:123456785"."""
    if source.kind == Kind.PEPPOL.value:
        return source.address
    law = country(client.country)
    own = f"{law.org_scheme}:{law.normal_org_number(client.org_number) or client.org_number}"
    return next(iter(source.settings.get("participants", ())), own)


def network_way(client: Client) -> Callable[[int], NetworkWay | None]:
    """For each source of the client the way out over it; None where there is none now."""

    def way(source_id: int) -> NetworkWay | None:
        source = Source.objects.filter(client=client, pk=source_id, is_active=True).first()
        match source.kind if source is not None else "":
            case Kind.PEPPOL.value:
                return access_point(source.address)
            case Kind.PEPPOL_SFTP.value if source.settings.get("outbox"):
                return _network_folders(source)
        return None

    return way


def _network_folders(source: Source) -> NetworkWay:
    from nattbok.channels.peppol import NetworkFolders
    from nattbok.channels.sftp import Sftp

    settings, given = _sftp_settings(source), source.settings
    receipts = replace(settings, download_folder=given.get("receipts") or "receipts", archive_folder="")
    return NetworkFolders(Sftp(replace(settings, upload_folder=given["outbox"])), Sftp(receipts))


def _imap(source: Source) -> ImapSettings:
    given = source.settings
    settings = ImapSettings(
        host=given["host"],
        port=given["port"],
        username=given["username"],
        security=given.get("security", "tls"),
        folder=given.get("folder", "INBOX"),
        done_folder=given.get("done_folder", ""),
        authority=_authority("NATTBOK_IMAP_AUTHORITY"),
    )
    if given.get("oauth"):
        return replace(settings, token=_token(source))
    return replace(settings, password=secret_of(source).decode())


def _token(source: Source) -> Callable[[], str]:
    """What gives an access token for a mailbox, by the secret that is kept when it is asked for."""

    def token() -> str:
        secret = OAuthSecret.opened(secret_of(Source.objects.get(client=source.client_id, pk=source.pk)))
        agreed = source.settings["oauth"]
        grant = Grant(
            agreed["token_address"],
            agreed["client_id"],
            agreed.get("scope", ""),
            secret.client_secret,
            secret.refresh_token,
            _authority("NATTBOK_IMAP_AUTHORITY"),
        )
        return access_token(
            grant, source.settings["username"], lambda renewed: _keep_renewed(source, secret, renewed)
        )

    return token


@transaction.atomic
def _keep_renewed(source: Source, used: OAuthSecret, refresh_token: str) -> None:
    """Keep the new refresh token; what a person has given since `used` was read stands."""
    now = Source.objects.select_for_update().get(client=source.client_id, pk=source.pk)
    kept = OAuthSecret.opened(secret_of(now))
    if kept.refresh_token == used.refresh_token:
        set_secret(now, replace(kept, refresh_token=refresh_token).closed())


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
