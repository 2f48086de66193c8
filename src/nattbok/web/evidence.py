"""Why an act was done, as a list that people read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from nattbok.base.words import Words, _
from nattbok.clients.models import Client, Person
from nattbok.robot.routine import routines
from nattbok.web import shown

# Name in the evidence → what it is called. A name that is not here is shown as it is written.
LABELS = {
    "account": _("Account"),
    "accounts": _("Accounts"),
    "alternatives": _("Alternatives"),
    "amount": _("Amount"),
    "amounts": _("Amounts"),
    "answer": _("Answer"),
    "candidates": _("Likely answers"),
    "count": _("Count"),
    "currency": _("Currency"),
    "customer": _("Customer"),
    "date": _("Date"),
    "document": _("Document"),
    "due_on": _("Due"),
    "entries": _("Entries"),
    "entry": _("Entry"),
    "file": _("File"),
    "item": _("Open item"),
    "items": _("Open items"),
    "kind": _("Kind"),
    "left": _("Left"),
    "movement": _("Bank movement"),
    "name": _("Name"),
    "net": _("Without VAT"),
    "number": _("Number"),
    "owed": _("Owed"),
    "party": _("Party"),
    "reason": _("Reason"),
    "reference": _("Reference"),
    "rule": _("Rule"),
    "series": _("Series"),
    "starts_on": _("From"),
    "step": _("Step"),
    "subject": _("Subject"),
    "supplier": _("Supplier"),
    "text": _("Text"),
    "through": _("Through"),
    "total": _("Total"),
    "vat": _("VAT"),
    "vat_code": _("VAT code"),
    "version": _("Version"),
    "why": _("Why"),
}
DEEPEST = 6
MOST = 200  # of one list


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing in the evidence: its label, and its text, or the pieces it is made of."""

    label: str
    text: str = ""
    link: str = ""
    pieces: tuple["Piece", ...] = ()


def pieces(client: Client, evidence: Mapping, *, depth: int = 0) -> tuple[Piece, ...]:
    """The evidence in the order it was kept, without what is empty."""
    return tuple(
        _piece(client, name, label(name), value, depth)
        for name, value in evidence.items()
        if value not in (None, "", [], {})
    )


def label(name: str) -> str:
    """What people call it."""
    return gettext(LABELS[name]) if name in LABELS else name.replace("_", " ")


def _piece(client: Client, name: str, title: str, value: object, depth: int) -> Piece:
    if isinstance(value, dict):
        if set(value) == {"text", "values"} and isinstance(value["values"], dict):
            return Piece(title, shown.words(Words(str(value["text"]), value["values"])))
        if depth < DEEPEST:
            return Piece(title, pieces=pieces(client, value, depth=depth + 1))
    if isinstance(value, list) and depth < DEEPEST:
        return Piece(title, pieces=tuple(_listed(client, name, value, depth)))
    text = gettext("yes") if value is True else gettext("no") if value is False else shown.value(value)
    return Piece(title, text, _link(client, name, value))


def _listed(client: Client, name: str, values: list, depth: int) -> Iterator[Piece]:
    for value in values[:MOST]:
        yield _piece(client, name, "", value, depth + 1)
    if len(values) > MOST:
        yield Piece("", shown.filled(gettext("… and {count} more"), {"count": len(values) - MOST}))


def _link(client: Client, name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return ""
    if name == "file":
        return reverse("file", args=[client.pk, value])
    if name in ("entry", "entries"):
        return reverse("entry", args=[client.pk, value])
    return ""


def doer(by: str) -> str:
    """Who did it, as people say it: the robot and its routine, a person by name, or as it is written."""
    kind, _colon, name = by.partition(":")
    if kind == "robot":
        title = next((routine.title for routine in routines() if routine.name == name), "")
        return shown.filled(gettext("the robot: {routine}"), {"routine": gettext(title) if title else name})
    if kind == "person" and name.isdecimal():
        person = Person.objects.filter(pk=int(name)).first()
        return str(person) if person else by
    return by
