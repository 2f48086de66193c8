"""Who is asked about a document, in which order, and when all is said: tables and what always holds."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nattbok.approvals.rules import links
from nattbok.approvals.rules.content import canonical, fingerprint
from nattbok.documents.rules.approval import (
    BadFlow,
    Before,
    Conditions,
    Facts,
    Flow,
    InStep,
    Nobody,
    Passes,
    People,
    Plan,
    Step,
    Who,
    is_bound_to,
    plan,
    progress,
)
from nattbok.documents.rules.approval.flow import check, read, written

OLA, KARI, PER = 1, 2, 3
PEOPLE = People({OLA: "Ola", KARI: "Kari", PER: "Per"}, {"owner": (PER,)}, {("project", "P7"): KARI})
FACTS = Facts(
    Decimal("1250.00"), 7, "Nordlys", frozenset({"6340"}), frozenset({("project", "P7")}), frozenset({OLA})
)


def named(*persons: int, **fields) -> Step:
    return Step(Who.PERSONS, persons=persons, **fields)


def asked(flow: Flow, facts: Facts = FACTS) -> list | str:
    """Of each step how many must, and of whom; or what else became of it."""
    found = plan(flow, facts, PEOPLE)
    if isinstance(found, Plan):
        return [(step.people, step.persons) for step in found.steps]
    return type(found).__name__ + ": " + str(found.reason)


@pytest.mark.parametrize(
    "flow, answer",
    [
        (Flow(), "Passes: This client demands no approval."),
        (Flow(True, steps=(named(OLA),)), [(1, (OLA,))]),
        (Flow(True, steps=(named(OLA),), registrant_may=False),
         "Nobody: Step 1 needs 1 people, and 0 can be asked."),
        (Flow(True, steps=(named(OLA, KARI),), registrant_may=False), [(1, (KARI,))]),
        (Flow(True, steps=(named(OLA, KARI, two_above=Decimal(1000)),)), [(2, (OLA, KARI))]),
        (Flow(True, steps=(named(OLA, KARI, two_above=Decimal(1250)),)), [(1, (OLA, KARI))]),
        (Flow(True, steps=(named(OLA, 99),)), [(1, (OLA,))]),
        (Flow(True, steps=(named(99),)), "Nobody: Step 1 needs 1 people, and 0 can be asked."),
        (Flow(True, steps=(Step(Who.ROLE, role="owner"),)), [(1, (PER,))]),
        (Flow(True, steps=(Step(Who.RESPONSIBLE, dimension="project"),)), [(1, (KARI,))]),
        (Flow(True, steps=(Step(Who.RESPONSIBLE, dimension="department"),)),
         "Passes: Step 1 is for documents with a department."),
        (Flow(True, steps=(Step(Who.SUPPLIER),)),
         "Passes: Step 1 is for suppliers with an approver of their own."),
        (Flow(True, steps=(named(OLA),), free_through=Decimal("1250.00")),
         "Passes: 1250.00 is within 1250.00, up to which nobody is asked."),
        (Flow(True, steps=(named(OLA),), free_suppliers=(7,)),
         "Passes: Bills from Nordlys need no approval."),
        (Flow(True, steps=(named(OLA), named(KARI, only=Conditions(above=Decimal(5000))))), [(1, (OLA,))]),
        (Flow(True, steps=(named(OLA, only=Conditions(accounts=("63",))),)), [(1, (OLA,))]),
        (Flow(True, steps=(named(OLA, only=Conditions(accounts=("64",))),)),
         "Passes: Step 1 is not for such documents."),
        (Flow(True, steps=(named(OLA, only=Conditions(projects=("P8",))),)),
         "Passes: Step 1 is not for such documents."),
        (Flow(True, steps=(named(OLA, only=Conditions(suppliers=(7,), projects=("P7",))),)), [(1, (OLA,))]),
    ],
)  # fmt: skip
def test_who_is_asked(flow, answer):
    assert asked(flow) == answer


@pytest.mark.parametrize(
    "flow",
    [
        Flow(True),
        Flow(True, steps=(named(),)),
        Flow(True, steps=(named(OLA, people=2),)),
        Flow(True, steps=(named(OLA, people=3),)),
        Flow(True, steps=(Step(Who.ROLE, role="king"),)),
        Flow(True, steps=(Step(Who.RESPONSIBLE),)),
        Flow(True, steps=(Step(Who.SUPPLIER, people=2),)),
        Flow(True, steps=(named(OLA),) * 9),
        Flow(True, steps=(named(OLA),), free_through=Decimal(0)),
        Flow(True, steps=(named(OLA),), link_days=0),
    ],
)
def test_a_flow_that_cannot_be_carried_out_is_refused(flow):
    with pytest.raises(BadFlow):
        check(flow)


JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-5, 99) | some.text(max_size=6),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    some.fixed_dictionaries(
        {}, optional=dict.fromkeys(("steps", "before", "free_through", "link_days"), JSON)
    )
)
def test_whatever_comes_as_a_flow_is_one_or_is_refused(kept):
    try:
        flow = read(kept)
    except BadFlow:
        return
    assert read(written(flow)) == flow


STEPS = some.lists(
    some.tuples(some.integers(1, 2), some.sets(some.integers(1, 5), min_size=2, max_size=4)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(STEPS, some.lists(some.integers(1, 6), max_size=12))
def test_enough_different_people_in_every_step_and_nobody_twice(steps, order):
    needed = [people for people, _persons in steps]
    there = {
        number: [InStep(person, person) for person in sorted(persons)]
        for number, (_people, persons) in enumerate(steps, 1)
    }
    said: set[int] = set()
    step = 0
    for person in order:
        now = progress(needed, there, said)
        assert now.step >= step and now.may.isdisjoint(said)
        step = now.step
        if person in now.may:
            assert person in {each.person for each in there[now.step]}
            said.add(person)
    now = progress(needed, there, said)
    enough = all(len(persons & said) >= people for people, persons in steps)
    assert now.is_complete == enough
    assert now.is_complete or now.may, "somebody can always go on"


def test_a_place_is_filled_once_by_who_was_asked_or_who_stands_in():
    away = {1: [InStep(OLA, OLA), InStep(PER, OLA), InStep(KARI, KARI)]}
    assert progress([2], away, {OLA}).may == {KARI}
    assert progress([2], away, {OLA, PER}).is_complete is False
    handed = {1: [InStep(OLA, OLA, handed_on=True), InStep(PER, OLA)]}
    assert progress([1], handed, set()).may == {PER}


CONTENT = {
    "file": "a" * 64,
    "owed": Decimal("10.00"),
    "accounts": ["1"],
    "supplier": 7,
    "coding": [{"account": "63"}],
}


@settings(max_examples=60, deadline=None)
@given(some.sampled_from(sorted(CONTENT)), some.integers() | some.text(max_size=5) | some.none())
def test_a_yes_never_counts_for_other_content(name, value):
    sha256 = fingerprint(canonical(CONTENT))
    other = CONTENT | {name: value}
    assert is_bound_to(CONTENT, CONTENT, sha256)
    assert is_bound_to(other, CONTENT, sha256) == (canonical(other) == canonical(CONTENT))


def test_what_was_left_open_may_come_later_and_nothing_else():
    uncoded = CONTENT | {"coding": None}
    sha256 = fingerprint(canonical(uncoded))
    assert is_bound_to(CONTENT, uncoded, sha256)
    assert not is_bound_to(CONTENT | {"owed": Decimal("11.00")}, uncoded, sha256)
    assert not is_bound_to(CONTENT | {"supplier": 8}, uncoded, sha256)


@settings(max_examples=80, deadline=None)
@given(
    some.integers(1, 2**50), some.binary(min_size=24, max_size=24), some.integers(0, 70), some.characters()
)
def test_a_token_says_its_client_and_an_altered_one_nothing(client, random, place, sign):
    token = links.token(client, random, key="k")
    assert links.client_of(token, key="k") == client
    assert links.client_of(token, key="other") is None
    at = place % len(token)
    spoilt = token[:at] + sign + token[at + 1 :]
    assert spoilt == token or links.client_of(spoilt, key="k") is None


def test_before_is_said():
    assert {each.value for each in Before} == {"posting", "payment"}
    assert isinstance(plan(Flow(), FACTS, PEOPLE), Passes)
    assert isinstance(plan(Flow(True, steps=(named(99),)), FACTS, PEOPLE), Nobody)


@pytest.mark.parametrize(
    "away, person, other",
    [
        ({}, OLA, None),
        ({OLA: KARI}, OLA, KARI),
        ({OLA: KARI, KARI: PER}, OLA, PER),
        ({OLA: KARI, KARI: OLA}, OLA, None),
        ({OLA: KARI, KARI: PER, PER: KARI}, OLA, None),
        ({OLA: 99}, OLA, None),
        ({OLA: 99, 99: PER}, OLA, PER),
    ],
)
def test_who_stands_in_is_the_first_along_the_row_who_is_there(away, person, other):
    assert replace(PEOPLE, away=away).stand_in(person) == other


def test_no_limit_lets_an_amount_in_another_currency_pass():
    step = named(OLA, KARI, two_above=Decimal(2000), only=Conditions(above=Decimal(2000)))
    flow = Flow(True, steps=(step,), free_through=Decimal(2000))
    foreign = replace(FACTS, is_own_currency=False)
    assert asked(flow).startswith("Passes")
    assert asked(flow, foreign) == [(2, (OLA, KARI))]
    assert "another currency" in str(plan(flow, foreign, PEOPLE).steps[0].reason)
