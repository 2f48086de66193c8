"""Documents to show: lists and dataclasses, read whole."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from nattbok.base.errors import Refused
from nattbok.base.words import Words
from nattbok.base.written import read_amount
from nattbok.clients.models import Client
from nattbok.desk.models import Question
from nattbok.documents.models import Document
from nattbok.documents.queries.deciding import bill_of, kept_of, key_of, with_entry
from nattbok.documents.queries.whereabouts import is_away
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.identity import number_key
from nattbok.formats.finding import Finding

WAITING, POSTED, HELD, DECLINED = "waiting", "posted", "held", "declined"
WITH_CLIENT = "with_client"
INBOX = 300  # documents that are shown at once
ORDERS = {
    "": ("pk",),
    "due": (F("due_on").asc(nulls_last=True), "pk"),
    "largest": (F("owed").desc(nulls_last=True), "pk"),
    "supplier": (Lower("supplier_name"), "pk"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A document in a list. `state` is waiting, posted, held, declined or with_client; pages count from 0."""

    id: int
    state: str
    kind: str
    supplier: int | None
    supplier_name: str
    number: str
    issued_on: datetime.date | None
    due_on: datetime.date | None
    currency: str
    owed: Decimal | None
    file: int
    file_name: str
    came_by: str
    received_at: datetime.datetime
    first_page: int
    last_page: int | None  # None: to the end of the file
    waits_for: str
    entry: int | None


@dataclass(frozen=True, slots=True)
class Field:
    """One thing read from a document, and the element it came from."""

    name: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A document whole."""

    row: Row
    bill: Bill
    sha256: str
    format: str
    fields: tuple[Field, ...]
    reading: dict
    findings: tuple[Finding, ...]
    coding: tuple[CodedLine, ...]
    account: str
    reference: str

    @property
    def is_of_pages(self) -> bool:
        """Whether it was read from a picture or PDF, and not from data."""
        return "fields" in self.reading


@dataclass(frozen=True, slots=True)
class Counts:
    """How many documents a client has, by state; `posted_by_robot` is the touchless part of the posted."""

    waiting: int = 0
    posted: int = 0
    held: int = 0
    declined: int = 0
    posted_by_robot: int = 0
    with_client: int = 0

    @property
    def received(self) -> int:
        """All of them."""
        return self.waiting + self.posted + self.held + self.declined + self.with_client


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A document that waits for a person, and the one thing that stands in its way."""

    row: Row
    kind: str  # of its first open question; "" when nothing is asked yet
    reason: Words | None
    more: int  # further questions about it


_ROW = (
    "id", "kind", "supplier_id", "supplier_name", "number", "issued_on", "due_on", "currency", "owed",
    "file_id", "file__name", "file__came_by", "received_at", "first_page", "last_page", "waits_for",
    "entry", "is_held", "is_declined", "is_away",
)  # fmt: skip


def _all(client: Client) -> QuerySet:
    return with_entry(client).annotate(
        is_away=Case(When(is_away(), then=Value(True)), default=Value(False), output_field=BooleanField())
    )


def documents(
    client: Client,
    *,
    state: str = "",
    supplier: int | None = None,
    night: int | None = None,
    before: int | None = None,
    limit: int = 100,
    came_by: str = "",
    q: str = "",
    order: str = "",
) -> list[Row]:
    """The client's documents, the newest first; `before` is the id of the last one of the page before.

    `came_by`, `q` and `order` are as of the inbox; in another order there is no page after the first.
    """
    found = _looked_for(_in_state(_all(client), state), came_by, q)
    if supplier is not None:
        found = found.filter(supplier=supplier)
    if night is not None:
        found = found.filter(night=night)
    if before is not None:
        found = found.filter(pk__lt=before)
    by = ORDERS[order] if order else ("-pk",)
    return [_row(*values) for values in found.order_by(*by).values_list(*_ROW)[:limit]]


def _in_state(found: QuerySet, state: str) -> QuerySet:
    if state == POSTED:
        return found.filter(entry__isnull=False)
    if not state:
        return found
    found = found.filter(entry__isnull=True, is_declined=state == DECLINED)
    if state != DECLINED:
        found = found.filter(is_away=state == WITH_CLIENT)
    return found.filter(is_held=state == HELD) if state in (HELD, WAITING) else found


def _looked_for(found: QuerySet, came_by: str, q: str) -> QuerySet:
    """Those that came by one way, and whose seller, number, file or reference has `q`, or that owe it."""
    if came_by:
        found = found.filter(file__came_by=came_by)
    if not q:
        return found
    wanted = Q(supplier_name__icontains=q) | Q(number__icontains=q) | Q(file__name__icontains=q)
    wanted |= Q(reference__icontains=q)
    with suppress(Refused):  # a word is not an amount
        wanted |= Q(owed=read_amount(q))
    return found.filter(wanted)


def _row(pk: int, *values) -> Row:
    *middle, entry, is_held, is_declined, away = values
    if entry is not None:
        state = POSTED
    elif is_declined:
        state = DECLINED
    elif away:
        state = WITH_CLIENT
    else:
        state = HELD if is_held else WAITING
    return Row(pk, state, *middle, entry)


def _waiting(client: Client) -> QuerySet:
    """What is neither posted, nor set aside, nor with the client."""
    return _all(client).filter(entry__isnull=True, is_declined=False, is_away=False)


def waiting_ids(client: Client) -> list[int]:
    """The documents that wait for the office, in the order they came."""
    return list(_waiting(client).order_by("pk").values_list("pk", flat=True))


def ways(client: Client, state: str) -> list[str]:
    """How the documents of a list came."""
    found = _waiting(client) if state == WAITING else _in_state(_all(client), state)
    return list(found.order_by("file__came_by").values_list("file__came_by", flat=True).distinct())


def inbox(
    client: Client, limit: int = INBOX, *, came_by: str = "", q: str = "", order: str = ""
) -> list[InboxRow]:
    """The documents that wait for the office, the oldest first or in one of ORDERS, each with why it waits.

    `came_by` is a way they came, `q` what is looked for in seller, number, file, reference and amount.
    """
    found = _looked_for(_waiting(client), came_by, q).order_by(*ORDERS[order])
    rows = [_row(*values) for values in found.values_list(*_ROW)[:limit]]
    asked: dict[str, list[Question]] = defaultdict(list)
    subjects = [f"document:{row.id}" for row in rows]
    for question in Question.objects.filter(
        client=client, subject__in=subjects, closed_at__isnull=True
    ).order_by("pk"):
        asked[question.subject].append(question)
    return [
        InboxRow(
            row,
            questions[0].kind if questions else "",
            Words(questions[0].reason, questions[0].values) if questions else None,
            max(0, len(questions) - 1),
        )
        for row in rows
        for questions in (asked[f"document:{row.id}"],)
    ]


def twins_of(client: Client, detail: Detail, also: Collection[int] = ()) -> list[Row]:
    """The other documents with this one's number from its seller, standing or not, the newest first.

    `also` are those that are thought to be the same for other reasons.
    """
    bill = detail.bill
    same = Q(pk__in=list(also))
    if bill.number:
        same |= Q(key=number_key(bill.number))
    elif not also:
        return []
    found = _all(client).annotate(key=key_of("number")).filter(same).exclude(pk=detail.row.id)
    return [
        _row(*(_of(other, name) for name in _ROW))
        for other in found.select_related("file").order_by("-pk")
        if other.pk in also or bill_of(client, other).seller_key == bill.seller_key
    ][:5]


def document(client: Client, document_id: int) -> Detail:
    """One document with all that was read; raises Document.DoesNotExist when it is not this client's."""
    found = _all(client).select_related("file").get(pk=document_id)
    row = _row(*(_of(found, name) for name in _ROW))
    kept = kept_of(found)
    sources = found.reading.get("sources", {})
    return Detail(
        row,
        bill_of(client, found),
        found.file.sha256,
        found.format,
        tuple(
            Field(name, text, source)
            for name, source in sources.items()
            if (text := _at(found.reading, name)) is not None
        ),
        found.reading,
        kept.findings,
        tuple(codings.read(line) for line in found.coding),
        found.account,
        found.reference,
    )


def _of(found: Document, name: str) -> object:
    """What a row's column of that name holds: `file__name` is the name of its file."""
    first, _parts, second = name.partition("__")
    return getattr(getattr(found, first), second) if second else getattr(found, name)


def _at(reading: dict, name: str) -> str | None:
    """What stands at a dotted name of the reading, when it is a text."""
    found: object = reading
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None


def files_of(ids: Collection[int]) -> dict[int, int]:
    """Document → its file, for documents of any client in scope."""
    return dict(Document.objects.filter(pk__in=list(ids)).values_list("pk", "file_id"))


def counts(client: Client, night: int | None = None) -> Counts:
    """How many documents the client has by state, or how many of those received in one night."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                count(*) FILTER (
                    WHERE entry.id IS NULL AND NOT document.is_held AND NOT document.is_declined
                        AND NOT away.is_so),
                count(entry.id),
                count(*) FILTER (
                    WHERE entry.id IS NULL AND document.is_held AND NOT document.is_declined
                        AND NOT away.is_so),
                count(*) FILTER (WHERE entry.id IS NULL AND document.is_declined),
                count(entry.id) FILTER (WHERE act.by LIKE 'robot:%%'),
                count(*) FILTER (WHERE entry.id IS NULL AND NOT document.is_declined AND away.is_so)
            FROM documents_document document
            LEFT JOIN ledger_entry entry ON entry.client_id = document.client_id
                AND entry.origin = 'document:' || document.id
                AND NOT EXISTS (SELECT 1 FROM ledger_entry reversal
                    WHERE reversal.client_id = entry.client_id AND reversal.reverses_id = entry.id)
            LEFT JOIN trail_act act ON act.client_id = entry.client_id AND act.id = entry.act_id
            CROSS JOIN LATERAL (SELECT document.waits_for IN ('client', 'handover') OR document.id IN (
                SELECT document_id FROM documents_approval
                WHERE client_id = %(client)s AND outcome = '' AND before = 'posting') AS is_so) away
            WHERE document.client_id = %(client)s
                AND (%(night)s::bigint IS NULL OR document.night = %(night)s)
            """,
            {"client": client.pk, "night": night},
        )
        return Counts(*cursor.fetchone())
