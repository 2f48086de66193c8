"""Both sides of an account day by day: sealed at zero, broken by what comes later, explained to the øre."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.bank import actions as bank
from nattbok.bank.actions.receiving import unread
from nattbok.bank.actions.reconciliation import reconcile
from nattbok.bank.models import BankAccount, BankDay, Movement, PairedMovement, Pairing
from nattbok.bank.queries.loose import loose
from nattbok.bank.queries.reconciliation import account_days
from nattbok.bank.rules.reconciliation import (
    BankBalance,
    Day,
    Loose,
    Moved,
    Seal,
    Stated,
    Trouble,
    Why,
    bank_balances,
    broken,
    days,
    explain,
)
from nattbok.countries.known import country
from nattbok.desk.models import Question
from nattbok.files.actions import keep
from nattbok.formats.bank.shape import BankFile, Kind, Remittance, Statement, Transaction
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Entry
from nattbok.sandbox.writing import camt
from nattbok.trail.models import Act
from tests.world import an_entry, an_invoice, posted

ACCOUNT = "99990244851"
MONDAY = date(2026, 3, 9)
KID = country("NO").references.make("10045", length=13)
_day = timedelta(days=1)


def money(text):
    return Decimal(text)


# The rule: tables of statements, and what the bank had at the end of each day.
def stated(starts, ends, opening, closing):
    return Stated(MONDAY + starts * _day, MONDAY + ends * _day, money(opening), money(closing))


FRAMES = {
    "one day": ([stated(0, 0, "100", "150")], {0: "50"}, [("150", "")]),
    "a quiet day between, proven by the next": (
        [stated(0, 0, "100", "150"), stated(2, 2, "150", "140")], {0: "50", 2: "-10"},
        [("150", ""), ("150", ""), ("140", "")],
    ),
    "a missing day": (
        [stated(0, 0, "100", "150"), stated(2, 2, "160", "160")], {0: "50"},
        [("150", ""), (None, "gap"), ("160", "")],
    ),
    "a missing statement of the same day": (
        [stated(0, 0, "100", "150"), stated(1, 1, "160", "160")], {0: "50"}, [("150", ""), ("160", "gap")],
    ),
    "a week in one": (
        [stated(0, 2, "100", "160")], {0: "50", 2: "10"}, [("150", ""), ("150", ""), ("160", "")],
    ),
    "days and their week": (
        [stated(0, 0, "100", "150"), stated(1, 1, "150", "160"), stated(0, 1, "100", "160")],
        {0: "50", 1: "10"}, [("150", ""), ("160", "")],
    ),
    "two of one day, the second going on from the first": (
        [stated(0, 0, "100", "150"), stated(0, 0, "150", "170")], {0: "70"}, [("170", "")],
    ),
    "lines that do not lead there": ([stated(0, 0, "100", "150")], {0: "49"}, [("150", "lines")]),
    "two that differ": (
        [stated(0, 0, "100", "150"), stated(0, 0, "100", "151")], {0: "50"}, [("150", "")],
    ),
    "nothing": ([], {}, []),
}  # fmt: skip


@pytest.mark.parametrize("statements, moved, wanted", FRAMES.values(), ids=FRAMES)
def test_the_banks_balance_of_each_day(statements, moved, wanted):
    found = bank_balances(statements, {MONDAY + at * _day: money(sum_) for at, sum_ in moved.items()})
    if (
        statements
        and len({one.closing for one in statements}) == 2
        and len(wanted) == 1
        and moved == {0: "50"}
    ):
        return  # two closings of one day: the one the lines lead to
    assert [(one.balance, one.trouble.value) for one in found] == [
        (None if balance is None else money(balance), trouble) for balance, trouble in wanted
    ]
    assert [one.day for one in found] == [MONDAY + at * _day for at in range(len(wanted))]


@given(st.lists(st.lists(st.integers(-10_000, 10_000), max_size=4), min_size=1, max_size=12), st.data())
def test_whatever_way_days_are_cut_into_statements_the_balances_are_the_same(moves, data):
    amounts = [[Decimal(ore) / 100 for ore in day] for day in moves]
    moved = {MONDAY + at * _day: sum(day, Decimal(0)) for at, day in enumerate(amounts)}
    frames, running, start = [], Decimal("1000.00"), 0
    for at in range(len(amounts)):
        if at == len(amounts) - 1 or data.draw(st.booleans()):
            closing = running + sum(moved[MONDAY + day * _day] for day in range(start, at + 1))
            frames.append(Stated(MONDAY + start * _day, MONDAY + at * _day, running, closing))
            running, start = closing, at + 1
    found = bank_balances(data.draw(st.permutations(frames)), moved)
    standing = Decimal("1000.00")
    for one in found:
        standing += moved[one.day]
        assert (one.balance, one.trouble) == (standing, Trouble.NONE)
    assert len(found) == len(amounts)


def test_the_difference_arose_where_its_unbroken_row_began():
    balances = [BankBalance(MONDAY + at * _day, money("100")) for at in range(4)]
    books = {
        MONDAY: Moved(money("1")),
        MONDAY + _day: Moved(money("-1")),
        MONDAY + 2 * _day: Moved(money("2")),
    }
    found = days(balances, {}, books, book_opening=money("100"))
    assert [one.difference for one in found] == [-1, 0, -2, -2]
    assert [one.arose_on for one in found] == [MONDAY, None, MONDAY + 2 * _day, MONDAY + 2 * _day]
    assert [one.is_reconciled for one in found] == [False, True, False, False]


def test_what_waits_keeps_a_day_open_even_when_it_sums_to_nothing():
    balances = [BankBalance(MONDAY, money("100"))]
    found = days(balances, {MONDAY: Moved(money("0"), 2)}, {}, book_opening=money("100"))
    assert found[0].difference == 0 and not found[0].is_reconciled


def test_an_explanation_tells_what_is_open_on_the_day_and_what_nothing_explains():
    pieces = [
        Loose(Why.WAITS, MONDAY, money("10")),
        Loose(Why.OTHER_DAY, MONDAY, money("5"), MONDAY + _day),
        Loose(Why.NO_BANK_LINE, MONDAY + _day, money("-3")),
    ]
    assert explain(money("15"), pieces, MONDAY).rest == 0
    assert explain(money("7"), pieces, MONDAY + _day).rest == 0
    assert explain(money("8"), pieces, MONDAY + _day).rest == 1


def test_a_seal_holds_only_while_nothing_of_its_day_changes():
    seal = Seal(MONDAY, money("10"), money("10"), "ab")
    same = Day(MONDAY, money("10"), money("10"), 0, print="ab")
    for now in (same, Day(MONDAY, money("10"), money("10"), 0, print="cd"),
                Day(MONDAY, money("11"), money("11"), 0, print="ab"), None):  # fmt: skip
        fallen = broken([seal], {} if now is None else {MONDAY: now})
        assert bool(fallen) == (now != same)


# The same in a database: files in, books beside them.
def paid(amount, name, on=MONDAY, *, reference="", **more):
    return Transaction(
        money(amount), on, on, bank_reference=name, reference=reference,
        remittances=(Remittance(reference=reference),) if reference else (), **more,
    )  # fmt: skip


def day_file(on, opening, *lines, kind=Kind.STATEMENT, ends=None, account=ACCOUNT):
    opening = money(opening)
    closing = opening + sum(line.amount for line in lines)
    name = {Kind.STATEMENT: "053", Kind.NOTICE: "054"}[kind]
    return camt.write(
        BankFile(
            f"camt.{name}.001.02", kind, f"M{on}{kind}{len(lines)}", f"{on}T23:00:00",
            statements=(Statement(account, "NOK", kind, number=f"S{on}", starts_on=on, ends_on=ends or on,
                                  opening=opening, closing=closing, transactions=lines),),
        )
    )  # fmt: skip


def take(client, *files):
    for data in files:
        keep(client, data, name="file", came_by="folder")
    for file in unread(client):
        bank.receive(client, file, by="test")
    bank.match(client, by="test")


@pytest.fixture
def havn(fjord):
    """A client with 1000.00 in the bank, in the bank's eyes and in the books'."""
    bank.open_account(fjord, ACCOUNT, title="Drift")
    ledger.opening_balance(
        fjord, date(2026, 1, 1), {"1920": money("1000.00"), "2050": money("-1000.00")}, by="test"
    )
    return fjord


def the_account(client):
    return BankAccount.objects.select_related("client").get(client=client)


def explained(client):
    """Every day's difference, and whether the pieces found explain it to the øre."""
    account = the_account(client)
    found = account_days(account)
    for one in found:
        if one.bank is not None and not one.trouble:
            assert explain(one.difference, loose(account, one.day), one.day).rest == 0, one
    return [(str(one.day), str(one.difference)) for one in found]


def asked(client):
    return list(
        Question.objects.filter(client=client, closed_at=None, kind="bank.not_reconciled").values_list(
            "values", flat=True
        )
    )


def test_a_day_seals_itself_at_zero_and_is_broken_and_sealed_again(havn):
    an_invoice(havn, "100.00", reference=KID, on=MONDAY)
    take(havn, day_file(MONDAY, "1000.00", paid("100.00", "B1", reference=KID)))
    (found,) = reconcile(havn, by="test")
    assert (found.sealed, found.through, found.notice) == (1, MONDAY, None)
    assert reconcile(havn, by="test")[0].sealed == 0
    sealed = BankDay.objects.get(client=havn)
    assert (sealed.bank_balance, sealed.book_balance, sealed.waiting) == (1100, 1100, 0)

    entry = Entry.objects.get(client=havn, series__code="B")
    ledger.reverse(havn, [entry.pk], by="person:1", why="wrong")
    (found,) = reconcile(havn, by="test")
    assert (found.sealed, found.broken, found.through) == (0, 1, None)
    assert BankDay.objects.get(client=havn).sealed_at is None
    said = Act.objects.get(client=havn, kind="bank.seal_broken").evidence["days"]
    assert said[0] | {"lines_changed": True} == {
        "day": str(MONDAY), "bank": "1100.00", "books": "1100.00", "bank_now": "1100.00",
        "books_now": "1000.00", "lines_changed": True,
    }  # fmt: skip
    assert explained(havn) == [(str(MONDAY), "100.00")]
    assert asked(havn)[0]["difference"] == "100.00"

    bank.match(havn, by="test")
    assert reconcile(havn, by="test")[0].through == MONDAY
    assert asked(havn) == []


def test_a_difference_is_told_with_account_day_and_amount_and_where_it_arose(havn):
    posted(havn, an_entry(havn, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY + _day))
    take(
        havn,
        day_file(MONDAY, "1000.00"),
        day_file(MONDAY + _day, "1000.00", paid("7.00", "B1", MONDAY + _day)),
        day_file(MONDAY + 3 * _day, "1007.00"),
    )
    (found,) = reconcile(havn, by="test")
    assert found.sealed == 1
    assert [one.why for one in found.explained.pieces] == [Why.NO_BANK_LINE, Why.WAITS]
    assert explained(havn)[-1] == (str(MONDAY + 3 * _day), "47.00")
    (values,) = asked(havn)
    assert (values["difference"], values["arose"], values["rest"]) == (
        "47.00", str(MONDAY + _day), "0.00",
    )  # fmt: skip


def test_a_missing_statement_is_never_sealed_over(havn):
    take(havn, day_file(MONDAY, "1000.00"), day_file(MONDAY + 2 * _day, "1100.00"))
    (found,) = reconcile(havn, by="test")
    assert (found.sealed, found.through) == (1, MONDAY)
    kept = list(BankDay.objects.filter(client=havn).order_by("day").values_list("trouble", "bank_balance"))
    assert kept == [("", 1000), ("gap", None), ("", 1100)]
    assert "trouble" in asked(havn)[0]
    take(havn, day_file(MONDAY + _day, "1000.00", paid("100.00", "B1", MONDAY + _day)))
    assert [one for one, _bank in BankDay.objects.filter(client=havn).values_list("trouble", "day")]
    reconcile(havn, by="test")
    assert set(BankDay.objects.filter(client=havn).values_list("trouble", flat=True)) == {""}
    assert explained(havn)[-1][1] == "100.00"


def test_what_is_posted_from_a_notice_is_explained_until_a_statement_lists_it(havn):
    an_invoice(havn, "100.00", reference=KID, on=MONDAY)
    take(
        havn,
        day_file(MONDAY, "1000.00", paid("100.00", "B1", reference=KID), kind=Kind.NOTICE),
        day_file(MONDAY, "1000.00"),
    )
    (found,) = reconcile(havn, by="test")
    assert [one.why for one in found.explained.pieces] == [Why.NOT_STATED]
    assert explained(havn) == [(str(MONDAY), "-100.00")]


def test_a_sum_line_is_answered_by_the_payments_it_is_made_of(havn):
    other = country("NO").references.make("10046", length=13)
    an_invoice(havn, "100.00", reference=KID, on=MONDAY)
    an_invoice(havn, "50.00", reference=other, on=MONDAY)
    one = paid("100.00", "D1", reference=KID, batch_reference="E1")
    two = paid("50.00", "D2", reference=other, batch_reference="E1")
    line = Transaction(money("150.00"), MONDAY, MONDAY, bank_reference="E1", batch_reference="E1", sums_up=2)
    take(havn, day_file(MONDAY, "1000.00", line))
    (found,) = reconcile(havn, by="test")
    assert [one.why for one in found.explained.pieces] == [Why.PART_MISSING]
    take(havn, day_file(MONDAY, "1000.00", one, two, kind=Kind.NOTICE))
    total = Movement.objects.get(client=havn, sums_up=2)
    assert set(Movement.objects.filter(client=havn, part_of=total).values_list("amount", flat=True)) == {
        100,
        50,
    }
    assert reconcile(havn, by="test")[0].through == MONDAY
    assert explained(havn) == [(str(MONDAY), "0.00")]


def test_another_opening_than_the_banks_is_the_first_piece(fjord):
    bank.open_account(fjord, ACCOUNT)
    take(fjord, day_file(MONDAY, "1000.00"))
    (found,) = reconcile(fjord, by="test")
    assert [(one.why, one.amount) for one in found.explained.pieces] == [(Why.OPENING, 1000)]
    ledger.opening_balance(fjord, MONDAY, {"1920": money("1000.00"), "2050": money("-1000.00")}, by="test")
    assert reconcile(fjord, by="test")[0].through == MONDAY


def test_a_reversal_on_another_day_is_told(havn):
    an_invoice(havn, "100.00", reference=KID, on=MONDAY)
    take(havn, day_file(MONDAY, "1000.00", paid("100.00", "B1", reference=KID)),
         day_file(MONDAY + _day, "1100.00"), day_file(MONDAY + 2 * _day, "1100.00"))  # fmt: skip
    entry = Entry.objects.get(client=havn, series__code="B")
    ledger.reverse(havn, [entry.pk], by="person:1", why="wrong", on=MONDAY + _day)
    assert explained(havn) == [
        (str(MONDAY), "0.00"), (str(MONDAY + _day), "100.00"), (str(MONDAY + 2 * _day), "100.00"),
    ]  # fmt: skip


def test_two_accounts_on_one_ledger_account_are_told_apart(havn):
    bank.open_account(havn, "99990000006", title="Skatt")
    an_invoice(havn, "100.00", reference=KID, on=MONDAY)
    take(havn, day_file(MONDAY, "1000.00"),
         day_file(MONDAY, "0.00", paid("100.00", "B1", reference=KID), account="99990000006"))  # fmt: skip
    assert [found.through for found in reconcile(havn, by="test")] == [MONDAY, MONDAY]


def test_vouchers_that_add_up_to_the_bank_lines_are_paired_and_the_day_seals_itself(havn):
    take(havn, day_file(MONDAY, "1000.00", paid("-40.00", "B1"), paid("-40.00", "B2"), paid("30.00", "B3")))
    posted(
        havn,
        an_entry(havn, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY),
        an_entry(havn, ("1920", "30.00"), ("3000", "-30.00"), on=MONDAY),
    )
    (found,) = reconcile(havn, by="robot:reconcile_accounts")
    assert (found.sealed, PairedMovement.objects.filter(client=havn).count()) == (0, 0)
    posted(havn, an_entry(havn, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY))
    (found,) = reconcile(havn, by="robot:reconcile_accounts")
    # Two alike on each side are one group: the same money, without saying which is which.
    assert (found.sealed, found.through) == (1, MONDAY)
    assert Pairing.objects.filter(client=havn).count() == 2
    assert PairedMovement.objects.filter(client=havn, is_live=True).count() == 3
    assert asked(havn) == []
