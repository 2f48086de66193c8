"""Receiving: kept files become documents, each file once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.db import bulk
from nattbok.desk import actions as desk
from nattbok.desk.rules import QuestionDraft, means
from nattbok.documents.actions import strictness
from nattbok.documents.models import Document
from nattbok.documents.rules import bill as bills
from nattbok.documents.rules import questions
from nattbok.documents.rules.bill import Kept
from nattbok.files import queries as files
from nattbok.files.models import File
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.shape import Invoice
from nattbok.formats.known import LARGEST, read_any
from nattbok.ledger.models import Books
from nattbok.reading.sniff import is_pdf, is_picture
from nattbok.trail import rules as trail
from nattbok.trail.actions import act

RECEIVED = trail.means("documents.received", _("{count} documents were received, {held} of them held"))
UNFETCHED = means("documents.unfetched", _("Kept files that cannot be fetched"))

AT_ONCE = 50  # files in one transaction: a night that is halted goes on from there


@dataclass(frozen=True, slots=True)
class Received:
    """What became of some files: the new documents, and how many files were left for a person."""

    documents: tuple[int, ...] = ()
    left: int = 0


def receive(client: Client, file_ids: Sequence[int], *, by: str, night: int | None = None) -> Received:
    """Read these kept files as documents, those that are one already excepted.

    A picture or PDF is a document that waits to be read: see actions.reading. A file that cannot be read is
    a document too, and a question that names the place and the cause. One whose bytes cannot be fetched is a
    question, and is tried again the next time.
    """
    documents: list[int] = []
    left = 0
    for start in range(0, len(file_ids), AT_ONCE):
        some = file_ids[start : start + AT_ONCE]
        new = File.objects.filter(client=client, pk__in=some).exclude(
            pk__in=Document.objects.filter(client=client, file__in=some).values("file")
        )
        read = list(_read(client, new.order_by("pk")))
        made, held = _keep(client, read, by=by, night=night)
        documents += made
        left += held
    return Received(tuple(documents), left)


def _read(client: Client, new: Sequence[File]) -> Iterator[tuple[File, Kept | None]]:
    """Each file with what a document keeps of it; None when its bytes are not to be had."""
    law = country(client.country)
    is_official = strictness.engine_of(client) == strictness.OFFICIAL
    for file in new:
        try:
            data = files.data(file)
        except (OSError, files.Damaged):
            yield file, None
            continue
        if len(data) <= LARGEST and (is_pdf(data) or is_picture(data)):
            yield file, bills.unread("pdf" if is_pdf(data) else "picture")
            continue
        found = read_any(data)
        if not isinstance(found.content, Invoice):
            yield file, bills.unreadable(found.findings, found.format)
            continue
        content = strictness.held(data, found.content) if is_official else found.content
        try:
            kept = bills.from_invoice(
                content, law=law, org_number=client.org_number, format_name=found.format
            )
        except (ArithmeticError, LookupError, RecursionError, ValueError) as error:
            # What somebody sent must not be able to stop the others' documents.
            strange = Finding(
                Severity.ERROR,
                "not_understood",
                "",
                _("The program could not take in the document ({error}); please report it."),
                {"error": type(error).__name__},
            )
            kept = bills.unreadable([*found.findings, strange], found.format)
        yield file, kept


@transaction.atomic
def _keep(
    client: Client, read: Sequence[tuple[File, Kept | None]], *, by: str, night: int | None
) -> tuple[list[int], int]:
    """The documents in one statement, and a question for each that is held."""
    Books.objects.select_for_update().get(client=client)  # one receiver at a time
    there = set(
        Document.objects.filter(client=client, file__in=[file.pk for file, _kept in read]).values_list(
            "file_id", flat=True
        )
    )
    missing = [file for file, kept in read if kept is None]
    new = [(file, kept) for file, kept in read if kept is not None and file.pk not in there]
    ids = bulk.ids(Document, len(new))
    kepts = [kept for _file, kept in new]
    bulk.insert(
        Document,
        {
            "id": ids,
            "client_id": [client.pk] * len(new),
            "file_id": [file.pk for file, _kept in new],
            **{
                name: [getattr(kept, name) for kept in kepts]
                for name in (
                    "kind", "format", "supplier_name", "supplier_org_number", "number", "issued_on", "due_on",
                    "currency", "net", "vat", "owed", "reference", "account", "is_held",
                )
            },
            "reading": [dict(kept.reading or {}) for kept in kepts],
            "findings": [[bills.written(finding) for finding in kept.findings] for kept in kepts],
            "coding": [[] for _kept in kepts],
            "is_declined": [False] * len(new),
            "received_at": [timezone.now()] * len(new),
            "night": [night] * len(new),
        },
    )  # fmt: skip
    held = [(pk, file, kept) for pk, (file, kept) in zip(ids, new, strict=True) if kept.is_held]
    if new:
        act(client, RECEIVED, by, night=night, count=len(new), held=len(held), documents=ids)
    law = country(client.country)
    asked = [
        questions.held(
            pk,
            kept.kind,
            kept.findings,
            bills.bill(kept, law=law, document=pk, file=file.pk, sha256=file.sha256),
        )
        for pk, file, kept in held
    ]
    desk.ask(client, [*asked, *map(unfetched, missing)], by=by, night=night)
    fetched = [f"file:{file.pk}" for file, _kept in new]
    desk.close(client, fetched, by=by, night=night)
    return ids, len(held) + len(missing)


def unfetched(file: File) -> QuestionDraft:
    """The question about a kept file whose bytes are not to be had."""
    return QuestionDraft(
        UNFETCHED,
        f"file:{file.pk}",
        Words(
            _("The kept file {name} is missing or no longer has the SHA-256 it came with."),
            {"name": file.name},
        ),
        evidence={"sha256": file.sha256},
    )
