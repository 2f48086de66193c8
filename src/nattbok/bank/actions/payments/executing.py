"""What the bank has done: payments executed, files that have left, and payments that came back.

That a payment is done is never written on it: it follows from the entry of the movement that executed it,
so that whoever takes the entry back has put the payment back as well.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.bank.actions.payments.batching import mark_sent
from nattbok.bank.actions.payments.changing import say
from nattbok.bank.models import Movement, Payment, PaymentBatch, PaymentExecution, PaymentItem, PaymentStatus
from nattbok.bank.queries.payments.showing import subject
from nattbok.bank.rules.payments import State
from nattbok.bank.rules.payments.states import AT_THE_BANK
from nattbok.bank.rules.shape import Match, Step
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.outbox import actions as outbox
from nattbok.outbox import queries as outbox_queries
from nattbok.outbox.rules import State as Sending
from nattbok.trail.actions import act
from nattbok.trail.rules import means

EXECUTED = means("bank.payments_executed", _("The bank executed {count} of our payments"))
RETURNED = means("bank.payments_returned", _("{count} of our payments came back from the payee's bank"))


@transaction.atomic
def executed(client: Client, matches: Sequence[Match], *, by: str, night: int | None = None) -> int:
    """The bank's movements show that these payments of ours were executed; how many were new.

    Called in the transaction that posts them. Matches that are not of our payments are passed over.
    """
    found = [(one.payment.id, ids) for one in matches if one.step is Step.OWN_PAYMENT if (ids := _ids(one))]
    rows = {
        row.end_to_end_id: row
        for row in Payment.objects.filter(
            client=client, end_to_end_id__in=[end for _movement, ids in found for end in ids]
        )
    }
    known = set(
        PaymentExecution.objects.filter(
            client=client, movement_id__in=[movement for movement, _ids in found]
        ).values_list("payment_id", "movement_id")
    )
    new = [
        (rows[end].pk, movement)
        for movement, ids in found
        for end in ids
        if end in rows and (rows[end].pk, movement) not in known
    ]
    if not new:
        return 0
    ids = [payment for payment, _movement in new]
    # The line is the proof; that the bank never answered the file is told all the same.
    unanswered = {row.pk for row in rows.values() if row.state in (State.APPROVED, State.SENT)}
    deed = act(
        client, EXECUTED, by, night=night, count=len(ids), payments=ids,
        without_receipt=len(unanswered.intersection(ids)),
    )  # fmt: skip
    PaymentExecution.objects.bulk_create(
        PaymentExecution(client=client, payment_id=payment, movement_id=movement, act_id=deed)
        for payment, movement in new
    )
    moment = timezone.now()
    for batch in PaymentBatch.objects.filter(client=client, pk__in={row.batch_id for row in rows.values()}):
        outbox.receipt_came(client, subject(batch.pk), moment)  # what was executed has certainly come
        mark_sent(client, batch, by=by)
    say(client, ids, "executed", None, by=by, at=moment)
    PaymentItem.objects.filter(client=client, payment__in=ids, is_live=True).update(is_live=False)
    return len(ids)


def _ids(match: Match) -> Iterable[str]:
    """The payments that a match is of, by their ids: one, or all of a batch that was booked as one line."""
    if several := match.evidence.get("end_to_end_ids"):
        return several
    one = match.evidence.get("end_to_end_id") or match.payment.end_to_end_id
    return [one] if one else []


@transaction.atomic
def follow(client: Client, *, by: str) -> int:
    """Payments whose file has left the house are sent; how many."""
    waiting = list(
        PaymentBatch.objects.filter(
            client=client,
            pk__in=Payment.objects.filter(client=client, state=State.APPROVED.value).values("batch_id"),
        )
    )
    sendings = outbox_queries.sendings(client, [subject(batch.pk) for batch in waiting])
    count = 0
    for batch in waiting:
        sending = sendings.get(subject(batch.pk))
        if sending is not None and sending.state is Sending.SENT:
            count += mark_sent(client, batch, by=by)
    return count


@transaction.atomic
def returned(client: Client, *, by: str, night: int | None = None) -> int:
    """Payments that came back as money in with our own id; how many were new.

    The posting of the money is a person's: the matching asks about it and offers the mirror of the payment.
    """
    back = Movement.objects.filter(client=client, amount__gt=0).exclude(end_to_end_id="")
    ours = list(
        Payment.objects.select_for_update().filter(
            client=client,
            state__in=[state.value for state in AT_THE_BANK],
            end_to_end_id__in=back.values("end_to_end_id"),
        )
    )
    if not ours:
        return 0
    why = {
        end: (reason, text)
        for end, reason, text in back.filter(
            end_to_end_id__in=[row.end_to_end_id for row in ours]
        ).values_list("end_to_end_id", "return_reason", "text")
    }
    ids = [row.pk for row in ours]
    Payment.objects.filter(pk__in=ids).update(state=State.RETURNED.value)
    PaymentItem.objects.filter(client=client, payment__in=ids, is_live=True).update(is_live=False)
    moment = timezone.now()
    PaymentStatus.objects.bulk_create(
        PaymentStatus(
            client=client,
            payment=row,
            code="returned",
            state=State.RETURNED.value,
            reasons=[[why[row.end_to_end_id][0], why[row.end_to_end_id][1][:140]]],
            by=by,
            at=moment,
        )
        for row in ours
    )
    act(client, RETURNED, by, night=night, count=len(ids), payments=ids)
    return len(ids)
