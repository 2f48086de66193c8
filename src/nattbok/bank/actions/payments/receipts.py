"""What the bank answers to a payment file (pain.002): each payment goes forward, and never back.

Files may come in any order and as often as they like. What lags behind is noted; what contradicts what is
known changes nothing and is asked about.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from nattbok.bank.actions.payments.batching import mark_sent
from nattbok.bank.actions.payments.drafting import check_may
from nattbok.bank.models import Payment, PaymentBatch, PaymentItem, PaymentStatus, ReceiptFile
from nattbok.bank.queries.payments import deciding
from nattbok.bank.queries.payments.showing import subject
from nattbok.bank.rules.payments import Kind, State, Story, heard
from nattbok.bank.rules.payments.states import plainly
from nattbok.base.errors import Unreadable
from nattbok.base.words import Words, _
from nattbok.clients.models import Client, Person
from nattbok.desk.actions import ask, close
from nattbok.desk.rules import Candidate, QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.files import queries as files
from nattbok.files.models import File
from nattbok.formats.payment import pain002
from nattbok.formats.payment.shape import Level, Receipt, Said, Status
from nattbok.ledger.models import Books
from nattbok.outbox import actions as outbox
from nattbok.trail.actions import act
from nattbok.trail.rules import means

FORMAT = "pain002"

READ = means(
    "bank.receipt_read",
    _("{name}: {forward} payments went forward, {rejected} were rejected, {older} knew better already"),
)
LEFT = means("bank.payments_left", _("{count} payments that came back were put aside"))
NOT_READ = means("bank.receipt_refused", _("The receipt {name} was refused: {text}"))
REJECTED = asks("bank.payment_rejected", _("Payments that the bank rejected"))
CONTRARY = asks("bank.payment_contradiction", _("The bank contradicts itself about a payment"))
STRANGE = asks("bank.receipt_unknown", _("A receipt about payments that are not ours"))
UNREADABLE = asks("bank.receipt_unreadable", _("A receipt from the bank cannot be read"))

REJECTED_TEXT = _("The payment of {amount} to {payee} was rejected. {reason}")
HIDDEN_TEXT = _("A payment that is not shown to all was rejected. {reason}")
CONTRARY_TEXT = _("{name} says {code} of a payment that is {state} already. Nothing was changed.")
STRANGE_TEXT = _(
    "{name} answers a payment file {message} that was not sent from here, or names other payments."
)
UNREADABLE_TEXT = _("{name}, {where}: {text}")
AGAIN = _("Put it right and draft it anew")
LEAVE = _("Leave it unpaid")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a receipt came to, in payments."""

    forward: int = 0
    rejected: int = 0
    older: int = 0  # it said what was known, or less
    contrary: int = 0


def unread_receipts(client: Client) -> list[File]:
    """The kept receipts that have not been read, the oldest first."""
    return list(
        File.objects.filter(client=client, format=FORMAT)
        .exclude(pk__in=ReceiptFile.objects.filter(client=client).values("file_id"))
        .order_by("received_at", "pk")
    )


@transaction.atomic
def read_receipt(client: Client, file: File, *, by: str, night: int | None = None) -> Answered:
    """Read one kept receipt; what it came to. Read once, and safe to repeat.

    A receipt that cannot be read is asked about, and nothing of it is stored.
    """
    Books.objects.select_for_update().get(client=client)
    if ReceiptFile.objects.filter(client=client, file=file).exists():
        return Answered()
    try:
        receipt = pain002.read(files.data(file))
    except Unreadable as trouble:
        return _refuse(client, file, trouble, by, night)
    batch = (
        PaymentBatch.objects.filter(
            client=client, message_id=receipt.original_message_id, file__isnull=False
        ).first()
    )  # fmt: skip
    ReceiptFile.objects.create(
        client=client, file=file, message_id=receipt.message_id[:100], batch=batch, read_at=timezone.now()
    )
    if batch is None:
        _strange(client, file, receipt, by, night)
        return Answered()
    return _Reading(client, file, receipt, batch, by, night).all()


class _Reading:
    """One receipt about one batch."""

    def __init__(
        self, client: Client, file: File, receipt: Receipt, batch: PaymentBatch, by: str, night: int | None
    ) -> None:
        self.client, self.file, self.receipt, self.batch = client, file, receipt, batch
        self.by, self.night = by, night
        self.rows = list(
            Payment.objects.select_for_update().filter(client=client, batch=batch).order_by("pk")
        )
        self.done = deciding.settled(client, [row.pk for row in self.rows])
        self.settled_before = set(
            PaymentStatus.objects.filter(
                client=client, payment__in=self.rows, code=Status.SETTLED.value
            ).values_list("payment_id", flat=True)
        )
        self.to: dict[State, list[Payment]] = defaultdict(list)
        self.statuses: list[PaymentStatus] = []
        self.contrary: list[tuple[Payment, str]] = []
        self.why: dict[int, Said] = {}
        self.older = 0

    def all(self) -> Answered:
        outbox.receipt_came(self.client, subject(self.batch.pk), timezone.now())
        mark_sent(self.client, self.batch, by=self.by)
        for row in self.rows:
            if row.state == State.APPROVED.value:
                row.state = State.SENT.value
        for row in self.rows:
            self._one(row, self.receipt.lowest(row.end_to_end_id, row.payment_info_id))
        for state, rows in self.to.items():
            Payment.objects.filter(pk__in=[row.pk for row in rows]).update(state=state.value)
        gone = [row.pk for state in (State.REJECTED, State.CANCELLED) for row in self.to[state]]
        PaymentItem.objects.filter(client=self.client, payment__in=gone, is_live=True).update(is_live=False)
        PaymentStatus.objects.bulk_create(self.statuses)
        self._ask()
        named = {one.end_to_end_id for one in self.receipt.transfers if one.end_to_end_id}
        if named - {row.end_to_end_id for row in self.rows}:
            _strange(self.client, self.file, self.receipt, self.by, self.night)
        rejected = len(self.to[State.REJECTED])
        forward = sum(len(rows) for rows in self.to.values()) - rejected
        act(
            self.client, READ, self.by, night=self.night, name=self.file.name, batch=self.batch.pk,
            forward=forward, rejected=rejected, older=self.older, contrary=len(self.contrary),
        )  # fmt: skip
        return Answered(forward, rejected, self.older, len(self.contrary))

    def _one(self, row: Payment, said: Said) -> None:
        code = str(said.status)
        # PART of the whole, and silence, say nothing of a payment that the bank does not name.
        if not code or (code == Status.IN_PART and said.level is not Level.TRANSFER):
            return
        story = Story(State(row.state), row.pk in self.done, row.pk in self.settled_before)
        found = heard(story, code)
        if found.is_contrary:
            self.contrary.append((row, code))
        elif found.state is not None:
            self.to[found.state].append(row)
            self.why[row.pk] = said
        else:
            self.older += 1
        self.statuses.append(
            PaymentStatus(
                client=self.client,
                payment=row,
                code=code[:40],
                state=found.state.value if found.state else "",
                is_contrary=found.is_contrary,
                reasons=[[reason.code, reason.text] for reason in said.reasons],
                executes_on=said.executes_on,
                file=self.file,
                by=self.by,
                at=timezone.now(),
            )
        )

    def _ask(self) -> None:
        questions = [_rejected(row, self.why[row.pk]) for row in self.to[State.REJECTED]]
        for row, code in self.contrary:
            known = State.SETTLED if row.pk in self.done else State(row.state)
            values = {"name": self.file.name, "code": code, "state": known.value}
            questions.append(
                QuestionDraft(
                    CONTRARY,
                    f"payment:{row.pk}",
                    Words(CONTRARY_TEXT, values),
                    evidence={"payment": row.pk, "file": self.file.pk, "code": code},
                )
            )
        ask(self.client, questions, by=self.by, night=self.night)


def _rejected(row: Payment, said: Said) -> QuestionDraft:
    """What is asked of a rejected payment; of a salary or a tax neither whom nor how much."""
    reason = plainly(said.reasons)
    values = {"reason": str(reason)}
    hidden = row.kind != Kind.SUPPLIER.value
    if not hidden:
        values |= {"amount": str(row.amount), "payee": row.payee_name}
    return QuestionDraft(
        REJECTED,
        f"payment:{row.pk}",
        Words(HIDDEN_TEXT if hidden else REJECTED_TEXT, values),
        (
            Candidate(Words(AGAIN), {"do": "redraft", "payment": row.pk}),
            Candidate(Words(LEAVE), {"do": "leave", "payment": row.pk}),
        ),
        None if hidden else row.amount,
        "" if hidden else row.currency,
        {"payment": row.pk, "reasons": [reason.code for reason in said.reasons]},
        about="" if hidden else f"{row.payee_name} · {row.reference or row.message}"[:200],
    )


def _strange(client: Client, file: File, receipt: Receipt, by: str, night: int | None) -> None:
    values = {"name": file.name, "message": receipt.original_message_id or "?"}
    ask(
        client,
        [QuestionDraft(STRANGE, f"file:{file.pk}", Words(STRANGE_TEXT, values), evidence={"file": file.pk})],
        by=by,
        night=night,
    )


def _refuse(client: Client, file: File, trouble: Unreadable, by: str, night: int | None) -> Answered:
    ReceiptFile.objects.create(client=client, file=file, read_at=timezone.now())
    values = {"name": file.name, "where": trouble.where, "text": str(trouble)}
    act(client, NOT_READ, by, night=night, name=file.name, text=str(trouble), where=trouble.where)
    ask(
        client,
        [QuestionDraft(UNREADABLE, f"file:{file.pk}", Words(UNREADABLE_TEXT, values), evidence=values)],
        by=by,
        night=night,
    )
    return Answered()


@transaction.atomic
def leave_rejected(client: Client, payments: Sequence[int], *, person: Person) -> int:
    """A person has seen that these came back, and puts them aside; how many."""
    rows = list(
        Payment.objects.select_for_update().filter(
            client=client, pk__in=list(payments), state__in=[State.REJECTED.value, State.RETURNED.value]
        )
    )
    check_may(client, person, {Kind(row.kind) for row in rows})
    ids = [row.pk for row in rows]
    Payment.objects.filter(pk__in=ids).update(is_held=True)
    by = f"person:{person.pk}"
    close(client, [f"payment:{pk}" for pk in ids], by=by, answer={"do": "leave"})
    if ids:
        act(client, LEFT, by, count=len(ids), payments=ids)
    return len(ids)
