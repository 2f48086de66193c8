"""Documents come by every way, by night and by day, over real sockets: collect_files, open_mails,
watch_reception, read_documents. Whoever is killed on the way loses nothing and doubles nothing."""

import datetime

import pytest
from django.utils import timezone

from nattbok.channels.mail import ImapSettings
from nattbok.db.scope import scope
from nattbok.desk.queries import waiting
from nattbok.documents.actions import intake
from nattbok.documents.models import Document
from nattbok.documents.queries import intake as queries
from nattbok.documents.rules.intake import Kind, PlaceTaken, WrongSetting, imap_draft, sftp_draft
from nattbok.files.actions import add_source
from nattbok.files.models import Arrival, File, Mail, NetworkMessage, Source
from nattbok.robot import rounds
from nattbok.robot.routine import Tonight
from nattbok.robot.routines import collect_files as collecting
from nattbok.robot.routines import open_mails, read_documents, watch_reception
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.mail.senders import a_mail, send
from nattbok.sandbox.mail.serving import MailServer
from nattbok.sandbox.network.folders import FolderDoor
from nattbok.sandbox.network.point import Fault
from nattbok.site.mail_receiver import fetch_all
from tests.documents.invoices import PERSON, a_company, an_e_invoice
from tests.world import TODAY, a_client

SENDER = "0192:310000019"
BY_DAY = Tonight(None, TODAY, "collect_files")


class Killed(BaseException):
    """As when the process ends between two statements."""


@pytest.fixture
def server():
    boxes = Mailboxes()
    with MailServer(boxes) as opened:
        yield opened


def an_invoice(client) -> bytes:
    return an_e_invoice(client, a_company()).encode()


def at_night(client, night: int = 1):
    """What a night does with what came."""
    told = Tonight(night, TODAY, "collect_files")
    outcomes = [one.run(client, told) for one in _routines()]
    return outcomes[0]


def _routines():
    return (
        collecting.collect_files,
        watch_reception.watch_reception,
        open_mails.open_mails,
        read_documents.read_documents,
    )


def kinds(client) -> list[str]:
    return sorted(question.kind for question in waiting([client]))


def a_mailbox(client, server, **given) -> int:
    user = f"post{client.pk}@byraa.example"
    server.mailboxes.add_user(user, "hemmelig", "Kept")
    draft = imap_draft(
        {"host": server.host, "port": str(server.imap_port), "username": user, "password": "hemmelig",
         "security": "none", "done": "Kept"} | given
    )  # fmt: skip
    return intake.add(client, draft, by=PERSON)


def mail_to(client, server, *files, **given) -> None:
    user = f"post{client.pk}@byraa.example"
    send(server.host, server.smtp_port, [user], a_mail(*files, **given))


def documents(client) -> int:
    return Document.objects.filter(client=client, kind="invoice").count()


def test_a_mailbox_gives_documents_and_is_emptied(client, server):
    a_mailbox(client, server)
    mail_to(client, server, ("a.xml", an_invoice(client)), ("b.xml", an_invoice(client)), number="1")
    outcome = at_night(client)
    assert (outcome.done, outcome.left, documents(client)) == (1, 0, 2)
    assert kinds(client) == []
    box = server.mailboxes.users[f"post{client.pk}@byraa.example"]
    assert (len(box.folders["INBOX"].mails), len(box.folders["Kept"].mails)) == (0, 1)
    assert b"hemmelig" not in bytes(Source.objects.get(client=client).secret)


@pytest.mark.parametrize("done", ["Kept", ""])
def test_killed_between_keeping_and_moving_a_mail_comes_once(client, server, monkeypatch, done):
    source = a_mailbox(client, server, done=done)
    mail_to(client, server, ("a.xml", an_invoice(client)))
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(collecting._Fetched, "_done", _die)
        at_night(client)
    assert Mail.objects.filter(client=client).count() == 1
    at_night(client, 2)
    at_night(client, 3)
    assert (Mail.objects.filter(client=client).count(), documents(client)) == (1, 1)
    arrived = Arrival.objects.filter(client=client, file__format="mail").order_by("pk")
    assert list(arrived.values_list("is_repeat", flat=True)) == [False, True]
    if not done:
        assert Source.objects.get(pk=source).position["through"] == 1


def _die(*given, **named):
    raise Killed


def test_killed_before_the_transaction_ends_nothing_is_kept_and_all_comes_again(client, server, monkeypatch):
    a_mailbox(client, server)
    mail_to(client, server, ("a.xml", an_invoice(client)))
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(collecting, "act", _die)
        at_night(client)
    assert not Mail.objects.filter(client=client).exists()
    at_night(client, 2)
    assert documents(client) == 1


def test_a_silent_mailbox_is_a_question_until_it_answers(client, server):
    a_mailbox(client, server)
    mail_to(client, server, ("a.xml", an_invoice(client)))
    server.mailboxes.faults.add("refuse_login")
    assert at_night(client).left == 1
    assert kinds(client) == ["files.source_silent"]
    server.mailboxes.faults = {"cut_in_fetch"}
    at_night(client, 2)
    assert (kinds(client), documents(client)) == (["files.source_silent"], 0)
    server.mailboxes.faults.clear()
    at_night(client, 3)
    assert (kinds(client), documents(client)) == ([], 1)


def test_an_sftp_folder_is_emptied_or_read_once(client, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "done").mkdir()
    user = f"sftp{client.pk}"
    given = {"host": "127.0.0.1", "username": user, "folder": "in", "archive": "done"}
    source = Source.objects.get(pk=intake.add(client, sftp_draft(given, kind=Kind.SFTP), by=PERSON))
    (row,) = queries.sources(client)
    (tmp_path / "in" / "a.xml").write_bytes(an_invoice(client))
    with FolderDoor(tmp_path, row.public_key, username=user) as door:
        source.settings |= {"port": door.port, "host_keys": [door.host_key]}
        source.save()
        at_night(client)
        assert ((tmp_path / "done" / "a.xml").exists(), documents(client)) == (True, 1)
        source.settings |= {"archive": ""}
        source.save()
        (tmp_path / "in" / "b.xml").write_bytes(an_invoice(client))
        at_night(client, 2)
        at_night(client, 3)
    assert documents(client) == 2
    assert list(Arrival.objects.filter(client=client).values_list("is_repeat", flat=True)) == [False, False]
    found = queries.ways(client, File.objects.filter(client=client).values_list("pk", flat=True))
    assert {str(way.words)[:13] for way in found.values()} == {"Came by SFTP "}


def test_reception_is_switched_on_with_one_action_and_e_invoices_come(client, point):
    row = intake.activate_reception(client, by=PERSON)
    assert (row.state, row.participant) == ("active", f"0192:{client.org_number}")
    assert queries.reception(client).state == "active"
    for number in ("a", "b"):
        point.send(an_invoice(client), sender=SENDER, receiver=row.participant, number=f"{client.pk}{number}")
    at_night(client)
    assert documents(client) == 2
    (first, _second) = NetworkMessage.objects.filter(client=client).order_by("pk")
    assert (first.sender, first.receiver) == (SENDER, row.participant)
    way = queries.ways(client, [first.file_id])[first.file_id]
    assert str(way.words).startswith(f"Came by the e-invoice network from {SENDER} on ")
    assert File.objects.get(pk=way.envelope_file).format == "sbdh"
    assert kinds(client) == []
    with pytest.raises(intake.ReceivedAlready):
        intake.activate_reception(client, by=PERSON)


@pytest.mark.parametrize(
    "faults",
    [
        {Fault.FORGETFUL},
        {Fault.DEAF},
        {Fault.REVERSED},
        {Fault.HALF},
        {Fault.CUT},
        {Fault.DEAD},
        {Fault.BUSY},
    ],
)
def test_whatever_the_network_does_each_invoice_comes_once(client, point, faults):
    row = intake.activate_reception(client, by=PERSON)
    for number in range(3):
        point.send(
            an_invoice(client),
            sender=SENDER,
            receiver=row.participant,
            number=f"{client.pk}-{number}",
            looks=number,
            times=2 if number == 1 else 1,
        )
    point.faults |= faults
    at_night(client)
    point.faults.clear()
    for night in range(2, 6):
        at_night(client, night)
    assert (documents(client), kinds(client)) == (3, [])
    assert NetworkMessage.objects.filter(client=client).count() == 3


def test_killed_between_keeping_and_acknowledging_a_message_comes_once(client, point, monkeypatch):
    row = intake.activate_reception(client, by=PERSON)
    point.send(an_invoice(client), sender=SENDER, receiver=row.participant, number=f"{client.pk}")
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(collecting._Fetched, "_done", _die)
        at_night(client)
    assert not point.participant(row.participant).inbox[0].is_acknowledged
    at_night(client, 2)
    assert documents(client) == NetworkMessage.objects.filter(client=client).count() == 1
    assert point.participant(row.participant).inbox[0].is_acknowledged


def test_a_message_for_somebody_else_is_not_kept(client, point):
    row = intake.activate_reception(client, by=PERSON)
    point.send(
        an_invoice(client), sender=SENDER, receiver="0192:999999999", number="x", inbox=row.participant
    )
    at_night(client)
    assert kinds(client) == ["files.not_taken"]
    assert not File.objects.filter(client=client).exists()
    assert not point.participant(row.participant).inbox[0].is_acknowledged


def test_another_content_under_the_same_number_is_kept_and_asked_about(client, point):
    row = intake.activate_reception(client, by=PERSON)
    for _time in range(2):
        point.send(an_invoice(client), sender=SENDER, receiver=row.participant, number=f"{client.pk}-same")
    at_night(client)
    assert (documents(client), kinds(client)) == (2, ["mails.altered"])


def test_reception_that_waits_is_refused_or_moves_is_told_of(client, point):
    point.faults.add(Fault.PENDING)
    row = intake.activate_reception(client, by=PERSON)
    assert row.state == "asked"
    point.faults = {Fault.DEAD}
    at_night(client)
    assert queries.reception(client).state == "asked"
    point.faults = {Fault.REFUSING}
    at_night(client, 2)
    assert (queries.reception(client).state, kinds(client)) == ("refused", ["intake.reception"])
    point.faults.clear()
    assert intake.activate_reception(client, by=PERSON).state == "active"
    assert kinds(client) == []
    point.move(row.participant, "Et annet aksesspunkt")
    at_night(client, 3)
    assert queries.reception(client).state == "active"  # looked at today already
    row.refresh_from_db()
    row.checked_at = timezone.now() - datetime.timedelta(hours=21)
    row.save()
    at_night(client, 4)
    assert (queries.reception(client).state, kinds(client)) == ("moved", ["intake.reception"])


def test_a_dead_access_point_is_asked_again_by_the_next_round(client, point):
    point.faults.add(Fault.DEAD)
    assert intake.activate_reception(client, by=PERSON).state == "asked"
    assert kinds(client) == ["intake.reception"]
    point.faults.clear()
    watch_reception.watch_reception.run(client, BY_DAY)
    assert (queries.reception(client).state, kinds(client)) == ("active", [])


def test_two_clients_never_fetch_from_one_place(client, server, office):
    a_mailbox(client, server)
    other = a_client(office=office)
    user = f"post{client.pk}@byraa.example"
    with scope([other.pk]), pytest.raises(PlaceTaken):
        draft = imap_draft({"host": server.host, "port": str(server.imap_port), "username": user})
        intake.add(other, draft, by=PERSON)


@pytest.mark.parametrize(
    "wrong", [{"host": "a b"}, {"port": "0"}, {"port": "x"}, {"username": ""}, {"security": "?"}]
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(WrongSetting):
        imap_draft({"host": "mail.example", "username": "u"} | wrong)


def test_by_day_sources_are_looked_at_when_their_time_has_come(client, office, tmp_path):
    source = add_source(client, kind="folder", address=str(tmp_path), title="Skanner")
    now = timezone.now()
    assert client.pk in rounds.due(office, now)
    (tmp_path / "a.xml").write_bytes(an_invoice(client))
    assert collecting.collect_files.run(client, BY_DAY).done == 1
    (tmp_path / "b.xml").write_bytes(an_invoice(client))
    assert collecting.collect_files.run(client, BY_DAY).done == 0
    source.refresh_from_db()
    assert client.pk in rounds.due(office, now)  # files wait to be read
    read_documents.read_documents.run(client, BY_DAY)
    assert client.pk not in rounds.due(office, now)
    assert client.pk in rounds.due(office, now + datetime.timedelta(minutes=source.minutes + 1))
    Source.objects.filter(pk=source.pk).update(minutes=0)
    assert client.pk not in rounds.due(office, now + datetime.timedelta(days=2))


def test_by_day_a_silent_source_that_is_not_asked_stays_a_question(client, tmp_path):
    add_source(client, kind="folder", address=str(tmp_path / "borte"), title="Skanner")
    at_night(client)
    assert kinds(client) == ["files.source_silent"]
    collecting.collect_files.run(client, BY_DAY)
    assert kinds(client) == ["files.source_silent"]
    intake.switch(client, Source.objects.get(client=client).pk, on=False, by=PERSON)
    collecting.collect_files.run(client, BY_DAY)
    assert kinds(client) == []


def test_the_routines_run_by_day():
    routines = (collecting.collect_files, open_mails.open_mails, read_documents.read_documents)
    assert all(one.by_day for one in routines)
    assert open_mails.open_mails.after == ("collect_files",)
    assert {"collect_files", "open_mails"} <= set(read_documents.read_documents.after)


def test_one_mailbox_for_all_gives_each_client_its_own(office, server):
    clients, addresses = [a_client(office=office) for _number in range(2)], []
    for one in clients:
        with scope([one.pk]):
            addresses.append(intake.open_address(one, by=PERSON))
    server.mailboxes.add_user("alle", "hemmelig", "Kept", "Held")
    server.mailboxes.catch_all = "alle"
    forged = b"Delivered-To: " + addresses[1].encode() + b"\r\nTo: " + addresses[1].encode() + b"\r\n"
    send(server.host, server.smtp_port, [addresses[0]], forged + a_mail(("a.pdf", b"%PDF-1")))
    send(server.host, server.smtp_port, [addresses[1]], a_mail(("b.pdf", b"%PDF-2")))
    send(server.host, server.smtp_port, ["ukjent@mail.invalid"], a_mail(("c.pdf", b"%PDF-3")))
    settings = ImapSettings(
        server.host, "alle", "hemmelig", port=server.imap_port, security="none", done_folder="Kept"
    )
    told = [
        fetch_all(settings, ["Delivered-To"], domain="mail.invalid", held_folder="Held") for _time in range(2)
    ]
    assert [(one.kept, one.held) for one in told] == [(2, 1), (0, 0)]
    assert len(server.mailboxes.users["alle"].folders["Held"].mails) == 1
    for one, name in zip(clients, ("a.pdf", "b.pdf"), strict=True):
        with scope([one.pk]):
            assert open_mails.open_mails.run(one, BY_DAY).done == 1
            assert [file.name for file in File.objects.exclude(format="mail")] == [name]
