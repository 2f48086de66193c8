"""Approving from the portal and by the link of a mail; and what a link is not good for."""

import datetime
import threading

import pytest
from django.test import Client as Browser
from django.utils import timezone

from nattbok.approvals.models import Link
from nattbok.clients.models import Access, LoginAttempt
from nattbok.clients.rules import Role
from nattbok.db.scope import scope
from nattbok.documents.models import Document
from nattbok.outbox.actions import send_waiting
from nattbok.outbox.models import Mail
from nattbok.trail.models import Act
from tests.documents.approving import a_waiting_bill, mails, named, now, somebody, tokens
from tests.outbox.test_mail import smtp
from tests.web.visitors import a_person, logged_in
from tests.world import a_client


def mailed(client, person) -> str:
    """The token of the link that the person is really sent, over SMTP."""
    Mail.objects.filter(sent_at__isnull=True).exclude(to=[person.email]).delete()
    with smtp() as inbox, scope([client.pk]):
        send_waiting()
    (message,) = inbox.got
    (token,) = tokens(message.get_body(("plain",)).get_content())
    kept = mails(person)[-1]
    assert token not in kept.text and not bytes(kept.secrets)  # the house keeps only its digest
    return token


@pytest.fixture
def waits(fjord):
    """A bill that waits for Ola, who has been mailed; and the link."""
    ola = somebody(fjord)
    ola.language = "en"
    ola.save()
    document = a_waiting_bill(fjord, named(ola))
    return fjord, ola, document, mailed(fjord, ola)


def post(token: str, client, document: int, do: str = "approve", **fields):
    with scope([client.pk]):
        sha256 = fields.pop("sha256", now(client, document).sha256)
    return Browser().post(f"/approve/{token}", {"do": do, "sha256": sha256, **fields})


def outcome(client, document: int) -> str:
    with scope([client.pk]):
        return now(client, document).outcome


def test_the_link_of_a_mail_shows_and_does_not_decide_and_then_decides_once(waits):
    client, _ola, document, token = waits
    for _scanner in range(2):
        page = Browser().get(f"/approve/{token}")
        assert page.status_code == 200 and "Fjellstrøm Prøve AS" in page.content.decode()
        assert (
            page.headers["Referrer-Policy"] == "strict-origin" and "no-store" in page.headers["Cache-Control"]
        )
        assert not page.cookies
    assert outcome(client, document) == "waiting"
    assert "Approved." in post(token, client, document, text="Fint").content.decode()
    assert outcome(client, document) == "approved"
    # Over: it opens nothing any more.
    assert post(token, client, document).status_code in (404, 429)
    assert Browser().get(f"/approve/{token}").status_code in (404, 429)


def test_a_link_is_used_once_also_while_the_round_goes_on(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    document = a_waiting_bill(fjord, named(ola), named(kari))
    token = mailed(fjord, ola)
    assert post(token, fjord, document).status_code == 200
    again = post(token, fjord, document)
    assert (again.status_code, outcome(fjord, document)) == (409, "waiting")


@pytest.mark.parametrize("spoilt", ["altered", "cut", "made up", "client", "expired", "person left"])
def test_what_a_link_is_not_good_for(waits, office, spoilt):
    client, ola, document, token = waits
    stem, random, mark = token.split(".")
    match spoilt:
        case "altered":
            token = f"{stem}.{random[:-1]}{'A' if random[-1] != 'A' else 'B'}.{mark}"
        case "cut":
            token = token[:-1]
        case "made up":
            token = f"{stem}.{'A' * 32}.{'A' * 16}"
        case "client":
            token = f"{a_client(office=office).pk:x}.{random}.{mark}"
        case "expired":
            Link.objects.filter(client=client).update(ends_at=timezone.now() - datetime.timedelta(seconds=1))
        case "person left":
            Access.objects.filter(client=client, person=ola).delete()
    assert Browser().get(f"/approve/{token}").status_code in (404, 429)
    assert post(token, client, document).status_code in (404, 429)
    assert Browser().get(f"/approve/{token}/1.png").status_code in (404, 429)
    assert outcome(client, document) == "waiting"


def test_after_a_change_the_old_link_approves_nothing_and_a_new_mail_has_the_new_one(waits):
    client, ola, document, token = waits
    seen = now(client, document).sha256
    Document.objects.filter(client=client, pk=document).update(number="other")
    answer = post(token, client, document, sha256=seen)
    assert answer.status_code in (404, 409)
    assert outcome(client, document) == "waiting" and now(client, document).sha256 != seen
    assert post(token, client, document).status_code in (404, 429)
    fresh = mailed(client, ola)
    assert post(fresh, client, document).status_code == 200
    assert outcome(client, document) == "approved"


def test_a_link_does_no_more_than_it_is_for(waits):
    client, _ola, document, token = waits
    for deed in ("code", "retract", "send", ""):
        assert post(token, client, document, deed).status_code == 409
    assert Browser().get(f"/clients/{client.pk}/documents/{document}/").status_code == 302
    assert "Your comment is kept." in post(token, client, document, "comment", text="Hei").content.decode()
    assert post(token, client, document, "decline").status_code == 409  # without a reason
    assert post(token, client, document, "decline", text="Feil").status_code == 200
    assert outcome(client, document) == "declined"


def test_guessing_is_slowed_down(waits):
    LoginAttempt.objects.filter(email__startswith="link ").delete()
    statuses = [Browser().get(f"/approve/{n}").status_code for n in range(8)]
    assert statuses[0] == 404 and statuses[-1] == 429
    assert Browser().get(f"/approve/{waits[3]}").status_code == 200  # who has a link is not kept out
    LoginAttempt.objects.filter(email__startswith="link ").delete()


def test_two_who_press_at_once_by_one_link_are_one_yes(waits):
    from django.db import connection

    client, _ola, document, token = waits
    sha256, found = now(client, document).sha256, []

    def press():
        found.append(Browser().post(f"/approve/{token}", {"do": "approve", "sha256": sha256}).status_code)
        connection.close()

    threads = [threading.Thread(target=press) for _each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found)[0] == 200 and found.count(200) == 1
    assert Act.objects.filter(client=client, kind="documents.approved").count() == 1


def test_in_the_portal_one_card_follows_the_other(fjord):
    ola = somebody(fjord)
    first = a_waiting_bill(fjord, named(ola))
    second = a_waiting_bill(fjord, named(ola))
    browser = logged_in(ola)
    page = browser.get(f"/portal/{fjord.pk}/approvals/").content.decode()
    assert page.count("row-link") == 2
    answer = browser.post(
        f"/portal/{fjord.pk}/approvals/{first}/",
        {"do": "approve", "sha256": now(fjord, first).sha256, "text": ""},
    )
    assert answer.url == f"/portal/{fjord.pk}/approvals/{second}/"
    coded = browser.post(
        f"/portal/{fjord.pk}/approvals/{second}/",
        {
            "do": "code", "sha256": now(fjord, second).sha256, "of": ["1", "1"],
            "account": ["6300", "6800"], "gross": ["1 000,00", "250"], "project": ["P7", ""],
            "department": ["", ""],
        },
    )  # fmt: skip
    assert "Coded. Look at it and approve." in coded.content.decode()
    with scope([fjord.pk]):
        lines = Document.objects.get(pk=second).coding
    assert [(line["account"], line["net"], line["vat"]) for line in lines] == [
        ("6300", "800.00", "200.00"),
        ("6800", "200.00", "50.00"),
    ]


def test_the_flow_is_set_by_the_office_and_by_who_decides_at_the_client(fjord, office):
    ola, owner = somebody(fjord), somebody(fjord, "Sjef", Role.OWNER)
    form = {
        "do": "flow", "is_on": "1", "before": "payment", "registrant_may": "1", "free_through": "500",
        "who-1": "persons", "persons-1": [str(ola.pk)], "two_above-1": "", "people-1": "1", "who-2": "",
    }  # fmt: skip
    address = f"/clients/{fjord.pk}/approvals/flow/"
    assert logged_in(ola).post(address, form | {"instead_of": "0"}).status_code == 409
    assert logged_in(owner).post(address, form | {"instead_of": "0"}).status_code == 302
    accountant = logged_in(a_person(office))
    assert accountant.post(address, form | {"instead_of": "0"}).status_code == 409
    assert accountant.post(address, form | {"instead_of": "1", "before": "posting"}).url == address
    assert "Version 2." in logged_in(a_person(office)).get(address).content.decode()


def test_a_link_opens_nothing_for_who_may_not_approve_any_more(waits):
    client, ola, document, token = waits
    with scope([client.pk]):
        Access.objects.filter(client=client, person=ola).update(rights=["see"])
    browser = Browser(REMOTE_ADDR="10.252.0.7")
    assert browser.get(f"/approve/{token}").status_code == 404
    assert browser.post(f"/approve/{token}", {"do": "comment", "text": "jeg er her"}).status_code == 404
    assert outcome(client, document) == "waiting"


def test_who_may_approve_and_not_see_sees_what_they_are_asked_about_and_nothing_else(fjord):
    ola, kari = somebody(fjord), somebody(fjord, "Kari Vik")
    Access.objects.filter(client=fjord, person=ola).update(rights=["approve"])
    mine, other = a_waiting_bill(fjord, named(ola)), a_waiting_bill(fjord, named(kari))
    browser, listed = logged_in(ola), f"/portal/{fjord.pk}/approvals/"
    text = browser.get(listed).content.decode()
    assert f"{listed}{mine}/" in text and f"{listed}{other}/" not in text
    assert browser.get(f"{listed}{mine}/").status_code == 200
    assert browser.get(f"{listed}{other}/").status_code == 404
    assert browser.post(f"{listed}{other}/", {"do": "comment", "text": "x"}).status_code == 404
