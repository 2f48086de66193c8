"""Approving a batch: the yes, bound to exactly its content, and after the last one needed the file.

The last yes, the file, its place in the outbox and the payments' state are one transaction.
"""

import datetime

from django.db import transaction
from django.utils import timezone

from nattbok.approvals import actions as approvals
from nattbok.approvals import queries as approval_queries
from nattbok.approvals.actions.asking import approved_elsewhere, refused
from nattbok.approvals.models import Request
from nattbok.approvals.rules import Proven, canonical, fingerprint
from nattbok.approvals.rules.factors import Signed
from nattbok.approvals.rules.policy import MayNotApprove, NotWaiting, refusal
from nattbok.bank.actions.payments.batching import MayNotPrepare
from nattbok.bank.actions.payments.changing import say
from nattbok.bank.actions.payments.drafting import check_may
from nattbok.bank.models import Payment, PaymentBatch
from nattbok.bank.queries.connections import connection_for
from nattbok.bank.queries.payments import deciding
from nattbok.bank.queries.payments.rights import RIGHT_TO, visible_kinds
from nattbok.bank.queries.payments.showing import subject
from nattbok.bank.rules.payments import Kind, State, content
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client, Person
from nattbok.countries.known import country
from nattbok.files.actions import keep
from nattbok.formats.payment import pain001
from nattbok.ledger.models import Books, OpenItem
from nattbok.outbox.actions import send_file
from nattbok.trail.actions import act
from nattbok.trail.rules import means

RELEASED = means(
    "bank.payment_batch_released", _("Batch {batch} was approved; its file {name} goes to the bank")
)
CAME_BY = "payment"  # such files are shown by their batch alone


class Tampered(Refused):
    """What lies in the database is not what was frozen."""

    message = _("The batch is not as it was frozen: something has been changed. It is not sent.")


class SecondPair(Refused):
    """A new or changed account is seen by two people."""

    message = _(
        "You confirmed a new account in this batch yourself. Another person must approve it, or confirm it."
    )


class NoLongerOwed(Refused):
    """Meanwhile an item was paid otherwise, or put on hold."""

    message = _(
        "{number} is no longer owed as it was, or is on hold. Withdraw the batch and look at it again."
    )


class NotNow(Refused):
    """The connection is not ready, and files may not be made for it."""

    message = _("The connection with the bank is not ready for payment files.")


class NotInBank(Refused):
    """The client approves here."""

    message = _("This batch is approved here and not in the bank.")


def approve(
    client: Client,
    batch_id: int,
    *,
    person: Person,
    sha256: str,
    today: datetime.date,
    code: str = "",
    signed: tuple[str, Signed] | None = None,
) -> bool:
    """The person's yes to the content with `sha256`, as it was shown; whether the file has now been made.

    Proven by a one-time code, or by what an electronic id signed: (its name, what it handed back). All that
    is refused is kept as an act. Not to be called in a transaction: a code is spent whatever comes after.
    """
    try:
        request = _look(client, batch_id, person, sha256)
        if signed:
            proof = approvals.prove_by_id(person, signed[0], signed[1], sha256=request.sha256)
        else:
            proof = approvals.prove(person, code, sha256=request.sha256)
        return give(client, batch_id, person=person, proof=proof, sha256=sha256, today=today)
    except Refused as trouble:
        hidden = PaymentBatch.objects.filter(client=client, pk=batch_id).exclude(kind=Kind.SUPPLIER.value)
        refused(
            client,
            subject(batch_id),
            person,
            trouble,
            is_hidden=hidden.exists(),
            batch=batch_id,
            shown=sha256[:64],
        )
        raise


def _look(client: Client, batch_id: int, person: Person, sha256: str) -> Request:
    """The request, when nothing speaks against this person's yes, so that no code is spent in vain."""
    batch = PaymentBatch.objects.filter(client=client, pk=batch_id).first()
    request = approval_queries.request_of(client, subject(batch_id))
    if batch is None or Kind(batch.kind) not in visible_kinds(client, person):
        raise MayNotApprove()
    if request is None or batch.in_bank:
        raise NotWaiting()
    right = approval_queries.right(client, person, RIGHT_TO[Kind(batch.kind)])
    trouble = refusal(approval_queries.asked(client, request), person.pk, right, sha256=sha256)
    if trouble is not None:
        raise trouble
    check_untouched(client, batch, request)
    return request


@transaction.atomic
def give(
    client: Client, batch_id: int, *, person: Person, proof: Proven, sha256: str, today: datetime.date
) -> bool:
    """The yes with its proof, and after the last one needed the file: all in one transaction."""
    Books.objects.select_for_update().get(client=client)
    batch = PaymentBatch.objects.select_for_update().get(client=client, pk=batch_id)
    request = approval_queries.request_of(client, subject(batch.pk))
    if batch.withdrawn_at is not None or batch.file_id is not None or request is None:
        raise NotWaiting()
    check_untouched(client, batch, request)
    is_last = approvals.say_yes(client, request, person, proof, sha256=sha256)
    if not is_last:
        return False
    _check_second_pair(client, batch)
    _make(client, batch, by=f"person:{person.pk}", today=today)
    return True


@transaction.atomic
def hand_over(client: Client, batch_id: int, *, person: Person, sha256: str, today: datetime.date) -> None:
    """Hand a batch to the bank that is approved there: the client has said so, and nobody says yes here.

    Until the bank's answer changes, its payments stand as waiting for approval in the bank.
    """
    Books.objects.select_for_update().get(client=client)
    batch = PaymentBatch.objects.select_for_update().get(client=client, pk=batch_id)
    check_may(client, person, [Kind(batch.kind)])
    if not batch.in_bank:
        raise NotInBank()
    request = approval_queries.request_of(client, subject(batch.pk))
    if request is None or request.outcome or batch.withdrawn_at is not None or sha256 != batch.sha256:
        raise NotWaiting()
    check_untouched(client, batch, request)
    approved_elsewhere(client, request)
    _make(client, batch, by=f"person:{person.pk}", today=today)


def check_untouched(client: Client, batch: PaymentBatch, request: Request) -> None:
    """Tampered unless what lies in the database now is, to the letter, what was frozen and is approved."""
    ids = list(Payment.objects.filter(client=client, batch=batch).values_list("pk", flat=True))
    now = content.content(
        deciding.debtor(client, batch.account), Kind(batch.kind), deciding.frozen(client, ids)
    )
    text = canonical(now)
    is_same = fingerprint(text) == batch.sha256 == request.sha256 and text == request.content
    if not is_same or fingerprint(request.content) != request.sha256 or now["total"] != batch.amount:
        raise Tampered()


def _check_second_pair(client: Client, batch: PaymentBatch) -> None:
    confirmed = set(
        Payment.objects.filter(client=client, batch=batch)
        .exclude(account_check="")
        .values_list("confirmed_by_id", flat=True)
    )
    if not confirmed:
        return
    said = {
        one.person for one in approval_queries.requests(client, [subject(batch.pk)])[subject(batch.pk)].said
    }
    if any(len({who, *said}) < 2 for who in confirmed):
        raise SecondPair()


def _make(client: Client, batch: PaymentBatch, *, by: str, today: datetime.date) -> None:
    """Write the file from what was approved, keep it, and put it in the outbox."""
    ids = list(Payment.objects.filter(client=client, batch=batch).values_list("pk", flat=True))
    _check_still_owed(client, ids)
    way = connection_for(client, batch.account_id)
    if way is not None and not way.may_make_files:
        raise NotNow()
    debtor, kind, law = deciding.debtor(client, batch.account), Kind(batch.kind), country(client.country)
    found = deciding.frozen(client, ids)
    made = content.file(
        debtor,
        kind,
        found,
        message=batch.message_id,
        created=batch.frozen_at,
        made_on=today,
        agreement_id=way.agreement_id if way else "",
        division=way.division if way else "",
        law=law,
        bic=way.profile.bic(client.country) if way else "",
    )
    version = (way.profile.payment_version if way else "03")[-2:]
    data = pain001.write(made, version=version, country=client.country)
    name = way.profile.file_name(batch.message_id, today) if way else f"{batch.message_id}.xml"
    kept = keep(client, data, name=name, came_by=CAME_BY).file
    PaymentBatch.objects.filter(pk=batch.pk).update(file=kept, made_on=today)
    for _account, _kind, _day, info_id, some in content.parts(
        debtor, found, message=batch.message_id, made_on=today, law=law
    ):
        Payment.objects.filter(
            client=client, end_to_end_id__in=[payment.end_to_end_id for payment in some]
        ).update(state=State.APPROVED.value, payment_info_id=info_id)
    say(client, ids, "approved", State.APPROVED, by=by, at=timezone.now())
    deed = act(
        client, RELEASED, by, batch=batch.pk, name=name, sha256=batch.sha256, file_sha256=kept.sha256,
        count=len(ids),
    )  # fmt: skip
    if way is not None:
        send_file(client, subject(batch.pk), connection=way.id, name=name, file=kept.pk, act=deed)


def _check_still_owed(client: Client, ids: list[int]) -> None:
    """NoLongerOwed when an item was settled otherwise, or put on hold, after the batch was frozen."""
    paid = {item: amount for one in deciding.items_of(client, ids) for item, amount in [one]}
    for item in OpenItem.objects.filter(client=client, pk__in=list(paid)):
        amount = paid[item.pk]
        if item.on_hold or amount * -item.left <= 0 or abs(amount) > abs(item.left):
            raise NoLongerOwed(number=item.number or str(item.date))


__all__ = ["MayNotPrepare", "Tampered", "approve", "check_untouched", "give", "hand_over"]
