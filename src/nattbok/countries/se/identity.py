"""Swedish organisation numbers, bankgiro and plusgiro numbers, and IBAN.

Source: Skatteverket for organisation numbers; Bankgirot: bankgiro 7-8 digits, plusgiro 2-8, both Luhn.
"""

import re

from stdnum.se import orgnr

from nattbok.countries.check_digits import is_digits, mod10
from nattbok.countries.numbers import compact, valid_iban

_BANKGIRO = re.compile(r"(?:BANKGIRO|BG)?(\d{3,4}-?\d{4})", re.ASCII)
_PLUSGIRO = re.compile(r"(?:(?:PLUSGIRO|PG)(\d{1,7}-?\d)|(\d{1,7}-\d)|(\d{2,6}))", re.ASCII)
ORG_NUMBER_LENGTH = 10
CENTURIES = ("16", "18", "19", "20")  # 16 before a company's number, the century before a person's


def normal_org_number(number: str) -> str:
    """The ten digits of an organisation number, written with or without SE…01, the century or 16.

    Not checked: digits of another length are returned as they are.
    """
    number = compact(number)
    if number.startswith("SE"):
        number = number.removeprefix("SE")
        if len(number) == ORG_NUMBER_LENGTH + 2:
            number = number.removesuffix("01")
    elif len(number) == ORG_NUMBER_LENGTH + 2 and number.startswith(CENTURIES):
        number = number[2:]
    return "".join(sign for sign in number if sign in "0123456789")


def is_org_number(number: str) -> bool:
    """Whether it is ten digits (in any way they are written) with a right check digit.

    Sole traders have their personnummer, which has the same form.
    """
    if not is_digits(compact(number).removeprefix("SE")):
        return False
    digits = normal_org_number(number)
    return bool(digits.strip("0")) and orgnr.is_valid(digits)


def normal_account(number: str) -> str:
    """An IBAN as it is, a bankgiro number as its digits, a plusgiro number as PG and digits; else "".

    Seven or eight plain digits are a bankgiro number; a plusgiro number of that length is known by "PG"
    before it or by a hyphen before its last digit. Clearing numbers have no check of their own and are
    not read.
    """
    if found := valid_iban(number):
        return found
    written = re.sub(r"[\s.:]", "", number.upper())
    if (bankgiro := _BANKGIRO.fullmatch(written)) and (digits := _checked(bankgiro[1])):
        return digits
    if (plusgiro := _PLUSGIRO.fullmatch(written)) and (
        digits := _checked(max(filter(None, plusgiro.groups())))
    ):
        return f"PG{digits}"
    return ""


def same_account(one: str, other: str) -> bool:
    """Whether both are account numbers, and of the same account."""
    return normal_account(one) == normal_account(other) != ""


def _checked(number: str) -> str:
    """The digits of `number` when the last one is their check digit; otherwise ""."""
    digits = number.replace("-", "")
    return digits if digits.strip("0") and mod10(digits[:-1]) == digits[-1] else ""
