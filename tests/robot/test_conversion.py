"""From paper to e-invoices: who could send them, asked once, and followed until they do."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from nattbok.db.scope import scope
from nattbok.documents import actions
from nattbok.documents.actions import intake
from nattbok.documents.models import DirectoryLook, Document, EInvoiceRequest
from nattbok.documents.queries import conversion as queries
from nattbok.documents.queries import unread_files
from nattbok.documents.rules import conversion as rules
from nattbok.documents.rules.conversion import Standing
from nattbok.files import actions as files
from nattbok.ledger.models import Party
from nattbok.outbox.models import Mail
from nattbok.robot.routine import Tonight
from nattbok.robot.routines import collect_files as collecting
from nattbok.robot.routines.look_up_suppliers import look_up_suppliers
from nattbok.sandbox.mail.senders import a_mail
from nattbok.sandbox.network.point import Fault
from tests.documents.invoices import PERSON, a_seller, an_e_invoice
from tests.world import a_client

TONIGHT = Tonight(1, datetime.date(2026, 3, 12), "look_up_suppliers")


@pytest.mark.parametrize(
    "said, answer",
    [
        ({"converted": True, "asked": True, "is_there": True}, Standing.CONVERTED),
        ({"asked": True, "is_there": True}, Standing.ASKED),
        ({"is_there": True, "takes": True}, Standing.COULD),
        ({"is_there": True}, Standing.OTHER),
        ({"is_there": False}, Standing.ABSENT),
        ({}, Standing.UNSEEN),
        ({"has_number": False}, Standing.NUMBERLESS),
    ],
)
def test_how_far_a_supplier_has_come(said, answer):
    given = {"converted": False, "asked": False, "is_there": None, "takes": False, "has_number": True}
    assert rules.standing(**given | said) is answer


@pytest.mark.parametrize(
    "number, country, answer",
    [
        ("974 760 673", "NO", "0192:974760673"),
        ("NO974760673MVA", "NO", "0192:974760673"),
        ("974760674", "NO", ""),  # the check digit is wrong: somebody else's, or nobody's
        ("556036-0793", "SE", "0007:5560360793"),
        ("12345678", "DK", ""),
        ("", "NO", ""),
    ],
)
def test_a_supplier_is_looked_up_by_a_number_that_is_one(number, country, answer):
    assert rules.participant(number, country) == answer


@pytest.mark.parametrize(
    "types, answer",
    [
        (["urn:oasis:names:specification:ubl:schema:xsd:Invoice-2::Invoice##urn:cen.eu:en16931:2017"], True),
        (
            ["busdox-docid-qns::urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2::CreditNote##x"],
            True,
        ),
        (["urn:oasis:names:specification:ubl:schema:xsd:Order-2::Order##x"], False),
        ([], False),
    ],
)
def test_who_takes_invoices_is_told_with_and_without_the_scheme_of_the_type(types, answer):
    assert rules.takes_invoices(types) is answer


def test_the_months_end_with_this_one():
    first, *_rest, last = rules.months_through(datetime.date(2026, 3, 12))
    assert (first, last) == (datetime.date(2025, 4, 1), datetime.date(2026, 3, 1))
    assert rules.Month(last, 1, 2).percent == 33 and rules.Month(last, 0, 0).percent is None


def test_the_letter_tells_of_the_directory_only_what_it_says():
    given = {"client": "K", "org_number": "1", "address": "0192:1", "supplier": "L", "papers": 0}
    there = rules.letter(theirs="0192:2", **given)
    absent = rules.letter(theirs="", **given)
    assert any("registered as 0192:2" in str(one) for one in there.paragraphs)
    assert not any("registered" in str(one) for one in absent.paragraphs)
    assert all("0192:1" in str(letter.paragraphs[2]) for letter in (there, absent))
    assert str(there.subject) == "E-invoices to K, please"


def a_paper(client, seller, *, days_ago: int = 5, count: int = 1) -> None:
    """Bills of the seller that came as PDF, as reading has left them."""
    at = timezone.now() - datetime.timedelta(days=days_ago)
    for _number in range(count):
        data = f"%PDF-1.4 {seller.party} {Document.objects.count()}".encode()
        kept = files.keep(client, data, name="a.pdf", came_by="upload", at=at, format_name="pdf")
        Document.objects.create(
            client=client, file=kept.file, kind="invoice", format="pdf", supplier_id=seller.party,
            supplier_name=seller.company.name, supplier_org_number=seller.company.number, received_at=at,
        )  # fmt: skip


def participant(seller) -> str:
    return f"0192:{seller.company.number}"


def rows(client) -> dict[int, queries.Converting]:
    return {row.supplier: row for row in queries.converting([client], today=timezone.localdate())}


def test_the_directory_is_asked_about_suppliers_on_paper_once_a_month(client, point):
    there, other, absent, digital = (a_seller(client) for _number in range(4))
    for seller, count in ((there, 3), (other, 1), (absent, 2)):
        a_paper(client, seller, count=count)
    point.directory |= {participant(there): "Et annet", participant(other): "Et annet"}
    point.takes[participant(other)] = ("urn:fdc:something-else",)
    assert [row.standing for row in rows(client).values()] == [Standing.UNSEEN] * 3
    assert look_up_suppliers.run(client, TONIGHT).done == 3
    found = rows(client)
    assert list(found) == [there.party, absent.party, other.party]  # those with most paper first
    assert [row.standing for row in found.values()] == [Standing.COULD, Standing.ABSENT, Standing.OTHER]
    assert found[there.party].looked.access_point == "Et annet"
    assert digital.party not in found
    assert look_up_suppliers.run(client, TONIGHT).done == 0
    DirectoryLook.objects.filter(client=client, supplier=absent.party).update(
        asked_at=timezone.now() - rules.LOOK_AGAIN
    )
    point.directory[participant(absent)] = "Et tredje"
    assert look_up_suppliers.run(client, TONIGHT).done == 1
    assert rows(client)[absent.party].standing is Standing.COULD


def test_the_three_hundred_and_first_supplier_has_its_turn_too(client):
    """A page shows so many; the nights go through all of them."""
    seller = a_seller(client)
    a_paper(client, seller)
    first = Document.objects.get(client=client)
    number = Party.objects.get(client=client, pk=seller.party).org_number
    others = Party.objects.bulk_create(
        Party(client=client, kind="supplier", number=str(70000 + each), name=f"L {each}", org_number=number)
        for each in range(300)
    )
    Document.objects.bulk_create(
        Document(
            client=client, file=first.file, first_page=each, kind="invoice", format="pdf", supplier=other,
            received_at=first.received_at,
        )
        for each, other in enumerate(others, 1)
    )  # fmt: skip
    due = queries.due_for_look(client, today=timezone.localdate(), now=timezone.now())
    assert len({supplier for supplier, _number in due}) == 301


def test_a_bill_of_the_first_night_of_a_month_is_that_months(client):
    a_paper(client, a_seller(client))
    first = datetime.datetime(2026, 2, 1, 0, 30, tzinfo=timezone.get_current_timezone())
    Document.objects.filter(client=client).update(received_at=first)
    counted = {month.on: month.papers for month in queries.months([client], today=datetime.date(2027, 1, 31))}
    assert counted[datetime.date(2026, 2, 1)] == 1 and sum(counted.values()) == 1


@pytest.mark.parametrize("fault", [Fault.DEAD, Fault.BUSY])
def test_a_silent_directory_proves_nothing_and_is_asked_again(client, point, fault):
    a_paper(client, a_seller(client))
    point.faults.add(fault)
    assert look_up_suppliers.run(client, TONIGHT).done == 0
    assert not DirectoryLook.objects.filter(client=client).exists()
    point.faults.clear()
    assert look_up_suppliers.run(client, TONIGHT).done == 1


def test_what_was_answered_before_the_directory_fell_silent_is_kept(client, point):
    for _number in range(4):
        a_paper(client, a_seller(client))
    point.faults.add(Fault.TIRED)
    found = actions.look_up_suppliers(client, by=PERSON, today=TONIGHT.date)
    assert (found.done, found.left) == (2, 2)
    point.faults.clear()
    found = actions.look_up_suppliers(client, by=PERSON, today=TONIGHT.date, at_once=1)
    assert (found.done, found.left) == (1, 1)
    assert DirectoryLook.objects.filter(client=client).count() == 3


def test_without_an_access_point_nobody_is_asked_about(client):
    a_paper(client, a_seller(client))
    assert look_up_suppliers.run(client, TONIGHT).done == 0


def ask(client, seller, **given):
    actions.ask_for_e_invoices(
        client, seller.party, by=PERSON, on=datetime.date(2026, 3, 12),
        **{"subject": "EHF", "text": "Hei", "to": "post@havna.example", "reply_to": "kari@byraa.example"}
        | given,
    )  # fmt: skip


def test_a_supplier_is_asked_once_and_only_when_somebody_receives(client, point):
    seller = a_seller(client)
    a_paper(client, seller)
    with pytest.raises(rules.NotReceivedFor):
        ask(client, seller)
    intake.activate_reception(client, by=PERSON)
    for wrong, refusal in (
        ({"to": "nei"}, rules.NotAMailAddress),
        ({"to": "a@b.no\nBcc: alle@c.no"}, rules.NotAMailAddress),
        ({"text": " "}, rules.LetterEmpty),
        ({"text": "x" * 5_001}, rules.LetterEmpty),
    ):
        with pytest.raises(refusal):
            ask(client, seller, **wrong)
    assert not EInvoiceRequest.objects.filter(client=client).exists()
    ask(client, seller)
    with pytest.raises(rules.AskedAlready):
        ask(client, seller, to="annen@havna.example")
    (mail,) = Mail.objects.filter(office=client.office, key__startswith="e_invoice_request:")
    assert (mail.to, mail.reply_to, mail.text) == (["post@havna.example"], "kari@byraa.example", "Hei")
    assert rows(client)[seller.party].standing is Standing.ASKED
    with pytest.raises(IntegrityError), transaction.atomic():  # whoever writes
        EInvoiceRequest.objects.create(
            client=client, supplier_id=seller.party, text="", by="x", at=timezone.now(),
            asked_on=TONIGHT.date,
        )  # fmt: skip


def test_one_that_copied_the_text_notes_it_and_nothing_is_sent(client, point):
    seller = a_seller(client)
    intake.activate_reception(client, by=PERSON)
    ask(client, seller, to="")
    assert not Mail.objects.filter(office=client.office, key__startswith="e_invoice_request:").exists()
    assert queries.converting_one(client, seller.party, today=timezone.localdate()).asked.to == ""


def test_the_first_e_invoice_after_the_letter_is_the_conversion(client, point):
    seller = a_seller(client)
    a_paper(client, seller, count=2)
    reception = intake.activate_reception(client, by=PERSON)
    ask(client, seller)
    assert rows(client)[seller.party].first_e_invoice_on is None
    point.send(
        an_e_invoice(client, seller.company).encode(), sender=participant(seller),
        receiver=reception.participant, number=f"{client.pk}-1",
    )  # fmt: skip
    collecting.collect_files.run(client, TONIGHT)
    actions.receive(client, unread_files(client), by=PERSON)
    actions.code(client, by=PERSON, today=TONIGHT.date)
    row = rows(client)[seller.party]
    today = timezone.localdate()
    assert (row.standing, row.papers, row.e_invoices, row.papers_since) == (Standing.CONVERTED, 2, 1, 0)
    assert row.first_e_invoice_on == timezone.localdate()
    assert look_up_suppliers.run(client, TONIGHT).done == 0  # it needs no looking up any more
    last = queries.months([client], today=today)[-1]
    assert (last.e_invoices, last.papers + queries.months([client], today=today)[-2].papers) == (1, 2)
    a_paper(client, seller, days_ago=-1)
    assert rows(client)[seller.party].papers_since == 1


def test_over_an_office_each_client_sees_its_own(office, point):
    clients = [a_client(office=office) for _number in range(2)]
    for one in clients:
        with scope([one.pk]):
            a_paper(one, a_seller(one))
    with scope([clients[0].pk]):
        assert len(queries.converting(clients, today=timezone.localdate())) == 1
    with scope([one.pk for one in clients]):
        found = queries.converting(clients, today=timezone.localdate())
        assert {row.client for row in found} == {one.pk for one in clients}


def test_the_address_is_proposed_from_the_last_mail(client):
    seller = a_seller(client)
    assert queries.address_of(client, seller.party) == ""
    data = a_mail(("a.pdf", b"%PDF-1.4 x"), sender="Havna <faktura@havna.example>")
    files.keep_mail(client, data)
    (opened,) = actions.open_mails(client, by=PERSON).files
    Document.objects.create(
        client=client, file_id=opened, kind="invoice", supplier_id=seller.party, received_at=timezone.now()
    )
    assert queries.address_of(client, seller.party) == "faktura@havna.example"
