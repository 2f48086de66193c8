"""What was read of pictures and PDFs: words with their places, what waits, and what papers have taught."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.fields.json import KT

from nattbok.clients.models import Client
from nattbok.documents.models import Document, KeptPage, SearchablePdf, SupplierMemory
from nattbok.documents.models import Reading as Work
from nattbok.documents.queries import deciding
from nattbok.documents.rules.bill import UNREAD
from nattbok.reading.memory import Memory
from nattbok.reading.words import Box, Page, Source, Word
from nattbok.trail.models import Act

MOST_TRIES = 10  # a document that was begun so often and never ended is what ends us


@dataclass(frozen=True, slots=True)
class WordBox:
    """What stands at one place of a page, upright: shares of its width and height from the upper left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page of a document: its number in the file from 0, and how far clockwise the file's own picture of it
    is turned (0, 90, 180, 270). Turned back so far, it is as the places of fields and words have it."""

    number: int
    turned: int
    width: float
    height: float
    engine: str


def words_of(client: Client, document: int, page: int) -> list[WordBox]:
    """The words of a page (from 0 in the file) with their places, in reading order; empty for what has none.

    A line that was read from a picture is cut at its blanks, each word by its share of the line's length.
    """
    row = (
        KeptPage.objects.filter(client=client, number=page, file__in=_file_of(client, document))
        .values_list("words", flat=True)
        .first()
    )
    return [box for word in row or () for box in _cut(word)]


def _cut(word: Sequence) -> list[WordBox]:
    text, left, top, right, bottom = word[:5]
    if " " not in text.strip():
        return [WordBox(text.strip(), left, top, right, bottom)]
    step = (right - left) / len(text)
    found, start = [], 0
    for part in text.split(" "):
        if part:
            found.append(WordBox(part, left + step * start, top, left + step * (start + len(part)), bottom))
        start += len(part) + 1
    return found


def pages_of(client: Client, document: int) -> list[ShownPage]:
    """The document's pages as they were read, in order; empty until it is read, and for e-invoices."""
    found = (
        Document.objects.filter(client=client, pk=document).values("file", "first_page", "last_page").first()
    )
    if found is None:
        return []
    rows = KeptPage.objects.filter(client=client, file=found["file"], number__gte=found["first_page"])
    if found["last_page"] is not None:
        rows = rows.filter(number__lte=found["last_page"])
    return [
        ShownPage(number, turned, float(width), float(height), source)
        for number, turned, width, height, source in rows.order_by("number").values_list(
            "number", "turned", "width", "height", "source"
        )
    ]


def uncopied(client: Client, limit: int | None = None) -> list[int]:
    """The documents that were read from pictures and whose searchable PDF is to be made, the oldest first."""
    rows = Work.objects.filter(client=client, copies_wanted__gt=0, read_at__isnull=False)
    return list(rows.order_by("document").values_list("document", flat=True)[:limit])


def searchable_pdf(client: Client, document: int) -> SearchablePdf | None:
    """The document's searchable PDF with its file; None when none was made of the pages that it is."""
    whole = {"client": OuterRef("client"), "file": OuterRef("file"), "first_page": OuterRef("first_page")}
    theirs = Document.objects.filter(pk=document, **whole)
    is_made = Exists(theirs.filter(last_page=OuterRef("last_page")))
    is_made_to_the_end = Exists(theirs.filter(last_page=None))
    return (
        SearchablePdf.objects.filter(client=client)
        .filter(Q(is_made) | Q(is_made_to_the_end, last_page=None))
        .select_related("made")
        .first()
    )


def _file_of(client: Client, document: int):
    return Document.objects.filter(client=client, pk=document).values("file")


def unread(client: Client, limit: int | None = None) -> list[int]:
    """The documents that wait to be read from their pages, the oldest first; not those set aside."""
    return list(
        Document.objects.filter(client=client, kind=UNREAD, is_declined=False)
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )


def outdated(client: Client) -> list[int]:
    """The documents that wait with doubt and were read before their supplier's memory was as it is now.

    Not those that a person has corrected, coded or set aside, nor any that was begun too often.
    """
    changed = dict(SupplierMemory.objects.filter(client=client).values_list("supplier_key", "changed_at"))
    if not changed:
        return []
    held = dict(
        deciding.with_entry(client)
        .filter(is_held=True, is_declined=False, waits_for="", coding=[], entry__isnull=True)
        .exclude(kind=UNREAD)
        .values_list("pk", KT("reading__fields__supplier_orgno__value"))
    )
    of_known = [pk for pk, key in held.items() if key in changed]
    read = dict(
        Work.objects.filter(client=client, document__among=of_known, read_at__isnull=False)
        .filter(attempts__lt=MOST_TRIES)
        .values_list("document", "read_at")
    )
    older = [pk for pk in of_known if pk in read and read[pk] < changed[held[pk]]]
    if not older:
        return []
    corrected = Act.objects.filter(client=client, kind="documents.corrected", evidence__document__in=older)
    theirs = set(corrected.values_list("evidence__document", flat=True))
    return sorted(set(older) - theirs)


def is_untaught(client: Client) -> bool:
    """Whether documents that are posted have something to teach, while others wait with doubt."""
    held = Document.objects.filter(client=client, is_held=True, is_declined=False, waits_for="")
    if not held.filter(reading__has_key="fields").exists():
        return False
    read = Work.objects.filter(client=client, read_at__isnull=False, taught_at__isnull=True)
    waiting = list(read.values_list("document", flat=True))
    return bool(waiting) and (
        deciding.with_entry(client).filter(pk__among=waiting, entry__isnull=False).exists()
    )


def memories(client: Client) -> list[Memory]:
    """What is remembered of the client's suppliers."""
    return [memory_of(row) for row in SupplierMemory.objects.filter(client=client).order_by("supplier_key")]


def memory_of(row: SupplierMemory) -> Memory:
    """A memory as the reading floor knows it."""
    return Memory.of_json(
        {
            "supplier": row.supplier_key,
            "name": row.name,
            "documents": row.documents,
            "traces": row.traces,
        }
    )


def kept_pages(client: Client, document: Document) -> list[Page]:
    """The document's pages as the reading floor knows them."""
    rows = KeptPage.objects.filter(client=client, file=document.file_id, number__gte=document.first_page)
    if document.last_page is not None:
        rows = rows.filter(number__lte=document.last_page)
    return [
        Page(
            row.number,
            tuple(Word(text, Box(*box), row.number, sure, lean) for text, *box, sure, lean in row.words),
            float(row.width),
            float(row.height),
            Source(row.source),
            row.turned,
            float(row.sharpness),
        )
        for row in rows.order_by(F("number"))
    ]
