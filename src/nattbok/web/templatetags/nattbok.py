"""Tags and filters of every template: amounts, days, sentences and the client's colour."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext

from nattbok.clients.models import Client
from nattbok.web import origins, shown

register = template.Library()

HUES = 12

for _filter in (shown.amount, shown.count, shown.day, shown.month, shown.clock, shown.moment, shown.age):
    register.filter(_filter.__name__, _filter)
register.filter("words", shown.words)


@register.filter
def debit(amount: Decimal) -> str:
    """The amount when it is a debit, for the debit column."""
    return shown.amount(amount) if amount > 0 else ""


@register.filter
def credit(amount: Decimal) -> str:
    """The amount without its sign when it is a credit, for the credit column."""
    return shown.amount(-amount) if amount < 0 else ""


@register.filter
def dated(about: str) -> str:
    """What a question is about, in which the day that it may begin with has the reader's form."""
    first, point, rest = about.partition(" · ")
    return shown.value(first) + point + rest


@register.filter
def made_from(origin: str) -> str:
    """What an entry with this origin was made from."""
    return shown.words(origins.name(origin))


@register.filter
def hue(client: Client) -> str:
    """The class that gives a client its colour; the same on every page."""
    return f"hue-{client.pk % HUES}"


@register.simple_tag
def say(text: str, **values: object) -> str:
    """A sentence in the reader's language with values in its {names}; escaped like any value."""
    return shown.filled(gettext(text), values)
