"""Keeping what came, before anyone reads it."""

import datetime
import hashlib
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from nattbok.base.plain import plain
from nattbok.clients.models import Client
from nattbok.files.models import Arrival, File, Source
from nattbok.formats.known import guess

LONGEST_NAME = 255
LONGEST_READ = 10_000  # letters of a name; no channel gives as many


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept, and whether it was known already."""

    file: File
    is_repeat: bool


def path_of(sha256: str) -> str:
    """Where the bytes lie in the storage."""
    return f"{sha256[:2]}/{sha256}"


def shown_name(name: str) -> str:
    """A file's name as it is kept and shown: nothing that cannot be seen, and its end if it is long."""
    return plain(name, LONGEST_READ)[-LONGEST_NAME:]


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
    moment = at or timezone.now()
    form = format_of(data) if format_name is None else format_name
    file, is_new = _kept(
        client, data, name=name, came_by=came_by, source=source, format=form, received_at=moment
    )
    Arrival.objects.create(
        client=client,
        file=file,
        source=source,
        name=shown_name(name),
        is_repeat=not is_new,
        at=moment,
        night=night,
    )
    return Kept(file, not is_new)


@transaction.atomic
def keep_made(client: Client, data: bytes, *, name: str, came_by: str, format_name: str) -> File:
    """Keep a file that was made here from what came, as `keep` does; it is noted nowhere that it came."""
    return _kept(client, data, name=name, came_by=came_by, format=format_name, received_at=timezone.now())[0]


def _kept(client: Client, data: bytes, *, name: str, **fields: object) -> tuple[File, bool]:
    """The file with these bytes, and whether it is new."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = path_of(sha256)
    if not default_storage.exists(path):
        # The name is what the bytes are, so whoever writes it second writes the same.
        default_storage.save(path, ContentFile(data))
    defaults = {"size": len(data), "name": shown_name(name), **fields}
    return File.objects.get_or_create(client=client, sha256=sha256, defaults=defaults)
