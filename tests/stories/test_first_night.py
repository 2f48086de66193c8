"""An office's night in one process, routine by routine: from files in folders to books that are right."""

import pytest

from nattbok.clients.access import enter_client
from nattbok.db.scope import scope
from nattbok.desk.models import Question
from nattbok.ledger.models import Entry
from nattbok.ledger.queries.proof import prove
from nattbok.robot import actions as robot
from nattbok.robot import queries
from nattbok.robot.routine import routines
from nattbok.sandbox.judging import judge
from nattbok.sandbox.making import make_office
from nattbok.sandbox.placing import write_files
from nattbok.site import demo_books

# What each routine of this night stands for.
ROUTINES = {one.name for one in routines()}
assert {"collect_files", "read_bank_files", "read_documents", "match_payments", "code_documents"} <= ROUTINES


@pytest.mark.parametrize("seed", [4711, 4712])
def test_every_posting_of_a_night_is_right(seed, tmp_path, monkeypatch):
    monkeypatch.setenv("NATTBOK_FOLDER_SETTLE", "0")
    world = make_office(seed=seed, clients=8)
    office, loaded = demo_books.load(world, tmp_path, workers=1, told=lambda done: None)
    write_files(world, tmp_path)

    night = robot.begin(office, world.night)
    for one in loaded:
        robot.run_client(night, one.client)
    payments, bills = [], []
    posted = asked = 0
    for one in loaded:
        with enter_client(one.client) as client:
            payments += demo_books.posted_payments(client, one)
            bills += demo_books.posted_bills(client, one)
            posted += Entry.objects.filter(client=client, act__night=night.pk).count()
            asked += Question.objects.filter(client=client, closed_at__isnull=True).count()
            assert prove(client).fault is None
    verdict = judge(world, payments=payments, bills=bills)
    assert verdict.wrong == ()
    assert verdict.missed == ()
    assert len(verdict.right) == posted
    assert asked >= len(verdict.left)

    # The same night again finds nothing to do.
    again = robot.begin(office, world.night)
    for one in loaded:
        robot.run_client(again, one.client)
        with enter_client(one.client) as client:
            assert prove(client).fault is None
    with_all = [one.client for one in loaded]

    with scope(with_all):
        assert Entry.objects.filter(act__night=night.pk).count() == posted
        assert Question.objects.filter(closed_at__isnull=True).count() == asked
        told = queries.report(robot.begin(office, world.night))
    assert {run.routine for run in told.runs} == ROUTINES
    assert told.posted == posted
    assert told.failed == 0
