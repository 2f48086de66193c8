"""Which of a customer's items a payment may be the sum of: at most six of at most forty, in bounded work."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

MOST_ITEMS = 40
ENOUGH = 3  # solutions: two already say that it is not certain
MOST_TRIED = 200_000  # pairs of halves
# Items of a subset, as those of its first half and those of the rest.
SIZES = ((1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (3, 3))

Places = tuple[int, ...]
Halves = tuple[tuple[tuple[int, Places], ...], dict[int, list[Places]]]


@dataclass(frozen=True, slots=True)
class Subsets:
    """The solutions that were found, by place; not all when the work was given up."""

    found: tuple[Places, ...]
    is_complete: bool = True


def subsets(amounts: Sequence[Decimal], wanted: Decimal) -> Subsets:
    """The subsets of `amounts` that sum to `wanted`, the smallest first; at most ENOUGH of them.

    Each subset is its first half and the rest of it, so the halves are looked up by their sum: some ten
    thousand of each for forty amounts. `is_complete` is False when there may be more than was looked at.
    """
    if len(amounts) > MOST_ITEMS:
        return Subsets((), is_complete=False)
    halves = _halves(tuple(int(amount * 100) for amount in amounts))
    target = int(wanted * 100)
    found: list[Places] = []
    tried = 0
    for first, rest in SIZES:
        others = halves[rest][1]
        for total, half in halves[first][0]:
            after = others.get(target - total)
            if after is None:
                continue
            last = half[-1]
            for other in after:
                tried += 1
                if not other or other[0] > last:
                    found.append(half + other)
                    if len(found) >= ENOUGH:
                        return Subsets(tuple(found), is_complete=False)
            if tried > MOST_TRIED:
                return Subsets(tuple(found), is_complete=False)
    return Subsets(tuple(found))


@lru_cache(maxsize=16)
def _halves(cents: tuple[int, ...]) -> tuple[Halves, ...]:
    """By size, none to three: all subsets with their sums, and the subsets by their sum."""
    found: list[Halves] = [((), {0: [()]})]
    for size in (1, 2, 3):
        listed = tuple(zip(map(sum, combinations(cents, size)), _places(len(cents), size), strict=True))
        by_sum: dict[int, list[Places]] = {}
        for total, places in listed:
            by_sum.setdefault(total, []).append(places)
        found.append((listed, by_sum))
    return tuple(found)


@lru_cache(maxsize=3 * MOST_ITEMS)
def _places(count: int, size: int) -> tuple[Places, ...]:
    return tuple(combinations(range(count), size))
