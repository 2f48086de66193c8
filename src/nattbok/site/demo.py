"""`nattbok demo`: an office with clients and a year of books, a bank, a night's files, the night, its report.

All of it is made up by the sandbox, which knows the truth about every file; so the demo also tells how much
of the night's work was right, and ends with 1 when anything was posted wrong. With `--days` people pay the
suppliers, the bank's days go by, and more nights follow. It has a folder, and on
somebody's own server a database, of its own, and begins afresh every time.
"""

import argparse
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _

if TYPE_CHECKING:
    from nattbok.site.demo_play import Played

LANGUAGES = ("nb", "sv", "en")


class DemoRunning(Refused):
    """Two demos cannot share a folder."""

    message = _("A demo is running in {folder} already. Stop it first, or name another folder with --home.")


class NotADemo(Refused):
    """Only what a demo made is ever removed."""

    message = _("{folder} is not a demo's folder, so it is left alone. Name another with --home.")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "demo",
        help="an office with clients, a night, and the pages to look at",
        description="Make up an office with a year of books, run a night on real files, tell how it went and "
        "how much of it was right, and serve the pages until stopped. Ends with 1 when anything was posted "
        "wrong.",
    )
    parser.add_argument("--clients", type=_count, default=60, metavar="N", help="how many clients (60)")
    parser.add_argument(
        "--days", type=_days, default=1, metavar="N", help="how many nights, with the bank's days between (1)"
    )
    parser.add_argument(
        "--papers", type=_papers, default=0, metavar="N", help="how many bills on paper (two for each client)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed is another office (1)")
    parser.add_argument("--workers", type=_count, help="worker processes (one per processor, at most 4)")
    parser.add_argument("--no-serve", action="store_true", help="end when the night is told of")
    parser.add_argument("--json", action="store_true", help="the report as JSON, and nothing else, on stdout")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="of the report (en)")
    parser.add_argument("--home", type=Path, help="the demo's folder (beside the installation's own)")
    parser.add_argument("--port", type=int, default=8000, help="of the pages (8000)")
    parser.set_defaults(run=run)


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 2000:
        raise argparse.ArgumentTypeError("between 1 and 2000")
    return count


def _papers(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 500:
        raise argparse.ArgumentTypeError("between 0 and 500; 0 is two for each client with documents")
    return count


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= 60:
        raise argparse.ArgumentTypeError("between 1 and 60")
    return days


def run(arguments: argparse.Namespace) -> int:
    """Make, load, run, judge, tell and serve; returns what the command ends with."""
    folder = _folder(arguments.home)
    with _afresh(folder), ExitStack() as open_until_the_end:
        os.environ["NATTBOK_HOME"] = str(folder)
        # Whoever writes the demo's files renames them when they are whole; nobody need wait for them.
        os.environ["NATTBOK_FOLDER_SETTLE"] = os.environ["NATTBOK_BANK_SETTLE"] = "0"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nattbok.site.settings")
        from nattbok.site import demo_people

        mailboxes = open_until_the_end.enter_context(demo_people.mail_server(arguments.port))
        import django

        django.setup()
        from nattbok.site import demo_play

        played = demo_play.play(arguments, folder, mailboxes, open_until_the_end)
        if not arguments.no_serve:
            from nattbok.site.serve import run as serve

            if not arguments.json:
                _tell_the_doors(played, arguments.language)
            serve(argparse.Namespace(host="127.0.0.1", port=arguments.port, proxy="127.0.0.1"))
        return played.ended


def _tell_the_doors(played: "Played", language: str) -> None:
    """Who logs in with what, and where the bank's own pages are."""
    from nattbok.site.demo_play import EMAIL
    from nattbok.site.demo_telling import say

    text = _("Log in as {email} with the password {password}")
    say(Words(text, {"email": EMAIL, "password": played.password}), language, sys.stdout)
    text = _("A client's own person, {owner}, logs in with the same password")
    say(Words(text, {"owner": played.owner}), language, sys.stdout)
    text = _("The test bank's own pages are at {address}")
    say(Words(text, {"address": played.bank_address}), language, sys.stdout)


def _folder(named: Path | None) -> Path:
    """Beside the installation's own folder, so that neither is ever taken for the other."""
    from nattbok.db import server

    home = server.home()
    return (named.expanduser() if named else home.with_name(home.name + "-demo")).resolve()


@contextmanager
def _afresh(folder: Path) -> Iterator[None]:
    """An empty folder, this demo's alone until the block ends; what an earlier demo left is removed."""
    marker = folder / "this is a demo"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise NotADemo(folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    with marker.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoRunning(folder=str(folder)) from None
        from nattbok.db import server

        server.remove_demo(folder)
        for left in folder.iterdir():
            if left != marker:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield
