"""Opening the mail server's doors on real ports, and closing them again without a trace."""

import asyncio
import socket
import threading

from aiosmtpd.smtp import SMTP, Envelope, Session

from nattbok.sandbox.machine import THIS_MACHINE
from nattbok.sandbox.mail.imap import LONGEST_LINE, ImapDoor
from nattbok.sandbox.mail.mailboxes import Mailboxes


class MailServer:
    """The SMTP and the IMAP door of `mailboxes`, open inside `with MailServer(mailboxes) as server:`."""

    def __init__(self, mailboxes: Mailboxes, *, smtp_port: int = 0, imap_port: int = 0) -> None:
        self.mailboxes = mailboxes
        self.host = THIS_MACHINE
        self.smtp_port, self.imap_port = smtp_port, imap_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mail-server", daemon=True)

    def __enter__(self) -> "MailServer":
        listeners = [socket.create_server((self.host, port)) for port in (self.smtp_port, self.imap_port)]
        self.smtp_port, self.imap_port = (listener.getsockname()[1] for listener in listeners)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(*listeners), self._loop).result()
        return self

    def __exit__(self, *error: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self, smtp: socket.socket, imap: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        keeper = _Doorkeeper(self.mailboxes)
        self._smtp = await loop.create_server(lambda: SMTP(keeper, enable_SMTPUTF8=True), sock=smtp)
        door = ImapDoor(self.mailboxes)
        self._imap = await asyncio.start_server(door.meet, sock=imap, limit=LONGEST_LINE)

    async def _close(self) -> None:
        self._smtp.close()
        self._imap.close()
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await asyncio.sleep(0)


class _Doorkeeper:
    def __init__(self, mailboxes: Mailboxes) -> None:
        self.mailboxes = mailboxes

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        taken = [self.mailboxes.deliver(address, envelope.content) for address in envelope.rcpt_tos]
        return "250 OK" if all(taken) else "550 No such mailbox"
