"""Expense claims as the office sees them: what waits, each with its pictures, and what becomes of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nattbok.base.errors import Refused
from nattbok.base.words import Words
from nattbok.base.written import need_day
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.clients.rules import Right
from nattbok.expenses import actions as expenses
from nattbok.expenses import queries
from nattbok.expenses.queries import ClaimDetail
from nattbok.expenses.rules import shape
from nattbok.expenses.rules.shape import State
from nattbok.web.deeds import carried_out
from nattbok.web.page import client_page
from nattbok.web.shown_claims import STATES


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def claims(request: HttpRequest, client: Client) -> HttpResponse:
    """The client's claims, those that wait first; and the exchange rates. A POST keeps a rate."""
    trouble: Words | None = None
    if request.method == "POST":
        check_keeps_books(request.user, client)
        try:
            on = need_day(request.POST.get("on", ""), near=timezone.localdate())
            expenses.set_rate(
                client,
                request.POST.get("currency", "")[:10],
                on,
                request.POST.get("rate", "")[:40],
                source=request.POST.get("source", "")[:40],
                by=f"person:{request.user.pk}",
            )
            return redirect("expenses", client.pk)
        except Refused as refused:
            trouble = refused.words
    rows = queries.claims(client)
    first = (State.HANDED_IN.value, State.APPROVED.value)
    return render(
        request,
        "office/expenses/claims.html",
        {
            "client": client,
            "tab": "expenses",
            "rows": sorted(rows, key=lambda row: (row.state not in first, -row.id)),
            "states": STATES,
            "trouble": trouble,
            "may": keeps_books(request.user, client),
            "rates": queries.latest_rates(client),
        },
        status=409 if trouble else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def claim(request: HttpRequest, client: Client, claim_id: int) -> HttpResponse:
    """One claim with its pictures beside what is posted of it. A POST approves, returns or posts it."""
    found = queries.claim(client, claim_id, today=timezone.localdate())
    trouble: Words | None = None
    if request.method == "POST":
        _answer, trouble = carried_out(request, DEEDS, client, found)
        if trouble is None:
            return redirect("expense_claim", client.pk, claim_id)
        found = queries.claim(client, claim_id, today=timezone.localdate())
    state = found.row.state
    may = Right.APPROVE in request.rights and found.row.person != request.user.pk
    keeps = keeps_books(request.user, client)
    return render(
        request,
        "office/expenses/claim.html",
        {
            "client": client,
            "tab": "expenses",
            "found": found,
            "row": found.row,
            "state": STATES[state],
            "trouble": trouble,
            "may_approve": may and state == State.HANDED_IN.value,
            "may_return": may and state in (State.HANDED_IN.value, State.APPROVED.value),
            "may_post": keeps and state == State.APPROVED.value,
            "may_take_back": keeps and state == "posted",
        },
        status=409 if trouble else 200,
    )


def _approve(request: HttpRequest, client: Client, found: ClaimDetail) -> None:
    sha256 = request.POST.get("sha256", "")[:64]
    expenses.approve(client, found.row.id, request.user, sha256=sha256, today=timezone.localdate())


def _give_back(request: HttpRequest, client: Client, found: ClaimDetail) -> None:
    if found.row.person == request.user.pk:
        raise shape.OwnClaim()
    expenses.give_back(client, found.row.id, request.user, why=request.POST.get("why", ""))


def _post(request: HttpRequest, client: Client, found: ClaimDetail) -> None:
    check_keeps_books(request.user, client)
    expenses.post(client, found.row.id, by=f"person:{request.user.pk}", today=timezone.localdate())


def _take_back(request: HttpRequest, client: Client, found: ClaimDetail) -> None:
    check_keeps_books(request.user, client)
    why = request.POST.get("why", "")
    expenses.take_back(client, found.row.id, by=f"person:{request.user.pk}", why=why)


DEEDS = {"approve": _approve, "give_back": _give_back, "post": _post, "take_back": _take_back}

urlpatterns = [
    path("clients/<id:client_id>/expenses/", claims, name="expenses"),
    path("clients/<id:client_id>/expenses/<id:claim_id>/", claim, name="expense_claim"),
]
