"""Amounts as they are printed: which sign parts the decimals is decided for the whole document."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

MOST_DIGITS = 12

_MINUS = "-–−‐"
_CENTS = r"(?P<cents>[.,]\s?(?P<two>\d\d)|[.,:]\s?[-–−]{1,2}|\s?[-–−]{2})"
_BODY = r"(?P<body>\d{1,3}(?:(?P<mark>[ .,'’\u00a0\u202f])\d{3})(?:(?P=mark)\d{3})*|\d+)"
_AMOUNT = re.compile(
    rf"(?<!\d)(?<!\d[.,])(?P<minus>[{_MINUS}]\s?)?(?:kr\.?\s?|[$€£]\s?)?(?P<inner>[{_MINUS}]\s?)?{_BODY}{_CENTS}"
    rf"(?![\d])(?!\s?%)(?![.,]\d)(?P<after>\s?[{_MINUS}](?!\s?\d))?",
    re.ASCII | re.IGNORECASE,
)
_WHOLE = re.compile(
    rf"(?<!\d)(?<!\d[.,/-])(?P<minus>[{_MINUS}]\s?)?"
    rf"(?P<body>\d{{1,3}}(?:(?P<mark>[ .,])\d{{3}})(?:(?P=mark)\d{{3}})*|\d+)"
    rf"(?![\d.,/%-])(?!\s?%)(?P<after>[{_MINUS}])?",
    re.ASCII,
)


class Printed(NamedTuple):
    """An amount and where in the text it stands; `is_whole` when no decimals are printed."""

    amount: Decimal
    start: int
    end: int
    is_whole: bool = False


def decimal_sign(texts: Iterable[str]) -> str:
    """ "," or "." as most amounts with two decimals have it; "," when there are none."""
    commas = points = 0
    for text in texts:
        for match in _AMOUNT.finditer(text):
            sign = match["cents"].strip()[:1]
            # A thousands sign of one kind says that the other parts the decimals.
            weight = 3 if match["mark"] in (".", ",") and match["mark"] != sign else 1
            commas += weight * (sign == ",")
            points += weight * (sign == ".")
    return "." if points > commas else ","


def find(text: str, decimal: str = ",") -> Iterator[Printed]:
    """The amounts in a text. Where a blank may part thousands or two numbers, both readings are given."""
    for match in _AMOUNT.finditer(text):
        mark = match["mark"] or ""
        cents = match["two"] or "00"
        if mark and mark == match["cents"].strip()[:1] and mark == decimal and mark != ".":
            continue  # 1,234,50 is nothing anybody prints where the comma parts decimals
        body = re.sub(r"\D", "", match["body"])
        if len(body) > MOST_DIGITS:
            continue
        is_negative = bool(match["minus"] or match["inner"] or match["after"])
        yield Printed(_signed(body, cents, is_negative), match.start(), match.end())
        if mark.isspace():
            yield from _shorter(match, cents, bool(match["after"]))


def _shorter(match: re.Match[str], cents: str, is_negative: bool) -> Iterator[Printed]:
    """The readings in which the first figures are a number of their own: 2 888,39 as two of 888,39."""
    start = match.start("body")
    parts = re.split(r"\D", match["body"])
    for place in range(1, len(parts)):
        if parts[place].startswith("0"):
            continue
        at = start + sum(len(part) + 1 for part in parts[:place])
        yield Printed(_signed("".join(parts[place:]), cents, is_negative), at, match.end())


def find_whole(text: str, decimal: str = ",") -> Iterator[Printed]:
    """Whole kroner: figures without decimals, which only a label can make an amount of."""
    for match in _WHOLE.finditer(text):
        if match["mark"] == decimal:
            continue
        body = re.sub(r"\D", "", match["body"])
        if len(body) <= MOST_DIGITS:
            is_negative = bool(match["minus"] or match["after"])
            yield Printed(_signed(body, "00", is_negative), match.start(), match.end(), True)


def _signed(body: str, cents: str, is_negative: bool) -> Decimal:
    amount = Decimal(f"{body}.{cents}")
    return -amount if is_negative else amount
