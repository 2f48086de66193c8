"""The card of a document that is to be approved: the same in the portal and by a mailed link."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict
from django.utils import timezone

from nattbok.bank.queries.accounts import postable_accounts
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.base.written import read_amount
from nattbok.clients.models import Client, Person
from nattbok.documents import queries
from nattbok.documents.actions import approval
from nattbok.documents.queries import approval as approvals
from nattbok.documents.queries.approval import Compared, people
from nattbok.documents.rules.coding import CodedLine, gross
from nattbok.files.models import File
from nattbok.web.office.document_pictures import picture
from nattbok.web.office.invoice_picture import sheet

MOST_LINES = 40

SAID = {
    "sent": _("sent to approval"),
    "yes": _("approved"),
    "no": _("declined"),
    "question": _("asked"),
    "answer": _("answered"),
    "comment": _("commented"),
    "forwarded": _("handed on"),
    "retracted": _("taken back"),
    "changed": _("changed: what was said before is void"),
    "coded": _("coded"),
    "corrected": _("corrected in the books"),
    "escalated": _("asked as well, since it is late"),
    "approved": _("approved by all who must"),
}
OUTCOMES = {
    "none": _("not sent to approval"),
    "waiting": _("waits for approval"),
    "approved": _("approved"),
    "policy": _("approved by policy"),
    "declined": _("declined"),
    "retracted": _("taken back from approval"),
    "changed": _("changed after it was sent"),
}
DONE = {
    "approve": _("Approved."),
    "decline": _("Declined. The office has been told why."),
    "ask": _("Your question has been sent."),
    "forward": _("Handed on."),
    "comment": _("Your comment is kept."),
    "code": _("Coded. Look at it and approve."),
    "retract": _("Your approval was taken back."),
}


class NoSuchDeed(Refused):
    """A form of ours names what is to be done."""

    message = _("The page does not say what is to be done. Load it again.")


@dataclass(frozen=True, slots=True)
class CardLine:
    """A coded line in plain words."""

    place: int
    account: str
    name: str
    net: Decimal
    vat: Decimal
    vat_code: str
    project: str
    department: str
    gross: Decimal


def card(client: Client, document: int, person: Person) -> dict:
    """All that the card shows, and what the person may do."""
    found = queries.document(client, document)
    state = approvals.state(client, document)
    seen = picture(File.objects.get(client=client, pk=found.row.file))
    accounts = postable_accounts(client)
    names = dict(accounts)
    lines = [
        CardLine(
            place, each.account, names.get(each.account, ""), each.net, each.vat, each.vat_code,
            (each.dimensions or {}).get("project", ""), (each.dimensions or {}).get("department", ""),
            each.net + each.vat,
        )
        for place, each in enumerate(found.coding, 1)
    ]  # fmt: skip
    said = approvals.history(client, document)
    booked = gross(found.coding) if any(each.kind == "corrected" for each in said) else found.row.owed
    dimensions = {(name, code) for each in found.coding for name, code in (each.dimensions or {}).items()}
    return {
        "client": client,
        "document": found,
        "row": found.row,
        "approval": state,
        "outcome": OUTCOMES[state.outcome],
        "lines": lines,
        "accounts": accounts,
        "said": [(each, SAID.get(each.kind, each.kind)) for each in said],
        "booked": booked if booked != found.row.owed else None,
        "compared": _compared(approvals.compared(client, document)),
        "budgets": approvals.budgets(client, dimensions),
        "others": [
            (pk, name)
            for pk, name in sorted(people(client, timezone.localdate()).names.items(), key=lambda one: one[1])
            if pk != person.pk
        ],
        "may_decide": person.pk in state.may,
        "may_code": person.pk in state.may and state.before == "posting",
        "has_said_yes": person.pk in state.said_by and state.outcome in ("waiting", "approved"),
        "seen": seen,
        "sheet": sheet(seen.invoice) if seen.invoice else None,
        "is_overdue": bool(found.row.due_on and found.row.due_on < timezone.localdate()),
    }


def _compared(found: Compared) -> Words:
    """The bill beside those before it, in a sentence."""
    if not found.count:
        return Words(_("No bill from this supplier in the last 6 months."))
    values = {
        "count": found.count,
        "lowest": f"{found.lowest:.2f}",
        "highest": f"{found.highest:.2f}",
    }
    if found.is_same:
        return Words(_("The same amount as the {count} bills of the last 6 months."), values)
    if found.lowest == found.highest:
        return Words(_("Another amount: the {count} bills of the last 6 months were {lowest}."), values)
    return Words(_("{count} bills in the last 6 months, from {lowest} to {highest}."), values)


def carry_out(
    client: Client,
    document: int,
    person: Person,
    post: QueryDict,
    *,
    today: datetime.date,
    link: int | None = None,
) -> str:
    """Do what the card's form says; the deed's name. Raises whatever is refused."""
    do, text, sha256 = post.get("do", ""), post.get("text", ""), post.get("sha256", "")
    to = _number(post.get("to", ""))
    match do:
        case "approve":
            approval.approve(
                client, document, person=person, sha256=sha256, today=today, text=text, link=link
            )
        case "decline":
            approval.decline(client, document, person=person, sha256=sha256, why=text, today=today, link=link)
        case "ask":
            approval.ask(client, document, person=person, text=text, to=to)
        case "forward":
            approval.forward(client, document, person=person, to=to or 0, text=text, today=today)
        case "comment":
            approval.comment(client, document, person=person, text=text)
        case "code":
            found = queries.document(client, document)
            approval.code_as(
                client, document, coded(found.coding, post), person=person, sha256=sha256, today=today
            )
        case "retract":
            approval.take_back_yes(client, document, person=person, why=text)
        case _:
            raise NoSuchDeed()
    return do


def coded(before: tuple[CodedLine, ...], post: QueryDict) -> list[dict]:
    """The lines as the approver wrote them. The VAT of a line that is split goes along with its amount."""
    lines = []
    columns = [post.getlist(name)[:MOST_LINES] for name in ("account", "gross", "project", "department")]
    of = post.getlist("of")
    for place, (account, written, project, department) in enumerate(zip(*columns, strict=False)):
        if not written.strip() and not account.strip():
            continue
        at = _number(of[place] if place < len(of) else "") or 1
        base = before[min(at, len(before)) - 1] if before else None
        gross = read_amount(written) or ZERO
        net, vat = _parted(gross, base)
        dimensions = {
            name: code.strip()
            for name, code in (("project", project), ("department", department))
            if code.strip()
        }
        lines.append(
            {
                "account": account.split(" ")[0].strip(),
                "vat_code": base.vat_code if base else "",
                "net": str(net),
                "vat": str(vat),
                "source": "" if base is None else base.source,
                "rate": None if base is None or base.rate is None else str(base.rate),
                "text": "" if base is None else base.text,
                "dimensions": ({**(base.dimensions or {}), **dimensions} if base else dimensions) or None,
            }
        )
    return _summed(lines, before)


def _parted(gross: Decimal, base: CodedLine | None) -> tuple[Decimal, Decimal]:
    """Net and VAT of a part of a line, in its own proportion, rounded to øre."""
    whole = (base.net + base.vat) if base else ZERO
    if base is None or not whole:
        return gross, ZERO
    vat = (base.vat * gross / whole).quantize(Decimal("0.01"))
    return gross - vat, vat


def _summed(lines: list[dict], before: tuple[CodedLine, ...]) -> list[dict]:
    """The last line of each source takes the øre that rounding has moved between its net and its VAT."""
    for base in before:
        mine = [line for line in lines if line["source"] == base.source and base.source]
        same = [each for each in before if each.source == base.source]
        if len(mine) < 2 or len(same) != 1:
            continue
        off = base.vat - sum((Decimal(line["vat"]) for line in mine), ZERO)
        if abs(off) < Decimal("0.05"):
            mine[-1]["vat"] = str(Decimal(mine[-1]["vat"]) + off)
            mine[-1]["net"] = str(Decimal(mine[-1]["net"]) - off)
    return lines


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 19 else None
