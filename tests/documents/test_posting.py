"""From a kept e-invoice to a posted bill, or to a question; as an accountant would tell it."""

import datetime
from decimal import Decimal

import pytest

from nattbok.base.errors import Refused
from nattbok.desk import queries as desk
from nattbok.documents import actions, queries
from nattbok.documents.actions import answering
from nattbok.documents.models import Document
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Account, Entry, Line, OpenItem, Party
from nattbok.ledger.queries.proof import prove
from nattbok.trail.models import Act
from tests.documents.invoices import (
    PERSON,
    a_company,
    a_seller,
    an_e_invoice,
    coded,
    kept,
    received,
    unattended,
)
from tests.formats.invoice.written_invoices import Line as InvoiceLine
from tests.world import TODAY, booked


def asked(client):
    return [(waiting.kind, waiting.subject) for waiting in desk.waiting([client])]


def only_question(client):
    (waiting,) = desk.waiting([client])
    return waiting


def test_a_bill_from_a_known_supplier_is_posted_without_a_person(fjord):
    seller = a_seller(unattended(fjord))
    (document,) = received(fjord, an_e_invoice(fjord, seller, number="88-1", reference="04100100454"))
    assert coded(fjord) == actions.Done(posted=1, left=0)
    assert booked(fjord, series="K") == "\n".join(
        [
            "1  2026-03-02  6340  1000.00",
            "1  2026-03-02  2710  250.00",
            "1  2026-03-02  2400  -1250.00",
        ]
    )
    item = OpenItem.objects.get(client=fjord, number="88-1")
    assert (item.reference, item.due_on, item.on_hold) == ("04100100454", datetime.date(2026, 3, 16), False)
    assert queries.document(fjord, document).row.state == queries.POSTED
    assert queries.counts(fjord) == queries.Counts(posted=1, posted_by_robot=1)
    assert prove(fjord).fault is None


def test_the_act_says_why(fjord):
    seller = a_seller(unattended(fjord))
    received(fjord, an_e_invoice(fjord, seller, number="88-1"))
    coded(fjord)
    evidence = Act.objects.get(client=fjord, kind="documents.posted").evidence
    (line,) = evidence["lines"]
    assert line["reason"]["text"].format(**line["reason"]["values"]) == (
        "as the last 3 bills from Fjellstrøm Prøve AS"
    )
    assert len(line["entries"]) == 3
    assert line["source"].endswith("cac:TaxSubtotal[1]")
    assert evidence["sha256"] == Document.objects.get(client=fjord).file.sha256
    assert (evidence["owed"], evidence["number"]) == ("1250.00", "88-1")


def test_a_swedish_bill(skog):
    seller = a_seller(unattended(skog), account="5410", bank_account="50501055")
    received(skog, an_e_invoice(skog, seller))
    assert coded(skog).posted == 1
    assert booked(skog, series="K") == "\n".join(
        [
            "1  2026-03-02  5410  1000.00",
            "1  2026-03-02  2640  250.00",
            "1  2026-03-02  2440  -1250.00",
        ]
    )


def test_a_credit_note_takes_it_back(fjord):
    seller = a_seller(unattended(fjord))
    received(fjord, an_e_invoice(fjord, seller, number="88-1"))
    assert coded(fjord).posted == 1
    received(fjord, an_e_invoice(fjord, seller, number="K-1", credit=True, preceding="88-1"))
    assert coded(fjord).posted == 1
    assert booked(fjord, series="K").splitlines()[3:] == [
        "2  2026-03-02  6340  -1000.00",
        "2  2026-03-02  2710  -250.00",
        "2  2026-03-02  2400  1250.00",
    ]
    assert OpenItem.objects.get(client=fjord, number="K-1").left == Decimal("1250.00")


def test_two_credit_notes_together_take_back_no_more_than_the_invoice(fjord):
    seller = a_seller(unattended(fjord))
    received(fjord, an_e_invoice(fjord, seller, number="88-1"))
    assert coded(fjord).posted == 1
    whole = [an_e_invoice(fjord, seller, number=n, credit=True, preceding="88-1") for n in ("K-1", "K-2")]
    _first, second = received(fjord, *whole)
    assert coded(fjord) == actions.Done(1, 1)
    assert only_question(fjord).kind == "documents.credit"
    assert only_question(fjord).subject == f"document:{second}"
    assert coded(fjord) == actions.Done(0, 1)


def test_a_bill_under_another_number_of_its_seller_is_still_the_same_bill(fjord):
    seller = a_seller(unattended(fjord))
    (first,) = received(fjord, an_e_invoice(fjord, seller, number="88-1"))
    assert coded(fjord).posted == 1
    group = a_company(name=seller.company.name)  # the same seller, by the number of its group
    (second,) = received(fjord, an_e_invoice(fjord, group, number="88-1", account=seller.account))
    actions.choose_supplier(fjord, second, seller.party, by=PERSON, today=TODAY)
    assert coded(fjord).posted == 0
    assert "documents.duplicate" in {kind for kind, _subject in asked(fjord)}
    assert queries.document(fjord, first).row.state == queries.POSTED


def test_run_twice_it_posts_once_and_asks_once(fjord):
    seller, stranger = a_seller(unattended(fjord)), a_company()
    files = [kept(fjord, an_e_invoice(fjord, each)) for each in (seller, stranger)]
    assert len(actions.receive(fjord, files, by="robot:test").documents) == 2
    assert actions.receive(fjord, files, by="robot:test").documents == ()
    assert coded(fjord) == actions.Done(1, 1)
    questions, acts = asked(fjord), Act.objects.filter(client=fjord).count()
    assert coded(fjord) == actions.Done(0, 1)
    assert Entry.objects.filter(client=fjord, series__code="K").count() == 1
    assert (asked(fjord), Act.objects.filter(client=fjord).count()) == (questions, acts)


def test_a_reversed_bill_is_back_on_the_list(fjord):
    seller = a_seller(unattended(fjord))
    (document,) = received(fjord, an_e_invoice(fjord, seller))
    coded(fjord)
    entry = queries.document(fjord, document).row.entry
    ledger.reverse(fjord, [entry], by=PERSON, why="feil konto")
    assert queries.undecided(fjord) == [document]
    assert coded(fjord).posted == 1
    assert queries.document(fjord, document).row.entry not in (None, entry)
    assert prove(fjord).fault is None


def test_a_bill_in_a_closed_period_is_asked_about_and_then_dated_the_first_open_day(fjord):
    seller = a_seller(unattended(fjord))
    ledger.close_through(fjord, datetime.date(2026, 3, 5), by=PERSON, why="mva levert")
    (document,) = received(fjord, an_e_invoice(fjord, seller))
    coded(fjord)
    question = only_question(fjord)
    assert question.kind == "documents.closed"
    assert "2026-03-05" in str(question.reason) and "2026-03-06" in str(question.reason)
    actions.answer(fjord, document, question.candidates[0][2], by=PERSON, today=TODAY)
    assert Entry.objects.get(client=fjord, series__code="K").date == datetime.date(2026, 3, 6)
    assert Act.objects.get(client=fjord, kind="documents.posted").evidence["moved_from"] == "2026-03-02"


def test_a_bill_with_several_rates_follows_the_habit_of_each(fjord):
    seller = a_seller(unattended(fjord))
    received(
        fjord,
        an_e_invoice(fjord, seller, InvoiceLine("Strøm", "1", "100"), InvoiceLine("Mat", "1", "60", "15")),
    )
    assert coded(fjord).left == 1
    question = only_question(fjord)
    assert question.kind == "documents.account"
    assert "VAT code 11" in str(question.reason)


# Each guard rail: what is arranged, and the question that comes instead of an entry.
RAILS = {
    "a supplier never seen": ("documents.new_supplier", lambda c, s: an_e_invoice(c, a_company())),
    "a new bank account": (
        "documents.changed_account",
        lambda c, s: an_e_invoice(c, s, account="86011117947"),
    ),
    "another currency": ("documents.currency", lambda c, s: an_e_invoice(c, s, currency="EUR")),
    "partly paid": ("documents.prepaid", lambda c, s: an_e_invoice(c, s, prepaid="100.00")),
    "an unusual amount": (
        "documents.amount",
        lambda c, s: an_e_invoice(c, s, InvoiceLine("Strøm", "1", "3000.01")),
    ),
    "a round sum": (
        "documents.round",
        lambda c, s: an_e_invoice(c, a_seller(c, amount="9999.00"), InvoiceLine("Strøm", "1", "8000.00")),
    ),
    "a VAT number that is another's": (
        "documents.vat",
        lambda c, s: an_e_invoice(c, s).replace(
            f"<cbc:CompanyID>NO{s.company.number}MVA", f"<cbc:CompanyID>NO{a_company().number}MVA"
        ),
    ),
    "a date to come": (
        "documents.date",
        lambda c, s: an_e_invoice(c, s, issued_on=datetime.date(2026, 3, 13)),
    ),
    "the same bill again": (
        "documents.duplicate",
        lambda c, s: _twice(c, s),
    ),
    "a date before the books": (
        "documents.date",
        lambda c, s: an_e_invoice(c, s, issued_on=datetime.date(2025, 12, 31)),
    ),
    "no VAT number": (
        "documents.held",
        lambda c, s: an_e_invoice(c, s).replace(f"<cbc:CompanyID>NO{s.company.number}MVA", "<cbc:CompanyID>"),
    ),
    "sums that do not agree": (
        "documents.held",
        lambda c, s: an_e_invoice(c, s).replace(">1250.00</cbc:PayableAmount", ">1350.00</cbc:PayableAmount"),
    ),
    "for somebody else": ("documents.not_ours", lambda c, s: an_e_invoice(c, s, buyer=a_company())),
    "a broken file": ("documents.unreadable", lambda c, s: an_e_invoice(c, s)[:900]),
    "nothing known": ("documents.unreadable", lambda c, s: "hallo, dette er ingen faktura"),
}


def _twice(client, seller) -> str:
    """A bill whose like, to the space before its end, is posted."""
    bill = an_e_invoice(client, seller)
    received(client, bill)
    coded(client)
    return f"{bill} "


@pytest.mark.parametrize("rail", RAILS)
def test_a_guard_rail_turns_post_into_ask(fjord, rail):
    seller = a_seller(unattended(fjord))
    kind, arranged = RAILS[rail]
    (document,) = received(fjord, arranged(fjord, seller))
    coded(fjord)
    assert asked(fjord) == [(kind, f"document:{document}")]
    assert not Entry.objects.filter(client=fjord, origin=f"document:{document}").exists()


@pytest.mark.parametrize(
    "setting, kind",
    [
        ({"account": "6340", "may_post": False}, "documents.approval"),
        ({"account": "6340", "limit": Decimal("1249.99")}, "documents.limit"),
        ({"account": "6300"}, "documents.account"),  # closed for posting since
        ({"account": "6340", "charges_vat": False}, "documents.vat"),
        ({"account": "6340", "vat_code": "11"}, "documents.vat"),
    ],
)
def test_what_is_set_for_a_supplier_can_stop_the_robot(fjord, setting, kind):
    seller = a_seller(unattended(fjord))
    actions.set_supplier(fjord, seller.party, **setting, by=PERSON)
    Account.objects.filter(client=fjord, number="6300").update(is_active=False)
    received(fjord, an_e_invoice(fjord, seller))
    assert coded(fjord) == actions.Done(0, 1)
    assert only_question(fjord).kind == kind


def test_a_setting_outranks_history_and_brings_dimensions(fjord):
    seller = a_seller(unattended(fjord))
    actions.set_supplier(
        fjord, seller.party, account="6300", vat_code="0", dimensions={"department": "7"}, by=PERSON
    )
    received(fjord, an_e_invoice(fjord, seller))
    coded(fjord)
    assert booked(fjord, series="K") == "1  2026-03-02  6300  1250.00\n1  2026-03-02  2400  -1250.00"
    assert Line.objects.get(client=fjord, account__number="6300").dimensions == {"department": "7"}


def test_without_permission_a_person_posts_what_is_proposed(fjord):
    seller = a_seller(fjord)
    (document,) = received(fjord, an_e_invoice(fjord, seller))
    assert coded(fjord) == actions.Done(0, 1)
    question = only_question(fjord)
    assert question.kind == "documents.approval"
    label, why, answer = question.candidates[0]
    assert str(label) == "Post 1250.00 to 6340, VAT code 1"
    assert str(why) == "as the last 3 bills from Fjellstrøm Prøve AS"
    actions.answer(fjord, document, answer, by=PERSON, today=TODAY)
    assert queries.document(fjord, document).row.state == queries.POSTED
    assert asked(fjord) == []
    assert Act.objects.get(client=fjord, kind="documents.posted").by == PERSON


def test_a_new_supplier_is_registered_with_its_account_and_then_has_no_history(fjord):
    unattended(fjord)
    company = a_company()
    first, second = received(fjord, an_e_invoice(fjord, company), an_e_invoice(fjord, company))
    coded(fjord)
    answer = desk.waiting([fjord])[0].candidates[0][2]
    assert answer == {"do": "register_supplier", "accounts": ["15031200455"]}
    actions.answer(fjord, first, answer, by=PERSON, today=TODAY)
    assert asked(fjord) == [
        ("documents.account", f"document:{first}"),
        ("documents.account", f"document:{second}"),
    ]
    # Asked again by somebody else at the same time, it is not registered twice.
    actions.answer(fjord, second, answer, by=PERSON, today=TODAY)
    assert Party.objects.filter(client=fjord, org_number=company.number).count() == 1


def test_a_confirmed_account_lets_the_bill_through(fjord):
    seller = a_seller(unattended(fjord))
    (document,) = received(fjord, an_e_invoice(fjord, seller, account="86011117947"))
    coded(fjord)
    with pytest.raises(answering.AnotherAccount):
        actions.confirm_account(fjord, document, accounts=["15031200455"], by=PERSON, today=TODAY)
    actions.answer(fjord, document, only_question(fjord).candidates[0][2], by=PERSON, today=TODAY)
    assert queries.document(fjord, document).row.state == queries.POSTED
    assert asked(fjord) == []


def test_the_same_bill_sent_twice_is_posted_once(fjord):
    seller = a_seller(unattended(fjord))
    text = an_e_invoice(fjord, seller, number="88-1")
    first, second = received(fjord, text, text.replace("Avd 7", "Avd 8").replace("88-1", "00881"))
    assert coded(fjord) == actions.Done(1, 1)
    question = only_question(fjord)
    assert (question.kind, question.subject) == ("documents.duplicate", f"document:{second}")
    assert "sent twice" in str(question.reason)
    actions.answer(fjord, second, question.candidates[0][2], by=PERSON, today=TODAY)
    assert coded(fjord) == actions.Done(0, 0)
    assert queries.document(fjord, first).row.state == queries.POSTED


def test_the_same_number_with_another_amount_is_asked_about(fjord):
    seller = a_seller(unattended(fjord))
    received(
        fjord,
        an_e_invoice(fjord, seller, number="88-1"),
        an_e_invoice(fjord, seller, InvoiceLine("Strøm", "1", "900"), number="88-1"),
    )
    assert coded(fjord) == actions.Done(1, 1)
    assert "another amount" in str(only_question(fjord).reason)


def test_a_bill_that_somebody_keyed_in_is_not_posted_again(fjord):
    seller = a_seller(unattended(fjord))
    old = OpenItem.objects.filter(client=fjord, party=seller.party).first().number
    received(fjord, an_e_invoice(fjord, seller, number=old))
    assert coded(fjord) == actions.Done(0, 1)
    assert only_question(fjord).kind == "documents.duplicate"


def test_bills_that_went_different_ways_are_asked_about_with_the_usual_one_first(fjord):
    seller = a_seller(unattended(fjord), bills=4)
    from nattbok.countries.known import country
    from nattbok.ledger.rules import LineDraft
    from tests.world import an_entry, posted

    law = country("NO")
    posted(
        fjord,
        an_entry(
            fjord,
            LineDraft("6540", Decimal("80.00"), vat_code="1", vat_amount=Decimal("20.00")),
            LineDraft("2710", Decimal("20.00"), vat_code="1", vat_base=Decimal("80.00")),
            LineDraft(law.accounts.suppliers, Decimal("-100.00"), party=seller.party, number="Y-1"),
        ),
    )
    received(fjord, an_e_invoice(fjord, seller))
    assert coded(fjord) == actions.Done(0, 1)
    question = only_question(fjord)
    assert [str(label) for label, _why, _answer in question.candidates] == [
        "Post 1250.00 to 6340, VAT code 1",
        "Post 1250.00 to 6540, VAT code 1",
        "Do not post it",
    ]


def test_a_declined_document_stays_declined(fjord):
    (document,) = received(fjord, an_e_invoice(fjord, a_company()))
    coded(fjord)
    actions.decline(fjord, document, why="reklame", by=PERSON)
    assert coded(fjord) == actions.Done(0, 0)
    assert asked(fjord) == []
    assert queries.documents(fjord, state=queries.DECLINED)[0].id == document
    with pytest.raises(Refused):
        actions.post_as(fjord, document, [], by=PERSON, today=TODAY)


def test_a_person_cannot_post_more_or_less_than_the_document_asks_for(fjord):
    seller = a_seller(fjord)
    (document,) = received(fjord, an_e_invoice(fjord, seller))
    lines = [{"account": "6340", "vat_code": "1", "net": "900.00", "vat": "250.00"}]
    with pytest.raises(Refused) as refused:
        actions.post_as(fjord, document, lines, by=PERSON, today=TODAY)
    assert refused.value.code == "DoesNotAddUp"
    assert booked(fjord, series="K") == ""


def test_somebody_elses_bill_is_never_posted_not_even_by_a_person(fjord):
    seller = a_seller(fjord)
    (document,) = received(fjord, an_e_invoice(fjord, seller, buyer=a_company()))
    lines = [{"account": "6340", "vat_code": "1", "net": "1000.00", "vat": "250.00"}]
    with pytest.raises(answering.NotOurs):
        actions.post_as(fjord, document, lines, by=PERSON, today=TODAY)


def test_a_broken_file_names_the_place_and_the_cause(fjord):
    (document,) = received(
        fjord, an_e_invoice(fjord, a_company()).replace(">1250.00</cbc:Pay", ">tusen</cbc:Pay")
    )
    question = only_question(fjord)
    assert question.kind == "documents.unreadable"
    assert "tusen" in str(question.reason)
    assert "PayableAmount" in str(question.candidates[0][1])
    assert queries.document(fjord, document).row.state == queries.HELD


def test_one_broken_file_does_not_stop_the_others(fjord):
    seller = a_seller(unattended(fjord))
    documents = received(fjord, "<Invoice", an_e_invoice(fjord, seller), b"\x00\xff" * 99, "")
    assert len(documents) == 4
    assert coded(fjord) == actions.Done(1, 0)
    assert [kind for kind, _subject in asked(fjord)] == ["documents.unreadable"] * 3


def test_a_file_whose_bytes_are_gone_is_asked_about_and_read_when_they_are_back(fjord):
    from django.core.files.storage import default_storage

    from nattbok.files.actions import path_of
    from nattbok.files.models import File

    text = an_e_invoice(fjord, a_company())
    file = kept(fjord, text)
    path = path_of(File.objects.get(pk=file).sha256)
    default_storage.delete(path)
    assert actions.receive(fjord, [file], by="robot:test") == actions.Received((), 1)
    assert asked(fjord) == [("documents.unfetched", f"file:{file}")]
    assert queries.unread_files(fjord) == [file]
    kept(fjord, text)
    assert len(actions.receive(fjord, [file], by="robot:test").documents) == 1
    assert asked(fjord) == []


def test_fields_are_shown_with_the_element_they_came_from(fjord):
    company = a_company()
    (document,) = received(fjord, an_e_invoice(fjord, company, number="88-1"))
    shown = {field.name: field for field in queries.document(fjord, document).fields}
    assert (shown["number"].text, shown["number"].source) == ("88-1", "/inv:Invoice/cbc:ID")
    assert shown["payable"].text == "1250.00"
    assert shown["supplier.org_number"].text == company.number
    assert shown["supplier.org_number"].source.endswith("cac:PartyLegalEntity/cbc:CompanyID")


def test_another_clients_documents_are_not_to_be_seen(fjord, skog):
    from nattbok.db.scope import scope

    with scope([fjord.pk]):
        (document,) = received(fjord, an_e_invoice(fjord, a_company()))
    with scope([skog.pk]), pytest.raises(Document.DoesNotExist):
        queries.document(skog, document)


def test_the_shared_invoices_are_received_without_a_crash(fjord, shared_data):
    """They are for others, so none of them may be posted here."""
    files = sorted((shared_data / "einvoice").glob("*/*.xml"))
    documents = received(fjord, *(path.read_bytes() for path in files))
    assert len(documents) == len({path.read_bytes() for path in files}) > 40
    assert coded(unattended(fjord)).posted == 0
    for document in documents:
        detail = queries.document(fjord, document)
        assert detail.row.state in (queries.HELD, queries.WAITING)
    assert {kind for kind, _subject in asked(fjord)} <= {
        "documents.not_ours",
        "documents.held",
        "documents.unreadable",
    }
