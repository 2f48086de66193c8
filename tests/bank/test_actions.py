"""From files to entries in a real database: once each, asked when unclear, and taken back."""

from datetime import date
from decimal import Decimal
from threading import Thread

import pytest

from nattbok.bank import actions as bank
from nattbok.bank.actions.receiving import unread
from nattbok.bank.models import Movement
from nattbok.bank.queries import faults, gaps
from nattbok.countries.known import country
from nattbok.db.scope import scope
from nattbok.desk.models import Question
from nattbok.files.actions import keep
from nattbok.formats.bank.shape import BankFile, Kind, Remittance, Statement, Transaction
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books, Entry, OpenItem
from nattbok.sandbox.writing import camt, ocr_giro
from tests.world import TODAY, a_client, an_invoice, booked

ACCOUNT = "99990244851"
KID = country("NO").references.make("10045", length=13)


def line(amount, name, reference=KID, *, batch="", account="", **more):
    """A payment as a bank tells of it; `name` is the bank's own reference."""
    return Transaction(
        amount=Decimal(amount), booked_on=TODAY, value_on=TODAY, bank_reference=name, batch_reference=batch,
        reference=reference, remittances=(Remittance(reference=reference),) if reference else (),
        counterparty_account=account, **more,
    )  # fmt: skip


def report(kind, *lines, account=ACCOUNT, number="S1", opening="1000.00"):
    """The bytes of a camt file of the day."""
    opening = Decimal(opening)
    return Statement(
        account=account, currency="NOK", kind=kind, number=number, starts_on=TODAY, ends_on=TODAY,
        opening=opening, closing=opening + sum(one.amount for one in lines), transactions=lines,
    )  # fmt: skip


def camt_file(kind, *lines, version="02", message="M1", **more):
    name = {Kind.STATEMENT: "053", Kind.NOTICE: "054", Kind.INTRADAY: "052"}[kind]
    return camt.write(
        BankFile(f"camt.{name}.001.{version}", kind, message, f"{TODAY}T23:00:00",
                 statements=(report(kind, *lines, **more),))
    )  # fmt: skip


def giro(*lines):
    one = Statement(
        ACCOUNT, "NOK", Kind.GIRO, number="1", starts_on=TODAY, ends_on=TODAY,
        transactions=tuple(
            Transaction(each.amount, TODAY, TODAY, batch_reference=f"{TODAY:%Y%m%d}-1-00001", bank_code="10",
                        reference=each.reference, text=each.text)
            for each in lines
        ),
    )  # fmt: skip
    return ocr_giro.write([one], transmission=1, recipient="1", agreement="1", on=TODAY)


def take(client, *files):
    """Keep and read the files, and match."""
    for number, data in enumerate(files):
        keep(client, data, name=f"file {number}", came_by="folder")
    for file in unread(client):
        bank.receive(client, file, by="test")
    return bank.match(client, by="test")


def asked(client):
    return list(Question.objects.filter(client=client, closed_at__isnull=True).values_list("kind", flat=True))


@pytest.fixture
def havn(fjord):
    bank.open_account(fjord, ACCOUNT)
    return fjord


SINGLE = line("100.00", "B1", account="99990000006")
BARE = Transaction(Decimal("100.00"), TODAY, TODAY, bank_reference="E1")
ONE_DETAIL = line("100.00", "D1", batch="E1")
OTHER = country("NO").references.make("10046", length=13)
SUM = Transaction(Decimal("150.00"), TODAY, TODAY, bank_reference="E1", batch_reference="E1", sums_up=2)
BARE_SUM = Transaction(Decimal("150.00"), TODAY, TODAY, bank_reference="E1")
TWO = (line("100.00", "D1", batch="E1"), line("50.00", "D2", OTHER, batch="E1"))
# Details without references of their own: told apart by their place alone, which differs.
LISTED = (line("100.00", "", batch="E1"), line("50.00", "", OTHER, batch="E1"))
TOLD = {
    "giro, notice and a single line": [
        giro(SINGLE), camt_file(Kind.NOTICE, SINGLE), camt_file(Kind.STATEMENT, SINGLE)
    ],
    "the day so far, then the statement, sent again as another message": [
        camt_file(Kind.INTRADAY, SINGLE), camt_file(Kind.STATEMENT, SINGLE),
        camt_file(Kind.STATEMENT, SINGLE, message="M2"), camt_file(Kind.STATEMENT, SINGLE, version="08"),
    ],
    "a bare line, and its detail in the notice": [
        camt_file(Kind.STATEMENT, BARE), camt_file(Kind.NOTICE, ONE_DETAIL)
    ],
    "a sum line, its details, and the giro file": [
        camt_file(Kind.STATEMENT, SUM), camt_file(Kind.NOTICE, *TWO), giro(*TWO)
    ],
    "a sum line that does not say so, and its details": [
        camt_file(Kind.STATEMENT, BARE_SUM), camt_file(Kind.NOTICE, *TWO)
    ],
    "details in another order": [
        camt_file(Kind.STATEMENT, *LISTED), camt_file(Kind.NOTICE, *reversed(LISTED))
    ],
}  # fmt: skip


@pytest.mark.parametrize("files", TOLD.values(), ids=TOLD)
def test_money_is_posted_once_whichever_files_tell_of_it_in_whatever_order(files, office):
    for order in (files, files[::-1]):
        client = a_client("NO", office=office)
        with scope([client.pk]):
            bank.open_account(client, ACCOUNT)
            an_invoice(client, "100.00", reference=KID)
            an_invoice(client, "50.00", reference=OTHER)
            take(client, *order)
            assert bank.match(client, by="test").posted == 0
            paid = Entry.objects.filter(client=client, series__code="B").count()
            assert paid == OpenItem.objects.filter(client=client, number__startswith="F", left=0).count() > 0
            assert asked(client) == []
            assert list(faults(client)) == [] == gaps(client)


def test_a_taken_back_payment_is_posted_again(havn):
    item = an_invoice(havn, "100.00", reference=KID)
    take(havn, camt_file(Kind.STATEMENT, SINGLE))
    (entry,) = Entry.objects.filter(client=havn, series__code="B")
    ledger.reverse(havn, [entry.pk], by="person:1", why="wrong")
    item.refresh_from_db()
    assert item.left == 100
    assert list(faults(havn)) == []
    assert bank.match(havn, by="test").posted == 1
    assert Entry.objects.filter(client=havn, origin=entry.origin).count() == 2
    assert bank.match(havn, by="test").posted == 0


def test_an_invoice_that_comes_after_its_payment_closes_the_question(havn):
    take(havn, camt_file(Kind.STATEMENT, SINGLE))
    bank.match(havn, by="test")
    assert asked(havn) == ["bank.unknown_reference"]
    an_invoice(havn, "100.00", reference=KID)
    assert bank.match(havn, by="test").posted == 1
    assert asked(havn) == []


def test_money_beyond_what_was_owed_is_asked_about_once(havn):
    an_invoice(havn, "80.00", reference=KID)
    take(havn, camt_file(Kind.STATEMENT, SINGLE))
    bank.match(havn, by="test")
    assert asked(havn) == ["bank.overpaid"]
    assert booked(havn, "B").split("\n")[-1].endswith("-20.00")


def test_a_closed_day_is_asked_about_and_nothing_is_posted(havn):
    an_invoice(havn, "100.00", reference=KID)
    Books.objects.filter(client=havn).update(closed_through=date(2026, 3, 31))
    assert take(havn, camt_file(Kind.STATEMENT, SINGLE)).posted == 0
    assert asked(havn) == ["bank.waits"]


def test_another_clients_account_is_left_aside(havn):
    take(havn, camt_file(Kind.STATEMENT, SINGLE, account="99990000006"))
    assert asked(havn) == ["bank.not_our_account"]
    assert not Movement.objects.filter(client=havn).exists()


def test_a_held_file_posts_nothing_and_asks_once(havn):
    an_invoice(havn, "100.00", reference=KID)
    held = camt_file(Kind.STATEMENT, SINGLE).replace(b">1100.00<", b">1100.01<")
    take(havn, held, held)
    assert asked(havn) == ["bank.statement_held"]
    assert not Movement.objects.filter(client=havn).exists()


def test_two_at_once_post_once(office):
    from django.db import connection

    client = a_client("NO", office=office)
    with scope([client.pk]):
        bank.open_account(client, ACCOUNT)
        an_invoice(client, "100.00", reference=KID)
        keep(client, camt_file(Kind.STATEMENT, SINGLE), name="day", came_by="folder")
        for file in unread(client):
            bank.receive(client, file, by="test")
    counted = []

    def work():
        with scope([client.pk]):
            counted.append(bank.match(client, by="test").posted)
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(counted) == [0, 1]


def test_a_movement_that_nobody_was_asked_about_is_a_fault(havn):
    take(havn, camt_file(Kind.STATEMENT, SINGLE))
    Question.objects.filter(client=havn).update(closed_at=Movement.objects.get().first_reported_at)
    assert [fault.promise for fault in faults(havn)] == ["every movement is posted or asked about"]
