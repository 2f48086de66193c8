"""Who has a document: which are with the client, who controlled them, what the client was asked."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from nattbok.clients.models import Client, Person
from nattbok.documents.models import Approval, Control, Document, Returned

CLIENT, CAME = "client", "came_back"  # what such a document waits for
GATHERED = "handover"  # added by the client's people, and not yet handed over


def is_away() -> Q:
    """Of a document: that it is with the client, who gathers it, was asked about it or is to approve it.

    The one place that says so: such a document stands in no queue of the office's, and can be looked up.
    """
    asked = Approval.objects.filter(
        client=OuterRef("client"), document=OuterRef("pk"), outcome="", before="posting"
    )
    return Q(waits_for__in=[CLIENT, GATHERED]) | Exists(asked)


@dataclass(frozen=True, slots=True)
class Controlled:
    """That somebody controlled a document."""

    name: str
    at: datetime.datetime
    act: int
    entry: int | None


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A document that the client was asked about."""

    document: int
    supplier_name: str
    number: str
    file: int
    why: str
    by: str  # the name of who asked
    at: datetime.datetime
    answer: str
    answered_by: str
    answered_at: datetime.datetime | None


def controls(client: Client, document: int) -> list[Controlled]:
    """Who controlled a document, the latest first."""
    rows = list(
        Control.objects.filter(client=client, document=document)
        .order_by("-pk")
        .values_list("by", "at", "act_id", "entry")
    )
    names = _names(by for by, *_rest in rows)
    return [Controlled(names.get(by, by), at, act, entry) for by, at, act, entry in rows]


def controlled_by(client: Client, documents: Collection[int]) -> dict[int, str]:
    """Document → who controlled it last, by name; those that nobody has are left out."""
    found = dict(
        Control.objects.filter(client=client, document__in=list(documents))
        .order_by("pk")
        .values_list("document_id", "by")
    )
    names = _names(found.values())
    return {document: names.get(by, by) for document, by in found.items()}


def returned(client: Client, document: int | None = None) -> list[ReturnedRow]:
    """What the client is asked about now, the oldest first; or all that was asked about one document."""
    found = Returned.objects.filter(client=client)
    if document is None:
        found = found.filter(answered_at__isnull=True, document__in=_sent_back(client).values("pk"))
    else:
        found = found.filter(document=document)
    rows = list(
        found.order_by("pk").values_list(
            "document_id", "document__supplier_name", "document__number", "document__file_id",
            "why", "by", "at", "answer", "answered_by", "answered_at",
        )
    )  # fmt: skip
    names = _names(by for row in rows for by in (row[5], row[8]))
    return [
        ReturnedRow(*row[:5], names.get(row[5], row[5]), *row[6:8], names.get(row[8], row[8]), row[9])
        for row in rows
    ]


def _sent_back(client: Client) -> QuerySet:
    return Document.objects.filter(client=client, waits_for=CLIENT, is_declined=False)


def _names(doers: Collection[str]) -> dict[str, str]:
    """`person:7` → the person's name."""
    ids = {by.partition(":")[2] for by in doers if by.startswith("person:")}
    people = Person.objects.filter(pk__in=[int(each) for each in ids if each.isdigit()]) if ids else ()
    return {f"person:{person.pk}": str(person) for person in people}
