"""A person's own second factor: setting it up, and the codes for the day the phone is lost."""

from io import BytesIO

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from nattbok.approvals import actions
from nattbok.approvals.actions.factors import waiting_secret
from nattbok.approvals.queries import own_factor
from nattbok.approvals.rules import factors as rules
from nattbok.base.errors import Refused
from nattbok.clients.models import Client
from nattbok.web import shown
from nattbok.web.page import person_page

NOTHING = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@person_page
def factors(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """What the person has, and setting up what they have not."""
    trouble, codes, status = "", [], 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "begin":
                actions.begin_totp(
                    request.user,
                    password=request.POST.get("password", ""),
                    code=request.POST.get("code", ""),
                )
                return redirect("factors")
            codes = actions.confirm_totp(request.user, request.POST.get("code", ""))
        except Refused as refusal:
            trouble, status = shown.words(refusal.words), 409
    secret = waiting_secret(request.user)
    return render(
        request,
        "office/factors/factors.html",
        {
            "own": own_factor(request.user),
            "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            "codes": codes,
            "trouble": trouble,
        },
        status=status,
    )


@require_safe
@person_page
def factor_qr(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """The secret that waits to be confirmed, as a picture for the phone; an empty one when none does."""
    secret = waiting_secret(request.user)
    if not secret:
        return HttpResponse(NOTHING, content_type="image/svg+xml")
    written = BytesIO()
    picture = segno.make(rules.address(secret, request.user.email), error="m")
    picture.save(written, kind="svg", scale=5, border=4, light="#ffffff")
    return HttpResponse(written.getvalue(), content_type="image/svg+xml")


urlpatterns = [
    path("factor/", factors, name="factors"),
    path("factor/qr.svg", factor_qr, name="factor_qr"),
]
