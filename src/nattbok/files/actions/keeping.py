"""Keeping what came, before anyone reads it."""

import datetime
import hashlib
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.files.models import Arrival, File, Source
from nattbok.formats.known import guess


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept, and whether it was known already."""

    file: File
    is_repeat: bool


def path_of(sha256: str) -> str:
    """Where the bytes lie in the storage."""
    return f"{sha256[:2]}/{sha256}"


def format_of(data: bytes) -> str:
    """The name of the format that the content is in (camt, ocr_giro, peppol_bis3), or "" when unknown."""
    module = guess(data)
    return module.__name__.rsplit(".", 1)[-1] if module else ""


@transaction.atomic
def keep(
    client: Client,
    data: bytes,
    *,
    name: str,
    came_by: str,
    source: Source | None = None,
    night: int | None = None,
    at: datetime.datetime | None = None,
    format_name: str | None = None,
) -> Kept:
    """Keep the bytes unchanged under their SHA-256, and note that they came.

    The bytes are written before the row, so a crash leaves a spare file and never a missing one. The same
    bytes again give the file that is there, as a repeat. `format_name` is for what came as something: a mail
    as a mail, whatever its content looks like.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(sha256)
    if not default_storage.exists(path):
        # The name is what the bytes are, so whoever writes it second writes the same.
        default_storage.save(path, ContentFile(data))
    moment = at or timezone.now()
    file, is_new = File.objects.get_or_create(
        client=client,
        sha256=sha256,
        defaults={
            "size": len(data),
            "name": name[-255:],
            "source": source,
            "format": format_of(data) if format_name is None else format_name,
            "came_by": came_by,
            "received_at": moment,
        },
    )
    Arrival.objects.create(
        client=client,
        file=file,
        source=source,
        name=name[-255:],
        is_repeat=not is_new,
        at=moment,
        night=night,
    )
    return Kept(file, not is_new)
