"""The one way in to a client's books: may they, and if so, open the scope. Used by all doors."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from nattbok.clients.models import Client, Office, Person
from nattbok.clients.rules import RIGHTS, NoAccess, Right, Role, rights
from nattbok.db.scope import scope


def _ids(function: str, argument: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {function}(%s)", [argument])
        return [number for (number,) in cursor.fetchall()]


def clients_of(person: Person) -> list[int]:
    """The ids of the clients that `person` may enter."""
    return _ids("clients_of", person.pk) if person.pk else []


def rights_in(person: Person, client_id: int) -> frozenset[Right]:
    """What `person` may do at a client, whatever is in scope; NoAccess when they have no business there."""
    if not person.pk:
        raise NoAccess()
    with connection.cursor() as cursor:
        cursor.execute("SELECT role, rights, is_member FROM clients_entry(%s, %s)", [person.pk, client_id])
        found = cursor.fetchone()
    if found is None:
        raise NoAccess()
    role, chosen, is_member = found
    if is_member:
        return RIGHTS[Role.ACCOUNTANT]
    return rights(Role(role), json.loads(chosen) if chosen else None)


@contextmanager
def enter(person: Person, client_id: int) -> Iterator[Client]:
    """Open one client's books for `person`; NoAccess when they have no business there."""
    with enter_as(person, client_id) as (client, _rights):
        yield client


@contextmanager
def enter_as(person: Person, client_id: int) -> Iterator[tuple[Client, frozenset[Right]]]:
    """As `enter`, with what the person may do there."""
    found = rights_in(person, client_id)
    with scope([client_id]):
        yield Client.objects.select_related("office").get(pk=client_id), found


@contextmanager
def enter_all(person: Person) -> Iterator[list[Client]]:
    """Open the books of all the clients that `person` may enter, for pages that look across them."""
    with scope(clients_of(person)):
        yield list(Client.objects.select_related("office").order_by("office_id", "number"))


@contextmanager
def enter_office(office: Office) -> Iterator[list[Client]]:
    """The robot's way in: all clients of an office."""
    with scope(_ids("clients_in", office.pk)):
        yield list(Client.objects.filter(office=office).order_by("number"))


@contextmanager
def enter_client(client_id: int) -> Iterator[Client]:
    """The robot's way in to one client."""
    with scope([client_id]):
        yield Client.objects.select_related("office").get(pk=client_id)
