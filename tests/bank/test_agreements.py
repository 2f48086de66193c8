"""Agreements on references: their steps, what they say of the account, and who is told without one."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nattbok.bank import actions as bank
from nattbok.bank.actions import agreements as agreeing
from nattbok.bank.models import BankAccount
from nattbok.bank.queries.agreements import agreements, unpromised
from nattbok.bank.rules import agreements as rules
from nattbok.bank.rules.agreements import AgreementState
from nattbok.countries.known import country
from nattbok.desk.queries import waiting
from tests.bank.test_reconciliation import ACCOUNT, MONDAY, day_file, paid, take

TUESDAY = MONDAY + datetime.timedelta(days=1)


@pytest.mark.parametrize(
    "state, wanted, may",
    [
        ("ordered", "active", True),
        ("ordered", "ended", True),
        ("active", "ended", True),
        ("active", "ordered", False),
        ("ended", "active", False),
        ("ended", "ordered", False),
    ],
)
def test_an_agreement_only_goes_forward(state, wanted, may):
    if may:
        rules.check_step("1", AgreementState(state), AgreementState(wanted))
    else:
        with pytest.raises(rules.WrongStep):
            rules.check_step("1", AgreementState(state), AgreementState(wanted))


@pytest.mark.parametrize(
    "written, read", [("", ()), ("13", (13,)), ("15, 13 13", (13, 15)), ("2,25", (2, 25))]
)
def test_lengths_as_people_type_them(written, read):
    assert rules.lengths_of(written) == read


@settings(max_examples=100, deadline=None)
@given(some.text(max_size=30))
def test_whatever_is_typed_is_lengths_or_refused(written):
    try:
        found = rules.lengths_of(written)
    except rules.NotALength:
        return
    assert all(rules.SHORTEST <= one <= rules.LONGEST for one in found)


def asked(client) -> dict[str, str]:
    return {one.kind: str(one.reason) for one in waiting([client])}


def watched(client) -> dict[str, str]:
    bank.watch(client, on=TUESDAY, by="robot")
    return asked(client)


def test_references_without_an_active_agreement_are_told_of_until_it_is(fjord):
    account = bank.open_account(fjord, ACCOUNT, title="Drift")
    kid = country("NO").references.make("77", length=8)
    take(fjord, day_file(MONDAY, "0.00", paid("100.00", "B1", reference=kid)))
    [told] = unpromised(fjord, MONDAY)
    assert (told.account, told.count, told.last_on) == (account.pk, 1, MONDAY)
    assert "bank.no_agreement" not in watched(fjord)  # nobody has said that there is to be one: the page asks
    ordered = agreeing.order_agreement(fjord, account.pk, "00-123456", on=MONDAY, by="person:1", lengths=[8])
    assert agreeing.order_agreement(fjord, account.pk, "123456", on=TUESDAY, by="person:1") == ordered
    assert "Drift" in watched(fjord)["bank.no_agreement"]
    agreeing.activate_agreement(fjord, ordered.pk, on=TUESDAY, by="person:1")
    assert "bank.no_agreement" not in watched(fjord)
    assert BankAccount.objects.get(pk=account.pk).reference_lengths == [8]
    agreeing.end_agreement(fjord, ordered.pk, on=TUESDAY, by="person:1")
    assert "bank.no_agreement" in watched(fjord)
    with pytest.raises(rules.WrongStep):
        agreeing.activate_agreement(fjord, ordered.pk, on=TUESDAY, by="person:1")


def test_the_new_agreement_ends_the_one_before(fjord):
    account = bank.open_account(fjord, ACCOUNT)
    for number in ("1", "2"):
        one = agreeing.order_agreement(fjord, account.pk, number, on=MONDAY, by="person:1")
        agreeing.activate_agreement(fjord, one.pk, on=TUESDAY, by="person:1")
    assert {one.number: one.state.value for one in agreements(fjord)} == {"1": "ended", "2": "active"}


def test_a_file_under_another_agreement_is_read_and_asked_about(fjord):
    account = bank.open_account(fjord, ACCOUNT, title="Drift")
    told = {"name": "ocr.txt", "by": "robot", "night": None}
    agreeing.look_at_agreement(fjord, account, "008723456", **told)
    assert asked(fjord) == {}  # no agreement is told of: nothing to hold it against
    agreeing.order_agreement(fjord, account.pk, "123456", on=MONDAY, by="person:1")
    agreeing.look_at_agreement(fjord, account, "000123456", **told)
    assert asked(fjord) == {}
    agreeing.look_at_agreement(fjord, account, "008723456", **told)
    assert "8723456" in asked(fjord)["bank.unknown_agreement"]
    agreeing.order_agreement(fjord, account.pk, "8723456", on=TUESDAY, by="person:1")
    assert asked(fjord) == {}
