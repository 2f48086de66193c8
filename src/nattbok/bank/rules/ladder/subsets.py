"""Which of a customer's items a payment may be the sum of: at most six of at most forty, in bounded work."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

LARGEST = 6  # items of a subset
MOST_ITEMS = 40
HALF = LARGEST // 2
ENOUGH = 3  # solutions: two already say that it is not certain
MOST_TRIED = 200_000  # pairs of halves


@dataclass(frozen=True, slots=True)
class Subsets:
    """The solutions that were found, by place; not all when the work was given up."""

    found: tuple[tuple[int, ...], ...]
    is_complete: bool = True


def subsets(amounts: Sequence[Decimal], wanted: Decimal) -> Subsets:
    """The subsets of `amounts` that sum to `wanted`, the smallest first; at most ENOUGH of them.

    Each subset is its first half and the rest of it, so the halves are looked up by their sum: some ten
    thousand of each for forty amounts. `is_complete` is False when there are more than it looked for, or
    more amounts than it looks at.
    """
    if len(amounts) > MOST_ITEMS:
        return Subsets((), is_complete=False)
    cents = tuple(int(amount * 100) for amount in amounts)
    target = int(wanted * 100)
    by_sum = _halves(cents)
    found: list[tuple[int, ...]] = []
    tried = 0
    for size in range(1, LARGEST + 1):
        first = (size + 1) // 2
        rest = size - first
        for half in combinations(range(len(cents)), first):
            left = target - sum(cents[at] for at in half)
            if not rest:
                if left == 0:
                    found.append(half)
            else:
                for other in by_sum[rest].get(left, ()):
                    tried += 1
                    if other[0] > half[-1]:
                        found.append(half + other)
                    if len(found) >= ENOUGH or tried > MOST_TRIED:
                        break
            if len(found) >= ENOUGH:
                return Subsets(tuple(found), is_complete=False)
            if tried > MOST_TRIED:
                return Subsets(tuple(found), is_complete=False)
    return Subsets(tuple(found))


@lru_cache(maxsize=64)
def _halves(cents: tuple[int, ...]) -> dict[int, dict[int, list[tuple[int, ...]]]]:
    """Size → sum → the subsets of it: the second halves."""
    found: dict[int, dict[int, list[tuple[int, ...]]]] = {}
    for size in range(1, HALF + 1):
        by_sum: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for half in combinations(range(len(cents)), size):
            by_sum[sum(cents[at] for at in half)].append(half)
        found[size] = by_sum
    return found
