"""Who has access to a client, and who may change it."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from nattbok.approvals.rules.links import LinkGone, client_of, digest
from nattbok.clients.access import enter_client
from nattbok.clients.models import Access, Client, Person
from nattbok.clients.queries import keeps_books
from nattbok.clients.rules import Right, Role, rights
from nattbok.people.models import Invitation
from nattbok.people.rules import ROLE_TITLES


@dataclass(frozen=True, slots=True)
class Row:
    """A person who has access to the client, and what they may do."""

    person: int
    name: str
    email: str
    role: Role
    rights: frozenset[Right]
    is_in: bool  # has a password, and can log in
    ends_at: datetime.datetime | None  # of the invitation that waits
    can_change: bool  # by the client; who keeps the books is the office's


def people(client: Client) -> list[Row]:
    """All who have access, by name. Those of the office have it by working there, and are not listed."""
    now = timezone.now()
    waiting = dict(
        Invitation.objects.filter(client=client, used_at__isnull=True, ends_at__gt=now)
        .order_by("pk")
        .values_list("person_id", "ends_at")
    )
    found = Access.objects.filter(client=client).select_related("person").order_by("person__name", "pk")
    return [
        Row(
            access.person_id,
            access.person.name,
            access.person.email,
            Role(access.role),
            rights(Role(access.role), access.rights),
            access.person.is_active and access.person.has_usable_password(),
            waiting.get(access.person_id),
            Role(access.role) in ROLE_TITLES,
        )
        for access in found
    ]


def is_owner(person: Person, client: Client) -> bool:
    """Whether the person decides at the client."""
    return Access.objects.filter(client=client, person=person, role=Role.OWNER.value).exists()


def may_decide(person: Person, client: Client) -> bool:
    """Whether the person says who is let in: an owner, or who keeps the books."""
    return is_owner(person, client) or keeps_books(person, client)


@contextmanager
def opened(token: str) -> Iterator[tuple[Client, Invitation]]:
    """The invitation, inside its client's scope. LinkGone when there is none, or its time is over."""
    client_id = client_of(token, key=settings.SECRET_KEY)
    if client_id is None:
        raise LinkGone()
    with enter_client(client_id) as client:
        found = (
            Invitation.objects.select_related("person")
            .filter(client=client, digest=digest(token), used_at__isnull=True, ends_at__gt=timezone.now())
            .first()
        )
        if found is None or not found.person.is_active:
            raise LinkGone()
        if not Access.objects.filter(client=client, person=found.person_id).exists():
            raise LinkGone()
        yield client, found
