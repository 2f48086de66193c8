"""Templates and spreads: rules that move money, exact to the øre."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nattbok.base.dates import Month
from nattbok.base.money import ZERO
from nattbok.countries.known import country
from nattbok.ledger.rules import LineDraft, with_vat
from nattbok.ledger.rules.spreading import (
    NotASpread,
    Spread,
    SpreadTooEarly,
    TooManyMonths,
    WaitsOn,
    day_of,
    read,
    spread,
    written,
)
from nattbok.ledger.rules.templates import (
    BadKey,
    BadPlace,
    BadShare,
    BadTemplateLine,
    BadValidity,
    FixedBeyondAmount,
    NoLines,
    SeveralRests,
    SharesBeyondWhole,
    Side,
    Size,
    Template,
    TemplateAccount,
    TemplateLine,
    TemplateVatCode,
    check_template,
    expand,
    filled_in,
    read_lines,
    written_lines,
)

DAY = date(2026, 3, 12)
NO, SE = country("NO"), country("SE")
D = Decimal


def a_template(*lines: TemplateLine, key: str = "leie", **fields) -> Template:
    return Template(key, "Leie", lines, **fields)


def to(account: str, size=Size.REST, of="0", **fields) -> TemplateLine:
    return TemplateLine(account, Side.DEBIT, size, D(of), **fields)


def from_(account: str, size=Size.REST, of="0", **fields) -> TemplateLine:
    return TemplateLine(account, Side.CREDIT, size, D(of), **fields)


def shown(lines) -> str:
    return "\n".join(f"{line.account} {line.amount} {line.vat_code}".strip() for line in lines)


@pytest.mark.parametrize(
    "lines, amount, comes_to",
    [
        (
            [to("6300", vat_code="1"), from_("1920")],
            "12500.00",
            "6300 10000.00 1\n2710 2500.00 1\n1920 -12500.00",
        ),
        # Three thirds are a whole, and the øre that is over goes to the first.
        (
            [to("6300", Size.SHARE, "33.3333"), to("6320", Size.SHARE, "33.3333"), to("6340"), from_("1920")],
            "100.00",
            "6300 33.33\n6320 33.33\n6340 33.34\n1920 -100.00",
        ),
        (
            [to("6300", Size.FIXED, "40.00"), to("6320"), from_("1920")],
            "100.00",
            "6300 40.00\n6320 60.00\n1920 -100.00",
        ),
        # Without VAT: it is added, and the rest has what that leaves.
        (
            [to("6300", Size.FIXED, "40.00", vat_code="1", is_net=True), to("7770"), from_("1920")],
            "100.00",
            "6300 40.00 1\n2710 10.00 1\n7770 50.00\n1920 -100.00",
        ),
        # What the buyer owes the VAT of: it is never in the amount.
        (
            [to("6300", vat_code="86"), from_("1920")],
            "100.00",
            "6300 100.00 86\n2714 25.00 86\n2704 -25.00 86\n1920 -100.00",
        ),
        (
            [to("6300", vat_code="87"), from_("1920")],
            "100.00",
            "6300 125.00 87\n2704 -25.00 87\n1920 -100.00",
        ),
        # A credit note turns all round.
        ([to("6300", vat_code="1"), from_("1920")], "-125.00", "6300 -100.00 1\n2710 -25.00 1\n1920 125.00"),
        # A line of nothing is left out.
        (
            [to("6300", Size.FIXED, "100.00"), to("6320"), from_("1920")],
            "100.00",
            "6300 100.00\n1920 -100.00",
        ),
    ],
)
def test_a_template_comes_to_the_amount(lines, amount, comes_to):
    assert shown(expand(a_template(*lines), D(amount), on=DAY, codes=NO.vat_codes)) == comes_to


def test_fixed_lines_beyond_the_amount_are_refused():
    template = a_template(to("6300", Size.FIXED, "140.00"), to("6320"))
    with pytest.raises(FixedBeyondAmount):
        expand(template, D("100.00"), on=DAY, codes={})


def test_a_template_spreads_income_too():
    template = a_template(to("1920"), from_("3000", vat_code="3", months=12))
    waits_on = WaitsOn("1700", "2965", {"3000"})
    lines = expand(template, D("12500.00"), on=DAY, codes=NO.vat_codes, waits_on=waits_on)
    assert shown(lines) == "1920 12500.00\n2965 -10000.00 3\n2700 -2500.00 3"
    assert lines[1].spread == Spread("3000", 12, Month(2026, 3))


def test_a_spread_template_waits_on_the_prepaid_account_without_its_vat():
    template = a_template(to("6300", vat_code="1", months=12, months_on=1), from_("1920"))
    lines = expand(
        template, D("12500.00"), on=DAY, codes=NO.vat_codes, waits_on=WaitsOn("1700", "2965", {"3000"})
    )
    assert shown(lines) == "1700 10000.00 1\n2710 2500.00 1\n1920 -12500.00"
    assert lines[0].spread == Spread("6300", 12, Month(2026, 4))


amounts = st.integers(-(10**12), 10**12).map(lambda ore: D(ore) / 100 + ZERO).filter(bool)
codes = st.sampled_from(["", "0", "1", "11", "13", "86", "87", "81", "82"])


@st.composite
def templates(draw) -> Template:
    """Shares, fixed lines and a rest in debit, and the same in credit."""
    lines = []
    for side in Side:
        percents = draw(st.lists(st.integers(1, 250_000), max_size=4))
        lines += [
            TemplateLine("6300", side, Size.SHARE, D(share) / 10_000, draw(codes)) for share in percents
        ]
        fixed = draw(st.lists(st.integers(1, 10_000), max_size=2))
        lines += [
            TemplateLine("6320", side, Size.FIXED, D(ore) / 100, draw(codes), draw(st.booleans()))
            for ore in fixed
        ]
        lines.append(TemplateLine("6340", side, Size.REST, ZERO, draw(codes)))
    return Template("x", "", tuple(draw(st.permutations(lines))))


@settings(max_examples=150, deadline=None)
@given(templates(), amounts)
def test_every_template_with_rests_balances_to_the_ore(template, amount):
    check_template(template, accounts={"6300", "6320", "6340"}, vat_codes=NO.vat_codes)
    try:
        lines = expand(template, amount, on=DAY, codes=NO.vat_codes)
    except FixedBeyondAmount:
        assume(False)
    assert sum((line.amount for line in lines), ZERO) == 0
    mirrored = expand(template, -amount, on=DAY, codes=NO.vat_codes)
    assert [(line.account, -line.amount) for line in mirrored] == [
        (line.account, line.amount) for line in lines
    ]


@settings(max_examples=150, deadline=None)
@given(amounts, st.sampled_from([*SE.vat_codes.values()]), st.booleans())
def test_a_line_and_its_vat_sum_to_the_amount(amount, code, is_net):
    line = LineDraft("5010", amount, vat_code=code.code)
    lines = with_vat(line, SE.vat_codes, on=DAY, is_net=is_net)
    total = sum((each.amount for each in lines), ZERO)
    if is_net and code.direction.value in ("input", "output"):
        assert lines[0].amount == amount and total == amount + (lines[0].vat_amount or ZERO)
    else:
        assert total == amount
    assert all(each.amount == each.amount.quantize(D("0.01")) for each in lines)


@settings(max_examples=150, deadline=None)
@given(amounts, amounts, st.sampled_from(["1", "13", "86", "87", "82", ""]), st.booleans())
def test_currency_is_shared_as_the_amount_is(amount, foreign, code, is_net):
    foreign = abs(foreign) if amount > 0 else -abs(foreign)
    line = LineDraft("6300", amount, vat_code=code, currency="EUR", currency_amount=foreign)
    lines = with_vat(line, NO.vat_codes, on=DAY, is_net=is_net)
    held = [each.currency_amount for each in lines if each.currency_amount is not None]
    if not is_net:
        assert sum(held, ZERO) == foreign
    assert all(each.currency_amount is None or each.currency_amount * each.amount >= 0 for each in lines)


@settings(max_examples=150, deadline=None)
@given(amounts, st.integers(2, 120), st.integers(0, 200))
def test_a_spread_sums_to_the_amount_and_no_month_differs_by_more_than_an_ore(amount, months, later):
    first = Month(2020, 1).plus(later)
    parts = spread(amount, months, first)
    assert sum((part.amount for part in parts), ZERO) == amount
    assert max(part.amount for part in parts) - min(part.amount for part in parts) <= D("0.01")
    assert [part.month for part in parts] == [first.plus(place) for place in range(months)]


@pytest.mark.parametrize(
    "typed, months, first",
    [
        ("/12", 12, "2026-03"),
        (" / 3 ", 3, "2026-03"),
        ("/12 from 2026-04", 12, "2026-04"),
        ("/6 FRA 2026-1", 6, "2026-01"),
        ("/6 från 202611", 6, "2026-11"),
    ],
)
def test_a_spread_is_typed(typed, months, first):
    found = read(typed, on=DAY)
    assert (found[0], str(found[1])) == (months, first)
    assert read(written(Spread("6300", *found)), on=DAY) == found


@pytest.mark.parametrize(
    "typed, refusal",
    [
        ("12", NotASpread),
        ("/", NotASpread),
        ("/12 from 2026-13", NotASpread),
        ("/12 from 0000-01", NotASpread),
        ("/12 later", NotASpread),
        ("/1", TooManyMonths),
        ("/0", TooManyMonths),
        ("/9999", TooManyMonths),
        ("/12 from 1999-01", SpreadTooEarly),
        ("/12 from 2099-01", SpreadTooEarly),
    ],
)
def test_what_is_no_spread_is_refused(typed, refusal):
    with pytest.raises(refusal):
        read(typed, on=DAY)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_the_reader_of_spreads(typed):
    try:
        months, _first = read(typed, on=DAY)
    except (NotASpread, TooManyMonths, SpreadTooEarly):
        return
    assert 2 <= months <= 120


def test_a_month_is_posted_on_its_last_day_and_never_before_the_entry():
    assert day_of(Month(2026, 4), on=DAY) == date(2026, 4, 30)
    assert day_of(Month(2026, 1), on=DAY) == DAY


@pytest.mark.parametrize(
    "template, refusal",
    [
        (a_template(to("6300"), key="6300"), BadKey),
        (a_template(to("6300"), key="much-too-long"), BadKey),
        (a_template(to("6300"), key=""), BadKey),
        (a_template(), NoLines),
        (a_template(*[to("6300", Size.FIXED, "1")] * 41), NoLines),
        (a_template(to("6300", Size.SHARE, "0")), BadShare),
        (a_template(to("6300", Size.SHARE, "100.5")), BadShare),
        (a_template(to("6300", Size.SHARE, "NaN")), BadShare),
        (a_template(to("6300", Size.FIXED, "-1")), BadShare),
        (a_template(to("6300", Size.FIXED, "1.005")), BadShare),
        (a_template(to("6300", Size.REST, "5")), BadShare),
        (a_template(to("6300", Size.SHARE, "60"), to("6300", Size.SHARE, "41")), SharesBeyondWhole),
        (a_template(to("6300"), to("6320")), SeveralRests),
        (a_template(to("9999")), TemplateAccount),
        (a_template(to("6300", vat_code="X")), TemplateVatCode),
        (a_template(to("6300", text="Leie {client.office}")), BadPlace),
        (a_template(to("6300", text="\0")), BadTemplateLine),
        (a_template(to("6300", months=121)), TooManyMonths),
        (a_template(to("6300"), valid_from=DAY, valid_to=date(2026, 1, 1)), BadValidity),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(template, refusal):
    with pytest.raises(refusal):
        check_template(template, accounts={"6300", "6320"}, vat_codes=NO.vat_codes)


def test_texts_are_filled_in():
    names = ["januar", "februar", "mars", *["?"] * 9]
    text = "Leie {month}, kvartal {quarter}, {year}; {date}; {other}"
    assert filled_in(text, on=DAY, months=names) == "Leie mars 2026, kvartal 1, 2026; 2026-03-12; {other}"
    assert filled_in("{month}", on=DAY) == "2026-03"


def test_lines_are_kept_as_they_were_written():
    template = a_template(
        to(
            "6300",
            Size.SHARE,
            "33.25",
            vat_code="1",
            text="{month}",
            dimensions={"department": "10"},
            months=12,
        ),
        from_("1920"),
    )
    assert read_lines(written_lines(template)) == template.lines
    with pytest.raises(BadTemplateLine):
        read_lines([{"account": "6300", "side": "up"}])
