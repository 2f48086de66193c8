"""Who may see which page; and that what is somebody else's looks like what is not there."""

import re

import pytest
from django.urls import get_resolver

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.db import scope
from nattbok.web.page import HEADERS
from tests.web.visitors import a_night, a_person, addresses, logged_in, some_work
from tests.world import a_client, an_office

SEEN_BY = {"anyone", "person", "office", "client", "portal"}


@pytest.fixture(scope="module")
def office():
    """One for all the visits here, since they only look."""
    return an_office()


@pytest.fixture(scope="module")
def visited(office):
    """A client of the office with one of everything, and the ids of all."""
    client = a_client(office=office)
    with scope.scope([client.pk]):
        return client, some_work(client, a_night(office))


@pytest.fixture
def fjord(visited):
    client, _ids = visited
    with scope.scope([client.pk]):
        yield client


@pytest.fixture
def work(visited):
    _client, ids = visited
    return ids


def views(resolver=None):
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from views(pattern)
        else:
            yield pattern


def test_every_page_states_who_may_see_it():
    patterns = list(views())
    assert len(patterns) >= 15
    for pattern in patterns:
        assert getattr(pattern.callback, "seen_by", None) in SEEN_BY, pattern.name


def test_the_office_sees_every_page(work, office):
    browser = logged_in(a_person(office))
    for name, template in addresses():
        if name not in ("login", "logout", "language"):
            assert browser.get(template.format(**work)).status_code == 200, name


def test_nobody_sees_a_page_without_logging_in(client_browser, work):
    for name, template in addresses():
        if name not in ("login", "logout", "language"):
            response = client_browser.get(template.format(**work))
            assert response.status_code == 302, name
            assert response.url.startswith("/login/?next="), name


@pytest.fixture
def client_browser():
    from django.test import Client as Browser

    return Browser()


@pytest.mark.parametrize("name, template", addresses(of_client=True))
def test_another_clients_person_finds_no_page(name, template, fjord, office, work):
    mine = a_client(office=office)
    person = a_person()
    with scope.scope([mine.pk]):
        give_access(mine, person, Role.OWNER)
    for stranger in (person, a_person(an_office()), a_person()):
        browser = logged_in(stranger)
        response = browser.get(template.format(**work))
        assert response.status_code == 404, name
        assert fjord.name not in response.content.decode()
        nothing = browser.get(template.format(**work | {"client_id": 2**60 // 2}))
        assert nothing.status_code == 404
        assert nothing.content.count(b"<h1>") == response.content.count(b"<h1>")


@pytest.mark.parametrize("name, template", addresses(of_client=True))
def test_a_clients_own_person_sees_their_pages(name, template, fjord, work):
    person = a_person()
    give_access(fjord, person, Role.OWNER)
    assert logged_in(person).get(template.format(**work)).status_code == 200


def test_what_is_another_clients_is_not_found_under_ones_own(fjord, skog, office, work):
    """Every id in every address, one at a time, exchanged for that of another office's client."""
    theirs = some_work(skog, a_night(an_office()))
    browser = logged_in(a_person(office))
    tried = [
        (page, name, browser.get(template.format(**work | {name: theirs[name]})))
        for page, template in addresses(of_client=True)
        for name in sorted(set(re.findall(r"{(\w+_id)}", template)) - {"client_id"})
    ]
    assert [(page, name) for page, name, answer in tried if answer.status_code != 404] == []
    assert not any(skog.name in answer.content.decode() for _page, _name, answer in tried)
    said = f"/clients/{fjord.pk}/documents/{theirs['document_id']}/approval/do"
    assert browser.post(said, {"do": "comment", "text": "mine"}).status_code == 404
    names = {name for _page, name, _answer in tried}
    assert names >= {"document_id", "picture_id", "supplier_id", "batch_id", "movement_id", "account_id"}


def test_another_offices_night_is_not_found(fjord, work):
    browser = logged_in(a_person(an_office()))
    assert browser.get(f"/nights/{work['night_id']}/").status_code == 404


def test_a_clients_own_person_is_shown_their_clients_and_no_nights(fjord, office, work):
    other = a_client(office=office, name="Somebody Else AS")
    person = a_person()
    give_access(fjord, person, Role.READER)
    browser = logged_in(person)
    home = f"/portal/{fjord.pk}/"
    assert browser.get("/", follow=True).redirect_chain == [(home, 302)]
    text = browser.get("/clients/").content.decode()
    assert fjord.name in text and other.name not in text
    assert browser.get("/nights/").status_code == 403


def test_every_answer_is_guarded(work, office, client_browser):
    browser = logged_in(a_person(office))
    answers = [browser.get(template.format(**work)) for _name, template in addresses()]
    answers += [browser.get("/nowhere/"), client_browser.get("/login/"), client_browser.get("/")]
    answers += [browser.post("/clients/"), browser.get(f"/clients/{work['client_id']}/entries/?from=never")]
    for answer in answers:
        for header in HEADERS:
            assert header in answer.headers, (answer.request["PATH_INFO"], header)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy


def test_a_request_begins_and_ends_without_a_scope(fjord, office, work):
    from django.db import connection

    def seen() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('nattbok.clients', true)")
            return cursor.fetchone()[0]

    browser = logged_in(a_person(office))
    with scope.scope([]):
        for address in (f"/clients/{fjord.pk}/", "/clients/", "/nowhere/", f"/clients/{2**40}/"):
            browser.get(address)
            assert scope.current() == () and seen() == ""
    # Also when what was before the request left one behind: the request does not see by it.
    assert scope.current() == (fjord.pk,)
    assert logged_in(a_person(an_office())).get(f"/clients/{fjord.pk}/").status_code == 404


def test_a_single_bank_rule_is_found_by_its_own_clients_people_alone(fjord, office, work):
    from nattbok.bank.models import BankRule

    base = f"/clients/{fjord.pk}/bank-rules/"
    form = {"name": "Gebyr", "direction": "out", "contains": "GEBYR", "kind": "account", "account": "7770"}
    assert logged_in(a_person(office)).post(f"{base}save", form).status_code == 302
    rule = BankRule.objects.get(client=fjord)
    for stranger in (a_person(an_office()), a_person()):
        browser = logged_in(stranger)
        assert browser.get(f"{base}{rule.pk}/").status_code == 404
        for deed in (f"{rule.pk}/do", "proposals/1/do", "save", "preview"):
            assert browser.post(f"{base}{deed}", form | {"do": "delete"}).status_code == 404, deed
    assert BankRule.objects.filter(client=fjord).count() == 1


def test_who_only_hands_in_sees_the_portal_and_nothing_of_the_office(fjord, work):
    person = a_person()
    give_access(fjord, person, Role.EMPLOYEE)
    browser = logged_in(person)
    for name, template in addresses(of_client=True):
        status = browser.get(template.format(**work)).status_code
        if not name.startswith("portal"):
            assert status in (403, 404, 405), name
        elif name in ("portal_home", "portal_documents", "portal_expenses", "portal_capture"):
            assert status == 200, name
        else:  # other people's documents, pictures and claims
            assert status in (403, 404), name
