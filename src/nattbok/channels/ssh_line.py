"""A line to an SFTP server: connected, logged in, and what goes wrong on it said in our words.

asyncssh wants an event loop that keeps running. Each line has one, in a thread of its own that ends with the
line; so a line may be used from any thread, and nothing runs when no line is open.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncssh

from nattbok.base.errors import Refused, Unreachable
from nattbok.channels import trouble
from nattbok.channels.ssh_keys import host_line, private_key, run_apart
from nattbok.channels.trouble import plain

T = TypeVar("T")
NO_ROOM = ("no space", "disk full", "quota", "out of space")
CLOSING_SECONDS = 2.0
# What the library raises for the other side's doings; silence is a TimeoutError, which is an OSError.
TROUBLES = (asyncssh.Error, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class SftpSettings:
    """A bank's SFTP door, and how we use it. Folders are as the bank names them."""

    host: str
    username: str
    private_key: bytes = field(repr=False)  # OpenSSH's form
    host_keys: tuple[str, ...]  # the agreed ones, OpenSSH lines; several while the bank changes its key
    port: int = 22
    upload_folder: str = "inbox"  # where we put payment files
    download_folder: str = "outbox"  # where the bank puts files for us
    archive_folder: str = "archive"  # where fetched files are put away; "" leaves them where they are
    removes: bool = False  # without an archive folder: fetched files are removed there once they are kept
    patterns: tuple[str, ...] = ("*",)  # names to fetch, as in a shell
    connect_seconds: float = 20.0  # to reach the host and log in
    answer_seconds: float = 60.0  # to answer one request
    settle_seconds: float = 2.0  # between the two looks at a file's size
    largest: int = 100_000_000  # bytes of a file that is fetched


class _Client(asyncssh.SSHClient):
    """Compares the host's key with those agreed, and tells which it is."""

    def __init__(self, agreed: list[asyncssh.SSHKey], heard: Callable[[str], None]) -> None:
        self.agreed = {key.public_data for key in agreed}
        self.heard = heard
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key.get_fingerprint()
        self.heard(self.shown)
        return key.public_data in self.agreed


class Line:
    """One open line."""

    def __init__(self, settings: SftpSettings, heard: Callable[[str], None] = lambda shown: None) -> None:
        """Connect and log in. Raises Unreachable or Refused.

        `heard` is told the fingerprint of the host's key as soon as it has shown one.
        """
        self.settings = settings
        self._heard = heard
        self._connection: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None
        self._loop = asyncio.new_event_loop()
        # Looks up names; its thread must not keep a closed line waiting for a silent name server.
        self._lookups = ThreadPoolExecutor(1, thread_name_prefix="sftp-names")
        self._loop.set_default_executor(self._lookups)
        self._thread = threading.Thread(target=self._loop.run_forever, name="sftp-line", daemon=True)
        self._thread.start()
        try:
            self._call(self._connect())
        except BaseException:
            self.close()
            raise

    @property
    def is_open(self) -> bool:
        """Whether it still can be used, as far as we have seen."""
        return self._connection is not None and not self._connection.is_closed()

    def run(self, work: Callable[[asyncssh.SFTPClient], Awaitable[T]], place: str = "") -> T:
        """Do `work`, which waits for each answer with `soon`. Raises Unreachable; `place` is named in it.

        What is raised in our own words comes through as it is. After silence the line is closed.
        """

        async def within() -> T:
            if self._sftp is None:
                raise trouble.ConnectionCut(host=self.settings.host)
            return await work(self._sftp)

        try:
            return self._call(within())
        except TROUBLES as error:
            if isinstance(error, TimeoutError):
                self.cut()
            raise said(error, self.settings, place) from error

    def cut(self) -> None:
        """End the connection without a word, as after silence."""
        if self._connection is not None:
            self._loop.call_soon_threadsafe(self._connection.abort)

    def close(self) -> None:
        """End the line and its thread. May be called twice."""
        if self._loop.is_closed():
            return
        with suppress(Exception):
            self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._lookups.shutdown(wait=False)
        self._loop.close()

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _connect(self) -> None:
        settings = self.settings
        if not settings.host_keys:
            raise trouble.HostKeyMissing(host=settings.host)
        key = private_key(settings.private_key)
        client = _Client([host_line(line) for line in settings.host_keys], self._heard)
        try:
            async with asyncio.timeout(settings.connect_seconds):
                self._connection = await asyncssh.connect(
                    settings.host, settings.port, **_options(settings, key, client)
                )
                self._sftp = await self._connection.start_sftp_client(path_errors="surrogateescape")
        except asyncssh.HostKeyNotVerifiable as error:
            expected = ", ".join(host_line(line).get_fingerprint() for line in settings.host_keys)
            raise trouble.HostKeyChanged(
                host=settings.host, shown=client.shown or plain(str(error)), expected=expected
            ) from error
        except Exception as error:  # whoever answers can make the library stumble in any way
            raise unreached(error, settings) from error

    async def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            try:
                async with asyncio.timeout(CLOSING_SECONDS):
                    await self._connection.wait_closed()
            except TimeoutError:
                self._connection.abort()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def soon(settings: SftpSettings, answer: Awaitable[T]) -> T:
    """Wait for one answer. Raises TimeoutError."""
    return await asyncio.wait_for(answer, settings.answer_seconds)


def host_key(host: str, port: int = 22, *, seconds: float = 20.0) -> str:
    """The key that a host shows now, as an OpenSSH line, to compare with what the bank has told us.

    Raises Unreachable.
    """
    settings = SftpSettings(host, "", b"", (), port=port, connect_seconds=seconds)

    async def ask() -> asyncssh.SSHKey | None:
        async with asyncio.timeout(seconds):
            return await asyncssh.get_server_host_key(host, port, config=None)

    try:
        key = run_apart(ask())
    except Exception as error:
        raise unreached(error, settings) from error
    if key is None:
        raise trouble.HostKeyMissing(host=host)
    return key.export_public_key().decode().strip()


def _options(settings: SftpSettings, key: asyncssh.SSHKey, client: _Client) -> dict[str, Any]:
    """Nothing of the machine's own SSH settings, agents or known hosts: only what was agreed."""
    return {
        "config": None,
        "known_hosts": ([], [], []),
        "client_factory": lambda: client,
        "username": settings.username,
        "client_keys": [key],
        "agent_path": None,
        "preferred_auth": ["publickey"],
        "gss_host": None,
        "x509_trusted_certs": None,
        "login_timeout": settings.connect_seconds,
        "connect_timeout": settings.connect_seconds,
    }


def unreached(error: Exception, settings: SftpSettings) -> Unreachable:
    """What it means that no connection was made."""
    if isinstance(error, TimeoutError):
        return trouble.NoAnswerInTime(host=settings.host, seconds=f"{settings.connect_seconds:g}")
    if isinstance(error, socket.gaierror):
        return trouble.AddressUnknown(host=settings.host)
    if isinstance(error, asyncssh.PermissionDenied):
        return trouble.LoginRefused(host=settings.host, username=settings.username)
    if isinstance(error, OSError) and not isinstance(error, ConnectionResetError | BrokenPipeError):
        return trouble.NobodyAnswers(host=settings.host, port=str(settings.port))
    if not isinstance(error, OSError | asyncssh.Error):
        return trouble.NotAnSftpServer(host=settings.host, reason=plain(str(error)) or type(error).__name__)
    return said(error, settings)


def said(error: Exception, settings: SftpSettings, place: str = "") -> Unreachable | Refused:
    """What the other side's refusal or silence means, in our words."""
    host = settings.host
    reason = plain(getattr(error, "reason", "") or str(error)) or type(error).__name__
    if isinstance(error, TimeoutError):
        return trouble.NoAnswerInTime(host=host, seconds=f"{settings.answer_seconds:g}")
    if isinstance(error, asyncssh.ServiceNotAvailable):
        return trouble.BankClosed(host=host, reason=reason)
    if is_cut(error):
        return trouble.ConnectionCut(host=host)
    if isinstance(error, asyncssh.SFTPNoSuchFile | asyncssh.SFTPNoSuchPath) and place:
        return trouble.RemoteFolderMissing(host=host, folder=place)
    if isinstance(error, asyncssh.SFTPPermissionDenied | asyncssh.SFTPWriteProtect) and place:
        return trouble.NotPermitted(host=host, place=place)
    if has_no_room(error):
        return trouble.NoRoomLeft(host=host, reason=reason)
    return trouble.RemoteRefusal(host=host, reason=reason)


def is_cut(error: Exception) -> bool:
    """Whether the connection is gone, rather than something refused on it."""
    return isinstance(
        error,
        asyncssh.ConnectionLost
        | asyncssh.SFTPConnectionLost
        | asyncssh.SFTPNoConnection
        | asyncssh.ChannelOpenError
        | ConnectionError,
    ) or (isinstance(error, asyncssh.DisconnectError) and error.code == asyncssh.DISC_CONNECTION_LOST)


def has_no_room(error: Exception) -> bool:
    """Whether the other side's disk is full. The third version of SFTP says so in words only."""
    if isinstance(error, asyncssh.SFTPNoSpaceOnFilesystem | asyncssh.SFTPQuotaExceeded):
        return True
    return isinstance(error, asyncssh.SFTPError) and any(
        words in str(error.reason).lower() for words in NO_ROOM
    )
