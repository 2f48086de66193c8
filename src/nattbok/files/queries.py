"""Reading back what was kept."""

import hashlib

from django.core.files.storage import default_storage

from nattbok.clients.models import Client
from nattbok.files.actions import path_of
from nattbok.files.models import File, Source


class Damaged(Exception):
    """The kept bytes are not those that came: a disk or a person changed them."""


def data(file: File) -> bytes:
    """The file's bytes, proven against its SHA-256."""
    with default_storage.open(path_of(file.sha256)) as stored:
        found = stored.read()
    if hashlib.sha256(found).hexdigest() != file.sha256:
        raise Damaged(f"file {file.pk} ({file.name}) no longer has the SHA-256 it came with")
    return found


def sources(client: Client) -> list[Source]:
    """The places that the client's files are fetched from now."""
    return list(Source.objects.filter(client=client, is_active=True).order_by("pk"))
