"""Files to and from a bank over SFTP.

A file is sent under a temporary name and then renamed, so the bank never takes half of one; nothing there
is ever replaced. A file is fetched only when two looks find the same size and time, and the bytes that came
are as many as were promised. When it is kept, it is moved to the archive folder there.

A channel may be used from several threads; each has a line of its own. `with channel:` keeps one line open
for all that is done inside.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from fnmatch import fnmatchcase
from typing import NamedTuple

import asyncssh

from nattbok.base.words import _
from nattbok.channels import trouble
from nattbok.channels.channel import (
    CutWhileSending,
    Found,
    Incoming,
    Outgoing,
    Sent,
    SilentWhileSending,
    Step,
)
from nattbok.channels.ssh_line import TROUBLES, Line, SftpSettings, has_no_room, is_cut, soon
from nattbok.channels.ssh_probe import probe
from nattbok.channels.trouble import plain
from nattbok.formats.finding import Finding, Severity

TEMPORARY = ".part"
UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", "~")
CHUNK = 1 << 20  # bytes that one answer is waited for
MOST = 10_000  # new files in one fetch
MOST_LISTED = 50_000  # files of a folder that are looked at, most of them known where all are left there
NAMES_TRIED = 100
FOLDER, LINK = 2, 3  # kinds of files in SFTP


class Handle(NamedTuple):
    """The very file that was read: another size or time under the name is another file."""

    name: str  # as the other side writes it, with what is not UTF-8 escaped
    size: int
    changed: int  # seconds, by the other side's clock


class Entry(NamedTuple):
    """What a listing says of a file."""

    type: int  # as SFTP has it
    size: int
    changed: int  # seconds, by the other side's clock


class Sftp:
    """The SFTP door that `settings` lead to. Satisfies Channel, SendingChannel and ProbedChannel."""

    def __init__(self, settings: SftpSettings) -> None:
        self.settings = settings
        # Called in the sender's thread when a file is whole there and about to get its name: until then it
        # has certainly not come, also when we are killed.
        self.before_rename: Callable[[], None] | None = None
        # Asked about each file before it is fetched; one that is known is passed by.
        self.is_known: Callable[[Handle], bool] = lambda handle: False
        self._held = threading.local()

    def __enter__(self) -> "Sftp":
        stack = ExitStack()
        stack.enter_context(self._line())
        self._stacks.append(stack)
        return self

    def __exit__(self, *error: object) -> None:
        self._stacks.pop().close()

    @property
    def _stacks(self) -> list[ExitStack]:
        if not hasattr(self._held, "stacks"):
            self._held.stacks = []
        return self._held.stacks

    @contextmanager
    def _line(self) -> Iterator[Line]:
        """This thread's open line, or a new one until the block ends."""
        held = getattr(self._held, "line", None)
        if held is not None and held.is_open:
            yield held
            return
        line = Line(self.settings)
        self._held.line = line
        try:
            yield line
        finally:
            if getattr(self._held, "line", None) is line:
                self._held.line = None
            line.close()

    def fetch(self) -> Iterator[Incoming | Finding]:
        """The complete files whose names are asked for, in the order of their names; findings on the rest.

        Raises Unreachable, also between two files.
        """
        with self._line() as line:
            first = self._listed(line)
            if not first:
                return
            time.sleep(self.settings.settle_seconds)
            second = self._listed(line)
            came = 0
            for name in sorted(second.keys() & first.keys()):
                for one in self._take(line, name, first[name], second[name], may_fetch=came < MOST):
                    came += isinstance(one, Incoming)
                    yield one
            yield from self._many(came, len(second))

    def done(self, handle: Handle) -> None:
        """Put the file away in the archive folder there, if there is one, or remove it where that is agreed.

        A file that has changed since it was read stays and is given again. Raises Unreachable.
        """
        if self.settings.archive_folder:
            with self._line() as line:
                line.run(lambda sftp: self._put_away(sftp, handle), self.settings.archive_folder)
        elif self.settings.removes:
            with self._line() as line:
                line.run(lambda sftp: self._take_away(sftp, handle), self.settings.download_folder)

    def send(self, outgoing: Outgoing) -> Sent:
        """Put the file in the upload folder, unless it lies there. See SendingChannel.

        Files of the same name that were left half way are removed afterwards.
        """
        _proper(outgoing.name)
        folder = self.settings.upload_folder
        with self._line() as line:
            try:
                put = line.run(lambda sftp: self._put(sftp, outgoing), folder)
                if isinstance(put, Sent):
                    return put
                if self.before_rename is not None:
                    self.before_rename()
                return line.run(lambda sftp: self._give_name(sftp, put, outgoing), folder)
            except (CutWhileSending, SilentWhileSending):
                line.cut()
                raise

    def find(self, name: str) -> Found | None:
        """The file in the upload folder, or in the archive folder if the bank puts away what it has taken."""
        _proper(name)
        with self._line() as line:
            for folder in filter(None, (self.settings.upload_folder, self.settings.archive_folder)):
                found = line.run(
                    lambda sftp, folder=folder: self._look(sftp, _join(folder, name), name), folder
                )
                if found is not None:
                    return found
        return None

    def probe(self) -> list[Step]:
        """Try reaching, logging in, listing, reading, writing; see Step."""
        return probe(self.settings)

    # Fetching

    def _listed(self, line: Line) -> dict[str, Entry]:
        """The entries whose names are asked for, at most MOST_LISTED, with what is known of them."""
        folder = self.settings.download_folder

        async def names(sftp: asyncssh.SFTPClient) -> dict[str, Entry]:
            async def gathered() -> dict[str, Entry]:
                found: dict[str, Entry] = {}
                async for entry in sftp.scandir(folder):
                    name, about = str(entry.filename), entry.attrs
                    if self._is_asked_for(name):
                        found[name] = Entry(about.type, about.size or 0, about.mtime or 0)
                        if len(found) == MOST_LISTED:
                            break
                return found

            return await soon(self.settings, gathered())

        return line.run(names, folder)

    def _many(self, came: int, listed: int) -> Iterator[Finding]:
        """That not all was fetched: the rest waits for the next time, or until others are taken away."""
        folder = self.settings.download_folder
        if listed == MOST_LISTED:
            text = _("The folder has more than {most} files; the others are seen when some are taken away.")
            yield _finding("sftp.many", folder, text, Severity.NOTE, most=MOST_LISTED)
        elif came == MOST:
            text = _("{most} new files were fetched; the rest is fetched next time.")
            yield _finding("sftp.many", folder, text, Severity.NOTE, most=MOST)

    def _is_asked_for(self, name: str) -> bool:
        return (
            not name.startswith(".")
            and "/" not in name
            and not name.lower().endswith(UNFINISHED)
            and any(fnmatchcase(name, pattern) for pattern in self.settings.patterns)
        )

    def _take(
        self, line: Line, name: str, first: Entry, second: Entry, *, may_fetch: bool
    ) -> Iterator[Incoming | Finding]:
        if second.type == FOLDER or (first.size, first.changed) != (second.size, second.changed):
            return
        size, handle = second.size, Handle(name, second.size, second.changed)
        if second.type == LINK:
            yield _finding(
                "sftp.link", name, _("This is a link to another place, and is not followed."), Severity.HOLD
            )
        elif size > self.settings.largest:
            yield _finding(
                "sftp.too_large",
                name,
                _("The file has {size} bytes; at most {largest} are read."),
                Severity.HOLD,
                size=size,
                largest=self.settings.largest,
            )
        elif not size:
            yield _finding("sftp.empty", name, _("The file is empty."), Severity.HOLD)
        elif not self.is_known(handle) and may_fetch:  # asked also when no more is fetched: it lies there
            try:
                data = line.run(lambda sftp: self._read(sftp, handle), name)
            except trouble.RemoteFolderMissing:
                return  # gone since the folder was listed
            except (trouble.NotPermitted, trouble.RemoteRefusal) as refusal:
                yield _finding(
                    "sftp.unreadable",
                    name,
                    _("The file cannot be read: {reason}."),
                    Severity.HOLD,
                    reason=str(refusal.values.get("reason", "permission denied")),
                )
                return
            if data is not None:
                yield Incoming(_shown(name), data, handle)

    async def _read(self, sftp: asyncssh.SFTPClient, promised: Handle) -> bytes | None:
        """The bytes, or None when they are not as many as promised: then the file is still growing."""
        path = _join(self.settings.download_folder, promised.name)
        data = await self._bytes(sftp, path, promised.size)
        after = await soon(self.settings, sftp.stat(path))
        is_whole = (len(data), after.size, after.mtime or 0) == (
            promised.size,
            promised.size,
            promised.changed,
        )
        return data if is_whole else None

    async def _bytes(self, sftp: asyncssh.SFTPClient, path: str, size: int) -> bytes:
        """What is in the file, and one byte more than `size` at most."""
        file = await soon(self.settings, sftp.open(path, "rb"))
        try:
            data = bytearray()
            while len(data) <= size:
                part = await soon(self.settings, file.read(min(CHUNK, size + 1 - len(data)), len(data)))
                if not part:
                    break
                data += part
        finally:
            await self._let_go(file)
        return bytes(data)

    async def _is_as_read(self, sftp: asyncssh.SFTPClient, handle: Handle) -> bool:
        """Whether the very file that was read lies there still."""
        try:
            now = await soon(self.settings, sftp.lstat(_join(self.settings.download_folder, handle.name)))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return False  # it is put away already, by us or by the bank
        return (now.size, now.mtime or 0) == (handle.size, handle.changed)

    async def _take_away(self, sftp: asyncssh.SFTPClient, handle: Handle) -> None:
        if not await self._is_as_read(sftp, handle):
            return
        try:
            await soon(self.settings, sftp.remove(_join(self.settings.download_folder, handle.name)))
        except asyncssh.SFTPNoSuchFile:
            return
        except asyncssh.SFTPError as error:
            if is_cut(error):
                raise
            raise trouble.NotArchivedThere(
                host=self.settings.host, name=_shown(handle.name), reason=_why(error)
            ) from error

    async def _put_away(self, sftp: asyncssh.SFTPClient, handle: Handle) -> None:
        source = _join(self.settings.download_folder, handle.name)
        if not await self._is_as_read(sftp, handle):
            return
        for count in range(NAMES_TRIED):
            name = f"{handle.name}.{count}" if count else handle.name
            target = _join(self.settings.archive_folder, name)
            try:
                await soon(self.settings, sftp.rename(source, target))
                return
            except asyncssh.SFTPError as error:
                if is_cut(error):
                    raise
                if not await self._is_there(sftp, source):
                    return
                if not await self._is_there(sftp, target):
                    raise trouble.NotArchivedThere(
                        host=self.settings.host, name=_shown(handle.name), reason=_why(error)
                    ) from error
        raise trouble.NotArchivedThere(
            host=self.settings.host, name=_shown(handle.name), reason="the name is taken"
        )

    # Sending

    async def _put(self, sftp: asyncssh.SFTPClient, outgoing: Outgoing) -> Sent | str:
        """The file whole under a temporary name, which is returned; or as it was sent before."""
        final = _join(self.settings.upload_folder, outgoing.name)
        there = await self._same(sftp, outgoing)
        if there is not None:
            return there
        # Nobody else writes under this name, so two who send at once cannot mix their bytes.
        temporary = f"{final}.{secrets.token_hex(6)}{TEMPORARY}"
        try:
            await self._write(sftp, temporary, outgoing.data)
        except (asyncssh.SFTPError, asyncssh.DisconnectError, TimeoutError) as error:
            if not isinstance(error, TimeoutError) and not is_cut(error):
                await self._remove(sftp, temporary)
            raise
        return temporary

    async def _write(self, sftp: asyncssh.SFTPClient, path: str, data: bytes) -> None:
        file = await soon(self.settings, sftp.open(path, "xb"))
        try:
            for start in range(0, len(data), CHUNK):
                await soon(self.settings, file.write(data[start : start + CHUNK], start))
        except BaseException:
            with suppress(*TROUBLES):
                await self._let_go(file)
            raise
        await self._let_go(file)
        # Some banks let us write and not look.
        with suppress(asyncssh.SFTPPermissionDenied, asyncssh.SFTPOpUnsupported):
            size = (await soon(self.settings, sftp.stat(path))).size
            if size is not None and size != len(data):
                raise asyncssh.SFTPFailure(f"{size} of {len(data)} bytes came")

    async def _give_name(self, sftp: asyncssh.SFTPClient, temporary: str, outgoing: Outgoing) -> Sent:
        """The rename, after which the bank has the file; until it is answered nobody knows."""
        final = _join(self.settings.upload_folder, outgoing.name)
        host, name = self.settings.host, _shown(outgoing.name)
        try:
            await soon(self.settings, sftp.rename(temporary, final))
        except TimeoutError as error:
            seconds = f"{self.settings.answer_seconds:g}"
            raise SilentWhileSending(host=host, name=name, seconds=seconds) from error
        except TROUBLES as error:
            if is_cut(error) or not isinstance(error, asyncssh.SFTPError):
                raise CutWhileSending(host=host, name=name) from error
            return await self._not_named(sftp, temporary, outgoing, error)
        with suppress(*TROUBLES):
            await self._tidy(sftp, outgoing.name)
        return Sent(outgoing.name, len(outgoing.data))

    async def _not_named(
        self, sftp: asyncssh.SFTPClient, temporary: str, outgoing: Outgoing, error: asyncssh.SFTPError
    ) -> Sent:
        """The rename was refused: another has sent the same in the meantime, or it has not come."""
        host, name = self.settings.host, _shown(outgoing.name)
        try:
            await self._remove(sftp, temporary)
            there = await self._same(sftp, outgoing)
        except TROUBLES as second:
            raise CutWhileSending(host=host, name=name) from second
        if there is not None:
            return there
        if has_no_room(error):
            raise trouble.NoRoomLeft(host=host, reason=_why(error)) from error
        raise trouble.NotRenamed(host=host, name=name, reason=_why(error)) from error

    async def _same(self, sftp: asyncssh.SFTPClient, outgoing: Outgoing) -> Sent | None:
        """The file as sent before. Raises NameTaken when another has its name."""
        path = _join(self.settings.upload_folder, outgoing.name)
        found = None
        with suppress(asyncssh.SFTPPermissionDenied):  # some banks let us write and not look
            found = await self._look(sftp, path, outgoing.name)
        if found is None:
            return None
        if not found.is_same(outgoing.data, hashlib.sha256(outgoing.data).hexdigest()):
            raise trouble.NameTaken(host=self.settings.host, name=_shown(outgoing.name))
        return Sent(outgoing.name, found.size, was_there=True)

    async def _look(self, sftp: asyncssh.SFTPClient, path: str, name: str) -> Found | None:
        """What lies there; its hash when we may read it."""
        try:
            about = await soon(self.settings, sftp.stat(path))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None
        size = about.size or 0
        sha256 = ""
        if size <= self.settings.largest:
            try:
                data = await self._bytes(sftp, path, size)
                sha256 = hashlib.sha256(data).hexdigest()
            except asyncssh.SFTPError as error:
                if is_cut(error):
                    raise
        return Found(name, size, sha256)

    async def _tidy(self, sftp: asyncssh.SFTPClient, name: str) -> None:
        """Remove what earlier tries of this name have left under temporary names."""
        folder = self.settings.upload_folder
        left = [
            str(entry)
            for entry in await soon(self.settings, sftp.listdir(folder))
            if str(entry).startswith(f"{name}.") and str(entry).endswith(TEMPORARY)
        ]
        for entry in left:
            await self._remove(sftp, _join(folder, entry))

    async def _remove(self, sftp: asyncssh.SFTPClient, path: str) -> None:
        with suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure):
            await soon(self.settings, sftp.remove(path))

    async def _is_there(self, sftp: asyncssh.SFTPClient, path: str) -> bool:
        try:
            await soon(self.settings, sftp.lstat(path))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return False
        return True

    async def _let_go(self, file: asyncssh.SFTPClientFile) -> None:
        await soon(self.settings, file.close())


def _join(folder: str, name: str) -> str:
    return f"{folder.rstrip('/')}/{name}" if folder not in {"", "."} else name


def _proper(name: str) -> None:
    """Raises UnusableName for what is a path, or would be taken for a temporary name."""
    hidden = name.startswith(".") or name.lower().endswith(UNFINISHED)
    if not name or "/" in name or "\\" in name or not name.isprintable() or hidden or len(name) > 180:
        raise trouble.UnusableName(name=plain(name) or "?")


def _why(error: asyncssh.SFTPError) -> str:
    return plain(str(error.reason)) or type(error).__name__


def _shown(name: str) -> str:
    """A name that can be kept and shown, whatever bytes the other side has in it."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _finding(code: str, name: str, text: str, severity: Severity, **values: str | int) -> Finding:
    # `text` is marked for translation by whoever calls.
    return Finding(severity, code, _shown(name), text, values | {"name": _shown(name)})
