"""The payment path under attack: each attempt is refused, changes nothing, and is kept as an act.

Run it alone with `pytest tests/stories/test_payment_security.py`. The attacker here has what the running
system has: its database role, its disk, and people's passwords. What they lack is a second person's phone.
"""

import datetime
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, connections, transaction

from nattbok.approvals import actions as approvals
from nattbok.approvals.models import Request
from nattbok.approvals.rules import factors
from nattbok.approvals.rules.content import fingerprint
from nattbok.approvals.rules.factors import Proven, Signed
from nattbok.approvals.rules.policy import (
    AboveLimit,
    MayNotApprove,
    NotWaiting,
    OtherContent,
    RegisteredIt,
    SaidYesAlready,
)
from nattbok.bank.actions import payments
from nattbok.bank.actions.payments.approving import Tampered, give
from nattbok.bank.actions.payments.batching import FileDamaged, HasLeft
from nattbok.bank.actions.payments.changing import NotDrafted
from nattbok.bank.models import Payment, PaymentBatch, PaymentItem
from nattbok.bank.rules.payments import State
from nattbok.db.scope import scope
from nattbok.files.actions import path_of
from nattbok.files.models import File
from nattbok.trail.models import Act
from tests.bank.paying import (
    OTHER,
    TODAY,
    Payer,
    a_batch,
    a_bill,
    a_supplier,
    approved,
    heard,
    now,
    proposed,
    receipt,
    two_in_union,
)
from tests.world import a_client


def refusals(client, kind: str = "approvals.refused") -> list[str]:
    """What the trail says was refused, by its code."""
    rows = Act.objects.filter(client=client, kind=kind).order_by("pk")
    return [row.evidence["refusal"] for row in rows]


def nothing_left(client, batch: PaymentBatch) -> None:
    """No file was made, and no payment of the batch is more than a draft."""
    batch.refresh_from_db()
    assert batch.file_id is None
    states = Payment.objects.filter(client=client, batch=batch).values_list("state", flat=True)
    assert set(states) <= {State.DRAFTED.value}


def refused(client, batch, payer, error, *, code: str | None = None, sha256: str = "") -> None:
    """The person's yes is refused, as an act, and nothing leaves."""
    before = len(refusals(client))
    with pytest.raises(error):
        payments.approve(
            client,
            batch.pk,
            person=payer.person,
            sha256=sha256 or batch.sha256,
            today=TODAY,
            code=payer.code() if code is None else code,
        )
    assert refusals(client)[before:] == [error.__name__]
    nothing_left(client, batch)


def as_owner(statement: str, *values) -> None:
    """What somebody with the database's keys does: past every guard of the running role, triggers off."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        table = statement.split()[1]
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


# Tampering


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "payee_account = '12345678903'",
        "payee_name = 'Somebody Else'",
        "reference = '2345676'",
        "pay_on = pay_on - 1",
        "message = 'other'",
        "state = 'approved'",
        "state = 'sent'",
        "end_to_end_id = 'MINE'",
        "confirmed_by_id = 1, account_check = ''",
        "batch_id = NULL, amount = 1, state = 'approved'",
    ],
)
def test_a_frozen_payment_cannot_be_changed_by_the_running_system(fjord, change):
    batch = a_batch(fjord, Payer(fjord))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE bank_payment SET {change} WHERE batch_id = %s", [batch.pk])
        assert cursor.rowcount == 1
    nothing_left(fjord, batch)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bank_paymentitem SET amount = 1 WHERE payment_id = %(payment)s",
        "INSERT INTO bank_paymentitem (client_id, payment_id, item_id, amount, is_live) "
        "SELECT client_id, payment_id, item_id, 1, false FROM bank_paymentitem "
        "WHERE payment_id = %(payment)s",
        "DELETE FROM bank_paymentitem WHERE payment_id = %(payment)s",
        "DELETE FROM bank_payment WHERE id = %(payment)s",
        "UPDATE bank_paymentbatch SET sha256 = repeat('0', 64) WHERE id = %(batch)s",
        "UPDATE bank_paymentbatch SET amount = 1 WHERE id = %(batch)s",
        "UPDATE approvals_request SET content = '{}' WHERE subject = %(subject)s",
        "UPDATE approvals_request SET sha256 = repeat('0', 64) WHERE subject = %(subject)s",
        "UPDATE approvals_request SET people = 0 WHERE subject = %(subject)s",
        "UPDATE approvals_request SET outcome = 'approved', ended_at = now() WHERE subject = %(subject)s",
        "INSERT INTO approvals_yes (client_id, request_id, sha256, person_id, proof_id, said_at, act_id) "
        "SELECT client_id, id, sha256, %(person)s, %(proof)s, now(), act_id FROM approvals_request "
        "WHERE subject = %(subject)s",
        "UPDATE approvals_proof SET sha256 = repeat('0', 64)",
        "DELETE FROM approvals_yes",
        "UPDATE approvals_factor SET secret = ''",
        "DELETE FROM approvals_recoverycode",
    ],
)
def test_what_is_approved_and_who_approved_it_cannot_be_rewritten(fjord, statement):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    other = approvals.prove(kari.person, kari.code(), sha256=fingerprint("something else"))
    values = {
        "payment": Payment.objects.get(batch=batch).pk,
        "batch": batch.pk,
        "subject": f"payment_batch:{batch.pk}",
        "person": kari.person.pk,
        "proof": other.id,
    }
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    nothing_left(fjord, batch)


def test_a_payee_account_swapped_behind_every_guard_is_found_at_the_approval(fjord):
    two_in_union(fjord)
    kari, ola = Payer(fjord), Payer(fjord, name="Ola")
    batch = approved(fjord, a_batch(fjord, kari), kari)
    as_owner("UPDATE bank_payment SET payee_account = %s WHERE batch_id = %s", OTHER["NO"], batch.pk)
    refused(fjord, batch, ola, Tampered)


@pytest.mark.parametrize("change", ["amount = amount * 10", "payee_name = 'Other'", "pay_on = pay_on + 1"])
def test_other_tampering_behind_the_guards_is_found_as_well(fjord, change):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    as_owner(f"UPDATE bank_payment SET {change} WHERE batch_id = %s", batch.pk)
    refused(fjord, batch, kari, Tampered)


def test_a_request_rewritten_with_its_hash_is_found_since_the_batch_has_the_hash_as_well(fjord):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    request = Request.objects.get(client=fjord, subject=f"payment_batch:{batch.pk}")
    other = request.content.replace("1250.00", "9250.00")
    as_owner(
        "UPDATE approvals_request SET content = %s, sha256 = %s WHERE id = %s",
        other, fingerprint(other), request.pk,
    )  # fmt: skip
    refused(fjord, batch, kari, Tampered, sha256=fingerprint(other))


def test_a_file_changed_on_the_disk_is_not_handed_out(fjord):
    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    path = default_storage.path(path_of(File.objects.get(pk=batch.file_id).sha256))
    with open(path, "r+b") as file:
        data = file.read()
        file.seek(0)
        file.write(data.replace(b"1250.00", b"9250.00"))
    with pytest.raises(FileDamaged):
        payments.fetch_file(fjord, batch.pk, person=kari.person, today=TODAY)
    assert refusals(fjord, "bank.payment_file_kept_back") == ["FileDamaged"]
    assert Payment.objects.get(batch=batch).state == State.APPROVED


def test_a_batch_that_is_shown_as_something_else_is_not_what_is_approved(fjord):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    refused(fjord, batch, kari, OtherContent, sha256=fingerprint("what the page was made to show"))


def test_a_changed_batch_needs_a_new_approval(fjord):
    two_in_union(fjord)
    kari, ola = Payer(fjord), Payer(fjord, name="Ola")
    batch = approved(fjord, a_batch(fjord, kari), kari)
    payment = Payment.objects.get(batch=batch)
    with pytest.raises(NotDrafted):
        payments.change(fjord, payment.pk, person=ola.person, today=TODAY, amount=Decimal("1.00"))
    payments.withdraw(fjord, batch.pk, person=ola.person, why="wrong amount")
    payments.change(fjord, payment.pk, person=ola.person, today=TODAY, amount=Decimal("1000.00"))
    (number,) = payments.freeze(fjord, [payment.pk], person=ola.person, today=TODAY)
    again = PaymentBatch.objects.get(pk=number)
    assert again.sha256 != batch.sha256
    refused(fjord, batch, ola, NotWaiting)  # the old one is dead
    assert approved(fjord, again, ola).file_id is None  # and its first yes does not count for the new one
    assert approved(fjord, again, kari).file_id is not None


# Replay


def test_a_code_is_used_once(fjord):
    two_in_union(fjord)
    kari = Payer(fjord)
    first = a_batch(fjord, kari)
    code = kari.code()
    payments.approve(fjord, first.pk, person=kari.person, sha256=first.sha256, today=TODAY, code=code)
    second = a_batch(fjord, kari, amount="99.00", supplier=a_supplier(fjord, "Andre"))
    refused(fjord, second, kari, factors.UsedCode, code=code)


def test_a_recovery_code_is_used_once(fjord):
    two_in_union(fjord)
    kari = Payer(fjord)
    first, code = a_batch(fjord, kari), kari.recovery[0]
    payments.approve(fjord, first.pk, person=kari.person, sha256=first.sha256, today=TODAY, code=code)
    second = a_batch(fjord, kari, amount="99.00", supplier=a_supplier(fjord, "Andre"))
    refused(fjord, second, kari, factors.UsedCode, code=code)


def test_an_older_code_than_the_last_used_is_refused(fjord):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    older, newer = (kari.totp.generate_otp(now() + step) for step in (0, 1))
    approvals.prove(kari.person, newer, sha256=fingerprint("something else"))
    refused(fjord, batch, kari, factors.UsedCode, code=older)


def test_an_approval_is_not_replayed_on_the_same_or_another_batch(fjord):
    two_in_union(fjord)
    kari, ola = Payer(fjord), Payer(fjord, name="Ola")
    first = a_batch(fjord, kari)
    second = a_batch(fjord, kari, amount="99.00", supplier=a_supplier(fjord, "Andre"))
    proof = approvals.prove(kari.person, kari.code(), sha256=first.sha256)
    give(fjord, first.pk, person=kari.person, proof=proof, sha256=first.sha256, today=TODAY)
    with pytest.raises(SaidYesAlready):
        give(fjord, first.pk, person=kari.person, proof=proof, sha256=first.sha256, today=TODAY)
    with pytest.raises(OtherContent):
        give(fjord, second.pk, person=kari.person, proof=proof, sha256=second.sha256, today=TODAY)
    with pytest.raises(OtherContent):  # one person's proof is not another's
        give(fjord, first.pk, person=ola.person, proof=proof, sha256=first.sha256, today=TODAY)
    fresh = approvals.prove(kari.person, kari.code(), sha256=first.sha256)
    forged = Proven(fresh.id, ola.person.pk, "totp", first.sha256)
    with pytest.raises(DatabaseError):  # and the database asks whose it is
        give(fjord, first.pk, person=ola.person, proof=forged, sha256=first.sha256, today=TODAY)
    nothing_left(fjord, first)


def test_wrong_codes_are_slowed_down(fjord):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    for _try in range(factors.FREE_TRIES):
        refused(fjord, batch, kari, factors.WrongCode, code="000000")
    refused(fjord, batch, kari, factors.TooManyCodes)


# The wrong approver


def test_an_approver_without_the_right(fjord):
    kari, eva = Payer(fjord), Payer(fjord, rights=())
    refused(fjord, a_batch(fjord, kari), eva, MayNotApprove)


def test_an_approver_whose_right_was_taken_back(fjord):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    approvals.forbid(fjord, kari.person, "payments", by="test")
    refused(fjord, batch, kari, MayNotApprove)


def test_an_approver_above_the_limit(fjord):
    kari = Payer(fjord, limit="1000.00")
    refused(fjord, a_batch(fjord, kari), kari, AboveLimit)


def test_an_approver_without_a_second_factor(fjord):
    from tests.bank.paying import give as let
    from tests.web.visitors import a_person

    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    plain = a_person(fjord.office)
    let(fjord, plain)
    with pytest.raises(factors.NoFactor):
        payments.approve(fjord, batch.pk, person=plain, sha256=batch.sha256, today=TODAY, code="123456")
    assert refusals(fjord) == ["NoFactor"]
    nothing_left(fjord, batch)


def test_the_same_person_twice(fjord):
    two_in_union(fjord)
    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    refused(fjord, batch, kari, SaidYesAlready)


def test_whoever_registered_it_where_the_client_forbids_that(fjord):
    two_in_union(fjord, registrant_may=False)
    kari, ola, eva = Payer(fjord), Payer(fjord, name="Ola"), Payer(fjord, name="Eva")
    batch = a_batch(fjord, kari)
    refused(fjord, batch, kari, RegisteredIt)
    approved(fjord, batch, ola)
    nothing_left(fjord, batch)
    assert approved(fjord, batch, eva).file_id is not None


def test_another_clients_person(fjord, office):
    other = a_client("NO", office=office)
    with scope([other.pk]):
        stranger = Payer(other)  # with every right, but at another client
    refused(fjord, a_batch(fjord, Payer(fjord)), stranger, MayNotApprove)


def test_another_clients_batch_is_not_seen_at_all(fjord, office):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    other = a_client("NO", office=office)
    with scope([other.pk]):
        with pytest.raises(MayNotApprove):
            payments.approve(other, batch.pk, person=kari.person, sha256=batch.sha256, today=TODAY, code="1")
        assert refusals(other) == ["MayNotApprove"]
    nothing_left(fjord, batch)


def test_an_electronic_id_signs_one_content_for_one_person(fjord):
    kari, ola = Payer(fjord), Payer(fjord, name="Ola")
    for one, subject in ((kari, "sub-kari"), (ola, "sub-ola")):
        signed = Signed(
            f"{subject}-{one.person.pk}", f"enrol-{one.person.pk}", approvals.factors.enrolment_of(one.person)
        )
        approvals.enrol_id(one.person, "test-eid", signed)
    batch = a_batch(fjord, kari)

    def sign(payer, subject, reference, sha256):
        return payments.approve(
            fjord, batch.pk, person=payer.person, sha256=batch.sha256, today=TODAY,
            signed=("test-eid", Signed(f"{subject}-{payer.person.pk}", reference, sha256)),
        )  # fmt: skip

    with pytest.raises(factors.WrongCode):
        sign(kari, "sub-kari", "1", fingerprint("another batch"))
    with pytest.raises(factors.NoFactor):
        sign(kari, "sub-ola", "2", batch.sha256)
    assert refusals(fjord) == ["WrongCode", "NoFactor"]
    nothing_left(fjord, batch)
    assert sign(kari, "sub-kari", "3", batch.sha256)


# Twice


def test_the_same_payment_is_never_in_two_batches_or_files(fjord):
    kari = Payer(fjord)
    batch = a_batch(fjord, kari)
    payment = Payment.objects.get(batch=batch)
    with pytest.raises(NotDrafted):
        payments.freeze(fjord, [payment.pk], person=kari.person, today=TODAY)
    assert proposed(fjord) == []
    batch = approved(fjord, batch, kari)
    with pytest.raises(HasLeft):
        payments.withdraw(fjord, batch.pk, person=kari.person, why="again")
    with pytest.raises(NotDrafted):
        payments.cancel(fjord, [payment.pk], person=kari.person, note="again")
    refusal = pytest.raises(NotWaiting)
    with refusal:
        approved(fjord, batch, kari)
    assert PaymentItem.objects.filter(client=fjord, is_live=True).count() == 1


def test_the_same_bill_twice_under_two_numbers_is_stopped(fjord):
    kari = Payer(fjord)
    a_batch(fjord, kari, supplier=(supplier := a_supplier(fjord)))
    a_bill(fjord, "1250.00", supplier=supplier, number="F77")
    (again,) = proposed(fjord)
    with pytest.raises(payments.batching.NotPayable):
        payments.freeze(fjord, [again.pk], person=kari.person, today=TODAY)


def test_a_receipt_that_names_another_file_or_payment_changes_nothing(fjord):
    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    forged = receipt(batch, ("SOMEBODYELSES", "ACSC", ""))
    heard(fjord, forged)
    heard(fjord, forged.replace(batch.message_id.encode(), b"NBUNKNOWN"))
    assert Payment.objects.get(batch=batch).state == State.SENT  # only that the file has come
    from nattbok.desk.queries import waiting

    assert {one.kind for one in waiting([fjord])} == {"bank.receipt_unknown"}


def test_every_reading_of_a_payment_file_is_an_act(fjord):
    kari = Payer(fjord)
    batch = approved(fjord, a_batch(fjord, kari), kari)
    payments.fetch_file(fjord, batch.pk, person=kari.person, today=TODAY)
    payments.fetch_file(fjord, batch.pk, person=kari.person, today=TODAY + datetime.timedelta(days=1))
    assert Act.objects.filter(client=fjord, kind="bank.payment_file_taken_out").count() == 2
