"""Why: one act with its evidence as a card, for people and for programs at the same address."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from nattbok.clients.models import Client
from nattbok.ledger.queries import entries
from nattbok.robot import undoing
from nattbok.trail.queries import Deed, deed
from nattbok.web import evidence, shown
from nattbok.web.listings import ENTRIES
from nattbok.web.page import client_page

LISTED = 20


@require_safe
@vary_on_headers("Accept")
@client_page
def act(request: HttpRequest, client: Client, act_id: int) -> HttpResponse:
    """What was done, by whom, when, and why. Asked for JSON, it answers as `act_json` does."""
    found = deed(client, act_id)
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return _data(client, found)
    plan = undoing.plan(client, undoing.What(acts=(found.id,)))
    return render(
        request,
        "office/trail/act.html",
        {
            "client": client,
            "deed": found,
            "by": evidence.doer(found.by),
            "card": evidence.card(client, found.evidence),
            "entries": evidence.named(entries(client, act_ids=[found.id], limit=LISTED)),
            "columns": ENTRIES.titled(),
            "can_be_undone": not plan.is_empty,
        },
    )


@require_safe
@client_page
def act_json(request: HttpRequest, client: Client, act_id: int) -> HttpResponse:
    """The same as data, with the sentences in the reader's language."""
    return _data(client, deed(client, act_id))


def _data(client: Client, found: Deed) -> JsonResponse:
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
            "entries": [row.id for row in entries(client, act_ids=[found.id], limit=LISTED)],
            "card": evidence.card(client, found.evidence).as_data,
            "evidence": found.evidence,
        },
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )


urlpatterns = [
    path("clients/<id:client_id>/acts/<id:act_id>/", act, name="act"),
    path("clients/<id:client_id>/acts/<id:act_id>.json", act_json, name="act_json"),
]
