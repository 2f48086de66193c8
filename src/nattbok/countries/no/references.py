"""KID, the checked number that Norwegian payers quote.

2 to 25 characters, the last one MOD10 or MOD11; a MOD11 check may be "-". The agreement with the bank
fixes the lengths and the method for each account.
Source: Nets, OCR giro system specification.
"""

from collections.abc import Sequence

from nattbok.countries import likeness
from nattbok.countries.check_digits import is_digits, mod10, mod11

SHORTEST, LONGEST = 2, 25
METHODS = {"mod10": mod10, "mod11": mod11}


class Kid:
    """Makes and checks KID numbers; the methods are "mod10" (the usual one) and "mod11"."""

    methods = tuple(METHODS)

    def is_valid(self, reference: str, *, lengths: Sequence[int] = (), methods: Sequence[str] = ()) -> bool:
        """Whether `reference` has a right check character, and the agreed length and method where given.

        Zeros alone identify nothing and are never valid. Unknown methods raise KeyError.
        """
        number, check = reference[:-1], reference[-1:]
        if not SHORTEST <= len(reference) <= LONGEST or not is_digits(number) or not number.strip("0"):
            return False
        if lengths and len(reference) not in lengths:
            return False
        return any(METHODS[method](number) == check for method in methods or METHODS)

    def make(self, number: str, *, method: str = "", length: int | None = None) -> str:
        """`number` with its check character, filled with leading zeros to `length` characters in all.

        `method` is "mod10" when not given. Raises ValueError when `number` is not digits, is zeros alone,
        or does not fit.
        """
        if not is_digits(number) or not number.strip("0"):
            raise ValueError(f"a KID is made of digits that are not all zero, not of {number!r}")
        if length is not None:
            number = number.zfill(length - 1)
        reference = number + METHODS[method or "mod10"](number)
        if len(reference) > LONGEST or (length is not None and len(reference) != length):
            raise ValueError(f"{reference} is longer than {length or LONGEST} characters")
        return reference

    def near(self, reference: str, known: Sequence[str]) -> list[str]:
        """Those of `known` that `reference` may have been meant as: one slip away, or an old prefix."""
        return likeness.near(reference, known, alphabet="0123456789-", longest=LONGEST, controls=(1,))
