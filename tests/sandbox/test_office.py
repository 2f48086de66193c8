"""The invented office is what it says: so many of each, balanced, valid, and the same every time."""

from collections import Counter
from decimal import Decimal

import pytest

from nattbok.base.money import ORE, ZERO
from nattbok.countries.known import country
from nattbok.sandbox.books_at_night import balances, open_items
from nattbok.sandbox.making import make_office
from nattbok.sandbox.placing import write_files


@pytest.fixture(scope="module")
def world():
    return make_office()


def test_sixty_clients_have_the_promised_night(world):
    assert Counter(client.country for client in world.clients) == {"NO": 48, "SE": 12}
    assert len(world.sources) == 30
    assert len(world.payments) == 90
    assert all(payment.amount > 0 for payment in world.payments)
    assert len(world.bills) == 300
    reasons = Counter(bill.reason for bill in world.bills)
    for single in ("duplicate", "changed_account", "wrong_buyer", "does_not_add_up", "unreadable"):
        assert reasons[single] == 1
    known = 300 - reasons["new_supplier"]
    assert reasons["new_supplier"] == 24
    assert reasons[""] >= 0.9 * known
    assert sum(bill.is_credit_note for bill in world.bills) == 12


def test_every_kind_of_payment_is_there(world):
    steps = Counter(payment.step for payment in world.payments)
    assert steps == {
        "KID_EXACT": 44,
        "LIST": 13,
        "KID_PARTIAL": 6,
        "KID_OVER": 4,
        "KID_CLOSED": 3,
        "KID_UNKNOWN": 4,
        "KID_INVALID": 3,
        "REF_AMOUNT": 5,
        "NONE": 8,
    }
    lists = [payment for payment in world.payments if payment.step == "LIST"]
    assert sum(any(amount < 0 for _key, amount in one.allocations) for one in lists) == 3
    assert all(line.outcome == "hold" and line.amount < 0 for line in world.other_lines)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(world):
    again = make_office()
    assert again == world
    assert [file.data for file in again.files] == [file.data for file in world.files]
    assert make_office(seed=2).files != world.files


@pytest.mark.parametrize("clients", [1, 2, 3, 4, 5, 6, 11, 12, 13, 29, 100])
def test_an_office_of_any_size_can_be_made(clients):
    world = make_office(seed=7, clients=clients)
    assert len(world.clients) == clients
    assert len(world.bills) == clients * 5
    assert len(world.payments) == round(clients * 1.5)
    assert len(world.sources) == max(1, clients // 2)
    with_sources = {number for number, _source in world.sources}
    assert all(world.client(number).profile != "self" for number in with_sources)


def test_an_office_without_clients_is_refused():
    with pytest.raises(ValueError, match="at least one client"):
        make_office(clients=0)


def test_every_entry_balances_and_stands_on_accounts_of_its_country(world):
    for client in world.clients:
        law = country(client.country)
        chart = {account.number: account for account in law.chart}
        parties = {party.key for party in (*client.customers, *client.suppliers)}
        assert len({entry.key for entry in client.history}) == len(client.history)
        assert [entry.date for entry in client.history] == sorted(entry.date for entry in client.history)
        for entry in client.history:
            assert sum(line.amount for line in entry.lines) == 0, entry
            assert world.starts_on <= entry.date < world.bank_day
            for line in entry.lines:
                assert line.amount == line.amount.quantize(ORE)
                assert line.amount.as_tuple().exponent == -2
                assert bool(chart[line.account].control) == bool(line.party)
                assert not line.party or line.party in parties
                assert not line.vat_code or line.vat_code in law.vat_codes


def test_the_vat_of_every_line_is_posted_once_at_the_rate_of_its_day(world):
    for client in world.clients:
        codes = country(client.country).vat_codes
        for entry in client.history:
            on_lines, posted = Counter(), Counter()
            for line in entry.lines:
                if line.vat_amount is not None:
                    on_lines[line.vat_code] += line.vat_amount
                    rate = codes[line.vat_code].rate(entry.date)
                    assert abs(line.vat_amount - line.amount * rate / 100) <= ORE / 2
                if line.vat_base is not None:
                    posted[line.vat_code] += line.amount
            assert {code: vat for code, vat in on_lines.items() if vat} == dict(posted)


def test_no_item_is_settled_beyond_what_it_is_and_some_wait_overdue(world):
    overdue = 0
    for client in world.clients:
        law = country(client.country)
        items = open_items(client.history)
        for item in items.values():
            assert abs(item.left) <= abs(item.amount)
            assert item.left * item.amount >= 0
            overdue += item.left > 0 and item.due_on < world.night
        for entry in client.history:
            for line in entry.lines:
                for key, amount in line.settles:
                    assert amount > 0
                    assert items[key].party == line.party
        found = balances(client.history)
        for account in (law.accounts.customers, law.accounts.suppliers):
            control = sum((item.left for item in items.values() if _account(client, item) == account), ZERO)
            assert control == found[account]
        assert found[law.accounts.bank] > 0
    assert overdue > 100


def test_every_number_is_valid_by_its_country_and_given_once(world):
    org_numbers, accounts = [world.office.org_number], []
    for client in world.clients:
        law = country(client.country)
        org_numbers.append(client.org_number)
        accounts += [client.bank_account.number]
        for name in (client.bank_account.number, *client.bank_account.other_numbers):
            assert law.normal_account(name), name
        for party in (*client.customers, *client.suppliers):
            org_numbers.append(party.org_number)
            accounts.append(party.account)
            assert law.is_org_number(party.org_number)
            assert law.normal_account(party.account)
        assert law.is_org_number(client.org_number)
        if client.country == "NO":
            assert law.same_account(client.bank_account.number, client.bank_account.iban)
            assert client.org_number.startswith("31")
            assert client.bank_account.number[:4] in ("9997", "9998", "9999")
        references = [line.reference for entry in client.history for line in entry.lines if line.reference]
        assert len(set(references)) == len(references) > 20
        agreed = client.agreement
        for reference in references:
            assert law.references.is_valid(
                reference, lengths=[agreed.length] if agreed.length else [], methods=[agreed.method]
            )
    assert len(set(org_numbers)) == len(org_numbers)
    assert len(set(accounts)) == len(accounts)


def test_known_suppliers_have_a_history_that_is_certain_or_plainly_is_not(world):
    for client in world.clients:
        costs = {supplier.key: [] for supplier in client.suppliers}
        for entry in client.history:
            for line in entry.lines:
                if line.party in costs and line.key:
                    costs[line.party].append(
                        frozenset(
                            (one.account, one.vat_code) for one in entry.lines if one.vat_amount is not None
                        )
                    )
        for supplier in client.suppliers:
            ways = costs[supplier.key]
            if supplier.is_new:
                assert ways == []
                continue
            assert len(ways) >= 3
            usual = frozenset((one.account, one.vat_code) for one in supplier.purchases)
            assert (set(ways) == {usual}) == (not supplier.other_account)


def test_files_are_laid_where_their_senders_lay_them(world, tmp_path):
    assert write_files(world, tmp_path) == len(world.files)
    found = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*") if path.is_file()}
    assert len(found) == len(world.files)
    for file in world.files:
        assert found[f"{file.client}/{file.path}"].read_bytes() == file.data


def _account(client, item):
    accounts = country(client.country).accounts
    return accounts.customers if item.party.startswith("K") else accounts.suppliers


def test_amounts_are_decimal_kroner(world):
    assert all(isinstance(bill.owed, Decimal) for bill in world.bills)
