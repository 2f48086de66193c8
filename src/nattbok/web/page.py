"""What all pages share: who may see them, the scope they are made in, their headers, how a refusal looks.

Every view states who may see it by one of `anyone`, `person_page`, `office_page`, `client_page` and
`portal_page`. All but the first need a log-in. What a view answers is rendered before the scope closes, so a
template never reads from the database outside it.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.urls import register_converter
from django.urls.converters import IntConverter
from django.utils import translation
from django.utils.translation import gettext

from nattbok.base.errors import NattbokError, Refused, Unreachable, Unreadable
from nattbok.base.words import _
from nattbok.base.written import NotADay
from nattbok.clients.access import enter_all, enter_as
from nattbok.clients.models import Client
from nattbok.clients.queries import offices_of
from nattbok.clients.rules import NoAccess, NotYourRight, Right
from nattbok.db.scope import scope
from nattbok.web import shown

View = Callable[..., HttpResponse]

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class NotAsAsked(Refused):
    """The address asks for what cannot be: a date that is none, a span that ends before it begins."""

    message = _("“{written}” cannot be used here: it is not a date, or not in the right order.")


class RowId(IntConverter):
    """The id of a row in an address, `<id:client_id>`: no more digits than the database has."""

    regex = "[0-9]{1,18}"


register_converter(RowId, "id")


class PageMiddleware:
    """Each request begins and ends without a scope, is answered in the reader's language, and is guarded."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope([]):
            if request.user.is_authenticated and request.user.language in dict(settings.LANGUAGES):
                translation.activate(request.user.language)
                request.LANGUAGE_CODE = request.user.language
            return protected(self.get_response(request))

    def process_exception(self, request: HttpRequest, trouble: Exception) -> HttpResponse | None:
        """A refusal is told in words. What is our own mistake goes on, and becomes the 500 page."""
        if isinstance(trouble, NattbokError):
            return told(request, shown.words(trouble.words), _status(trouble))
        return None


def _status(trouble: NattbokError) -> HTTPStatus:
    match trouble:
        case NoAccess():
            return HTTPStatus.NOT_FOUND
        case NotYourRight():
            return HTTPStatus.FORBIDDEN
        case NotAsAsked() | NotADay():
            return HTTPStatus.BAD_REQUEST
        case Unreadable():
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case Unreachable():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            return HTTPStatus.CONFLICT


def protected(response: HttpResponse) -> HttpResponse:
    """`response` with the headers that all pages have; one that a view has set itself stays."""
    for name, text in HEADERS.items():
        response.headers.setdefault(name, text)
    return response


def every_page(request: HttpRequest) -> dict:
    """What every template may show. Asks the database nothing."""
    return {"languages": settings.LANGUAGES, "here": request.get_full_path()}


def anyone(view: View) -> View:
    """Seen by all, also without a log-in."""
    view.seen_by = "anyone"
    return view


def person_page(view: View) -> View:
    """Seen by everyone who is logged in. The view gets the clients that the person may enter, in scope."""

    @wraps(view)
    def inner(request: HttpRequest, **named: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_login(request)
        with enter_all(request.user) as clients:
            return _answered(view, request, clients, named)

    inner.seen_by = "person"
    return inner


def office_page(view: View) -> View:
    """Seen by those who work at an office. The view gets the clients that the person may enter, in scope."""

    @wraps(view)
    def inner(request: HttpRequest, **named: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_login(request)
        request.offices = offices_of(request.user)
        if not request.offices:
            raise PermissionDenied
        with enter_all(request.user) as clients:
            return _answered(view, request, clients, named)

    inner.seen_by = "office"
    return inner


def client_page(view: View) -> View:
    """Seen by those who may see the books of the client that the address names; a stranger finds no page.

    The view gets the client, and its rows are the only ones in scope.
    """
    return _entered(view, "client", Right.SEE)


def portal_page(view: View | None = None, *, needs: Right | None = None) -> View:
    """A page for the client's own people: seen by all who have access to the client and the right it `needs`.

    The view gets the client, and its rows are the only ones in scope; `request.rights` are what the person
    may do there. A page that needs no right shows or does only what is the person's own.
    """
    if view is None:
        return lambda given: _entered(given, "portal", needs)
    return _entered(view, "portal", needs)


def _entered(view: View, seen_by: str, needs: Right | None) -> View:
    """A view that gets the client that the address names, when the person may enter it and has the right."""

    @wraps(view)
    def inner(request: HttpRequest, client_id: int, **named: object) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_login(request)
        try:
            with enter_as(request.user, client_id) as (client, rights):
                request.rights = rights
                if needs is not None and needs not in rights:
                    raise NotYourRight(client=client.name)
                return _answered(view, request, client, named)
        except (NoAccess, Client.DoesNotExist) as refusal:
            raise Http404 from refusal

    inner.seen_by = seen_by
    return inner


def _answered(view: View, request: HttpRequest, given: object, named: dict) -> HttpResponse:
    try:
        response = view(request, given, **named)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    if response.streaming:
        raise TypeError("an answer is made whole before its scope closes")
    if hasattr(response, "render"):
        response.render()
    return response


def _to_login(request: HttpRequest) -> HttpResponse:
    response = redirect_to_login(request.get_full_path())
    if getattr(request, "htmx", False):
        # htmx would put the log-in page into the middle of the page: let the browser go there instead.
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": response.url})
    return response


def told(request: HttpRequest, sentence: str, status: HTTPStatus) -> HttpResponse:
    """A calm page with one sentence and a way on."""
    return protected(render(request, "told.html", {"sentence": sentence}, status=status))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request is not one that a browser of ours sends."""
    return _plain(gettext("The request could not be understood."), HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: logged in, and not for them."""
    return told(
        request,
        gettext("This page is for the people of an accounting office."),
        HTTPStatus.FORBIDDEN,
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, for what is not there and for what is somebody else's: the two look the same."""
    return told(request, gettext("There is no such page, or you have no access to it."), HTTPStatus.NOT_FOUND)


def failed(request: HttpRequest) -> HttpResponse:
    """500: our own mistake. Neither the database nor the session is asked, since they may be what failed."""
    return _plain(
        gettext("Something went wrong with us. Nothing of what you did was half done; please try again."),
        HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def _plain(sentence: str, status: HTTPStatus) -> HttpResponse:
    text = loader.render_to_string("plain.html", {"sentence": sentence, "language": shown.language()})
    return protected(HttpResponse(text, status=status))
