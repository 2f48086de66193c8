"""Rounds to the banks by day and by night, over real sockets: send_payment_files, fetch_bank_files,
read_bank_files, read_receipts, watch_banks."""

import datetime

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from nattbok.bank import actions as bank
from nattbok.bank.actions import watching
from nattbok.bank.models import Movement
from nattbok.clients import actions as clients
from nattbok.clients.rules import Doer, Service
from nattbok.db import lock
from nattbok.db.scope import scope
from nattbok.desk.queries import waiting
from nattbok.ledger.models import Entry
from nattbok.outbox import queries as sendings
from nattbok.outbox.rules import State as Sent
from nattbok.robot import actions, jobs, rounds, routine
from nattbok.robot.models import Run
from nattbok.sandbox.bank.shape import Fault
from tests.bank.bank_connections import DAY, a_connection
from tests.bank.test_fetching import camt053, handed_in
from tests.world import an_invoice

REAL = routine.routines  # the fixture of this folder puts those of the tests in their place


@pytest.fixture(autouse=True)
def _real_routines(_settings, monkeypatch):
    monkeypatch.setattr(routine, "routines", REAL)
    monkeypatch.setenv("NATTBOK_BANK_SETTLE", "0")
    monkeypatch.setenv("NATTBOK_BANK_PATIENCE", "2")


def test_what_is_approved_leaves_within_a_minute_and_the_bank_is_asked(fjord, office):
    with a_connection(fjord) as world:
        handed_in(world)
        world.bank.lay(world.customer, "a.xml", camt053(DAY))
        assert rounds.due(office) == [fjord.pk]
        with scope([]):
            assert rounds.go_round(fjord.pk)
        assert sendings.sending(fjord, "batch:1").state is Sent.SENT
        assert Movement.objects.filter(client=fjord).count() == 1
        assert not Run.objects.filter(client=fjord).exists()  # it is no night
        assert rounds.due(office) == []  # the bank was asked a moment ago


def test_a_round_is_a_job_and_is_queued_once(fjord, office):
    with a_connection(fjord) as world:
        handed_in(world)
        with scope([]):
            jobs.start_rounds()
            jobs.start_rounds()
        queued = ProcrastinateJob.objects.filter(task_name=jobs.GO_ROUND, args__client=fjord.pk)
        assert queued.count() == 1
        queued.delete()


def test_the_bank_is_asked_again_when_its_time_has_come(fjord, office):
    with a_connection(fjord) as world, scope([]):
        rounds.go_round(fjord.pk)
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=16)
        assert rounds.due(office) == []
        assert rounds.due(office, later) == [fjord.pk]
        with scope([fjord.pk]):
            bank.change(fjord, world.connection, by="test", settings={"day_minutes": 0})
            bank.try_out(fjord, world.connection, by="test")
            bank.activate(fjord, world.connection, by="test", on=DAY)
        assert rounds.due(office, later) == []


def test_payments_are_posted_by_day_only_where_the_client_wants_it(fjord, office):
    reference = "1234567897"
    with a_connection(fjord) as world:
        an_invoice(fjord, "10.00", reference=reference)
        world.bank.lay(world.customer, "a.xml", camt053(DAY))
        rounds.go_round(fjord.pk)
        entries = Entry.objects.filter(client=fjord).count()
        asked = [question for question in waiting([fjord]) if question.subject.startswith("movement:")]
        assert asked == []  # not even looked at
        bank.change(fjord, world.connection, by="test", settings={"matches_by_day": True})
        bank.try_out(fjord, world.connection, by="test")
        bank.activate(fjord, world.connection, by="test", on=DAY)
        rounds.go_round(fjord.pk)
        asked = [question for question in waiting([fjord]) if question.subject.startswith("movement:")]
        assert len(asked) == 1
        assert Entry.objects.filter(client=fjord).count() == entries


def test_a_round_leaves_books_that_are_busy(fjord):
    from threading import Thread

    from django.db import connection

    answers = []

    def elsewhere():
        try:
            answers.append(rounds.go_round(fjord.pk))
        finally:
            connection.close()

    with lock.held(lock.CLIENT, fjord.pk):
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert answers == [False]


def test_a_night_sends_fetches_reads_and_asks(fjord, office):
    """Also for a client that keeps its own bank: what is approved goes, and what came is fetched."""
    clients.agree(fjord, Service.PAYMENTS, Doer.CLIENT)
    with a_connection(fjord) as world:
        handed_in(world)
        world.bank.lay(world.customer, "a.xml", camt053(DAY))
        friday = DAY + datetime.timedelta(days=1)
        night = actions.begin(office, friday)
        actions.run_client(night, fjord.pk)
        runs = {run.routine: (run.counted, run.trouble) for run in Run.objects.filter(client=fjord)}
        assert runs["send_payment_files"] == (1, "")
        assert runs["fetch_bank_files"] == (1, "")
        assert runs["read_bank_files"] == (1, "")
        assert runs["watch_banks"][1] == ""
        order = [one.name for one in REAL()]
        assert order.index("send_payment_files") < order.index("fetch_bank_files")
        assert order.index("read_receipts") < order.index("watch_banks")
        world.bank.faults.switch("*", Fault.NO_ANSWER)
        monday = DAY + datetime.timedelta(days=4)
        night = actions.begin(office, monday)
        actions.run_client(night, fjord.pk)
        assert not any(run.trouble for run in Run.objects.filter(client=fjord, night=night))
        kinds = {question.kind for question in waiting([fjord])}
        assert {watching.SILENT, watching.LATE, watching.NO_RECEIPT} <= kinds
