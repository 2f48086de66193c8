"""What an entry was made from, in words, and the page where that is looked at.

An entry's origin is a text that its department makes, such as `document:87`; nothing of one origin is posted
twice.
"""

from collections.abc import Mapping

from nattbok.base.words import Words, _
from nattbok.web.things import page

# The kind, as it stands before the colon: its name, and the page that takes the client and the number.
KINDS: Mapping[str, tuple[str, str]] = {
    "document": (_("A document in the inbox"), "document"),
    "document_payment": (_("A document that was paid already"), "document"),
    "movement": (_("A bank line"), "bank_line"),
    "expense": (_("An expense claim"), "expense_claim"),
    "accrual": (_("A month of what is spread"), ""),
    "voucher": (_("A voucher written by hand"), ""),
    "reversal": (_("The entry it reverses"), "entry"),
    "demo": (_("The year of books that the demo made up"), ""),
}


def name(origin: str) -> Words:
    """What the entry was made from; what is of no kind that is known here is shown as it is written."""
    kind = origin.partition(":")[0]
    return Words(KINDS[kind][0]) if kind in KINDS else Words("{origin}", {"origin": origin})


def address(client: int, origin: str) -> str:
    """The page of what the entry was made from; "" where there is none."""
    kind, _colon, number = origin.partition(":")
    if kind == "accrual":
        return page("spreads", client)
    _name, at = KINDS.get(kind, ("", ""))
    return page(at, client, int(number)) if at and number.isascii() and number.isdigit() else ""
