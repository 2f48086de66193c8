"""The `nattbok` command: finds what is asked for, makes ready what that needs, and says what went wrong.

Each command is a module of its name in this folder with `add_parser(subparsers)` and `run(arguments)`,
where the parser's defaults name `run`, which returns what the command ends with. A module's top level
imports nothing that needs Django; only the module of the command that is asked for is imported at all.

Ends with 0 when all is well, 2 when something is refused or missing, 70 when the fault is ours, 130 when
interrupted. NATTBOK_TRACEBACK=1 shows our own faults whole.
"""

import argparse
import errno
import importlib
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

from nattbok.base.errors import NattbokError, Unreadable
from nattbok.base.words import Words, _
from nattbok.site import interrupts

REFUSED, OUR_FAULT, INTERRUPTED, PIPE_CLOSED = 2, 70, 130, 141


class Command(NamedTuple):
    """One command: what it is for, its module in this folder, and whether Django is made ready for it."""

    help: str
    module: str
    needs_django: bool = True


COMMANDS = {
    "read": Command("say what bank files and e-invoices contain", "read", needs_django=False),
    "rules": Command("keep the e-invoice network's rules, and hold a file to them", "invoice_rules", False),
    # The demo chooses a home of its own before the settings are read.
    "demo": Command("an office with clients, a night, and the pages to look at", "demo", needs_django=False),
    "sandbox": Command("a test bank with real doors", "sandbox", needs_django=False),
    "migrate": Command("make or change the tables, and install the guards", "migrate"),
    "office": Command("open an accounting office", "office"),
    "client": Command("take on a client: its books, bank account and folder", "client"),
    "person": Command("let a person in: name, password, office", "person"),
    "serve": Command("serve the pages", "serve"),
    "worker": Command("do the queued jobs, and begin each office's night in time", "worker"),
    "mail-in": Command("take in mail for the clients' addresses", "mail_in"),
    "night": Command("run the night now, for one office or all", "night"),
    "undo": Command("take back a night, a routine, a rule or single acts", "undo"),
    "verify": Command("recompute what the books promise, and name the first fault", "verify"),
}

UNREACHABLE = _("The database cannot be reached: {reason}")
NO_TABLES = _("The database has no tables yet, or old ones. Run: nattbok migrate")
UNUSABLE = _("{file} cannot be used: {reason}")
FAULT = _("This is a fault in Nattbok: {reason}. The details are in {file}.")
# What PostgreSQL calls trouble with the connection itself, by the beginning of its code; no code at all
# means that there never was one.
CONNECTION_TROUBLE = ("08", "28", "3D000", "53300", "57P")
NOT_OURS = {errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EROFS, errno.EDQUOT}
OLD_TABLES = ("42P01", "42703", "42883")  # no such table, column or function


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return what the process ends with; nobody is shown a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # The embedded server's library asks for a folder that a bare machine has not, and finds another.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    try:
        with interrupts.heard():
            return _run(given)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; Python's own last flush must find somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001  the last place where it can be said in words
        if os.environ.get("NATTBOK_TRACEBACK") == "1":
            traceback.print_exception(error)
        return _said(error, language_of(os.environ))


def _run(given: Sequence[str]) -> int:
    asked = next((word for word in given if not word.startswith("-")), "")
    top = parser(asked)
    arguments = top.parse_args(given)
    if not hasattr(arguments, "run"):
        top.print_help()
        return REFUSED
    if COMMANDS[asked].needs_django:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nattbok.site.settings")
        import django

        from nattbok.site.catalogs import compile_all

        compile_all()  # before Django looks for the translations: it looks once
        django.setup()
    ended = arguments.run(arguments) or 0
    sys.stdout.flush()
    return ended


def parser(asked: str = "") -> argparse.ArgumentParser:
    """All commands that are there, by name and help; the one `asked` for with its own arguments too."""
    top = argparse.ArgumentParser(
        prog="nattbok",
        description="Keeps books at night and explains every act.",
        epilog="nattbok COMMAND --help tells more of each.",
    )
    subparsers = top.add_subparsers(metavar="COMMAND")
    for name, command in COMMANDS.items():
        module = f"nattbok.site.{command.module}"
        if find_spec(module) is None:
            continue
        if name == asked:
            importlib.import_module(module).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=command.help)
    return top


def language_of(environment: "os._Environ[str] | dict[str, str]") -> str:
    """The language of whoever sits at the terminal, as their locale says it: nb, sv or en."""
    named = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return {"nb": "nb", "nn": "nb", "no": "nb", "sv": "sv"}.get(named[:2].lower(), "en")


def _said(error: Exception, language: str) -> int:
    """Say in one line what went wrong; returns what the process ends with."""
    words = _trouble(error, language)
    if words is None:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        _say(Words(FAULT, {"reason": reason.rstrip("."), "file": _kept(error)}), language)
        return OUR_FAULT
    where = f" ({error.where})" if isinstance(error, Unreadable) and error.where else ""
    _say(words, language, where)
    return REFUSED


def _trouble(error: Exception, language: str) -> Words | None:
    """What `error` says to whoever can mend it; None when that is us."""
    if isinstance(error, NattbokError):
        return error.words
    if type(error).__module__ == "django.core.exceptions":
        return _as_django_says(error, language)
    if isinstance(error, OSError) and error.errno in NOT_OURS and error.filename:
        return Words(UNUSABLE, {"file": str(error.filename), "reason": error.strerror})
    cause = error if type(error).__module__.startswith("psycopg") else error.__cause__
    if cause is None or not hasattr(cause, "sqlstate"):
        return None
    state = cause.sqlstate or ""
    if state.startswith(OLD_TABLES):
        return Words(NO_TABLES)
    # Every kind of psycopg error has a sqlstate; without one only a failed connection is OperationalError.
    if state.startswith(CONNECTION_TROUBLE) or (not state and "OperationalError" in type(error).__name__):
        return Words(UNREACHABLE, {"reason": (str(cause).strip().splitlines() or ["?"])[0]})
    return None


def _as_django_says(error: Exception, language: str) -> Words | None:
    """What a setting or a value is refused for, in the language of whoever asked."""
    from django.core.exceptions import ImproperlyConfigured, ValidationError
    from django.utils import translation

    if isinstance(error, ImproperlyConfigured):
        return Words("{reason}", {"reason": str(error)})
    if isinstance(error, ValidationError):
        with translation.override(language):
            return Words("{reason}", {"reason": " ".join(error.messages)})
    return None


def _say(words: Words, language: str, where: str = "") -> None:
    text = str(words)
    if find_spec("nattbok.site.language") is not None:
        text = importlib.import_module("nattbok.site.language").translate(words, language)
    print(f"nattbok: {text}{where}", file=sys.stderr)


def _kept(error: Exception) -> str:
    """Write the whole of `error` to a file of its own, for its owner's eyes; the file's place."""
    import datetime
    import tempfile

    whole = "".join(traceback.format_exception(error))
    moment = f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}"
    try:
        from nattbok.db.server import home

        folder = home() / "log"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, file = tempfile.mkstemp(prefix=f"fault-{moment}-", suffix=".txt", dir=folder)
    except OSError:
        handle, file = tempfile.mkstemp(prefix=f"nattbok-fault-{moment}-", suffix=".txt")
    with open(handle, "w", encoding="utf-8") as out:
        out.write(whole)
    return file


if __name__ == "__main__":
    sys.exit(main())
