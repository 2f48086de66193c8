"""What a night does and tells, gone through in one process."""

import os

import pytest

from nattbok.base.errors import Unreadable
from nattbok.clients import actions as clients_actions
from nattbok.clients.access import enter_office
from nattbok.clients.rules import Doer, Service
from nattbok.db import lock
from nattbok.files.actions import add_source
from nattbok.outbox.models import Mail
from nattbok.robot import actions, queries, report, routine
from nattbok.robot.models import Night, Run
from nattbok.robot.routine import Routine
from nattbok.robot.rules import Outcome
from nattbok.trail.models import Act
from tests.robot.crew import STEPS
from tests.robot.test_processes import posted
from tests.world import TODAY, a_client, booked


def test_a_night_posts_and_the_same_night_again_does_nothing_new(clients, go_through):
    told = go_through()
    assert (told["clients"], told["clients_done"], told["posted"], told["failed"]) == (3, 3, 3 * STEPS, 0)
    before = [booked(client) for client in clients]
    again = go_through()
    assert [booked(client) for client in clients] == before
    assert (again["posted"], again["starts"], again["night"]) == (3 * STEPS, 2, told["night"])
    assert all(run["counted"] >= run["posted"] for run in again["runs"])


def test_a_failing_routine_stops_those_after_it_and_nobody_else(office, clients, go_through, caplog):
    unlucky, broken = a_client(office=office, name="unlucky AS"), a_client(office=office, name="broken AS")
    told = go_through()
    assert (told["clients_done"], told["failed"]) == (5, 2)
    lines = {(run["client"], run["routine"]): run for run in told["runs"]}
    assert lines[unlucky.pk, "fail"]["trouble"] == "The cards say no for unlucky AS."
    assert "ZeroDivisionError" in lines[broken.pk, "fail"]["trouble"]
    assert "Traceback" in caplog.text  # for us
    for client in (unlucky, broken):
        assert lines[client.pk, "follow"]["skipped"] == "earlier"
        assert lines[client.pk, "follow_on"]["skipped"] == "earlier"
        assert lines[client.pk, "go_on"]["skipped"] is None
        assert lines[client.pk, "post_slowly"]["posted"] == STEPS
    assert lines[clients[0].pk, "follow_on"]["counted"] == 1
    with enter_office(office):
        assert not Act.objects.filter(client=broken, kind="test.rolled_back").exists()
        page = report.text(queries.report(queries.last_night(office)), "en")
    assert page.index("The cards say no") < page.index("Clients and routines")
    # What had nothing to do is counted, not listed.
    ran = [run for run in told["runs"] if run["client"] == clients[0].pk]
    idle = [run for run in ran if not (run["counted"] or run["posted"] or run["waiting"])]
    named = page.split(f"{clients[0].number} {clients[0].name}", 1)[1].split(clients[1].name)[0]
    assert 0 < len(idle) < len(ran) and f"{len(idle)} other routines" in named


def test_a_switched_off_service_is_left_and_said_and_switched_on_again_runs(clients, go_through):
    clients_actions.agree(clients[0], Service.BANK, Doer.OFFICE)
    clients[1].is_enrolled = False
    clients[1].save()
    told = go_through("2026-03-12")
    lines = {(run["client"], run["routine"]): run for run in told["runs"]}
    assert lines[clients[0].pk, "post_slowly"]["skipped"] == "office"
    assert lines[clients[0].pk, "go_on"]["skipped"] is None
    assert lines[clients[1].pk, "go_on"]["skipped"] == "not_enrolled"
    assert (told["clients"], told["clients_done"], posted(clients)) == (2, 2, STEPS)
    clients_actions.agree(clients[0], Service.BANK, Doer.ROBOT)
    go_through("2026-03-13")
    assert posted(clients[:1]) == STEPS


def test_a_client_enrolled_in_the_day_is_in_the_next_night(office, clients, go_through):
    go_through("2026-03-12")
    new = a_client(office=office)
    told = go_through("2026-03-13")
    assert told["clients"] == 4
    assert {run["client"] for run in told["runs"]} >= {new.pk}


def test_collect_files_from_folders_and_the_report_lists_each_source(clients, go_through, tmp_path):
    fjord, skog, _vik = clients
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    add_source(fjord, kind="folder", address=str(first), title="Bank")
    add_source(fjord, kind="folder", address=str(tmp_path / "missing"), title="Gone")
    add_source(skog, kind="folder", address=str(second), title="Post")
    (first / "a.txt").write_text("one")
    (first / "b.txt").write_text("one")  # the same bytes
    (first / "c.txt.part").write_text("half")
    (first / "link").symlink_to("/etc/passwd")
    (second / "c.txt").write_text("one")  # another client's
    told = go_through("2026-03-12")
    sources = {source["title"]: source for source in told["sources"]}
    assert (sources["Bank"]["files"], sources["Bank"]["repeats"]) == (1, 1)
    assert (sources["Post"]["files"], sources["Post"]["repeats"]) == (1, 0)
    assert "missing" in sources["Gone"]["trouble"]
    assert told["waiting"] == 2  # the silent source, and the link
    assert sorted(os.listdir(first)) == ["c.txt.part", "done", "link"]
    kept = Act.objects.get(client=fjord, kind="files.kept")
    assert (kept.evidence["count"], kept.evidence["repeats"]) == (1, 1)
    assert kept.evidence["files"][0]["name"] == "a.txt" and len(kept.evidence["files"][0]["sha256"]) == 64
    # The half-written file is whole, the folder is there and the link is gone: what was asked settles itself.
    (tmp_path / "missing").mkdir()
    (first / "link").unlink()
    (first / "c.txt.part").rename(first / "c.txt")
    told = go_through("2026-03-13")
    assert {source["title"]: (source["files"], source["trouble"]) for source in told["sources"]} == {
        "Bank": (1, None),
        "Gone": (0, None),
        "Post": (0, None),
    }
    with enter_office(Night.objects.get(pk=told["night"]).office):
        assert queries.report(Night.objects.get(pk=told["night"])).waiting == 0


def test_killed_between_keeping_and_moving_a_file_comes_again_as_a_repeat(clients, go_through, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    add_source(clients[0], kind="folder", address=str(folder), title="Bank")
    (folder / "a.txt").write_text("one")
    go_through("2026-03-12")
    (moved,) = (folder / "done").iterdir()
    moved.rename(folder / "a.txt")  # as if it had never been moved
    (source,) = go_through("2026-03-13")["sources"]
    assert (source["files"], source["repeats"]) == (0, 1)


def test_somebody_else_in_the_books_is_left_alone(office, clients):
    night = actions.begin(office, TODAY)
    from django.db import connections

    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [lock.CLIENT, clients[0].pk])
        assert actions.run_client(night, clients[0].pk) is actions.Result.BUSY
    finally:
        other.close()
    assert not Run.objects.filter(night=night).exists()


def test_stopped_between_two_routines_it_goes_on_there(office, clients):
    night = actions.begin(office, TODAY)
    asked = iter([False, True])
    assert actions.run_client(night, clients[0].pk, should_stop=lambda: next(asked)) is actions.Result.STOPPED
    assert [run.routine for run in Run.objects.filter(night=night)] == ["collect_files"]
    assert actions.run_client(night, clients[0].pk) is actions.Result.DONE
    assert set(Run.objects.filter(night=night).values_list("starts", flat=True)) == {1}
    actions.finish(night)
    assert actions.run_client(night, clients[1].pk) is actions.Result.OVER


def test_a_night_cut_short_says_who_was_not_gone_through(office, clients):
    night = actions.begin(office, TODAY)
    actions.run_client(night, clients[0].pk)
    told = actions.finish(night)
    assert told.not_done == (clients[1].name, clients[2].name)
    assert "Not gone through" in report.text(told, "en")


def test_the_next_night_ends_one_that_never_ended(office, clients):
    first = actions.begin(office, TODAY)
    actions.begin(office, TODAY.replace(day=13))
    first.refresh_from_db()
    assert first.ended_at is not None


def test_a_file_that_is_not_as_its_format_says_where(office, clients, monkeypatch):
    def run(client, tonight):
        raise Unreadable("The closing balance is missing.", where="Stmt/Bal", name="nul\x00")

    broken = Routine("read_something", "Read", Service.BANK, (), run)
    monkeypatch.setattr(routine, "routines", lambda: (broken,))
    night = actions.begin(office, TODAY)
    actions.run_client(night, clients[0].pk)
    with enter_office(office):
        (line,) = queries.report(night).runs
    assert report.say(line.trouble, "en") == "The closing balance is missing. (Stmt/Bal)"


def test_a_night_is_mailed_once_and_again_only_with_other_figures(office, clients, go_through):
    office.report_to = ["a@byra.no"]
    office.save()
    go_through()
    night = Night.objects.get(office=office)
    actions.finish(night)
    go_through()
    (mail,) = Mail.objects.filter(office=office)
    assert f"{3 * STEPS}" in mail.subject and mail.to == ["a@byra.no"]
    assert clients[0].name in mail.text and "<table" in mail.html
    a_client(office=office)
    go_through()
    assert Mail.objects.filter(office=office).count() == 2


def test_a_report_has_a_fixed_number_of_queries(office, clients, go_through, queries_of):
    go_through()
    night = Night.objects.get(office=office)
    few = queries_of(lambda: queries.report(night))
    for _ in range(4):
        a_client(office=office)
    go_through()
    assert queries_of(lambda: queries.report(night)) <= few <= 14


def test_the_report_has_the_books_heads_and_turnover(clients, go_through):
    told = go_through()
    assert [head["entries"] for head in told["heads"]] == [STEPS] * 3
    assert [head["turnover"] for head in told["heads"]] == ["40.00"] * 3
    assert all(len(head["head"]) == 64 for head in told["heads"])


def test_a_killed_routine_is_never_told_with_less_than_it_did(office, clients, monkeypatch):
    """Its second half counts only what it did itself; the report counts from the books."""
    slow = next(one for one in routine.routines() if one.name == "post_slowly")
    night = actions.begin(office, TODAY)
    actions.run_client(night, clients[0].pk)
    assert slow.run(clients[0], routine.Tonight(night.pk, TODAY, "post_slowly")) == Outcome(done=0)
    Run.objects.filter(night=night, routine="post_slowly").update(counted=0)
    line = next(run for run in actions.finish(night).runs if run.routine == "post_slowly")
    assert (line.counted, line.posted) == (STEPS, STEPS)


@pytest.mark.parametrize("language", ["nb", "sv", "en"])
def test_the_report_can_be_read_in_every_language(language, office, clients, go_through):
    go_through(language=language)
    with enter_office(office):
        told = queries.report(queries.last_night(office))
    assert clients[0].name in report.text(told, language)
    assert "<td" in report.html(told, language)
    assert "{" not in report.text(told, language)
