"""Amounts are rounded as invoices round, and sharing one never makes or loses an øre."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.base.money import ORE, ZERO, rounded, split

amounts = st.decimals(min_value=Decimal("-1e13"), max_value=Decimal("1e13"), places=2)
weights = st.lists(
    st.decimals(min_value=0, max_value=Decimal("1e12"), allow_nan=False, allow_infinity=False),
    min_size=1,
    max_size=12,
).filter(lambda drawn: any(drawn))


@pytest.mark.parametrize(
    ("amount", "answer"),
    [
        ("1.005", "1.01"),
        ("1.004999", "1.00"),
        ("-1.005", "-1.01"),  # halves go away from zero on both sides
        ("0", "0.00"),
        ("2.675", "2.68"),
    ],
)
def test_rounded_goes_to_the_nearest_ore(amount, answer):
    assert str(rounded(Decimal(amount))) == answer


@given(st.decimals(min_value=Decimal("-1e12"), max_value=Decimal("1e12"), allow_nan=False))
def test_rounded_is_never_more_than_half_an_ore_away(amount):
    result = rounded(amount)
    assert abs(result - amount) <= ORE / 2
    assert result.as_tuple().exponent == -2
    assert rounded(-amount) == -result


@pytest.mark.parametrize(
    ("amount", "shares", "answer"),
    [
        ("100.00", "1 1 1", "33.34 33.33 33.33"),  # the first of equals gets the odd øre
        ("-100.00", "1 1 1", "-33.34 -33.33 -33.33"),
        ("0.01", "1 9", "0.00 0.01"),
        ("10.00", "0 1", "0.00 10.00"),
        ("0.00", "1 2", "0.00 0.00"),
        ("1000.00", "0.1 0.2 0.7", "100.00 200.00 700.00"),
    ],
)
def test_split(amount, shares, answer):
    parts = split(Decimal(amount), [Decimal(share) for share in shares.split()])
    assert " ".join(str(part + ZERO) for part in parts) == answer


@given(amounts, weights)
def test_the_parts_sum_to_the_amount_and_each_is_within_an_ore_of_its_share(amount, drawn):
    parts = split(amount, drawn)
    assert sum(parts) == amount
    assert len(parts) == len(drawn)
    assert all(part == 0 or (part < 0) == (amount < 0) for part in parts)
    total = sum(drawn)
    for part, weight in zip(parts, drawn, strict=True):
        assert abs(part - amount * weight / total) < ORE * Decimal("1.0001")
        assert weight or not part


@pytest.mark.parametrize(
    ("amount", "shares"), [("1.00", []), ("1.00", ["0"]), ("1.00", ["-1", "3"]), ("1.001", ["1"])]
)
def test_what_cannot_be_shared_is_refused(amount, shares):
    with pytest.raises(ValueError, match=r"weights|øre"):
        split(Decimal(amount), [Decimal(share) for share in shares])
