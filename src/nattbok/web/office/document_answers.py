"""What the forms of the document inbox say, carried out: one deed for each form."""

import datetime
from dataclasses import replace
from decimal import Decimal

from django.http import QueryDict

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.documents import actions
from nattbok.documents.queries import Detail
from nattbok.documents.rules.coding import CHOSEN, CodedLine
from nattbok.formats.invoice.invoice_response import Answer
from nattbok.web.office.bank_answers import amount_of, row_id

MOST_ROWS = 60
__all__ = ["carry_out", "lines", "row_id"]


class NothingSaid(Refused):
    """A form that names no deed."""

    message = _("The form does not say what is to be done.")


class RowWithoutAccount(Refused):
    """A line with an amount needs an account."""

    message = _("Line {number} has an amount but no account.")


def carry_out(client: Client, found: Detail, post: QueryDict, *, by: str, today: datetime.date) -> Words:
    """Carry out one answer; a sentence that says what was done."""
    document = found.row.id
    why = _said(post, "why")
    match post.get("do", ""):
        case "post":
            posted = actions.post_as(client, document, lines(found, post), by=by, today=today)
            return Words(_("Posted as entry {entry}."), {"entry": f"{posted.series} {posted.number}"})
        case "answer":
            question, number = row_id(post.get("question", "")) or 0, row_id(post.get("choice", "")) or 0
            desk.answer(client, question, number, by=by, today=today, why=why)
            return Words(_("Answered."))
        case "accept":
            actions.accept(client, document, why=why, by=by, today=today)
            return Words(_("Taken in. It waits for you to post it."))
        case "decline":
            _tell(client, document, post, why, by=by, today=today)
            actions.decline(client, document, why=why, by=by)
            return Words(_("Set aside."))
        case "take_up":
            actions.take_up(client, document, why=why, by=by)
            actions.code(client, by=by, today=today, only=[document])
            return Words(_("Taken up again."))
        case "respond":
            _tell(client, document, post, why, by=by, today=today)
            return Words(_("The answer to the seller is written and waits to be sent."))
        case _:
            raise NothingSaid()


def _tell(client: Client, document: int, post: QueryDict, why: str, *, by: str, today: datetime.date) -> None:
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
        text=why,
        by=by,
        today=today,
    )


def lines(found: Detail, post: QueryDict) -> list[CodedLine]:
    """The rows of the grid that say anything. One that is as it was proposed keeps its reason."""
    rows = []
    for row in range(1, MOST_ROWS + 1):
        if f"account-{row}" not in post:
            continue
        account = post[f"account-{row}"].strip().partition(" ")[0][:10]
        net, vat = amount_of(post.get(f"net-{row}", "")), amount_of(post.get(f"vat-{row}", ""))
        if not account and not net and not vat:
            continue
        if not account:
            raise RowWithoutAccount(number=row)
        rows.append(
            CodedLine(
                account=account,
                vat_code=post.get(f"vat_code-{row}", "").strip().partition(" ")[0][:10],
                net=(net or Decimal(0)) + ZERO,
                vat=(vat or Decimal(0)) + ZERO,
                reason=Words(CHOSEN),
                source=post.get(f"source-{row}", "")[:500],
                text=_said(post, f"text-{row}"),
            )
        )
    return [_as_proposed(line, found) for line in _sources(rows, found)]


def _sources(rows: list[CodedLine], found: Detail) -> list[CodedLine]:
    """The rows with the VAT group that they are of, where they come to it together; else without."""
    stated = {group.source: (group.net, group.vat) for group in found.bill.groups}
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        net, vat = sums.get(row.source, (ZERO, ZERO))
        sums[row.source] = (net + row.net, vat + row.vat)
    return [row if sums[row.source] == stated.get(row.source) else replace(row, source="") for row in rows]


def _as_proposed(line: CodedLine, found: Detail) -> CodedLine:
    for proposed in found.coding:
        if (line.account, line.vat_code, line.source) == (
            proposed.account, proposed.vat_code, proposed.source,
        ):  # fmt: skip
            is_same = (line.net, line.vat) == (proposed.net, proposed.vat)
            kept = replace(line, rate=proposed.rate, dimensions=proposed.dimensions)
            return replace(kept, reason=proposed.reason, entries=proposed.entries) if is_same else kept
    return line


def _said(post: QueryDict, name: str) -> str:
    return " ".join(post.get(name, "").replace("\0", "").split())[:300]
