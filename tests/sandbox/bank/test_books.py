"""Whatever is asked of the bank: its books balance, its statements chain, and its journal is all of it."""

from datetime import time
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.countries.known import country
from nattbok.sandbox.bank.books import Books, Posting
from nattbok.sandbox.bank.engine import Bank
from nattbok.sandbox.bank.injections import INJECTIONS
from nattbok.sandbox.bank.shape import Fault, Reporting
from tests.sandbox.bank.paying import (
    FJORD,
    FUNDS,
    OTHER_FJORD,
    SKOG,
    THURSDAY,
    Pay,
    a_bank,
    a_file,
    files,
    statements,
    three,
)

amounts = st.integers(1, 9_000_000).map(lambda ore: str(Decimal(ore) / 100))
accounts = st.sampled_from([FJORD, OTHER_FJORD, SKOG])
reportings = st.builds(
    Reporting,
    version=st.sampled_from(["02", "08"]),
    sums_giro=st.booleans(),
    details=st.booleans(),
    giro_file=st.booleans(),
    one_statement_file=st.booleans(),
    lists_debit_details=st.booleans(),
)


def test_what_does_not_balance_is_not_posted():
    books = Books()
    with pytest.raises(ValueError, match="does not balance"):
        books.post(THURSDAY, "x", [Posting("a", "NOK", Decimal(1)), Posting("b", "SEK", Decimal(-1))])
    assert books.entries == [] and books.balance("a") == 0


@st.composite
def invoices(draw, code):
    number = str(draw(st.integers(1000, 99999)))
    reference = country(code).references.make(number)
    return {"reference": reference, "number": number, "amount": str(Decimal(draw(amounts)) + 200)}


def play(bank, data):
    """Something random happens; what the bank refuses it refuses with ValueError or KeyError."""
    deed = data.draw(
        st.sampled_from(["upload", "inject", "inject", "advance", "time", "net bank", "archive"])
    )
    try:
        if deed == "upload":
            payments = [
                Pay(f"E{data.draw(st.integers(1, 40))}", data.draw(amounts), data.draw(accounts))
                for _ in range(3)
            ]
            name = f"M{data.draw(st.integers(1, 9))}"
            content = a_file(
                payments,
                message=name,
                account=data.draw(accounts),
                on=bank.today,
                as_one=data.draw(st.booleans()),
                version=data.draw(st.sampled_from(["03", "09"])),
            )
            bank.upload(data.draw(st.sampled_from(["fjord", "skog"])), f"{name}.xml", content)
        elif deed == "inject":
            account = data.draw(accounts)
            code = "SE" if account == SKOG else "NO"
            invoice = data.draw(invoices(code))
            bank.inject(
                account,
                data.draw(st.sampled_from(sorted(INJECTIONS))),
                invoice=invoice,
                invoices=[invoice, data.draw(invoices(code))],
                amount=data.draw(amounts),
                gross="100.00",
                fee="2.00",
                to=data.draw(accounts),
                line=data.draw(st.sampled_from(["", *[one.bank_reference for one in _lines(bank, account)]])),
            )
        elif deed == "advance":
            bank.advance(data.draw(st.integers(1, 2)))
        elif deed == "time":
            bank.set_time(time(data.draw(st.integers(8, 20))))
        elif deed == "archive":
            bank.archive("fjord", bank.waiting("fjord")[0].name)
        else:
            number = data.draw(st.integers(1, 5))
            data.draw(st.sampled_from([bank.approve, bank.cancel]))("fjord", number, "Kari")
    except (ValueError, KeyError, IndexError):
        pass


def _lines(bank, account):
    return bank.movements("skog" if account == SKOG else "fjord", account)[:5]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_sequence_balances_and_chains_and_is_opened_again(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bank") / "bank.jsonl"
    bank = a_bank(
        path=path,
        fjord=data.draw(reportings),
        skog=data.draw(reportings),
        approves_in_bank=data.draw(st.booleans()),
    )
    for _ in range(data.draw(st.integers(1, 15))):
        play(bank, data)
    bank.advance()
    assert set(bank.totals().values()) == {Decimal("0.00")}
    for customer, number in (("fjord", FJORD), ("fjord", OTHER_FJORD), ("skog", SKOG)):
        moved = bank.movements(customer, number)
        assert bank.balance(number) == FUNDS + sum(one.amount for one in moved)
        if moved:
            assert moved[-1].balance == bank.balance(number)
        told = [one for one in _all_statements(bank, customer) if one.account == number]
        assert all(one.opening + sum(_amounts(one)) == one.closing for one in told)
        assert all(before.closing == after.opening for before, after in pairwise(told))
        assert [one.sequence for one in told] == list(range(1, len(told) + 1))
        assert not told or told[-1].closing == bank.balance(number)
    bank.close()
    again = Bank.open(path)
    assert same(bank, again)
    again.close()


def _amounts(statement):
    return [one.amount for one in statement.transactions]


def _all_statements(bank, customer):
    for one in bank.archived(customer):
        if one.kind == "camt053":
            bank.again(customer, one.name)
    found = {(one.account, one.ends_on): one for one in statements(bank, customer)}
    return sorted(found.values(), key=lambda one: one.ends_on)


def same(one, other):
    """Whether two banks are the same, as far as anybody can see."""
    assert (one.now, one.customers(), one.faults.counts) == (
        other.now,
        other.customers(),
        other.faults.counts,
    )
    for customer in one.customers():
        assert one.accounts(customer) == other.accounts(customer)
        assert one.orders(customer) == other.orders(customer)
        assert one.archived(customer) == other.archived(customer)
        assert files(one, customer.id) == files(other, customer.id)
        for account in one.accounts(customer):
            assert one.movements(customer, account.number) == other.movements(customer, account.number)
    return True


def test_a_bank_goes_on_where_it_was_killed(tmp_path):
    path = tmp_path / "bank.jsonl"
    bank = a_bank(path=path)
    bank.faults.switch("fjord", Fault.FILE_TWICE, times=3)
    bank.faults.switch("fjord", Fault.NO_ANSWER)
    assert bank.faults.strikes("fjord", Fault.NO_ANSWER)
    bank.upload("fjord", "P001.xml", a_file(three()), idempotency_key="k")
    bank.inject(FJORD, "interest", amount=Decimal("12.30"), on=bank.today)
    bank.advance()
    with pytest.raises(ValueError, match="is kept by another"):
        Bank.open(path)
    bank.close()
    with path.open("ab") as file:
        file.write(b'["advance",{"da')  # killed while it wrote
    again = Bank.open(path)
    assert same(bank, again)
    bank.save(tmp_path / "copy.jsonl")
    for each in (bank, again):
        answer = each.upload("fjord", "P001.xml", a_file(three()), idempotency_key="k")
        assert answer.number == 1, "asked again after the crash, answered as before it"
        each.advance()
    assert same(bank, again)
    again.close()
    third = Bank.open(path)
    assert same(third, again)
    third.close()
    assert Bank.open(tmp_path / "copy.jsonl").today < bank.today
    with pytest.raises(ValueError, match="has a bank in it already"):
        a_bank(path=path)


@pytest.mark.parametrize(
    "text", ["", "x\n", '["advance",{"days":1}]\n', '["begin",{"starts_on":{"$date":"x"}}]\n']
)
def test_what_is_no_journal_is_refused(tmp_path, text):
    path = tmp_path / "bank.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError):
        Bank.open(path)
