"""Approving by the link of a mail, with no log-in: one person, one document, one decision.

A GET shows and never decides, since mail programs open links by themselves. Whoever holds the link is the
person, so the forms need no cookie: the address is the secret, it is sent nowhere else, and it is not kept.
"""

from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from nattbok.approvals.actions import links
from nattbok.approvals.actions.links import Opened
from nattbok.approvals.rules.links import LinkGone, LinkUsed
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.documents import queries
from nattbok.files import queries as files
from nattbok.files.models import File
from nattbok.web import drawing, shown
from nattbok.web.approval_card import DONE, card, carry_out
from nattbok.web.links import gone, kept_secret
from nattbok.web.office.document_pictures import SANDBOX
from nattbok.web.page import anyone

DECISIONS = ("approve", "decline")
ALLOWED = (*DECISIONS, "ask", "forward", "comment")
HEADING = _("To approve")


class NotByLink(Refused):
    """A link lets one decide, ask and comment; all else needs a log-in."""

    message = _("This is not done by a link. Log in first.")


@csrf_exempt
@anyone
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The card that the link is of; a POST decides, asks, hands on or comments."""
    try:
        with links.opened(token) as link:
            if link.person.language in dict(settings.LANGUAGES):
                translation.activate(link.person.language)
                request.LANGUAGE_CODE = link.person.language
            response = _answered(request, link, token)
    except LinkGone as refusal:
        response = gone(request, refusal, HEADING)
    return kept_secret(response)


def _answered(request: HttpRequest, link: Opened, token: str) -> HttpResponse:
    document = int(link.subject.partition(":")[2])
    trouble, status, done = "", HTTPStatus.OK, ""
    if request.method == "POST":
        do = request.POST.get("do", "")
        try:
            if do not in ALLOWED:
                raise NotByLink()
            links.count(link)
            if do in DECISIONS and link.is_used:
                raise LinkUsed()
            done = carry_out(
                link.client, document, link.person, request.POST, today=timezone.localdate(), link=link.id
            )
        except LinkGone:
            raise
        except Refused as refusal:
            trouble, status = shown.words(refusal.words), HTTPStatus.CONFLICT
    given = card(link.client, document, link.person)
    given |= {
        "token": token,
        "person": link.person,
        "trouble": trouble,
        "done": DONE.get(done, ""),
        "is_over": done in DECISIONS or done == "forward",
        "link": link,
        # A link is of one content: what was changed since is asked about by another mail.
        "is_other": given["approval"].sha256 != link.sha256,
        "sha256": link.sha256,
        "may_decide": given["may_decide"] and not link.is_used and given["approval"].sha256 == link.sha256,
        "may_code": False,
        "has_said_yes": False,
    }
    return render(request, "portal/approvals/by_link.html", given, status=status)


@anyone
@sensitive_variables("token")
@require_safe
def link_page(request: HttpRequest, token: str, page: int) -> HttpResponse:
    """A page of the document's picture, for who holds the link."""
    try:
        with links.opened(token) as link:
            document = int(link.subject.partition(":")[2])
            file = File.objects.get(client=link.client, pk=queries.document(link.client, document).row.file)
            drawn = drawing.page(files.data(file), file.sha256, page)
            if drawn is None:
                raise Http404
            response = HttpResponse(drawn.png, content_type="image/png")
            response.headers["Content-Security-Policy"] = SANDBOX
    except LinkGone as refusal:
        response = gone(request, refusal, HEADING)
    return kept_secret(response)


urlpatterns = [
    path("approve/<str:token>", by_link, name="approval_link"),
    path("approve/<str:token>/<int:page>.png", link_page, name="approval_link_page"),
]
