"""Amounts that look as amounts do, and the VAT of them."""

from decimal import Decimal
from random import Random

from nattbok.base.money import ORE, rounded

_HUNDRED = Decimal(100)


def kroner(random: Random, least: int, most: int) -> Decimal:
    """Something between `least` and `most` kroner; many are small, half of them whole kroner."""
    span = most - least
    whole = least + int(span * random.random() ** 2)
    return ore(Decimal(whole) + (Decimal(random.randrange(100)) / 100 if random.random() < 0.5 else 0))


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """`percent` of `amount`, to whole øre."""
    return rounded(amount * percent / _HUNDRED)


def ore(amount: Decimal) -> Decimal:
    """`amount`, which has at most two decimals, with two."""
    return amount.quantize(ORE)
