"""Payments out, from the proposal to the ledger, on a real database."""

import datetime
import threading
from decimal import Decimal

import pytest
from django.db import connection

from nattbok.bank import actions as bank
from nattbok.bank.actions import payments
from nattbok.bank.models import Payment, PaymentItem
from nattbok.bank.queries import payments as queries
from nattbok.bank.queries.payments.rights import SALARIES
from nattbok.bank.rules.payments import Kind, State
from nattbok.base.errors import Refused
from nattbok.db.scope import scope
from nattbok.files.queries import data
from nattbok.formats.payment import pain001
from nattbok.ledger import actions as ledger
from nattbok.ledger.queries import unreversed
from tests.bank.paying import (
    OTHER,
    THEIRS,
    TODAY,
    Payer,
    a_batch,
    a_bill,
    a_supplier,
    an_account,
    approved,
    debited,
    heard,
    proposed,
    receipt,
    two_in_union,
)
from tests.world import booked


def shown(client, **wanted):
    from nattbok.bank.queries.payments.showing import Filter

    return queries.payments(client, tuple(Kind), Filter(states=tuple(State), **wanted))


def test_a_bill_is_proposed_approved_sent_executed_and_in_the_books(fjord):
    kari = Payer(fjord)
    an_account(fjord)
    bill = a_bill(
        fjord, "1250.00", supplier=a_supplier(fjord), reference="2345676", due_on=datetime.date(2026, 3, 14)
    )
    (payment,) = proposed(fjord, datetime.date(2026, 3, 31))
    assert (payment.amount, payment.reference, payment.payee_account) == (
        Decimal("1250.00"),
        "2345676",
        THEIRS["NO"],
    )
    assert payment.pay_on == datetime.date(2026, 3, 16)  # due on a Saturday: the Monday after
    assert proposed(fjord, datetime.date(2026, 3, 31)) == []  # nothing twice

    (number,) = payments.freeze(fjord, [payment.pk], person=kari.person, today=TODAY)
    batch = queries.batch(fjord, number, tuple(Kind))
    assert batch.waits and batch.request.left == 1 and batch.file is None
    before = booked(fjord)
    assert payments.approve(
        fjord, number, person=kari.person, sha256=batch.sha256, today=TODAY, code=kari.code()
    )
    batch = queries.batch(fjord, number, tuple(Kind))
    from nattbok.files.models import File

    file = pain001.read(data(File.objects.get(pk=batch.file)))
    assert [(one.end_to_end_id, one.amount, one.reference) for one in file.transfers] == [
        (payment.end_to_end_id, Decimal("1250.00"), "2345676")
    ]
    assert file.batches[0].execute_on == datetime.date(2026, 3, 16)

    name, _bytes = payments.fetch_file(fjord, number, person=kari.person, today=TODAY)
    assert name.endswith(".xml")
    assert shown(fjord)[0].state is State.SENT
    from nattbok.bank.models import PaymentBatch

    row = PaymentBatch.objects.get(pk=number)
    heard(fjord, receipt(row, group="ACTC"))
    assert shown(fjord)[0].state is State.RECEIVED
    heard(fjord, receipt(row, (payment.end_to_end_id, "ACSC", ""), number="2"))
    assert shown(fjord)[0].state is State.ACCEPTED  # the receipt is no proof of payment
    assert booked(fjord) == before  # and nothing is posted by it

    debited(fjord, payment, on=datetime.date(2026, 3, 16))
    assert bank.match(fjord, by="robot:test").posted == 1
    bill.refresh_from_db()
    assert bill.left == 0
    assert shown(fjord)[0].state is State.SETTLED
    assert [one.code for one in queries.story(fjord, [payment.pk])[payment.pk]] == [
        "approved", "sent", "ACTC", "ACSC", "executed",
    ]  # fmt: skip


def test_undoing_the_entry_puts_the_payment_back_and_it_is_not_paid_again(fjord):
    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    payment = Payment.objects.get(client=fjord, batch=batch)
    movement = debited(fjord, payment)
    bank.match(fjord, by="robot:test")
    assert shown(fjord)[0].state is State.SETTLED
    entry = unreversed(fjord, [f"movement:{movement.pk}"])[f"movement:{movement.pk}"]
    ledger.reverse(fjord, [entry], by="person:1", why="prøve")
    assert shown(fjord)[0].state is State.SENT
    assert proposed(fjord) == []  # the money has left, whatever the books say
    assert bank.match(fjord, by="robot:test").posted == 1
    assert shown(fjord)[0].state is State.SETTLED


def test_two_in_union_in_any_order_and_one_alone_never_reaches_the_bank(fjord):
    two_in_union(fjord)
    kari, ola = Payer(fjord), Payer(fjord, name="Ola")
    batch = approved(fjord, a_batch(fjord, kari), ola)
    assert batch.file is None
    assert Payment.objects.get(batch=batch).state == State.DRAFTED
    with pytest.raises(payments.approving.approvals.asking.rules.SaidYesAlready):
        approved(fjord, batch, ola)
    assert approved(fjord, batch, kari).file is not None
    assert Payment.objects.get(batch=batch).state == State.APPROVED


def test_a_new_account_stops_until_a_second_person_confirms_it(fjord):
    kari, ola = Payer(fjord), Payer(fjord, name="Ola")
    an_account(fjord)
    a_bill(fjord, "900.00", supplier=a_supplier(fjord, confirmed=1), number="12")
    (payment,) = proposed(fjord)
    assert payment.account_check == "new"
    with pytest.raises(payments.batching.NotPayable):
        payments.freeze(fjord, [payment.pk], person=kari.person, today=TODAY)
    payments.confirm_accounts(fjord, [payment.pk], person=kari.person)
    (number,) = payments.freeze(fjord, [payment.pk], person=kari.person, today=TODAY)
    batch = payments.batching.PaymentBatch.objects.get(pk=number)
    with pytest.raises(payments.approving.SecondPair):
        approved(fjord, batch, kari)
    assert approved(fjord, batch, ola).file is not None


def test_who_enters_an_account_does_not_confirm_it(fjord):
    kari, ola = Payer(fjord), Payer(fjord, name="Ola")
    an_account(fjord)
    a_bill(fjord, "900.00", supplier=a_supplier(fjord), number="12")
    (payment,) = proposed(fjord)
    payments.change(fjord, payment.pk, person=kari.person, today=TODAY, account=OTHER["NO"])
    payment.refresh_from_db()
    assert payment.account_check == "changed"
    with pytest.raises(payments.changing.ConfirmYourOwn):
        payments.confirm_accounts(fjord, [payment.pk], person=kari.person)
    assert payments.confirm_accounts(fjord, [payment.pk], person=ola.person) == 1


def test_what_the_bank_rejects_comes_back_with_its_reason_and_is_drafted_anew(fjord):
    from nattbok.desk.queries import waiting

    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    payment = Payment.objects.get(batch=batch)
    answered = heard(fjord, receipt(batch, (payment.end_to_end_id, "RJCT", "AM04")))
    assert (answered.rejected, answered.forward) == (1, 0)
    row = shown(fjord)[0]
    assert row.state is State.REJECTED and str(row.reason) == "There is too little money on the account."
    assert [one.kind for one in waiting([fjord])] == ["bank.payment_rejected"]
    new = payments.redraft(fjord, payment.pk, person=kari.person, today=TODAY)
    again = Payment.objects.get(pk=new)
    assert again.end_to_end_id != payment.end_to_end_id and again.state == State.DRAFTED
    assert waiting([fjord]) == []


@pytest.mark.parametrize("first, then, state, contrary", [
    ("ACCP", "ACTC", State.ACCEPTED, 0),
    ("ACSC", "RJCT", State.ACCEPTED, 1),
    ("RJCT", "ACCP", State.REJECTED, 1),
    ("PDNG", "ACCP", State.ACCEPTED, 0),
    ("ACCP", "RJCT", State.REJECTED, 0),
])  # fmt: skip
def test_a_payment_only_goes_forward(fjord, first, then, state, contrary):
    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    end = Payment.objects.get(batch=batch).end_to_end_id
    heard(fjord, receipt(batch, (end, first, ""), number="1"))
    assert heard(fjord, receipt(batch, (end, then, ""), number="2")).contrary == contrary
    assert shown(fjord)[0].state is state


def test_waiting_for_approval_in_the_bank(fjord):
    from nattbok.approvals import actions as approvals
    from nattbok.approvals.rules.policy import Policy
    from nattbok.bank.queries.payments.rights import PAYMENTS

    approvals.demand(fjord, PAYMENTS, Policy(people=0), by="test")
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    assert batch.in_bank
    payments.hand_over(fjord, batch.pk, person=kari.person, sha256=batch.sha256, today=TODAY)
    batch.refresh_from_db()
    end = Payment.objects.get(batch=batch).end_to_end_id
    heard(fjord, receipt(batch, (end, "PDNG", "")))
    assert shown(fjord)[0].waits_in_bank
    heard(fjord, receipt(batch, (end, "ACCP", ""), number="2"))
    assert not shown(fjord)[0].waits_in_bank


def test_salaries_are_in_no_row_and_no_sum_of_those_without_the_right(fjord):
    kari, ola = Payer(fjord), Payer(fjord, rights=("payments", SALARIES))
    an_account(fjord)
    order = payments.Order(
        Kind.SALARY, "employee:7", "Per Ansatt", THEIRS["NO"], Decimal("31000.00"), TODAY, against="2930"
    )
    (number,) = payments.add_payments(fjord, [order], by="robot:payroll", today=TODAY)
    assert queries.visible_kinds(fjord, kari.person) == (Kind.SUPPLIER,)
    assert queries.payments(fjord, queries.visible_kinds(fjord, kari.person)) == []
    (row,) = queries.payments(fjord, queries.visible_kinds(fjord, ola.person))
    assert row.id == number and row.account_check == "new"
    with pytest.raises(payments.drafting.MayNotPrepare):
        payments.hold(fjord, [number], person=kari.person, note="x")


def test_the_swedish_batch_draws_bankgiro_payments_on_the_own_bankgiro(skog):
    kari = Payer(skog)
    an_account(skog)
    a_bill(skog, "500.00", supplier=a_supplier(skog), number="1")
    a_bill(skog, "700.00", supplier=a_supplier(skog, "Plus", account="PG41657"), number="2")
    ids = [payment.pk for payment in proposed(skog)]
    (number,) = payments.freeze(skog, ids, person=kari.person, today=TODAY)
    from nattbok.bank.models import PaymentBatch
    from nattbok.files.models import File

    batch = approved(skog, PaymentBatch.objects.get(pk=number), kari)
    file = pain001.read(data(File.objects.get(pk=batch.file_id)))
    assert {(one.account_kind, len(one.transfers)) for one in file.batches} == {("BGNR", 1), ("IBAN", 1)}
    infos = set(Payment.objects.filter(batch=batch).values_list("payment_info_id", flat=True))
    assert infos == {one.id for one in file.batches}


def test_an_item_is_in_one_live_payment(fjord):
    from django.db import IntegrityError, transaction

    an_account(fjord)
    bill = a_bill(fjord, "500.00", supplier=a_supplier(fjord), number="1")
    (first,) = proposed(fjord)
    other = Payment.objects.get(pk=first.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentItem.objects.create(client=fjord, payment=other, item=bill, amount=Decimal("1.00"))


def at_once(client, *deeds) -> list:
    """What each deed came to, or its refusal: all begun at once, each on a connection of its own."""
    gate, found = threading.Barrier(len(deeds)), [None] * len(deeds)

    def do(place, deed):
        try:
            with scope([client.pk]):
                gate.wait(20)
                found[place] = deed()
        except Refused as refusal:
            found[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_two_who_propose_at_once_draft_each_bill_once(fjord):
    an_account(fjord)
    supplier = a_supplier(fjord)
    for number in range(5):
        a_bill(fjord, "100.00", supplier=supplier, number=f"N{number}")
    found = at_once(fjord, *[lambda: len(proposed(fjord))] * 3)
    assert sorted(found) == [0, 0, 5]
    assert PaymentItem.objects.filter(client=fjord, is_live=True).count() == 5


def test_two_who_freeze_the_same_payment_at_once_make_one_batch(fjord):
    kari = Payer(fjord)
    an_account(fjord)
    a_bill(fjord, "100.00", supplier=a_supplier(fjord), number="1")
    (payment,) = proposed(fjord)

    def freeze():
        return payments.freeze(fjord, [payment.pk], person=kari.person, today=TODAY)

    found = at_once(fjord, freeze, freeze)
    assert sorted(type(one).__name__ for one in found) == ["NotDrafted", "list"]


def test_two_who_approve_at_once_make_one_file(fjord):
    kari, ola = Payer(fjord), Payer(fjord, name="Ola")
    batch = a_batch(fjord, kari)

    def yes(payer):
        return lambda: payments.approve(
            fjord, batch.pk, person=payer.person, sha256=batch.sha256, today=TODAY, code=payer.code()
        )

    found = at_once(fjord, yes(kari), yes(ola))
    assert sorted(type(one).__name__ for one in found) == ["NotWaiting", "bool"]
    assert Payment.objects.get(batch=batch).state == State.APPROVED


def test_one_code_shown_twice_at_once_is_one_yes(fjord):
    two_in_union(fjord)
    kari = Payer(fjord)
    first = a_batch(fjord, kari)
    second = a_batch(fjord, kari, amount="99.00", supplier=a_supplier(fjord, "Andre"))
    code = kari.code()

    def yes(batch):
        return lambda: payments.approve(
            fjord, batch.pk, person=kari.person, sha256=batch.sha256, today=TODAY, code=code
        )

    assert sorted(type(one).__name__ for one in at_once(fjord, yes(first), yes(second))) == [
        "UsedCode",
        "bool",
    ]


def test_too_little_money_is_known_beforehand(fjord):
    from nattbok.bank.models import Statement
    from nattbok.files.actions import keep

    kari = Payer(fjord)
    account = an_account(fjord)
    Statement.objects.create(
        client=fjord,
        account=account,
        file=keep(fjord, b"camt", name="x", came_by="folder").file,
        place=0,
        kind="statement",
        ends_on=TODAY,
        closing=Decimal("1000.00"),
        is_held=False,
    )
    assert queries.funds(fjord) == {account.pk: (Decimal("1000.00"), TODAY)}
    batch = approved(fjord, a_batch(fjord, kari, amount="400.00"), kari)
    assert queries.funds(fjord)[account.pk][0] == Decimal("600.00")
    debited(fjord, Payment.objects.get(batch=batch), on=TODAY + datetime.timedelta(days=1))
    bank.match(fjord, by="robot:test")
    assert queries.funds(fjord)[account.pk][0] == Decimal("600.00")


def test_a_salary_is_posted_on_its_account_when_the_bank_has_paid_it(fjord):
    kari, ola = Payer(fjord, rights=("payments", SALARIES)), Payer(fjord, rights=(SALARIES,), name="Ola")
    an_account(fjord)
    order = payments.Order(
        Kind.SALARY, "employee:7", "Per Ansatt", THEIRS["NO"], Decimal("31000.00"), TODAY, against="2930"
    )
    ids = payments.add_payments(fjord, [order], by="robot:payroll", today=TODAY)
    payments.confirm_accounts(fjord, ids, person=kari.person)
    (number,) = payments.freeze(fjord, ids, person=kari.person, today=TODAY)
    batch = approved(fjord, payments.batching.PaymentBatch.objects.get(pk=number), ola)
    payment = Payment.objects.get(batch=batch)
    debited(fjord, payment)
    assert bank.match(fjord, by="robot:test").posted == 1
    assert booked(fjord, series="B").split() == [
        "1", "2026-03-12", "1920", "-31000.00", "1", "2026-03-12", "2930", "31000.00",
    ]  # fmt: skip
    assert shown(fjord)[0].state is State.SETTLED


def test_a_credit_note_is_settled_with_the_bill_it_was_deducted_from(fjord):
    kari = Payer(fjord)
    an_account(fjord)
    supplier = a_supplier(fjord)
    bill = a_bill(fjord, "800.00", supplier=supplier, number="F1")
    credit = a_bill(fjord, "-300.00", supplier=supplier, number="K1")
    (payment,) = proposed(fjord)
    assert payment.amount == Decimal("500.00")
    (number,) = payments.freeze(fjord, [payment.pk], person=kari.person, today=TODAY)
    approved(fjord, payments.batching.PaymentBatch.objects.get(pk=number), kari)
    debited(fjord, payment)
    assert bank.match(fjord, by="robot:test").posted == 1
    bill.refresh_from_db(), credit.refresh_from_db()
    assert (bill.left, credit.left) == (0, 0)


def test_a_batch_that_is_booked_as_one_line_settles_all_its_payments(fjord):
    kari = Payer(fjord)
    an_account(fjord)
    supplier = a_supplier(fjord)
    for number in ("F1", "F2"):
        a_bill(fjord, "100.00", supplier=supplier, number=number)
    ids = [payment.pk for payment in proposed(fjord)]
    (number,) = payments.freeze(fjord, ids, person=kari.person, today=TODAY)
    approved(fjord, payments.batching.PaymentBatch.objects.get(pk=number), kari)
    first = Payment.objects.get(pk=ids[0])
    line = debited(fjord, first, amount=Decimal("-200.00"), payment_info_id=first.payment_info_id)
    type(line).objects.filter(pk=line.pk).update(end_to_end_id="")
    assert bank.match(fjord, by="robot:test").posted == 1
    assert [row.state for row in shown(fjord)] == [State.SETTLED] * 2


def test_what_comes_back_from_the_payees_bank_is_returned(fjord):
    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    payment = Payment.objects.get(batch=batch)
    debited(fjord, payment)
    bank.match(fjord, by="robot:test")
    debited(fjord, payment, amount=payment.amount, return_reason="AC04", is_reversal=True)
    assert payments.returned(fjord, by="robot:test") == 1
    assert payments.returned(fjord, by="robot:test") == 0
    (row,) = shown(fjord)
    assert row.state is State.RETURNED
    assert str(queries.story(fjord, [row.id])[row.id][-1].reason) == "The payee's account is closed."


def test_a_refusal_about_salaries_is_kept_without_the_amount(fjord):
    from nattbok.approvals.rules.policy import AboveLimit
    from nattbok.trail.models import Act

    kari = Payer(fjord, rights=(SALARIES,))
    eva = Payer(fjord, rights=(SALARIES,), limit="1.00")
    an_account(fjord)
    order = payments.Order(
        Kind.SALARY, "employee:7", "Per Ansatt", THEIRS["NO"], Decimal("31415.92"), TODAY, against="2930"
    )
    ids = payments.add_payments(fjord, [order], by="robot:payroll", today=TODAY)
    payments.confirm_accounts(fjord, ids, person=kari.person)
    (number,) = payments.freeze(fjord, ids, person=kari.person, today=TODAY)
    with pytest.raises(AboveLimit):
        approved(fjord, payments.batching.PaymentBatch.objects.get(pk=number), eva)
    assert not [row for row in Act.objects.filter(client=fjord) if "31415.92" in str(row.evidence)]
