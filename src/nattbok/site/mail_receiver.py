"""Receiving mail: by SMTP for the clients' addresses, or out of one mailbox that catches all.

A mail to one client can never land in another: the envelope's recipient is looked up in the database, and the
mail is kept in the scope of that one client, where the database lets nobody else's rows be written.
"""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import DatabaseError, close_old_connections, connection

from nattbok.base.errors import NattbokError
from nattbok.channels.channel import Incoming
from nattbok.channels.mail import Imap, ImapSettings, recipient_of
from nattbok.clients.access import enter_client
from nattbok.files.actions import keep_mail

log = logging.getLogger(__name__)
LARGEST = 35_000_000  # bytes of a mail, as it goes over the line: files of 25 MB, coded
MOST_RECIPIENTS = 50
MOST_AT_ONCE = 10  # lines that are open at the same time
MOST_MISSES = 5  # unknown addresses on one line; whoever tries more is guessing
SILENT_SECONDS = 120
UNKNOWN = "550 5.1.1 No such mailbox here"
LATER = "451 4.3.0 The mail cannot be kept now; please send it again later"


@dataclass(frozen=True, slots=True)
class Told:
    """What a look into the mailbox gave."""

    kept: int = 0
    held: int = 0


def client_at(address: str, domain: str) -> int | None:
    """The client whose address this is; None for all others, closed ones too.

    What a sender puts after a plus is the sender's own: no address of ours has one.
    """
    local, _at, host = address.strip().rpartition("@")
    local = local.partition("+")[0]
    if host.lower().rstrip(".") != domain or not local.isascii() or not 0 < len(local) <= 64:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT files_client_at(%s)", [local.replace("\0", "")])
        return cursor.fetchone()[0]


def keep_for(client_id: int, data: bytes, *, recipient: str, sender: str) -> None:
    """Keep the mail for this client, and for no other."""
    with enter_client(client_id) as client:
        keep_mail(client, data, recipient=recipient, envelope_sender=sender)


class Receiver(Controller):
    """The SMTP door. `start` opens it and `stop` closes it; `port` may be 0 for any."""

    def __init__(self, host: str, port: int, *, domain: str, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        super().__init__(_Doorkeeper(domain), hostname=host, port=port, ready_timeout=10)

    def factory(self) -> SMTP:
        return _Line(
            self.handler,
            hostname=self.handler.domain,
            ident="mail",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            decode_data=False,
            timeout=SILENT_SECONDS,
            tls_context=self._tls,
            command_call_limit={"*": 200, "NOOP": 10},
        )

    def _trigger_server(self) -> None:
        # Its own way of seeing that the door is open connects to the port it was given, which may be 0.
        if self.port == 0:
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class _Line(SMTP):
    """One sender's line; no more are open at a time than there is memory for their mails."""

    line_length_limit = 65_536  # bytes; more than may be, since many programs write more than may be
    _is_counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._is_counted:  # the same line once more, now encrypted
            super().connection_made(transport)
            return
        keeper = self.event_handler
        self._is_counted = keeper.lines < MOST_AT_ONCE
        if not self._is_counted:
            transport.write(b"421 4.3.2 Too many lines are open; please come again later\r\n")
            transport.close()
            return
        keeper.lines += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._is_counted:
            self._is_counted = False
            self.event_handler.lines -= 1
            super().connection_lost(error)


class _Doorkeeper:
    """Decides on each recipient, and keeps what comes."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.lines = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients; send the mail again to the others"
        misses = getattr(session, "misses", 0)
        if misses >= MOST_MISSES:
            return "421 4.7.0 Too many unknown recipients"
        try:
            client = await asyncio.to_thread(_with_database, client_at, address, self.domain)
        except DatabaseError:
            return LATER
        if client is None:
            session.misses = misses + 1
            return UNKNOWN
        clients = envelope.__dict__.setdefault("clients", {})
        clients.setdefault(client, address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        clients: dict[int, str] = envelope.__dict__.get("clients", {})
        data = envelope.content
        if not clients or not isinstance(data, bytes) or not data.strip():
            return "554 5.6.0 There is no mail in this"
        try:
            for client, address in clients.items():
                await asyncio.to_thread(
                    _with_database, _keep, client, data, address, envelope.mail_from or ""
                )
        except (OSError, DatabaseError, NattbokError):
            log.exception("a mail could not be kept")
            return LATER
        return "250 2.0.0 Kept"

    async def handle_exception(self, error: Exception) -> str:
        log.error("a mail could not be received: %s", type(error).__name__)
        return LATER


def _keep(client: int, data: bytes, address: str, sender: str) -> None:
    keep_for(client, data, recipient=address, sender=sender)


def _with_database(work: Any, *given: Any) -> Any:
    """`work` in this thread, whose connection is looked after before and after."""
    close_old_connections()
    try:
        return work(*given)
    finally:
        close_old_connections()


def fetch_all(settings: ImapSettings, headers: Sequence[str], *, domain: str, held_folder: str) -> Told:
    """Keep the mails of a mailbox that catches all, each for the client it was delivered for.

    One whose recipient is no client's is put aside in the mailbox for a person. Raises Unreachable.
    """
    kept = held = 0
    with Imap(settings) as mailbox:
        for found in mailbox.fetch():
            if not isinstance(found, Incoming):
                held += 1  # too large: it stays where it is
                continue
            recipient = recipient_of(found.data, headers)
            client = client_at(recipient, domain) if recipient else None
            if client is None:
                mailbox.put_aside(found.handle, held_folder)
                held += 1
                continue
            keep_for(client, found.data, recipient=recipient, sender="")
            mailbox.done(found.handle)
            kept += 1
    return Told(kept, held)
