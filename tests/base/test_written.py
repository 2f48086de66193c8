"""Amounts and days are read as they can only be meant; what can be meant in two ways is refused."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel.dates import get_month_names
from hypothesis import given, settings
from hypothesis import strategies as some

from nattbok.base.written import (
    LARGEST,
    DayMissing,
    DayOrDay,
    NotADay,
    NotAnAmount,
    ThousandsOrDecimals,
    need_day,
    read_amount,
    read_day,
    read_number,
)

DAY = date(2026, 3, 12)


@pytest.mark.parametrize(
    "written, meant",
    [
        ("1234,50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("1\N{NO-BREAK SPACE}234,5", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234.567", "1234567.00"),
        ("1,234,567.8", "1234567.80"),
        ("1234", "1234.00"),
        ("1234,-", "1234.00"),
        ("1.234,-", "1234.00"),
        ("-7", "-7.00"),
        ("\N{MINUS SIGN}7,05", "-7.05"),
        ("+7", "7.00"),
        (",50", "0.50"),
        ("0", "0.00"),
    ],
)
def test_what_can_be_meant_in_one_way(written, meant):
    assert read_amount(written) == Decimal(meant)
    assert read_amount(written).as_tuple().exponent == -2


@pytest.mark.parametrize("written", ["1.000", "1,000", "-12.345", "999,999"])
def test_what_can_be_meant_in_two_ways_is_refused_with_both(written):
    with pytest.raises(ThousandsOrDecimals):
        read_amount(written)


def test_both_meanings_are_told():
    with pytest.raises(ThousandsOrDecimals) as refused:
        read_amount("1,000")
    assert "1000" in str(refused.value.words) and "1,00" in str(refused.value.words)


@pytest.mark.parametrize(
    "written",
    ["x", "1e3", "NaN", "Infinity", "-", ",", ".-", "1,2,3", "1.23.456", "1,5,00", "1.5,000", "12,3456",
     "0x10", "١٢", "1-", "--1", "1.234,567", "99999999999999", "1234567,890"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(NotAnAmount):
        read_amount(written)


@pytest.mark.parametrize("written", ["", "  ", "\N{NO-BREAK SPACE}"])
def test_nothing_is_nothing(written):
    assert read_amount(written) is None and read_number(written) is None


@given(some.decimals(min_value=-LARGEST + 1, max_value=LARGEST - 1, places=2))
def test_what_any_language_writes_is_read_back(meant):
    english = f"{meant:,.2f}"
    swedish = english.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    german = english.translate(str.maketrans(",.", ".,"))
    for written in (english, swedish, german, f"{meant:.2f}", f"{meant:.2f}".replace(".", ",")):
        assert read_amount(written) == meant, written


@given(some.text(alphabet="0123456789.,- +", max_size=12))
def test_whatever_is_typed_is_read_in_whole_ore_or_refused(written):
    try:
        found = read_amount(written)
    except (NotAnAmount, ThousandsOrDecimals):
        return
    if found is None:
        assert not written.strip()
        return
    digits = "".join(sign for sign in written if sign.isdigit()).lstrip("0")
    assert found.as_tuple().exponent == -2
    # No digit is lost, and none moves over the mark by more than the øre that are filled up.
    assert f"{abs(found):.2f}".replace(".", "").strip("0").startswith(digits.rstrip("0"))


def test_a_rate_keeps_its_decimals():
    assert read_number("11,0250") == Decimal("11.0250")
    assert read_number("1.000") == Decimal("1.000")
    with pytest.raises(NotAnAmount):
        read_number("1.000,5")


@pytest.mark.parametrize(
    "typed",
    [
        "2026-03-12", "2026-3-12", "2026.03.12", "20260312", "12.03.2026", "12.3.26", "12. 3. 2026", "12/3",
        "12.03", "12.3.", "12/3-26", "12/3-2026", "12/3 26", "12/03/2026", "12-03-2026", "120326", "260312",
        "26-03-12", "12032026", "1203", "12. mars 2026", "12 mars", "12. mar. 26",
        "12 March 2026", "12-mar-2026",
        "12\N{NO-BREAK SPACE}mars", "d", "D", " t ", "i dag", "I DAG", "idag", "today",
    ],
)  # fmt: skip
def test_a_day_is_typed_as_people_type_it(typed):
    assert read_day(typed, near=DAY) == DAY


@pytest.mark.parametrize(
    "typed, days_away", [("i går", -1), ("yesterday", -1), ("i morgen", 1), ("i morgon", 1), ("tomorrow", 1)]
)
def test_the_day_beside_today(typed, days_away):
    assert read_day(typed, near=DAY) == DAY + timedelta(days=days_away)


@pytest.mark.parametrize(
    "typed",
    ["31.02.2026", "2026-13-01", "29.2", "99", "1", "0000-01-01", "9999-12-31", "1203-26", "abc", "12 mer",
     "12 ma", "٣٣", "1203x", "2026-W11-4", "2026-03-12T10:00", "-1203", "12..3", "1/2/3/4", "0", "3.14159"],
)  # fmt: skip
def test_what_is_no_day_is_refused_with_what_stands_there(typed):
    with pytest.raises(NotADay) as refused:
        read_day(typed, near=DAY)
    assert typed in str(refused.value.words)


@pytest.mark.parametrize(
    "typed, near, one, other",
    [
        ("250326", DAY, "2025-03-26", "2026-03-25"),  # year first, or day first
        ("27-03-26", DAY, "2026-03-27", "2027-03-26"),
        ("150119", DAY, "2015-01-19", "2019-01-15"),  # both far away
        ("3112", date(2026, 1, 5), "2025-12-31", "2026-12-31"),  # of last year, or of this
        ("2.1", date(2026, 12, 20), "2026-01-02", "2027-01-02"),
    ],
)
def test_a_day_that_can_be_two_is_refused_with_both(typed, near, one, other):
    with pytest.raises(DayOrDay) as refused:
        read_day(typed, near=near)
    assert one in str(refused.value.words) and other in str(refused.value.words)


def test_a_day_that_must_be_there_is_asked_for():
    assert read_day(" ", near=DAY) is None
    assert need_day("d", near=DAY) == DAY
    with pytest.raises(DayMissing):
        need_day(" ", near=DAY)


NAMES = {language: list(get_month_names("wide", locale=language).values()) for language in ("nb", "sv", "en")}


@settings(max_examples=200, deadline=None)
@given(
    meant=some.dates(date(1900, 1, 1), date(2199, 12, 31)),
    near=some.dates(date(1990, 1, 1), date(2090, 12, 31)),
    language=some.sampled_from(sorted(NAMES)),
)
def test_every_day_with_its_whole_year_is_read_back(meant, near, language):
    name = NAMES[language][meant.month - 1]
    forms = ("{0:%Y-%m-%d}", "{0:%Y%m%d}", "{0:%d.%m.%Y}", "{0.day}.{0.month}.{0:%Y}",
             "{0.day}/{0.month}-{0:%Y}",
             "{0:%d%m%Y}", "{0:%d-%m-%Y}", "{0.day}. {1} {0:%Y}", "{0.day} {2} {0:%Y}")  # fmt: skip
    for form in forms:
        written = form.format(meant, name, name[:3])
        assert read_day(written, near=near) == meant, written


@settings(max_examples=200, deadline=None)
@given(near=some.dates(date(2001, 6, 1), date(2098, 1, 1)), away=some.integers(-400, 400))
def test_a_day_written_short_is_the_one_meant_or_asked_about(near, away):
    meant = near + timedelta(days=away)
    for form in ("{0:%d.%m.%y}", "{0.day}/{0.month}-{0:%y}"):
        assert read_day(form.format(meant), near=near) == meant
    for form in ("{0:%d%m%y}", "{0:%y%m%d}", "{0:%y-%m-%d}"):
        assert read_or_asked(form.format(meant), near) in (meant, None)
    for form in ("{0:%d%m}", "{0.day}.{0.month}", "{0.day}/{0.month}."):
        found = read_or_asked(form.format(meant), near)
        assert found in (meant, None) or (abs(away) > 90 and abs(found - near) < timedelta(days=275))


def read_or_asked(written: str, near: date) -> date | None:
    """The day; None when it is asked about."""
    try:
        return read_day(written, near=near)
    except NotADay:
        return None


@settings(max_examples=300, deadline=None)
@given(
    typed=some.text(max_size=24) | some.text(alphabet="0123456789.-/ dtimarsj", max_size=12),
    near=some.dates(),
)
def test_whatever_is_typed_is_a_day_or_refused(typed, near):
    try:
        found = read_day(typed, near=near)
    except NotADay:
        return
    assert 1900 <= found.year <= 2199 if typed.strip() else found is None
