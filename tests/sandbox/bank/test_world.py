"""The demo's clients at the bank: their accounts go on from where the night's files ended."""

from collections import Counter
from decimal import Decimal

import pytest

from nattbok.countries.known import country
from nattbok.formats.bank import camt
from nattbok.formats.bank.shape import Kind
from nattbok.sandbox.bank.world import closing_balance, customer_id, make_bank, make_plan, token
from nattbok.sandbox.books_at_night import open_items
from nattbok.sandbox.making import make_office
from tests.sandbox.bank.paying import statements

DAYS = 5


@pytest.fixture(scope="module")
def world():
    return make_office(seed=3, clients=12)


def test_accounts_begin_where_the_statements_of_the_night_end(world):
    closed = {}
    for file in world.files:
        if file.data[:5] == b"<?xml" and b"camt.053" in file.data[:300]:
            (statement,) = camt.read(file.data).statements
            assert statement.kind is Kind.STATEMENT
            closed[file.client] = statement.closing
    assert closed
    bank = make_bank(world)
    for client in world.clients:
        (account,) = bank.accounts(customer_id(client))
        assert account.number == client.bank_account.number
        assert bank.balance(account.number) == closed.get(client.number, closing_balance(world, client))
        assert bank.customer_by_token(token(world, client)).name == client.name


def test_the_plan_happens_as_it_is_told(world):
    bank, plan = make_bank(world), make_plan(world, DAYS)
    assert make_plan(world, DAYS) == plan
    assert len({one.kind for one in plan.injections}) > 6
    truths = plan.play(bank)
    names = Counter((one.client, one.bank_reference) for one in truths)
    assert set(names.values()) == {1}
    bank.advance(DAYS + 1)
    assert set(bank.totals().values()) == {Decimal("0.00")}
    for client in world.clients:
        told = {}
        for statement in statements(bank, customer_id(client)):
            for one in statement.transactions:
                told[one.bank_reference] = one.amount
        for name, data in _notices(bank, client):
            for one in camt.read(data).statements[0].transactions:
                told[one.bank_reference] = one.amount
            assert name
        for truth in truths:
            if truth.client == client.number:
                assert told[truth.bank_reference] == truth.amount


def _notices(bank, client):
    files = bank.waiting(customer_id(client))
    names = [one.name for one in files if one.kind == "camt054c"]
    return [(name, bank.read(customer_id(client), name)) for name in names]


def test_the_right_answers_pay_no_more_than_is_owed(world):
    spent = {(one.client, key) for one in world.payments for key, _amount in one.allocations}
    items = {client.number: open_items(client.history) for client in world.clients}
    for one in make_plan(world, DAYS).injections:
        truth, client = one.truth, world.client(one.truth.client)
        assert country(client.country).is_bank_day(one.on) and one.on >= world.night
        for key, amount in truth.allocations:
            assert (truth.client, key) not in spent, "each is paid once, and not in the night before"
            assert amount <= items[truth.client][key].left
            spent.add((truth.client, key))
        if truth.outcome != "hold":
            allocated = sum(amount for _key, amount in truth.allocations)
            assert allocated + truth.unallocated == truth.amount
