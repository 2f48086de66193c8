"""Who does what, and whose office it is."""

import datetime
import json
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from nattbok.clients.access import rights_in
from nattbok.clients.models import (
    Access,
    Client,
    ClientService,
    Membership,
    Office,
    Person,
    SavedView,
    ViewSetting,
)
from nattbok.clients.rules import MOST_VIEWS, Doer, NotYourBooks, NotYourRight, Right, Role, Service


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


@dataclass(frozen=True, slots=True)
class ListSetting:
    """How a person has set up a list: its columns, None for the usual ones, and the view it opens with."""

    columns: tuple[str, ...] | None = None
    view: int | None = None


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A saved view: what it is called, what it shows, and whose it is."""

    id: int
    page: str
    name: str
    query: str
    columns: tuple[str, ...]
    is_own: bool
    by: str  # its owner's name
    is_shared: bool


def list_setup(person: Person, pages: Collection[str], office: int) -> tuple[dict[str, ListSetting], bool]:
    """`list_settings` of these lists, and whether the person works at the office, in one question."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT
                (SELECT jsonb_object_agg(page, settings) FROM clients_viewsetting
                    WHERE person_id = %(person)s AND page = ANY (%(pages)s)),
                EXISTS (SELECT 1 FROM clients_membership
                    WHERE person_id = %(person)s AND office_id = %(office)s)
            """,
            {"person": person.pk, "pages": list(pages), "office": office},
        )
        kept, works_there = cursor.fetchone()
    kept = json.loads(kept) if isinstance(kept, str) else kept or {}
    return {page: _setting(kept.get(page, {})) for page in pages}, works_there


def list_settings(person: Person, pages: Collection[str]) -> dict[str, ListSetting]:
    """Page → how the person has set it up; a page that was never set up has the usual."""
    found = ViewSetting.objects.filter(person=person, page__in=list(pages)).values_list("page", "settings")
    kept = {page: _setting(settings) for page, settings in found}
    return {page: kept.get(page, ListSetting()) for page in pages}


def _setting(settings: dict) -> ListSetting:
    columns = settings.get("columns")
    return ListSetting(tuple(map(str, columns)) if columns is not None else None, settings.get("view"))


def saved_views(person: Person, page: str, *, office: int | None = None) -> list[ViewRow]:
    """The views of a list that the person may use, by name: their own, then those shared in the office.

    What is shared is seen by those who work at that office alone, as long as its owner works there too.
    """
    wanted = Q(person=person)
    if office is not None:
        works_there = Membership.objects.filter(office=office)
        wanted |= Q(
            office__in=works_there.filter(person=person).values("office"),
            person__in=works_there.values("person"),
        )
    rows = _views(SavedView.objects.filter(wanted, page=page, deleted_at=None), person)
    return sorted(rows, key=lambda row: (not row.is_own, row.name.casefold(), row.id))


def own_views(person: Person, *, deleted_since: datetime.datetime | None = None) -> list[ViewRow]:
    """All views of the person, by list and name; with `deleted_since` those deleted then or later."""
    mine = SavedView.objects.filter(person=person)
    if deleted_since is None:
        return _views(mine.filter(deleted_at=None).order_by("page", Lower("name")), person)
    return _views(mine.filter(deleted_at__gte=deleted_since).order_by("-deleted_at"), person)


def _views(found: QuerySet, person: Person) -> list[ViewRow]:
    rows = found.values_list(
        "id", "page", "name", "query", "columns", "person_id", "person__name", "person__email", "office_id"
    )[: MOST_VIEWS * 10]
    return [
        ViewRow(
            pk, page, name, query, tuple(columns), owner == person.pk, called or email, office is not None
        )
        for pk, page, name, query, columns, owner, called, email, office in rows
    ]
