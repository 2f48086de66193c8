"""Nights start by themselves, once, and what does not end is told."""

import datetime
import threading

import pytest
from django.db import connection, connections

from nattbok.clients.access import enter_office
from nattbok.db import lock
from nattbok.outbox.models import Mail
from nattbok.robot import actions, jobs, rules
from nattbok.robot.models import Night
from tests.robot.crew import STEPS
from tests.robot.test_processes import posted, wait_until

OSLO = "Europe/Oslo"
DUE = rules.Due(datetime.date(2026, 3, 12), datetime.datetime(2026, 3, 12, 0, tzinfo=datetime.UTC))


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    "now, night_at, answer",
    [
        ("2026-03-12 00:00", "01:00", "2026-03-12"),  # Oslo is an hour ahead
        ("2026-03-12 22:30", "01:00", "2026-03-12"),  # late, and still that day
        ("2026-03-11 23:30", "01:00", None),  # half an hour before: yesterday's is left alone
        ("2026-03-11 22:00", "23:00", "2026-03-12"),  # an evening prepares the next morning
        ("2026-03-11 23:30", "23:00", "2026-03-12"),  # also past midnight
        ("2026-03-29 00:59", "02:30", None),  # the clocks go from 02:00 to 03:00
        ("2026-03-29 01:00", "02:30", "2026-03-29"),
        ("2026-10-25 00:30", "02:30", "2026-10-25"),  # 02:30 comes twice, the night once
        ("2026-10-25 01:30", "02:30", "2026-10-25"),
    ],
)
def test_due(now, night_at, answer):
    due = rules.due(at(now), datetime.time.fromisoformat(night_at), OSLO)
    assert (due and due.date.isoformat()) == answer


def test_overdue_after_two_hours():
    assert not rules.is_overdue(DUE, at("2026-03-12 01:59"))
    assert rules.is_overdue(DUE, at("2026-03-12 02:00"))


def test_two_schedulers_at_once_start_one_night(office, clients):
    found, ready = [], threading.Barrier(2)

    def start():
        ready.wait()
        found.append(jobs.start_if_due(office, DUE))
        connections.close_all()

    both = [threading.Thread(target=start) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sum(night is not None for night in found) == 1
    night = Night.objects.get(office=office)
    assert (night.starts, jobs.live(night)) == (1, {client.pk for client in clients})
    assert jobs.start_if_due(office, DUE) is None


def test_a_scheduled_night_is_gone_through_and_ended_by_whoever_is_last(office, clients, command):
    night = jobs.start_if_due(office, DUE)
    workers = [command("worker", "--queue", jobs.queue_of(office.pk), "--until-idle") for _ in range(2)]
    for worker in workers:
        code, _out, err = worker.ends(120)
        assert code == 0, err
    if jobs.queries.last_night(office).ended_at is None:
        jobs.go_on(night)  # what happens each minute, should the last two have met at the door
    night.refresh_from_db()
    assert night.ended_at is not None and posted(clients) == 3 * STEPS


def test_a_night_of_chosen_clients_does_not_stand_for_the_night(office, clients):
    chosen = actions.begin(office, DUE.date, covers_all=False)
    assert jobs.start_if_due(office, DUE) is None  # it is under way
    actions.finish(chosen)
    night = jobs.start_if_due(office, DUE)
    assert (night.pk, night.round, night.covers_all) == (chosen.pk, 2, True)


def test_an_office_without_clients_has_no_night(office):
    assert jobs.start_if_due(office, DUE) is None


def test_a_job_of_a_dead_worker_is_put_back_and_one_of_a_living_is_not(office, clients):
    night = jobs.start_if_due(office, DUE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM procrastinate_register_worker_v1() AS id")
        text = str(cursor.fetchone()[0])
        worker = int(text.strip("(),"))
        cursor.execute("SELECT (procrastinate_fetch_job_v2(%s, %s)).id", [[jobs.queue_of(office.pk)], worker])
        (job,) = cursor.fetchone()
        # As if it had begun a while ago: a worker has an instant to say that it is alive.
        cursor.execute(
            "UPDATE procrastinate_events SET at = at - interval '1 minute' WHERE job_id = %s", [job]
        )
    alive = connections.create_connection("default")
    with alive.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [jobs.WORKER, jobs.worker_key(worker)])
    jobs.sweep()
    assert status(job) == "doing"
    alive.close()
    # The server drops the lock when it sees that the connection is gone.
    wait_until(lambda: lock.is_free(jobs.WORKER, jobs.worker_key(worker)))
    jobs.sweep()
    assert status(job) == "todo"
    assert len(jobs.live(night)) == 3


def status(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE id = %s", [job])
        return cursor.fetchone()[0]


def test_a_halted_night_is_gone_on_with(office, clients):
    night = actions.begin(office, DUE.date)  # and whoever led it was killed before it queued anything
    jobs.go_on(night)
    assert jobs.live(night) == {client.pk for client in clients}
    jobs.go_on(night)
    assert len(jobs.live(night)) == 3


def test_what_did_not_start_or_did_not_end_is_told_once(office, clients):
    office.report_to = ["a@byra.no"]
    office.language = "en"
    office.save()
    assert actions.tell_overdue(office, DUE.date, None)
    night = actions.begin(office, DUE.date)
    assert not actions.tell_overdue(office, DUE.date, night)
    (mail,) = Mail.objects.filter(office=office)
    assert "has not started" in mail.subject
    later = actions.begin(office, datetime.date(2026, 3, 13))
    with enter_office(office):
        actions.run_client(later, clients[0].pk)
    assert actions.tell_overdue(office, later.date, later)
    assert "1 of 3 clients" in Mail.objects.filter(office=office, key__startswith="overdue").last().subject
