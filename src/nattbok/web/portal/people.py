"""The company's own people, as its owners let them in; and the page by which an invited person begins.

A GET of an invitation shows and never decides, since mail programs open links by themselves.
"""

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from nattbok.approvals.rules.links import LinkGone
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.people import actions, queries
from nattbok.web import people_list, shown
from nattbok.web.links import gone, kept_secret
from nattbok.web.page import anyone, portal_page

LONGEST = 200  # signs of a password


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def people(request: HttpRequest, client: Client) -> HttpResponse:
    """Who has access to the company, with which rights; inviting, changing and letting out."""
    return people_list.page(request, client, "portal/people.html", "people")


@anyone
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invited person chooses a password, and is then logged in."""
    trouble = ""
    try:
        with queries.opened(token) as (client, found):
            name, email, language = client.name, found.person.email, found.person.language
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        if request.method == "POST":
            try:
                person = actions.accept(
                    token,
                    request.POST.get("password", "")[:LONGEST],
                    request.POST.get("again", "")[:LONGEST],
                )
            except LinkGone:
                raise
            except Refused as refused:
                trouble = shown.words(refused.words)
            else:
                login(request, person)
                return kept_secret(redirect(settings.LOGIN_REDIRECT_URL))
    except LinkGone as refusal:
        return kept_secret(gone(request, refusal, _("Invitation")))
    return kept_secret(
        render(
            request,
            "portal/invitation.html",
            {"company": name, "email": email, "trouble": trouble},
            status=HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
        )
    )


urlpatterns = [
    path("portal/<id:client_id>/people/", people, name="portal_people"),
    path("invitation/<str:token>", invitation, name="invitation"),
]
