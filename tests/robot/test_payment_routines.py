"""The robot drafts payments and reads receipts; it never approves, and run again it does nothing more."""

import datetime

from nattbok.bank.models import Payment
from nattbok.bank.rules.payments import State
from nattbok.files.actions import keep
from nattbok.robot.routine import Tonight, routines
from nattbok.robot.rules import Outcome
from tests.bank.paying import TODAY, Payer, a_batch, a_bill, a_supplier, an_account, approved, receipt

TONIGHT = Tonight(1, TODAY, "test")


def run(name: str, client) -> Outcome:
    (found,) = [routine for routine in routines() if routine.name == name]
    return found.run(client, TONIGHT)


def test_propose_payments_drafts_what_falls_due_within_a_week_and_approves_nothing(fjord):
    an_account(fjord)
    supplier = a_supplier(fjord)
    a_bill(fjord, "100.00", supplier=supplier, number="1", due_on=TODAY + datetime.timedelta(days=5))
    a_bill(fjord, "200.00", supplier=supplier, number="2", due_on=TODAY + datetime.timedelta(days=30))
    a_bill(fjord, "300.00", supplier=supplier, number="3", on_hold=True)
    assert run("propose_payments", fjord) == Outcome(done=1, left=1)
    assert run("propose_payments", fjord) == Outcome(done=0, left=1)
    assert set(Payment.objects.filter(client=fjord).values_list("state", flat=True)) == {State.DRAFTED.value}


def test_propose_payments_without_a_bank_account_has_nothing_to_do(fjord):
    assert run("propose_payments", fjord) == Outcome()


def test_read_receipts_follows_payments_and_what_was_rejected_is_not_proposed_by_itself(fjord):
    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    end = Payment.objects.get(batch=batch).end_to_end_id
    keep(fjord, receipt(batch, (end, "RJCT", "AC04")), name="pain002.xml", came_by="folder")
    assert run("read_receipts", fjord) == Outcome(done=1, left=1)
    assert run("read_receipts", fjord) == Outcome(done=0, left=0)
    assert run("propose_payments", fjord) == Outcome(done=0, left=0)
    assert Payment.objects.get(batch=batch).state == State.REJECTED


def test_read_receipts_asks_about_what_it_cannot_read(fjord):
    from nattbok.desk.queries import waiting

    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    whole = receipt(batch, group="ACTC")
    keep(fjord, whole[:-40], name="cut.xml", came_by="folder")
    run("read_receipts", fjord)
    assert {one.kind for one in waiting([fjord])} == {"bank.receipt_unreadable"}
    assert Payment.objects.get(batch=batch).state == State.APPROVED
