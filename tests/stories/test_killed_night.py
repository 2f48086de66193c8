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
    """An office before its night, and how to get an installation of its own that is just so."""
    folder = tmp_path_factory.mktemp("killed")
    template = Installation(folder / "template")
    template.drive("prepare", str(folder / "inbox"))
    template.stop()
    made = []

    def another() -> Installation:
        one = Installation(folder / f"night-{len(made)}")
        subprocess.run(["cp", "-a", str(template.home), str(one.home)], check=True)
        shutil.rmtree(folder / "inbox", ignore_errors=True)
        write_files(make_office(seed=SEED, clients=CLIENTS), folder / "inbox")
        made.append(one)
        return one

    yield another
    for one in (template, *made):
        one.stop()


def is_worker(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return "nattbok.site.worker" in " ".join(process.cmdline())
    return False


def kill(night: subprocess.Popen, chance: random.Random, *, everyone: bool) -> bool:
    """Kill a worker of the night, or everyone as when the power goes; whether anyone was there to kill."""
    try:
        leader = psutil.Process(night.pid)
        workers = [one for one in leader.children(recursive=True) if is_worker(one)]
    except psutil.Error:
        return False  # it ended while it was looked at
    if not workers:
        return False
    for one in (leader, *workers) if everyone else [chance.choice(workers)]:
        with suppress(psutil.Error):
            one.kill()
    if everyone:
        night.communicate()
    return True


def killed_until_it_ends(one: Installation, chance: random.Random, kills: int) -> int:
    """Start the night, kill it at random points, start it again where need be; how often it was killed."""
    done = 0
    night = one.night()
    deadline = time.monotonic() + 240
    while done < kills:
        assert time.monotonic() < deadline, "the killed night comes to no end"
        time.sleep(chance.uniform(0.1, 1.2))
        if night.poll() is not None:
            break
        everyone = done % 3 == 2
        if kill(night, chance, everyone=everyone):
            done += 1
            if everyone:
                night = one.night()
    _told, said = night.communicate(timeout=240)
    if night.returncode != 0:  # its leader lost too many workers
        night = one.night()
        _told, said = night.communicate(timeout=240)
    assert night.returncode == 0, said
    return done


def test_a_killed_night_ends_with_the_same_books(prepared):
    calm = prepared()
    night = calm.night()
    told, said = night.communicate(timeout=240)
    assert night.returncode == 0, said
    assert json.loads(told)["posted"] > 0
    undisturbed = calm.books()
    assert all(client["fault"] is None for client in undisturbed.values())
    calm.stop()

    # However fast the machine is: night after night, until it was killed often enough.
    chance = random.Random(SEED)
    kills = 0
    for _night in range(KILLS):
        one = prepared()
        kills += killed_until_it_ends(one, chance, KILLS - kills)
        assert one.books() == undisturbed
        one.stop()
        if kills >= KILLS:
            break
    assert kills >= KILLS
