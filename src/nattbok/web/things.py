"""Where the thing that a question is about is looked at."""

from collections.abc import Sequence

from django.urls import NoReverseMatch, reverse

from nattbok.desk.queries import Waiting
from nattbok.documents.queries import files_of


def links(questions: Sequence[Waiting]) -> dict[int, str]:
    """Question → the page of its document, bank line or entry; the question's own where there is none.

    One query for all documents, none for the others.
    """
    known = files_of([number for each in questions if (number := _document(each))])
    found = {}
    for each in questions:
        document = _document(each)
        movement = _number(each, "movement") or _number(each, "rest")
        found[each.id] = (
            (reverse("document", args=[each.client_id, document]) if document in known else "")
            or (page("movement", each.client_id, movement) if movement else "")
            or reverse("question", args=[each.client_id, each.id])
        )
    return found


def _document(question: Waiting) -> int | None:
    """The document that a question is about, or whose approval it is about."""
    return _number(question, "document") or _number(question, "approval_of")


def _number(question: Waiting, prefix: str) -> int | None:
    kind, _colon, number = question.subject.partition(":")
    return int(number) if kind == prefix and number.isascii() and number.isdigit() else None


def page(name: str, *numbers: int) -> str:
    """The address of a page by its name; "" while there is no such page."""
    try:
        return reverse(name, args=list(numbers))
    except NoReverseMatch:
        return ""
