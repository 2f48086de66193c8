"""Freezing payments into batches that wait for their yes, withdrawing them, and taking a file out by hand."""

import datetime
from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from nattbok.approvals import actions as approvals
from nattbok.approvals import queries as approval_queries
from nattbok.approvals.rules import canonical, fingerprint
from nattbok.bank.actions.payments.changing import NotDrafted, say
from nattbok.bank.actions.payments.drafting import MayNotPrepare, check_may
from nattbok.bank.models import BankAccount, Payment, PaymentBatch
from nattbok.bank.queries.payments import deciding
from nattbok.bank.queries.payments.rights import RIGHT_TO, may_prepare, visible_kinds
from nattbok.bank.queries.payments.showing import subject
from nattbok.bank.rules.payments import Kind, State, content
from nattbok.bank.rules.payments.checks import NotPayable
from nattbok.bank.rules.payments.proposal import pay_on
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client, Person
from nattbok.countries.known import country
from nattbok.files import queries as files
from nattbok.files.models import File
from nattbok.formats.payment import pain001
from nattbok.ledger.models import Books
from nattbok.outbox import actions as outbox
from nattbok.outbox import queries as outbox_queries
from nattbok.outbox.rules import State as Sending
from nattbok.trail.actions import act
from nattbok.trail.rules import means

FROZEN = means("bank.payments_frozen", _("{count} payments were frozen in a batch to be approved"))
WITHDRAWN = means("bank.payment_batch_withdrawn", _("The batch {batch} was withdrawn: {why}"))
TAKEN_OUT = means("bank.payment_file_taken_out", _("{person} took out the payment file of batch {batch}"))
KEPT_BACK = means(
    "bank.payment_file_kept_back", _("{person} was refused the payment file of batch {batch}: {why}")
)


class HasLeft(Refused):
    """A file that may be at the bank cannot be called back."""

    message = _("The batch has its file already, and may be at the bank. It cannot be withdrawn.")


class FileDamaged(Refused):
    """The bytes on the disk are not those that were approved."""

    message = _("The payment file is no longer as it was approved. It is not handed out.")


class NoFile(Refused):
    """Not approved yet."""

    message = _("The batch has no file yet: it is not approved.")


@transaction.atomic
def freeze(client: Client, payments: Collection[int], *, person: Person, today: datetime.date) -> list[int]:
    """Freeze payments into batches, one for each bank account and kind, to be approved; their ids.

    All that is wrong with any of them refuses all. From here on their content is what a yes is bound to.
    """
    Books.objects.select_for_update().get(client=client)
    ids = sorted(set(payments))
    rows = list(
        Payment.objects.select_for_update(of=("self",))
        .filter(client=client, pk__in=ids)
        .select_related("account")
        .order_by("pk")
    )
    check_may(client, person, {Kind(row.kind) for row in rows})
    if len(rows) != len(ids) or any(row.state != State.DRAFTED.value or row.batch_id for row in rows):
        raise NotDrafted()
    wrong = deciding.checks(client, ids)
    for row in rows:
        for trouble in wrong[row.pk]:
            if trouble.blocks:
                raise NotPayable(payee=row.payee_name, why=str(trouble.words))
    law = country(client.country)
    groups: dict[tuple[int, Kind], list[Payment]] = defaultdict(list)
    for row in rows:
        day = pay_on(row.pay_on, today=today, bank_day=law.next_bank_day)
        if day != row.pay_on:
            Payment.objects.filter(pk=row.pk).update(pay_on=day)
        groups[row.account_id, Kind(row.kind)].append(row)
    return [
        _freeze(client, some[0].account, kind, some, person, today)
        for (_account, kind), some in sorted(groups.items())
    ]


def _freeze(
    client: Client,
    account: BankAccount,
    kind: Kind,
    rows: list[Payment],
    person: Person,
    today: datetime.date,
) -> int:
    ids, law = [row.pk for row in rows], country(client.country)
    debtor = deciding.debtor(client, account)
    found = deciding.frozen(client, ids)
    text = canonical(content.content(debtor, kind, found))
    sha256, moment = fingerprint(text), timezone.now()
    message = content.message_id(sha256)
    trial = content.file(
        debtor,
        kind,
        found,
        message=message,
        created=moment,
        made_on=today,
        agreement_id="",
        division="",
        law=law,
    )
    for trouble in pain001.troubles(trial, country=client.country):
        raise trouble  # what cannot be written is not worth anybody's approval
    right = RIGHT_TO[kind]
    deed = act(client, FROZEN, f"person:{person.pk}", count=len(ids), what=kind.value, sha256=sha256)
    batch = PaymentBatch.objects.create(
        client=client,
        account=account,
        kind=kind.value,
        message_id=message,
        sha256=sha256,
        count=len(ids),
        amount=content.total(found),
        currency=account.currency,
        in_bank=approval_queries.policy(client, right).people == 0,
        frozen_at=moment,
        act_id=deed,
    )
    Payment.objects.filter(pk__in=ids).update(batch=batch)
    people = {one for row in rows for one in row.entered_by} | {person.pk}
    approvals.ask_for(
        client,
        right,
        subject(batch.pk),
        content.content(debtor, kind, found),
        amount=content.total(found),
        currency=account.currency,
        registered_by=people,
        by=f"person:{person.pk}",
    )
    return batch.pk


@transaction.atomic
def withdraw(client: Client, batch_id: int, *, person: Person, why: str) -> None:
    """Open a batch again: every yes to it is void, and its payments are drafts to be put right.

    Refused with HasLeft once the file is made.
    """
    Books.objects.select_for_update().get(client=client)
    batch = PaymentBatch.objects.select_for_update().get(client=client, pk=batch_id)
    check_may(client, person, [Kind(batch.kind)])
    if batch.file_id is not None:
        raise HasLeft()
    if batch.withdrawn_at is not None:
        return
    PaymentBatch.objects.filter(pk=batch.pk).update(withdrawn_at=timezone.now())
    Payment.objects.filter(client=client, batch=batch).update(batch=None)
    approvals.withdraw(client, subject(batch.pk), by=f"person:{person.pk}", why=why)
    act(client, WITHDRAWN, f"person:{person.pk}", batch=batch.pk, why=why)


def fetch_file(client: Client, batch_id: int, *, person: Person, today: datetime.date) -> tuple[str, bytes]:
    """The payment file, its name and bytes, for a person to leave at the bank. Each time is an act.

    Refused, and logged, for who may not see or prepare such payments, and when the bytes on the disk are not
    those that were approved.
    """
    batch = PaymentBatch.objects.get(client=client, pk=batch_id)
    try:
        return _fetch(client, batch, person, today)
    except Refused as trouble:
        with transaction.atomic(durable=True):
            act(
                client, KEPT_BACK, f"person:{person.pk}", batch=batch_id, person=str(person),
                why=str(trouble), refusal=trouble.code,
            )  # fmt: skip
        raise


@transaction.atomic
def _fetch(client: Client, batch: PaymentBatch, person: Person, today: datetime.date) -> tuple[str, bytes]:
    if not may_prepare(client, person) or Kind(batch.kind) not in visible_kinds(client, person):
        raise MayNotPrepare()
    if batch.file_id is None:
        raise NoFile()
    file = File.objects.get(client=client, pk=batch.file_id)
    try:
        data = files.data(file)
    except (files.Damaged, FileNotFoundError) as damaged:
        raise FileDamaged() from damaged
    sending = outbox_queries.sending(client, subject(batch.pk))
    if sending is not None and (sending.state is Sending.WAITING or sending.was_handed_over):
        outbox.handed_over(client, subject(batch.pk), by=f"person:{person.pk}", on=today)
    if sending is None or sending.state is not Sending.SENT or sending.was_handed_over:
        mark_sent(client, batch, by=f"person:{person.pk}")
    act(client, TAKEN_OUT, f"person:{person.pk}", batch=batch.pk, person=str(person), sha256=file.sha256)
    return file.name, data


def mark_sent(client: Client, batch: PaymentBatch, *, by: str) -> int:
    """The batch's file has left; how many of its payments were only approved before."""
    ids = list(
        Payment.objects.select_for_update()
        .filter(client=client, batch=batch, state=State.APPROVED.value)
        .values_list("pk", flat=True)
    )
    Payment.objects.filter(pk__in=ids).update(state=State.SENT.value)
    say(client, ids, "sent", State.SENT, by=by, at=timezone.now())
    return len(ids)
