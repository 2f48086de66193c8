"""Where a client's own person lands: their company, or the choice between several."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_safe

from nattbok.clients.models import Client
from nattbok.clients.rules import Right
from nattbok.documents.queries import approval, portal
from nattbok.expenses import queries as expenses
from nattbok.expenses.rules.shape import State
from nattbok.people import queries as people
from nattbok.web.page import person_page, portal_page


@require_safe
@person_page
def companies(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """The companies that the person may enter."""
    return render(request, "portal/companies.html", {"clients": clients})


@require_safe
@portal_page
def home(request: HttpRequest, client: Client) -> HttpResponse:
    """What the person can do, and what waits for them."""
    rights = {right.value for right in request.rights}
    by = "" if Right.SEE in request.rights else f"person:{request.user.pk}"
    mine = expenses.claims(client, person=request.user.pk) if Right.EXPENSES in request.rights else []
    to_approve = approval.waiting(client, request.user.pk) if Right.APPROVE in request.rights else []
    return render(
        request,
        "portal/home.html",
        {
            "client": client,
            "tab": "home",
            "rights": rights,
            "counts": portal.counts(client, by=by),
            "to_approve": len(to_approve),
            "approvals_address": _approvals(client),
            "claims": expenses.counts(client)["handed_in"],
            "may_decide": people.may_decide(request.user, client),
            "own_claims": sum(row.state == State.OPEN.value for row in mine),
        },
    )


def _approvals(client: Client) -> str:
    try:
        return reverse("portal_approvals", args=[client.pk])
    except NoReverseMatch:
        return ""


def landing(clients: list[Client]) -> HttpResponse:
    """Where a client's own person is led: into their company, or to the choice between several."""
    return redirect("portal_home", clients[0].pk) if len(clients) == 1 else redirect("portal")


urlpatterns = [
    path("portal/", companies, name="portal"),
    path("portal/<id:client_id>/", home, name="portal_home"),
]
