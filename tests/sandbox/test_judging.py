"""A judge who never finds anything is worth nothing: here mistakes are made on purpose."""

from dataclasses import replace
from decimal import Decimal

import pytest

from nattbok.sandbox.judging import POSTED, PostedBill, PostedPayment, judge
from nattbok.sandbox.making import make_office


@pytest.fixture(scope="module")
def world():
    return make_office(seed=4)


@pytest.fixture
def payments(world):
    """What a perfect night posts of the bank lines."""
    return [
        PostedPayment(one.client, one.bank_reference, dict(one.allocations), one.unallocated)
        for one in world.payments
        if one.outcome in POSTED
    ]


@pytest.fixture
def bills(world):
    """What a perfect night posts of the e-invoices."""
    return [
        PostedBill(one.client, one.supplier_org_number, one.number, dict(one.lines))
        for one in world.bills
        if one.outcome == "post"
    ]


def test_a_perfect_night(world, payments, bills):
    verdict = judge(world, payments=payments, bills=bills)
    assert verdict.wrong == verdict.missed == ()
    assert len(verdict.right) == len(payments) + len(bills)
    everything = len(world.payments) + len(world.other_lines) + len(world.bills)
    assert len(verdict.right) + len(verdict.left) == everything


def test_a_night_in_which_nothing_is_done(world, payments, bills):
    verdict = judge(world)
    assert verdict.right == verdict.wrong == ()
    assert len(verdict.missed) == len(payments) + len(bills)


def test_a_payment_may_be_named_as_any_file_names_it(world, payments):
    names = {(one.client, one.bank_reference): one.also_called for one in world.payments}
    renamed = [
        replace(one, bank_reference=names[one.client, one.bank_reference][0])
        if names[one.client, one.bank_reference]
        else one
        for one in payments
    ]
    assert renamed != payments
    assert judge(world, payments=renamed).wrong == ()


@pytest.mark.parametrize("mistake", ["amount", "item", "unallocated", "client", "name"])
def test_any_payment_posted_otherwise_is_wrong(world, payments, mistake):
    for place, one in enumerate(payments):
        if mistake == "amount" and one.allocations:
            harmed = replace(one, allocations={key: left + 1 for key, left in one.allocations.items()})
        elif mistake == "item" and one.allocations:
            harmed = replace(one, allocations={f"{key}0": left for key, left in one.allocations.items()})
        elif mistake == "client":
            harmed = replace(one, client="none")
        elif mistake == "name":
            harmed = replace(one, bank_reference="SUM")
        else:
            harmed = replace(one, unallocated=one.unallocated + Decimal("0.01"))
        verdict = judge(world, payments=[*payments[:place], harmed, *payments[place + 1 :]])
        assert len(verdict.wrong) == 1


def test_what_should_be_left_is_wrong_to_post(world, payments):
    for one in (*world.payments, *world.other_lines):
        if one.outcome in POSTED:
            continue
        posted = PostedPayment(one.client, one.bank_reference, {}, one.amount)
        (wrong,) = judge(world, payments=[*payments, posted]).wrong
        assert (wrong.client, wrong.name) == (one.client, one.bank_reference)
        assert one.why in wrong.why


def test_a_second_posting_is_wrong(world, payments, bills):
    verdict = judge(world, payments=[*payments, payments[0]], bills=[*bills, bills[0]])
    assert [(one.kind, one.client) for one in verdict.wrong] == [
        ("payment", payments[0].client),
        ("bill", bills[0].client),
    ]


def test_one_posting_under_each_of_its_names_is_two(world, payments):
    twice = next(one for one in world.payments if one.also_called and one.outcome == "post")
    again = PostedPayment(twice.client, twice.also_called[0], dict(twice.allocations), twice.unallocated)
    assert len(judge(world, payments=[*payments, again]).wrong) == 1


def test_a_bill_on_another_account_or_of_another_amount_is_wrong(world, bills):
    for place, one in enumerate(bills[:40]):
        account, amount = next(iter(one.lines.items()))
        rest = {key: value for key, value in one.lines.items() if key != account}
        for lines in ({**rest, "9999": amount}, {**one.lines, account: amount + 1}):
            harmed = replace(one, lines=lines)
            assert len(judge(world, bills=[*bills[:place], harmed, *bills[place + 1 :]]).wrong) == 1


def test_bills_to_be_asked_about_are_wrong_to_post(world, bills):
    asked = [one for one in world.bills if one.outcome == "ask"]
    assert {one.reason for one in asked} == {
        "new_supplier",
        "uncertain_history",
        "duplicate",
        "changed_account",
        "wrong_buyer",
        "does_not_add_up",
        "unreadable",
    }
    for one in asked:
        posted = PostedBill(one.client, one.supplier_org_number, one.number, {"2400": one.owed})
        (wrong,) = judge(world, bills=[*bills, posted]).wrong
        assert one.reason in wrong.why


def test_either_of_two_copies_may_be_the_one_that_is_posted(world, bills):
    copy = next(one for one in world.bills if one.reason == "duplicate")
    verdict = judge(world, bills=bills)
    assert [one.why for one in verdict.left if (one.client, one.name) == (copy.client, copy.number)] == [
        "duplicate"
    ]
