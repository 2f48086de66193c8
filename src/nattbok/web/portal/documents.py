"""The documents of a client as its own people see them: one list, added to, completed and handed over."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nattbok.bank.actions import payments
from nattbok.bank.queries.accounts import postable_accounts
from nattbok.bank.rules.payments.proposal import Wanted
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.base.written import need_day, read_amount
from nattbok.clients.models import Client
from nattbok.clients.queries import keeps_books
from nattbok.clients.rules import NotYourRight, Right
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.documents import queries
from nattbok.documents.actions import portal as deeds
from nattbok.documents.actions.approval import sending
from nattbok.documents.actions.correcting import correct
from nattbok.documents.actions.returning import come_back
from nattbok.documents.actions.uploading import too_large
from nattbok.documents.queries import approval, portal
from nattbok.documents.queries.portal import PortalRow
from nattbok.expenses.queries import file_of
from nattbok.files import queries as files
from nattbok.files.models import File
from nattbok.formats.mail import LARGEST
from nattbok.ledger.queries import open_items
from nattbok.web.deeds import carried_out
from nattbok.web.office import document_fields as fields
from nattbok.web.office.document_answers import row_id
from nattbok.web.office.document_pictures import picture, png, searchable
from nattbok.web.office.invoice_picture import sheet
from nattbok.web.page import portal_page

AT_A_TIME = 100
BLANK_LINES = 2
MOST_FILES = 50
PAID_BY = deeds.MEANS


def mine(request: HttpRequest) -> str:
    """Whose documents the person sees: everybody's (""), or what they added themselves."""
    return "" if Right.SEE in request.rights else f"person:{request.user.pk}"


def _need(request: HttpRequest, client: Client, *rights: Right) -> None:
    """NotYourRight unless the person has one of these rights."""
    if not set(rights) & set(request.rights):
        raise NotYourRight(client=client.name)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def listed(request: HttpRequest, client: Client) -> HttpResponse:
    """All own documents, whatever the way in; those that wait for the reader's own people first."""
    trouble: Words | None = None
    if request.method == "POST":
        try:
            return _handed_over(request, client)
        except NotYourRight:
            raise
        except Refused as refused:
            trouble = refused.words
    before = row_id(request.GET.get("before", ""))
    rows = portal.rows(client, by=mine(request), before=before, limit=AT_A_TIME)
    yours = [row for row in rows if row.is_yours or row.state == "reading"]
    last = rows[-1].document if len(rows) >= AT_A_TIME else None
    return render(
        request,
        "portal/documents.html",
        {
            "client": client,
            "tab": "documents",
            "trouble": trouble,
            "yours": yours,
            "rows": [row for row in rows if row not in yours],
            "gathered": [row for row in yours if row.gathered is not None],
            "may_add": Right.ADD in request.rights,
            "may_hand_over": Right.HAND_OVER in request.rights,
            "before": last,
        },
        status=409 if trouble else 200,
    )


def _handed_over(request: HttpRequest, client: Client) -> HttpResponse:
    _need(request, client, Right.HAND_OVER)
    asked = [pk for each in request.POST.getlist("gathered")[:1000] if (pk := row_id(each)) is not None]
    if request.POST.get("all") == "1":
        asked = portal.gathered_of(client, by=mine(request))
    if mine(request):
        asked = portal.gathered_of(client, by=mine(request), ids=asked) if asked else []
    deeds.hand_over(client, asked, by=f"person:{request.user.pk}", today=timezone.localdate())
    return redirect("portal_documents", client.pk)


@require_POST
@portal_page(needs=Right.ADD)
def add(request: HttpRequest, client: Client) -> HttpResponse:
    """Files from a form, dropped on the page, or sent by a phone with ids of its own. What became of each."""
    given = request.FILES.getlist("files")[:MOST_FILES]
    keys = request.POST.getlist("key")
    sent, results = [], []
    for place, file in enumerate(given):
        if file.size > LARGEST:
            results.append(too_large(file.name, file.size))
            continue
        key = keys[place][:64] if place < len(keys) and keys[place] else str(uuid.uuid4())
        sent.append(deeds.Sent(key, file.name or "–", file.read()))
    results += deeds.add(client, request.user, sent)
    if request.POST.get("rows") == "1":
        return render(request, "portal/_added.html", {"client": client, "results": results})
    if not request.htmx and len(results) == 1 and results[0].document is not None:
        return redirect("portal_document", client.pk, results[0].document)
    return redirect("portal_documents", client.pk)


def _row(request: HttpRequest, client: Client, document_id: int) -> PortalRow:
    """The document's row; 404 when it is not there, or not the person's to see."""
    (row,) = portal.rows(client, by=mine(request), only=[document_id]) or (None,)
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def document(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """One document: its picture, what was read, and what can be done with it. A POST does one of those."""
    row = _row(request, client, document_id)
    trouble: Words | None = None
    if request.method == "POST":
        answer, trouble = carried_out(request, DEEDS, client, row)
        if trouble is None:
            return answer or redirect("portal_document", client.pk, document_id)
    return _page(request, client, row, trouble)


def _page(request: HttpRequest, client: Client, row: PortalRow, trouble: Words | None) -> HttpResponse:
    found = queries.document(client, row.document)
    seen = picture(File.objects.get(client=client, pk=row.file))
    is_open = row.state in ("gathered", "returned")
    law = country(client.country)
    may_complete = Right.HAND_OVER in request.rights
    state = approval.state(client, row.document) if found.row.entry is None else None
    return render(
        request,
        "portal/document.html",
        {
            "client": client,
            "tab": "documents",
            "row": row,
            "found": found,
            "searchable": found.is_of_pages and queries.searchable_pdf(client, row.document),
            "trouble": trouble,
            "sheet": sheet(seen.invoice) if seen.invoice else None,
            "pages": seen.numbers,
            "read": fields.read(client, found) if is_open else None,
            "is_open": is_open,
            "may_correct": is_open and bool({Right.ADD, Right.HAND_OVER} & set(request.rights)),
            "may_complete": is_open and may_complete and found.row.owed is not None,
            "may_hand_over": row.gathered is not None and may_complete,
            "may_pay": Right.PAY in request.rights,
            "may_send": may_complete and row.state in ("gathered", "accounting") and row.owed is not None,
            "lines": _parts(found) if is_open and may_complete else [],
            "accounts": postable_accounts(client) if is_open and may_complete else [],
            "codes": [
                (code.code, code.name if law.language != "en" else code.name_en)
                for code in law.vat_codes.values()
                if code.direction in (VatDirection.INPUT, VatDirection.NONE)
            ],
            "approvers": _approvers(client) if may_complete else [],
            "approval": state,
            "asked": portal.asked_about(client, row.document),
            "paid_by": [(means, PAID_BY[means]) for means in law.paid_from],
            "paid": portal.paid_of(client, row.document),
            "today": timezone.localdate(),
        },
        status=409 if trouble else 200,
    )


def _parts(found: queries.Detail) -> list[dict]:
    """The coded lines as the form has them, amounts with VAT; and some blank ones."""
    lines = [
        {
            "account": line.account,
            "vat_code": line.vat_code,
            "gross": line.net + line.vat,
            "vat": line.vat,
            "dimensions": line.dimensions or {},
        }
        for line in found.coding
    ]
    blank = {"account": "", "vat_code": "", "gross": None, "vat": None, "dimensions": {}}
    return [*lines, *[blank] * BLANK_LINES]


def _approvers(client: Client) -> list[tuple[int, str]]:
    return sorted(approval.people(client, timezone.localdate()).names.items(), key=lambda pair: pair[1])


def _correct(request: HttpRequest, client: Client, row: PortalRow) -> HttpResponse | None:
    """What was read wrongly is put right; the old and the new are kept."""
    _need(request, client, Right.ADD, Right.HAND_OVER)
    given = {
        name.partition("-")[2]: text.replace("\0", "").strip()[:300]
        for name, text in request.POST.items()
        if name.startswith("read-")
    }
    if given:
        correct(client, row.document, given, by=f"person:{request.user.pk}")
    return None


def _code(request: HttpRequest, client: Client, row: PortalRow) -> HttpResponse | None:
    """Account, VAT code, project and department for each part of the document."""
    _need(request, client, Right.HAND_OVER)
    columns = {name: request.POST.getlist(name) for name in ("account", "vat_code", "gross", "vat", "project",
                                                            "department")}  # fmt: skip
    lines = []
    for place, account in enumerate(columns["account"][: deeds.MOST_LINES]):
        at = {name: (values[place] if place < len(values) else "") for name, values in columns.items()}
        if not account.strip() and not at["gross"].strip():
            continue
        gross, vat = read_amount(at["gross"]) or ZERO, read_amount(at["vat"]) or ZERO
        dimensions = {name: at[name].strip()[:40] for name in ("project", "department") if at[name].strip()}
        lines.append(
            {
                "account": account.split(" ")[0].strip()[:10],
                "vat_code": at["vat_code"][:10],
                "net": str(gross - vat),
                "vat": str(vat),
                "dimensions": dimensions or None,
            }
        )
    deeds.set_coding(client, row.document, lines, person=request.user)
    return None


def _paid(request: HttpRequest, client: Client, row: PortalRow) -> HttpResponse | None:
    """It is paid already: when, and by what."""
    _need(request, client, Right.PAY)
    today = timezone.localdate()
    deeds.say_paid(
        client,
        row.document,
        on=need_day(request.POST.get("on", ""), near=today),
        by_means=request.POST.get("means", "")[:20],
        by=f"person:{request.user.pk}",
        today=today,
    )
    return None


def _unpaid(request: HttpRequest, client: Client, row: PortalRow) -> HttpResponse | None:
    _need(request, client, Right.PAY)
    deeds.say_unpaid(client, row.document, by=f"person:{request.user.pk}")
    return None


def _send(request: HttpRequest, client: Client, row: PortalRow) -> HttpResponse | None:
    """To chosen approvers, in the order they were chosen; to those of the flow when none was."""
    _need(request, client, Right.HAND_OVER)
    to = [pk for each in request.POST.getlist("to")[:20] if (pk := row_id(each)) is not None]
    by = f"person:{request.user.pk}"
    if row.gathered is not None:
        deeds.hand_over(client, [row.gathered], by=by, today=timezone.localdate())
    sending.send(client, [row.document], by=by, to=to, note=request.POST.get("note", "")[:500])
    return None


def _pay(request: HttpRequest, client: Client, row: PortalRow) -> HttpResponse | None:
    """Into the payments that wait to be approved; the bank's own rules decide on when and where."""
    _need(request, client, Right.PAY)
    item = deeds.item_to_pay(client, row.document)
    (owed,) = open_items(client, ids=[item])
    through = max(timezone.localdate(), owed.due_on or timezone.localdate())
    person = None if keeps_books(request.user, client) else request.user
    proposed = payments.propose(
        client,
        Wanted(through=through, items=[item]),
        by=f"person:{request.user.pk}",
        today=timezone.localdate(),
        person=person,
    )
    if not proposed.payments:
        if proposed.left:
            raise NotPaidSo()
        raise InPaymentAlready()
    return None


class NotPaidSo(Refused):
    """The bank's rules leave it, and say why."""

    message = _("It cannot be added to payment by itself; accounting will see to it.")


class InPaymentAlready(Refused):
    """One item, one payment."""

    message = _("It is in a payment already.")


def _answer(request: HttpRequest, client: Client, row: PortalRow) -> HttpResponse | None:
    """The answer to what accounting asked; the document goes back to them."""
    _need(request, client, Right.ADD, Right.HAND_OVER)
    come_back(client, row.document, answer=request.POST.get("answer", ""), by=f"person:{request.user.pk}")
    return redirect("portal_documents", client.pk)


def _over(request: HttpRequest, client: Client, row: PortalRow) -> HttpResponse | None:
    """This one alone is handed over."""
    _need(request, client, Right.HAND_OVER)
    if row.gathered is None:
        raise deeds.NotGathered()
    deeds.hand_over(client, [row.gathered], by=f"person:{request.user.pk}", today=timezone.localdate())
    return redirect("portal_documents", client.pk)


DEEDS = {
    "correct": _correct,
    "code": _code,
    "paid": _paid,
    "unpaid": _unpaid,
    "send": _send,
    "pay": _pay,
    "answer": _answer,
    "hand_over": _over,
}


def _is_shown(request: HttpRequest, client: Client, file: int) -> bool:
    """Whether a file is the person's own, or theirs to approve."""
    person, approves = request.user.pk, Right.APPROVE in request.rights
    return (
        portal.is_file_of(client, file, f"person:{person}")
        or file_of(client, file, person=person, approves=approves) is not None
        or (approves and approval.was_asked(client, person, file=file))
    )


@require_safe
@portal_page
def page_picture(request: HttpRequest, client: Client, picture_id: int, page: int) -> HttpResponse:
    """A page of a kept PDF or picture, drawn as PNG: of a document or receipt that the person may see."""
    if Right.SEE not in request.rights and not _is_shown(request, client, picture_id):
        raise Http404
    file = File.objects.exclude(came_by="payment").get(client=client, pk=picture_id)
    return png(files.data(file), file.sha256, page)


@require_safe
@portal_page
def searchable_pdf(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """The searchable PDF of a paper, to whoever may see the document."""
    return searchable(client, _row(request, client, document_id).document)


_AT = "portal/<id:client_id>/documents"
urlpatterns = [
    path(f"{_AT}/", listed, name="portal_documents"),
    path(f"{_AT}/add", add, name="portal_add"),
    path(f"{_AT}/<id:document_id>/", document, name="portal_document"),
    path(f"{_AT}/<id:document_id>/searchable.pdf", searchable_pdf, name="portal_searchable_pdf"),
    path(
        "portal/<id:client_id>/pictures/<id:picture_id>/<int:page>.png", page_picture, name="portal_picture"
    ),
]
