"""Pictures with the phone: a page that also opens without network, and where it sends what it has kept."""

from http import HTTPStatus

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.clients.rules import NotYourRight, Right
from nattbok.countries.known import country
from nattbok.documents.actions import portal as deeds
from nattbok.documents.actions.looking import Verdict, get_ready, verdict
from nattbok.documents.actions.uploading import FINE, LATER, RETAKE, look_key, too_large
from nattbok.expenses import actions as expenses
from nattbok.expenses import queries as claims
from nattbok.expenses.rules.shape import TITLES, State
from nattbok.formats.mail import LARGEST
from nattbok.web import shown
from nattbok.web.page import HEADERS, anyone, portal_page
from nattbok.web.portal.expenses import given, picture_of

KEPT = Words(_("The receipt is kept."))
# The page shows a picture that is still on the phone alone: the one thing beside what all pages may.
POLICY = HEADERS["Content-Security-Policy"].replace("img-src 'self'", "img-src 'self' blob:")


@require_safe
@portal_page
def capture(request: HttpRequest, client: Client) -> HttpResponse:
    """Takes a picture of a bill, or of a receipt for a claim; without network it is kept on the phone."""
    get_ready()
    may_expenses = Right.EXPENSES in request.rights
    open_claims = [
        row
        for row in (claims.claims(client, person=request.user.pk) if may_expenses else ())
        if row.state == State.OPEN.value
    ]
    response = render(
        request,
        "portal/capture.html",
        {
            "client": client,
            "tab": "capture",
            "may_add": Right.ADD in request.rights,
            "may_expenses": may_expenses,
            "claims": open_claims,
            "is_expense": request.GET.get("what") == "expense",
            "chosen": request.GET.get("claim", ""),
            "categories": [(name, TITLES[name]) for name in country(client.country).expenses],
            "today": timezone.localdate(),
        },
    )
    response.headers["Content-Security-Policy"] = POLICY
    return response


@require_POST
@portal_page
def send(request: HttpRequest, client: Client) -> HttpResponse:
    """What a phone sends, now or when its network came back: with an id of its own, so that twice is once."""
    try:
        is_expense = request.POST.get("what") == "expense"
        if (Right.EXPENSES if is_expense else Right.ADD) not in request.rights:
            raise NotYourRight(client=client.name)
        return _expense(request, client) if is_expense else _document(request, client)
    except Refused as refused:
        return JsonResponse({"words": shown.words(refused.words)}, status=HTTPStatus.CONFLICT)


def _key(request: HttpRequest) -> str:
    key = "".join(sign for sign in request.POST.get("key", "") if sign.isascii() and sign.isalnum())[:64]
    if not key:
        raise Http404
    return key


def _document(request: HttpRequest, client: Client) -> HttpResponse:
    file = request.FILES.get("files")
    if file is None:
        raise Http404
    if file.size > LARGEST:
        told = too_large(file.name, file.size)
        return JsonResponse({"words": shown.words(told.words)}, status=HTTPStatus.CONFLICT)
    (added,) = deeds.add(client, request.user, [deeds.Sent(_key(request), file.name or "–", file.read())])
    address = (
        reverse("portal_document", args=[client.pk, added.document])
        if added.document is not None
        else reverse("portal_documents", args=[client.pk])
    )
    said = {"words": shown.words(added.words), "address": address, "retake": added.is_to_be_retaken}
    if added.is_looked_at:
        said["verdict"] = reverse("portal_verdict", args=[client.pk, added.file])
    return JsonResponse(said)


@require_safe
@portal_page
def last_word(request: HttpRequest, client: Client, picture_id: int) -> HttpResponse:
    """What a look at a picture came to, for the page that sent it and is still open."""
    if Right.ADD not in request.rights:
        raise NotYourRight(client=client.name)
    found = verdict(look_key(client, picture_id, f"person:{request.user.pk}"))
    if found is Verdict.UNKNOWN:
        raise Http404  # somebody else's, another server's, or long ago: the list of documents tells the same
    words = {Verdict.RETAKE: RETAKE, Verdict.FINE: FINE}.get(found, LATER)
    return JsonResponse(
        {
            "words": shown.words(words),
            "retake": found is Verdict.RETAKE,
            "open": found is Verdict.OPEN,
        }
    )


def _expense(request: HttpRequest, client: Client) -> HttpResponse:
    key, person = _key(request), request.user
    by = f"person:{person.pk}"
    if before := claims.sent_before(client, person.pk, key):
        return _kept(client, *before)
    purpose = request.POST.get("purpose", "")[:200]
    chosen = request.POST.get("claim", "")
    claim = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None
    if claim is None:
        # A claim begun on the phone: all that is sent for the same purpose that day goes on the same one.
        begun = f"phone:{request.POST.get('begun', '')[:10]} {purpose}"
        claim = expenses.begin(client, person, key=begun, purpose=purpose, by=by)
    if not claims.is_open(client, person.pk, claim):
        # It was handed in while the picture waited for a network.
        claim = expenses.begin(client, person, key=f"phone:{key}", purpose=purpose, by=by)
    added = expenses.add_receipt(
        client,
        claim,
        person,
        key=key,
        values={name: value for name, value in given(request).items() if value.strip()},
        picture=picture_of(request),
        by=by,
    )
    return _kept(client, claim, added.receipt)


def _kept(client: Client, claim: int, receipt: int) -> HttpResponse:
    address = f"{reverse('portal_claim', args=[client.pk, claim])}#receipt-{receipt}"
    return JsonResponse({"words": shown.words(KEPT), "address": address, "retake": False})


@require_safe
@anyone
def worker(request: HttpRequest) -> HttpResponse:
    """The script that opens the page without network; from here it may speak for the whole portal."""
    found = finders.find("portal-worker.js")
    if found is None:
        raise Http404
    with open(found, "rb") as file:
        script = file.read()
    return HttpResponse(
        script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


urlpatterns = [
    path("portal/worker.js", worker, name="portal_worker"),
    path("portal/<id:client_id>/capture/", capture, name="portal_capture"),
    path("portal/<id:client_id>/capture/send", send, name="portal_send"),
    path("portal/<id:client_id>/capture/verdict/<id:picture_id>", last_word, name="portal_verdict"),
]
