"""Why: one act with its evidence, for people and for programs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from nattbok.clients.models import Client
from nattbok.trail.queries import deed
from nattbok.web import evidence, shown
from nattbok.web.page import client_page


@require_safe
@client_page
def act(request: HttpRequest, client: Client, act_id: int) -> HttpResponse:
    """What was done, by whom, when, and why."""
    found = deed(client, act_id)
    return render(
        request,
        "office/trail/act.html",
        {
            "client": client,
            "deed": found,
            "by": evidence.doer(found.by),
            "pieces": evidence.pieces(client, found.evidence),
        },
    )


@require_safe
@client_page
def act_json(request: HttpRequest, client: Client, act_id: int) -> HttpResponse:
    """The same as data, with the sentence in the reader's language."""
    found = deed(client, act_id)
    return JsonResponse(
        {
            "id": found.id,
            "kind": found.kind,
            "sentence": shown.words(found.title),
            "by": found.by,
            "at": found.at.isoformat(),
            "night": found.night,
            "undoes": found.undoes,
            "undone_by": found.undone_by,
            "evidence": found.evidence,
        },
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )


urlpatterns = [
    path("clients/<id:client_id>/acts/<id:act_id>/", act, name="act"),
    path("clients/<id:client_id>/acts/<id:act_id>.json", act_json, name="act_json"),
]
