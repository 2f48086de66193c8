"""What is spread over months: how far each has come, and where it waits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from nattbok.base.errors import Refused
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.ledger import actions as ledger
from nattbok.ledger.queries import waits_on
from nattbok.recurring import queries
from nattbok.vouchers.queries import accounts
from nattbok.vouchers.rules.written import plain
from nattbok.web.page import client_page

CONFLICT = 409


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def spreads(request: HttpRequest, client: Client) -> HttpResponse:
    """What is spread and still stands, month by month; and the accounts where it waits."""
    trouble = None
    if request.method == "POST":
        try:
            check_keeps_books(request.user, client)
            asked = {
                name: plain(request.POST.get(name, "")).partition(" ")[0] for name in ("costs", "income")
            }
            ledger.set_waiting_accounts(client, **asked, by=f"person:{request.user.pk}")
            return redirect("spreads", client.pk)
        except Refused as refusal:
            trouble = refusal.words
    return render(
        request,
        "office/vouchers/spreads.html",
        {
            "client": client,
            "tab": "entries",
            "spreads": queries.spreads(client),
            "waits_on": waits_on(client),
            "accounts": [each for each in accounts(client).values() if each.is_active and not each.control],
            "may": keeps_books(request.user, client),
            "trouble": trouble,
        },
        status=CONFLICT if trouble else 200,
    )


urlpatterns = [path("clients/<id:client_id>/spreads/", spreads, name="spreads")]
