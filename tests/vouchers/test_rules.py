"""What a voucher says, whether it can be posted, and what keys do to it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.dates import Month
from nattbok.base.money import ZERO
from nattbok.countries.country import AccountKind
from nattbok.countries.known import country
from nattbok.ledger.rules import AccrualRow, LineDraft, Spread, WaitsOn, with_vat
from nattbok.ledger.rules.templates import Side, Size, Template, TemplateLine
from nattbok.recurring.rules import come, entry_of
from nattbok.vouchers.rules import changing, written
from nattbok.vouchers.rules.judging import AccountFact, Facts, PartyFact, judge
from nattbok.vouchers.rules.written import (
    COLUMNS,
    Row,
    TooManyRows,
    UnevenForm,
    Voucher,
)

DAY = date(2026, 3, 12)
D = Decimal
LAW = country("NO")
ACCOUNTS = {
    account.number: AccountFact(
        account.number, account.name, account.kind.value, account.control, account.vat_code
    )
    for account in LAW.chart
} | {"6999": AccountFact("6999", "Gammel konto", "cost", is_active=False)}
PARTIES = [
    PartyFact(1, "customer", "10001", "Havna Fisk"),
    PartyFact(2, "supplier", "10001", "Kontorrekvisita AS"),
    PartyFact(3, "supplier", "20002", "Navnebror"),
    PartyFact(4, "supplier", "20003", "Navnebror"),
]
RENT = Template(
    "leie",
    "Leie",
    (TemplateLine("6300", vat_code="1", text="Leie {month}"), TemplateLine("1920", Side.CREDIT)),
)
WAITS_ON = WaitsOn("1700", "2965", {each.number for each in LAW.chart if each.kind is AccountKind.INCOME})
FACTS = Facts(ACCOUNTS, PARTIES, LAW.vat_codes, "NOK", WAITS_ON, date(2026, 1, 31), {"leie": RENT}, DAY)


def a_voucher(*rows: Row, day: str = "2026-03-12") -> Voucher:
    return Voucher("abcdefgh12", day, "prøve", rows)


def said(judged) -> str:
    return " ".join(str(reason) for reason in judged.all_reasons)


def shown(lines) -> str:
    return "\n".join(f"{line.account} {line.amount} {line.vat_code}".strip() for line in lines)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_a_field(text):
    written.plain(text).encode()


def test_a_form_with_uneven_columns_is_refused():
    with pytest.raises(UnevenForm):
        written.rows_of({"account": ["1920"], "debit": ["1", "2"]})
    with pytest.raises(TooManyRows):
        written.rows_of({"account": ["1920"] * 201})
    assert written.rows_of({}) == ()


BANK = Row("1920", credit="1250")
RENTED = Row("6300", vat_code="1", debit="1250")


@pytest.mark.parametrize(
    "rows, posted",
    [
        ((RENTED, BANK), "6300 1000.00 1\n2710 250.00 1\n1920 -1250.00"),
        (
            (Row("6300", vat_code="1", is_net="1", debit="1000"), BANK),
            "6300 1000.00 1\n2710 250.00 1\n1920 -1250.00",
        ),
        (
            (Row("leie lokaler", debit="1250"), Row("bankinnskudd", credit="1250")),
            "6300 1250.00\n1920 -1250.00",
        ),
        ((Row("6300 Leie lokaler", debit="1250"), Row(), BANK), "6300 1250.00\n1920 -1250.00"),
        ((Row("1500", party="10001", debit="1250"), BANK), "1500 1250.00\n1920 -1250.00"),
        ((Row("6300", credit="-1250"), BANK), "6300 1250.00\n1920 -1250.00"),
        # VAT as a document states it: nothing is added.
        (
            (Row("6300", vat_code="1", debit="1000.01", vat_amount="249.99"),
             Row("2710", vat_code="1", debit="249.99", vat_base="1000.01"), BANK),
            "6300 1000.01 1\n2710 249.99 1\n1920 -1250.00",
        ),
    ],
)  # fmt: skip
def test_a_voucher_is_posted_as(rows, posted):
    judged = judge(a_voucher(*rows), FACTS)
    assert judged.draft is not None, said(judged)
    assert shown(judged.draft.lines) == posted
    assert judged.draft.origin == "voucher:abcdefgh12"


@pytest.mark.parametrize(
    "rows, why",
    [
        ((RENTED,), "differ"),
        ((RENTED, Row("1920", credit="1249.99")), "differ by 0.01"),
        ((), "at least two lines"),
        ((Row(debit="1250"), BANK), "has no account"),
        ((Row("6300"), BANK), "has no amount"),
        ((Row("6300", debit="0"), BANK), "has no amount"),
        ((Row("6300", debit="1", credit="1"), BANK), "both in debit and in credit"),
        ((Row("6999", debit="1250"), BANK), "6999 is no longer in use"),
        ((Row("bank", debit="1250"), BANK), "can be several accounts"),
        ((Row("nope", debit="1250"), BANK), "no account “nope”"),
        ((Row("1500", debit="1250"), BANK), "needs a customer or supplier"),
        ((Row("2400", party="Navnebror", debit="1250"), BANK), "can be several: 20002 Navnebror, 20003"),
        ((Row("2400", party="10009", debit="1250"), BANK), "no customer or supplier “10009”"),
        ((Row("1500", party="20002", debit="1250"), BANK), "no customer or supplier “20002”"),
        ((Row("6300", party="10001", debit="1250"), BANK), "6300 has no customers"),
        ((Row("1500", vat_code="1", party="10001", debit="1250"), BANK), "has no VAT code"),
        ((Row("6300", vat_code="77", debit="1250"), BANK), "no VAT code 77"),
        ((Row("1920", spread="/12", debit="1250"), BANK), "Only costs and income are spread"),
        ((Row("6300", spread="/200", debit="1250"), BANK), "2 to 120 months"),
        ((Row("6300", debit="1250", currency="NOK", currency_amount="1"), BANK), "currency of these books"),
        ((Row("6300", debit="1250", currency="E", currency_amount="1"), BANK), "not a currency"),
        ((Row("6300", currency="EUR", currency_amount="100"), BANK), "needs a rate"),
        (
            (Row("6300", debit="1250", currency="EUR", currency_amount="100", rate="11"), BANK),
            "comes to|1100.00",
        ),
        (
            (Row("6300", debit="1250", currency="EUR", currency_amount="100", rate="-1"), BANK),
            "is not a rate",
        ),
    ],
)
def test_what_cannot_be_posted_says_why(rows, why):
    judged = judge(a_voucher(*rows), FACTS)
    assert judged.draft is None
    assert any(part in said(judged) for part in why.split("|")), said(judged)


@pytest.mark.parametrize(
    "day, why", [("", "has no date"), ("31.01.2026", "closed through 2026-01-31"), ("32.01", "is not a day")]
)
def test_a_voucher_needs_an_open_day(day, why):
    assert why in said(judge(a_voucher(RENTED, BANK, day=day), FACTS))


def test_both_the_currency_and_its_rate_are_kept():
    (line, _bank) = judge(
        a_voucher(
            Row("6300", currency="eur", currency_amount="100", rate="11,5"), Row("1920", credit="1150")
        ),
        FACTS,
    ).draft.lines
    assert (line.amount, line.currency, line.currency_amount, line.rate) == (
        D("1150.00"),
        "EUR",
        D(100),
        D("11.5"),
    )
    (line, *_rest) = judge(
        a_voucher(
            Row("1920", credit="1150", currency="EUR", currency_amount="100"), Row("6300", debit="1150")
        ),
        FACTS,
    ).draft.lines
    assert (line.amount, line.currency_amount) == (D("-1150.00"), D("-100"))


@pytest.mark.parametrize(
    "row",
    [
        Row("6300 /12", vat_code="1", debit="1250"),
        Row("6300", vat_code="1", debit="1250 /12"),
        Row("6300", vat_code="1", debit="1250", spread="/12 from 2026-03"),
    ],
)
def test_a_spread_cost_waits_and_its_vat_does_not(row):
    (waits, vat, _bank) = judge(a_voucher(row, BANK), FACTS).draft.lines
    assert (waits.account, waits.amount, waits.spread) == (
        "1700",
        D("1000.00"),
        Spread("6300", 12, Month(2026, 3)),
    )
    assert (vat.account, vat.amount) == ("2710", D("250.00"))


def test_spread_income_waits_as_a_debt_and_its_vat_does_not():
    (_bank, waits, vat) = judge(
        a_voucher(Row("1920", debit="1250"), Row("3000 /12", vat_code="3", credit="1250")), FACTS
    ).draft.lines
    assert (waits.account, waits.amount) == ("2965", D("-1000.00"))
    assert waits.spread == Spread("3000", 12, Month(2026, 3))
    assert (vat.account, vat.amount) == ("2700", D("-250.00"))


@settings(max_examples=60, deadline=None)
@given(
    account=st.sampled_from(["6300", "7500", "3000", "3600"]),
    ore=st.integers(1, 10**10),
    is_debit=st.booleans(),
    months=st.integers(2, 120),
)
def test_the_months_of_what_is_spread_come_to_all_that_waits(account, ore, is_debit, months):
    amount = f"{D(ore) / 100:.2f}"
    sides = ("debit", "credit") if is_debit else ("credit", "debit")
    rows = (Row(f"{account} /{months}", **{sides[0]: amount}), Row("1920", **{sides[1]: amount}))
    (waits, _bank) = judge(a_voucher(*rows), FACTS).draft.lines
    accrual = AccrualRow(
        1, 1, "V", 1, DAY, "", waits.account, waits.spread.account, waits.amount, waits.spread.months,
        waits.spread.first, None, is_stopped=False,
    )  # fmt: skip
    lines = [
        line
        for due in come([accrual], today=date(2040, 1, 1), closed_through=None)
        for line in entry_of(due).lines
    ]
    left = {waits.account: waits.amount, account: ZERO}
    for line in lines:
        left[line.account] += line.amount
    assert left == {waits.account: ZERO, account: D(amount) if is_debit else -D(amount)}


def test_a_template_key_is_filled_in_when_its_line_has_an_amount():
    waiting = a_voucher(Row("LEIE"))
    assert changing.expanded(waiting, FACTS)[0] == waiting
    assert "is a template" in said(judge(waiting, FACTS))
    found, filled, _refused = changing.expanded(a_voucher(Row("LEIE", debit="1250")), FACTS)
    assert filled == ("leie",)
    assert [(row.account, row.debit, row.credit, row.text) for row in found.rows] == [
        ("6300", "1250.00", "", "Leie 2026-03"),
        ("1920", "", "1250.00", ""),
    ]
    turned, _filled, _refused = changing.expanded(a_voucher(Row("leie", credit="1250")), FACTS)
    assert [(row.debit, row.credit) for row in turned.rows] == [("", "1250.00"), ("1250.00", "")]


def test_a_template_that_takes_too_much_says_so():
    template = Template("x", "", (TemplateLine("6300", size=Size.FIXED, of=D(10)), TemplateLine("6320")))
    facts = Facts(ACCOUNTS, PARTIES, LAW.vat_codes, "NOK", WAITS_ON, None, {"x": template}, DAY)
    voucher = a_voucher(Row("x", debit="5"))
    same, filled, refused = changing.expanded(voucher, facts)
    assert same == voucher and not filled and "more than 5.00" in str(refused[0])


def test_the_counter_line_takes_the_difference():
    net = Row("6300", vat_code="1", is_net="1", debit="1000")
    assert changing.balanced(a_voucher(net), FACTS).rows == (net, Row(credit="1250.00"))
    # On a line that has an account and no amount, it is that line.
    assert changing.balanced(a_voucher(net, Row("1920")), FACTS, at=1).rows[1] == Row(
        "1920", credit="1250.00"
    )
    even = a_voucher(RENTED, BANK)
    assert changing.balanced(even, FACTS) is even


def test_a_copied_line_takes_the_rest():
    first = Row("6300", text="Leie", vat_code="1", debit="1000", department="10")
    found = changing.copied(a_voucher(first, BANK), FACTS, at=0)
    assert found.rows[1] == Row("6300", text="Leie", vat_code="1", debit="250.00", department="10")
    assert judge(found, FACTS).draft is not None


amounts = st.integers(1, 10**9).map(lambda ore: D(ore) / 100 + ZERO)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(amounts, st.sampled_from(["", "0", "1", "13", "86", "87"]), st.booleans()),
        min_size=1,
        max_size=5,
    )
)
def test_with_its_counter_line_every_voucher_balances(lines):
    rows = [
        Row("6300", vat_code=code, is_net="1" if is_net else "", debit=f"{amount}")
        for amount, code, is_net in lines
    ]
    found = changing.balanced(a_voucher(*rows), FACTS)
    judged = judge(
        Voucher(found.token, found.date, "", (*found.rows[:-1], Row("1920", credit=found.rows[-1].credit))),
        FACTS,
    )
    assert judged.difference == 0 and judged.draft is not None
    assert sum((line.amount for line in judged.draft.lines), ZERO) == 0


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(amounts, st.sampled_from(["", "0", "1", "13", "86", "87"]), st.booleans()),
        min_size=1,
        max_size=4,
    )
)
def test_an_entry_as_rows_is_the_same_entry(lines):
    drafted = [
        line
        for amount, code, is_net in lines
        for line in with_vat(LineDraft("6300", amount, vat_code=code), LAW.vat_codes, on=DAY, is_net=is_net)
    ]
    drafted.append(LineDraft("1920", -sum((line.amount for line in drafted), ZERO)))
    rows = changing.as_rows(drafted, FACTS, DAY, {})
    assert len(rows) <= len(lines) + 1
    assert judge(a_voucher(*rows), FACTS).draft.lines == tuple(drafted)


@settings(max_examples=60, deadline=None)
@given(amounts, st.integers(-3, 3).filter(bool))
def test_vat_that_was_rounded_otherwise_stays_as_it_is(amount, off):
    net, *_vat = with_vat(LineDraft("6300", amount + 1, vat_code="1"), LAW.vat_codes, on=DAY)
    stated = net.vat_amount + D(off) / 100
    drafted = (
        LineDraft("6300", net.amount, vat_code="1", vat_amount=stated),
        LineDraft("2710", stated, vat_code="1", vat_base=net.amount),
        LineDraft("2400", -net.amount - stated, party=2, number="F1", due_on=DAY, reference="123"),
    )
    rows = changing.as_rows(drafted, FACTS, DAY, {2: "10001"})
    assert judge(a_voucher(*rows), FACTS).draft.lines == drafted


def test_what_is_kept_of_a_draft_is_what_was_written():
    voucher = Voucher("abcdefgh12", "d", "x", (RENTED, Row(), BANK), (1, 2), 7, "feil")
    again = written.read(voucher.token, written.kept(voucher))
    assert again == Voucher("abcdefgh12", "d", "x", (RENTED, BANK), (1, 2), 7, "feil")
    assert set(COLUMNS) >= {"account", "debit", "credit"} and Voucher("x").is_blank
