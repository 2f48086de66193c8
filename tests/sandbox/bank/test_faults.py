"""Each fault does what it says and nothing else, is counted, and leaves the bank's own books right."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Unreadable
from nattbok.countries.known import country
from nattbok.formats.bank import camt
from nattbok.sandbox.bank.core import HUGE
from nattbok.sandbox.bank.shape import DOOR_FAULTS, Fault, OrderState, Reporting
from tests.sandbox.bank.paying import (
    FJORD,
    FUNDS,
    OTHER_FJORD,
    SKOG,
    THURSDAY,
    a_bank,
    a_file,
    files,
    receipts,
    statements,
    three,
)

ONE = {"name": "Kunde", "account": "99975356457"}
REPORTS = [fault for fault in Fault if fault not in DOOR_FAULTS]


def paid_in(bank, count=2, account=FJORD):
    for place in range(count):
        number = f"4400{place}"
        reference = country("NO").references.make(number)
        invoice = {"reference": reference, "number": number, "amount": f"{place + 1}00.00"}
        bank.inject(account, "paid", invoice=invoice, by=ONE)


def faulty(fault, **about):
    bank = a_bank(**about)
    bank.faults.switch(FJORD, fault)
    return bank


def sent(bank, **about):
    bank.upload("fjord", "P001.xml", a_file(three(), **about))
    return bank


def counted(bank, fault, times=1):
    assert bank.faults.counts.get(fault, 0) == times
    assert set(bank.totals().values()) == {Decimal("0.00")}


ACCEPTED, SETTLED = "ACCP M1-1=ACCP", "ACSC M1-1=ACSC E1=ACSC E2=ACSC E3=ACSC"


def test_receipts_come_late():
    bank = sent(faulty(Fault.RECEIPT_LATE))
    assert receipts(bank) == []
    bank.advance()
    assert receipts(bank) == ["ACTC", ACCEPTED], "those of yesterday; today's are late too"
    bank.advance(2)
    assert receipts(bank) == ["ACTC", ACCEPTED, SETTLED]
    counted(bank, Fault.RECEIPT_LATE, 3)


def test_receipts_come_twice():
    bank = sent(faulty(Fault.RECEIPT_TWICE))
    bank.advance()
    assert receipts(bank) == ["ACTC", "ACTC", ACCEPTED, ACCEPTED, SETTLED, SETTLED]
    pairs = files(bank, "fjord", "pain002")
    assert pairs[0][1] == pairs[1][1] and pairs[0][0] != pairs[1][0]
    counted(bank, Fault.RECEIPT_TWICE, 3)


def test_receipts_come_out_of_order():
    bank = sent(faulty(Fault.RECEIPTS_OUT_OF_ORDER))
    bank.advance()
    assert receipts(bank) == ["ACTC", SETTLED, ACCEPTED]
    counted(bank, Fault.RECEIPTS_OUT_OF_ORDER)


def test_only_what_is_refused_is_told():
    bank = faulty(Fault.RECEIPTS_ONLY_NEGATIVE)
    bank.faults.switch(FJORD, Fault.REJECT_AC04)
    sent(bank)
    bank.advance()
    assert receipts(bank) == ["- M1-1=PART E1=RJCT/AC04"]
    assert bank.balance(FJORD) == FUNDS - 500, "the others are paid in silence"


def test_a_reason_nobody_knows():
    bank = sent(faulty(Fault.RECEIPT_UNKNOWN_REASON))
    assert receipts(bank)[1] == "PART M1-1=PART E1=RJCT/ZZ99-UNKNOWN E2=ACCP E3=ACCP"
    counted(bank, Fault.RECEIPT_UNKNOWN_REASON)


def test_debited_and_no_status():
    bank = sent(faulty(Fault.NO_RECEIPT))
    bank.advance()
    assert receipts(bank) == []
    assert bank.balance(FJORD) == FUNDS - 600
    assert [len(one.transactions) for one in statements(bank) if one.account == FJORD] == [3]
    counted(bank, Fault.NO_RECEIPT)


@pytest.mark.parametrize(
    "fault, told, left",
    [
        (Fault.REJECT_AC04, "PART M1-1=PART E1=RJCT/AC04 E2=ACCP E3=ACCP", 500),
        (Fault.REJECT_AG08, "RJCT M1-1=RJCT E1=RJCT/AG08 E2=RJCT/AG08 E3=RJCT/AG08", 0),
        (Fault.REJECT_DU01, "RJCT", 0),
        (Fault.REJECT_AM04, ACCEPTED, 500),
    ],
)
def test_payments_are_refused(fault, told, left):
    bank = sent(faulty(fault))
    assert receipts(bank)[-1] == told
    bank.advance()
    assert bank.balance(FJORD) == FUNDS - left
    if fault is Fault.REJECT_AM04:
        assert receipts(bank)[-1] == "PART M1-1=PART E1=RJCT/AM04 E2=ACSC E3=ACSC"
    counted(bank, fault)


def test_settled_and_sent_back():
    bank = faulty(Fault.RETURN_AFTER_SETTLED)
    bank.faults.switch(FJORD, Fault.RETURN_AFTER_SETTLED, times=1)
    sent(bank)
    bank.advance(3)
    assert bank.balance(FJORD) == FUNDS - 600
    bank.advance()
    assert bank.balance(FJORD) == FUNDS - 500
    (back,) = [one for part in statements(bank) for one in part.transactions if one.return_reason]
    assert (back.booked_on, back.end_to_end_id, back.amount) == (date(2026, 3, 17), "E1", 100)
    assert bank.status("fjord", 1).payments[0].state is OrderState.RETURNED
    counted(bank, Fault.RETURN_AFTER_SETTLED)


def test_a_line_is_missing():
    bank = faulty(Fault.LINE_MISSING)
    bank.inject(FJORD, "fee", amount="35.00")
    bank.inject(FJORD, "fee", amount="45.00")
    bank.advance()
    (name, data) = files(bank, "fjord", "camt053")[0]
    found = camt.read(data)
    told = next(one for one in found.statements if one.account == FJORD)
    assert len(told.transactions) == 1 and told.is_held, "the balances tell"
    assert told.closing == bank.balance(FJORD)
    right = camt.read(bank.read("fjord", bank.again("fjord", name)))
    assert not any(one.is_held for one in right.statements)
    counted(bank, Fault.LINE_MISSING)


def test_a_statement_is_late():
    bank = faulty(Fault.STATEMENT_LATE)
    bank.advance()
    assert files(bank, "fjord", "camt053") == []
    bank.faults.switch(FJORD, Fault.STATEMENT_LATE, False)
    bank.advance(2)
    days = [one.ends_on for one in statements(bank) if one.account == FJORD]
    assert sorted(days) == [THURSDAY, THURSDAY + timedelta(1), THURSDAY + timedelta(4)]
    counted(bank, Fault.STATEMENT_LATE)


def test_a_gap_in_the_numbers():
    bank = a_bank()
    bank.advance()
    bank.faults.switch(FJORD, Fault.SEQUENCE_GAP, times=1)
    bank.advance(2)
    found = {
        number: [one.sequence for one in statements(bank) if one.account == number]
        for number in (FJORD, OTHER_FJORD)
    }
    assert found == {FJORD: [1, 3, 4], OTHER_FJORD: [1, 2, 3]}
    counted(bank, Fault.SEQUENCE_GAP)


@pytest.mark.parametrize("fault", [Fault.FILE_TWICE, Fault.NEW_MESSAGE_ID])
def test_a_file_comes_once_more(fault):
    bank = faulty(fault)
    paid_in(bank)
    bank.advance()
    for kind in ("camt053", "camt054c"):
        (_name, one), (_other, other) = files(bank, "fjord", kind)
        assert (one == other) is (fault is Fault.FILE_TWICE)
        first, second = camt.read(one), camt.read(other)
        assert (first.message_id == second.message_id) is (fault is Fault.FILE_TWICE)
        assert first.statements == second.statements
    counted(bank, fault, 2)


def test_details_never_come():
    bank = faulty(Fault.DETAILS_NEVER_COME, fjord=Reporting(giro_file=True))
    paid_in(bank)
    bank.advance()
    (line,) = next(one for one in statements(bank) if one.account == FJORD).transactions
    assert (line.sums_up, line.amount) == (2, 300)
    assert files(bank, "fjord", "camt054c") == files(bank, "fjord", "ocr") == []
    counted(bank, Fault.DETAILS_NEVER_COME)


def test_details_do_not_sum():
    bank = faulty(Fault.DETAILS_DO_NOT_SUM)
    paid_in(bank)
    bank.advance()
    ((_name, data),) = files(bank, "fjord", "camt054c")
    assert camt.read(data).statements[0].is_held or camt.read(data).is_refused
    counted(bank, Fault.DETAILS_DO_NOT_SUM)


def test_anothers_account_is_in_the_file():
    bank = faulty(Fault.FOREIGN_ACCOUNT)
    bank.inject(SKOG, "fee", amount="10.00")
    bank.advance()
    told = {one.account: one.closing for one in statements(bank)}
    assert told == {FJORD: FUNDS, OTHER_FJORD: FUNDS, SKOG: FUNDS - 10}
    counted(bank, Fault.FOREIGN_ACCOUNT)
    own = {one.account: one.closing for one in statements(bank, "skog")}
    assert own == {SKOG: FUNDS - 10}, "its owner's statement is as it was"


def test_bytes_that_are_not_what_they_say():
    bank = faulty(Fault.LATIN_1)
    bank.advance()
    ((_name, data),) = files(bank, "fjord", "camt053")
    with pytest.raises(Unreadable):
        camt.read(data)
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    counted(bank, Fault.LATIN_1)


def test_a_file_of_two_hundred_megabytes():
    bank = faulty(Fault.HUGE_FILE)
    bank.advance()
    sizes = [one.size for one in bank.waiting("fjord") if one.kind == "camt053"]
    assert sorted(sizes)[1] == HUGE and sorted(sizes)[0] < 10_000
    counted(bank, Fault.HUGE_FILE)


def test_a_clock_is_wrong():
    bank = faulty(Fault.CLOCK_SKEW)
    bank.advance()
    ((_name, data),) = files(bank, "fjord", "camt053")
    assert camt.read(data).created == "2026-03-14T03:00:00"
    counted(bank, Fault.CLOCK_SKEW)


def test_a_fault_strikes_whom_it_is_meant_for():
    bank = a_bank()
    faults = bank.faults
    faults.switch("fjord", Fault.NO_ANSWER, times=2)
    faults.switch(FJORD, Fault.DISK_FULL, amount=77)
    assert faults.is_on("fjord", Fault.NO_ANSWER) and not faults.is_on("skog", Fault.NO_ANSWER)
    assert (faults.amount(FJORD, Fault.DISK_FULL), faults.amount("skog", Fault.DISK_FULL)) == (77, 0)
    assert [faults.strikes("fjord", Fault.NO_ANSWER) for _ in range(3)] == [True, True, False]
    faults.switch("*", Fault.MAINTENANCE)
    assert faults.strikes("skog", Fault.MAINTENANCE)
    faults.switch("*", Fault.MAINTENANCE, False)
    assert not faults.strikes("skog", Fault.MAINTENANCE)
    assert faults.counts == {Fault.NO_ANSWER: 2, Fault.MAINTENANCE: 1}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_the_faults_nothing_is_paid_twice_and_statements_chain(data):
    """Faults in pairs over ten bank days: the books balance, and the right statements lead to each other."""
    chosen = data.draw(st.lists(st.sampled_from(REPORTS), min_size=1, max_size=2, unique=True))
    bank = a_bank(fjord=Reporting(giro_file=True, lists_debit_details=data.draw(st.booleans())))
    for fault in chosen:
        bank.faults.switch(data.draw(st.sampled_from([FJORD, "fjord", "*"])), fault)
    for day in range(6):
        if data.draw(st.booleans()):
            bank.upload("fjord", f"P{day}.xml", a_file(three(f"E{day}-"), message=f"M{day}", on=bank.today))
        paid_in(bank, data.draw(st.integers(0, 3)))
        bank.advance()
    bank.faults.switch("*", chosen[0], False)
    bank.advance(4)
    assert set(bank.totals().values()) == {Decimal("0.00")}
    names = Counter(
        one.end_to_end_id
        for movement in [bank._core.lines[FJORD]]
        for line in movement
        for one in line.details
        if one.amount < 0 and one.end_to_end_id
    )
    assert set(names.values()) <= {1}
    for number in (FJORD, OTHER_FJORD):
        right = []
        for waiting in bank.waiting("fjord"):
            stored = bank._core.files["fjord"][waiting.name]
            if waiting.kind == "camt053" and not stored.is_huge:
                told = camt.read(stored.right or stored.data).statements
                right += [one for one in told if one.account == number]
        right = list({one.ends_on: one for one in right}.values())
        right.sort(key=lambda one: one.ends_on)
        assert all(before.closing == after.opening for before, after in pairwise(right))
