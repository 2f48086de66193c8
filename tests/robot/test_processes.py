"""Nights over real processes: shared, stopped, killed and started again."""

import datetime
import json
import os
import signal
import time
from pathlib import Path

import pytest

from nattbok.db import lock
from nattbok.ledger.models import Entry
from nattbok.ledger.queries.proof import prove
from nattbok.robot import actions, jobs
from nattbok.robot.models import Night, Run
from tests.robot.crew import STEPS

DATE = "2026-03-12"


def wait_until(is_so, seconds: float = 90):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def posted(clients) -> int:
    return Entry.objects.filter(client__in=clients).count()


def spans() -> dict[int, list[tuple[float, float, int]]]:
    """For each client when which process was in its books, from the log that the routines write."""
    begun: dict[tuple[int, int], float] = {}
    found: dict[int, list[tuple[float, float, int]]] = {}
    for line in (Path(os.environ["NATTBOK_TEST_LOG"]) / "log").read_text().splitlines():
        moment, pid, client, what = line.split()
        key = (int(client), int(pid))
        if what == "begins":
            begun[key] = float(moment)
        else:
            found.setdefault(key[0], []).append((begun.pop(key), float(moment), key[1]))
    return found


def test_two_workers_share_the_night_and_never_one_client(office, clients, command, hold):
    running = command("night", "--office", office.org_number, "--date", DATE, "--workers", "2")
    wait_until(lambda: posted(clients) == 4)  # two clients stand still, half done
    hold.unlink()
    code, _out, err = running.ends()
    assert code == 0, err
    by_client = spans()
    assert set(by_client) == {client.pk for client in clients}
    assert len({pid for found in by_client.values() for _begin, _end, pid in found}) == 2
    assert all(len(found) == 1 for found in by_client.values())
    by_time = sorted(span for found in by_client.values() for span in found)
    assert by_time[1][0] < by_time[0][1]  # two at once


def test_a_client_that_somebody_else_is_in_is_waited_for(clients, command, office):
    with lock.held(lock.CLIENT, clients[0].pk):
        running = command("night", "--office", office.org_number, "--date", DATE)
        wait_until(lambda: posted(clients[1:]) == 2 * STEPS)
        assert posted(clients[:1]) == 0
    code, _out, err = running.ends()
    assert code == 0, err
    assert posted(clients) == 3 * STEPS


def test_only_the_chosen_clients(clients, run_night):
    code, out, err = run_night("--json", "--date", DATE, "--client", clients[0].number, clients[2].number)
    assert code == 0, err
    assert [posted([client]) for client in clients] == [STEPS, 0, STEPS]
    assert json.loads(out)["not_done"] == [clients[1].name]
    code, _out, err = run_night("--client", "no-such", "--language", "en")
    assert code == 2 and "no-such" in err


def test_a_second_start_says_that_a_night_is_running(office, clients, command, hold, run_night):
    first = command("night", "--office", office.org_number, "--date", DATE)
    wait_until(lambda: posted(clients) > 0)
    code, out, err = run_night("--date", DATE, "--language", "en")
    assert (code, out) == (3, "")
    assert "is running" in err and "Traceback" not in err
    hold.unlink()
    assert first.ends()[0] == 0


def test_ctrl_c_stops_the_workers_and_the_next_start_goes_on(office, clients, command, hold, run_night):
    running = command("night", "--office", office.org_number, "--date", DATE, "--language", "en")
    wait_until(lambda: posted(clients) > 0)
    running.process.send_signal(signal.SIGINT)
    time.sleep(3)  # it is told of the signal also on a busy machine
    hold.unlink()
    code, _out, err = running.ends()
    assert code == 130 and "goes on where it was" in err
    assert Night.objects.get(office=office).ended_at is None
    assert posted(clients) < 3 * STEPS
    code, out, err = run_night("--json", "--date", DATE)
    assert code == 0, err
    assert posted(clients) == 3 * STEPS and json.loads(out)["starts"] == 2


@pytest.mark.parametrize("whom", ["the leader", "a worker"])
def test_killed_in_the_middle_and_the_books_are_the_same(whom, office, clients, command, hold, run_night):
    running = command("night", "--office", office.org_number, "--date", DATE, "--workers", "2")
    wait_until(lambda: posted(clients) > 0)
    if whom == "a worker":
        worker = int(
            Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text().split()[0]
        )
        os.kill(worker, signal.SIGKILL)
        hold.unlink()
        code, out, err = running.ends()
    else:
        running.process.kill()
        running.process.wait()
        hold.unlink()
        code, out, err = run_night("--json", "--date", DATE)
    assert code == 0, err
    assert posted(clients) == 3 * STEPS
    told = json.loads(out) if whom == "the leader" else None
    if told:
        assert (told["posted"], told["failed"], told["starts"]) == (3 * STEPS, 0, 2)
        assert all(run["counted"] >= run["posted"] for run in told["runs"])
    assert [prove(client).fault for client in clients] == [None] * 3
    assert Run.objects.filter(client__in=clients, ended_at=None).count() == 0


def test_a_worker_stops_in_order_and_leaves_nothing(office, clients, command, hold):
    night = actions.begin(office, datetime.date(2026, 3, 12))
    jobs.queue(night, [client.pk for client in clients])
    worker = command("worker", "--queue", jobs.queue_of(office.pk))
    wait_until(lambda: posted(clients) > 0)
    worker.process.terminate()
    time.sleep(0.5)
    hold.unlink()
    code, _out, err = worker.ends(10)
    assert code == 0, err
    assert len(jobs.live(night)) == 3  # it let go of the client it was in
    assert posted(clients) == STEPS  # after the routine, not in it
    worker = command("worker", "--queue", jobs.queue_of(office.pk), "--until-idle")
    code, _out, err = worker.ends()
    assert code == 0, err
    night.refresh_from_db()
    assert night.ended_at is not None and posted(clients) == 3 * STEPS
