"""Numbers as people and files write them, before a country looks at them."""

from stdnum import iban


def compact(number: str) -> str:
    """`number` in capitals, without the signs that are put in to be read: blanks, dots, hyphens."""
    return "".join(sign for sign in number.upper() if not sign.isspace() and sign not in ".-–:/")


def valid_iban(number: str) -> str:
    """The IBAN, compact, of any country when its check digits and length are right; otherwise ""."""
    number = compact(number)
    if not number.isascii() or not number[:2].isalpha():
        return ""
    return number if iban.is_valid(number) else ""
