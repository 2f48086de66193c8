"""Who may enter which books."""

import pytest

from nattbok.clients import actions as clients
from nattbok.clients.access import clients_of, enter, enter_all, enter_office
from nattbok.clients.models import Client, Person
from nattbok.clients.queries import done_by
from nattbok.clients.rules import Doer, NoAccess, NotAnOrgNumber, Profile, Role, Service
from nattbok.db.scope import scope
from tests.world import a_client, an_office, org_number


def a_person(name: str) -> Person:
    return Person.objects.create_user(f"{name}.{org_number('NO')}@example.no", "natt og dag", name=name)


@pytest.fixture
def two():
    """Two offices with a client each."""
    one, other = an_office(), an_office()
    return a_client("NO", office=one), a_client("NO", office=other)


def test_an_accountant_enters_the_offices_clients_and_no_others(two):
    kari = a_person("Kari")
    clients.employ(two[0].office, kari)
    with enter(kari, two[0].pk) as client:
        assert client == two[0]
        assert list(Client.objects.all()) == [client]
    for missing in (two[1].pk, 2**40):
        with pytest.raises(NoAccess), enter(kari, missing):
            pass
    with enter_all(kari) as entered:
        assert entered == [two[0]]
    assert not Client.objects.exists()


def test_one_who_does_not_see_all_sees_what_access_names(two):
    ola = a_person("Ola")
    clients.employ(two[0].office, ola, sees_all_clients=False)
    assert clients_of(ola) == []
    with scope([two[1].pk]):
        clients.give_access(two[1], ola, next(iter(Role)))
    assert clients_of(ola) == [two[1].pk]


def test_one_who_has_left_enters_nothing(two):
    kari = a_person("Kari")
    clients.employ(two[0].office, kari)
    Person.objects.filter(pk=kari.pk).update(is_active=False)
    with pytest.raises(NoAccess), enter(kari, two[0].pk):
        pass
    assert clients_of(Person()) == []


def test_the_night_enters_the_clients_of_one_office(two):
    with enter_office(two[1].office) as entered:
        assert entered == [two[1]]


def test_an_office_is_opened_once():
    number = org_number("NO")
    first = clients.open_office(name="Fjord", org_number=number, country_code="NO")
    again = clients.open_office(name="Fjord", org_number=f"{number[:3]} {number[3:]}", country_code="NO")
    assert first == again


@pytest.mark.parametrize("number", ["", "1", "123456789", "99999999999"])
def test_a_number_that_is_no_organisation_is_refused(two, number):
    with pytest.raises(NotAnOrgNumber):
        clients.open_office(name="x", org_number=number, country_code="NO")
    with pytest.raises(NotAnOrgNumber):
        clients.take_on(two[0].office, number="x", name="x", org_number=number, country_code="NO")


def test_who_does_what_is_agreed_and_can_change():
    client = a_client("NO", profile=Profile.SELF)
    with scope([client.pk]):
        assert done_by(client)[Service.BANK] is Doer.CLIENT
        clients.agree(client, Service.BANK, Doer.ROBOT)
        clients.agree(client, Service.BANK, Doer.OFFICE)
        assert done_by(client)[Service.BANK] is Doer.OFFICE
