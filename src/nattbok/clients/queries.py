"""Who does what, and whose office it is."""

from nattbok.clients.models import Client, ClientService, Office, Person
from nattbok.clients.rules import Doer, Service


def done_by(client: Client) -> dict[Service, Doer]:
    """Who does each kind of work for the client; what was never agreed is done by nobody."""
    agreed = {
        Service(service): Doer(doer)
        for service, doer in ClientService.objects.filter(client=client).values_list("service", "done_by")
    }
    return {service: agreed.get(service, Doer.NOBODY) for service in Service}


def offices_of(person: Person) -> list[Office]:
    """The offices a person works at."""
    return list(Office.objects.filter(memberships__person=person).order_by("name"))


def name_of(by: str) -> str:
    """Who did an act, by name where it is a person; else as it is written."""
    kind, _colon, number = by.partition(":")
    if kind == "person" and number.isascii() and number.isdigit():
        person = Person.objects.filter(pk=int(number)).first()
        return str(person) if person else by
    return by
