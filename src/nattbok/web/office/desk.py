"""The morning: what the night did, what failed, and what waits for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from nattbok.clients.models import Client
from nattbok.clients.queries import offices_of
from nattbok.desk.queries import Waiting, waiting
from nattbok.robot import queries as robot
from nattbok.robot.rules import Report, RunLine
from nattbok.web.page import person_page

SHOWN_OF_A_KIND = 25


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one kind over all clients, the oldest first."""

    kind: str
    heading: str
    count: int
    questions: tuple[Waiting, ...]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.questions)


@dataclass(frozen=True, slots=True)
class Done:
    """What one routine did in a night, over all clients."""

    title: str
    clients: int
    counted: int
    posted: int
    waiting: int
    failed: int


def groups(questions: Sequence[Waiting], shown: int | None = SHOWN_OF_A_KIND) -> list[Group]:
    """Questions grouped by kind, the largest group first."""
    found = []
    for kind, of_kind in groupby(questions, key=lambda question: question.kind):
        listed = tuple(of_kind)
        found.append(Group(kind, listed[0].heading, len(listed), listed[:shown]))
    return sorted(found, key=lambda group: -group.count)


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
        return redirect("clients")
    kind = request.GET.get("kind", "")
    asked = waiting(clients, kind=kind)
    reports = last_reports(offices)
    return render(
        request,
        "office/desk/morning.html",
        {
            "reports": [(report, by_routine(report.runs)) for report in reports],
            "failures": [(report, run) for report in reports for run in report.runs if run.has_failed],
            "groups": groups(asked, None if kind else SHOWN_OF_A_KIND),
            "count": len(asked),
            "kind": kind,
            "has_clients": bool(clients),
        },
    )


urlpatterns = [path("", morning, name="morning")]
