"""Which invoice numbers a free text names, as whole words only.

A number inside a longer number, a date, a year, an amount, a telephone or an organisation number is not an
invoice number: the worst wrong bookings elsewhere came from such hits.
"""

import re
from collections.abc import Callable

_AMOUNT = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:[ .\u00a0]\d{3})+|\d+)[.,]\d{2}(?![\d.,]*\d)")
_DATE = re.compile(r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2})(?!\d)")
# Account numbers written in groups, and IBANs: their groups are no words of their own.
_ACCOUNT = re.compile(r"(?<![\w.])\d{4}[ .]\d{2}[ .]\d{5}(?!\d)")
_IBAN = re.compile(r"\b(?=(?:[A-Z0-9] ?){15})[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_WORD = re.compile(r"[^\W_](?:[\w/-]*[^\W_])?")
_COMPACT_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_COMPACT_DATE_FROM_DAY = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d")
_SHORT_DATE = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d")
_YEAR = re.compile(r"(?:19[89]|20[0-9])\d")
# What stands before an invoice's number, in Norwegian, Swedish and English.
_NUMBERED = re.compile(
    r"\b(?:faktura|fakt|fak|regning|rekning|räkning|invoice|inv)(?:nummer|number|num|nr|no)?[.:#]*\s*"
    r"(?:(?:nummer|number|num|nr|no)[.:#]*\s*)?([^\W_](?:[\w/-]*[^\W_])?)",
    re.IGNORECASE,
)
LEAST_DIGITS = 4


def words(text: str) -> list[str]:
    """The whole words of `text` in order, in upper case; amounts, dates and account numbers left out."""
    for others in (_IBAN, _ACCOUNT, _AMOUNT, _DATE):
        text = others.sub(" ", text)
    return [word.upper() for word in _WORD.findall(text)]


def numbered(text: str) -> set[str]:
    """The words, in upper case, that stand right after a word for invoice: "faktura nr. 20260045"."""
    return {found.upper() for found in _NUMBERED.findall(text)}


def could_be_number(
    word: str,
    *,
    is_org_number: Callable[[str], bool],
    amount_digits: str = "",
    is_named: bool = False,
) -> bool:
    """Whether a whole word can be an invoice number at all: four digits or a prefix, and nothing else.

    `amount_digits` is the payment's own amount in whole kroner, which is no number of an invoice. What the
    text itself calls an invoice's number (`is_named`) may look like a day or a telephone number, and be none.
    """
    digits = sum(sign.isdigit() for sign in word)
    if digits == 0 or (digits == len(word) and digits < LEAST_DIGITS):
        return False
    if digits < len(word):
        return digits >= 2  # a series prefix says that it is a number of something
    if is_named:
        return not _YEAR.fullmatch(word)
    if word == amount_digits or _YEAR.fullmatch(word) or _COMPACT_DATE.fullmatch(word):
        return False
    if _COMPACT_DATE_FROM_DAY.fullmatch(word):
        return False
    if len(word) == 6 and _SHORT_DATE.fullmatch(word):
        return False
    if len(word) == 8 and word[0] in "2345679":
        return False  # as telephone numbers are
    return not is_org_number(word)
