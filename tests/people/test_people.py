"""Who is let in at a client, with which rights, and how an invited person begins."""

import datetime
import itertools
import json
import os

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from nattbok.approvals.rules.links import LinkGone
from nattbok.clients.access import rights_in
from nattbok.clients.actions import give_access
from nattbok.clients.models import Access, Person
from nattbok.clients.rules import RIGHTS, NoAccess, NotYourRight, Right, Role
from nattbok.db import vault
from nattbok.db.scope import scope
from nattbok.outbox.models import Mail
from nattbok.people import actions, queries, rules
from nattbok.people.models import Invitation
from nattbok.trail.models import Act
from tests.web.visitors import PASSWORD, a_person
from tests.world import a_client

_numbers = itertools.count(1)
GOOD = "tre grå katter 7"


def at(client, role=Role.OWNER, name="Kari Vik", rights=None):
    """A person of the client's own."""
    person = a_person(name=name)
    give_access(client, person, role, rights=rights)
    return person


def an_address() -> str:
    """One that nobody has."""
    return f"ny{os.getpid()}-{next(_numbers)}@fjord.example"


def invited(client, giver, name="Per Ny", role=Role.APPROVER):
    """Somebody new, invited by `giver`."""
    email = an_address()
    return Person.objects.get(pk=actions.invite(client, giver, email=email, name=name, role=role))


def token(person) -> str:
    """The token in the newest mail to the person."""
    mail = Mail.objects.filter(to=[person.email]).latest("pk")
    assert actions.MARK in mail.text
    sealed = vault.opened(bytes(mail.secrets), purpose=f"mail:{mail.office_id}:{mail.key}")
    return json.loads(sealed)[actions.MARK]


def said(client) -> list[tuple[str, str]]:
    """What was done about people, in order: kind and person."""
    acts = Act.objects.filter(client=client, kind__startswith="people.").order_by("pk")
    return [(each.kind.partition(".")[2], each.evidence.get("person", "")) for each in acts]


def test_an_invited_person_chooses_a_password_once_and_is_in(fjord):
    kari = at(fjord)
    per = invited(fjord, kari)
    assert not per.has_usable_password() and rights_in(per, fjord.pk) == RIGHTS[Role.APPROVER]
    link = token(per)
    assert link not in str(list(Invitation.objects.values())) and link not in Mail.objects.latest("pk").text
    with pytest.raises(rules.NotWrittenTwice):
        actions.accept(link, GOOD, GOOD + "!")
    for poor in ("kort", "password123", per.email):
        with pytest.raises(rules.UnfitPassword):
            actions.accept(link, poor, poor)
    assert actions.accept(link, GOOD, GOOD) == per
    per.refresh_from_db()
    assert per.check_password(GOOD)
    with pytest.raises(LinkGone):
        actions.accept(link, "et annet passord", "et annet passord")
    assert said(fjord) == [("invited", "Per Ny"), ("accepted", "Per Ny")]


def test_whoever_can_log_in_is_told_and_nobody_sets_their_password(fjord):
    known = a_person(name="Ola Kjent")
    actions.invite(fjord, at(fjord), email=f" {known.email.upper()} ", name="Noe Annet", role=Role.READER)
    mail = Mail.objects.get(to=[known.email])
    assert f"/portal/{fjord.pk}/" in mail.text and not bytes(mail.secrets)
    known.refresh_from_db()
    assert known.name == "Ola Kjent" and known.check_password(PASSWORD)
    assert not Invitation.objects.filter(person=known).exists()
    with pytest.raises(rules.IsInAlready):
        actions.invite(fjord, at(fjord), email=known.email, name="", role=Role.OWNER)


def test_a_link_opens_nothing_when_it_is_old_altered_replaced_or_the_person_was_let_out(fjord):
    kari = at(fjord)
    per = invited(fjord, kari)
    first = token(per)
    with pytest.raises(LinkGone):
        actions.accept(first[:-1] + ("A" if first[-1] != "A" else "B"), GOOD, GOOD)
    actions.invite_again(fjord, kari, per.pk)
    second = token(per)
    with pytest.raises(LinkGone):
        actions.accept(first, GOOD, GOOD)
    with queries.opened(second) as (client, found):
        assert (client, found.person) == (fjord, per)
    moment = timezone.now()
    Invitation.objects.filter(person=per, ends_at__gt=moment).update(ends_at=moment)
    with pytest.raises(LinkGone):
        actions.accept(second, GOOD, GOOD)
    actions.invite_again(fjord, kari, per.pk)
    actions.remove(fjord, kari, per.pk)
    with pytest.raises(LinkGone):
        actions.accept(token(per), GOOD, GOOD)
    with pytest.raises(NoAccess):
        rights_in(per, fjord.pk)


def test_the_database_keeps_an_invitation_from_being_used_again_or_living_longer(fjord):
    per = invited(fjord, at(fjord))
    actions.accept(token(per), GOOD, GOOD)
    mine = Invitation.objects.filter(person=per)
    for change in ({"used_at": None}, {"ends_at": timezone.now() + datetime.timedelta(days=90)}):
        with pytest.raises(IntegrityError, match="used once"), transaction.atomic():
            mine.update(**change)


def test_nobody_gives_a_right_that_they_do_not_have(fjord):
    small = at(fjord, rights=[Right.SEE, Right.ADD])
    per = invited(fjord, small, role=Role.APPROVER)
    assert rights_in(per, fjord.pk) == {Right.SEE, Right.ADD}
    for right in (Right.PAY, Right.APPROVE):
        with pytest.raises(rules.RightNotHeld):
            actions.change(fjord, small, per.pk, role=Role.APPROVER, asked={Right.SEE, right})
    with pytest.raises(rules.RightNotHeld):  # nor to oneself
        actions.change(fjord, small, small.pk, role=Role.OWNER, asked=set(Right))
    other = at(fjord, Role.APPROVER)
    kept = {Right.APPROVE, Right.SEE}  # what is there already may stay
    assert actions.change(fjord, small, other.pk, role=Role.APPROVER, asked=kept)
    assert rights_in(other, fjord.pk) == kept
    assert not actions.change(fjord, small, other.pk, role=Role.APPROVER, asked=kept)  # nothing new, no act
    assert said(fjord)[-1] == ("changed", "Kari Vik") and len(said(fjord)) == 2
    evidence = Act.objects.filter(client=fjord, kind="people.changed").get().evidence
    assert (evidence["rights_before"], evidence["rights"]) == (
        "see, add, hand_over, approve, expenses",
        "see, approve",
    )


@pytest.mark.parametrize("role", [Role.APPROVER, Role.READER, Role.EMPLOYEE, None])
def test_only_owners_and_the_office_decide(fjord, office, role):
    person = at(fjord, role) if role else a_person(office)
    kari = at(fjord)
    deeds = (
        lambda: invited(fjord, person),
        lambda: actions.change(fjord, person, kari.pk, role=Role.OWNER, asked={Right.SEE}),
        lambda: actions.set_hand_over(fjord, person, is_on=True),
        lambda: actions.remove(fjord, person, at(fjord, Role.READER).pk),
    )
    for deed in deeds:
        if role is None:
            deed()
        else:
            with pytest.raises(NotYourRight):
                deed()
    fjord.refresh_from_db()
    assert fjord.hands_over_at_once is (role is None)


def test_the_last_owner_who_can_log_in_stays(fjord, office):
    kari, keeper = at(fjord), a_person(office)
    pending = invited(fjord, kari, role=Role.OWNER)
    for who in (kari, keeper):
        with pytest.raises(rules.LastOwner):
            actions.remove(fjord, who, kari.pk)
        with pytest.raises(rules.LastOwner):
            actions.change(fjord, who, kari.pk, role=Role.READER, asked={Right.SEE})
    actions.accept(token(pending), GOOD, GOOD)
    actions.remove(fjord, kari, kari.pk)
    assert [row.name for row in queries.people(fjord)] == ["Per Ny"]
    assert said(fjord)[-1] == ("removed", "Kari Vik")


def test_who_keeps_the_books_is_let_in_by_the_office_alone(fjord):
    kari, keeper = at(fjord), at(fjord, Role.ACCOUNTANT, name="Rita Revisor")
    for deed in (
        lambda: actions.remove(fjord, kari, keeper.pk),
        lambda: actions.change(fjord, kari, keeper.pk, role=Role.READER, asked=set()),
        lambda: invited(fjord, kari, role=Role.ACCOUNTANT),
    ):
        with pytest.raises(rules.NotAClientsRole):
            deed()


def test_people_of_another_client_are_not_touched(fjord):
    with scope([(other := a_client("SE")).pk]):
        theirs = at(other, name="Sven Skog")
    with pytest.raises(Access.DoesNotExist):
        actions.remove(fjord, at(fjord), theirs.pk)
    assert "Sven Skog" not in [row.name for row in queries.people(fjord)]


@pytest.mark.parametrize("email", ["", "per", "per@", "a@b.example\nBcc: c@d.example", "x" * 300 + "@a.no"])
def test_what_is_no_address_is_refused(fjord, email):
    with pytest.raises(rules.NotAnEmail):
        actions.invite(fjord, at(fjord), email=email, name="Per", role=Role.READER)


def test_a_client_does_not_invite_the_world(fjord):
    kari = at(fjord)
    per = invited(fjord, kari)
    for _again in range(1, rules.MOST_A_DAY):
        actions.invite_again(fjord, kari, per.pk)
    with pytest.raises(rules.TooManyInvitations):
        actions.invite_again(fjord, kari, per.pk)


rights = some.frozensets(some.sampled_from(Right))


@given(rights, rights, rights)
def test_nothing_is_given_that_the_giver_has_not(asked, before, giver):
    try:
        got = rules.check_giving(asked, before, giver)
    except rules.RightNotHeld:
        assert asked - before - giver
    else:
        assert got == asked and got - before <= giver
    assert all(rules.begins_with(role, giver) <= giver & RIGHTS[role] for role in Role)
