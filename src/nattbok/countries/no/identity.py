"""Norwegian organisation numbers and account numbers.

Source: Brønnøysundregistrene for organisation numbers; Bits (BBAN with MOD11, IBAN NO + 2 + 11 digits).
"""

from stdnum.no import orgnr

from nattbok.countries.check_digits import is_digits, mod11
from nattbok.countries.numbers import compact, valid_iban

ACCOUNT_LENGTH = 11


def normal_org_number(number: str) -> str:
    """The digits of an organisation number, written with or without NO, MVA and blanks. Not checked."""
    number = compact(number).removesuffix("MVA").removeprefix("NO")
    return "".join(sign for sign in number if sign in "0123456789")


def is_org_number(number: str) -> bool:
    """Whether it is nine digits (with or without NO and MVA) with a right check digit."""
    number = compact(number).removesuffix("MVA").removeprefix("NO")
    return is_digits(number) and bool(number.strip("0")) and orgnr.is_valid(number)


def normal_account(number: str) -> str:
    """Eleven digits for a Norwegian account, as BBAN or IBAN; a foreign IBAN as it is; otherwise ""."""
    account = compact(number)
    if found := valid_iban(account):
        if not found.startswith("NO"):
            return found
        account = found[4:]
    is_account = len(account) == ACCOUNT_LENGTH and is_digits(account) and bool(account.strip("0"))
    return account if is_account and mod11(account[:-1]) == account[-1] else ""


def same_account(one: str, other: str) -> bool:
    """Whether both are account numbers, and of the same account."""
    return normal_account(one) == normal_account(other) != ""
