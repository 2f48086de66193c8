"""The clients' own pages: who may do what in them, and what they show."""

import json
import uuid

import pytest

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Right, Role
from nattbok.documents.actions import looking, uploading
from nattbok.documents.models import Document, Gathered
from nattbok.expenses import queries as expenses
from nattbok.expenses.models import ExpenseClaim
from nattbok.ledger.models import Entry
from nattbok.trail.models import Act
from tests.documents.invoices import a_seller, an_e_invoice
from tests.expenses.test_claims import ACCOUNT, TODAY, a_picture
from tests.web.visitors import a_person, logged_in


def at(client, role, rights=None, name="Kari Nordmann"):
    person = a_person(name=name)
    give_access(client, person, role, rights=rights)
    return logged_in(person), person


def upload(browser, client, bill: str, **more):
    from django.core.files.uploadedfile import SimpleUploadedFile

    given = {"files": SimpleUploadedFile("faktura.xml", bill.encode()), "key": uuid.uuid4().hex} | more
    return browser.post(f"/portal/{client.pk}/documents/add", given)


@pytest.mark.parametrize(
    "role, add, hand_over, pay, expenses_page",
    [
        (Role.OWNER, 302, 302, 302, 200),
        (Role.APPROVER, 302, 302, 403, 200),
        (Role.EMPLOYEE, 302, 403, 403, 200),
        (Role.READER, 403, 403, 403, 403),
    ],
)
def test_each_role_does_what_it_may(fjord, role, add, hand_over, pay, expenses_page):
    bill = an_e_invoice(fjord, a_seller(fjord))
    browser, _person = at(fjord, role)
    assert upload(browser, fjord, bill).status_code == add
    if add != 302:
        owner, _owner = at(fjord, Role.OWNER)
        upload(owner, fjord, bill)
    document = Document.objects.get(client=fjord)
    page = f"/portal/{fjord.pk}/documents/{document.pk}/"
    given = {"do": "paid", "on": "2026-03-01", "means": "cash"}
    assert browser.post(page, given).status_code == pay
    gathered = Gathered.objects.get(client=fjord)
    listed = f"/portal/{fjord.pk}/documents/"
    assert browser.post(listed, {"gathered": [gathered.pk]}).status_code == hand_over
    assert browser.get(f"/portal/{fjord.pk}/expenses/").status_code == expenses_page


def test_rights_are_given_one_by_one(fjord):
    adds, _person = at(fjord, Role.READER, rights=[Right.ADD])
    hands_over, _person = at(fjord, Role.READER, rights=[Right.SEE, Right.HAND_OVER])
    assert upload(adds, fjord, an_e_invoice(fjord, a_seller(fjord))).status_code == 302
    listed = f"/portal/{fjord.pk}/documents/"
    assert adds.post(listed, {"all": "1"}).status_code == 403
    assert adds.get(f"/clients/{fjord.pk}/documents/").status_code == 403
    assert upload(hands_over, fjord, "<a/>").status_code == 403
    assert hands_over.post(listed, {"all": "1"}).status_code == 302
    assert Gathered.objects.get(client=fjord).handed_over_at is not None


def test_a_document_is_completed_and_sent_on_in_plain_words(fjord):
    browser, person = at(fjord, Role.OWNER)
    upload(browser, fjord, an_e_invoice(fjord, a_seller(fjord)))
    document = Document.objects.get(client=fjord)
    page = f"/portal/{fjord.pk}/documents/{document.pk}/"
    text = browser.get(page).content.decode()
    assert "Not handed over" in text and "1,250.00" in text
    coding = {"do": "code", "account": ["6540", ""], "vat_code": ["1", ""], "gross": ["1,250.00", ""],
              "vat": ["250", ""], "project": ["12", ""], "department": ["", ""]}  # fmt: skip
    assert browser.post(page, coding | {"vat": ["251", ""]}).status_code == 409
    assert browser.post(page, coding).status_code == 302
    kept = Document.objects.get(pk=document.pk).coding
    assert [(line["account"], line["net"], line["dimensions"]) for line in kept] == [
        ("6540", "1000.00", {"project": "12"})
    ]
    assert browser.post(page, {"do": "hand_over"}).status_code == 302
    assert "With accounting" in browser.get(f"/portal/{fjord.pk}/documents/").content.decode()
    coded = Act.objects.get(client=fjord, kind="documents.coded_by_client")
    assert coded.by == f"person:{person.pk}" and coded.evidence["old"] == []


def test_a_phone_sends_a_receipt_twice_and_it_is_once_on_the_claim(fjord):
    from django.core.files.uploadedfile import SimpleUploadedFile

    browser, person = at(fjord, Role.EMPLOYEE)
    name, data = a_picture()
    answers = [
        browser.post(
            f"/portal/{fjord.pk}/capture/send",
            {"what": "expense", "key": "ab12", "purpose": "Messe", "begun": "2026-03-10", "paid": "112",
             "shop": "Taxi", "category": "travel", "files": SimpleUploadedFile(name, data)},
        )
        for _time in range(2)
    ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({json.loads(answer.content)["address"] for answer in answers}) == 1
    claim = ExpenseClaim.objects.get(client=fjord, person=person)
    (receipt,) = expenses.claim(fjord, claim.pk, today=TODAY).receipts
    assert str(receipt.receipt.amount) == "112.00" and receipt.sha256

    refused = browser.post(
        f"/portal/{fjord.pk}/capture/send",
        {"what": "expense", "key": "cd", "claim": str(claim.pk), "files": SimpleUploadedFile("a.exe", b"MZ")},
    )
    assert refused.status_code == 409 and "neither a picture" in json.loads(refused.content)["words"]
    reader, _reader = at(fjord, Role.READER)
    assert (
        reader.post(f"/portal/{fjord.pk}/capture/send", {"what": "document", "key": "e"}).status_code == 409
    )


def test_a_claim_goes_from_hand_to_hand(fjord):
    browser, person = at(fjord, Role.EMPLOYEE)
    boss, _boss = at(fjord, Role.OWNER, name="Ola Sjef")
    browser.post(f"/portal/{fjord.pk}/expenses/", {"key": "k", "purpose": "Messe"})
    claim = ExpenseClaim.objects.get(client=fjord, person=person)
    page = f"/portal/{fjord.pk}/expenses/{claim.pk}/"
    assert boss.get(page).status_code == 404  # still being gathered
    receipt = {"do": "add", "key": "a", "category": "food", "shop": "Kafé", "paid_on": "2026-03-10",
               "paid": "80", "why_no_file": "automat"}  # fmt: skip
    browser.post(page, receipt)
    refused = browser.post(page, {"do": "hand_in"})
    assert refused.status_code == 409
    assert "the account number to be paid to" in refused.content.decode()
    days = {"do": "change", "from_on": "2026-03-10", "to_on": "2026-03-10", "account": ACCOUNT["NO"]}
    browser.post(page, days)
    assert browser.post(page, {"do": "hand_in"}).status_code == 302
    assert browser.post(page, {"do": "approve", "sha256": "0" * 64}).status_code == 403
    office = f"/clients/{fjord.pk}/expenses/{claim.pk}/"
    assert "Waits for approval" in boss.get(office).content.decode()
    sha256 = expenses.claim(fjord, claim.pk, today=TODAY).sha256
    assert boss.post(page, {"do": "give_back", "why": "Hvem var med?"}).status_code == 302
    assert "Hvem var med?" in browser.get(page).content.decode()
    browser.post(page, {"do": "change", "purpose": "Messe med kunde"})
    browser.post(page, {"do": "hand_in"})
    assert boss.post(page, {"do": "approve", "sha256": sha256}).status_code == 409
    sha256 = expenses.claim(fjord, claim.pk, today=TODAY).sha256
    assert boss.post(office, {"do": "approve", "sha256": sha256}).status_code == 302
    assert Entry.objects.filter(client=fjord, origin=f"expense:{claim.pk}").exists()
    assert "Booked" in browser.get(page).content.decode()


def test_the_worker_speaks_for_the_portal_alone(client_browser):
    answer = client_browser.get("/portal/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.fixture
def client_browser():
    from django.test import Client as Browser

    return Browser()


def test_the_phone_asks_what_a_look_came_to(fjord):
    """The server may still be looking when it answers: the last word is told with no loading anew."""
    browser, person = at(fjord, Role.OWNER)
    another, _person = at(fjord, Role.OWNER)
    address = f"/portal/{fjord.pk}/capture/verdict/1234"
    key = looking._glass, uploading.look_key(fjord, 1234, f"person:{person.pk}")
    for verdict, told in (
        (looking.Verdict.OPEN, {"open": True, "retake": False}),
        (looking.Verdict.RETAKE, {"open": False, "retake": True}),
        (looking.Verdict.FINE, {"open": False, "retake": False}),
    ):
        key[0]._seen[key[1]] = verdict
        answer = browser.get(address).json()
        assert told.items() <= answer.items() and answer["words"]
        assert another.get(address).status_code == 404
    del key[0]._seen[key[1]]
    assert browser.get(address).status_code == 404  # another server's, or long ago
    reader, _person = at(fjord, Role.READER)
    assert reader.get(address).status_code == 403
