"""Putting drafted payments right: date, amount, account; holding, postponing, cancelling, confirming."""

import datetime
from collections.abc import Collection, Sequence
from decimal import Decimal

from django.db import transaction

from nattbok.approvals import queries as approvals
from nattbok.bank.actions.payments.drafting import check_may, end_to_end_id
from nattbok.bank.models import Payment, PaymentItem, PaymentStatus
from nattbok.bank.queries.payments import deciding
from nattbok.bank.queries.payments.rights import RIGHT_TO
from nattbok.bank.rules.payments import Kind, State
from nattbok.bank.rules.payments.proposal import Payee, account_check, account_kind, pay_on
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client, Person
from nattbok.countries.known import country
from nattbok.desk.actions import close
from nattbok.ledger.models import Books
from nattbok.ledger.rules import check_amount
from nattbok.trail.actions import act
from nattbok.trail.rules import means

CHANGED = means("bank.payments_changed", _("{count} payments were changed: {what}"))
HELD = means("bank.payments_held", _("{count} payments were held: {note}"))
RELEASED = means("bank.payments_released", _("{count} payments may go on"))
POSTPONED = means("bank.payments_postponed", _("{count} payments were postponed to {until}: {note}"))
CANCELLED = means("bank.payments_cancelled", _("{count} payments were cancelled: {note}"))
CONFIRMED = means("bank.payee_accounts_confirmed", _("{count} accounts of payees were confirmed"))
REDRAFTED = means("bank.payment_redrafted", _("A payment that came back was drafted anew"))


class NotDrafted(Refused):
    """What is frozen, approved or sent does not change."""

    message = _("The payment is frozen in a batch or has left. Withdraw the batch first.")


class BadAccount(Refused):
    """An account number with a wrong check digit or length."""

    message = _("{account} is not an account number: its check digit or its length is wrong.")


class ConfirmYourOwn(Refused):
    """Who entered an account is not the second person."""

    message = _("You entered this payment or its account. Another person must confirm it.")


class NeedsNote(Refused):
    """Holding, postponing and cancelling are explained."""

    message = _("Say why, in a few words.")


class InSeveralItems(Refused):
    """The amount of a payment with several items follows from them."""

    message = _("This payment pays several items at once; its amount follows from them.")


@transaction.atomic
def change(
    client: Client,
    payment: int,
    *,
    person: Person,
    today: datetime.date,
    on: datetime.date | None = None,
    amount: Decimal | None = None,
    account: str | None = None,
    reference: str | None = None,
    message: str | None = None,
) -> None:
    """Change a drafted payment: its day, what is paid of its one item, or where it goes.

    Another account must be confirmed by another person than who entered it.
    """
    (row,) = _drafted(client, [payment], person)
    law, changed = country(client.country), {}
    if on is not None:
        changed["pay_on"] = pay_on(on, today=today, bank_day=law.next_bank_day)
    if amount is not None and amount != row.amount:
        check_amount(amount)
        items = list(PaymentItem.objects.filter(client=client, payment=row, is_live=True))
        if len(items) > 1 or row.invoices:
            raise InSeveralItems()
        for item in items:
            PaymentItem.objects.filter(pk=item.pk).update(amount=amount)
        changed |= {"amount": amount, "discount": Decimal("0.00")}
    if account is not None:
        normal = law.normal_account(account)
        if not normal:
            raise BadAccount(account=account)
        if normal != row.payee_account:
            payee = deciding.payees(client).get(row.party_id or 0) or Payee(
                paid_before=deciding.paid_before(client, row.payee)
            )
            kind = account_kind(normal)
            changed |= {
                "payee_account": normal,
                "payee_account_kind": kind.value if kind else "",
                "account_check": account_check(normal, payee) or "",
                "confirmed_by": None,
            }
    if reference is not None:
        changed |= {"reference": reference.strip()} | ({"message": ""} if reference.strip() else {})
    if message is not None:
        changed |= {"message": message.strip()} | ({"reference": ""} if message.strip() else {})
    if not changed:
        return
    Payment.objects.filter(pk=row.pk).update(**changed, entered_by=sorted({*row.entered_by, person.pk}))
    act(client, CHANGED, f"person:{person.pk}", count=1, payments=[row.pk], what=", ".join(sorted(changed)))


@transaction.atomic
def hold(client: Client, payments: Collection[int], *, person: Person, note: str) -> int:
    """Keep payments from being frozen until they are released; how many."""
    rows = _drafted(client, payments, person)
    _needs(note)
    Payment.objects.filter(pk__in=[row.pk for row in rows]).update(is_held=True, note=note.strip()[:300])
    act(client, HELD, f"person:{person.pk}", count=len(rows), payments=[r.pk for r in rows], note=note)
    return len(rows)


@transaction.atomic
def release(client: Client, payments: Collection[int], *, person: Person) -> int:
    """Let held payments go on; how many."""
    rows = _drafted(client, payments, person)
    Payment.objects.filter(pk__in=[row.pk for row in rows]).update(is_held=False, note="")
    act(client, RELEASED, f"person:{person.pk}", count=len(rows), payments=[row.pk for row in rows])
    return len(rows)


@transaction.atomic
def postpone(
    client: Client,
    payments: Collection[int],
    *,
    person: Person,
    until: datetime.date,
    today: datetime.date,
    note: str,
) -> int:
    """Pay later: on that day or the first bank day after it; how many."""
    rows = _drafted(client, payments, person)
    _needs(note)
    day = pay_on(until, today=today, bank_day=country(client.country).next_bank_day)
    Payment.objects.filter(pk__in=[row.pk for row in rows]).update(pay_on=day, note=note.strip()[:300])
    act(
        client, POSTPONED, f"person:{person.pk}", count=len(rows), payments=[row.pk for row in rows],
        until=str(day), note=note,
    )  # fmt: skip
    return len(rows)


@transaction.atomic
def cancel(client: Client, payments: Collection[int], *, person: Person, note: str) -> int:
    """Take drafted payments away; what they would have paid can be proposed anew. How many."""
    rows = _drafted(client, payments, person)
    _needs(note)
    ids = [row.pk for row in rows]
    Payment.objects.filter(pk__in=ids).update(state=State.CANCELLED.value, note=note.strip()[:300])
    PaymentItem.objects.filter(client=client, payment__in=ids, is_live=True).update(is_live=False)
    act(client, CANCELLED, f"person:{person.pk}", count=len(ids), payments=ids, note=note)
    return len(ids)


@transaction.atomic
def confirm_accounts(client: Client, payments: Collection[int], *, person: Person) -> int:
    """Say that new or changed accounts are the payees': a person with the right, who did not enter them.

    How many were confirmed. Whoever confirms alone cannot also approve alone: see `approving`.
    """
    rows = [
        row for row in _drafted(client, payments, person) if row.account_check and not row.confirmed_by_id
    ]
    for row in rows:
        if approvals.right(client, person, RIGHT_TO[Kind(row.kind)]) is None:
            raise NoRightToConfirm()
        if person.pk in row.entered_by:
            raise ConfirmYourOwn()
    ids = [row.pk for row in rows]
    Payment.objects.filter(pk__in=ids).update(confirmed_by=person)
    if ids:
        hidden = any(row.kind != Kind.SUPPLIER.value for row in rows)
        told = [] if hidden else [[row.payee_name, row.payee_account] for row in rows]
        act(client, CONFIRMED, f"person:{person.pk}", count=len(ids), payments=ids, accounts=told)
    return len(ids)


class NoRightToConfirm(Refused):
    """Who confirms an account must be one who may approve."""

    message = _("Only who may approve payments for this client can confirm a payee's account.")


@transaction.atomic
def redraft(client: Client, payment: int, *, person: Person, today: datetime.date) -> int:
    """Draft what came back from the bank anew, with an id of its own; the new payment's id.

    Its items must still be owed and be in no other payment under way: the database holds that.
    """
    row = Payment.objects.select_for_update().get(client=client, pk=payment)
    check_may(client, person, [Kind(row.kind)])
    if row.state not in (State.REJECTED.value, State.RETURNED.value, State.CANCELLED.value):
        raise NotDrafted()
    Books.objects.select_for_update().get(client=client)
    items = list(PaymentItem.objects.filter(client=client, payment=row).values_list("item_id", "amount"))
    busy = deciding.busy(client)
    if any(item in busy for item, _amount in items):
        raise NotDrafted()
    deed = act(client, REDRAFTED, f"person:{person.pk}", payment=payment)
    before = row.pk
    row.pk, row.id = None, None
    row._state.adding = True
    row.end_to_end_id, row.state, row.batch, row.act_id = end_to_end_id(), State.DRAFTED.value, None, deed
    row.payment_info_id, row.note, row.is_held = "", "", False
    row.confirmed_by, row.entered_by = None, [person.pk]
    row.pay_on = pay_on(row.pay_on, today=today, bank_day=country(client.country).next_bank_day)
    row.save(force_insert=True)
    PaymentItem.objects.bulk_create(
        PaymentItem(client=client, payment=row, item_id=item, amount=amount) for item, amount in items
    )
    close(
        client, [f"payment:{before}"], by=f"person:{person.pk}", answer={"do": "redraft", "payment": row.pk}
    )
    return row.pk


def _drafted(client: Client, payments: Collection[int], person: Person) -> list[Payment]:
    """The payments, locked, if all of them are drafted, in no batch, and this person's to prepare."""
    ids = sorted(set(payments))
    rows = list(Payment.objects.select_for_update().filter(client=client, pk__in=ids).order_by("pk"))
    check_may(client, person, {Kind(row.kind) for row in rows})
    if len(rows) != len(ids) or any(row.state != State.DRAFTED.value or row.batch_id for row in rows):
        raise NotDrafted()
    return rows


def _needs(note: str) -> None:
    if not note.strip():
        raise NeedsNote()


def say(
    client: Client, payments: Sequence[int], code: str, state: State | None, *, by: str, at: datetime.datetime
) -> None:
    """Keep one thing that the house itself says of payments."""
    PaymentStatus.objects.bulk_create(
        PaymentStatus(
            client=client, payment_id=payment, code=code, state=state.value if state else "", by=by, at=at
        )
        for payment in payments
    )
