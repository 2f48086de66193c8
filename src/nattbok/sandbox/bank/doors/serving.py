"""Opening the bank's doors on real ports, and closing them again without a trace."""

import asyncio
import secrets
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import asyncssh
import waitress
from waitress import wasyncore

from nattbok.sandbox.bank.doors.certificates import Authority
from nattbok.sandbox.bank.doors.folders import Folders
from nattbok.sandbox.bank.doors.front import LARGEST_BODY, Front
from nattbok.sandbox.bank.doors.rest import Application
from nattbok.sandbox.bank.doors.sftp import SftpDoor
from nattbok.sandbox.bank.shape import BankDoor
from nattbok.sandbox.machine import THIS_MACHINE

THREADS = 8


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each door is to be; 0 takes any that is free, None leaves the door out."""

    sftp: int | None = 0
    rest: int | None = 0
    tls: int | None = None  # REST once more, encrypted and with certificates on both sides


class Serving:
    """The doors of `bank`, open inside `with Serving(bank) as doors:`.

    `host_key` is the SFTP door's private key in OpenSSH's form; a new one when it is not given. `clock` lets
    the file service advance the bank's day.
    """

    def __init__(
        self,
        bank: BankDoor,
        *,
        ports: Ports = Ports(),
        host: str = THIS_MACHINE,
        host_key: bytes = b"",
        admin_token: str = "",
        authority: Authority | None = None,
    ) -> None:
        self.bank = bank
        self.folders = Folders(bank)
        self.host = host
        self.admin_token = admin_token or secrets.token_urlsafe(24)
        self.authority = authority
        self.sftp_port = self.rest_port = self.tls_port = 0
        self._ports = ports
        self._host_key = host_key or new_host_key()
        self._other_key = new_host_key()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: list[threading.Thread] = []
        self._tasks: list[asyncio.Task] = []
        self._waiting: Any = None

    @property
    def host_keys(self) -> tuple[str, ...]:
        """The SFTP door's key, as an OpenSSH line, to be agreed."""
        return (public_line(self._host_key),)

    @property
    def rest_address(self) -> str:
        """Where the REST door and the file service are, unencrypted, for this machine alone."""
        return f"http://{self.host}:{self.rest_port}"

    @property
    def tls_address(self) -> str:
        """Where the REST door is with certificates on both sides."""
        return f"https://{self.host}:{self.tls_port}"

    def __enter__(self) -> "Serving":
        listeners: list[socket.socket] = []
        try:
            work = self._open(listeners)
        except OSError:
            for listener in listeners:
                listener.close()
            if self._waiting is not None:
                self._waiting.close()
            raise
        self._loop = asyncio.new_event_loop()
        self._run("bank-doors", self._loop.run_forever)
        for one in work:
            asyncio.run_coroutine_threadsafe(self._begin(one), self._loop).result()
        if self._waiting is not None:
            self._run("bank-pages", self._waiting.run)
        return self

    def __exit__(self, *error: object) -> None:
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
        if self._waiting is not None:
            # Its sockets are its own thread's to close, and this wakes it at once.
            self._waiting.trigger.pull_trigger(lambda: wasyncore.close_all(self._waiting._map))
        for thread in self._threads:
            thread.join()
        if self._waiting is not None:
            self._waiting.task_dispatcher.shutdown()
        if self._loop is not None:
            self._loop.close()

    def _open(self, listeners: list[socket.socket]) -> list[Coroutine[Any, Any, None]]:
        """Take the ports; what is then to be run on the doors' loop. Raises OSError."""
        work: list[Callable[[], Coroutine[Any, Any, None]]] = []
        if self._ports.sftp is not None:
            listener = self._listen(self._ports.sftp, listeners)
            self.sftp_port = listener.getsockname()[1]
            work.append(SftpDoor(self.folders, listener, self._host_key, self._other_key).serve)
        if self._ports.rest is not None or self._ports.tls is not None:
            application = Application(self.folders, self.admin_token)
            self._waiting = waitress.create_server(
                application,
                host=THIS_MACHINE,
                port=0,
                threads=THREADS,
                ident=None,
                max_request_body_size=LARGEST_BODY,
                clear_untrusted_proxy_headers=True,
            )
            behind = (THIS_MACHINE, int(self._waiting.effective_port))
            if self._ports.rest is not None:
                listener = self._listen(self._ports.rest, listeners)
                self.rest_port = listener.getsockname()[1]
                work.append(Front(self.folders, listener, behind).serve)
            if self._ports.tls is not None:
                self.authority = self.authority or Authority.made(self.host)
                listener = self._listen(self._ports.tls, listeners)
                self.tls_port = listener.getsockname()[1]
                work.append(Front(self.folders, listener, behind, self.authority).serve)
        return [one() for one in work]

    def _listen(self, port: int, listeners: list[socket.socket]) -> socket.socket:
        listener = socket.create_server((self.host, port), backlog=100)
        listeners.append(listener)
        return listener

    def _run(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    async def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))
        await asyncio.sleep(0)

    async def _end(self) -> None:
        # Ending one may begin another: a connection that came in the same moment.
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await asyncio.sleep(0)
        await asyncio.get_running_loop().shutdown_default_executor()


def new_host_key() -> bytes:
    """A private key for the SFTP door, in OpenSSH's form."""
    return asyncssh.generate_private_key("ssh-ed25519").export_private_key()


def public_line(private: bytes) -> str:
    """The public line of a private key."""
    return asyncssh.import_private_key(private).export_public_key().decode().strip()
