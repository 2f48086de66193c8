"""A folder that others put files in.

A file is taken only when it is complete: nobody has it open for writing, it has rested for the settle
time, and it did not change while it was read. When it is kept, it is moved to the folder `done` inside,
under a name that begins with the moment and never replaces another.
"""

import datetime
import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from nattbok.base.errors import Unreachable
from nattbok.base.words import _
from nattbok.channels.channel import Incoming
from nattbok.formats.finding import Finding, Severity

LARGEST = 50 * 1024 * 1024  # bytes
SETTLE = 2.0  # seconds
DONE = "done"
UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", "~")
AHEAD = 3600  # seconds that another machine's clock may be ahead of ours
NAME_BYTES = 200  # of a name in the done folder, which has the moment before it


class FolderMissing(Unreachable):
    """No such folder, or no right to read it."""

    message = _("The folder {folder} cannot be read: {reason}.")


class NotMoved(Unreachable):
    """A file that was kept could not be moved away, and will come again."""

    message = _("The file {name} was kept, but could not be moved to the folder {folder}: {reason}.")


class Handle(NamedTuple):
    """The very file that was read: another under the same name is another file."""

    name: str
    device: int
    inode: int
    size: int
    changed: int  # nanoseconds


class Folder:
    """The folder at `path`. `settle` is how many seconds a file must have rested before it is taken."""

    def __init__(self, path: str | Path, *, settle: float = SETTLE, largest: int = LARGEST) -> None:
        self.path = Path(path)
        self.settle = settle
        self.largest = largest

    def fetch(self) -> Iterator[Incoming | Finding]:
        """The complete files in the order of their names; findings on links, folders, devices, large files.

        Raises FolderMissing when the folder is not there or may not be read.
        """
        try:
            names = sorted(os.listdir(self.path))
        except OSError as trouble:
            raise FolderMissing(folder=_shown(str(self.path)), reason=_reason(trouble)) from trouble
        names = [name for name in names if name != DONE and _is_finished(name)]
        written = _written_now(self.path) if names else set()
        for name in names:
            if name not in written:
                yield from self._take(name)

    def _take(self, name: str) -> Iterator[Incoming | Finding]:
        try:
            about = os.lstat(self.path / name)
        except OSError:
            return  # gone since the folder was listed
        finding = self._refusal(name, about)
        if finding is not None:
            yield finding
            return
        # The time of change is the machine's own; the time of modification is whatever the sender says.
        ahead = about.st_ctime - time.time()
        if ahead > AHEAD:
            # It would rest for ever, and nobody would know why.
            text = _("The file was changed at a time yet to come: the clock there, or here, is wrong.")
            yield _finding("folder.clock", name, text)
            return
        if -ahead < self.settle:
            return
        if about.st_size == 0:
            yield _finding("folder.empty", name, _("The file is empty."))
            return
        try:
            incoming = self._read(name)
        except OSError as trouble:
            if trouble.errno != errno.ENOENT:
                yield _finding(
                    "folder.unreadable",
                    name,
                    _("The file cannot be read: {reason}."),
                    reason=_reason(trouble),
                )
            return
        if incoming is not None:
            yield incoming

    def _refusal(self, name: str, about: os.stat_result) -> Finding | None:
        if stat.S_ISLNK(about.st_mode):
            return _finding("folder.link", name, _("This is a link to another place, and is not followed."))
        if stat.S_ISDIR(about.st_mode):
            return _finding("folder.folder", name, _("This is a folder; only the files beside it are read."))
        if not stat.S_ISREG(about.st_mode):
            return _finding("folder.not_a_file", name, _("This is a device or a pipe, not a file."))
        if about.st_size > self.largest:
            return _finding(
                "folder.too_large",
                name,
                _("The file has {size} bytes; at most {largest} are read."),
                size=about.st_size,
                largest=self.largest,
            )
        return None

    def _read(self, name: str) -> Incoming | None:
        """The file, or None when it changed while it was read: then it is not complete yet."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(self.path / name, flags), "rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode) or before.st_size > self.largest:
                return None
            data = file.read(before.st_size + 1)
            after = os.fstat(file.fileno())
        if _handle(name, before) != _handle(name, after) or len(data) != before.st_size:
            return None
        return Incoming(_shown(name), data, _handle(name, after))

    def done(self, handle: Handle) -> None:
        """Move the file to the done folder. Raises NotMoved when it cannot be.

        A file that was changed or replaced since it was read stays where it is, and is taken next time.
        """
        source = self.path / handle.name
        try:
            if _handle(handle.name, os.lstat(source)) != handle:
                return
            target = self._reserved(handle.name)
            os.rename(source, target)
        except FileNotFoundError:
            return
        except OSError as trouble:
            raise NotMoved(
                name=_shown(handle.name), folder=_shown(str(self.path / DONE)), reason=_reason(trouble)
            ) from trouble
        if _identity(_handle(handle.name, os.lstat(target))) != _identity(handle):
            # Replaced in the instant before the move: what was moved has not been read, so it goes back.
            with suppress(OSError):
                os.link(target, source)
                os.unlink(target)

    def _reserved(self, name: str) -> Path:
        """A new, empty file in the done folder, for a rename to replace: so nothing else is replaced."""
        folder = self.path / DONE
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():  # made by somebody who would have the files moved elsewhere
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(folder))
        moment = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H%M%S")
        kept = os.fsdecode(os.fsencode(name)[-NAME_BYTES:])
        count = 0
        while True:
            target = folder / (f"{moment}-{count}-{kept}" if count else f"{moment}-{kept}")
            try:
                os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                count += 1
            else:
                return target


def _is_finished(name: str) -> bool:
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def _handle(name: str, about: os.stat_result) -> Handle:
    return Handle(name, about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns)


def _identity(handle: Handle) -> tuple[int, int, int]:
    return handle.inode, handle.size, handle.changed


def _written_now(folder: Path) -> set[str]:
    """The names of the folder's files that a process has open for writing, as far as /proc tells us.

    It tells of our own user's processes, and of everybody's when we may see them.
    """
    within = os.path.realpath(folder) + os.sep
    names: set[str] = set()
    with suppress(OSError):
        for process in os.listdir("/proc"):
            if process.isdigit():
                with suppress(OSError):
                    names |= _written_by(f"/proc/{process}", within)
    return names


def _written_by(process: str, within: str) -> set[str]:
    names = set()
    for number in os.listdir(f"{process}/fd"):
        try:
            path = os.readlink(f"{process}/fd/{number}")
            if path.startswith(within):
                with open(f"{process}/fdinfo/{number}") as about:
                    flags = next(line.split()[1] for line in about if line.startswith("flags:"))
                if int(flags, 8) & os.O_ACCMODE != os.O_RDONLY:
                    names.add(path[len(within) :])
        except (OSError, StopIteration):
            continue  # closed since it was listed
    return names


def _finding(code: str, name: str, text: str, **values: str | int) -> Finding:
    # `text` is marked for translation by whoever calls.
    return Finding(Severity.HOLD, code, _shown(name), text, values | {"name": _shown(name)})


def _shown(name: str) -> str:
    """A name that can be kept and shown, whatever bytes the file system has in it."""
    return os.fsencode(name).decode("utf-8", "replace")


def _reason(trouble: OSError) -> str:
    return os.strerror(trouble.errno) if trouble.errno else type(trouble).__name__
