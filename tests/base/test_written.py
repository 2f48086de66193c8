"""An amount is read as it can only be meant; what can be meant in two ways is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nattbok.base.written import LARGEST, NotAnAmount, ThousandsOrDecimals, read_amount, read_number


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
