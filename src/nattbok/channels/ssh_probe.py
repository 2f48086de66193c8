"""Testing an SFTP connection, one thing after the other, in plain words."""

import secrets
from collections.abc import Callable

import asyncssh

from nattbok.base.errors import Refused, Unreachable
from nattbok.base.words import Words, _
from nattbok.channels import trouble
from nattbok.channels.channel import Step
from nattbok.channels.ssh_line import Line, SftpSettings, soon

TITLES = {
    "reach": _("Reach the bank"),
    "host_key": _("See that it is the bank"),
    "log_in": _("Log in"),
    "list": _("Look into the folder of files for us"),
    "read": _("Read a file there"),
    "archive": _("Look into the folder of files put away"),
    "write": _("Write and remove a trial file in the folder of payment files"),
}
TRIAL = b"A trial of the connection. It may be removed.\n"
HEAD = 1024  # bytes of a waiting file that are read
LINE = ("reach", "host_key", "log_in")


def probe(settings: SftpSettings) -> list[Step]:
    """All the steps in their order. Sends no payment, takes no file, and leaves nothing there."""
    shown: list[str] = []
    try:
        line = Line(settings, shown.append)
    except (Unreachable, Refused) as refusal:
        return _stopped(_failed_at(refusal, shown), refusal, settings, shown)
    try:
        steps = _connected(settings, shown[0] if shown else "", LINE)
        for name, work in (
            ("list", _list),
            ("read", _read),
            ("archive", _archive),
            ("write", _write),
        ):
            steps.append(_tried(name, work, line, settings))
        return steps
    finally:
        line.close()


def _failed_at(refusal: Unreachable | Refused, shown: list[str]) -> str:
    if isinstance(refusal, trouble.HostKeyChanged | trouble.HostKeyMissing | trouble.UnusableHostKey):
        return "host_key"
    if isinstance(refusal, trouble.UnusableKey) or shown:
        return "log_in"
    return "reach"


def _stopped(
    failed: str, refusal: Unreachable | Refused, settings: SftpSettings, shown: list[str]
) -> list[Step]:
    names = list(TITLES)
    before = names[: names.index(failed)] if shown else []
    steps = _connected(settings, shown[0] if shown else "", tuple(before))
    for name in names[len(steps) :]:
        if name == failed:
            steps.append(Step(name, TITLES[name], False, refusal.words, trouble.advice(refusal)))
        else:
            steps.append(Step(name, TITLES[name], None))
    return steps


def _connected(settings: SftpSettings, shown: str, names: tuple[str, ...]) -> list[Step]:
    words = {
        "reach": Words(_("{host} answers."), {"host": settings.host}),
        "host_key": Words(_("It shows the key that was agreed, {shown}."), {"shown": shown}),
        "log_in": Words(_("It lets {username} in with our key."), {"username": settings.username}),
    }
    return [Step(name, TITLES[name], True, words[name]) for name in names]


def _tried(
    name: str, work: Callable[[Line, SftpSettings], Words], line: Line, settings: SftpSettings
) -> Step:
    try:
        return Step(name, TITLES[name], True, work(line, settings))
    except Unreachable as refusal:
        return Step(name, TITLES[name], False, refusal.words, trouble.advice(refusal))


def _list(line: Line, settings: SftpSettings) -> Words:
    names = line.run(
        lambda sftp: soon(settings, sftp.listdir(settings.download_folder)), settings.download_folder
    )
    count = len([name for name in names if not str(name).startswith(".")])
    return Words(
        _("{folder} can be listed; it has {count} files."),
        {"folder": settings.download_folder, "count": count},
    )


def _read(line: Line, settings: SftpSettings) -> Words:
    """Reads the beginning of the first file that waits, and leaves it."""
    folder = settings.download_folder

    async def head(sftp: asyncssh.SFTPClient) -> str:
        async for entry in sftp.scandir(folder):
            name = str(entry.filename)
            if not name.startswith(".") and entry.attrs.type in {1, 5}:
                file = await soon(settings, sftp.open(f"{folder.rstrip('/')}/{name}", "rb"))
                await soon(settings, file.read(HEAD, 0))
                await soon(settings, file.close())
                return name
        return ""

    name = line.run(head, folder)
    if not name:
        return Words(_("No file waits, so there was nothing to read."))
    return Words(
        _("{name} can be read. It was left there."), {"name": name.encode("utf-8", "replace").decode()}
    )


def _archive(line: Line, settings: SftpSettings) -> Words:
    if not settings.archive_folder:
        return Words(_("Fetched files are left where they are."))
    line.run(lambda sftp: soon(settings, sftp.listdir(settings.archive_folder)), settings.archive_folder)
    return Words(_("{folder} is there."), {"folder": settings.archive_folder})


def _write(line: Line, settings: SftpSettings) -> Words:
    """Under a temporary name, which a bank leaves alone."""
    path = f"{settings.upload_folder.rstrip('/')}/nattbok-trial-{secrets.token_hex(6)}.part"

    async def trial(sftp: asyncssh.SFTPClient) -> None:
        file = await soon(settings, sftp.open(path, "xb"))
        try:
            await soon(settings, file.write(TRIAL, 0))
        finally:
            await soon(settings, file.close())
        await soon(settings, sftp.remove(path))

    line.run(trial, settings.upload_folder)
    return Words(
        _("A trial file was written to {folder} and removed again."), {"folder": settings.upload_folder}
    )
