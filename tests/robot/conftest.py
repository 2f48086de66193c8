"""Nights over real processes and a real database."""

import os
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


@pytest.fixture
def office():
    """An accounting office."""
    from tests.world import an_office

    return an_office()


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
def night(office, command):
    """Runs the office's night to its end."""

    def run(*arguments: str, **environment: str):
        return command("night", "--office", office.org_number, *arguments, **environment).ends()

    return run
