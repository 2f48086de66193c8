"""Where a client's own person lands: their company, or the choice between several."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from nattbok.approvals.queries import waiting_for
from nattbok.bank.queries.balances import balances
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Right
from nattbok.documents.queries import approval, portal
from nattbok.expenses import queries as expenses
from nattbok.ledger.queries.owed import owed
from nattbok.ledger.rules import PartyKind
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
    """What waits for the person; and, for who may see the books, what is in the bank and what is owed."""
    rights = {right.value for right in request.rights}
    by = "" if Right.SEE in request.rights else f"person:{request.user.pk}"
    given = {
        "client": client,
        "tab": "home",
        "rights": rights,
        "is_owner": people.is_owner(request.user, client),
        "waits": _waits(request, client, by),
    }
    if Right.SEE in request.rights:
        given |= _money(client)
    return render(request, "portal/home.html", given)


@dataclass(frozen=True, slots=True)
class Waits:
    """Some things that wait for the person: how many, of what in plain words, and where."""

    count: int
    what: str  # marked
    address: str


def _waits(request: HttpRequest, client: Client, by: str) -> list[Waits]:
    """What the person can do something with now; nothing that waits for somebody else."""
    rights, person = request.rights, request.user.pk
    documents, claims = portal.counts(client, by=by), expenses.counts(client, person)
    listed = reverse("portal_documents", args=[client.pk])
    claimed = reverse("portal_expenses", args=[client.pk])
    found = [Waits(documents["returned"], _("questions from accounting"), listed)]
    if Right.HAND_OVER in rights:
        found.append(Waits(documents["gathered"], _("documents to hand over"), listed))
    if Right.APPROVE in rights:
        cards = reverse("portal_approvals", args=[client.pk])
        found.append(Waits(approval.waits(client, person), _("documents to approve"), cards))
        found.append(Waits(claims["handed_in"], _("expense claims to approve"), claimed))
    if Right.SEE in rights:
        batches = reverse("payment_batches", args=[client.pk])
        found.append(Waits(waiting_for(client, request.user), _("payments to approve"), batches))
    if Right.EXPENSES in rights:
        found.append(Waits(claims["open"], _("own expense claims that are open"), claimed))
    return [each for each in found if each.count]


def _money(client: Client) -> dict:
    """What the bank said last, and what the books say is owed today; nothing that neither of them says."""
    today = timezone.localdate()
    sides = owed(client, today=today)
    in_bank = balances(client)
    days = {(each.currency, each.on) for each in in_bank}
    return {
        "balances": in_bank,
        # Balances of several days, or currencies, are no sum of anything.
        "in_bank": sum((each.closing for each in in_bank), ZERO) if len(days) == 1 else None,
        "to_pay": sides.get(PartyKind.SUPPLIER),
        "unpaid": sides.get(PartyKind.CUSTOMER),
        "today": today,
    }


def landing(clients: list[Client]) -> HttpResponse:
    """Where a client's own person is led: into their company, or to the choice between several."""
    return redirect("portal_home", clients[0].pk) if len(clients) == 1 else redirect("portal")


urlpatterns = [
    path("portal/", companies, name="portal"),
    path("portal/<id:client_id>/", home, name="portal_home"),
]
