"""Who does what, and whose office it is."""

from collections.abc import Collection

from nattbok.clients.access import rights_in
from nattbok.clients.models import Access, Client, ClientService, Office, Person, ViewSetting
from nattbok.clients.rules import Doer, NotYourBooks, NotYourRight, Right, Role, Service


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


def keeps_books(person: Person, client: Client) -> bool:
    """Whether the person keeps the client's books: works at its office, or is let in as an accountant."""
    if person.memberships.filter(office=client.office_id).exists():
        return True
    return Access.objects.filter(client=client, person=person, role=Role.ACCOUNTANT.value).exists()


def check_keeps_books(person: Person, client: Client) -> None:
    """NotYourBooks unless the person keeps the client's books."""
    if not keeps_books(person, client):
        raise NotYourBooks()


def check_right(person: Person, client: Client, right: Right) -> None:
    """NotYourRight unless the person has the right at the client."""
    if right not in rights_in(person, client.pk):
        raise NotYourRight(client=client.name)


def views_of(person: Person, pages: Collection[str]) -> dict[str, list[str]]:
    """Page → the columns that the person has chosen for it; a page that was never set up is left out."""
    found = ViewSetting.objects.filter(person=person, page__in=list(pages)).values_list("page", "settings")
    return {page: [str(name) for name in kept.get("columns", ())] for page, kept in found}
