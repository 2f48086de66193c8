"""Letting people into a client's books, changing what they may, and letting them out: each an act."""

import datetime
import secrets
from collections.abc import Collection

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from nattbok.approvals.rules import links
from nattbok.base.words import _
from nattbok.clients import actions as clients
from nattbok.clients.access import rights_in
from nattbok.clients.models import Access, Client, Person
from nattbok.clients.queries import keeps_books
from nattbok.clients.rules import RIGHTS, NotYourRight, Right, Role, rights
from nattbok.outbox.actions import mail
from nattbok.people import queries, rules
from nattbok.people.models import Invitation
from nattbok.trail.actions import act
from nattbok.trail.models import Act
from nattbok.trail.rules import means

INVITED = means("people.invited", _("{person} was let in and invited, as {role}"))
INVITED_AGAIN = means("people.invited_again", _("{person} was invited again"))
CHANGED = means("people.changed", _("What {person} may do was changed"))
REMOVED = means("people.removed", _("{person} was let out"))
ACCEPTED = means("people.accepted", _("{person} accepted the invitation and chose a password"))
AT_ONCE = means("people.hand_over", _("Whether documents are handed over at once was changed"))
PATH = "/invitation/"
MARK = "[[link]]"


@transaction.atomic
def invite(client: Client, giver: Person, *, email: str, name: str, role: Role) -> int:
    """Let a person in with a role and mail them; their id.

    A new person gets a link to choose a password by. One who can log in already is told, and nothing of
    theirs is changed.
    """
    held = _decides(client, giver)
    rules.check_role(role)
    address = email.strip().lower()[:254]
    try:
        validate_email(address)
    except ValidationError as invalid:
        raise rules.NotAnEmail(email=address[:80]) from invalid
    person, _is_new = Person.objects.get_or_create(
        email=address,
        defaults={
            "name": " ".join(name.split())[:200],
            "language": giver.language,
            "password": make_password(None),
        },
    )
    if keeps_books(person, client) or Access.objects.filter(client=client, person=person).exists():
        raise rules.IsInAlready(email=address)
    if not person.is_active:
        raise rules.LoginClosed(email=address)
    given = rules.begins_with(role, held)
    clients.give_access(client, person, role, rights=_chosen(role, given))
    why = _said(client, INVITED, giver, person, role=role.value, rights=_names(given))
    _mail(client, giver, person, why)
    return person.pk


@transaction.atomic
def invite_again(client: Client, giver: Person, person_id: int) -> None:
    """A new link in the place of the last, which opens nothing any more. HasPassword when none is needed."""
    _decides(client, giver)
    person = _access(client, person_id).person
    if person.has_usable_password():
        raise rules.HasPassword()
    _end(client, person)
    _mail(client, giver, person, _said(client, INVITED_AGAIN, giver, person))


@transaction.atomic
def change(client: Client, giver: Person, person_id: int, *, role: Role, asked: Collection[Right]) -> bool:
    """Give a person this role and just these rights; whether that changed anything."""
    held = _decides(client, giver)
    access = _access(client, person_id)
    rules.check_role(role)
    before = rights(Role(access.role), access.rights)
    given = rules.check_giving(asked, before, held)
    if role is not Role.OWNER:
        _check_owner_stays(client, access)
    if (role.value, given) == (access.role, before):
        return False
    clients.give_access(client, access.person, role, rights=_chosen(role, given))
    _said(
        client,
        CHANGED,
        giver,
        access.person,
        role=role.value,
        role_before=access.role,
        rights=_names(given),
        rights_before=_names(before),
    )
    return True


@transaction.atomic
def remove(client: Client, remover: Person, person_id: int) -> None:
    """Let a person out: what they did stays theirs, and from the next page on they have no access."""
    _decides(client, remover)
    access = _access(client, person_id)
    _check_owner_stays(client, access)
    _said(client, REMOVED, remover, access.person, role=access.role)
    _end(client, access.person)
    access.delete()


@transaction.atomic
def set_hand_over(client: Client, person: Person, *, is_on: bool) -> None:
    """Say whether what the client's people add goes to accounting at once."""
    _decides(client, person)
    now = Client.objects.get(pk=client.pk)
    if now.hands_over_at_once != is_on:
        clients.hand_over_at_once(now, is_on=is_on)
        act(client, AT_ONCE, f"person:{person.pk}", is_on=is_on)
    client.hands_over_at_once = is_on


def accept(token: str, password: str, again: str) -> Person:
    """Choose the first password by the link of an invitation; the person, who may then be logged in.

    Raises LinkGone, HasPassword, NotWrittenTwice and UnfitPassword; the link is then as it was.
    """
    with queries.opened(token) as (client, invitation), transaction.atomic():
        person = Person.objects.select_for_update().get(pk=invitation.person_id)
        if person.has_usable_password():
            raise rules.HasPassword()
        if password != again:
            raise rules.NotWrittenTwice()
        try:
            validate_password(password, person)
        except ValidationError as invalid:
            raise rules.UnfitPassword() from invalid
        moment = timezone.now()
        mine = Invitation.objects.filter(client=client, pk=invitation.pk, used_at__isnull=True)
        if not mine.filter(ends_at__gt=moment).update(used_at=moment):
            raise links.LinkGone()
        person.set_password(password)
        person.save(update_fields=["password"])
        _said(client, ACCEPTED, person, person)
    return person


def _decides(client: Client, person: Person) -> frozenset[Right]:
    """What the person may do, when they may say who is let in; else NotYourRight. Others wait meanwhile."""
    Client.objects.select_for_update().get(pk=client.pk)
    if not queries.may_decide(person, client):
        raise NotYourRight(client=client.name)
    return rights_in(person, client.pk)


def _access(client: Client, person_id: int) -> Access:
    """The access of one of the client's own people; Access.DoesNotExist, or NotAClientsRole."""
    found = Access.objects.select_related("person").get(client=client, person=person_id)
    rules.check_role(Role(found.role))
    return found


def _check_owner_stays(client: Client, access: Access) -> None:
    """LastOwner when this is the only owner who can log in."""
    if access.role != Role.OWNER.value or not access.person.has_usable_password():
        return
    owners = Access.objects.filter(client=client, role=Role.OWNER.value, person__is_active=True)
    others = owners.exclude(pk=access.pk).select_related("person")
    if not any(other.person.has_usable_password() for other in others):
        raise rules.LastOwner(name=str(access.person))


def _chosen(role: Role, given: frozenset[Right]) -> frozenset[Right] | None:
    return None if given == RIGHTS[role] else given


def _names(given: Collection[Right]) -> str:
    return ", ".join(right.value for right in Right if right in given)


def _said(client: Client, kind: str, by: Person, person: Person, **evidence: str) -> int:
    return act(
        client,
        kind,
        f"person:{by.pk}",
        person=str(person),
        person_id=person.pk,
        email=person.email,
        **evidence,
    )


def _end(client: Client, person: Person) -> None:
    moment = timezone.now()
    waiting = Invitation.objects.filter(client=client, person=person, used_at__isnull=True)
    waiting.filter(ends_at__gt=moment).update(ends_at=moment)


def _mail(client: Client, giver: Person, person: Person, why: int) -> None:
    """The mail to whoever was let in: a link to choose a password by, or that they can log in."""
    moment = timezone.now()
    day = moment - datetime.timedelta(days=1)
    sent = Act.objects.filter(client=client, kind__in=(INVITED, INVITED_AGAIN), at__gt=day).count()
    if sent > rules.MOST_A_DAY:
        raise rules.TooManyInvitations(most=rules.MOST_A_DAY)
    token, ends_at = "", moment + rules.VALID
    if not person.has_usable_password():
        token = links.token(client.pk, secrets.token_bytes(links.RANDOM), key=settings.SECRET_KEY)
        Invitation.objects.create(
            client=client,
            person=person,
            digest=links.digest(token),
            made_at=moment,
            ends_at=ends_at,
            act_id=why,
        )
    with translation.override(person.language):
        subject = gettext("You have been given access to {client}").format(client=client.name)
        opening = gettext("{who} has given you access to {client} in Nattbok.").format(
            who=giver.name or giver.email, client=client.name
        )
        if token:
            rest = gettext(
                "Choose your password here before {until}. The link is yours alone and works once:"
            ).format(until=date_format(timezone.localtime(ends_at).date(), "SHORT_DATE_FORMAT"))
            address = f"{settings.ADDRESS}{PATH}{MARK}"
        else:
            rest = gettext("Log in with the password that you have:")
            address = f"{settings.ADDRESS}/portal/{client.pk}/"
    mail(
        client.office,
        f"invitation:{client.pk}:{person.pk}:{why}",
        [person.email],
        subject,
        "\n\n".join((opening, f"{rest}\n{address}")),
        secrets={MARK: token} if token else None,
    )
