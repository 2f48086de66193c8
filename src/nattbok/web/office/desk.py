"""The morning: what the night did, what failed, and what waits for a person; and a person's answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from nattbok.bank.actions import answering  # noqa: F401 - says how the bank's questions are answered
from nattbok.base.errors import Refused
from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.clients.queries import check_keeps_books, offices_of
from nattbok.desk import actions as desk
from nattbok.desk.queries import Waiting, about, groups, question
from nattbok.documents import actions as documents  # says how the documents' questions are answered
from nattbok.ledger.queries import unreversed
from nattbok.robot import queries as robot
from nattbok.robot import undoing
from nattbok.robot.rules import Report, RunLine
from nattbok.web.page import NotAsAsked, client_page, person_page
from nattbok.web.portal.home import landing
from nattbok.web.things import links

SHOWN_OF_A_KIND = 25
SHOWN_OF_ONE_KIND = 200
CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Done:
    """What one routine did in a night, over all clients."""

    title: str
    clients: int
    counted: int
    posted: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a row: where the thing it is about is looked at."""

    question: Waiting
    link: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The questions of one kind as rows."""

    kind: str
    heading: str
    count: int
    more: int
    rows: tuple[Asked, ...]


def rows(questions: Sequence[Waiting]) -> list[Asked]:
    """Questions with the links to what they are about."""
    to = links(questions)
    return [Asked(each, to.get(each.id, "")) for each in questions]


def by_routine(runs: Sequence[RunLine]) -> list[Done]:
    """What each routine did, in the order they ran."""
    found: dict[str, list[RunLine]] = {}
    for run in runs:
        found.setdefault(run.routine, []).append(run)
    return [
        Done(
            of_one[0].title,
            sum(not run.skipped for run in of_one),
            sum(run.counted for run in of_one),
            sum(run.posted for run in of_one),
            sum(run.waiting for run in of_one),
            sum(run.has_failed for run in of_one),
        )
        for of_one in found.values()
    ]


def last_reports(offices: Sequence) -> list[Report]:
    """The last night of each office, where there has been one."""
    nights = [robot.last_night(office) for office in offices]
    return [robot.report(night) for night in nights if night is not None]


@require_safe
@person_page
def morning(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """The first page of an accountant. A client's own person is shown their companies instead."""
    offices = offices_of(request.user)
    if not offices:
        return landing(clients)
    kind = request.GET.get("kind", "")[:60].replace("\0", "")
    after = _after(request)
    found = groups(clients, shown=SHOWN_OF_ONE_KIND if kind else SHOWN_OF_A_KIND, kind=kind, after=after)
    linked = iter(rows([each for group in found for each in group.questions]))
    listed = [
        Listed(
            group.kind,
            group.heading,
            group.count,
            group.more - after,
            tuple(next(linked) for _question in group.questions),
        )
        for group in found
    ]
    reports = last_reports(offices)
    return render(
        request,
        "office/desk/morning.html",
        {
            "reports": [(report, by_routine(report.runs)) for report in reports],
            "failures": [(report, run) for report in reports for run in report.runs if run.has_failed],
            "groups": listed,
            "count": sum(group.count for group in found),
            "kind": kind,
            "next": after + SHOWN_OF_ONE_KIND if kind else 0,
            "has_clients": bool(clients),
        },
    )


def _after(request: HttpRequest) -> int:
    written = request.GET.get("after", "") or "0"
    if not (written.isascii() and written.isdigit() and len(written) < 9):
        raise NotAsAsked(written=written[:40])
    return int(written)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def one_question(request: HttpRequest, client: Client, question_id: int) -> HttpResponse:
    """One question with its likely answers. Posted, the chosen one is carried out, or taken back again."""
    asked, is_open = question(client, question_id)
    with_client = request.POST.get("with_client") == "1"
    if request.method != "POST":
        return _page(request, client, asked, is_open)
    try:
        check_keeps_books(request.user, client)
        if request.POST.get("undo") == "1":
            return _taken_back(request, client, asked, with_client)
        number = request.POST.get("choice", "")
        chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        desk.answer(
            client,
            asked.id,
            chosen,
            by=f"person:{request.user.pk}",
            today=timezone.localdate(),
            why=request.POST.get("why", "").replace("\0", "")[:300],
        )
    except Refused as refused:
        asked, is_open = question(client, question_id)
        if not request.htmx:
            return _page(request, client, asked, is_open, refused.words)
        found = {"asked": rows([asked])[0], "with_client": with_client, "refusal": refused.words}
        return render(request, "_question.html", found | {"client": client, "is_open": is_open})
    if not request.htmx:
        return redirect("question", client.pk, asked.id)
    label, _why, answer = asked.candidates[chosen - 1]
    return render(
        request,
        "office/desk/_answered.html",
        {
            "client": client,
            "question": asked,
            "label": label,
            "link": _entry(client, asked),
            "can_be_undone": _entry(client, asked) is not None or answer.get("do") == "decline",
            "others": rows(about(client, asked.subject)),
            "with_client": with_client,
        },
    )


def _entry(client: Client, asked: Waiting) -> int | None:
    """The entry that now stands for what the question was about."""
    return unreversed(client, [asked.subject]).get(asked.subject)


def _page(
    request: HttpRequest, client: Client, asked: Waiting, is_open: bool, refusal: Words | None = None
) -> HttpResponse:
    (row,) = rows([asked])
    return render(
        request,
        "office/desk/question.html",
        {
            "client": client,
            "asked": row,
            "is_open": is_open,
            "refusal": refusal,
            "entry": _entry(client, asked),
            "others": [each for each in rows(about(client, asked.subject)) if each.question.id != asked.id],
        },
        status=CONFLICT if refusal else 200,
    )


def _taken_back(request: HttpRequest, client: Client, asked: Waiting, with_client: bool) -> HttpResponse:
    """Take back what an answer did, and show what is asked then."""
    by = f"person:{request.user.pk}"
    why = gettext("the answer was taken back at once")
    if _entry(client, asked) is not None:
        undoing.undo(client, undoing.What(origins=(asked.subject,)), by=by, why=why)
    elif asked.subject.startswith("document:"):
        document = int(asked.subject.partition(":")[2])
        documents.take_up(client, document, why=why, by=by)
        documents.code(client, by=by, today=timezone.localdate(), only=[document])
    if not request.htmx:
        return redirect("question", client.pk, asked.id)
    others = rows(about(client, asked.subject))
    return render(
        request,
        "office/desk/_answered.html",
        {"client": client, "question": replace(asked), "others": others, "with_client": with_client},
    )


urlpatterns = [
    path("", morning, name="morning"),
    path("clients/<id:client_id>/questions/<id:question_id>/", one_question, name="question"),
]
