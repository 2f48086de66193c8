"""Amounts: Decimal kroner with two decimals. Debit is positive, credit negative."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ZERO = Decimal("0.00")
ORE = Decimal("0.01")
ORE_PER_KRONE = 100


def rounded(amount: Decimal) -> Decimal:
    """`amount` to whole øre, halves away from zero, as invoices and EN 16931 round."""
    return amount.quantize(ORE, rounding=ROUND_HALF_UP)


def split(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount` shared by `weights`, each part in whole øre; the parts always sum to `amount`.

    What rounding leaves goes to the parts with the largest remainders, the first of equals first.
    `weights` must be non-negative with a positive sum.
    """
    # Fractions, since a Decimal division rounds, and a rounded share could be one øre too large.
    shares = [Fraction(weight) for weight in weights]
    total = sum(shares)
    if total <= 0 or any(share < 0 for share in shares):
        raise ValueError("weights must be non-negative and not all zero")
    sign = -1 if amount < 0 else 1
    units = abs(Fraction(amount)) * ORE_PER_KRONE
    if units.denominator != 1:
        raise ValueError("amount must be whole øre")
    exact = [units * share / total for share in shares]
    parts = [int(part) for part in exact]
    left = int(units) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[:left]:
        parts[place] += 1
    return [(sign * part * ORE).quantize(ORE) for part in parts]
