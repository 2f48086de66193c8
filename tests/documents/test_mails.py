"""Mails become files and documents; none is lost, none is doubled, and none lands with another client."""

import smtplib
import socket
from email.message import EmailMessage

import pytest
from django.db import DatabaseError, transaction

from nattbok.db.scope import scope
from nattbok.desk.queries import waiting
from nattbok.documents import actions
from nattbok.documents.actions import intake
from nattbok.documents.actions.ways import mail_domain
from nattbok.documents.models import Document
from nattbok.documents.queries import intake as queries
from nattbok.documents.queries import unread_files
from nattbok.documents.rules.intake import AddressNotPlain, AddressTaken
from nattbok.files.actions import keep_mail
from nattbok.files.models import Address, Attachment, File, Mail
from nattbok.sandbox.mail.senders import a_mail, send
from nattbok.site.mail_receiver import Receiver, client_at
from nattbok.trail.models import Act
from tests.documents.invoices import BY, PERSON, a_company, an_e_invoice
from tests.world import a_client

PDF = b"%PDF-1.4\n" + b"x" * 5000


@pytest.fixture
def receiver():
    made = Receiver("127.0.0.1", 0, domain=mail_domain())
    made.start()
    yield made
    made.stop()


def sent(receiver, *recipients: str, data: bytes, **given) -> dict:
    return send("127.0.0.1", receiver.port, recipients, data, **given)


def opened(client, data: bytes, **given) -> Mail:
    """The mail as it is when it has come and is opened."""
    kept = keep_mail(client, data, **given).mail
    actions.open_mails(client, by=BY)
    kept.refresh_from_db()
    return kept


def kinds(client) -> list[str]:
    return sorted(question.kind for question in waiting([client]))


def test_each_attachment_is_a_document_and_the_mail_is_its_evidence(fjord):
    one, two = (an_e_invoice(fjord, a_company()).encode() for _number in range(2))
    data = a_mail(("a.xml", one), ("b.xml", two), number=f"{fjord.pk}-1", logo=True)
    mail = opened(fjord, data, recipient="x@mail.invalid", envelope_sender="bounce@havna.example")
    assert (mail.outcome, mail.subject) == ("taken", "Faktura")
    files = unread_files(fjord)
    assert len(files) == 2  # the mail itself is none
    made = actions.receive(fjord, files, by=BY)
    assert len(made.documents) == 2
    ways = queries.ways(fjord, files)
    words = str(ways[files[0]].words)
    assert words.startswith("Came by e-mail from Havna Fisk AS <faktura@havna.example> on ")
    assert words.endswith("“Faktura”")
    assert {way.mail_file for way in ways.values()} == {mail.file_id}
    shown = queries.mail_of(fjord, mail.file_id)
    assert [row[1:] for row in shown.attachments] == [("a.xml", "2", False), ("b.xml", "3", False)]
    act = Act.objects.get(client=fjord, kind="documents.mail_opened")
    assert act.evidence["recipient"] == "x@mail.invalid" and act.evidence["count"] == 2
    assert kinds(fjord) == []


def test_the_same_mail_again_is_a_repeat_by_its_bytes_and_by_its_id(fjord):
    files = [("a.xml", an_e_invoice(fjord, a_company()).encode())]
    data = a_mail(*files, number=f"{fjord.pk}-2")
    first = opened(fjord, data)
    assert keep_mail(fjord, data).is_repeat
    again = opened(fjord, b"Received: by another server\r\n" + data)
    assert (again.outcome, again.repeats_id) == ("repeat", first.pk)
    # Another file under the same id is not passed over: ids are the sender's to choose.
    third = opened(fjord, a_mail(("b.pdf", PDF), number=f"{fjord.pk}-2"))
    assert (third.outcome, third.repeats_id) == ("taken", first.pk)
    assert kinds(fjord) == []
    assert actions.open_mails(fjord, by=BY).mails == 0


def test_the_same_file_in_two_mails_is_one_file(fjord):
    files = [("a.xml", an_e_invoice(fjord, a_company()).encode())]
    opened(fjord, a_mail(*files, number=f"{fjord.pk}-3"))
    opened(fjord, a_mail(*files, number=f"{fjord.pk}-4"))
    assert len(unread_files(fjord)) == 1
    assert list(
        Attachment.objects.filter(client=fjord).order_by("pk").values_list("is_repeat", flat=True)
    ) == [
        False,
        True,
    ]


def an_answer() -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["Auto-Submitted"] = "Ikke på kontoret", "auto-replied"
    mail.set_content("Jeg er tilbake mandag.")
    return mail.as_bytes()


@pytest.mark.parametrize(
    "data, outcome, asked",
    [
        (a_mail(), "nothing", ["mails.nothing"]),
        (a_mail(logo=True), "nothing", ["mails.nothing"]),
        (an_answer(), "automatic", []),
        (a_mail(("winmail.dat", b"\x78\x9f\x3e\x22")), "nothing", ["mails.nothing"]),
        (a_mail(("a.pdf", PDF), ("alt.zip", b"PK\3\4" + b"x" * 9)), "taken", ["mails.left_out"]),
        (a_mail(("a.pdf", PDF), ("brev.docx", b"PK\3\4" + b"x" * 9)), "taken", []),
        (b"Content-Type: message/rfc822\r\n\r\n" * 50, "unreadable", ["mails.unreadable"]),
        (b"\0\xff" * 40, "nothing", ["mails.nothing"]),
    ],
)
def test_a_mail_that_gives_no_document_is_a_question(fjord, data, outcome, asked):
    mail = opened(fjord, data)
    assert (mail.outcome, kinds(fjord)) == (outcome, asked)
    if asked:
        from nattbok.desk import actions as desk

        (question,) = waiting([fjord])
        desk.answer(fjord, question.id, 1, by=PERSON, today=mail.received_at.date())
        assert kinds(fjord) == []


@pytest.fixture
def other(office):
    """Another client of the same office, not in scope."""
    return a_client("SE", office=office)


def test_an_address_is_one_clients_for_ever(fjord, other):
    mine = intake.open_address(fjord, by=PERSON, chosen=f"bilag-{fjord.pk}")
    assert client_at(mine, mail_domain()) == client_at(mine.upper(), mail_domain()) == fjord.pk
    guessed = intake.open_address(fjord, by=PERSON)
    assert guessed.startswith(f"klient-{fjord.number}-") and guessed != mine
    (row,) = Address.objects.filter(client=fjord, local=f"bilag-{fjord.pk}")
    intake.close_address(fjord, row.pk, by=PERSON)
    assert client_at(mine, mail_domain()) is None
    with scope([other.pk]), pytest.raises(AddressTaken):
        intake.open_address(other, by=PERSON, chosen=f"Bilag-{fjord.pk}")
    assert intake.open_address(fjord, by=PERSON, chosen=f"bilag-{fjord.pk}") == mine
    assert client_at(mine, mail_domain()) == fjord.pk


@pytest.mark.parametrize(
    "chosen", ["a", "postmaster", "æøå-bilag", "a b c d", "-abcd", "a..bcd", "x" * 65, "a@b.c"]
)
def test_an_address_is_plain(fjord, chosen):
    with pytest.raises(AddressNotPlain):
        intake.open_address(fjord, by=PERSON, chosen=chosen)


def test_the_database_gives_no_address_away(fjord, other):
    intake.open_address(fjord, by=PERSON)
    for change in ({"client_id": other.pk}, {"local": "another"}):
        with scope([fjord.pk, other.pk]), pytest.raises(DatabaseError), transaction.atomic():
            Address.objects.filter(client=fjord).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Address.objects.filter(client=fjord).delete()


def test_mail_is_kept_before_it_is_answered_for(receiver, fjord):
    address = intake.open_address(fjord, by=PERSON)
    data = a_mail(("a.pdf", PDF), to="noen@annet.example")
    assert sent(receiver, address, data=data, sender="x@havna.example") == {}
    (mail,) = Mail.objects.filter(client=fjord)
    assert (mail.recipient, mail.envelope_sender, mail.opened_at) == (address, "x@havna.example", None)
    assert mail.file.format == "mail"
    found = actions.open_mails(fjord, by=BY)
    assert len(found.files) == 1


def test_only_the_envelope_says_whom_a_mail_is_for(receiver, office):
    mine, other, third = (a_client(office=office) for _number in range(3))
    addresses = []
    for client in (mine, other, third):
        with scope([client.pk]):
            addresses.append(intake.open_address(client, by=PERSON))
    forged = (
        f"To: {addresses[1]}\r\nCc: {addresses[2]}\r\nBcc: {addresses[1]}\r\nDelivered-To: {addresses[1]}\r\n"
        f"X-Original-To: {addresses[2]}\r\nResent-To: {addresses[1]}\r\n"
    ).encode()
    sent(receiver, addresses[0], data=forged + a_mail(("a.pdf", PDF)))
    counts = []
    for client in (mine, other, third):
        with scope([client.pk]):
            counts.append(Mail.objects.count())
    assert counts == [1, 0, 0]


def test_what_a_sender_puts_after_a_plus_changes_nothing(receiver, fjord):
    local, _at, domain = intake.open_address(fjord, by=PERSON).partition("@")
    address = f"{local}+faktura@{domain}"
    assert sent(receiver, address, data=a_mail(("a.pdf", PDF))) == {}
    assert Mail.objects.get(client=fjord).recipient == address
    assert client_at(f"+{local}@{domain}", domain) is None


def test_one_mail_to_two_clients_gives_each_its_own(receiver, office):
    clients = [a_client(office=office) for _number in range(2)]
    addresses = []
    for client in clients:
        with scope([client.pk]):
            addresses.append(intake.open_address(client, by=PERSON))
    refused = sent(receiver, *addresses, f"ingen@{mail_domain()}", data=a_mail(("a.pdf", PDF)))
    assert {address: code for address, (code, _text) in refused.items()} == {f"ingen@{mail_domain()}": 550}
    for client, address in zip(clients, addresses, strict=True):
        with scope([client.pk]):
            (mail,) = Mail.objects.all()
            assert (mail.client_id, mail.recipient) == (client.pk, address)
            actions.open_mails(client, by=BY)
            assert [file.name for file in File.objects.exclude(format="mail")] == ["a.pdf"]


@pytest.mark.parametrize(
    "recipient",
    [
        "ingen@{domain}",
        "ingen@example.com",
        "' OR 1=1 --@{domain}",
        "%@{domain}",
        "postmaster@{domain}",
        "æ@{domain}",
    ],
)
def test_who_is_nobody_is_told_nothing(receiver, recipient):
    with smtplib.SMTP("127.0.0.1", receiver.port, timeout=20) as line:
        line.ehlo()
        line.mail("x@havna.example", ["SMTPUTF8"])
        code, text = line.docmd(f"RCPT TO:<{recipient.format(domain=mail_domain())}>")
    assert code in {550, 553, 555, 501}
    assert text.decode().lower().count("client") == 0


def test_whoever_guesses_is_shown_the_door(receiver):
    with smtplib.SMTP("127.0.0.1", receiver.port, timeout=20) as line:
        line.ehlo()
        line.mail("x@havna.example")
        codes = [line.rcpt(f"gjett{number}@{mail_domain()}")[0] for number in range(8)]
    assert codes[:5] == [550] * 5 and set(codes[5:]) == {421}


def test_a_mail_too_large_or_cut_short_is_not_kept(receiver, fjord, monkeypatch):
    address = intake.open_address(fjord, by=PERSON)
    monkeypatch.setattr("nattbok.site.mail_receiver.LARGEST", 20_000)
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        sent(receiver, address, data=a_mail(("a.pdf", PDF * 20)))
    assert refused.value.smtp_code == 552
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as line:
        line.recv(200)
        for said in (b"HELO x", b"MAIL FROM:<a@b>", b"RCPT TO:<" + address.encode() + b">", b"DATA"):
            line.sendall(said + b"\r\n")
            line.recv(500)
        line.sendall(b"Subject: halv\r\n\r\nhalv")  # and gone
    assert sent(receiver, address, data=a_mail(("b.pdf", PDF))) == {}
    assert Mail.objects.filter(client=fjord).count() == 1


def test_when_it_cannot_be_kept_the_sender_keeps_it(receiver, fjord, tmp_path, settings_storage):
    address = intake.open_address(fjord, by=PERSON)
    settings_storage(tmp_path / "gone")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        sent(receiver, address, data=a_mail(("a.pdf", PDF), number=f"{fjord.pk}-9"))
    assert refused.value.smtp_code == 451
    settings_storage(None)
    assert Mail.objects.filter(client=fjord).count() == 0
    sent(receiver, address, data=a_mail(("a.pdf", PDF), number=f"{fjord.pk}-9"))
    assert Mail.objects.filter(client=fjord).count() == 1


@pytest.fixture
def settings_storage(monkeypatch):
    """The files' folder, put where nothing can be written."""
    from django.core.files.storage import default_storage

    true = default_storage.location

    def put(folder):
        if folder is not None:
            folder.write_text("a file where a folder should be")
        monkeypatch.setattr(default_storage._wrapped, "location", str(folder) if folder else true)

    yield put
    monkeypatch.undo()


def test_documents_of_mails_show_no_other_clients(fjord, other):
    mail = opened(fjord, a_mail(("a.pdf", PDF)))
    with scope([other.pk]):
        assert queries.mail_of(other, mail.file_id) is None
        assert queries.ways(other, [mail.file_id]) == {}
        assert not Document.objects.filter(file=mail.file_id).exists()
