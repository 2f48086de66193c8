"""Connections with banks: how each account's files come and go, setting one up, and files carried by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from nattbok.bank import actions
from nattbok.bank.actions.payments import fetch_file
from nattbok.bank.actions.uploading import LARGEST, Uploaded, too_large, upload
from nattbok.bank.queries import connections as queries
from nattbok.bank.queries.connections import AccountRow, ConnectionRow
from nattbok.bank.queries.ways import host_key_shown
from nattbok.bank.rules.connections import Form, KeyState, State
from nattbok.bank.rules.profiles import PAYMENT_VERSIONS, PROFILES, SETTINGS, Profile
from nattbok.base.errors import NattbokError
from nattbok.base.words import Words, _
from nattbok.channels.ssh_keys import fingerprint
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, keeps_books
from nattbok.desk.queries import Waiting, waiting
from nattbok.files import queries as kept_files
from nattbok.files.models import File
from nattbok.outbox import actions as outbox
from nattbok.outbox import queries as sendings
from nattbok.outbox.actions.sending import AlreadyThere
from nattbok.outbox.queries import SendingRow
from nattbok.outbox.rules import State as Sent
from nattbok.web import shown
from nattbok.web.page import NotAsAsked, client_page

FORMS = {
    Form.NONE: _("None"),
    Form.FILE: _("File-based"),
    Form.SFTP: _("Direct (SFTP)"),
    Form.REST: _("Direct (REST)"),
}
STATES = {
    State.ORDERED: _("Ordered"),
    State.REGISTERED: _("Registered"),
    State.ACTIVE: _("Active"),
    State.SUSPENDED: _("Suspended"),
}
SENT = {
    Sent.WAITING: _("Waits"),
    Sent.SENDING: _("Being sent"),
    Sent.UNCERTAIN: _("Uncertain"),
    Sent.SENT: _("Sent"),
    Sent.FAILED: _("Failed"),
    Sent.WITHDRAWN: _("Withdrawn"),
}
MOST_FILES = 200
PAYMENTS = "payment_batch"  # what the key of a batch of payments begins with
TEXT_SETTINGS = ("own_bic", "folder_out", "folder_in", "folder_archive", "name_out")
NUMBER_SETTINGS = ("statement_lag", "receipt_minutes", "stale_days", "day_minutes")


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account in the list, with what is amiss."""

    row: AccountRow
    form: str
    state: str
    troubles: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class FileOut:
    """A payment file in the list."""

    row: SendingRow
    state: str
    may_be_taken: bool  # by a person, to be left at the bank
    may_go_again: bool


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def connections(request: HttpRequest, client: Client) -> HttpResponse:
    """The client's bank accounts, the payment files under way, and where files from the bank are put in."""
    results: list[Uploaded] = []
    if request.method == "POST":
        check_keeps_books(request.user, client)
        match request.POST.get("do", ""):
            case "order":
                return redirect("connection", client.pk, _order(request, client))
            case "take_out":
                return _take_out(request, client)
            case "again":
                outbox.try_again(client, _key(request, client), by=_by(request))
                return redirect("connections", client.pk)
            case "upload":
                results = _upload(request, client)
            case other:
                raise NotAsAsked(written=other[:40])
    return render(request, "office/connections/connections.html", _listed(request, client, results))


def _listed(request: HttpRequest, client: Client, results: list[Uploaded]) -> dict:
    rows = queries.connections(client)
    asked = [question for question in waiting([client]) if question.kind.startswith("bank.")]
    forms = {row.id: row for row in rows}
    return {
        "client": client,
        "tab": "connections",
        "may_change": keeps_books(request.user, client),
        "accounts": [_account(row, asked) for row in queries.accounts(client)],
        "connections": [(row, FORMS[row.form], STATES[row.state]) for row in rows],
        "files": [_file(row, forms) for row in sendings.sendings_over(client, list(forms))],
        "results": results,
        "bad": sum(not one.is_good for one in results),
        "banks": [bank for bank in PROFILES.values() if client.country in bank.countries],
        "forms": [(form.value, FORMS[form]) for form in Form if form is not Form.NONE],
    }


def _account(row: AccountRow, asked: list[Waiting]) -> Account:
    form = row.connection.form if row.connection else Form.NONE
    subjects = {f"account:{row.id}"} | ({f"connection:{row.connection.id}"} if row.connection else set())
    troubles = tuple(question for question in asked if ":".join(question.subject.split(":")[:2]) in subjects)
    return Account(row, FORMS[form], STATES[row.connection.state] if row.connection else "", troubles)


def _file(row: SendingRow, rows: dict[int, ConnectionRow]) -> FileOut:
    connection = rows[row.connection]
    by_hand = not connection.may_go
    may_be_taken = (by_hand and row.state in (Sent.WAITING, Sent.FAILED)) or row.was_handed_over
    return FileOut(row, SENT[row.state], may_be_taken, row.state in (Sent.UNCERTAIN, Sent.FAILED))


def _order(request: HttpRequest, client: Client) -> int:
    accounts = {row.id for row in queries.accounts(client)}
    chosen = [number for number in _numbers(request, "account") if number in accounts]
    return actions.order(
        client,
        bank=request.POST.get("bank", ""),
        form=_form(request),
        accounts=chosen,
        by=_by(request),
        title=request.POST.get("title", "")[:100],
        agreement_id=request.POST.get("agreement_id", ""),
        division=request.POST.get("division", ""),
        is_test="is_test" in request.POST,
    )


def _take_out(request: HttpRequest, client: Client) -> HttpResponse:
    """The payment file, to be left at the bank; that it was taken out is an act.

    What is a batch of payments is given out by the payments' own action, which asks for the right to it.
    """
    key = _key(request, client)
    row = sendings.sending(client, key)
    connection = queries.connection(client, row.connection)
    if not _file(row, {connection.id: connection}).may_be_taken:
        raise AlreadyThere(name=row.name, state=row.state.value)
    kind, _colon, batch = key.partition(":")
    if kind == PAYMENTS:
        name, data = fetch_file(client, int(batch), person=request.user, today=timezone.localdate())
    else:
        name, data = row.name, kept_files.data(File.objects.get(client=client, pk=row.file))
        outbox.handed_over(client, key, by=_by(request))
    return HttpResponse(
        data,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        },
    )


def _key(request: HttpRequest, client: Client) -> str:
    key = request.POST.get("key", "")[:200].replace("\0", "")
    if sendings.sending(client, key) is None:
        raise Http404
    return key


def _upload(request: HttpRequest, client: Client) -> list[Uploaded]:
    """The chosen files, any number and in any order; those too large are not read into memory."""
    given, refused = [], []
    for one in request.FILES.getlist("files")[:MOST_FILES]:
        name = (PurePath((one.name or "").replace("\\", "/")).name or "file")[-255:].replace("\0", "")
        if one.size > LARGEST:
            refused.append(too_large(name, one.size))
        else:
            given.append((name, one.read()))
    return upload(client, given, by=_by(request)) + refused


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def connection(request: HttpRequest, client: Client, connection_id: int) -> HttpResponse:
    """One connection: the steps from order to active, its keys, its files; each step says what it needs."""
    queries.connection(client, connection_id)
    given: dict = {}
    if request.method == "POST":
        check_keeps_books(request.user, client)
        deed = DEEDS.get(request.POST.get("do", ""))
        if deed is None:
            raise NotAsAsked(written=request.POST.get("do", "")[:40])
        try:
            made = deed(request, client, connection_id)
        except NattbokError as refusal:
            given = {"trouble": refusal.words}
        else:
            if isinstance(made, dict):
                given = made
            else:
                return redirect("connection", client.pk, made or connection_id)
    return render(
        request, "office/connections/connection.html", _shown(request, client, connection_id) | given
    )


def _shown(request: HttpRequest, client: Client, connection_id: int) -> dict:
    row = queries.connection(client, connection_id)
    titles = {account.id: account for account in queries.accounts(client)}
    keys = {key.state.value: key for key in queries.keys(client, connection_id)}
    return {
        "client": client,
        "tab": "connections",
        "may_change": keeps_books(request.user, client),
        "row": row,
        "form": FORMS[row.form],
        "state": STATES[row.state],
        "steps": _steps(row),
        "uses": [
            (titles[use.account], use)
            for use in queries.uses(client)
            if use.connection == connection_id and use.account in titles
        ],
        "key": keys.get(KeyState.CURRENT.value),
        "next_key": keys.get(KeyState.NEXT.value),
        "host_fingerprint": fingerprint(row.host_key) if row.form is Form.SFTP and row.host_key else "",
        "tests": [_tested(step) for step in row.test_steps],
        "fetched": queries.fetched(client, connection_id, limit=20),
        "order_text": _order_text(client, row, keys.get(KeyState.CURRENT.value), titles, connection_id),
        "others": [(form.value, FORMS[form]) for form in row.profile.forms if form is not row.form],
        "texts": [(name, getattr(row.profile, name)) for name in TEXT_SETTINGS],
        "numbers": [(name, getattr(row.profile, name)) for name in NUMBER_SETTINGS],
        "names_in": " ".join(row.profile.names_in),
        "cut_off": row.profile.cut_off(client.country),
        "payments": row.profile.payment_version,
        "versions": PAYMENT_VERSIONS,
    }


@dataclass(frozen=True, slots=True)
class Stage:
    """A step on the way to an active connection."""

    title: str
    is_done: bool
    is_now: bool


def _steps(row: ConnectionRow) -> list[Stage]:
    """Where the set-up stands: what is done, and what is to be done now."""
    if row.form is Form.FILE:
        titles = [(_("Ordered"), True), (_("Confirmed by the bank"), row.registered_at is not None)]
    else:
        titles = [
            (_("Ordered"), True),
            (_("Confirmed by the bank"), row.registered_at is not None),
            (_("The bank's key is confirmed"), bool(row.host_key) or row.form is Form.REST),
            (_("Tested in both directions"), row.is_tested),
            (_("Active"), row.state is State.ACTIVE),
        ]
    now = next((place for place, (_title, is_done) in enumerate(titles) if not is_done), len(titles))
    return [Stage(title, is_done, place == now) for place, (title, is_done) in enumerate(titles)]


def _tested(step: dict) -> dict:
    return {
        "title": step["title"],
        "state": {True: "done", False: "failed", None: "idle"}[step["ok"]],
        "symbol": {True: "✓", False: "✕", None: "–"}[step["ok"]],
        "words": Words(*step["words"]) if step["words"] else None,
        "advice": Words(*step["advice"]) if step["advice"] else None,
    }


def _order_text(client: Client, row: ConnectionRow, key, titles: dict, connection_id: int) -> str:
    """What a person sends the bank: who, which accounts, which files, and our public key."""
    profile = row.profile
    wanted = [*profile.statements[:1], *profile.details[:1], *profile.receipts[:1], *profile.other]
    accounts = [
        titles[use.account].number
        for use in queries.uses(client)
        if use.connection == connection_id and use.account in titles and use.through_on is None
    ]
    lines = [
        (_("Customer"), f"{client.name}, {client.org_number}"),
        (_("Service"), f"{profile.title}: {shown.words(FORMS[row.form])}"),
        (_("Agreement id"), row.agreement_id),
        (_("Division"), row.division),
        (_("Accounts"), ", ".join(accounts)),
        (_("Files to us, each bank day"), ", ".join(wanted)),
        (_("Files from us"), profile.payment_version),
        (_("Our public key"), key.public_key if key else ""),
    ]
    return "\n".join(f"{shown.words(label)}: {text}" for label, text in lines if text)


def _by(request: HttpRequest) -> str:
    return f"person:{request.user.pk}"


def _numbers(request: HttpRequest, name: str) -> list[int]:
    return [int(one) for one in request.POST.getlist(name)[:500] if one.isdecimal() and len(one) < 19]


def _form(request: HttpRequest) -> Form:
    try:
        return Form(request.POST.get("form", ""))
    except ValueError as error:
        raise NotAsAsked(written=request.POST.get("form", "")[:40]) from error


def _settings(request: HttpRequest, row: ConnectionRow, country: str) -> dict:
    """What the form says otherwise than the bank's profile."""
    bank = PROFILES[row.profile.name]
    given: dict = {}
    for name in TEXT_SETTINGS:
        text = request.POST.get(name, "").strip()
        if name in request.POST and text != getattr(bank, name):
            given[name] = text
    for name in NUMBER_SETTINGS:
        text = request.POST.get(name, "").strip()
        if text and text != str(getattr(bank, name)):
            given[name] = int(text) if text.isdecimal() and len(text) < 6 else text[:20]
    names = request.POST.get("names_in", "").split()
    if names and tuple(names) != bank.names_in:
        given["names_in"] = names
    cut_off = request.POST.get("cut_off", "").strip()
    if cut_off:
        given["cut_offs"] = {country: cut_off}
    if request.POST.get("payments") and request.POST["payments"] != bank.payments[0]:
        given["payments"] = request.POST["payments"]
    for name in ("sends_empty_days", "matches_by_day"):
        if (name in request.POST) != getattr(bank, name):
            given[name] = name in request.POST
    return {name: value for name, value in given.items() if name in SETTINGS}


def _register(request: HttpRequest, client: Client, connection_id: int) -> None:
    row = queries.connection(client, connection_id)
    about = {
        "address": request.POST.get("address", ""),
        "username": request.POST.get("username", ""),
        "agreement_id": request.POST.get("agreement_id", ""),
        "division": request.POST.get("division", ""),
        "settings": _settings(request, row, client.country),
        "by": _by(request),
    }
    if row.state in (State.ORDERED, State.REGISTERED):
        actions.registered(client, connection_id, **about)
    else:
        actions.change(client, connection_id, **about)


def _look_at_key(request: HttpRequest, client: Client, connection_id: int) -> dict:
    line, shown_as = host_key_shown(queries.connection(client, connection_id))
    return {"found_key": line, "found_fingerprint": shown_as}


def _confirm_key(request: HttpRequest, client: Client, connection_id: int) -> None:
    actions.confirm_host_key(
        client, connection_id, request.POST.get("host_key", "")[:20_000], by=_by(request)
    )


def _token(request: HttpRequest, client: Client, connection_id: int) -> None:
    actions.set_token(
        client,
        connection_id,
        request.POST.get("token", ""),
        by=_by(request),
        certificate=request.POST.get("certificate", "")[:20_000],
        certificate_key=request.POST.get("certificate_key", "")[:20_000],
    )


def _switch(request: HttpRequest, client: Client, connection_id: int) -> int:
    return actions.switch(client, connection_id, _form(request), by=_by(request))


def _plainly(action: Callable) -> Callable[[HttpRequest, Client, int], None]:
    """A deed that needs nothing from the form."""

    def deed(request: HttpRequest, client: Client, connection_id: int) -> None:
        action(client, connection_id, by=_by(request))

    return deed


def _test_next(request: HttpRequest, client: Client, connection_id: int) -> dict:
    steps = actions.try_out(client, connection_id, by=_by(request), key=KeyState.NEXT)
    failed = next((step for step in steps if step.ok is False), None)
    return {"next_failed": failed.words if failed else None, "next_tested": True}


DEEDS: dict[str, Callable] = {
    "register": _register,
    "look_at_key": _look_at_key,
    "confirm_key": _confirm_key,
    "token": _token,
    "test": _plainly(actions.try_out),
    "activate": _plainly(actions.activate),
    "suspend": _plainly(actions.suspend),
    "resume": _plainly(actions.resume),
    "make_next_key": _plainly(actions.make_next_key),
    "test_next": _test_next,
    "use_next_key": _plainly(actions.use_next_key),
    "switch": _switch,
}


@require_safe
@client_page
def supported_banks(request: HttpRequest, client: Client) -> HttpResponse:
    """Which banks and formats are supported, and what each bank's service is like."""
    banks: list[tuple[Profile, list[str]]] = [
        (bank, [FORMS[form] for form in bank.forms]) for bank in PROFILES.values()
    ]
    return render(
        request,
        "office/connections/supported.html",
        {"client": client, "tab": "connections", "banks": banks},
    )


urlpatterns = [
    path("clients/<id:client_id>/bank/connections/", connections, name="connections"),
    path("clients/<id:client_id>/bank/connections/<id:connection_id>/", connection, name="connection"),
    path("clients/<id:client_id>/bank/supported/", supported_banks, name="supported_banks"),
]
