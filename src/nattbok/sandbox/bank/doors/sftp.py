"""The bank's SFTP door: for each customer `inbox`, `outbox` and `archive`, and nothing else.

What is put into the inbox is taken when it has a name that is not a temporary one: at its rename, or when it
is closed. What is moved from the outbox to the archive, or removed from it, is put away. The user name is the
customer's id.

The host's key is shown before anyone has said who they are, so HOST_KEY_CHANGED strikes everybody.
"""

import asyncio
import posixpath
import socket
import stat
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC

import asyncssh

from nattbok.sandbox.bank.doors.folders import (
    CUT_AFTER_RENAME,
    CUT_BEFORE_RENAME,
    SILENT_AFTER_RENAME,
    Folders,
    NameInUse,
    amount,
    is_on,
    is_unfinished,
    strikes,
)
from nattbok.sandbox.bank.shape import BankDoor, BankFile, Customer, Fault

INBOX, OUTBOX, ARCHIVE = "inbox", "outbox", "archive"
PLACES = (INBOX, OUTBOX, ARCHIVE)
MAINTENANCE = "The bank is closed for maintenance until 06:00"
LARGEST = 250_000_000  # bytes of an upload
CLOSING = 2.0  # seconds that connections have to end when the door closes


class SftpDoor:
    """Listens on a socket once `serve` runs on an event loop."""

    def __init__(self, folders: Folders, listener: socket.socket, key: bytes, other_key: bytes) -> None:
        self.folders = folders
        self.bank: BankDoor = folders.bank
        self._listener = listener
        self._key = asyncssh.import_private_key(key)
        self._other_key = asyncssh.import_private_key(other_key)
        self._tasks: set[asyncio.Task] = set()
        self._connections: set[asyncssh.SSHServerConnection] = set()

    async def serve(self) -> None:
        """Take connections until cancelled."""
        loop = asyncio.get_running_loop()
        self._listener.setblocking(False)
        try:
            while True:
                taken, _address = await loop.sock_accept(self._listener)
                task = loop.create_task(self._meet(taken))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            self._listener.close()
            met, connections = list(self._tasks), list(self._connections)
            for task in met:
                task.cancel()
            for connection in connections:
                connection.abort()
            # A loop that closes before these have ended says that they were destroyed.
            ending = [*met, *(asyncio.ensure_future(one.wait_closed()) for one in connections)]
            if ending:
                await asyncio.wait(ending, timeout=CLOSING)

    async def _meet(self, taken: socket.socket) -> None:
        faults = self.bank.faults
        if strikes(faults, None, Fault.NO_ANSWER):
            await self._say_nothing(taken)
            return
        changed = next(
            (
                who
                for who in ("*", *(customer.id for customer in self.bank.customers()))
                if faults.is_on(who, Fault.HOST_KEY_CHANGED)
            ),
            None,
        )
        is_changed = changed is not None and faults.strikes(changed, Fault.HOST_KEY_CHANGED)
        # A stranger's half talk, or a fault that we play, ends here.
        with suppress(asyncssh.Error, OSError, TimeoutError):
            await asyncssh.run_server(
                taken,
                server_factory=lambda: _Greeter(self),
                server_host_keys=[self._other_key if is_changed else self._key],
                sftp_factory=lambda channel: _Session(self, channel),
                allow_scp=False,
                login_timeout=60,
                gss_host=None,
                agent_forwarding=False,
            )

    async def _say_nothing(self, taken: socket.socket) -> None:
        """Until the other side gives up or the door closes."""
        with taken, suppress(OSError):
            loop = asyncio.get_running_loop()
            while await loop.sock_recv(taken, 4096):
                pass


class _Greeter(asyncssh.SSHServer):
    """One connection up to the log-in."""

    def __init__(self, door: SftpDoor) -> None:
        self.door = door
        self.refuses: bool | None = None
        self.is_gone = asyncio.Event()

    def connection_made(self, connection: asyncssh.SSHServerConnection) -> None:
        self.connection = connection
        self.door._connections.add(connection)

    def connection_lost(self, error: Exception | None) -> None:
        self.door._connections.discard(self.connection)
        self.is_gone.set()

    async def begin_auth(self, username: str) -> bool:
        bank = self.door.bank
        customer = next((one for one in bank.customers() if one.id == username), None)
        if is_on(bank.faults, customer, Fault.NO_ANSWER) and strikes(bank.faults, customer, Fault.NO_ANSWER):
            await self.is_gone.wait()
            raise asyncssh.ConnectionLost("Nobody waits any more")
        if strikes(bank.faults, customer, Fault.MAINTENANCE):
            self.connection.disconnect(asyncssh.DISC_SERVICE_NOT_AVAILABLE, MAINTENANCE)
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        bank = self.door.bank
        customer = bank.customer_by_key(key.export_public_key().decode().strip())
        if customer is None or customer.id != username:
            return False
        if self.refuses is None:  # asked twice in one log-in, counted once
            self.refuses = strikes(bank.faults, customer, Fault.KEY_REVOKED)
        self.connection.set_extra_info(customer=customer)
        return not self.refuses


class _Upload:
    """A file that is being written."""

    def __init__(self, name: str, data: bytearray) -> None:
        self.name, self.data = name, data


class _Download:
    """A file that is being read."""

    def __init__(self, data: bytes) -> None:
        self.data = data


class _Session(asyncssh.SFTPServer):
    """One customer's session. Paths are bytes as the client wrote them; everything lies under /."""

    def __init__(self, door: SftpDoor, channel: asyncssh.SSHServerChannel) -> None:
        super().__init__(channel)
        self.folders, self.bank = door.folders, door.bank
        self.customer: Customer = channel.get_connection().get_extra_info("customer")

    def realpath(self, path: bytes) -> bytes:
        return ("/" + "/".join(_parts(path))).encode("utf-8", "surrogateescape")

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        parts = _parts(path)
        if not parts:
            entries = {place: _folder() for place in PLACES}
        elif len(parts) == 1 and parts[0] in PLACES:
            entries = await asyncio.to_thread(self._entries, parts[0])
        else:
            raise asyncssh.SFTPNoSuchFile("No such folder")
        for name, about in {".": _folder(), "..": _folder(), **entries}.items():
            yield asyncssh.SFTPName(name.encode("utf-8", "surrogateescape"), attrs=about)

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return await asyncio.to_thread(self._about, _parts(path))

    lstat = stat

    def fstat(self, file: object) -> asyncssh.SFTPAttrs:
        return _file(len(file.data), time.time())

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Rights and times that clients set after an upload mean nothing here."""

    lsetstat = setstat

    def fsetstat(self, file: object, attrs: asyncssh.SFTPAttrs) -> None:
        """As setstat."""

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        place, name = self._within(_parts(path))
        if pflags & asyncssh.FXF_WRITE:
            return self._new(place, name, pflags)
        return _Download(await asyncio.to_thread(self._bytes, place, name))

    async def close(self, file: object) -> None:
        if isinstance(file, _Upload) and not is_unfinished(file.name):
            unfinished = self.folders.unfinished(self.customer)
            if unfinished.pop(file.name, None) is not None:
                with suppress(NameInUse):
                    await asyncio.to_thread(self._take, file.name, bytes(file.data))

    def read(self, file: object, offset: int, size: int) -> bytes:
        return bytes(file.data[offset : offset + size])

    def write(self, file: object, offset: int, data: bytes) -> int:
        if not isinstance(file, _Upload):
            raise asyncssh.SFTPPermissionDenied("Not opened for writing")
        faults = self.bank.faults
        if strikes(faults, self.customer, Fault.DISK_FULL):
            raise asyncssh.SFTPNoSpaceOnFilesystem("No space left on device")
        if offset + len(data) > LARGEST:
            raise asyncssh.SFTPQuotaExceeded("Quota exceeded")
        if len(file.data) < offset:
            file.data.extend(bytes(offset - len(file.data)))
        file.data[offset : offset + len(data)] = data
        cut = Fault.DISCONNECT_IN_UPLOAD
        if (
            is_on(faults, self.customer, cut)
            and len(file.data) >= max(1, amount(faults, self.customer, cut))
            and strikes(faults, self.customer, cut)
        ):
            self.connection.abort()
        return len(data)

    async def remove(self, path: bytes) -> None:
        place, name = self._within(_parts(path))
        if place == INBOX:
            if self.folders.unfinished(self.customer).pop(name, None) is None:
                self._refuse_or_miss(place, name)
        elif place == OUTBOX:
            await asyncio.to_thread(self._archive, name)
        else:
            self._refuse_or_miss(place, name)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        (place, name), (new_place, new_name) = self._within(_parts(oldpath)), self._within(_parts(newpath))
        if (place, new_place) == (OUTBOX, ARCHIVE):
            await asyncio.to_thread(self._archive, name)
        elif (place, new_place) == (INBOX, INBOX):
            await self._name(name, new_name)
        else:
            raise asyncssh.SFTPPermissionDenied("Not between these folders")

    posix_rename = rename

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        raise asyncssh.SFTPPermissionDenied("The folders are fixed")

    def rmdir(self, path: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("The folders are fixed")

    def readlink(self, path: bytes) -> bytes:
        raise asyncssh.SFTPOpUnsupported("There are no links")

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("There are no links")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("There are no links")

    def statvfs(self, path: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("Not told")

    def fstatvfs(self, file: object) -> None:
        raise asyncssh.SFTPOpUnsupported("Not told")

    def fsync(self, file: object) -> None:
        """What is written is written."""

    # Sending

    def _new(self, place: str, name: str, pflags: int) -> _Upload:
        if place != INBOX:
            raise asyncssh.SFTPPermissionDenied("Only the inbox can be written to")
        unfinished = self.folders.unfinished(self.customer)
        is_known = name in unfinished or name in self.folders.taken(self.customer)
        if is_known and (pflags & asyncssh.FXF_EXCL or name not in unfinished):
            raise asyncssh.SFTPFailure("File already exists")
        if name not in unfinished and not pflags & asyncssh.FXF_CREAT:
            raise asyncssh.SFTPNoSuchFile("No such file")
        data = unfinished.setdefault(name, bytearray())
        if pflags & asyncssh.FXF_TRUNC:
            data = unfinished[name] = bytearray()
        return _Upload(name, data)

    async def _name(self, name: str, new_name: str) -> None:
        """The rename that makes a file the bank's, with what can go wrong just then."""
        unfinished = self.folders.unfinished(self.customer)
        if name not in unfinished:
            self._refuse_or_miss(INBOX, name)
        if new_name in unfinished or new_name in self.folders.taken(self.customer):
            raise asyncssh.SFTPFailure("File already exists")
        faults, fault = self.bank.faults, Fault.RENAME_FAILS
        how = amount(faults, self.customer, fault)
        fails = strikes(faults, self.customer, fault)
        if fails and how == CUT_BEFORE_RENAME:
            self.connection.abort()
            return
        if fails and how not in {CUT_AFTER_RENAME, SILENT_AFTER_RENAME}:
            raise asyncssh.SFTPFailure("The file could not be renamed")
        data = unfinished.pop(name)
        if is_unfinished(new_name):
            unfinished[new_name] = data
        else:
            try:
                await asyncio.to_thread(self._take, new_name, bytes(data))
            except NameInUse:
                unfinished[name] = data
                raise asyncssh.SFTPFailure("File already exists") from None
        if fails and how == CUT_AFTER_RENAME:
            self.connection.abort()
        elif fails:
            await asyncio.Event().wait()

    def _take(self, name: str, data: bytes) -> None:
        self.folders.take(self.customer, name, data)

    # Looking

    def _within(self, parts: list[str]) -> tuple[str, str]:
        if len(parts) != 2 or parts[0] not in PLACES:
            raise asyncssh.SFTPNoSuchFile("No such file")
        return parts[0], parts[1]

    def _refuse_or_miss(self, place: str, name: str) -> None:
        if name in self._entries(place):
            raise asyncssh.SFTPPermissionDenied("The bank has it now")
        raise asyncssh.SFTPNoSuchFile("No such file")

    def _about(self, parts: list[str]) -> asyncssh.SFTPAttrs:
        if not parts or (len(parts) == 1 and parts[0] in PLACES):
            return _folder()
        place, name = self._within(parts)
        if place == OUTBOX:  # only the one that is asked for is looked at
            for file in self.bank.waiting(self.customer):
                if file.name == name:
                    return _file(self.folders.visible(self.customer, file), _made(file))
        elif name in (entries := self._entries(place)):
            return entries[name]
        raise asyncssh.SFTPNoSuchFile("No such file")

    def _entries(self, place: str) -> dict[str, asyncssh.SFTPAttrs]:
        if place == OUTBOX:
            return {
                file.name: _file(self.folders.visible(self.customer, file), _made(file))
                for file in self.bank.waiting(self.customer)
            }
        if place == ARCHIVE:
            return {file.name: _file(file.size, _made(file)) for file in self.bank.archived(self.customer)}
        taken, unfinished = self.folders.taken(self.customer), self.folders.unfinished(self.customer)
        now = self.bank.now.replace(tzinfo=UTC).timestamp()
        return {name: _file(len(one.data), now) for name, one in taken.items()} | {
            name: _file(len(data), now) for name, data in dict(unfinished).items()
        }

    def _bytes(self, place: str, name: str) -> bytes:
        if place == INBOX:
            taken = self.folders.taken(self.customer).get(name)
            unfinished = self.folders.unfinished(self.customer).get(name)
            if taken is None and unfinished is None:
                raise asyncssh.SFTPNoSuchFile("No such file")
            return taken.data if taken else bytes(unfinished or b"")
        files = self.bank.waiting(self.customer) if place == OUTBOX else self.bank.archived(self.customer)
        if name not in {file.name for file in files}:
            raise asyncssh.SFTPNoSuchFile("No such file")
        data = self.bank.read(self.customer, name)
        return self.folders.whole(self.customer, name, data) if place == OUTBOX else data

    def _archive(self, name: str) -> None:
        if name not in {file.name for file in self.bank.waiting(self.customer)}:
            raise asyncssh.SFTPNoSuchFile("No such file")
        self.bank.archive(self.customer, name)


def _parts(path: bytes) -> list[str]:
    """The names on the way, after every "." and ".." is resolved without leaving the root."""
    whole = posixpath.normpath("/" + path.decode("utf-8", "surrogateescape"))
    return [part for part in whole.split("/") if part]


def _made(file: BankFile) -> float:
    return file.made_at.replace(tzinfo=UTC).timestamp() if file.made_at else 0.0


def _folder() -> asyncssh.SFTPAttrs:
    return asyncssh.SFTPAttrs(permissions=stat.S_IFDIR | 0o700, size=0, atime=0, mtime=0)


def _file(size: int, changed: float) -> asyncssh.SFTPAttrs:
    return asyncssh.SFTPAttrs(
        permissions=stat.S_IFREG | 0o600, size=size, atime=int(changed), mtime=int(changed)
    )
