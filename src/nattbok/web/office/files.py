"""A kept file: what it says, and its bytes.

The bytes come from strangers. They are handed out only to be saved, never to be run: as an attachment of
no kind, in a sandbox. What is shown is our own page with the file's text in it, escaped.
"""

from pathlib import PurePath

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from nattbok.clients.models import Client
from nattbok.documents.queries import intake
from nattbok.files import queries
from nattbok.files.actions import MAIL
from nattbok.files.models import File
from nattbok.formats.invoice.shape import Invoice
from nattbok.formats.known import read_any
from nattbok.web.page import client_page

BY_ITS_BATCH = "payment"  # payment files may hold salaries: their batch hands them out, and keeps that it did
SOURCE_SHOWN = 100_000  # characters
READ_AT_MOST = 5_000_000  # bytes; a larger one can be saved, and is not read while somebody waits


@require_safe
@client_page
def file(request: HttpRequest, client: Client, file_id: int) -> HttpResponse:
    """What a kept file says: an e-invoice as an invoice, any text as its source."""
    found = File.objects.exclude(came_by=BY_ITS_BATCH).get(client=client, pk=file_id)
    invoice, text = None, ""
    if found.size <= READ_AT_MOST:
        data = queries.data(found)
        read = read_any(data)
        invoice = read.content if isinstance(read.content, Invoice) else None
        text = _text(data)
    return render(
        request,
        "office/files/file.html",
        {
            "client": client,
            "file": found,
            "invoice": invoice,
            "source": text[:SOURCE_SHOWN],
            "is_cut": len(text) > SOURCE_SHOWN,
            "way": intake.ways(client, [found.pk]).get(found.pk),
            "mail": intake.mail_of(client, found.pk) if found.format == MAIL else None,
        },
    )


def _text(data: bytes) -> str:
    """The file as text; nothing when it is not one."""
    if b"\0" in data[:4096]:
        return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


@require_safe
@client_page
def file_bytes(request: HttpRequest, client: Client, file_id: int) -> HttpResponse:
    """The bytes as they came, to be saved."""
    found = File.objects.exclude(came_by=BY_ITS_BATCH).get(client=client, pk=file_id)
    name = PurePath(found.name.replace("\\", "/")).name or f"{found.sha256[:12]}"
    return HttpResponse(
        queries.data(found),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        },
    )


urlpatterns = [
    path("clients/<id:client_id>/files/<id:file_id>/", file, name="file"),
    path("clients/<id:client_id>/files/<id:file_id>/bytes", file_bytes, name="file_bytes"),
]
