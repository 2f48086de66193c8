"""What a client's own people do with documents: gathered, completed, said paid, and handed over."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from nattbok.clients.actions import give_access, hand_over_at_once
from nattbok.clients.rules import Role
from nattbok.desk.queries import waiting
from nattbok.documents import actions, queries
from nattbok.documents.actions import portal as deeds
from nattbok.documents.actions.answering import AlreadyPosted
from nattbok.documents.actions.returning import come_back, send_back
from nattbok.documents.models import Document, Gathered
from nattbok.documents.queries import portal
from nattbok.documents.rules.entry import DoesNotAddUp
from nattbok.ledger.queries import open_items
from nattbok.trail.models import Act
from tests.documents.invoices import a_seller, an_e_invoice
from tests.web.visitors import a_person
from tests.world import TODAY, booked


@pytest.fixture
def kari(fjord):
    person = a_person()
    give_access(fjord, person, Role.OWNER)
    return person


def sent(text: str, key: str = "") -> deeds.Sent:
    return deeds.Sent(key or uuid.uuid4().hex, "faktura.xml", text.encode())


def added(client, person, *bills):
    results = deeds.add(client, person, [sent(bill) for bill in bills])
    return [each.document for each in results]


def owed(client, document):
    number = Document.objects.get(pk=document).number
    return [item.id for item in open_items(client) if item.number == number]


def of(client, document):
    (row,) = portal.rows(client, only=[document])
    return row


def test_what_is_gathered_is_with_the_client_until_it_is_handed_over(fjord, kari):
    fjord.may_post_documents = True
    fjord.save()
    power = a_seller(fjord)
    one, two = added(fjord, kari, an_e_invoice(fjord, power), an_e_invoice(fjord, power))
    assert [row.state for row in portal.rows(fjord)] == ["gathered", "gathered"]
    assert not queries.inbox(fjord)
    actions.code(fjord, by="robot:code_documents", today=TODAY)
    assert booked(fjord, series="K") == ""

    assert deeds.hand_over(fjord, [of(fjord, one).gathered], by=f"person:{kari.pk}", today=TODAY) == 1
    assert of(fjord, one).state != "gathered" and of(fjord, two).state == "gathered"
    rest = portal.gathered_of(fjord)
    deeds.hand_over(fjord, rest, by=f"person:{kari.pk}", today=TODAY)
    deeds.hand_over(fjord, rest, by=f"person:{kari.pk}", today=TODAY)  # again: as it is
    assert portal.gathered_of(fjord) == []
    assert Act.objects.filter(client=fjord, kind="documents.handed_over").count() == 2
    assert not Document.objects.filter(client=fjord, waits_for="handover").exists()
    with pytest.raises(deeds.NotGathered):
        deeds.hand_over(fjord, [2**40], by="test", today=TODAY)


def test_handed_over_at_once_where_the_client_has_chosen_so(fjord, kari):
    hand_over_at_once(fjord, is_on=True)
    (document,) = added(fjord, kari, an_e_invoice(fjord, a_seller(fjord)))
    assert of(fjord, document).state == "accounting"
    assert [row.row.id for row in queries.inbox(fjord)] == [document]


def test_sent_twice_by_a_phone_it_is_one(fjord, kari):
    bill = an_e_invoice(fjord, a_seller(fjord))
    first, again = (deeds.add(fjord, kari, [sent(bill, key="on-the-phone")])[0] for _time in range(2))
    assert first.document and again.is_repeat
    deeds.add(fjord, kari, [sent(bill, key="another")])
    assert Document.objects.filter(client=fjord).count() == 1
    assert Gathered.objects.filter(client=fjord).count() == 1


def test_what_came_some_other_way_stays_where_it_was(fjord, kari):
    bill = an_e_invoice(fjord, a_seller(fjord))
    (arrived,) = actions.upload(fjord, [("a.xml", bill.encode())], by="test")
    deeds.add(fjord, kari, [sent(bill)])
    assert of(fjord, arrived.document).state == "accounting"
    assert not Gathered.objects.filter(client=fjord).exists()


def test_the_database_keeps_what_was_gathered(fjord, kari):
    added(fjord, kari, an_e_invoice(fjord, a_seller(fjord)))
    for statement in (lambda rows: rows.delete(), lambda rows: rows.update(sha256="0" * 64)):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement(Gathered.objects.filter(client=fjord))


def lines(*parts):
    return [
        {"account": account, "vat_code": code, "net": net, "vat": vat, "dimensions": {"project": "7"}}
        for account, code, net, vat in parts
    ]


def test_what_the_client_coded_waits_for_the_office_with_that_coding(fjord, kari):
    (document,) = added(fjord, kari, an_e_invoice(fjord, a_seller(fjord)))
    found = Document.objects.get(pk=document)
    assert (found.net, found.vat) == (Decimal("1000.00"), Decimal("250.00"))
    with pytest.raises(DoesNotAddUp):
        deeds.set_coding(fjord, document, lines(("6540", "1", "1000", "249")), person=kari)
    with pytest.raises(deeds.UnusableAccount):
        deeds.set_coding(fjord, document, lines(("1500", "1", "1000", "250")), person=kari)
    split = lines(("6540", "1", "600.00", "150.00"), ("6800", "1", "400.00", "100.00"))
    deeds.set_coding(fjord, document, split, person=kari)
    deeds.hand_over(fjord, [of(fjord, document).gathered], by=f"person:{kari.pk}", today=TODAY)
    actions.code(fjord, by="robot:code_documents", today=TODAY)  # leaves it as it is
    (asked,) = [each for each in waiting([fjord]) if each.subject == f"document:{document}"]
    assert asked.kind == "documents.client_coded"
    (shown,) = [row for row in queries.inbox(fjord) if row.row.id == document]
    assert shown.kind == "documents.client_coded"
    actions.answer(fjord, document, asked.candidates[0][2], by="person:1", today=TODAY)
    assert "6540  600.00" in booked(fjord, series="K") and "6800  400.00" in booked(fjord, series="K")
    with pytest.raises(AlreadyPosted):
        deeds.set_coding(fjord, document, split, person=kari)


def test_what_is_said_to_be_paid_is_posted_as_paid(fjord, kari):
    (document,) = added(fjord, kari, an_e_invoice(fjord, a_seller(fjord)))
    by = f"person:{kari.pk}"
    with pytest.raises(deeds.NoSuchMeans):
        deeds.say_paid(fjord, document, on=TODAY, by_means="gold", by=by, today=TODAY)
    with pytest.raises(deeds.PaidInTheFuture):
        tomorrow = TODAY + datetime.timedelta(days=1)
        deeds.say_paid(fjord, document, on=tomorrow, by_means="cash", by=by, today=TODAY)
    deeds.say_paid(fjord, document, on=TODAY, by_means="cash", by=by, today=TODAY)
    deeds.hand_over(fjord, [of(fjord, document).gathered], by=by, today=TODAY)
    actions.post_as(fjord, document, lines(("6540", "1", "1000.00", "250.00")), by="person:1", today=TODAY)
    assert "1900  -1250.00" in booked(fjord, series="K") and "2400" not in booked(fjord, series="K")
    assert not owed(fjord, document)
    assert of(fjord, document).state == "paid"


def test_what_is_booked_as_owed_is_settled_when_it_is_said_to_be_paid(fjord, kari):
    hand_over_at_once(fjord, is_on=True)
    (document,) = added(fjord, kari, an_e_invoice(fjord, a_seller(fjord)))
    actions.post_as(fjord, document, lines(("6540", "1", "1000.00", "250.00")), by="person:1", today=TODAY)
    assert of(fjord, document).state == "owed"
    assert [deeds.item_to_pay(fjord, document)] == owed(fjord, document)
    by = f"person:{kari.pk}"
    deeds.say_paid(fjord, document, on=TODAY, by_means="bank", by=by, today=TODAY)
    assert "1920  -1250.00" in booked(fjord, series="B")
    assert not owed(fjord, document)
    assert of(fjord, document).state == "paid"
    with pytest.raises(deeds.NothingToPay):
        deeds.say_paid(fjord, document, on=TODAY, by_means="bank", by=by, today=TODAY)
    with pytest.raises(deeds.NothingToPay):
        deeds.item_to_pay(fjord, document)


def test_what_accounting_asks_is_answered_and_goes_back(fjord, kari):
    hand_over_at_once(fjord, is_on=True)
    (document,) = added(fjord, kari, an_e_invoice(fjord, a_seller(fjord)))
    send_back(fjord, document, why="Hva er dette?", by="person:1")
    row = of(fjord, document)
    assert (row.state, row.asked) == ("returned", "Hva er dette?")
    assert not queries.inbox(fjord)
    come_back(fjord, document, answer="Strøm til lageret", by=f"person:{kari.pk}")
    assert of(fjord, document).state == "accounting"
    assert [each.row.id for each in queries.inbox(fjord)] == [document]


def test_one_sees_what_one_added_and_no_more(fjord, kari):
    ola = a_person()
    give_access(fjord, ola, Role.EMPLOYEE)
    power = a_seller(fjord)
    (hers,) = added(fjord, kari, an_e_invoice(fjord, power))
    (his,) = added(fjord, ola, an_e_invoice(fjord, power))
    by = f"person:{ola.pk}"
    assert [row.document for row in portal.rows(fjord, by=by)] == [his]
    assert portal.rows(fjord, by=by, only=[hers]) == []
    assert portal.counts(fjord, by=by) == {"gathered": 1, "returned": 0}
