"""The people of a client as a page shows them to those who decide there: its owners and the office."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.clients.rules import RIGHT_TITLES, NotYourRight, Right, Role
from nattbok.people import actions, queries
from nattbok.people.queries import Row
from nattbok.people.rules import ROLE_TEXTS, ROLE_TITLES, VALID
from nattbok.web.deeds import carried_out
from nattbok.web.office.document_answers import row_id

KEEPER = _("Keeps the books")
DONE = {
    "invite": Words(_("The invitation is on its way.")),
    "again": Words(_("A new invitation is on its way. The last one opens nothing any more.")),
    "change": Words(_("What the person may do is kept.")),
    "remove": Words(_("The person has no access any more.")),
    "hand_over": Words(_("The setting is kept.")),
}


@dataclass(frozen=True, slots=True)
class Ticked:
    """A right of a person, and whether whoever looks may give it."""

    right: str
    title: Words
    is_given: bool
    can_give: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A person in the list."""

    row: Row
    role: Words
    rights: tuple[Ticked, ...]
    until: date | None  # the day on which the invitation runs out


def page(request: HttpRequest, client: Client, template: str, name: str) -> HttpResponse:
    """The list; a POST does one thing, and shows it anew or says why not."""
    if not queries.may_decide(request.user, client):
        raise NotYourRight(client=client.name)
    trouble: Words | None = None
    written: dict[str, str] = {}
    if request.method == "POST":
        _answer, trouble = carried_out(request, DEEDS, client)
        if trouble is None:
            return redirect(f"{request.path}?done={request.POST['do']}")
        written = {each: request.POST.get(each, "") for each in ("email", "name", "role")}
    rows = queries.people(client)
    return render(
        request,
        template,
        {
            "client": client,
            "tab": name,
            "people": [_shown(row, request.rights) for row in rows],
            "roles": [
                (role.value, Words(title), Words(ROLE_TEXTS[role])) for role, title in ROLE_TITLES.items()
            ],
            "written": written,
            "trouble": trouble,
            "done": None if trouble else DONE.get(request.GET.get("done", "")),
            "days": VALID.days,
        },
        status=HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
    )


def _shown(row: Row, mine: frozenset[Right]) -> Shown:
    rights = tuple(
        Ticked(right.value, Words(title), right in row.rights, right in mine or right in row.rights)
        for right, title in RIGHT_TITLES.items()
    )
    until = timezone.localtime(row.ends_at).date() if row.ends_at else None
    return Shown(row, Words(ROLE_TITLES.get(row.role, KEEPER)), rights, until)


def _role(request: HttpRequest) -> Role:
    try:
        return Role(request.POST.get("role", ""))
    except ValueError as unknown:
        raise Http404 from unknown


def _person(request: HttpRequest) -> int:
    person = row_id(request.POST.get("person", ""))
    if person is None:
        raise Http404
    return person


def _invite(request: HttpRequest, client: Client) -> None:
    email, name = request.POST.get("email", ""), request.POST.get("name", "")
    actions.invite(client, request.user, email=email[:300], name=name[:200], role=_role(request))


def _again(request: HttpRequest, client: Client) -> None:
    actions.invite_again(client, request.user, _person(request))


def _change(request: HttpRequest, client: Client) -> None:
    ticked = frozenset(right for right in Right if right.value in request.POST.getlist("right"))
    actions.change(client, request.user, _person(request), role=_role(request), asked=ticked)


def _remove(request: HttpRequest, client: Client) -> None:
    actions.remove(client, request.user, _person(request))


def _hand_over(request: HttpRequest, client: Client) -> None:
    actions.set_hand_over(client, request.user, is_on=request.POST.get("at_once") == "1")


DEEDS = {"invite": _invite, "again": _again, "change": _change, "remove": _remove, "hand_over": _hand_over}
