"""From paper to e-invoices, as the office sees it: the lists, the letter, and that it is sent once."""

import datetime

import pytest
from django.utils import timezone, translation

from nattbok.db.scope import scope
from nattbok.documents.actions import intake
from nattbok.documents.models import Document, EInvoiceRequest
from nattbok.files import actions as files
from nattbok.ledger.rules import PartyKind
from nattbok.outbox.models import Mail
from nattbok.sandbox.network.door import Door
from nattbok.sandbox.network.point import AccessPoint
from nattbok.web import shown
from tests.documents.invoices import PERSON
from tests.web.visitors import a_person, logged_in
from tests.world import a_client, a_party


@pytest.fixture
def point(monkeypatch):
    made = AccessPoint()
    with Door(made) as door:
        monkeypatch.setenv("NATTBOK_AP_ADDRESS", door.address)
        monkeypatch.setenv("NATTBOK_AP_TOKEN", made.token)
        monkeypatch.setenv("NATTBOK_AP_NAME", made.name)
        yield made


def a_paper(client, name: str) -> int:
    """A paper from a supplier of this name; the supplier's id."""
    supplier = a_party(client, PartyKind.SUPPLIER, name)
    now = timezone.now()
    kept = files.keep(client, f"%PDF-1 {name}".encode(), name="a.pdf", came_by="upload", at=now)
    Document.objects.create(
        client=client, file=kept.file, kind="invoice", supplier_id=supplier, supplier_name=name,
        received_at=now,
    )  # fmt: skip
    return supplier


def test_the_letter_is_read_first_and_sent_once(fjord, office, point):
    supplier = a_paper(fjord, "Papirmølla AS")
    person = a_person(office)
    browser, here = logged_in(person), f"/clients/{fjord.pk}/e-invoices/"
    assert "Papirmølla AS" in browser.get(here).content.decode()
    at = f"{here}{supplier}/"
    page = browser.get(at).content.decode()
    assert "Switch reception on" not in page and "nobody can be asked" in page and "Send it" not in page
    assert (
        browser.post(at, {"do": "send", "to": "a@b.example", "subject": "x", "text": "y"}).status_code == 409
    )
    intake.activate_reception(fjord, by=PERSON)
    page = browser.get(at).content.decode()
    assert f"0192:{fjord.org_number}" in page and "Vennlig hilsen" in page  # the client's country's language
    assert "Med vänlig hälsning" in browser.get(f"{at}?language=sv").content.decode()
    assert browser.get(f"{at}?language=xx").status_code == 400
    written = {"do": "send", "to": "post@papir.example", "subject": "EHF", "text": "Hei\r\nhei"}
    assert browser.post(at, written | {"to": ""}).status_code == 409
    assert browser.post(at, written).status_code == 302
    assert "It has been asked" in browser.get(at).content.decode()
    assert browser.post(at, written).status_code == 409
    (mail,) = Mail.objects.filter(office=office, key__startswith=f"e_invoice_request:{fjord.pk}:")
    assert (mail.to, mail.text, mail.reply_to) == (["post@papir.example"], "Hei\nhei", person.email)
    assert EInvoiceRequest.objects.filter(client=fjord).count() == 1


@pytest.mark.parametrize("language, name", [("nb", "mai 2026"), ("sv", "maj 2026"), ("en", "May 2026")])
def test_no_word_of_ours_is_taken_for_a_months_name(language, name):
    with translation.override(language):
        assert shown.month(datetime.date(2026, 5, 1)).lower() == name.lower()


def test_over_the_office_all_clients_are_listed_and_strangers_see_none(fjord, office):
    a_paper(fjord, "Hos den første AS")
    other = a_client(office=office)
    with scope([other.pk]):
        a_paper(other, "Hos den andre AS")
    page = logged_in(a_person(office)).get("/e-invoices/").content.decode()
    assert "Hos den første AS" in page and "Hos den andre AS" in page
    stranger = logged_in(a_person())
    assert stranger.get("/e-invoices/").status_code == 403
    assert stranger.get(f"/clients/{fjord.pk}/e-invoices/").status_code == 404
