"""Documents to show: lists and dataclasses, read whole."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from nattbok.clients.models import Client
from nattbok.documents.models import Document
from nattbok.documents.queries.deciding import bill_of, kept_of, with_entry
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine
from nattbok.formats.finding import Finding

WAITING, POSTED, HELD, DECLINED = "waiting", "posted", "held", "declined"


@dataclass(frozen=True, slots=True)
class Row:
    """A document in a list. `state` is waiting, posted, held or declined."""

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


@dataclass(frozen=True, slots=True)
class Counts:
    """How many documents a client has, by state; `posted_by_robot` is the touchless part of the posted."""

    waiting: int = 0
    posted: int = 0
    held: int = 0
    declined: int = 0
    posted_by_robot: int = 0

    @property
    def received(self) -> int:
        """All of them."""
        return self.waiting + self.posted + self.held + self.declined


_ROW = (
    "id", "kind", "supplier_id", "supplier_name", "number", "issued_on", "due_on", "currency", "owed",
    "file_id", "file__name", "file__came_by", "received_at", "entry", "is_held", "is_declined",
)  # fmt: skip


def documents(
    client: Client,
    *,
    state: str = "",
    supplier: int | None = None,
    night: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Row]:
    """The client's documents, the newest first; `before` is the id of the last one of the page before."""
    found = with_entry(client)
    if state == POSTED:
        found = found.filter(entry__isnull=False)
    elif state:
        found = found.filter(entry__isnull=True, is_declined=state == DECLINED)
        if state != DECLINED:
            found = found.filter(is_held=state == HELD)
    if supplier is not None:
        found = found.filter(supplier=supplier)
    if night is not None:
        found = found.filter(night=night)
    if before is not None:
        found = found.filter(pk__lt=before)
    return [_row(*values) for values in found.order_by("-pk").values_list(*_ROW)[:limit]]


def _row(pk: int, *values) -> Row:
    *middle, entry, is_held, is_declined = values
    if entry is not None:
        state = POSTED
    elif is_declined:
        state = DECLINED
    else:
        state = HELD if is_held else WAITING
    return Row(pk, state, *middle, entry)


def document(client: Client, document_id: int) -> Detail:
    """One document with all that was read; raises Document.DoesNotExist when it is not this client's."""
    found = with_entry(client).select_related("file").get(pk=document_id)
    (row,) = [_row(*with_entry(client).filter(pk=document_id).values_list(*_ROW).get())]
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
                    WHERE entry.id IS NULL AND NOT document.is_held AND NOT document.is_declined),
                count(entry.id),
                count(*) FILTER (WHERE entry.id IS NULL AND document.is_held AND NOT document.is_declined),
                count(*) FILTER (WHERE entry.id IS NULL AND document.is_declined),
                count(entry.id) FILTER (WHERE act.by LIKE 'robot:%%')
            FROM documents_document document
            LEFT JOIN ledger_entry entry ON entry.client_id = document.client_id
                AND entry.origin = 'document:' || document.id
                AND NOT EXISTS (SELECT 1 FROM ledger_entry reversal
                    WHERE reversal.client_id = entry.client_id AND reversal.reverses_id = entry.id)
            LEFT JOIN trail_act act ON act.client_id = entry.client_id AND act.id = entry.act_id
            WHERE document.client_id = %(client)s
                AND (%(night)s::bigint IS NULL OR document.night = %(night)s)
            """,
            {"client": client.pk, "night": night},
        )
        return Counts(*cursor.fetchone())
