"""What a document looks like: an e-invoice in our own drawing, pages of a PDF or picture, its attachments.

All of it comes from strangers. A page of ours shows text, escaped, and pictures that were drawn anew. What
could run is handed out only to be saved, in a sandbox, and is said to be what it is by its content.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.documents import queries
from nattbok.files import queries as files
from nattbok.files.models import File
from nattbok.formats.invoice import peppol_bis3
from nattbok.formats.invoice.shape import Attachment, Invoice
from nattbok.web import drawing
from nattbok.web.office.files import BY_ITS_BATCH
from nattbok.web.page import client_page

READ_AT_MOST = 20_000_000  # bytes; a larger one can be saved, and is not read while somebody waits
MOST_SHOWN = 20  # pages
SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"

# What a file is by its first bytes, and its name for people. Only drawn kinds are shown.
_KINDS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (drawing.is_pdf, _("PDF")),
    (drawing.can_be_drawn, _("picture")),
    (lambda data: data.startswith(b"PK\3\4"), _("archive or office document")),
    (lambda data: data.startswith(b"\xd0\xcf\x11\xe0"), _("old office document, which can hold programs")),
    (lambda data: data.startswith((b"MZ", b"\x7fELF", b"#!")), _("program")),
    (lambda data: b"<svg" in data[:4096].lower(), _("SVG, which can hold programs")),
    (
        lambda data: any(
            mark in data[:4096].lower() for mark in (b"<html", b"<!doctype html", b"<script", b"<body")
        ),
        _("web page, which can hold programs"),
    ),
    (lambda data: data.lstrip()[:1] == b"<", _("XML")),
    (lambda data: b"\0" not in data[:4096], _("text")),
)
_TURNS = {str(turn) for turn in drawing.TURNS}
_OTHER = _("unknown kind of file")
_ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/XFA")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside an e-invoice, told by its content."""

    stated: Attachment
    kind: str  # English, marked
    is_shown: bool
    is_active: bool  # a PDF that holds more than pages
    is_other: bool  # another kind than it says it is


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be shown of a document's file."""

    invoice: Invoice | None = None
    pages: int = 0
    attached: tuple[Attached, ...] = ()

    @property
    def numbers(self) -> range:
        """The pages that are shown."""
        return range(1, min(self.pages, MOST_SHOWN) + 1)


def picture(file: File) -> Picture:
    """What can be shown of a kept file; nothing when it is too large, damaged or of no kind that is drawn."""
    if file.size > READ_AT_MOST:
        return Picture()
    try:
        data = files.data(file)
    except (OSError, files.Damaged):
        return Picture()
    if drawing.can_be_drawn(data):
        first = drawing.page(data, file.sha256, 1)
        return Picture(pages=first.pages if first else 0)
    if not peppol_bis3.looks_like(data[:65_536]):
        return Picture()
    try:
        invoice = peppol_bis3.read(data)
        inside = peppol_bis3.embedded(data) if invoice.attachments else {}
    except (Unreadable, ArithmeticError, LookupError, RecursionError, ValueError):
        return Picture()
    return Picture(invoice, attached=tuple(_attached(one, inside) for one in invoice.attachments))


def _attached(stated: Attachment, inside: dict[str, bytes]) -> Attached:
    data = inside.get(stated.sha256 or "")
    if data is None:
        return Attached(stated, "", False, False, False)
    kind = kind_of(data)
    said = (stated.media_type or "").lower()
    is_other = ("pdf" in said) != drawing.is_pdf(data) or ("image" in said and not drawing.can_be_drawn(data))
    is_active = drawing.is_pdf(data) and any(mark in data for mark in _ACTIVE)
    return Attached(stated, kind, drawing.can_be_drawn(data), is_active, is_other)


def kind_of(data: bytes) -> str:
    """What a file is by its content, in words marked for translation."""
    return next((kind for fits, kind in _KINDS if fits(data)), _OTHER)


def _file_of(client: Client, document_id: int) -> File:
    return File.objects.get(client=client, pk=queries.document(client, document_id).row.file)


def _inside(client: Client, document_id: int, sha256: str) -> tuple[bytes, Attachment]:
    """The bytes of an attachment; 404 when the document has none such."""
    data = files.data(_file_of(client, document_id))
    try:
        invoice, inside = peppol_bis3.read(data), peppol_bis3.embedded(data)
    except (Unreadable, ValueError) as trouble:
        raise Http404 from trouble
    stated = next((one for one in invoice.attachments if one.sha256 == sha256), None)
    if stated is None or sha256 not in inside:
        raise Http404
    return inside[sha256], stated


def png(data: bytes, sha256: str, number: int, turned: int = 0) -> HttpResponse:
    """A page drawn as PNG, that may do nothing in the reader's browser; 404 when it cannot be drawn."""
    drawn = drawing.page(data, sha256, number, turned)
    if drawn is None:
        raise Http404
    return HttpResponse(
        drawn.png,
        content_type="image/png",
        headers={
            "Content-Security-Policy": SANDBOX,
            "Content-Disposition": "inline",
            "Cache-Control": "private, max-age=3600",
        },
    )


@require_safe
@client_page
def file_page(request: HttpRequest, client: Client, picture_id: int, page: int) -> HttpResponse:
    """A page of a kept PDF or picture, by the file's id, drawn as PNG; `turned` says how it lies."""
    file = File.objects.exclude(came_by=BY_ITS_BATCH).get(client=client, pk=picture_id)
    turned = request.GET.get("turned", "0")
    return png(files.data(file), file.sha256, page, int(turned) if turned in _TURNS else 0)


def searchable(client: Client, document_id: int) -> HttpResponse:
    """The document's searchable PDF, to be saved; 404 when none was made. It holds only pages."""
    found = queries.searchable_pdf(client, document_id)
    if found is None:
        raise Http404
    return HttpResponse(
        files.data(found.made),
        content_type="application/pdf",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=found.made.name),
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
@client_page
def searchable_pdf(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """The searchable PDF of a paper."""
    return searchable(client, document_id)


@require_safe
@client_page
def attachment(request: HttpRequest, client: Client, document_id: int, sha256: str) -> HttpResponse:
    """The bytes of an attachment, only ever to be saved: of no kind, in a sandbox."""
    data, stated = _inside(client, document_id, sha256)
    written = (stated.filename or stated.number or sha256[:12]).replace("\\", "/")
    name = PurePath(written).name[-120:] or sha256[:12]
    return HttpResponse(
        data,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_safe
@client_page
def attachment_page(
    request: HttpRequest, client: Client, document_id: int, sha256: str, page: int
) -> HttpResponse:
    """A page of an attached PDF or picture, drawn as PNG."""
    data, _stated = _inside(client, document_id, sha256)
    return png(data, sha256, page)


_AT = "clients/<id:client_id>/documents/<id:document_id>"
urlpatterns = [
    path("clients/<id:client_id>/pictures/<id:picture_id>/<int:page>.png", file_page, name="file_page"),
    path(f"{_AT}/searchable.pdf", searchable_pdf, name="searchable_pdf"),
    path(f"{_AT}/attachments/<slug:sha256>", attachment, name="document_attachment"),
    path(f"{_AT}/attachments/<slug:sha256>/<int:page>.png", attachment_page, name="document_attachment_page"),
]
