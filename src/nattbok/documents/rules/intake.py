"""The ways in: what each kind of source needs to be told, and what an address may look like."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.channels.rest_settings import check_address
from nattbok.channels.trouble import NotEncrypted

LOCAL = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")
LONGEST_ADDRESS = 500  # of a token server
LEAST_CHOSEN = 4  # characters of an address that a person chooses
RESERVED = {"postmaster", "abuse", "hostmaster", "webmaster", "mailer-daemon", "noreply", "no-reply", "root"}


class Kind(StrEnum):
    """A place that files are fetched from."""

    FOLDER = "folder"
    SFTP = "sftp"
    IMAP = "imap"
    PEPPOL = "peppol"
    PEPPOL_SFTP = "peppol_sftp"


TITLES = {
    Kind.FOLDER: _("A watched folder"),
    Kind.SFTP: _("A folder at an SFTP server"),
    Kind.IMAP: _("A mailbox"),
    Kind.PEPPOL: _("E-invoices from the access point"),
    Kind.PEPPOL_SFTP: _("E-invoices from the access point, by SFTP"),
}


class AddressNotPlain(Refused):
    """An e-mail address of ours has small letters, digits, dots and hyphens."""

    message = _(
        "“{local}” cannot be an address: use {least} to 64 small letters, digits, dots and hyphens, "
        "beginning and ending with a letter or digit."
    )


class AddressTaken(Refused):
    """One address is one client's, for ever."""

    message = _("The address {address} is taken. An address once used is never given to another.")


class PlaceTaken(Refused):
    """What lies at a place can be only one client's."""

    message = _("This place is fetched from already, for this client or another.")


class WrongSetting(Refused):
    """What was written cannot be used."""

    message = _("“{written}” cannot be used as {name}.")


class NoAccessPoint(Refused):
    """E-invoices come through an access point that the operator has an agreement with."""

    message = _(
        "No access point is set up in this installation. Set NATTBOK_AP_ADDRESS and NATTBOK_AP_TOKEN."
    )


class ReceivedAlready(Refused):
    """A client is one participant of the network."""

    message = _("Reception of e-invoices is switched on already.")


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source about to be added. `address` names the place, so that two clients never share it."""

    kind: Kind
    address: str
    title: str
    settings: dict
    secret: bytes = b""
    minutes: int = 10


def local_part(written: str) -> str:
    """An address's first half as a person chose it; raises AddressNotPlain."""
    local = written.strip().lower()
    if not LOCAL.fullmatch(local) or len(local) < LEAST_CHOSEN or ".." in local or local in RESERVED:
        raise AddressNotPlain(local=written[:80], least=LEAST_CHOSEN)
    return local


def local_part_from(name: str, secret: str) -> str:
    """An address's first half of a client's name and of what nobody can guess."""
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24].strip("-") or "client"
    return f"{words}-{secret}"


_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "Æ": "Ae", "Ø": "O", "Å": "A"})


def sftp_draft(given: Mapping[str, str], *, kind: Kind, participants: tuple[str, ...] = ()) -> SourceDraft:
    """A folder at an SFTP server. Raises WrongSetting. The key is made by whoever adds it.

    What is kept is moved to the folder `archive` there, or removed when `after` says so, or else left and
    remembered.
    """
    host, port = _host(given), _port(given, 22)
    username = _word(given, "username")
    folder = given.get("folder", "").strip() or "."
    archive = given.get("archive", "").strip()
    removes = given.get("after", "") == "remove" and not archive
    host_key = " ".join(given.get("host_key", "").split())
    settings = {
        "host": host,
        "port": port,
        "username": username,
        "folder": folder[:300],
        "archive": archive[:300],
        "removes": removes,
        "host_keys": [host_key] if host_key else [],
        "participants": list(participants),
    }
    if kind is Kind.PEPPOL_SFTP:
        settings |= {
            "outbox": given.get("outbox", "").strip()[:300],
            "receipts": given.get("receipts", "").strip()[:300],
        }
    address = f"{username}@{host}:{port}/{folder}"
    return SourceDraft(kind, address[:500], (given.get("title", "").strip() or host)[:100], settings)


def imap_draft(given: Mapping[str, str]) -> SourceDraft:
    """A mailbox of the client's own. Raises WrongSetting."""
    host, username = _host(given), _word(given, "username")
    security = given.get("security", "tls")
    if security not in ("tls", "starttls", "none"):
        raise WrongSetting(name="security", written=security[:40])
    port = _port(given, 993 if security == "tls" else 143)
    folder = given.get("folder", "").strip() or "INBOX"
    done = given.get("done", "").strip()
    if done == folder:
        raise WrongSetting(name="done", written=done[:80])
    settings = {
        "host": host,
        "port": port,
        "username": username,
        "security": security,
        "folder": folder[:200],
        "done_folder": done[:200],
    }
    address = f"{username}@{host}:{port}/{folder}"
    title = (given.get("title", "").strip() or username)[:100]
    if given.get("by") != "oauth":
        return SourceDraft(Kind.IMAP, address[:500], title, settings, given.get("password", "").encode())
    settings["oauth"] = {
        "token_address": _token_address(given),
        "client_id": _word(given, "client_id"),
        "scope": given.get("scope", "").strip()[:500],
    }
    secret = OAuthSecret(given.get("client_secret", "").strip(), given.get("refresh_token", "").strip())
    if not (secret.client_secret or secret.refresh_token):
        raise WrongSetting(name="refresh_token", written="")
    return SourceDraft(Kind.IMAP, address[:500], title, settings, secret.closed())


@dataclass(frozen=True, slots=True)
class OAuthSecret:
    """What is secret of a mailbox that is entered by access tokens."""

    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)

    def closed(self) -> bytes:
        """As it is sealed."""
        return json.dumps([self.client_secret, self.refresh_token]).encode()

    @classmethod
    def opened(cls, secret: bytes) -> "OAuthSecret":
        """As it was sealed."""
        return cls(*json.loads(secret))


def _token_address(given: Mapping[str, str]) -> str:
    """Where tokens are asked for: encrypted, so that nothing secret is read on the way."""
    written = given.get("token_address", "").strip()
    try:
        check_address(written)
    except NotEncrypted as error:
        raise WrongSetting(name="token_address", written=written[:80]) from error
    if len(written) > LONGEST_ADDRESS:  # cut, it would be another
        raise WrongSetting(name="token_address", written=written[:80])
    return written


def _host(given: Mapping[str, str]) -> str:
    host = given.get("host", "").strip().lower()
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.:-]{0,250}[a-z0-9])?", host):
        raise WrongSetting(name="host", written=host[:80])
    return host


def _port(given: Mapping[str, str], default: int) -> int:
    written = given.get("port", "").strip()
    if not written:
        return default
    if not (written.isascii() and written.isdigit() and 0 < int(written[:6]) < 65536):
        raise WrongSetting(name="port", written=written[:40])
    return int(written)


def _word(given: Mapping[str, str], name: str) -> str:
    written = given.get(name, "").strip()
    if not written or len(written) > 200 or not written.isprintable():
        raise WrongSetting(name=name, written=written[:40])
    return written


@dataclass(frozen=True, slots=True)
class Way:
    """How a file came: a sentence, the mail it lay in, and the envelope."""

    words: Words
    mail_file: int | None = None
    envelope_file: int | None = None


def way(
    came_by: str,
    *,
    source: str = "",
    moment: str = "",
    sender: str = "",
    subject: str = "",
    receiver: str = "",
) -> Words:
    """How a file came, in a sentence. `moment` is written as the reader is to see it."""
    values = {"source": source, "moment": moment, "sender": sender, "subject": subject, "receiver": receiver}
    match came_by:
        case "mail" if sender and subject:
            return Words(_("Came by e-mail from {sender} on {moment}: “{subject}”"), values)
        case "mail":
            return Words(_("Came by e-mail from {sender} on {moment}"), values | {"sender": sender or "?"})
        case "peppol" if sender:
            return Words(_("Came by the e-invoice network from {sender} on {moment}"), values)
        case "upload":
            return Words(_("Put in by a person on {moment}"), values)
        case "sftp":
            return Words(_("Came by SFTP from {source} on {moment}"), values)
        case "folder":
            return Words(_("Came in the folder {source} on {moment}"), values)
        case _:
            return Words(_("Came from {source} on {moment}"), values | {"source": source or came_by})
