"""Why an act was done, as a list that people read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext

from nattbok.base.words import Words, _
from nattbok.clients.models import Client, Person
from nattbok.documents.queries import files_of
from nattbok.ledger.queries import EntryRow
from nattbok.robot.routine import routines
from nattbok.web import shown
from nattbok.web.things import page

# Name in the evidence → what it is called. A name that is not here is shown as it is written.
LABELS = {
    "routine": _("Routine"),
    "night": _("Night"),
    "undone_by": _("Undone by"),
    "proves": _("Proves the account of"),
    "plan": _("Plan"),
    "along": _("Later work taken along"),
    "cancelled": _("Held back"),
    "unpaired": _("Pairings undone"),
    "parted": _("Parted settlements"),
    "documents": _("Documents"),
    "movements": _("Bank movements"),
    "what": _("What"),
    "deed": _("Deed"),
    "hits": _("Hits"),
    "cap": _("At most"),
    "author": _("Written by"),
    "approved_by": _("Approved by"),
    "account": _("Account"),
    "accounts": _("Accounts"),
    "also": _("Also"),
    "alternatives": _("Alternatives"),
    "amount": _("Amount"),
    "amounts": _("Amounts"),
    "answer": _("Answer"),
    "bank_reference": _("The bank's reference"),
    "booked_on": _("Booked on"),
    "buyer_owes_vat": _("VAT owed by the buyer"),
    "candidates": _("Likely answers"),
    "code": _("Code"),
    "count": _("Count"),
    "currency": _("Currency"),
    "customer": _("Customer"),
    "date": _("Date"),
    "document": _("Document"),
    "document_kind": _("Kind of document"),
    "due_on": _("Due"),
    "entries": _("Entries"),
    "entry": _("Entry"),
    "file": _("File"),
    "files": _("Files"),
    "issued_on": _("Issued on"),
    "item": _("Open item"),
    "items": _("Open items"),
    "kind": _("Kind"),
    "known": _("Known before"),
    "left": _("Left"),
    "lines": _("Lines"),
    "listed": _("Listed"),
    "message": _("Format"),
    "moved_from": _("Moved from"),
    "movement": _("Bank movement"),
    "name": _("Name"),
    "net": _("Without VAT"),
    "new": _("New"),
    "number": _("Number"),
    "on_account": _("Kept on account"),
    "owed": _("Owed"),
    "paid": _("Paid before"),
    "party": _("Party"),
    "payer": _("Payer"),
    "payer_account": _("The payer's account"),
    "pays": _("Pays"),
    "reason": _("Reason"),
    "reference": _("Reference"),
    "repeats": _("Repeats"),
    "reversal": _("Reversal"),
    "rounding": _("Rounding"),
    "rule": _("Rule"),
    "seller": _("Seller"),
    "series": _("Series"),
    "sha256": _("SHA-256 of the file"),
    "source": _("Where it stands in the file"),
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
    "where": _("Place"),
    "why": _("Why"),
}
# What is read first; the rest follows by its name, and what has parts of its own comes last. The database
# keeps the names in no order that anyone chose.
FIRST = (
    "step", "kind", "document_kind", "supplier", "seller", "payer", "party", "customer", "name", "reference",
    "number", "amount", "owed", "net", "vat", "left", "on_account", "rounding", "booked_on", "issued_on",
)  # fmt: skip
NOTHING = (None, "", [], {}, "0.00")
# The parts of a card that are shown by themselves, in this order, under these headings.
SECTIONS = {
    "signals": _("What speaks for it"),
    "against": _("What speaks against it"),
    "vetoes": _("What would have stopped it, and did not"),
    "alternatives": _("What else it could have been, and why not"),
    "limits": _("Limits it was held to"),
}
OF_RULE = ("name", "rule", "version", "author", "approved_by", "cap", "hits")
# What each step of the matching ladder means, and why it may be done without a person.
STEPS = {
    "OWN_PAYMENT": _("Our own payment: the bank line carries the number that we gave it, with our amount."),
    "KID_EXACT": _("A checked reference of exactly one invoice, and exactly what was owed."),
    "KID_PARTIAL": _("A checked reference of exactly one invoice; less was paid, and the rest stays open."),
    "KID_OVER": _("A checked reference of exactly one invoice; what was paid beyond it stands on account."),
    "KID_CLOSED": _("A checked reference of a paid invoice: the customer is certain, and has it on account."),
    "LIST": _("A list of invoices of one customer, all known and open, that sums to what was paid."),
    "REF_AMOUNT": _("One invoice is named in the text as a whole word, and exactly its rest was paid."),
    "SETTLEMENT": _("A payout whose report adds up to exactly what came."),
    "RULE": _("A rule that a named person approved: all its conditions hold, and its lines sum to the line."),
    "UNIQUE": _("A known payer, exactly one open invoice of that amount, and the client has opted in."),
    "FX": _("An invoice in another currency: the reference is right, and so is the amount in that currency."),
    "BY_HAND": _("A person said what it is."),
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


@dataclass(frozen=True, slots=True)
class Card:
    """An act explained: what its step means, what spoke for and against it, its rule, and all the rest."""

    step: str
    means: str
    sections: tuple[tuple[str, str, tuple[Piece, ...]], ...]  # name, heading, pieces
    rule: tuple[Piece, ...]
    rest: tuple[Piece, ...]

    @property
    def as_data(self) -> dict:
        """The same for programs, in the reader's words."""
        return {
            "step": self.step,
            "means": self.means,
            **{name: [_said(piece) for piece in found] for name, _heading, found in self.sections},
            "rule": {piece.label: piece.text for piece in self.rule},
        }


def _said(piece: Piece) -> object:
    if not piece.pieces:
        return piece.text
    return {each.label: _said(each) for each in piece.pieces}


def card(client: Client, evidence: Mapping) -> Card:
    """What an act's evidence says, in the order that a person asks."""
    step = str(evidence.get("step") or "")
    of_rule = {name: evidence[name] for name in OF_RULE if name in evidence} if "rule" in evidence else {}
    shown_by_themselves = {*SECTIONS, *of_rule, "step"}
    return Card(
        step,
        gettext(STEPS[step]) if step in STEPS else "",
        tuple(
            (name, gettext(heading), _section(client, name, evidence[name]))
            for name, heading in SECTIONS.items()
            if evidence.get(name) not in NOTHING
        ),
        pieces(client, of_rule),
        pieces(client, {name: value for name, value in evidence.items() if name not in shown_by_themselves}),
    )


def _section(client: Client, name: str, value: object) -> tuple[Piece, ...]:
    if isinstance(value, dict):
        return pieces(client, value)
    return tuple(_listed(client, name, value if isinstance(value, list) else [value], 0))


def pieces(client: Client, evidence: Mapping, *, depth: int = 0) -> tuple[Piece, ...]:
    """The evidence in the order it is read, without what is empty or nothing."""
    told = [(name, value) for name, value in evidence.items() if value not in NOTHING]
    return tuple(_piece(client, name, label(name), value, depth) for name, value in sorted(told, key=_place))


def _place(named: tuple[str, object]) -> tuple[bool, int, str]:
    name, value = named
    return isinstance(value, dict | list), FIRST.index(name) if name in FIRST else len(FIRST), name


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


PAGES = {
    "file": "file",
    "entry": "entry",
    "entries": "entry",
    "reversal": "entry",
    "act": "act",
    "undone_by": "act",
    "deed": "act",
    "movement": "movement",
    "movements": "movement",
    "rule": "bank_rule",
}


def _link(client: Client, name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return ""
    if name in ("document", "documents"):
        file = files_of([value]).get(value)
        return reverse("file", args=[client.pk, file]) if file else ""
    return page(PAGES[name], client.pk, value) if name in PAGES else ""


def doer(by: str) -> str:
    """Who did it, as people say it: the robot and its routine, a person by name, or as it is written."""
    return doers([by])[by]


def doers(acting: Collection[str]) -> dict[str, str]:
    """Each of these who did something → as people say it; people are looked up together."""
    people = {by: int(name) for by in acting for kind, _colon, name in [by.partition(":")]
              if kind == "person" and name.isascii() and name.isdigit()}  # fmt: skip
    found = Person.objects.filter(pk__in=people.values()) if people else ()
    names = {person.pk: str(person) for person in found}
    return {by: names.get(people[by], by) if by in people else _robot(by) for by in acting}


def _robot(by: str) -> str:
    kind, _colon, name = by.partition(":")
    if kind != "robot":
        return by
    title = next((routine.title for routine in routines() if routine.name == name), "")
    return shown.filled(gettext("the robot: {routine}"), {"routine": gettext(title) if title else name})


def named(entries: Sequence[EntryRow]) -> list[EntryRow]:
    """Entries of a list with who posted them as people say it."""
    said = doers({row.by for row in entries})
    return [replace(row, by=said[row.by]) for row in entries]
