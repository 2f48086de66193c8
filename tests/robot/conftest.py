"""Nights over real processes and a real database."""

import datetime
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _settings(tmp_path, monkeypatch):
    monkeypatch.setenv("NATTBOK_FOLDER_SETTLE", "0")
    monkeypatch.setenv("NATTBOK_TEST_LOG", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    from nattbok.robot import routine
    from tests.robot import crew

    # Those of real life and those that only tests have, the same as the processes get.
    monkeypatch.setattr(routine, "routines", crew.routines)
    monkeypatch.setattr(crew, "HOLD", tmp_path / "hold")


@pytest.fixture
def hold(tmp_path):
    """While this file is there, the routine that posts slowly stands still after its second posting."""
    path = tmp_path / "hold"
    path.touch()
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def office():
    """An accounting office."""
    from tests.world import an_office

    return an_office()


@pytest.fixture
def client(office):
    """A Norwegian client with open books, in scope."""
    from nattbok.db.scope import scope
    from tests.world import a_client

    made = a_client("NO", office=office)
    with scope([made.pk]):
        yield made


@pytest.fixture
def point(monkeypatch):
    """An access point into the e-invoice network that the settings lead to."""
    from nattbok.sandbox.network.door import Door
    from nattbok.sandbox.network.point import AccessPoint

    made = AccessPoint()
    with Door(made) as door:
        monkeypatch.setenv("NATTBOK_AP_ADDRESS", door.address)
        monkeypatch.setenv("NATTBOK_AP_TOKEN", made.token)
        monkeypatch.setenv("NATTBOK_AP_NAME", made.name)
        yield made


@pytest.fixture
def clients(office):
    """Three clients with open books, in scope."""
    from nattbok.db.scope import scope
    from tests.world import a_client

    made = [a_client("NO", office=office, name=f"Klient {letter}") for letter in "ABC"]
    with scope([client.pk for client in made]):
        yield made


class Command:
    """A command of ours as its own process."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.robot.crew", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
            cwd=ROOT,
            # A shell that runs the tests in the background has told them to let Ctrl-C pass.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def ends(self, timeout: float = 60) -> tuple[int, str, str]:
        """What it ended with, and what it wrote on stdout and stderr."""
        out, err = self.process.communicate(timeout=timeout)
        return self.process.returncode, out, err


@pytest.fixture
def command():
    """Starts commands, and ends those that a failed test leaves."""
    started = []

    def start(*arguments: str, **environment: str) -> Command:
        started.append(Command(*arguments, **environment))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


@pytest.fixture
def run_night(office, command):
    """Runs the office's night to its end in processes of its own."""

    def run(*arguments: str, **environment: str):
        return command("night", "--office", office.org_number, *arguments, **environment).ends()

    return run


@pytest.fixture
def go_through(office):
    """Goes through a night in this process; its report as data."""
    from nattbok.clients.access import enter_office
    from nattbok.robot import actions, report

    def go(date: str = "2026-03-12", language: str = "en") -> dict:
        night = actions.begin(office, datetime.date.fromisoformat(date))
        with enter_office(office) as clients:
            for client in clients:
                assert actions.run_client(night, client.pk) is actions.Result.DONE
        return report.as_data(actions.finish(night), language)

    return go


@pytest.fixture
def queries_of(office):
    """How many queries something takes, inside the office's scope."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from nattbok.clients.access import enter_office

    def count(ask) -> int:
        with enter_office(office), CaptureQueriesContext(connection) as taken:
            ask()
        return len(taken)

    return count
