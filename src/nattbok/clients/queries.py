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
