"""Logging in: who gets in, and how guessing is slowed down."""

import datetime

import pytest
from django.test import Client as Browser
from django.utils import timezone

from nattbok.clients.models import LoginAttempt
from nattbok.web.login import FIRST_WAIT, FREE_TRIES, LONGEST_WAIT, begin, wait
from tests.web.visitors import PASSWORD, a_person

_addresses = (f"10.{number // 250 % 250}.{number % 250}.7" for number in range(60000))


@pytest.fixture
def address():
    return next(_addresses)


def tries(address: str, email: str, password: str, **named):
    browser = Browser(REMOTE_ADDR=address)
    return browser, browser.post("/login/", {"email": email, "password": password, **named})


@pytest.mark.parametrize(
    "failures, seconds",
    [(0, 0), (4, 0), (5, FIRST_WAIT), (6, 2 * FIRST_WAIT), (8, 8 * FIRST_WAIT), (500, LONGEST_WAIT)],
)
def test_each_failure_doubles_the_wait(failures, seconds):
    assert wait(failures, FREE_TRIES["email"]) == seconds


def test_the_right_password_lets_in_and_out_again(office, address):
    person = a_person(office)
    browser, response = tries(address, f" {person.email.upper()} ", PASSWORD, next="/clients/")
    assert (response.status_code, response.url) == (302, "/clients/")
    assert browser.get("/clients/").status_code == 200
    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/").status_code == 302
    assert browser.get("/clients/").status_code == 302


def test_a_person_that_is_not_there_is_answered_as_one_that_is(office, address):
    person = a_person(office)
    _browser, wrong = tries(address, person.email, "not the password")
    _browser, nobody = tries(address, "nobody@fjord.example", "not the password")
    person.is_active = False
    person.save()
    _browser, closed = tries(address, person.email, PASSWORD)
    assert wrong.status_code == nobody.status_code == closed.status_code == 401

    def main(response):
        return response.content.decode().split('role="alert"')[1].split("</p>")[0]

    assert main(wrong) == main(nobody) == main(closed)


@pytest.mark.parametrize("exists", [True, False])
def test_guessing_at_one_person_must_wait_from_everywhere(exists, office, settings_with_fast_hash):
    email = a_person(office).email if exists else f"nobody{timezone.now().timestamp()}@fjord.example"
    for _number in range(FREE_TRIES["email"]):
        assert tries(next(_addresses), email, "wrong")[1].status_code == 401
    _browser, response = tries(next(_addresses), email, PASSWORD)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) <= FIRST_WAIT
    # When the wait is over the right password lets in, and what failed before counts no more.
    LoginAttempt.objects.filter(email=email).update(
        at=timezone.now() - datetime.timedelta(seconds=FIRST_WAIT + 1)
    )
    if exists:
        assert tries(next(_addresses), email, PASSWORD)[1].status_code == 302
        assert tries(next(_addresses), email, "wrong")[1].status_code == 401


def test_knocking_too_early_does_not_make_the_wait_longer(address):
    email = f"{address}@fjord.example"
    for _number in range(FREE_TRIES["email"]):
        begin(email, next(_addresses))
    first = begin(email, next(_addresses))[1]
    for _number in range(10):
        attempt, seconds = begin(email, next(_addresses))
        assert attempt is None and seconds <= first


def test_one_address_cannot_try_everybody(address):
    for number in range(FREE_TRIES["address"]):
        assert begin(f"{address}-{number}@fjord.example", address)[0]
    assert begin(f"{address}-more@fjord.example", address)[0] is None


def test_the_session_gets_a_new_key_at_log_in(office, address):
    person = a_person(office)
    browser = Browser(REMOTE_ADDR=address)
    session = browser.session
    session["x"] = 1
    session.save()
    before = browser.cookies["sessionid"].value
    browser.post("/login/", {"email": person.email, "password": PASSWORD})
    assert browser.cookies["sessionid"].value != before
    assert browser.cookies["sessionid"]["httponly"]


def test_htmx_is_sent_to_the_log_in_page_as_a_whole():
    response = Browser().get("/clients/", headers={"hx-request": "true"})
    assert response.status_code == 204
    assert response.headers["HX-Redirect"].startswith("/login/?next=/clients/")


@pytest.fixture
def settings_with_fast_hash():
    from django.test import override_settings

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
