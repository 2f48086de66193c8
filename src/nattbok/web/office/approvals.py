"""The approval of documents, as the office sees it: what is where, the flow, and one document's."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.base.written import need_day
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.documents.actions import approval
from nattbok.documents.queries import approval as queries
from nattbok.web import shown
from nattbok.web.approval_card import OUTCOMES, SAID
from nattbok.web.office import approval_form as form
from nattbok.web.office.approval_form import blank, flow_from, grid
from nattbok.web.page import client_page, office_page


class NotYoursToSet(Refused):
    """A flow is set by who keeps the books, or decides at the client."""

    message = _("How documents are approved is set by those who keep the books or decide at the client.")


@require_safe
@office_page
def all_approvals(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """What waits for a yes at all clients, the longest first."""
    names = {client.pk: client for client in clients}
    rows = [(names[each.client], each) for each in queries.waiting() if each.client in names]
    return render(request, "office/approvals/all.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def approvals(request: HttpRequest, client: Client) -> HttpResponse:
    """What waits for whom at a client, and since when. A POST reminds them now, once a day at most."""
    said = ""
    if request.method == "POST":
        check_keeps_books(request.user, client)
        found = approval.chase(client, by=f"person:{request.user.pk}", today=timezone.localdate())
        said = shown.filled(
            gettext("{count} people were reminded. Who was asked or reminded today is not mailed again."),
            {"count": found.reminded},
        )
    return render(
        request,
        "office/approvals/approvals.html",
        {
            "client": client,
            "tab": "approvals",
            "rows": queries.waiting(client),
            "version": queries.version(client),
            "may": keeps_books(request.user, client),
            "said": said,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def approval_flow(request: HttpRequest, client: Client) -> HttpResponse:
    """The client's flow: its steps and limits, who is responsible for what, and who is away."""
    may, trouble, written = queries.may_set(client, request.user), "", None
    if request.method == "POST":
        try:
            if not may:
                raise NotYoursToSet()
            _set(request, client)
            return redirect("approval_flow", client.pk)
        except Refused as refusal:
            trouble = shown.words(refusal.words)
            if request.POST.get("do") == "flow":
                written = grid(request.POST)
    now = queries.version(client)
    keeps = keeps_books(request.user, client)
    return render(
        request,
        "office/approvals/flow.html",
        {
            "base": "client.html" if keeps else "portal/base.html",
            "client": client,
            "tab": "approvals",
            "version": now,
            "form": written or blank(client, now.flow),
            "people": sorted(
                queries.people(client, timezone.localdate()).names.items(), key=lambda one: one[1]
            ),
            "beside": queries.set_beside(client, timezone.localdate()),
            "may": may,
            "trouble": trouble,
            "today": timezone.localdate(),
        },
        status=HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
    )


def _set(request: HttpRequest, client: Client) -> None:
    post, by = request.POST, f"person:{request.user.pk}"
    match post.get("do", ""):
        case "flow":
            seen = form.number(post.get("instead_of", ""))
            approval.set_flow(client, flow_from(client, post), by=by, instead_of=seen)
        case "responsible":
            approval.set_responsible(
                client,
                post.get("dimension", ""),
                post.get("code", ""),
                form.number(post.get("person", "")),
                by=by,
                budget=form.money(post.get("budget", "")),
            )
        case "absence":
            approval.set_absence(
                client,
                form.number(post.get("person", "")) or 0,
                form.number(post.get("stand_in", "")),
                from_on=need_day(post.get("from_on", ""), near=timezone.localdate()),
                through_on=need_day(post.get("through_on", ""), near=timezone.localdate()),
                by=by,
            )


@require_safe
@client_page
def document_approval(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """How a document's approval stands, with its history: a fragment of the document's page."""
    return _of_document(request, client, document_id)


def _of_document(
    request: HttpRequest, client: Client, document_id: int, *, trouble: str = ""
) -> HttpResponse:
    state = queries.state(client, document_id)
    return render(
        request,
        "office/documents/_approval_of.html",
        {
            "client": client,
            "document_id": document_id,
            "approval": state,
            "outcome": OUTCOMES[state.outcome],
            "said": [(each, SAID.get(each.kind, each.kind)) for each in queries.history(client, document_id)],
            "people": sorted(
                queries.people(client, timezone.localdate()).names.items(), key=lambda one: one[1]
            ),
            "may": keeps_books(request.user, client),
            "trouble": trouble,
        },
    )


@require_POST
@client_page
def send_to_approval(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """Send the document to approval, take it back, answer what an approver asked, or comment."""
    check_keeps_books(request.user, client)
    queries.state(client, document_id)  # somebody else's document is not found here
    post, by, trouble = request.POST, f"person:{request.user.pk}", ""
    to = [pk for each in post.getlist("to")[:8] if (pk := form.number(each)) is not None]
    try:
        match post.get("do", ""):
            case "send":
                approval.send(
                    client,
                    [document_id],
                    by=by,
                    to=to,
                    today=timezone.localdate(),
                    note=post.get("text", "").strip(),
                )
            case "retract":
                approval.retract(client, document_id, by=by, why=post.get("text", ""))
            case "answer":
                approval.answer(client, document_id, person=request.user, text=post.get("text", ""))
            case "comment":
                approval.comment(client, document_id, person=request.user, text=post.get("text", ""))
    except Refused as refusal:
        trouble = shown.words(refusal.words)
    if not request.htmx and not trouble:
        return redirect("document", client.pk, document_id)
    return _of_document(request, client, document_id, trouble=trouble)


_AT = "clients/<id:client_id>"
urlpatterns = [
    path("approvals/", all_approvals, name="all_approvals"),
    path(f"{_AT}/approvals/", approvals, name="approvals"),
    path(f"{_AT}/approvals/flow/", approval_flow, name="approval_flow"),
    path(f"{_AT}/documents/<id:document_id>/approval/", document_approval, name="document_approval"),
    path(f"{_AT}/documents/<id:document_id>/approval/do", send_to_approval, name="send_to_approval"),
]
