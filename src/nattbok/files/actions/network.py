"""Keeping messages of the e-invoice network: the envelope as it came, and the document that lay in it."""

import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.files.actions.keeping import keep
from nattbok.files.models import File, NetworkMessage, Source
from nattbok.formats.envelope import Envelope

ENVELOPE = "sbdh"  # the format of an envelope's own bytes; no department reads such files


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message that is kept: its document, and whether the network had given it before."""

    file: File
    is_repeat: bool  # the message, or the document in it, was known
    is_altered: bool  # only other documents came before under the same number


@transaction.atomic
def keep_message(
    client: Client, data: bytes, envelope: Envelope, *, source: Source, name: str, night: int | None = None
) -> KeptMessage:
    """Keep the envelope and its document. The same message again is a repeat, by the envelope's number."""
    moment = timezone.now()
    before = NetworkMessage.objects.filter(client=client, instance_id=envelope.instance_id)
    known = before.filter(envelope__sha256=hashlib.sha256(data).hexdigest()).select_related("file").first()
    document = hashlib.sha256(envelope.document).hexdigest()
    is_altered = before.exists() and not before.filter(file__sha256=document).exists()
    outer = keep(client, data, name=name, came_by="peppol", source=source, night=night, format_name=ENVELOPE)
    if known is not None:
        return KeptMessage(known.file, True, False)
    inner = keep(
        client,
        envelope.document,
        name=f"{envelope.instance_id}.xml",
        came_by="peppol",
        source=source,
        night=night,
        at=moment,
    )
    NetworkMessage.objects.get_or_create(
        client=client,
        instance_id=envelope.instance_id,
        envelope=outer.file,
        defaults={
            "source": source,
            "sender": envelope.sender[:100],
            "receiver": envelope.receiver[:100],
            "document_type": envelope.document_type[:500],
            "process": envelope.process[:200],
            "file": inner.file,
            "received_at": moment,
        },
    )
    return KeptMessage(inner.file, inner.is_repeat, is_altered)
