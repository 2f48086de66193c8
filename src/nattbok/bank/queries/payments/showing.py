"""Payments and batches to show. What a person may not see is in no row and in no sum."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.approvals import queries as approvals
from nattbok.approvals.queries import RequestRow
from nattbok.bank import models
from nattbok.bank.queries.payments.deciding import busy, checks, settled
from nattbok.bank.rules.payments import Kind, State
from nattbok.bank.rules.payments.checks import Trouble
from nattbok.bank.rules.payments.states import AT_THE_BANK, ON_THE_WAY, plainly
from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.formats.payment.shape import Reason, Status
from nattbok.ledger.models import Entry
from nattbok.outbox import queries as outbox
from nattbok.outbox.queries import SendingRow


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in a list."""

    id: int
    kind: Kind
    payee: str
    payee_name: str
    payee_account: str
    amount: Decimal
    currency: str
    discount: Decimal
    reference: str
    told: str  # what the payee is told: the reference, the invoices or the message
    due_on: date | None
    pay_on: date
    account: int
    account_title: str
    state: State  # with what follows from the ledger and the statements
    is_held: bool
    note: str
    account_check: str
    confirmed_by: str
    batch: int | None
    file: int | None  # the document of the bill it pays
    entry: int | None
    end_to_end_id: str
    reason: Words | None = None  # why the bank rejected it
    waits_in_bank: bool = False
    executes_on: date | None = None
    troubles: tuple[Trouble, ...] = ()

    @property
    def ore(self) -> int:
        """The amount in øre, for sums made in the browser."""
        return int(self.amount * 100)

    @property
    def is_blocked(self) -> bool:
        """Whether something must be put right before it may be frozen."""
        return any(trouble.blocks for trouble in self.troubles)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with how far it has come."""

    id: int
    kind: Kind
    account: int
    account_title: str
    count: int
    amount: Decimal
    currency: str
    sha256: str
    message_id: str
    frozen_at: datetime.datetime
    in_bank: bool
    is_withdrawn: bool
    file: int | None
    request: RequestRow | None
    sending: SendingRow | None
    payments: tuple[PaymentRow, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it waits for a yes here."""
        return bool(self.request) and not self.request.outcome and not self.is_withdrawn

    @property
    def is_flagged(self) -> bool:
        """Whether a payee's account in it is new or changed."""
        return any(payment.account_check for payment in self.payments)


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One thing that was said of a payment."""

    code: str
    state: str
    is_contrary: bool
    reason: Words | None
    bank_text: str
    executes_on: date | None
    by: str
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """Which payments to show; None and blank: all."""

    states: Collection[State] = (State.DRAFTED,)
    through: date | None = None
    payee: str = ""
    smallest: Decimal | None = None
    largest: Decimal | None = None
    with_discount: bool = False
    batch: int | None = None
    ids: Collection[int] | None = None
    is_loose: bool = False  # in no batch


def payments(
    client: Client, kinds: Collection[Kind], wanted: Filter | None = None, *, limit: int = 1000
) -> list[PaymentRow]:
    """Payments of the kinds the person may see, by the day they are paid."""
    wanted = wanted or Filter()
    rows = models.Payment.objects.filter(client=client, kind__in=[kind.value for kind in kinds])
    if wanted.ids is not None:
        rows = rows.filter(pk__in=list(wanted.ids))
    elif wanted.batch is not None:
        rows = rows.filter(batch=wanted.batch)
    else:
        rows = rows.filter(state__in=[State(state).value for state in wanted.states])
    if wanted.is_loose:
        rows = rows.filter(batch__isnull=True)
    if wanted.through:
        rows = rows.filter(due_on__lte=wanted.through)
    if wanted.payee:
        rows = rows.filter(payee_name__icontains=wanted.payee)
    if wanted.smallest is not None:
        rows = rows.filter(amount__gte=wanted.smallest)
    if wanted.largest is not None:
        rows = rows.filter(amount__lte=wanted.largest)
    if wanted.with_discount:
        rows = rows.filter(discount__gt=0)
    found = list(
        rows.select_related("account", "confirmed_by").order_by("pay_on", "payee_name", "pk")[:limit]
    )
    return _rows(client, found)


def sent_back(client: Client, kinds: Collection[Kind]) -> list[PaymentRow]:
    """Payments that the bank rejected or that were returned, and that nobody has taken up or put aside.

    Taken up is what is in another payment under way, or no longer owed.
    """
    rows = payments(client, kinds, Filter(states=(State.REJECTED, State.RETURNED)))
    rows = [row for row in rows if not row.is_held]
    items: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for payment, item, left in models.PaymentItem.objects.filter(
        client=client, payment_id__among=[row.id for row in rows]
    ).values_list("payment_id", "item_id", "item__left"):
        items[payment].append((item, left))
    taken = busy(client)
    later = set(
        models.Payment.objects.filter(
            client=client, state__in=[state.value for state in ON_THE_WAY]
        ).values_list("payee", "amount")
    )
    return [
        row
        for row in rows
        if not any(item in taken for item, _left in items[row.id])
        and (
            all(left for _item, left in items[row.id])
            if items[row.id]
            else (row.payee, row.amount) not in later
        )
    ]


def _rows(client: Client, found: list[models.Payment]) -> list[PaymentRow]:
    ids = [row.pk for row in found]
    done = settled(client, ids)
    sealed = _sealed(client, done)
    said = story(client, ids)
    drafted = [row.pk for row in found if row.state == State.DRAFTED.value and not row.batch_id]
    wrong = checks(client, drafted) if drafted else {}
    entries = dict(
        models.PaymentItem.objects.filter(client=client, payment_id__among=ids)
        .order_by("-pk")
        .values_list("payment_id", "item__line__entry_id")
    )
    files = dict(
        Entry.objects.filter(client=client, pk__in=list(entries.values())).values_list("pk", "file_id")
    )
    return [
        _row(row, done, sealed, said.get(row.pk, []), wrong.get(row.pk, ()), entries.get(row.pk), files)
        for row in found
    ]


def _row(row, done, sealed, said, wrong, entry, files) -> PaymentRow:
    state = State(row.state)
    if row.pk in done and state in AT_THE_BANK:
        state = State.RECONCILED if done[row.pk] in sealed else State.SETTLED
    last = next((one for one in reversed(said) if one.code.isupper()), None)
    rejected = next((one for one in reversed(said) if one.state == State.REJECTED.value), None)
    return PaymentRow(
        id=row.pk,
        kind=Kind(row.kind),
        payee=row.payee,
        payee_name=row.payee_name,
        payee_account=row.payee_account,
        amount=row.amount,
        currency=row.currency,
        discount=row.discount,
        reference=row.reference,
        told=row.reference or ", ".join(one[0] for one in row.invoices) or row.message,
        due_on=row.due_on,
        pay_on=row.pay_on,
        account=row.account_id,
        account_title=row.account.title,
        state=state,
        is_held=row.is_held,
        note=row.note,
        account_check=row.account_check,
        confirmed_by=str(row.confirmed_by) if row.confirmed_by else "",
        batch=row.batch_id,
        file=files.get(entry),
        entry=entry,
        end_to_end_id=row.end_to_end_id,
        reason=rejected.reason if rejected else None,
        waits_in_bank=bool(last) and last.code == Status.PENDING and state is State.RECEIVED,
        executes_on=next((one.executes_on for one in reversed(said) if one.executes_on), None),
        troubles=tuple(wrong),
    )


def _sealed(client: Client, done: dict[int, int]) -> set[int]:
    """The movements whose day is sealed."""
    rows = models.Movement.objects.filter(client=client, pk__in=list(done.values()))
    days = {pk: (account, day) for pk, account, day in rows.values_list("pk", "account_id", "booked_on")}
    seals = set(
        models.BankDay.objects.filter(
            client=client, sealed_at__isnull=False, day__in={day for _account, day in days.values()}
        ).values_list("account_id", "day")
    )
    return {pk for pk, day in days.items() if day in seals}


def story(client: Client, ids: Collection[int]) -> dict[int, list[StatusRow]]:
    """Payment → all that was said of it, in the order it was heard."""
    found: dict[int, list[StatusRow]] = defaultdict(list)
    for row in models.PaymentStatus.objects.filter(client=client, payment_id__among=list(ids)).order_by("pk"):
        reasons = [Reason(*one) for one in row.reasons]
        needs_reason = reasons or row.state == State.REJECTED.value
        found[row.payment_id].append(
            StatusRow(
                row.code,
                row.state,
                row.is_contrary,
                plainly(reasons) if needs_reason else None,
                "; ".join(filter(None, (text for _code, text in reasons))),
                row.executes_on,
                row.by,
                row.at,
            )
        )
    return found


def batches(client: Client, kinds: Collection[Kind], *, limit: int = 50) -> list[BatchRow]:
    """The newest batches of the kinds the person may see, without their payments; none that are withdrawn."""
    rows = models.PaymentBatch.objects.filter(
        client=client, kind__in=[kind.value for kind in kinds], withdrawn_at__isnull=True
    ).select_related("account")
    return _batches(client, list(rows.order_by("-pk")[:limit]))


def batch(client: Client, batch_id: int, kinds: Collection[Kind]) -> BatchRow:
    """One batch with its payments; raises PaymentBatch.DoesNotExist when the person may not see it."""
    row = models.PaymentBatch.objects.select_related("account").get(
        client=client, pk=batch_id, kind__in=[kind.value for kind in kinds]
    )
    return _batches(client, [row], tuple(payments(client, kinds, Filter(batch=batch_id))))[0]


def _batches(
    client: Client, rows: list[models.PaymentBatch], of_one: tuple[PaymentRow, ...] = ()
) -> list[BatchRow]:
    subjects = [subject(row.pk) for row in rows]
    requests = approvals.requests(client, subjects)
    sendings = outbox.sendings(client, subjects)
    return [
        BatchRow(
            row.pk,
            Kind(row.kind),
            row.account_id,
            row.account.title,
            row.count,
            row.amount,
            row.currency,
            row.sha256,
            row.message_id,
            row.frozen_at,
            row.in_bank,
            row.withdrawn_at is not None,
            row.file_id,
            requests.get(subject(row.pk)),
            sendings.get(subject(row.pk)),
            of_one,
        )
        for row in rows
    ]


def subject(batch_id: int) -> str:
    """What a batch is called where it waits for a yes, and in the outbox."""
    return f"payment_batch:{batch_id}"
