"""Months, fiscal years that begin in any month, terms, and days that are open."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.base.dates import (
    DateRange,
    FiscalYear,
    Month,
    add_open_days,
    in_force,
    open_days_between,
    term,
)

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))
start_months = st.integers(1, 12)


def is_weekday(day):
    return day.weekday() < 5


@pytest.mark.parametrize(
    ("day", "start_month", "first", "last", "name", "period"),
    [
        ("2026-03-12", 1, "2026-01-01", "2026-12-31", "2026", 3),
        ("2026-03-12", 7, "2025-07-01", "2026-06-30", "2025/2026", 9),
        ("2026-07-01", 7, "2026-07-01", "2027-06-30", "2026/2027", 1),
        ("2026-08-31", 9, "2025-09-01", "2026-08-31", "2025/2026", 12),
    ],
)
def test_fiscal_year(day, start_month, first, last, name, period):
    day = date.fromisoformat(day)
    year = FiscalYear.of(day, start_month=start_month)
    assert (str(year.first), str(year.last), year.name, year.period(day)) == (first, last, name, period)


def test_a_first_year_may_be_long_and_short_and_is_followed_by_twelve_months():
    long = FiscalYear(DateRange(date(2025, 10, 20), date(2026, 12, 31)))
    assert long.period(date(2026, 12, 31)) == 15
    assert long.following() == FiscalYear.of(date(2027, 5, 1))
    with pytest.raises(ValueError, match="2027-01-01 is not in"):
        long.period(date(2027, 1, 1))


@given(days, start_months)
def test_every_day_is_in_its_fiscal_year_and_in_one_of_its_twelve_months(day, start_month):
    year = FiscalYear.of(day, start_month=start_month)
    assert day in year
    assert len(year.months) == 12
    assert day in year.months[year.period(day) - 1].days
    assert year.following().first == year.last + timedelta(days=1)
    assert sum(len(month.days) for month in year.months) == len(year.days)


@given(days, st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_terms_fill_the_year_without_gaps(day, months):
    found = term(day, months)
    assert day in found
    assert len(found.months()) == months
    assert term(found.last + timedelta(days=1), months).first == found.last + timedelta(days=1)


def test_a_term_must_divide_the_year():
    with pytest.raises(ValueError, match="5 months"):
        term(date(2026, 1, 1), 5)


@given(days, st.integers(-600, 600))
def test_months_later_and_back_again(day, months):
    month = Month.of(day)
    assert month.plus(months).plus(-months) == month
    assert month.plus(months).since(month) == months
    assert Month.of(month.last + timedelta(days=1)) == month.plus(1)


@pytest.mark.parametrize(("year", "month"), [(2026, 0), (2026, 13), (0, 1), (10000, 1)])
def test_a_month_that_is_not(year, month):
    with pytest.raises(ValueError, match="there is no month"):
        Month(year, month)


@given(days, days, days, days)
def test_ranges_agree_with_the_days_in_them(one, two, three, four):
    left, right = DateRange(*sorted([one, two])), DateRange(*sorted([three, four]))
    common = left.common(right)
    assert (common is not None) == left.overlaps(right) == right.overlaps(left)
    if common:
        assert common.first in left
        assert common.first in right
        assert common.last in left
        assert common.last in right


def test_a_range_has_both_ends_and_cannot_be_backwards():
    assert [str(day) for day in DateRange(date(2026, 2, 27), date(2026, 3, 1))] == [
        "2026-02-27",
        "2026-02-28",
        "2026-03-01",
    ]
    with pytest.raises(ValueError, match="before it begins"):
        DateRange(date(2026, 3, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("day", "count", "answer"),
    [
        ("2026-03-13", 1, "2026-03-16"),  # Friday, then Monday
        ("2026-03-14", 1, "2026-03-16"),
        ("2026-03-16", -1, "2026-03-13"),
        ("2026-03-14", 0, "2026-03-14"),
        ("2026-03-13", 6, "2026-03-23"),
    ],
)
def test_add_open_days(day, count, answer):
    assert str(add_open_days(date.fromisoformat(day), count, is_weekday)) == answer


@given(days.filter(is_weekday), st.integers(0, 60))
def test_open_days_are_counted_as_they_are_added(day, count):
    assert open_days_between(day, add_open_days(day, count, is_weekday), is_weekday) == count


def test_a_dated_table_says_the_last_row_begun():
    table = [(date(2018, 1, 1), Decimal(12)), (date(2020, 4, 1), Decimal(6))]
    assert in_force(table, date(2017, 12, 31)) is None
    assert in_force(table, date(2020, 3, 31)) == 12
    assert in_force(table, date(2020, 4, 1)) == 6
    assert in_force([], date(2020, 4, 1)) is None
