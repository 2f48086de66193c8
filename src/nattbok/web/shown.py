"""How amounts, days, instants and sentences are written in the reader's language.

The language is the one that is active for the request. Norwegian and Swedish write 1 234,56 with a
no-break space; a minus is a real one.
"""

import datetime
import re
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from nattbok.base.words import Words

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DAYS = {"nb": "%d.%m.%Y", "sv": "%Y-%m-%d", "en": "%Y-%m-%d"}

_AMOUNT = re.compile(r"-?\d{1,14}\.\d{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME = re.compile(r"\{(\w+)\}")


def language() -> str:
    """The reader's language: nb, sv or en."""
    code = (get_language() or "nb")[:2]
    return code if code in DAYS else "nb"


def amount(number: Decimal | None) -> str:
    """Two decimals: 1 234,56, and −1,234.56 in English; nothing for None."""
    return amount_in(language(), number)


def amount_in(reader: str, number: Decimal | None) -> str:
    """`amount` in the language `reader`, for lists that would ask for the language at every row."""
    if number is None:
        return ""
    text = f"{abs(number):,.2f}"
    if reader != "en":
        text = text.replace(",", NO_BREAK).replace(".", ",")
    return MINUS + text if number < 0 and text.strip("0.,") else text


def count(number: int) -> str:
    """A whole number with its thousands parted."""
    text = f"{abs(number):,}"
    if language() != "en":
        text = text.replace(",", NO_BREAK)
    return MINUS + text if number < 0 else text


def day(on: datetime.date | None) -> str:
    """A day as it is written in the reader's language: 12.03.2026, 2026-03-12."""
    return on.strftime(DAYS[language()]) if on else ""


def month(on: datetime.date) -> str:
    """The month that `on` is in, by name: mars 2026."""
    return date_format(on, "F Y")


def clock(at: datetime.datetime | None) -> str:
    """The time of day where the office is: 02:11."""
    return timezone.localtime(at).strftime("%H:%M") if at else ""


def moment(at: datetime.datetime | None) -> str:
    """Day and time of day: 12.03.2026 02:11."""
    return f"{day(timezone.localtime(at).date())}{NO_BREAK}{clock(at)}" if at else ""


def age(at: datetime.datetime | None) -> str:
    """How long ago, in the largest whole unit: 3 d, 5 h, 12 min."""
    if at is None:
        return ""
    minutes = max(0, int((timezone.now() - at).total_seconds()) // 60)
    if minutes < 60:
        return gettext("{count} min").format(count=minutes)
    if minutes < 24 * 60:
        return gettext("{count} h").format(count=minutes // 60)
    return gettext("{count} d").format(count=count(minutes // (24 * 60)))


def value(given: object) -> str:
    """A value that stands in a sentence: amounts and days in the reader's form, all else as it is."""
    if given is None:
        return ""
    if isinstance(given, Decimal):
        return amount(given)
    if isinstance(given, datetime.datetime):
        return moment(given)
    if isinstance(given, datetime.date):
        return day(given)
    text = str(given)
    if _AMOUNT.fullmatch(text):
        return amount(Decimal(text))
    if _DAY.fullmatch(text):
        try:
            return day(datetime.date.fromisoformat(text))
        except ValueError:
            return text
    return text


def filled(text: str, values: dict) -> str:
    """`text` with its {names} replaced; a name without a value stays as it is written."""
    return _NAME.sub(
        lambda found: value(values[found.group(1)]) if found.group(1) in values else found.group(0), text
    )


def words(sentence: Words | str | None) -> str:
    """A marked sentence in the reader's language, with its values in the reader's form."""
    if not sentence:
        return ""
    if isinstance(sentence, str):
        return gettext(sentence)
    return filled(gettext(sentence.text) if sentence.text else "", sentence.values)
