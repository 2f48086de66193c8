"""Where a client's own person lands: their company, or the choice between several."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from nattbok.clients.models import Client
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
    return render(request, "portal/home.html", {"client": client, "tab": "home"})


def landing(clients: list[Client]) -> HttpResponse:
    """Where a client's own person is led: into their company, or to the choice between several."""
    return redirect("portal_home", clients[0].pk) if len(clients) == 1 else redirect("portal")


urlpatterns = [
    path("portal/", companies, name="portal"),
    path("portal/<id:client_id>/", home, name="portal_home"),
]
