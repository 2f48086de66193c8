"""Hostile files by every way in: each is held or left with a reason, nothing is fetched, the others go on."""

import io
import socket
import threading
import zipfile
import zlib

import pytest
from django.utils import translation

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.db.scope import scope
from nattbok.desk.queries import waiting
from nattbok.documents import actions
from nattbok.documents.actions import intake, uploading
from nattbok.documents.actions import portal as deeds
from nattbok.documents.models import Document
from nattbok.documents.queries import portal
from nattbok.documents.rules.intake import Kind, imap_draft, sftp_draft
from nattbok.files.actions import add_source
from nattbok.files.models import File, Source
from nattbok.files.queries import data
from nattbok.robot.routine import Tonight
from nattbok.robot.routines import collect_files, open_mails, read_documents
from nattbok.sandbox.mail.mailboxes import Mailboxes
from nattbok.sandbox.mail.senders import a_mail, send
from nattbok.sandbox.mail.serving import MailServer
from nattbok.sandbox.network.folders import FolderDoor
from nattbok.sandbox.network.point import START, envelope
from nattbok.web import shown
from tests.documents.invoices import PERSON, a_seller, an_e_invoice, unattended
from tests.documents.papers_in import the_reader
from tests.reading.test_files import a_png_of
from tests.web.visitors import a_person
from tests.world import TODAY, a_client

WAYS = ("office", "portal", "mail", "folder", "sftp", "network")
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.fixture(scope="module")
def called():
    """Who called the address that the hostile files name."""
    callers: list = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def listen() -> None:
            while True:
                try:
                    callers.append(listening.accept()[1])
                except OSError:
                    return

        threading.Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", callers


def e_invoices(client, address: str) -> dict[str, bytes]:
    """Hostile e-invoices by what is hostile in them; all ways bring them."""
    sound = an_e_invoice(client, a_seller(client))
    body = sound[sound.index("<Invoice") :]
    wide = f"<!DOCTYPE a [<!ENTITY l0 'lol'>{LAUGHS}]>{body.replace('Strøm', '&l9;')}"
    return {
        "laughs": wide.encode(),
        "laughs in UTF-16": wide.encode("utf-16"),
        "an entity from elsewhere": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{address}x">]>{body}'.encode(),
        "a definition from elsewhere": f'<!DOCTYPE Invoice SYSTEM "{address}x.dtd">{body}'.encode(),
        "an inclusion": body.replace(
            "Strøm",
            f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{address}i" parse="text"/>',
        ).encode(),
        "UTF-7": f'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE a+AD4-{body}'.encode(),
        "too many elements": body.replace("</Invoice>", "<a/>" * 900_000 + "</Invoice>").encode(),
        "too many attributes": body.replace("<Invoice ", "<Invoice " + 'a="1" ' * 900, 1).encode(),
        "too deep": body.replace("</Invoice>", "<a>" * 5000 + "</a>" * 5000 + "</Invoice>").encode(),
        "too large a number": body.replace(">1250.00<", ">1e400<").encode(),
        "no number": body.replace(">1250.00<", ">NaN<").encode(),
        "too many decimals": body.replace(">1250.00<", f">1250.{'0' * 40}1<").encode(),
        "a negative sum": body.replace(">1250.00<", ">-1250.00<").encode(),
        "the year 0": body.replace(">2026-03-02<", ">0000-03-02<").encode(),
        "a control sign": body.replace("Strøm", "Str\x01m").encode(),
        "cut short": body.encode()[: len(body) // 2],
        "year 9999": body.replace(">2026-03-02<", ">9999-12-31<").encode(),
    }


def others() -> dict[str, bytes]:
    """Files that are not what their names say; the network brings none of them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("faktura.xml", b"\0" * 20_000_000)
    return {
        "a packed bomb": packed.getvalue(),
        "a page with a script": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
        "a drawing with a script": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "a picture that is a script": b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)",
        "a program": b"MZ\x90\0" + b"\0" * 400,
        "a picture that would fill the memory": a_png_of(50_000, 50_000),
    }


def pdfs(address: str) -> dict[str, bytes]:
    """PDFs that would do something; read in the process apart, so each comes one way only."""
    uri = address.encode()
    bomb = zlib.compress(b"\0" * 30_000_000, 9)
    return {
        "a script": a_pdf(b"/OpenAction << /S /JavaScript /JS (app.launchURL\\('%s'\\)) >>" % uri),
        "a program to start": a_pdf(b"/OpenAction << /S /Launch /F (/bin/sh) /P (-c true) >>"),
        "a page to go to": a_pdf(b"/OpenAction << /S /URI /URI (%s) >>" % uri),
        "a bomb inside": a_pdf(
            b"/Names << /EmbeddedFiles << /Names [(factur-x.xml) 5 0 R] >> >>",
            b"<< /Type /Filespec /F (factur-x.xml) /EF << /F 6 0 R >> >>",
            b"<< /Type /EmbeddedFile /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
            % (len(bomb), bomb),
        ),
        "a web page before it": b"<html><script>alert(1)</script>\n" + a_pdf(),
        "pages without end": a_pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]"),
    }


def a_pdf(catalog: bytes = b"", *more: bytes) -> bytes:
    """A PDF of one empty page with `catalog` in its first object and `more` objects from number 5."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
        b"<< /Length 0 >>\nstream\n\nendstream",
        *more,
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (at, each) for at, each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer << /Size %d /Root 1 0 R >>\n%%%%EOF" % (len(objects) + 1)


def brought(way: str, client, files: dict[str, bytes], tmp_path, request) -> None:
    """The files as they come by this way, over the real line where there is one."""
    named = [(f"{name}\N{RIGHT-TO-LEFT OVERRIDE}.pdf", given) for name, given in files.items()]
    match way:
        case "office":
            uploading.upload(client, named, by=PERSON)
        case "portal":
            person = a_person()
            give_access(client, person, Role.OWNER)
            deeds.add(client, person, [deeds.Sent(name, name, given) for name, given in named])
            deeds.hand_over(client, portal.gathered_of(client), by=PERSON, today=TODAY)
        case "mail":
            boxes, user = Mailboxes(), f"fiendtlig{client.pk}@byraa.example"
            boxes.add_user(user, "hemmelig", "Kept")
            server = request.getfixturevalue("opened")(MailServer(boxes))
            told = {"host": server.host, "port": str(server.imap_port), "username": user}
            told |= {"password": "hemmelig", "security": "none", "done": "Kept"}
            intake.add(client, imap_draft(told), by=PERSON)
            for each in named:
                send(server.host, server.smtp_port, [user], a_mail(each))
        case "folder":
            add_source(client, kind="folder", address=str(tmp_path), title="Skanner")
            put(tmp_path, named)
        case "sftp":
            (tmp_path / "in").mkdir()
            user = f"sftp{client.pk}"
            given = {"host": "127.0.0.1", "username": user, "folder": "in", "after": "remove"}
            source = Source.objects.get(pk=intake.add(client, sftp_draft(given, kind=Kind.SFTP), by=PERSON))
            door = request.getfixturevalue("opened")(
                FolderDoor(tmp_path, source.settings["public_key"], username=user)
            )
            source.settings |= {"port": door.port, "host_keys": [door.host_key]}
            source.save()
            put(tmp_path / "in", named)
        case "network":
            point = request.getfixturevalue("point")
            row = intake.activate_reception(client, by=PERSON)
            sender, mark = "0192:310000019", b"<Invoice/>"
            for number, (_name, given) in enumerate(named):
                around = envelope(
                    mark, number=f"h-{client.pk}-{number}", sender=sender, receiver=row.participant, at=START
                )
                # As a hostile sender writes it: no program of ours touches what is inside.
                bare = given.removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>\n')
                point.put(row.participant, around.replace(mark, bare))


def put(folder, named) -> None:
    """The files in a folder, under names that a file system takes."""
    for name, given in named:
        (folder / name).write_bytes(given)


@pytest.fixture
def opened():
    """Opens doors, and closes them afterwards."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield stack.enter_context


@pytest.mark.parametrize("way", WAYS)
def test_each_is_left_with_a_reason_and_the_others_go_on(way, client, tmp_path, request, called):
    address, callers = called
    files = e_invoices(client, address)
    if way != "network":
        files |= others()
    place = WAYS.index(way)
    files = dict(list(files.items())[place % 2 :: 2])  # each comes three ways
    if way != "network":
        files |= dict(list(pdfs(address).items())[place :: len(WAYS) - 1])
    good = an_e_invoice(client, a_seller(client), number="GOD-1").encode()
    brought(way, client, files | {"god": good}, tmp_path, request)
    for routine in (collect_files.collect_files, open_mails.open_mails, read_documents.read_documents):
        routine.run(client, Tonight(1, TODAY, routine.name))
    actions.read(client, the_reader(), by=PERSON)
    assert actions.code(unattended(client), by=PERSON, today=TODAY).posted == 1
    asked = {question.subject: question for question in waiting([client])}
    documents = Document.objects.filter(client=client).exclude(number="GOD-1").select_related("file")
    for document in documents:
        with translation.override("nb"):
            told = shown.words(asked[f"document:{document.pk}"].reason)
        assert told and told != str(asked[f"document:{document.pk}"].reason), document.file.name
        assert data(document.file) in files.values() or way == "network"  # the bytes as they came
    # What the channel could not take is told of as well: nothing is lost without a word.
    assert len(asked) >= len(files)
    names = "".join(File.objects.filter(client=client).values_list("name", flat=True))
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in names
    assert callers == []


def test_one_client_never_reaches_the_files_of_another(client, office):
    uploading.upload(client, [("faktura.xml", an_e_invoice(client, a_seller(client)).encode())], by=PERSON)
    other = a_client(office=office)
    with scope([other.pk]):
        assert not Document.objects.exists() and not File.objects.exists()
