"""Reading pictures and PDFs: from a kept file to fields with their proof, or to a question.

Each document is read outside any transaction and kept in one of its own, so whoever is killed between has
done nothing, and whoever reads it again keeps the same.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.db import bulk
from nattbok.desk import actions as desk
from nattbok.documents.actions.receiving import unfetched
from nattbok.documents.models import Document, KeptPage
from nattbok.documents.models import Reading as Work
from nattbok.documents.queries import deciding
from nattbok.documents.queries import reading as queries
from nattbok.documents.rules import bill as bills
from nattbok.documents.rules import reading as rules
from nattbok.documents.rules import reading_questions as questions
from nattbok.documents.rules.bill import UNREAD, Kept
from nattbok.files import queries as files
from nattbok.formats.finding import Finding, Severity
from nattbok.ledger.models import Books
from nattbok.reading.process import nothing
from nattbok.reading.shape import Own, Reading
from nattbok.reading.words import Source
from nattbok.trail.actions import act
from nattbok.trail.rules import means

READ = means(
    "documents.read", _("A document was read ({engine}): {fields} fields, {doubts} of them doubtful")
)
SPLIT = means("documents.split", _("A file was cut into {count} documents: pages {pages}"))

_GIVEN_UP = _("The file ended the reading {tries} times, and is not tried again.")
MOST_PAGES_KEPT = 400
LONGEST = 100_000_000  # points or pixels of a page's side
MOST_COPIES = 3  # times that the making of a searchable PDF is begun


class Eyes(Protocol):
    """What looks at pages: `reading.process.Reader`."""

    def read(self, data: bytes, **known: object) -> Reading:
        """What the file says; never raises for what it is."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of the documents that were read, and how many are left unread for the next time."""

    read: tuple[int, ...] = ()
    held: int = 0
    unread: int = 0


def read(
    client: Client,
    eyes: Eyes,
    *,
    by: str,
    night: int | None = None,
    only: Collection[int] | None = None,
    own_accounts: Collection[str] = (),
    is_over: Callable[[], bool] = lambda: False,
) -> Seen:
    """Read the client's unread documents, or `only` these, the oldest first, until `is_over`.

    What is proven waits to be coded; the rest is held with a question that names what is doubtful. A document
    that cannot be read, or ends the process that reads it, is held with the reason.
    """
    own = Own(
        frozenset([country(client.country).normal_org_number(client.org_number)]), frozenset(own_accounts)
    )
    done: list[int] = []
    held = 0
    waiting = [pk for pk in queries.unread(client) if only is None or pk in only]
    memories = queries.memories(client) if waiting else []
    for place, pk in enumerate(waiting):
        if place and is_over():
            break  # at least one, so that there is an end to it
        begun = time.perf_counter()
        found = look(client, pk, eyes, own, memories, by, night)
        if found is None:
            held += 1
            continue
        is_held = _keep(client, pk, found, time.perf_counter() - begun, by=by, night=night)
        held += is_held
        done.append(pk)
        if is_held and len(found.pieces) > 1:
            done += _split_if_proven(client, pk, found, eyes, own, memories, by, night)
    return Seen(tuple(done), held, len(queries.unread(client)))


def look(
    client: Client,
    pk: int,
    eyes: Eyes,
    own: Own,
    memories: Sequence,
    by: str,
    night: int | None,
    pages: tuple[int, int] | None = None,
) -> Reading | None:
    """The reading of a document, or of those pages of its file; None when its bytes are not to be had."""
    document = Document.objects.select_related("file").get(client=client, pk=pk)
    try:
        data = files.data(document.file)
    except (OSError, files.Damaged):
        desk.ask(client, [unfetched(document.file)], by=by, night=night)
        return None
    if pages is None:
        work, _is_new = Work.objects.get_or_create(client=client, document_id=pk)
        if work.attempts >= queries.MOST_TRIES:
            words = {"tries": work.attempts}
            return nothing(Finding(Severity.HOLD, "reading_given_up", "", _GIVEN_UP, words))
        Work.objects.filter(client=client, pk=work.pk).update(attempts=work.attempts + 1)
        pages = pages_of(document)
    return eyes.read(
        data,
        country=client.country,
        own=own,
        memories=memories,
        on=timezone.localdate(document.received_at),  # so that it is the same whenever it is read
        only=pages,
    )


def pages_of(document: Document) -> tuple[int, int] | None:
    """The pages that the document is, when it is not all of its file."""
    if document.last_page is None:
        return None
    return document.first_page, document.last_page


@transaction.atomic
def _keep(client: Client, pk: int, found: Reading, seconds: float, *, by: str, night: int | None) -> bool:
    """The reading kept, with the question about it; whether it is held."""
    Books.objects.select_for_update().get(client=client)
    document = Document.objects.select_related("file").get(client=client, pk=pk)
    if document.kind != UNREAD:
        return False  # somebody was quicker
    is_addressed = rules.is_named(found.pages, client.name, client.org_number)
    reading = rules.written(found, is_addressed=is_addressed)
    keep_pages(client, document, found)
    kept = write(client, document, reading, night=night)
    doubts = rules.doubts(reading, law=country(client.country), org_number=client.org_number)
    Work.objects.update_or_create(
        client=client,
        document_id=pk,
        defaults={
            "seconds": Decimal(f"{seconds:.3f}"),
            "read_at": timezone.now(),
            "taught_at": None,
            "copies_wanted": MOST_COPIES
            if any(page.source is not Source.TEXT for page in found.pages)
            else 0,
        },
    )
    act(
        client, READ, by, night=night, document=pk, sha256=document.file.sha256,
        engine=reading["engine"] or "–", fields=len(reading["fields"]), doubts=len(doubts),
        document_kind=kept.kind, is_held=kept.is_held, values={
            name: {"value": one["value"], "proof": one["proof"], "confidence": one["confidence"]}
            for name, one in reading["fields"].items()
        },
    )  # fmt: skip
    if kept.is_held:
        bill = deciding.bill_of(client, document)
        desk.ask(client, [questions.question(pk, kept, doubts, bill)], by=by, night=night)
    return kept.is_held


def write(client: Client, document: Document, reading: dict, *, night: int | None = None) -> Kept:
    """Keep the reading in the document's row, and what a bill is made from; the caller's transaction."""
    kept = bills.from_reading(
        reading,
        law=country(client.country),
        org_number=client.org_number,
        format_name=document.format,
    )
    for name in (
        "kind", "format", "supplier_name", "supplier_org_number", "number", "issued_on", "due_on", "currency",
        "net", "vat", "owed", "reference", "account", "is_held",
    ):  # fmt: skip
        setattr(document, name, getattr(kept, name))
    document.reading = reading
    document.findings = [bills.written(finding) for finding in kept.findings]
    document.coding = []
    if night is not None:
        document.night = night
    document.save()
    return kept


def keep_pages(client: Client, document: Document, found: Reading) -> None:
    """The words of the pages; what was kept of them before is replaced."""
    pages = found.pages[:MOST_PAGES_KEPT]
    KeptPage.objects.filter(
        client=client, file=document.file_id, number__in=[page.number for page in pages]
    ).delete()
    bulk.insert(
        KeptPage,
        {
            "client_id": [client.pk] * len(pages),
            "file_id": [document.file_id] * len(pages),
            "number": [page.number for page in pages],
            "width": [_size(page.width) for page in pages],
            "height": [_size(page.height) for page in pages],
            "source": [page.source.value for page in pages],
            "turned": [page.turned for page in pages],
            "sharpness": [Decimal(f"{min(1.0, max(0.0, page.sharpness)):.4f}") for page in pages],
            "words": [[_word(word) for word in page.words] for page in pages],
        },
    )


def _size(length: float) -> Decimal:
    """A side of a page; of one that is not to be measured, none."""
    return Decimal(f"{length:.3f}") if 0 <= length < LONGEST else Decimal(0)


def _word(word) -> list:
    box = (word.box.left, word.box.top, word.box.right, word.box.bottom)
    # A NUL is no text that the database can hold.
    return [
        word.text.replace("\0", ""),
        *(round(part, 5) for part in box),
        round(word.sureness, 3),
        round(word.lean, 5),
    ]


def _split_if_proven(
    client: Client,
    pk: int,
    found: Reading,
    eyes: Eyes,
    own: Own,
    memories: Sequence,
    by: str,
    night: int | None,
) -> list[int]:
    """Cut the file where each piece, read alone, is a whole proven bill of its own; else a person says."""
    parts = []
    for piece in found.pieces:
        read_alone = look(client, pk, eyes, own, memories, by, night, (piece.first, piece.last))
        if read_alone is None or not read_alone.is_proven:
            return []
        parts.append(read_alone)
    if len({(one.value("supplier_orgno"), one.value("invoice_no")) for one in parts}) < len(parts):
        return []
    with transaction.atomic():
        ids = cut(client, pk, [(piece.first, piece.last) for piece in found.pieces], by=by, night=night)
        for document, one in zip(ids, parts, strict=True):
            _keep(client, document, one, 0.0, by=by, night=night)
    return ids[1:]


@transaction.atomic
def cut(
    client: Client,
    document: int,
    pieces: Sequence[tuple[int, int]],
    *,
    by: str,
    night: int | None = None,
) -> list[int]:
    """One unread document for each piece of the file (first and last page, from 0); their ids in order.

    The document itself becomes the first piece. The caller has looked at the pieces.
    """
    Books.objects.select_for_update().get(client=client)
    found = Document.objects.select_related("file").get(client=client, pk=document)
    (first, last), *others = pieces
    Document.objects.filter(client=client, pk=document).update(
        first_page=first, last_page=last, **_blank(found.format)
    )
    there = dict(Document.objects.filter(client=client, file=found.file_id).values_list("first_page", "pk"))
    ids = [document]
    for start, end in others:
        if start in there:
            ids.append(there[start])
            continue
        made = Document.objects.create(
            client=client, file=found.file, first_page=start, last_page=end, received_at=found.received_at,
            night=found.night if night is None else night, **_blank(found.format),
        )  # fmt: skip
        ids.append(made.pk)
    Work.objects.filter(client=client, document__in=ids).update(
        attempts=0, read_at=None, taught_at=None, copies_wanted=0
    )
    shown = ", ".join(f"{start + 1}–{end + 1}" for start, end in pieces)
    act(
        client, SPLIT, by, night=night, document=document, documents=ids, count=len(ids), pages=shown,
        sha256=found.file.sha256, pieces=[list(piece) for piece in pieces],
    )  # fmt: skip
    desk.close(
        client,
        [f"document:{document}"],
        by=by,
        night=night,
        answer={"do": "split", "pieces": [list(piece) for piece in pieces]},
    )
    return ids


def _blank(format_name: str) -> dict:
    """What a document keeps until it is read."""
    texts = ("supplier_name", "supplier_org_number", "number", "currency", "reference", "account")
    others = ("issued_on", "due_on", "net", "vat", "owed")
    blank = {"kind": UNREAD, "format": format_name, "is_held": False, "reading": {}, "findings": []}
    return blank | dict.fromkeys(texts, "") | dict.fromkeys(others)
