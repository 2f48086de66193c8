"""Making offices, clients and people, and agreeing who does what."""

import datetime
from collections.abc import Collection, Sequence
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone

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
from nattbok.clients.rules import (
    MOST_VIEWS,
    AlreadyAClient,
    Doer,
    NotAnOrgNumber,
    NotYourOffice,
    Profile,
    Right,
    Role,
    Service,
    TooManyViews,
    ViewNameTaken,
    services,
    view_name,
)
from nattbok.countries.known import country
from nattbok.db.scope import current, scope

KEPT_AFTER_DELETION = datetime.timedelta(days=30)  # a view


def open_office(
    *,
    name: str,
    org_number: str,
    country_code: str,
    language: str = "",
    night_at: datetime.time = datetime.time(1, 0),
    time_zone: str = "Europe/Oslo",
    report_to: list[str] | None = None,
) -> Office:
    """An accounting office. Safe to call twice: one with the same number is returned as it is."""
    law = country(country_code)
    number = law.normal_org_number(org_number)
    if not law.is_org_number(number):
        raise NotAnOrgNumber(number=org_number)
    office, _is_new = Office.objects.get_or_create(
        country=country_code,
        org_number=number,
        defaults={
            "name": name,
            "language": language or law.language,
            "night_at": night_at,
            "time_zone": time_zone,
            "report_to": report_to or [],
        },
    )
    return office


@transaction.atomic
def take_on(
    office: Office,
    *,
    number: str,
    name: str,
    org_number: str,
    country_code: str,
    profile: Profile = Profile.FULL,
    year_starts: int = 1,
) -> Client:
    """A new client of the office, with its profile's services; the books are opened by the ledger.

    The client's id is not in any scope yet: enter it with `clients.access`.
    """
    law = country(country_code)
    digits = law.normal_org_number(org_number)
    if not law.is_org_number(digits):
        raise NotAnOrgNumber(number=org_number)
    # Row-level security asks for the new row's id in the scope before the row is there: take the id first.
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('clients_client', 'id'))")
        (client_id,) = cursor.fetchone()
    with scope([*current(), client_id]):
        client = Client(
            pk=client_id,
            office=office,
            number=number,
            name=name,
            org_number=digits,
            country=country_code,
            currency=law.currency,
            year_starts=year_starts,
            profile=profile.value,
        )
        try:
            with transaction.atomic():
                client.save(force_insert=True)
        except IntegrityError as error:
            # The office's other clients are out of sight here; the constraint sees them.
            raise AlreadyAClient(number=number, org=digits) from error
        ClientService.objects.bulk_create(
            ClientService(client=client, service=service.value, done_by=doer.value)
            for service, doer in services(profile).items()
        )
    return client


def agree(client: Client, service: Service, done_by: Doer) -> None:
    """Say who does a kind of work for the client, from the next run on."""
    ClientService.objects.update_or_create(
        client=client, service=service.value, defaults={"done_by": done_by.value}
    )


def allow_posting(client: Client, *, limit: Decimal | None = None) -> None:
    """Let documents that are certain be posted without approval, up to `limit` including VAT."""
    client.may_post_documents, client.document_limit = True, limit
    client.save(update_fields=["may_post_documents", "document_limit"])


def employ(
    office: Office, person: Person, *, sees_all_clients: bool = True, is_manager: bool = False
) -> Membership:
    """Let a person work at an office."""
    membership, _is_new = Membership.objects.update_or_create(
        office=office,
        person=person,
        defaults={"sees_all_clients": sees_all_clients, "is_manager": is_manager},
    )
    return membership


def give_access(
    client: Client, person: Person, role: Role, *, rights: Collection[Right] | None = None
) -> Access:
    """Let a person into one client's books; inside the client's scope.

    They may do what the role begins with, or just these `rights`.
    """
    chosen = None if rights is None else sorted(right.value for right in rights)
    access, _is_new = Access.objects.update_or_create(
        client=client, person=person, defaults={"role": role.value, "rights": chosen}
    )
    return access


def hand_over_at_once(client: Client, *, is_on: bool) -> None:
    """Say whether what the client's people add goes to accounting at once, or waits to be handed over."""
    client.hands_over_at_once = is_on
    client.save(update_fields=["hands_over_at_once"])


def remember_columns(person: Person, page: str, columns: Sequence[str], *, view: int | None = None) -> None:
    """Keep which columns the person wants in one list, in their order; the page knows which there are.

    With `view` they are kept in that view, when it is the person's own.
    """
    if view is not None and _own(person).filter(pk=view, page=page).update(columns=list(columns)):
        return
    _set_up(person, page, columns=list(columns))


def open_with(person: Person, page: str, view: int | None) -> None:
    """Let a list open with a view from now on; with None as usual."""
    _set_up(person, page, view=view)


@transaction.atomic
def _set_up(person: Person, page: str, **said: object) -> None:
    kept, _is_new = ViewSetting.objects.select_for_update().get_or_create(person=person, page=page)
    kept.settings = {**kept.settings, **said}
    kept.save(update_fields=["settings"])


@transaction.atomic
def save_view(
    person: Person, page: str, name: str, *, query: str, columns: Sequence[str], office: Office | None = None
) -> SavedView:
    """Keep a list as it is shown, under a name; a view of the person with that name is written anew.

    With `office` its people see it too. Raises NoViewName, TooManyViews and NotYourOffice.
    """
    name = view_name(name)
    _check_works_at(person, office)
    Person.objects.select_for_update().get(pk=person.pk)  # the views are counted, and the name is looked up
    mine = _own(person).filter(page=page)
    view = mine.filter(_is_called(name)).first()
    if view is None:
        if mine.count() >= MOST_VIEWS:
            raise TooManyViews(most=MOST_VIEWS)
        view = SavedView(person=person, page=page)
    view.name, view.query, view.columns, view.office = name, query, list(columns), office
    view.save()
    return view


@transaction.atomic
def rename_view(person: Person, view: int, name: str) -> None:
    """Call a view of the person's otherwise. Raises NoViewName, ViewNameTaken and SavedView.DoesNotExist."""
    name = view_name(name)
    Person.objects.select_for_update().get(pk=person.pk)  # the name is looked up
    found = _own(person).get(pk=view)
    _check_free(found, name)
    found.name = name
    found.save(update_fields=["name"])


def share_view(person: Person, view: int, office: Office | None) -> None:
    """Let an office's people see a view of the person's; with None the person alone."""
    _check_works_at(person, office)
    found = _own(person).get(pk=view)
    found.office = office
    found.save(update_fields=["office"])


def delete_view(person: Person, view: int) -> None:
    """Delete a view of the person's; it can be had back for a month. Safe to repeat."""
    now = timezone.now()
    _own(person).filter(pk=view).update(deleted_at=now)
    SavedView.objects.filter(person=person, deleted_at__lt=now - KEPT_AFTER_DELETION).delete()


@transaction.atomic
def restore_view(person: Person, view: int) -> None:
    """Have a deleted view back; safe to repeat. Raises ViewNameTaken and TooManyViews."""
    Person.objects.select_for_update().get(pk=person.pk)
    found = SavedView.objects.get(person=person, pk=view)
    if found.deleted_at is None:
        return
    _check_free(found, found.name)
    if _own(person).filter(page=found.page).count() >= MOST_VIEWS:
        raise TooManyViews(most=MOST_VIEWS)
    found.deleted_at = None
    found.save(update_fields=["deleted_at"])


def _own(person: Person) -> QuerySet:
    return SavedView.objects.filter(person=person, deleted_at=None)


def _is_called(name: str) -> Exact:
    """Whether a view has the name, in the letters' sizes as the database tells names apart."""
    return Exact(Lower("name"), Lower(Value(name)))


def _check_free(view: SavedView, name: str) -> None:
    same = SavedView.objects.filter(_is_called(name), person=view.person_id, page=view.page, deleted_at=None)
    if same.exclude(pk=view.pk).exists():
        raise ViewNameTaken(name=name)


def _check_works_at(person: Person, office: Office | None) -> None:
    if office is not None and not person.memberships.filter(office=office).exists():
        raise NotYourOffice()
