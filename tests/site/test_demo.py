"""The demo: one command, a whole night, and the truth beside it."""

import json
import os
import subprocess
import sys

import pytest

CLIENTS = 5


def demo(home, *words: str) -> subprocess.CompletedProcess:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("NATTBOK", "DATABASE"))
    }
    return subprocess.run(
        [sys.executable, "-m", "nattbok", "demo", "--no-serve", "--home", str(home), *words],
        env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "home"
    yield folder
    from nattbok.db.server import remove_demo

    remove_demo(folder)


def test_the_demo_tells_what_was_done_and_that_it_was_right(home):
    ended = demo(home, "--json", "--clients", str(CLIENTS), "--seed", "3")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["report"]["clients"] == CLIENTS
    assert told["verdict"]["wrong"]["count"] == 0
    assert told["verdict"]["missed"]["count"] == 0
    assert told["verdict"]["right"]["count"] == told["report"]["posted"] > 0
    assert told["faults"] == []


def test_days_at_the_bank_go_by_and_what_was_paid_is_in_the_books(home):
    """Two approvals a day, files over the bank's own doors and by hand, statuses back, accounts sealed."""
    ended = demo(home, "--json", "--clients", str(CLIENTS), "--days", "3")
    assert ended.returncode == 0, ended.stderr + ended.stdout
    told = json.loads(ended.stdout)
    assert told["verdict"]["wrong"]["count"] == 0
    assert told["verdict"]["missed"]["count"] == 0
    assert told["paid"]["sent"] > 0
    assert told["paid"]["executed"] == told["paid"]["settled"] > 0
    assert told["accounts"]["sealed"] > 0
    assert told["accounts"]["unexplained"] == 0
    assert told["faults"] == []


def test_the_demo_begins_afresh_every_time(home):
    ended = demo(home, "--clients", "2", "--language", "nb")
    assert ended.returncode == 0, ended.stderr
    assert "0 feil" in ended.stdout
    assert "2 av 2 klienter" in ended.stdout


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path):
    (tmp_path / "books.txt").write_text("somebody's own")
    ended = demo(tmp_path)
    assert ended.returncode == 2
    assert str(tmp_path) in ended.stderr
    assert (tmp_path / "books.txt").read_text() == "somebody's own"
