"""One-time links: made for one person and one content, opened without a log-in, used once to decide."""

import datetime
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from nattbok.approvals.models import Link
from nattbok.approvals.rules import links as rules
from nattbok.approvals.rules.links import LinkGone, LinkUsed, LinkWornOut
from nattbok.clients.access import enter_client, rights_in
from nattbok.clients.models import Client, Person
from nattbok.clients.rules import NoAccess, Right
from nattbok.db import bulk


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that was opened: for whom, what of, and whether it has decided."""

    id: int
    client: Client
    person: Person
    request: int
    subject: str
    sha256: str
    is_used: bool
    ends_at: datetime.datetime


def make(client: Client, wanted: Sequence[tuple[int, str, int]], *, ends_at: datetime.datetime) -> list[str]:
    """Fresh links, in one statement: for each (request, its SHA-256, person) a token, which is not kept."""
    tokens = [
        rules.token(client.pk, secrets.token_bytes(rules.RANDOM), key=settings.SECRET_KEY) for _each in wanted
    ]
    count, moment = len(wanted), timezone.now()
    bulk.insert(
        Link,
        {
            "client_id": [client.pk] * count,
            "request_id": [request for request, _sha256, _person in wanted],
            "sha256": [sha256 for _request, sha256, _person in wanted],
            "person_id": [person for _request, _sha256, person in wanted],
            "digest": [rules.digest(token) for token in tokens],
            "made_at": [moment] * count,
            "ends_at": [ends_at] * count,
            "deeds": [0] * count,
        },
    )
    return tokens


@contextmanager
def opened(token: str) -> Iterator[Opened]:
    """The link, inside its client's scope.

    LinkGone when it is no link, has ended, or its person has left or may not approve there any more.
    """
    client_id = rules.client_of(token, key=settings.SECRET_KEY)
    if client_id is None:
        raise LinkGone()
    with enter_client(client_id) as client:
        found = (
            Link.objects.select_related("person", "request")
            .filter(client=client, digest=rules.digest(token), ends_at__gt=timezone.now())
            .first()
        )
        if found is None or not found.person.is_active or not _may_approve(found.person, client):
            raise LinkGone()
        yield Opened(
            found.pk,
            client,
            found.person,
            found.request_id,
            found.request.subject,
            found.sha256,
            found.used_at is not None,
            found.ends_at,
        )


def _may_approve(person: Person, client: Client) -> bool:
    try:
        return Right.APPROVE in rights_in(person, client.pk)
    except NoAccess:
        return False


def count(link: Opened) -> None:
    """Note that something is sent by the link; LinkWornOut when it is too much."""
    if not Link.objects.filter(client=link.client, pk=link.id, deeds__lt=rules.MOST_DEEDS).update(
        deeds=F("deeds") + 1
    ):
        raise LinkWornOut()


def use(client: Client, link: int) -> None:
    """Use the link to decide, in the transaction of what it decides; LinkUsed when it has been."""
    used = Link.objects.filter(client=client, pk=link, used_at__isnull=True, ends_at__gt=timezone.now())
    if not used.update(used_at=timezone.now()):
        raise LinkUsed()


def end(client: Client, request: int) -> None:
    """End all links to a request that is over: they are not even opened any more."""
    moment = timezone.now()
    Link.objects.filter(client=client, request=request, ends_at__gt=moment).update(ends_at=moment)
