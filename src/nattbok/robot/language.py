"""Sentences in the reader's language: our catalogs, and amounts and dates in the reader's form.

The catalogs are those that Django reads too, so that there is one translation of each sentence.
"""

import gettext
import re
from functools import cache
from pathlib import Path

from nattbok.base.words import Words

CATALOGS = Path(__file__).resolve().parent.parent / "locale"
AMOUNT = re.compile(r"-?\d+\.\d{2}")
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    return gettext.translation("django", CATALOGS, languages=[language], fallback=True)


def translate(words: Words, language: str) -> str:
    """The sentence in `language` (nb, sv, en); in English where it has no translation."""
    values = {name: shown(value, language) for name, value in words.values.items()}
    text = _catalog(language).gettext(words.text) if words.text else ""
    for sentence in (text, words.text):
        try:
            return sentence.format(**values)
        except (KeyError, IndexError, ValueError, AttributeError):
            continue  # a translation with a name that the sentence does not have
    return words.text


def shown(value: str | int | None, language: str) -> str:
    """A value as it stands in a sentence: amounts and days, given as text, get the reader's form."""
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, str) and AMOUNT.fullmatch(value):
        return amount(value, language)
    if isinstance(value, str) and (found := DAY.fullmatch(value)):
        year, month, day = found.groups()
        return f"{day}.{month}.{year}" if language == "nb" else text
    return text


def amount(number: str, language: str) -> str:
    """`1234.50` as 1 234,50 in nb and sv, as 1,234.50 in en."""
    whole, decimals = number.removeprefix("-").split(".")
    sign = "-" if number.startswith("-") else ""
    grouped = f"{int(whole):,}"
    if language == "en":
        return f"{sign}{grouped}.{decimals}"
    return f"{sign}{grouped.replace(',', NO_BREAK_SPACE)},{decimals}"
