"""Logging in and out, and choosing the language.

Guessing is slowed down over all processes: every failed try is a row, and after a few of them the next
must wait, longer each time. A person that does not exist is answered as one that does, after the same work.
"""

import datetime
import math

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import path
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from nattbok.clients.models import LoginAttempt, Person
from nattbok.web import shown
from nattbok.web.page import anyone

KEPT = datetime.timedelta(days=1)
FREE_TRIES = {"email": 5, "address": 30}  # an address may be a whole office's
FIRST_WAIT = 15  # seconds; doubled by each failure after
LONGEST_WAIT = 3600


def wait(failures: int, free: int) -> int:
    """Seconds that must pass after the last of `failures` failures, of which `free` cost nothing."""
    over = failures - free
    return 0 if over < 0 else min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 10))


@transaction.atomic
def begin(email: str, address: str) -> tuple[LoginAttempt | None, int]:
    """The try, noted as failed until it succeeds; or None and the seconds to wait before the next.

    A try that comes too early is not noted, so nobody can be kept out for good by knocking.
    """
    moment = timezone.now()
    longest = 0
    for field, key in (("email", email), ("address", address)):
        with connection.cursor() as cursor:
            # Tries that come at once are counted one by one. Always e-mail first, so none waits in a ring.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"login {field} {key}"])
        mine = LoginAttempt.objects.filter(**{field: key})
        mine.filter(at__lt=moment - KEPT).delete()
        since = mine.filter(succeeded=True).order_by("-at").values_list("at", flat=True).first()
        failures = mine.filter(succeeded=False)
        if since and field == "email":
            failures = failures.filter(at__gt=since)
        number = failures.count()
        last = failures.order_by("-at").values_list("at", flat=True).first()
        if last:
            until = last + datetime.timedelta(seconds=wait(number, FREE_TRIES[field]))
            longest = max(longest, math.ceil((until - moment).total_seconds()))
    if longest > 0:
        return None, longest
    return LoginAttempt.objects.create(email=email, address=address, succeeded=False), 0


@anyone
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """The first page for who is not logged in."""
    onward = _onward(request)
    if request.user.is_authenticated:
        return redirect(onward)
    if request.method != "POST":
        return render(request, "login.html", {"next": onward})
    email = request.POST.get("email", "").strip().lower()[:254]
    attempt, seconds = begin(email, request.META.get("REMOTE_ADDR", ""))
    if attempt is None:
        trouble = shown.filled(
            gettext("There were too many tries. Wait {minutes} min, then try again."),
            {"minutes": math.ceil(seconds / 60)},
        )
        return _again(request, onward, email, trouble, 429, seconds)
    person = authenticate(request, username=email, password=request.POST.get("password", ""))
    if person is None:
        return _again(request, onward, email, gettext("The e-mail address or the password is wrong."), 401)
    LoginAttempt.objects.filter(pk=attempt.pk).update(succeeded=True)
    login(request, person)
    return redirect(onward)


def _again(
    request: HttpRequest, onward: str, email: str, trouble: str, status: int, seconds: int = 0
) -> HttpResponse:
    response = render(
        request, "login.html", {"next": onward, "email": email, "trouble": trouble}, status=status
    )
    if seconds:
        response.headers["Retry-After"] = str(seconds)
    return response


def _onward(request: HttpRequest) -> str:
    """Where to go afterwards; never to another host."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return asked
    return resolve_url(settings.LOGIN_REDIRECT_URL)


@anyone
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Ends the session, whoever's it is."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@anyone
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Nb, sv or en, from now on; kept with the person, and in a cookie for the log-in page."""
    chosen = request.POST.get("language", "")
    response = redirect(_onward(request))
    if chosen in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            Person.objects.filter(pk=request.user.pk).update(language=chosen)
        translation.activate(chosen)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 24 * 3600,
            secure=settings.IS_BEHIND_TLS,
            httponly=True,
            samesite="Lax",
        )
    return response


urlpatterns = [
    path("login/", log_in, name="login"),
    path("logout/", log_out, name="logout"),
    path("language/", choose_language, name="language"),
]
