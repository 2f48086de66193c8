"""The places that a client's files are fetched from, and their secrets."""

from django.db import transaction
from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.db import vault
from nattbok.files.models import Source


@transaction.atomic
def add_source(
    client: Client, *, kind: str, address: str, title: str, settings: dict | None = None, secret: bytes = b""
) -> Source:
    """A place that the client's files are fetched from. Safe to call twice."""
    source, is_new = Source.objects.get_or_create(
        client=client,
        kind=kind,
        address=address,
        defaults={"title": title[:100], "settings": settings or {}},
    )
    if is_new and secret:
        set_secret(source, secret)
    return source


def set_secret(source: Source, secret: bytes) -> None:
    """Keep the source's password, token or key so that a copy of the database does not tell it."""
    source.secret = vault.sealed(secret, purpose=_purpose(source))
    source.save(update_fields=["secret"])


def secret_of(source: Source) -> bytes:
    """The source's secret; empty when it has none. Raises CannotBeOpened."""
    return vault.opened(source.secret, purpose=_purpose(source)) if source.secret else b""


def asked(source: Source, position: dict | None = None) -> None:
    """Note that the source was looked at now, and how far it was fetched."""
    now = timezone.now()
    values = {"asked_at": now} | ({} if position is None else {"position": position})
    Source.objects.filter(client=source.client_id, pk=source.pk).update(**values)


def _purpose(source: Source) -> str:
    return f"source:{source.pk}"
