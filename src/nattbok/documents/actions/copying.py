"""A paper becomes a searchable PDF: made once, when it has been read, and kept beside the paper as it came.

It is made outside any transaction and kept in one of its own, under what it was made from: whoever is killed
between has done nothing, and whoever makes it again keeps the same.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from django.db import transaction
from django.db.models import F

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.documents.models import Document, SearchablePdf
from nattbok.documents.models import Reading as Work
from nattbok.documents.queries import reading as queries
from nattbok.documents.rules.reading import value
from nattbok.files import queries as files
from nattbok.files.actions import keep_made
from nattbok.formats.finding import Finding, Severity
from nattbok.reading.pdf_file import About
from nattbok.reading.words import Page
from nattbok.trail.actions import act
from nattbok.trail.rules import means

COPIED = means("documents.copied", _("A searchable PDF was made of a paper: {name}, {pages} pages"))
NOT_COPIED = means("documents.not_copied", _("No searchable PDF could be made of a paper ({code})"))
CAME_BY, FORMAT = "made", "searchable_pdf"  # a format that no department reads
_UNFETCHED = _("The kept file cannot be fetched.")
_NAME_LENGTH = 100  # characters of a file's name


class Copier(Protocol):
    """What makes searchable PDFs: `reading.process.Reader`."""

    def searchable(self, data: bytes, pages: Sequence[Page], about: About) -> bytes | Finding:
        """The PDF, or why there is none; never raises for what the file is."""
        ...


def copy(
    client: Client,
    copier: Copier,
    *,
    by: str,
    night: int | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> int:
    """Make the searchable PDFs that are wanted, the oldest first, until `is_over`; how many were made."""
    made = 0
    for place, pk in enumerate(queries.uncopied(client)):
        if place and is_over():
            break
        made += _copy_one(client, pk, copier, by, night)
    return made


def _copy_one(client: Client, pk: int, copier: Copier, by: str, night: int | None) -> bool:
    document = Document.objects.select_related("file").get(client=client, pk=pk)
    Work.objects.filter(client=client, document=pk, copies_wanted__gt=0).update(
        copies_wanted=F("copies_wanted") - 1
    )
    pages = queries.kept_pages(client, document)
    try:
        made = copier.searchable(files.data(document.file), pages, _about(document))
    except (OSError, files.Damaged):
        made = Finding(Severity.HOLD, "unfetched", document.file.name, _UNFETCHED)
    with transaction.atomic():
        work = Work.objects.select_for_update().get(client=client, document=pk)
        now = Document.objects.get(client=client, pk=pk)
        if (now.first_page, now.last_page) != (document.first_page, document.last_page):
            return False  # it was cut meanwhile, and its pieces are read anew
        if isinstance(made, Finding):
            if not work.copies_wanted:
                act(client, NOT_COPIED, by, night=night, document=pk, code=made.code, values=made.values)
            return False
        _keep(client, document, made, len(pages), by=by, night=night)
        Work.objects.filter(client=client, pk=work.pk).update(copies_wanted=0)
    return True


def _keep(client: Client, document: Document, data: bytes, pages: int, *, by: str, night: int | None) -> None:
    """Keep the PDF, once for these pages of the file; the caller's transaction."""
    whose = {"file": document.file, "first_page": document.first_page, "last_page": document.last_page}
    if SearchablePdf.objects.filter(client=client, **whose).exists():
        return
    name = _name(document)
    made = keep_made(client, data, name=name, came_by=CAME_BY, format_name=FORMAT)
    deed = act(
        client, COPIED, by, night=night, document=document.pk, name=name, pages=pages,
        sha256=document.file.sha256, made_sha256=made.sha256,
    )  # fmt: skip
    SearchablePdf.objects.create(client=client, made=made, act_id=deed, **whose)


def _about(document: Document) -> About:
    """What the PDF says of itself: whose bill it is, and the SHA-256 of the paper as it came."""
    reading = document.reading
    seller, number = (value(reading, name) for name in ("supplier_name", "invoice_no"))
    title = " ".join(part for part in (seller, number) if part) or document.file.name
    return About(
        title=title,
        author=seller,
        subject=f"{document.file.name}, SHA-256 {document.file.sha256}",
        source=f"urn:sha256:{document.file.sha256}",
        language=reading.get("language") or "",
        made_at=document.received_at,
    )


def _name(document: Document) -> str:
    """What the PDF is called when it is saved."""
    title = "".join(sign if sign.isalnum() or sign in " .-_" else "_" for sign in _about(document).title)
    return f"{title[:_NAME_LENGTH].strip(' .')}.pdf"
