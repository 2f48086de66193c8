"""The pages on which a client's people are let in, and the one by which an invited person begins."""

import pytest
from django.test import Client as Browser

from nattbok.clients.access import rights_in
from nattbok.clients.actions import give_access
from nattbok.clients.models import Access, Person
from nattbok.clients.rules import Right, Role
from tests.people.test_people import GOOD, an_address, at, token
from tests.web.visitors import a_person, logged_in
from tests.world import a_client


def form(**fields) -> dict:
    return {"do": "invite", "email": an_address(), "name": "Per Ny", "role": "approver"} | fields


def pages(client) -> tuple[str, str]:
    return f"/portal/{client.pk}/people/", f"/clients/{client.pk}/people/"


@pytest.mark.parametrize(
    "role, status", [(Role.OWNER, 200), (Role.APPROVER, 403), (Role.READER, 403), (Role.EMPLOYEE, 403)]
)
def test_owners_see_the_page_and_the_others_do_not(fjord, role, status):
    person = at(fjord, role)
    browser = logged_in(person)
    for page in pages(fjord):
        assert browser.get(page).status_code == status, page
        given = form()
        assert browser.post(page, given).status_code == (302 if status == 200 else 403)
        assert Person.objects.filter(email=given["email"]).exists() == (status == 200)
    home = browser.get(f"/portal/{fjord.pk}/").content.decode()
    assert (pages(fjord)[0] in home) == (status == 200)
    for page in pages(a_client("SE")):
        assert browser.get(page).status_code == 404
    assert logged_in(a_person()).get(pages(fjord)[0]).status_code == 404


def test_the_office_lets_in_ticks_and_lets_out(fjord, office):
    browser, page = logged_in(a_person(office)), pages(fjord)[1]
    assert page in browser.get(f"/clients/{fjord.pk}/").content.decode()
    given = form()
    assert browser.post(page, given).status_code == 302
    per = Person.objects.get(email=given["email"])
    text = browser.get(f"{page}?done=invite").content.decode()
    assert per.email in text and "invited, until" in text and "The invitation is on its way." in text
    ticked = {"do": "change", "person": per.pk, "role": "reader", "right": ["see", "pay"]}
    assert browser.post(page, ticked).status_code == 302
    assert rights_in(per, fjord.pk) == {Right.SEE, Right.PAY}
    assert browser.post(page, {"do": "hand_over", "at_once": "1"}).status_code == 302
    fjord.refresh_from_db()
    assert fjord.hands_over_at_once
    assert browser.post(page, {"do": "remove", "person": per.pk}).status_code == 302
    assert not Access.objects.filter(client=fjord, person=per).exists()
    assert browser.post(page, {"do": "remove", "person": per.pk}).status_code == 404


def test_what_cannot_be_is_told_and_what_was_written_stays(fjord):
    browser, page = logged_in(at(fjord, rights=[Right.SEE])), pages(fjord)[0]
    answer = browser.post(page, form(email="per"))
    assert answer.status_code == 409
    assert "is not an e-mail address" in answer.content.decode() and "Per Ny" in answer.content.decode()
    other = at(fjord, Role.READER, name="Lise Les")
    ticked = {"do": "change", "person": other.pk, "role": "reader", "right": ["see", "pay"]}
    answer = browser.post(page, ticked)
    assert answer.status_code == 409 and "do not have yourself" in answer.content.decode()
    for wrong in ({"do": "rule"}, form(role="king"), {"do": "remove", "person": ""}):
        assert browser.post(page, wrong).status_code == 404


def test_an_invited_person_comes_in_by_the_link(fjord):
    given = form()
    logged_in(at(fjord)).post(pages(fjord)[0], given)
    per = Person.objects.get(email=given["email"])
    browser, address = Browser(REMOTE_ADDR="10.251.0.9"), f"/invitation/{token(per)}"
    page = browser.get(address)
    assert fjord.name in page.content.decode() and page.headers["Referrer-Policy"] == "strict-origin"
    assert browser.post(address, {"password": "kort", "again": "kort"}).status_code == 409
    assert browser.post(address, {"password": GOOD, "again": GOOD}).status_code == 302
    assert browser.get(f"/portal/{fjord.pk}/").status_code == 200
    gone = Browser(REMOTE_ADDR="10.251.0.9").get(address)
    assert gone.status_code == 404 and "logg inn" in gone.content.decode()
    assert Browser(REMOTE_ADDR="10.251.0.9").get("/invitation/x").status_code == 404


def test_names_are_shown_and_never_run(fjord):
    hostile = "<script>alert(1)</script>"
    person = a_person(name=hostile)
    give_access(fjord, person, Role.READER)
    for page in pages(fjord):
        text = logged_in(at(fjord)).get(page).content.decode()
        assert "<script>alert" not in text and "&lt;script&gt;alert(1)" in text
