"""Taking back: what it comes to is shown first, then exactly that is done, and how far it has come."""

from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books
from nattbok.robot import undoing
from nattbok.robot.models import Night
from nattbok.robot.routine import routines
from nattbok.robot.undoing import jobs, queries, rules
from nattbok.robot.undoing.rules import Layer, Plan, What
from nattbok.web import evidence, shown
from nattbok.web.page import NotAsAsked, client_page, office_page

LISTED = 50  # of the entries that would go
AT_ONCE = 3  # clients that a person waits for; more are taken back by jobs
LARGEST_ID = 2**63 - 1
CONFLICT = 409


def ids(asked: QueryDict, name: str) -> tuple[int, ...]:
    """The row ids that the address or the form has under `name`, once each."""
    written = asked.getlist(name)[:5000]
    for each in written:
        if not (each.isascii() and each.isdigit() and len(each) < 20 and int(each) <= LARGEST_ID):
            raise NotAsAsked(written=each[:40])
    return tuple(dict.fromkeys(int(each) for each in written))


def one(asked: QueryDict, name: str) -> int | None:
    """The one row id under `name`, if any."""
    found = ids(asked, name)
    return found[0] if found else None


def asked_for(asked: QueryDict) -> What | None:
    """What the address or the form names; None when it names nothing."""
    try:
        return What(
            acts=ids(asked, "act"),
            entries=ids(asked, "entry"),
            origins=tuple(
                dict.fromkeys(each[:200].replace("\0", "") for each in asked.getlist("origin")[:5000])
            ),
            night=one(asked, "night"),
            routine=asked.get("routine", "")[:60].replace("\0", ""),
            rule=one(asked, "rule"),
            version=one(asked, "version"),
        )
    except rules.NothingNamed:
        return None


def fields(what: What) -> list[tuple[str, str]]:
    """What names it again: the form's hidden fields."""
    names = {"acts": "act", "entries": "entry", "origins": "origin"}
    return [
        (names.get(name, name), str(each))
        for name, value in what.written().items()
        for each in (value if isinstance(value, list) else [value])
    ]


@dataclass(frozen=True, slots=True)
class Part:
    """A layer of a plan as the page lists it: the first of its entries, and what is not listed."""

    layer: Layer

    @property
    def entries(self) -> tuple:
        """The first entries."""
        return self.layer.entries[:LISTED]

    @property
    def more(self) -> int:
        """How many are not listed."""
        return len(self.layer.entries) - len(self.entries)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def undo(request: HttpRequest, client: Client) -> HttpResponse:
    """What taking back comes to in one client's books; posted, it is done as it was shown."""
    asked = request.POST if request.method == "POST" else request.GET
    what = asked_for(asked)
    if what is None:
        return render(request, "office/undo/nothing.html", {"client": client})
    refusal = None
    if request.method == "POST":
        try:
            check_keeps_books(request.user, client)
            done = undoing.undo(
                client,
                what,
                by=f"person:{request.user.pk}",
                why=asked.get("why", "").replace("\0", "")[:300],
                shown=asked.get("plan", "")[:64],
                along=asked.get("along") == "on",
            )
        except Refused as refused:
            refusal = refused.words
        else:
            if done.act is not None:
                return redirect("act", client.pk, done.act)
    plan = queries.plan(client, what)
    return render(
        request,
        "office/undo/plan.html",
        {
            "client": client,
            "plan": plan,
            "title": title(what),
            "chosen": Part(plan.chosen),
            "depends": Part(plan.depends),
            "fields": fields(what),
            "why": asked.get("why", "")[:300],
            "along": asked.get("along") == "on",
            "refusal": refusal,
            "is_done": request.method == "POST" and refusal is None,
        },
        status=CONFLICT if refusal else 200,
    )


def title(what: What) -> Words:
    """What is taken back, as a heading."""
    names = {routine.name: routine.title for routine in routines()}
    values = {"night": what.night, "rule": what.rule, "version": what.version}
    if what.night is not None and what.routine:
        name = shown.words(names.get(what.routine, what.routine))
        return Words(_("What “{routine}” did in night {night}"), values | {"routine": name})
    if what.night is not None:
        return Words(_("What night {night} did"), values)
    if what.rule is not None and what.version is not None:
        return Words(_("What version {version} of rule {rule} did"), values)
    if what.rule is not None:
        return Words(_("What rule {rule} did"), values)
    count = len(what.acts) + len(what.entries) + len(what.origins)
    return Words(_("Chosen: {count}"), {"count": count})


@dataclass(frozen=True, slots=True)
class Row:
    """One client of a night's plan."""

    client: Client
    plan: Plan


def _night(request: HttpRequest, night_id: int) -> Night:
    return Night.objects.select_related("office").get(pk=night_id, office__in=request.offices)


def _plans(clients: list[Client], what: What) -> list[Row]:
    touched = set(queries.touched_clients(what))
    found = [Row(client, queries.plan(client, what)) for client in clients if client.pk in touched]
    return [row for row in found if not row.plan.is_empty]


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def undo_night(request: HttpRequest, clients: list[Client], night_id: int) -> HttpResponse:
    """What taking back a whole night, or a routine of it, comes to for each client; posted, it is begun."""
    night = _night(request, night_id)
    asked = request.POST if request.method == "POST" else request.GET
    what = What(night=night.pk, routine=asked.get("routine", "")[:60].replace("\0", ""))
    ours = [client for client in clients if client.office_id == night.office_id]
    rows = _plans(ours, what)
    refusal = None
    if request.method == "POST":
        told = {row.client.pk: asked.get(f"plan-{row.client.pk}", "")[:64] for row in rows}
        along = asked.get("along") == "on"
        try:
            if any(row.plan.depends.count for row in rows) and not along:
                first = next(row for row in rows if row.plan.depends.count)
                raise rules.SomethingDepends(
                    count=sum(row.plan.depends.count for row in rows), first=first.client.name
                )
            if not all(told.values()):
                raise rules.PlanChanged()
            _begin(request, night, what, told, along=along, why=asked.get("why", ""))
        except Refused as refused:
            refusal = refused.words
        else:
            return redirect("undo_night_progress", night.pk)
    return render(
        request,
        "office/undo/night.html",
        {
            "night": night,
            "what": what,
            "title": title(what),
            "rows": rows,
            "count": sum(len(row.plan.chosen.entries) for row in rows),
            "amount": sum((row.plan.chosen.amount for row in rows), start=0),
            "depends": sum(row.plan.depends.count for row in rows),
            "stays": rows[0].plan.stays if rows else (),
            "why": asked.get("why", "")[:300],
            "along": asked.get("along") == "on",
            "refusal": refusal,
            "is_running": night.ended_at is None,
        },
        status=CONFLICT if refusal else 200,
    )


def _begin(
    request: HttpRequest, night: Night, what: What, told: dict[int, str], *, along: bool, why: str
) -> None:
    """Keep what is to be done, and do it at once or leave it to the workers."""
    with transaction.atomic():
        begun = undoing.begin(
            night.office,
            what,
            told,
            along=along,
            by=f"person:{request.user.pk}",
            why=why.replace("\0", ""),
        )
        if len(told) > AT_ONCE:
            jobs.queue(begun, list(told))
    if len(told) <= AT_ONCE:
        undoing.go_through(begun)


@require_http_methods(["GET", "HEAD", "POST"])
@office_page
def undo_night_progress(request: HttpRequest, clients: list[Client], night_id: int) -> HttpResponse:
    """How far the taking back of a night has come, client by client.

    While it is looked at it goes on by itself also where no worker runs: each look does one more client.
    """
    night = _night(request, night_id)
    begun = queries.last_undoing(night)
    if begun is not None and request.method == "POST":
        with suppress(rules.NightRuns):  # it is tried again at the next look
            undoing.go_through(begun, queries.waiting_parts(begun)[:1])
    parts = queries.parts(begun, clients) if begun else []
    page = "_progress.html" if request.htmx else "progress.html"
    return render(
        request,
        f"office/undo/{page}",
        {
            "night": night,
            "undoing": begun,
            "by": evidence.doer(begun.by) if begun else "",
            "parts": parts,
            "done": sum(part.ended_at is not None for part in parts),
            "here_url": reverse("undo_night_progress", args=[night.pk]),
            "is_over": all(part.ended_at is not None for part in parts),
        },
    )


urlpatterns = [
    path("clients/<id:client_id>/undo/", undo, name="undo"),
    path("nights/<id:night_id>/undo/", undo_night, name="undo_night"),
    path("nights/<id:night_id>/undo/progress/", undo_night_progress, name="undo_night_progress"),
]
