"""The pages of payments out: chosen, frozen, released with a code, and hidden from who may not see them."""

from decimal import Decimal

import pytest

from nattbok.bank.actions import payments
from nattbok.bank.models import Payment, PaymentBatch
from nattbok.bank.queries.payments.rights import SALARIES
from nattbok.bank.rules.payments import Kind, State
from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from tests.bank.paying import THEIRS, TODAY, Payer, a_batch, a_bill, a_supplier, an_account, proposed
from tests.web.visitors import PASSWORD, a_person, logged_in


@pytest.fixture
def bill(fjord):
    an_account(fjord)
    return a_bill(fjord, "1250.00", supplier=a_supplier(fjord), number="F77")


def test_a_bill_is_chosen_frozen_and_released_on_the_pages(fjord, bill):
    kari = Payer(fjord)
    (payment,) = proposed(fjord)
    browser, inbox = logged_in(kari.person), f"/clients/{fjord.pk}/payments/"
    text = browser.get(inbox).content.decode()
    assert "Nordlys" in text and "1,250.00" in text and THEIRS["NO"] in text
    made = browser.post(inbox, {"do": "batch", "payment": payment.pk})
    batch = PaymentBatch.objects.get(client=fjord)
    assert made.url == f"/clients/{fjord.pk}/payments/batches/{batch.pk}/"
    shown = browser.get(made.url).content.decode()
    assert batch.sha256 in shown and "Approve 1,250.00 NOK" in shown
    wrong = browser.post(made.url, {"do": "approve", "sha256": batch.sha256, "code": "000000"})
    assert wrong.status_code == 409 and "The code is wrong" in wrong.content.decode()
    released = browser.post(made.url, {"do": "approve", "sha256": batch.sha256, "code": kari.code()})
    assert released.status_code == 302
    file = browser.post(made.url, {"do": "file"})
    assert file.status_code == 200 and b"pain.001.001.03" in file.content
    assert "attachment" in file.headers["Content-Disposition"]
    assert Payment.objects.get(pk=payment.pk).state == State.SENT
    batch.refresh_from_db()
    assert browser.get(f"/clients/{fjord.pk}/files/{batch.file_id}/").status_code == 404


def test_a_refusal_keeps_the_page_and_the_marks(fjord, bill):
    browser = logged_in(Payer(fjord).person)
    (payment,) = proposed(fjord)
    answer = browser.post(f"/clients/{fjord.pk}/payments/", {"do": "hold", "payment": payment.pk, "note": ""})
    text = answer.content.decode()
    assert answer.status_code == 409 and "Say why, in a few words." in text
    assert f'value="{payment.pk}"' in text and " checked" in text
    browser.post(f"/clients/{fjord.pk}/payments/", {"do": "hold", "payment": payment.pk, "note": "wrong"})
    assert Payment.objects.get(pk=payment.pk).is_held


def test_a_reader_may_look_and_nothing_more(fjord, bill):
    reader = a_person()
    give_access(fjord, reader, Role.READER)
    (payment,) = proposed(fjord)
    browser = logged_in(reader)
    text = browser.get(f"/clients/{fjord.pk}/payments/").content.decode()
    assert "Nordlys" in text and 'value="batch"' not in text
    answer = browser.post(f"/clients/{fjord.pk}/payments/", {"do": "batch", "payment": payment.pk})
    assert answer.status_code == 409
    assert not PaymentBatch.objects.filter(client=fjord).exists()


def test_salaries_are_on_no_page_of_those_without_the_right(fjord, bill):
    order = payments.Order(
        Kind.SALARY, "employee:7", "Per Hemmelig", THEIRS["NO"], Decimal("31415.92"), TODAY, against="2930"
    )
    (hidden,) = payments.add_payments(fjord, [order], by="robot:payroll", today=TODAY)
    proposed(fjord)
    kari, ola = Payer(fjord), Payer(fjord, rights=("payments", SALARIES))
    browser = logged_in(kari.person)
    text = browser.get(f"/clients/{fjord.pk}/payments/").content.decode()
    assert "Hemmelig" not in text and "31,415.92" not in text and "32,665.92" not in text
    assert browser.get(f"/clients/{fjord.pk}/payments/{hidden}/").status_code == 404
    other = logged_in(ola.person).get(f"/clients/{fjord.pk}/payments/").content.decode()
    assert "Hemmelig" in other and "32,665.92" in other


def test_a_person_sets_up_their_second_factor(office):
    import pyotp

    from nattbok.approvals.actions.factors import waiting_secret

    person = a_person(office)
    browser = logged_in(person)
    assert browser.post("/factor/", {"do": "begin", "password": "guessed"}).status_code == 409
    assert browser.post("/factor/", {"do": "begin", "password": PASSWORD}).status_code == 302
    picture = browser.get("/factor/qr.svg")
    assert picture["Content-Type"] == "image/svg+xml" and b"<path" in picture.content
    code = pyotp.TOTP(waiting_secret(person)).now()
    shown = browser.post("/factor/", {"do": "confirm", "code": code}).content.decode()
    assert shown.count("<code>") == 10
    assert "recovery codes are left" in browser.get("/factor/").content.decode()
    assert b"<path" not in browser.get("/factor/qr.svg").content  # it is not shown again


def test_rights_are_given_by_the_owner_with_a_code(fjord):
    from nattbok.approvals.queries import rights

    owner = Payer(fjord, rights=())
    give_access(fjord, owner.person, Role.OWNER)
    address = f"/clients/{fjord.pk}/payments/rights/"
    given = {"do": "let", "kind": "payments", "person": owner.person.pk, "limit": "5 000,00"}
    browser = logged_in(owner.person)
    assert browser.post(address, given | {"code": "000000"}).status_code == 409
    assert rights(fjord) == []
    assert browser.post(address, given | {"code": owner.code()}).status_code == 302
    assert [(one.kind, one.limit) for one in rights(fjord)] == [("payments", Decimal("5000.00"))]
    eva = Payer(fjord, rights=())
    assert logged_in(eva.person).post(address, given | {"code": eva.code()}).status_code == 409


def test_the_batch_page_says_who_is_missing(fjord):
    from tests.bank.paying import approved, two_in_union

    two_in_union(fjord)
    kari, ola = Payer(fjord), Payer(fjord, name="Ola Nordmann")
    batch = approved(fjord, a_batch(fjord, kari), ola)
    address = f"/clients/{fjord.pk}/payments/batches/{batch.pk}/"
    assert "You have approved it." in logged_in(ola.person).get(address).content.decode()
    text = logged_in(kari.person).get(address).content.decode()
    assert "Ola Nordmann" in text and "1 of 2 approvals are missing" in text
