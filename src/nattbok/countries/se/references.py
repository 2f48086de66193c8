"""OCR numbers, the checked references that Swedish payers quote.

2 to 25 digits, the last one Luhn (MOD10); by agreement the one before it is a length digit, the whole
length modulo 10.
Source: Bankgirot, OCR reference check.
"""

from collections.abc import Sequence

from nattbok.countries import likeness
from nattbok.countries.check_digits import is_digits, mod10

SHORTEST, LONGEST = 2, 25
METHODS = ("luhn", "luhn-length")


class Ocr:
    """Makes and checks OCR numbers; the methods are "luhn" and "luhn-length"."""

    methods = METHODS

    def is_valid(self, reference: str, *, lengths: Sequence[int] = (), methods: Sequence[str] = ()) -> bool:
        """Whether `reference` has a right check digit, and the agreed length and method where given.

        Zeros alone identify nothing and are never valid. Unknown methods raise KeyError.
        """
        for method in methods:
            if method not in METHODS:
                raise KeyError(method)
        if not SHORTEST <= len(reference) <= LONGEST or not is_digits(reference):
            return False
        if (lengths and len(reference) not in lengths) or mod10(reference[:-1]) != reference[-1]:
            return False
        if methods and "luhn" not in methods:
            return _has_length_digit(reference) and bool(reference[:-2].strip("0"))
        return bool(reference[:-1].strip("0"))

    def make(self, number: str, *, method: str = "", length: int | None = None) -> str:
        """`number` with its check digit (and length digit), filled with leading zeros to `length` in all.

        `method` is "luhn" when not given. Raises ValueError when `number` is not digits, is zeros alone,
        or does not fit.
        """
        if not is_digits(number) or not number.strip("0"):
            raise ValueError(f"an OCR number is made of digits that are not all zero, not of {number!r}")
        method = method or "luhn"
        if method not in METHODS:
            raise KeyError(method)
        controls = 2 if method == "luhn-length" else 1
        if length is not None:
            number = number.zfill(length - controls)
        if method == "luhn-length":
            number += str((len(number) + controls) % 10)
        reference = number + mod10(number)
        if len(reference) > LONGEST or (length is not None and len(reference) != length):
            raise ValueError(f"{reference} is longer than {length or LONGEST} digits")
        return reference

    def near(self, reference: str, known: Sequence[str]) -> list[str]:
        """Those of `known` that `reference` may have been meant as: one slip away, or an old prefix."""
        found = likeness.near(reference, known, alphabet="0123456789", longest=LONGEST, controls=(1,))
        if _has_length_digit(reference):
            alike = [item for item in known if _has_length_digit(item)]
            found += likeness.near(reference, alike, alphabet="0123456789", longest=LONGEST, controls=(2,))
        return list(dict.fromkeys(found))


def _has_length_digit(reference: str) -> bool:
    """Whether the digit before the last one is the length modulo 10, by agreement or by chance."""
    return len(reference) > SHORTEST and reference[-2] == str(len(reference) % 10)
