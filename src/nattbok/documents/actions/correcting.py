"""A person's word on what was read: corrections, cuts, and what supplier memories learn."""

import datetime
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.desk.rules import answered_by
from nattbok.documents.actions import reading as reading_actions
from nattbok.documents.actions.answering import NoAnswer, WasDeclined, answer, locked
from nattbok.documents.actions.posting import code
from nattbok.documents.models import Document, SupplierMemory
from nattbok.documents.models import Reading as Work
from nattbok.documents.queries import deciding
from nattbok.documents.queries import reading as queries
from nattbok.documents.rules import reading as rules
from nattbok.documents.rules import reading_questions as questions
from nattbok.documents.rules.bill import Kept
from nattbok.documents.rules.correcting import corrected
from nattbok.reading.memory import Memory, learnt
from nattbok.reading.shape import Field, Kind, Proof, Reading
from nattbok.trail.actions import act
from nattbok.trail.rules import means

CORRECTED = means("documents.corrected", _("What was read was corrected: {fields}"))
TAUGHT = means("documents.taught", _("{count} confirmed documents taught how their suppliers’ papers look"))
FORGOTTEN = means("documents.forgotten", _("What was learnt of {supplier}’s papers was forgotten"))
AT_ONCE = 200  # documents that are learnt from in one go
MOST_PIECES = 300


class NotReadFromPages(Refused):
    """Only what was read from a picture or PDF can be read wrongly."""

    message = _("The document was not read from a picture or PDF, so there is nothing to correct.")


class NotThesePages(Refused):
    """Each page belongs to one document, and none is left out."""

    message = _("The pages must be cut in order, from the first to the last, each in one document.")


@transaction.atomic
def correct(
    client: Client,
    document: int,
    values: Mapping[str, str],
    *,
    by: str,
    today: datetime.date | None = None,
) -> Kept:
    """Say what a document says where it was read wrongly, or that it was read right: {field: value}.

    Fields are those of `reading.shape.FIELDS`, and kind, rounding, vat_number, base_25, vat_25 and so on; an
    empty value says that the paper has none. When nothing is doubtful any more it is coded, as an e-invoice
    is. Its supplier's memory learns when it is posted. Raises NoSuchField, NotSuchAValue, NotReadFromPages.
    """
    found = locked(client, document)
    if found.is_declined:
        raise WasDeclined()
    if not rules.is_of_pages(found.reading):
        raise NotReadFromPages()
    law = country(client.country)
    before = found.reading
    reading = corrected(before, values, law=law)
    names = [name for name in values if name in reading["fields"]]
    act(
        client, CORRECTED, by, document=document, sha256=found.file.sha256, fields=", ".join(values),
        old={name: rules.value(before, name) for name in names} | {"kind": before["kind"]},
        new={name: rules.value(reading, name) for name in names} | {"kind": reading["kind"]},
        given=dict(values),
    )  # fmt: skip
    kept = reading_actions.write(client, found, reading)
    if not found.waits_for:
        desk.close(client, [f"document:{document}"], by=by, answer={"do": "correct", "values": dict(values)})
        if kept.is_held:
            doubts = rules.doubts(reading, law=law, org_number=client.org_number)
            bill = deciding.bill_of(client, found)
            desk.ask(client, [questions.question(document, kept, doubts, bill)], by=by)
        else:
            code(client, by=by, today=today or _today(client), only=[document])
    return kept


def _today(client: Client) -> datetime.date:
    return timezone.now().astimezone(ZoneInfo(client.office.time_zone)).date()


@transaction.atomic
def split(client: Client, document: int, pieces: Sequence[Sequence[int]], *, by: str) -> list[int]:
    """Cut a file of several documents: one unread document for each piece (its first and last page, from 0).

    One piece says that it is one document. They are read again in the next round. Raises NotThesePages.
    """
    found = locked(client, document)
    if found.is_declined:
        raise WasDeclined()
    if not rules.is_of_pages(found.reading):
        raise NotReadFromPages()
    first = found.first_page
    last = found.last_page if found.last_page is not None else found.reading["pages"] - 1
    cuts = [tuple(piece) for piece in pieces]
    if not _is_whole(cuts, first, last):
        raise NotThesePages()
    return reading_actions.cut(client, document, cuts, by=by)


def _is_whole(cuts: Sequence[tuple], first: int, last: int) -> bool:
    """Whether the pieces follow each other from the first page to the last."""
    if not 1 <= len(cuts) <= MOST_PIECES:
        return False
    following = first
    for cut in cuts:
        if len(cut) != 2 or not all(isinstance(page, int) for page in cut):
            return False
        if cut[0] != following or not cut[0] <= cut[1] <= last:
            return False
        following = cut[1] + 1
    return following == last + 1


def _answer_to(
    client: Client, subject: str, given: Mapping, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """The answer to a question about what was read of `document:<id>`."""
    document = int(subject.partition(":")[2])
    match given:
        case {"do": "correct", "values": dict(values)}:
            correct(client, document, values, by=by, today=today)
        case {"do": "split", "pieces": list(pieces)}:
            split(client, document, pieces, by=by)
        case {"do": str()}:
            answer(client, document, given, by=by, today=today, why=why)
        case _:
            raise NoAnswer()


for _kind in questions.KINDS:
    answered_by(_kind, _answer_to)


def teach(client: Client, *, by: str, night: int | None = None) -> int:
    """Let the memories learn from the documents that were posted since the last time; how many.

    A document teaches what is proven in it or said by a person, once. What a memory gave wrongly twice is
    dropped. Run before a reading, so that the next paper is read by what the last one taught.
    """
    waiting = list(
        Work.objects.filter(client=client, read_at__isnull=False, taught_at__isnull=True)
        .order_by("document")
        .values_list("document", flat=True)
    )
    if not waiting:
        return 0
    posted = deciding.with_entry(client).filter(pk__in=waiting, entry__isnull=False).order_by("pk")[:AT_ONCE]
    return sum(_teach(client, document, by, night) for document in posted)


@transaction.atomic
def _teach(client: Client, document: Document, by: str, night: int | None) -> bool:
    work = Work.objects.select_for_update().get(client=client, document=document)
    if work.taught_at is not None:
        return False
    work.taught_at = timezone.now()
    work.save(update_fields=["taught_at"])
    if not rules.is_of_pages(document.reading):
        return False
    said = rules.teaches(document.reading)
    supplier = said.get("supplier_orgno")
    if not supplier:
        return False
    row = SupplierMemory.objects.select_for_update().filter(client=client, supplier_key=supplier).first()
    old = queries.memory_of(row) if row is not None else None
    new = learnt(_as_read(client, document), said, old)
    if new is None:
        return False
    told = new.as_json()
    SupplierMemory.objects.update_or_create(
        client=client,
        supplier_key=supplier,
        defaults={
            "name": new.name[:200],
            "documents": new.documents,
            "traces": told["traces"],
            "changed_at": timezone.now(),
        },
    )
    act(client, TAUGHT, by, night=night, count=1, document=document.pk, supplier_key=supplier)
    return True


def _as_read(client: Client, document: Document) -> Reading:
    """The reading as it was before any correction, with the pages that it was read from."""
    kept = document.reading
    fields = {}
    for name, one in kept["fields"].items():
        first = one.get("read", one)
        if first is not None and first["value"]:
            proof = Proof.DOUBTFUL if one["proof"] == rules.CORRECTED else Proof(one["proof"])
            fields[name] = Field(
                first["value"], one["confidence"], proof, one["source"], is_remembered=first["is_remembered"]
            )
    return Reading(
        Kind(kept["kind"]), fields, (), tuple(queries.kept_pages(client, document)), kept["engine"]
    )


@transaction.atomic
def forget(client: Client, supplier_key: str, *, by: str) -> Memory | None:
    """Drop what is remembered of a supplier's papers; what it was."""
    row = SupplierMemory.objects.select_for_update().filter(client=client, supplier_key=supplier_key).first()
    if row is None:
        return None
    memory = queries.memory_of(row)
    row.delete()
    act(client, FORGOTTEN, by, supplier=memory.name or supplier_key, memory=memory.as_json())
    return memory
