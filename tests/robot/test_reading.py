"""Pictures and PDFs are read beside the night: read_pictures hands them on, and whoever is killed meanwhile
loses nothing."""

import datetime

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from nattbok.clients.access import enter_office
from nattbok.desk import queries as desk
from nattbok.documents import queries
from nattbok.documents.models import Document, SupplierMemory
from nattbok.documents.queries.intake import with_intake_due
from nattbok.files import actions as files
from nattbok.robot import actions, jobs, reading
from nattbok.robot.models import Night, Run
from nattbok.robot.routine import Tonight
from nattbok.robot.routines.code_documents import code_documents
from nattbok.robot.routines.read_documents import read_documents
from nattbok.robot.routines.read_pictures import read_pictures
from nattbok.robot.rules import Outcome
from tests.documents.invoices import a_seller, unattended
from tests.documents.papers_in import a_pdf, a_sale, the_reader
from tests.reading import papers
from tests.world import TODAY, booked


@pytest.fixture(autouse=True)
def _engines(monkeypatch):
    """The process that reads is the one that all tests have."""
    monkeypatch.setattr(reading._eyes, "reader", the_reader())
    yield
    if reading._eyes._timer is not None:
        reading._eyes._timer.cancel()


def the_jobs(client) -> list[ProcrastinateJob]:
    rows = ProcrastinateJob.objects.filter(task_name=reading.READ_CLIENT, args__client=client.pk)
    return list(rows.filter(status="todo").order_by("pk"))


def test_the_night_hands_on_what_is_to_be_looked_at_and_reads_it_beside(fjord):
    seller = a_seller(unattended(fjord), amount="5225.50")
    proven = a_pdf(papers.stacked(a_sale(fjord, seller)))
    for data, name in ((proven, "faktura.pdf"), (b"\xff\xd8\xff\xe0" + b"0" * 99, "bilde.jpg")):
        files.keep(fjord, data, name=name, came_by="upload")
    night = actions.begin(fjord.office, TODAY)
    told = {
        one.name: one.run(fjord, Tonight(night.pk, TODAY, one.name))
        for one in (read_documents, read_pictures, read_pictures, code_documents)
    }
    assert (
        told["read_documents"] == Outcome(done=2)
        and told["read_pictures"] == told["code_documents"] == Outcome()
    )
    (job,) = the_jobs(fjord)  # once, however often it is asked for, and after all else
    assert (job.queue_name, job.priority) == (reading.queue_of(fjord.office_id), reading.LAST)
    assert job.args["night"] == night.pk and reading.is_going_on(fjord.office_id)
    assert with_intake_due([fjord], datetime.datetime.now(datetime.UTC)) == [fjord.pk]
    reading.read_client(fjord.pk, night.pk, lambda: False)
    reading.read_client(fjord.pk, night.pk, lambda: False)  # again: there is nothing to do
    assert "2400  -5225.50" in booked(fjord, series="K")
    assert [one.kind for one in desk.waiting([fjord])] == ["documents.unreadable"]
    assert queries.unread(fjord) == []
    assert not reading.is_going_on(fjord.office_id, besides=job.pk)
    reading.ask(fjord, None)
    reading.read_client(fjord.pk, None, lambda: False)  # teaches
    assert SupplierMemory.objects.get(client=fjord).documents == 1


def test_one_client_does_not_keep_the_others_waiting(fjord):
    seller = a_seller(fjord)
    for place in range(2):
        data = a_pdf(papers.stacked(a_sale(fjord, seller, number=f"5{place}")))
        files.keep(fjord, data, name=f"{place}.pdf", came_by="upload")
    read_documents.run(fjord, Tonight(None, TODAY, "read_documents"))
    reading.read_client(fjord.pk, None, lambda: True)  # asked to stop: one is done, the rest is queued
    assert Document.objects.filter(client=fjord, kind="unread").count() == 1
    (job,) = the_jobs(fjord)
    reading.read_client(fjord.pk, job.args["night"], lambda: False)
    assert queries.unread(fjord) == []


def test_a_night_is_open_for_its_readings_and_no_longer(office, fjord):
    night = actions.begin(office, TODAY)
    with enter_office(office) as clients:
        for client in clients:
            actions.run_client(night, client.pk)
        reading.ask(fjord, night.pk)
        assert reading.keeps_open(night) and not jobs._finish_if_over(night)
        (job,) = the_jobs(fjord)
        assert not reading.keeps_open(night, besides=job.pk)
        long_ago = datetime.datetime.now(datetime.UTC) - reading.PATIENCE
        Run.objects.filter(night=night).update(ended_at=long_ago)
        assert jobs._finish_if_over(night)  # reading goes on all the same, and is never why a night is late
    assert Night.objects.get(pk=night.pk).ended_at is not None
