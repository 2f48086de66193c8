"""Pages that a secret link of a mail leads to: what keeps it secret, and the answer to one that is gone."""

import math
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from nattbok.approvals.rules.links import LinkGone
from nattbok.web import shown
from nattbok.web.login import begin

HEADERS = {
    # Our own name is told on at most, never the address. With less, browsers would not say where our forms
    # come from, and they would be refused as a stranger's.
    "Referrer-Policy": "strict-origin",
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow",
}


def kept_secret(response: HttpResponse) -> HttpResponse:
    """The answer with headers that keep its address from being told on, and out of our own log."""
    for name, text in HEADERS.items():
        response.headers[name] = text
    response._has_been_logged = True  # Django would log the address of what is refused
    return response


def gone(request: HttpRequest, refusal: LinkGone, heading: str) -> HttpResponse:
    """One answer to all links that open nothing; trying on and on is slowed down. The heading is marked."""
    address = f"link {request.META.get('REMOTE_ADDR', '')}"
    _attempt, seconds = begin(address[:254], address[:45])
    sentence = shown.words(refusal.words)
    if seconds:
        sentence = shown.filled(
            gettext("There were too many tries. Wait {minutes} min, then try again."),
            {"minutes": math.ceil(seconds / 60)},
        )
    status = HTTPStatus.TOO_MANY_REQUESTS if seconds else HTTPStatus.NOT_FOUND
    return render(request, "portal/link_gone.html", {"sentence": sentence, "heading": heading}, status=status)
