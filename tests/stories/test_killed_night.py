"""A night that is killed twenty times ends with the same books as one that is left in peace."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from nattbok.sandbox.making import NIGHT, make_office
from nattbok.sandbox.placing import write_files
from tests.stories.night_driver import CLIENTS, SEED

KILLS = 20
DRIVER = Path(__file__).with_name("night_driver.py")


class Installation:
    """An installation of its own: a home, and commands that run in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("NATTBOK", "DATABASE"))
        } | {"NATTBOK_HOME": str(home)}

    def drive(self, *words: str) -> str:
        return subprocess.run(
            [sys.executable, str(DRIVER), *words],
            env=self.environment, check=True, capture_output=True, text=True, timeout=300,
        ).stdout  # fmt: skip

    def night(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "nattbok", "night", "--date", str(NIGHT), "--workers", "2", "--json"],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def books(self) -> dict:
        return json.loads(self.drive("books"))

    def stop(self) -> None:
        pid = self.home / "postgres" / "postmaster.pid"
        with suppress(FileNotFoundError, psutil.Error, ValueError):
            server = psutil.Process(int(pid.read_text().splitlines()[0]))
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """An office before its night, twice: two equal installations whose files lie in the same inbox."""
    folder = tmp_path_factory.mktemp("killed")
    first, second = Installation(folder / "first"), Installation(folder / "second")
    first.drive("prepare", str(folder / "inbox"))
    first.stop()
    subprocess.run(["cp", "-a", str(first.home), str(second.home)], check=True)
    yield folder / "inbox", first, second
    first.stop()
    second.stop()


def is_worker(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return "nattbok.site.worker" in " ".join(process.cmdline())
    return False


def lay(inbox: Path) -> None:
    shutil.rmtree(inbox, ignore_errors=True)
    write_files(make_office(seed=SEED, clients=CLIENTS), inbox)


def test_a_killed_night_ends_with_the_same_books(prepared):
    inbox, calm, killed = prepared
    lay(inbox)
    night = calm.night()
    told, said = night.communicate(timeout=240)
    assert night.returncode == 0, said
    undisturbed = calm.books()
    assert json.loads(told)["posted"] > 0
    assert all(client["fault"] is None for client in undisturbed.values())
    calm.stop()

    lay(inbox)
    kills, leaders = 0, 0
    chance = random.Random(SEED)
    night = killed.night()
    deadline = time.monotonic() + 240
    while kills < KILLS:
        assert time.monotonic() < deadline, "the killed night comes to no end"
        time.sleep(chance.uniform(0.1, 1.6))
        if night.poll() is not None:
            assert kills >= KILLS // 2, "the night was over before the kills could prove a thing"
            night = killed.night()
            continue
        try:
            leader = psutil.Process(night.pid)
            workers = [one for one in leader.children(recursive=True) if is_worker(one)]
        except psutil.Error:
            continue  # it ended while it was looked at
        if kills % 4 == 3:
            # All at once, as when the machine loses its power but for the database.
            for one in (leader, *workers):
                with suppress(psutil.Error):
                    one.kill()
            night.communicate()
            kills, leaders = kills + 1, leaders + 1
            night = killed.night()
        elif workers:
            with suppress(psutil.Error):
                chance.choice(workers).kill()
                kills += 1
    _told, said = night.communicate(timeout=240)
    if night.returncode != 0:
        night = killed.night()
        _told, said = night.communicate(timeout=240)
    assert night.returncode == 0, said
    assert leaders >= KILLS // 4
    assert killed.books() == undisturbed
