"""Documents that a person puts in: all kept first, then those read that are read in a moment."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.documents.actions.looking import SECONDS, Verdict, look, verdict
from nattbok.documents.actions.mails import open_mails
from nattbok.documents.actions.receiving import receive
from nattbok.documents.models import Document
from nattbok.documents.queries.deciding import invoice_formats
from nattbok.files.actions import MAIL, keep, keep_mail
from nattbok.files.models import Arrival, Attachment, File, Mail
from nattbok.formats.mail import LARGEST
from nattbok.trail.actions import act
from nattbok.trail.rules import means

UPLOADED = means(
    "documents.uploaded", _("{count} new documents were put in by a person, and {repeats} that were known")
)

EMPTY = Words(_("The file is empty, and was not kept."))
TOO_LARGE = _("The file has {size} bytes; at most {largest} are taken.")
REPEAT = _("Known already: it came on {moment} as {name}. Nothing is done with it again.")
READ = Words(_("Kept and read."))
HELD = Words(_("Kept. It cannot be taken further by itself; see the question on it."))
LATER = Words(_("Kept. It is read in a moment."))
OTHERS = Words(_("Kept. It is not a document but a file of another kind, and is read with those."))
OPENED = _("Kept and opened: {count} files lay in the mail.")
FINE = Words(_("Kept. The picture can be read."))
RETAKE = Words(
    _(
        "Kept, but it can hardly be read. Take a new picture while the paper is at hand: flat, sharp, "
        "in good light, all of the paper."
    )
)
READ_AT_ONCE = 5_000_000  # bytes; a larger one is read by the next round, not while somebody waits


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file that was put in; a repeat's `file` is the one that came first."""

    name: str
    is_good: bool
    words: Words
    file: int | None = None
    document: int | None = None
    is_repeat: bool = False
    is_to_be_retaken: bool = False
    is_looked_at: bool = False  # the last word on its picture is still to come: see `actions.looking.verdict`


def too_large(name: str, size: int) -> Added:
    """A file that is not taken, since nobody would read it."""
    return Added(name, False, Words(TOO_LARGE, {"size": size, "largest": LARGEST}))


def upload(client: Client, given: Sequence[tuple[str, bytes]], *, by: str) -> list[Added]:
    """Keep these (name, bytes) files, then read the e-invoices among them; what became of each, in order.

    All are kept in one transaction before the first is read, so none is lost by another that cannot be read.
    What takes longer to read waits for the next round. Pictures are looked at for a few seconds in all, so
    that one beyond reading is taken again at once; its bytes are kept all the same.
    """
    until = time.monotonic() + SECONDS
    kept = _keep(client, given, by)
    at_once = [
        file.pk
        for file, is_repeat in filter(None, kept)
        if not is_repeat and file.format in invoice_formats() and file.size <= READ_AT_ONCE
    ]
    receive(client, at_once, by=by)
    known = [file.pk for file, _repeat in filter(None, kept)]
    documents = {
        file: (pk, is_held)
        for file, pk, is_held in Document.objects.filter(client=client, file__in=known).values_list(
            "file", "pk", "is_held"
        )
    }
    return [
        _seen(client, data, _became(client, name, len(data), one, documents, by), until, by)
        for (name, data), one in zip(given, kept, strict=True)
    ]


def _seen(client: Client, data: bytes, added: Added, until: float, by: str) -> Added:
    """What became of the file, and whether its picture is to be taken again."""
    if added.words is not LATER:
        return added
    key = look_key(client, added.file, by)
    found = look(key, data, country=client.country, on=timezone.localdate(), until=until)
    is_looked_at = verdict(key) is Verdict.OPEN
    if found is not Verdict.RETAKE:
        return replace(added, is_looked_at=is_looked_at)
    return replace(added, is_good=False, words=RETAKE, is_to_be_retaken=True, is_looked_at=is_looked_at)


def look_key(client: Client, file: int | None, by: str) -> object:
    """What the look at a kept file's picture is known by; only to who put it in."""
    return client.pk, file, by


@transaction.atomic
def _keep(client: Client, given: Sequence[tuple[str, bytes]], by: str) -> list[tuple[File, bool] | None]:
    """Each file with whether it was known; None for what is not kept."""
    kept: list[tuple[File, bool] | None] = []
    for name, data in given:
        if not data or len(data) > LARGEST:
            kept.append(None)
        elif name.lower().endswith(".eml"):
            mail = keep_mail(client, data, came_by="upload")
            kept.append((mail.mail.file, mail.is_repeat))
        else:
            one = keep(client, data, name=name, came_by="upload")
            kept.append((one.file, one.is_repeat))
    new = [file for file, is_repeat in filter(None, kept) if not is_repeat]
    if any(kept):
        act(
            client,
            UPLOADED,
            by,
            count=len(new),
            repeats=sum(is_repeat for _file, is_repeat in filter(None, kept)),
            files=[{"name": file.name, "sha256": file.sha256} for file in new],
        )
    return kept


def _became(
    client: Client,
    name: str,
    size: int,
    kept: tuple[File, bool] | None,
    documents: dict[int, tuple[int, bool]],
    by: str,
) -> Added:
    if kept is None:
        return too_large(name, size) if size else Added(name, False, EMPTY)
    file, is_repeat = kept
    document, is_held = documents.get(file.pk, (None, False))
    if is_repeat:
        values = {"moment": f"{file.received_at:%Y-%m-%d}", "name": _first_name(client, file)}
        return Added(name, True, Words(REPEAT, values), file.pk, document, is_repeat=True)
    if file.format == MAIL:
        open_mails(client, by=by, only=_mails_of(client, file))
        count = Attachment.objects.filter(client=client, mail__in=_mails_of(client, file)).count()
        return Added(name, count > 0, Words(OPENED, {"count": count}), file.pk)
    if document is not None:
        return Added(name, not is_held, HELD if is_held else READ, file.pk, document)
    if file.format and file.format not in invoice_formats():
        return Added(name, True, OTHERS, file.pk)
    return Added(name, True, LATER, file.pk)


def _mails_of(client: Client, file: File) -> list[int]:
    return list(Mail.objects.filter(client=client, file=file).values_list("pk", flat=True))


def _first_name(client: Client, file: File) -> str:
    first = Arrival.objects.filter(client=client, file=file).order_by("pk").values_list("name", flat=True)
    return first[0] if first else file.name
