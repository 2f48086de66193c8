"""Ways in: files put in by a person, and what the office sets up, as the browser sees it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from procrastinate.contrib.django.models import ProcrastinateJob

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.documents import actions
from nattbok.documents.models import Document
from nattbok.documents.queries import intake as queries
from nattbok.files.actions import keep, keep_mail
from nattbok.files.models import Address, File, Source
from nattbok.sandbox.mail.senders import a_mail
from nattbok.sandbox.network.door import Door
from nattbok.sandbox.network.point import AccessPoint, Fault
from tests.documents.invoices import a_company, an_e_invoice
from tests.web.visitors import a_person, logged_in


@pytest.fixture
def browser(office):
    return logged_in(a_person(office))


def a_file(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def put_in(browser, client, *files, script: bool = False):
    given = {"do": "upload", "files": files} | ({"rows": "1"} if script else {})
    return browser.post(f"/clients/{client.pk}/ways-in/", given).content.decode()


@pytest.mark.parametrize("script", [False, True])
def test_many_files_at_once_are_kept_read_and_told_of(browser, fjord, script):
    invoice = an_e_invoice(fjord, a_company()).encode()
    files = [
        a_file("faktura.xml", invoice),
        a_file("igjen.xml", invoice),
        a_file("bilde.pdf", b"%PDF-1.4 x"),
        a_file("tom.pdf", b""),
        a_file("../../<b>rar</b>.xml", b"<x/>"),
        a_file("mail.eml", a_mail(("a.pdf", b"%PDF-1.5 y"))),
    ]
    page = put_in(browser, fjord, *files, script=script)
    for sentence in (
        "Kept and read.", "Known already: it came on", "Kept. It is read in a moment.",
        "The file is empty, and was not kept.", "Kept and opened: 1 files lay in the mail.",
    ):  # fmt: skip
        assert sentence in page, sentence
    assert "<b>rar</b>" not in page
    document = Document.objects.get(client=fjord)
    assert (document.kind, document.file.came_by) == ("invoice", "upload")
    assert f'href="/clients/{fjord.pk}/files/{document.file_id}/"' in page
    assert File.objects.filter(client=fjord, name="a.pdf").exists()
    keep(fjord, b"<ours/>", name="our-answer.xml", came_by="answer")
    came = browser.get(f"/clients/{fjord.pk}/ways-in/").content.decode()
    assert "faktura.xml" in came and "our-answer.xml" not in came
    assert ProcrastinateJob.objects.filter(task_name="go_round", args__client=fjord.pk).exists()


def test_a_file_too_large_is_told_of_and_the_others_are_kept(browser, fjord, monkeypatch):
    monkeypatch.setattr("nattbok.web.office.intake.LARGEST", 100)
    put_in(browser, fjord, a_file("stor.pdf", b"x" * 101), a_file("liten.pdf", b"%PDF-1"))
    assert list(File.objects.filter(client=fjord).values_list("name", flat=True)) == ["liten.pdf"]


def test_the_clients_own_people_put_in_but_readers_may_only_look(fjord):
    for role, status in ((Role.OWNER, 200), (Role.APPROVER, 200), (Role.READER, 409)):
        person = a_person()
        give_access(fjord, person, role)
        answer = logged_in(person).post(
            f"/clients/{fjord.pk}/ways-in/",
            {"do": "upload", "files": [a_file("a.pdf", b"%PDF-" + role.encode())]},
        )
        assert answer.status_code == status
        changed = logged_in(person).post(f"/clients/{fjord.pk}/ways-in/", {"do": "open_address"})
        assert changed.status_code == 409
    assert not Address.objects.filter(client=fjord).exists()
    assert File.objects.filter(client=fjord).count() == 2


def test_an_address_is_opened_and_closed(browser, fjord):
    address = f"/clients/{fjord.pk}/ways-in/"
    assert browser.post(address, {"do": "open_address", "local": f"post.{fjord.pk}"}).status_code == 302
    assert f"post.{fjord.pk}@" in browser.get(address).content.decode()
    refused = browser.post(address, {"do": "open_address", "local": "Ikke slik!"})
    assert refused.status_code == 200 and 'role="alert"' in refused.content.decode()
    row = Address.objects.get(client=fjord)
    browser.post(address, {"do": "close_address", "address": row.pk})
    assert not Address.objects.get(client=fjord).is_active


def test_sources_are_set_up_stopped_and_looked_at(browser, fjord):
    address = f"/clients/{fjord.pk}/ways-in/"
    mailbox = {"do": "add_mailbox", "host": "imap.example", "username": "a", "password": "hemmelig passord"}
    assert browser.post(address, mailbox).status_code == 302
    sftp = {
        "do": "add_sftp",
        "host": "sftp.example",
        "username": "a",
        "folder": "in",
        "host_key": "ssh-ed25519 AA",
    }
    assert browser.post(address, sftp).status_code == 302
    page = browser.get(address).content.decode()
    assert "ssh-ed25519 AAAA" in page and "hemmelig" not in page
    assert "PRIVATE" not in page
    assert 'role="alert"' in browser.post(address, sftp).content.decode()  # the place is taken
    for row in queries.sources(fjord):
        browser.post(address, {"do": "switch", "source": row.id, "on": "0"})
    assert not Source.objects.filter(client=fjord, is_active=True).exists()
    assert browser.post(address, {"do": "look"}).status_code == 302
    assert browser.post(address, {"do": "nonsense"}).status_code == 400


def test_reception_is_switched_on_with_one_press(browser, fjord, monkeypatch):
    address = f"/clients/{fjord.pk}/ways-in/"
    assert "NATTBOK_AP_ADDRESS" in browser.post(address, {"do": "activate"}).content.decode()
    point = AccessPoint()
    with Door(point) as door:
        monkeypatch.setenv("NATTBOK_AP_ADDRESS", door.address)
        monkeypatch.setenv("NATTBOK_AP_TOKEN", point.token)
        point.faults.add(Fault.REFUSING)
        browser.post(address, {"do": "activate"})
        assert "registered with another access point" in browser.get(address).content.decode()
        point.faults.clear()
        browser.post(address, {"do": "activate"})
        assert queries.reception(fjord).state == "active"
        browser.post(address, {"do": "end"})
        assert queries.reception(fjord).state == "ended"


def test_a_files_page_says_how_it_came_and_shows_its_mail(browser, fjord):
    mail = keep_mail(
        fjord, a_mail(("<i>a.pdf", b"%PDF-2"), subject="<script>1</script>"), recipient="x@y"
    ).mail
    actions.open_mails(fjord, by="robot:test")
    page = browser.get(f"/clients/{fjord.pk}/files/{mail.file_id}/").content.decode()
    assert "&lt;script&gt;1&lt;/script&gt;" in page and "<script>1" not in page
    inside = File.objects.get(client=fjord, came_by="mail", name="<i>a.pdf")
    page = browser.get(f"/clients/{fjord.pk}/files/{inside.pk}/").content.decode()
    assert f'href="/clients/{fjord.pk}/files/{mail.file_id}/"' in page
    assert "Havna Fisk AS &lt;faktura@havna.example&gt;" in page
