"""How documents come in: files put in here and now, what came last, and the ways they come by themselves."""

from collections.abc import Callable
from pathlib import PurePath

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from nattbok.base.errors import NattbokError
from nattbok.base.words import _
from nattbok.clients.models import Access, Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.clients.rules import NotYourBooks, Role
from nattbok.documents import actions
from nattbok.documents.actions import intake, strictness
from nattbok.documents.actions.looking import get_ready
from nattbok.documents.actions.uploading import Added, too_large, upload
from nattbok.documents.actions.ways import mail_domain
from nattbok.documents.queries import answers
from nattbok.documents.queries import intake as queries
from nattbok.documents.queries.digital import digital
from nattbok.documents.rules.answers import BY_ITSELF
from nattbok.documents.rules.intake import Kind, imap_draft, sftp_draft
from nattbok.formats.invoice.invoice_response import ANSWERS
from nattbok.formats.mail import LARGEST
from nattbok.robot.jobs import ask_round
from nattbok.web.page import NotAsAsked, client_page

MOST_FILES = 200
CAME_BY = {
    "folder": _("Folder"),
    "sftp": _("SFTP"),
    "imap": _("E-mail"),
    "mail": _("E-mail"),
    "upload": _("Put in"),
    "peppol": _("E-invoice network"),
    "peppol_sftp": _("E-invoice network"),
}
RECEPTION = {
    "asked": _("Asked for"),
    "active": _("Active"),
    "refused": _("Refused"),
    "moved": _("Moved to another access point"),
    "ended": _("Ended"),
}
MAY_ADD = (Role.ACCOUNTANT, Role.OWNER, Role.APPROVER)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def ways_in(request: HttpRequest, client: Client) -> HttpResponse:
    """The page; a POST puts files in, or changes a way in.

    The page's script puts files in one after the other, and is answered with the rows of the list.
    """
    given: dict = {}
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "upload":
            _check_may_add(request, client)
            given = {"results": _upload(request, client)}
            if request.POST.get("rows") == "1":
                return render(request, "office/intake/_results.html", {"client": client} | given)
        else:
            check_keeps_books(request.user, client)
            deed = DEEDS.get(do)
            if deed is None:
                raise NotAsAsked(written=do[:40])
            try:
                deed(request, client)
            except NattbokError as refusal:
                given = {"trouble": refusal.words}
            else:
                return redirect("ways_in", client.pk)
    get_ready()
    return render(request, "office/intake/intake.html", _shown(request, client) | given)


def _check_may_add(request: HttpRequest, client: Client) -> None:
    """NotYourBooks for those who may only look."""
    if not _may_add(request, client):
        raise NotYourBooks()


def _may_add(request: HttpRequest, client: Client) -> bool:
    if keeps_books(request.user, client):
        return True
    roles = [role.value for role in MAY_ADD]
    return Access.objects.filter(client=client, person=request.user, role__in=roles).exists()


def _upload(request: HttpRequest, client: Client) -> list[Added]:
    """The chosen files, any number and in any order; those too large are not read into memory."""
    given, refused = [], []
    for one in request.FILES.getlist("files")[:MOST_FILES]:
        name = (PurePath((one.name or "").replace("\\", "/")).name or "file")[-255:].replace("\0", "")
        if one.size > LARGEST:
            refused.append(too_large(name, one.size))
        else:
            given.append((name, one.read()))
    results = upload(client, given, by=_by(request)) + refused
    if any(one.file and not one.is_repeat for one in results):
        ask_round(client.pk)  # what takes longer to read is read at once, by a worker
    return results


def _shown(request: HttpRequest, client: Client) -> dict:
    reception = queries.reception(client)
    return {
        "client": client,
        "tab": "documents",
        "may_change": keeps_books(request.user, client),
        "may_add": _may_add(request, client),
        "arrivals": [(row, CAME_BY.get(row.came_by, row.came_by)) for row in queries.arrivals(client)],
        "addresses": queries.addresses(client),
        "domain": mail_domain(),
        "sources": queries.sources(client),
        "reception": reception,
        "reception_state": RECEPTION[reception.state] if reception else "",
        "participant": intake.participant_of(client),
        "answers": [(one.value, ANSWERS[one], when) for one, when in BY_ITSELF.items()],
        "chosen": answers.chosen(client),
        "engines": strictness.ENGINES.items(),
        "engine": strictness.engine_of(client),
        "digital": digital(client, today=timezone.localdate()),
        "now": timezone.now(),
    }


def _open_address(request: HttpRequest, client: Client) -> None:
    intake.open_address(client, by=_by(request), chosen=request.POST.get("local", "").strip()[:80])


def _close_address(request: HttpRequest, client: Client) -> None:
    intake.close_address(client, _number(request, "address"), by=_by(request))


def _add_mailbox(request: HttpRequest, client: Client) -> None:
    intake.add(client, imap_draft(_written(request)), by=_by(request))


def _add_sftp(request: HttpRequest, client: Client) -> None:
    is_network = request.POST.get("is_network") == "1"
    kind = Kind.PEPPOL_SFTP if is_network else Kind.SFTP
    draft = sftp_draft(
        _written(request), kind=kind, participants=(intake.participant_of(client),) if is_network else ()
    )
    intake.add(client, draft, by=_by(request))


def _switch(request: HttpRequest, client: Client) -> None:
    intake.switch(client, _number(request, "source"), on=request.POST.get("on") == "1", by=_by(request))


def _renew(request: HttpRequest, client: Client) -> None:
    given = _written(request)
    intake.renew_grant(
        client, _number(request, "source"), by=_by(request),
        refresh_token=given.get("refresh_token", "").strip(),
        client_secret=given.get("client_secret", "").strip(),
    )  # fmt: skip
    ask_round(client.pk)


def _activate(request: HttpRequest, client: Client) -> None:
    intake.activate_reception(client, by=_by(request))


def _end(request: HttpRequest, client: Client) -> None:
    intake.end_reception(client, by=_by(request))


def _answers(request: HttpRequest, client: Client) -> None:
    actions.set_answers(client, request.POST.getlist("answers")[:10], by=_by(request))


def _engine(request: HttpRequest, client: Client) -> None:
    strictness.set_engine(client, request.POST.get("engine", ""), by=_by(request))


def _look_now(request: HttpRequest, client: Client) -> None:
    intake.look_soon(client)
    ask_round(client.pk)


DEEDS: dict[str, Callable[[HttpRequest, Client], None]] = {
    "open_address": _open_address,
    "close_address": _close_address,
    "add_mailbox": _add_mailbox,
    "add_sftp": _add_sftp,
    "switch": _switch,
    "renew": _renew,
    "activate": _activate,
    "end": _end,
    "answers": _answers,
    "engine": _engine,
    "look": _look_now,
}


def _written(request: HttpRequest) -> dict[str, str]:
    """The form as plain text; a password may be long, and a token longer."""
    return {name: value[:20_000].replace("\0", "") for name, value in request.POST.items()}


def _number(request: HttpRequest, name: str) -> int:
    written = request.POST.get(name, "")
    if not written.isdecimal() or len(written) > 18:
        raise NotAsAsked(written=written[:40])
    return int(written)


def _by(request: HttpRequest) -> str:
    return f"person:{request.user.pk}"


urlpatterns = [
    path("clients/<id:client_id>/ways-in/", ways_in, name="ways_in"),
]
