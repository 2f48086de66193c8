"""What the forms of the document inbox say, carried out: one deed for each form."""

import datetime
from collections.abc import Callable

from django.db import transaction
from django.http import QueryDict

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.documents import actions
from nattbok.documents.actions.approval.sending import send
from nattbok.documents.queries import Detail
from nattbok.formats.invoice.invoice_response import Answer
from nattbok.web.office.bank_answers import row_id
from nattbok.web.office.document_grid import lines, said

__all__ = ["carry_out", "row_id"]


class NothingSaid(Refused):
    """A form that names no deed."""

    message = _("The form does not say what is to be done.")


class NoPieces(Refused):
    """A file is split where its reading found several documents, or where a person says."""

    message = _("Say where the file is to be split: the first page of each document, such as 1, 3.")


def carry_out(client: Client, found: Detail, post: QueryDict, *, by: str, today: datetime.date) -> Words:
    """Carry out one answer; a sentence that says what was done."""
    deed = _DEEDS.get(post.get("do", ""))
    if deed is None:
        raise NothingSaid()
    return deed(client, found, post, by, today)


def _post(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    coded = lines(found, post, today=today)
    posted = actions.post_as(client, found.row.id, coded, by=by, today=today)
    if posted is None:
        return Words(_("Sent to approval. It is posted when it is approved."))
    return Words(_("Posted as entry {entry}."), {"entry": f"{posted.series} {posted.number}"})


def _answer(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    question, number = row_id(post.get("question", "")) or 0, row_id(post.get("choice", "")) or 0
    desk.answer(client, question, number, by=by, today=today, why=said(post, "why"))
    return Words(_("Answered."))


def _accept(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    actions.accept(client, found.row.id, why=said(post, "why"), by=by, today=today)
    return Words(_("Taken in. It waits for you to post it."))


def _decline(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    _tell(client, found.row.id, post, by=by, today=today)
    actions.decline(client, found.row.id, why=said(post, "why"), by=by)
    return Words(_("Set aside."))


def _take_up(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    actions.take_up(client, found.row.id, why=said(post, "why"), by=by)
    actions.code(client, by=by, today=today, only=[found.row.id])
    return Words(_("Taken up again."))


def _send_back(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    actions.send_back(client, found.row.id, why=said(post, "why"), by=by)
    return Words(_("Sent back to the client."))


def _come_back(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    actions.come_back(client, found.row.id, answer=said(post, "why"), by=by)
    return Words(_("It is on your list again."))


def _control(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    actions.control(client, found.row.id, by=by)
    return Words(_("Controlled."))


@transaction.atomic
def _to_approval(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    """What is sent on is controlled: it goes with the coding that the form has."""
    if found.row.entry is None:
        actions.code_as(client, found.row.id, lines(found, post, today=today), by=by)
    send(client, [found.row.id], by=by, today=today, note=said(post, "note"))
    actions.control(client, found.row.id, by=by)
    return Words(_("Sent to approval."))


def _correct(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    values = {
        name.partition("-")[2]: text.replace("\0", "").strip()[:300]
        for name, text in post.items()
        if name.startswith("read-")
    }
    if not values:
        raise NothingSaid()
    actions.correct(client, found.row.id, values, by=by, today=today)
    return Words(_("Corrected."))


def _cut(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    """`starts` are the first pages of the documents in the file, from 1: 1, 3."""
    written = [each.strip() for each in post.get("starts", "").replace(";", ",").split(",")]
    if not all(each.isascii() and each.isdigit() and len(each) < 5 for each in written):
        raise NoPieces()
    starts = sorted({int(each) - 1 for each in written})
    last = found.row.last_page
    if last is None:
        last = int(found.reading.get("pages") or 1) - 1
    ends = [*(start - 1 for start in starts[1:]), last]
    actions.split(client, found.row.id, list(zip(starts, ends, strict=True)), by=by)
    return Words(_("Split into {count} documents, which are read now."), {"count": len(starts)})


def _respond(client: Client, found: Detail, post: QueryDict, by: str, today: datetime.date) -> Words:
    _tell(client, found.row.id, post, by=by, today=today)
    return Words(_("The answer to the seller is written and waits to be sent."))


def _tell(client: Client, document: int, post: QueryDict, *, by: str, today: datetime.date) -> None:
    """Write the answer to the seller, where one is chosen."""
    chosen = post.get("answer", "")
    if chosen not in set(Answer):
        if post.get("do") == "respond":
            raise NothingSaid()
        return
    actions.respond(
        client,
        document,
        answer=Answer(chosen),
        reason=post.get("reason", "")[:3],
        action=post.get("action", "")[:3],
        text=said(post, "why"),
        by=by,
        today=today,
    )


_DEEDS: dict[str, Callable[[Client, Detail, QueryDict, str, datetime.date], Words]] = {
    "post": _post,
    "answer": _answer,
    "accept": _accept,
    "decline": _decline,
    "take_up": _take_up,
    "send_back": _send_back,
    "come_back": _come_back,
    "control": _control,
    "approval": _to_approval,
    "correct": _correct,
    "split": _cut,
    "respond": _respond,
}
