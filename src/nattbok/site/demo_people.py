"""The demo's people at the clients: owners who put files in and approve."""

from collections.abc import Sequence

from nattbok.clients import actions as clients
from nattbok.clients.access import enter_client
from nattbok.clients.models import Person
from nattbok.clients.rules import Role
from nattbok.site.demo_books import Loaded

NAMES = ("Ingrid Eier", "Per Eier", "Anna Ägare", "Nils Eier", "Maja Ägare", "Lars Eier")


def owners(loaded: Sequence[Loaded], password: str) -> dict[str, Person]:
    """Client number → its own person, who may do all in the portal and logs in with the password."""
    found = {}
    for place, one in enumerate(loaded):
        # Hashing a password takes a moment on purpose: only the first of them logs in.
        name = NAMES[place % len(NAMES)]
        email = f"eier{one.number}@demo.example"
        person = Person.objects.create_user(email, password if not place else None, name=name)
        with enter_client(one.client) as client:
            clients.give_access(client, person, Role.OWNER)
        found[one.number] = person
    return found
