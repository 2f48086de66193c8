"""Whatever goes wrong outside, each document comes once: collect_files through every kind of source."""

import os

import pytest
from django.utils import timezone

from nattbok.db.scope import scope
from nattbok.desk.queries import waiting
from nattbok.documents.actions import intake
from nattbok.documents.models import Document
from nattbok.documents.queries import intake as queries
from nattbok.documents.queries.digital import digital
from nattbok.documents.rules.intake import Kind, imap_draft, sftp_draft
from nattbok.files.actions import add_source
from nattbok.files.models import Arrival, File, Source
from nattbok.robot.routine import Tonight
from nattbok.robot.routines.collect_files import collect_files
from nattbok.robot.routines.open_mails import open_mails
from nattbok.robot.routines.read_documents import read_documents
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.mail.senders import a_mail, send
from nattbok.sandbox.mail.serving import MailServer
from nattbok.sandbox.network.folders import FolderDoor
from tests.documents.invoices import PERSON, a_company, an_e_invoice
from tests.world import TODAY, a_client


@pytest.fixture
def client(office, monkeypatch):
    monkeypatch.setenv("NATTBOK_FOLDER_SETTLE", "0")
    made = a_client("NO", office=office)
    with scope([made.pk]):
        yield made


def an_invoice(client) -> bytes:
    return an_e_invoice(client, a_company()).encode()


def night(client, number: int) -> list[str]:
    """A night's collecting and reading; the kinds of questions that are open after it."""
    told = Tonight(number, TODAY, "collect_files")
    for one in (collect_files, open_mails, read_documents):
        one.run(client, told)
    return sorted(question.kind for question in waiting([client]))


def documents(client) -> int:
    return Document.objects.filter(client=client, kind="invoice").count()


@pytest.mark.parametrize(
    "fault, done, first_night",
    [
        ("refuse_login", "Kept", ["files.source_silent"]),
        ("cut_in_fetch", "", ["files.source_silent"]),  # half a mail is none
        ("cut_after_move", "Kept", ["files.source_silent"]),  # moved, and the answer is lost
        ("no_move", "Kept", []),  # an old server: copied and removed instead
    ],
)
def test_a_mail_server_that_errs(client, fault, done, first_night):
    boxes = Mailboxes()
    user = f"post{client.pk}@byraa.example"
    boxes.add_user(user, "hemmelig", "Kept")
    with MailServer(boxes) as server:
        given = {
            "host": server.host, "port": str(server.imap_port), "username": user, "password": "hemmelig",
            "security": "none", "done": done,
        }  # fmt: skip
        intake.add(client, imap_draft(given), by=PERSON)
        for number in ("2", "1"):  # out of order
            data = a_mail((f"{number}.xml", an_invoice(client)), number=number)
            for _time in range(2):  # twice
                send(server.host, server.smtp_port, [user], data)
        boxes.faults.add(fault)
        assert night(client, 1) == first_night
        boxes.faults.clear()
        assert [night(client, number) for number in (2, 3)] == [[], []]
        boxes.renumber(user)  # the server is moved: all UIDs are new
        assert night(client, 4) == []
    assert documents(client) == 2


@pytest.mark.parametrize("after, left", [("archive", 0), ("remove", 0), ("", 2)])
def test_an_sftp_server_that_errs(client, tmp_path, after, left):
    for name in ("in", "done"):
        (tmp_path / name).mkdir()
    given = {"host": "127.0.0.1", "username": f"sftp{client.pk}", "folder": "in"}
    given |= {"archive": "done"} if after == "archive" else {"after": after}
    source = Source.objects.get(pk=intake.add(client, sftp_draft(given, kind=Kind.SFTP), by=PERSON))
    data = an_invoice(client)
    (tmp_path / "in" / "b.xml").write_bytes(data)
    (tmp_path / "in" / "a.xml.part").write_bytes(data[: len(data) // 2])  # half a file
    key = source.settings["public_key"]
    with FolderDoor(tmp_path, key, username=f"sftp{client.pk}") as door:
        source.settings |= {"port": door.port, "host_keys": [door.host_key]}
        source.save()
    assert night(client, 1) == ["files.source_silent"]  # dead
    with FolderDoor(tmp_path, key, username=f"sftp{client.pk}") as door:
        source.settings |= {"port": door.port, "host_keys": [door.host_key]}
        source.save()
        assert (night(client, 2), documents(client)) == ([], 1)
        (tmp_path / "in" / "a.xml.part").unlink()
        (tmp_path / "in" / "a.xml").write_bytes(data)  # the same bytes under another name
        assert [night(client, number) for number in (3, 4)] == [[], []]
    assert documents(client) == 1
    assert list(Arrival.objects.filter(client=client).order_by("pk").values_list("is_repeat", flat=True)) == [
        False, True,
    ]  # fmt: skip
    assert len(list((tmp_path / "in").iterdir())) == left
    assert len(list((tmp_path / "done").iterdir())) == (2 if after == "archive" else 0)


def test_a_folder_that_errs(client, tmp_path):
    """Not there, half a file, a file that is being written, a link; and only the sources that are on."""
    place, other = tmp_path / "inn", tmp_path / "stengt"
    other.mkdir()
    add_source(client, kind="folder", address=str(place), title="Skanner")
    closed = add_source(client, kind="folder", address=str(other), title="Stengt")
    intake.switch(client, closed.pk, on=False, by=PERSON)
    assert night(client, 1) == ["files.source_silent"]
    place.mkdir()
    data = an_invoice(client)
    (other / "x.xml").write_bytes(an_invoice(client))
    (place / ".a.xml.part").write_bytes(data[:100])
    (place / "b.xml").symlink_to(other / "x.xml")
    with (place / "c.xml").open("wb", buffering=0) as being_written:
        being_written.write(data[:100])
        assert (night(client, 2), documents(client)) == (["files.not_taken"], 0)
        being_written.write(data[100:])
    os.unlink(place / "b.xml")
    assert (night(client, 3), documents(client)) == ([], 1)
    ways = queries.ways(client, File.objects.filter(client=client).values_list("pk", flat=True))
    assert {str(way.words).partition(" on ")[0] for way in ways.values()} == {"Came in the folder Skanner"}
    assert len(list((place / "done").iterdir())) == 1


def test_what_is_digital_is_told(client, tmp_path):
    add_source(client, kind="folder", address=str(tmp_path), title="Skanner")
    (tmp_path / "a.xml").write_bytes(an_invoice(client))
    night(client, 1)
    told = digital(client, today=timezone.localdate())
    assert (told.e_invoices, told.on_paper, told.percent, told.suppliers) == (1, 0, 100, ())
