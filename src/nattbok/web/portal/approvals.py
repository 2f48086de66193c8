"""What waits for the approval of a client's own people: the list, one card at a time, and the flow."""

from decimal import Decimal
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nattbok.approvals.rules.policy import OtherContent
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Right
from nattbok.documents.actions import approval
from nattbok.documents.queries.approval import Waiting, version, waiting, waiting_for, was_asked
from nattbok.web import shown
from nattbok.web.approval_card import DONE, card, carry_out
from nattbok.web.page import portal_page


class NoneChosen(Refused):
    """Approving several begins with choosing some."""

    message = _("Choose the documents first.")


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(needs=Right.APPROVE)
def approvals(request: HttpRequest, client: Client) -> HttpResponse:
    """What waits for me; those up to the client's limit can be approved together."""
    trouble, done = "", None
    if request.method == "POST":
        chosen = [
            (int(number), sha256)
            for each in request.POST.getlist("chosen")[:200]
            for number, _colon, sha256 in (each.partition(":"),)
            if number.isascii() and number.isdigit() and len(number) < 19
        ]
        try:
            if not chosen:
                raise NoneChosen()
            done = approval.approve_many(client, chosen, person=request.user, today=timezone.localdate())
        except Refused as refusal:
            trouble = shown.words(refusal.words)
    limit = version(client).flow.batch_through
    mine = waiting_for(request.user, [client])
    others = []
    if Right.SEE in request.rights:
        others = [each for each in waiting(client) if each.person != request.user.pk]
    return render(
        request,
        "portal/approvals/approvals.html",
        {
            "client": client,
            "tab": "approvals",
            "mine": [(each, _is_small(client, each, limit)) for each in mine],
            "others": others,
            "limit": limit,
            "trouble": trouble,
            "done": done,
        },
        status=HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
    )


def _is_small(client: Client, each: Waiting, limit: Decimal | None) -> bool:
    """Whether it may be approved together with others: up to the limit, which is in the client's currency."""
    if limit is None or each.owed is None or each.currency not in ("", client.currency):
        return False
    return abs(each.owed) <= limit


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(needs=Right.APPROVE)
def one(request: HttpRequest, client: Client, document_id: int) -> HttpResponse:
    """One card; who may not see all sees what they are asked about. After a decision the next that waits."""
    if Right.SEE not in request.rights and not was_asked(client, request.user.pk, document=document_id):
        raise Http404
    trouble, status, done = "", HTTPStatus.OK, ""
    if request.method == "POST":
        try:
            done = carry_out(client, document_id, request.user, request.POST, today=timezone.localdate())
        except Refused as refusal:
            trouble, status = shown.words(refusal.words), HTTPStatus.CONFLICT
            if isinstance(refusal, OtherContent):
                trouble = shown.words(_("The document was changed meanwhile. Look at it as it is now."))
        if done in ("approve", "decline", "forward"):
            left = waiting_for(request.user, [client])
            if left:
                return redirect("portal_approval", client.pk, left[0].document)
            return redirect("portal_approvals", client.pk)
    given = card(client, document_id, request.user)
    given |= {"tab": "approvals", "trouble": trouble, "done": DONE.get(done, "")}
    return render(request, "portal/approvals/one.html", given, status=status)


_AT = "portal/<id:client_id>/approvals"
urlpatterns = [
    path(f"{_AT}/", approvals, name="portal_approvals"),
    path(f"{_AT}/<id:document_id>/", one, name="portal_approval"),
]
