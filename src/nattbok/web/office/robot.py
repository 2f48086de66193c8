"""The nights: the list of them, and the whole report of one."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from nattbok.clients.models import Client
from nattbok.robot import queries as robot
from nattbok.robot.models import Night
from nattbok.robot.rules import Report
from nattbok.web.lamps import lamp
from nattbok.web.office.desk import by_routine
from nattbok.web.page import office_page

NIGHTS = 60
BARS = 20
BAR_WIDTH = 480  # of the plot's own units
BAR_HEIGHT = 22


@dataclass(frozen=True, slots=True)
class Bar:
    """What a night did and left for one client, as a bar of the plot."""

    name: str
    posted: int
    waiting: int
    y: int
    posted_width: float
    waiting_width: float

    @property
    def middle(self) -> int:
        """Where its text stands."""
        return self.y + BAR_HEIGHT // 2 + 4

    @property
    def end(self) -> float:
        """Where its figures stand."""
        return self.posted_width + self.waiting_width + 6


def bars(report: Report) -> list[Bar]:
    """The clients for which the night did most, the largest first."""
    posted: dict[str, int] = {}
    waiting: dict[str, int] = {}
    for run in report.runs:
        name = f"{run.client_number} {run.client_name}"
        posted[name] = posted.get(name, 0) + run.posted
        waiting[name] = waiting.get(name, 0) + run.waiting
    names = sorted((name for name in posted if posted[name] + waiting[name]), key=lambda name: -posted[name])
    most = max((posted[name] + waiting[name] for name in names), default=1)
    return [
        Bar(
            name,
            posted[name],
            waiting[name],
            place * (BAR_HEIGHT + 6),
            round(BAR_WIDTH * posted[name] / most, 1),
            round(BAR_WIDTH * waiting[name] / most, 1),
        )
        for place, name in enumerate(names[:BARS])
    ]


@require_safe
@office_page
def nights(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """The nights there have been, the newest first."""
    return render(
        request,
        "office/robot/nights.html",
        {"offices": [(office, robot.nights(office)[:NIGHTS]) for office in request.offices]},
    )


@require_safe
@office_page
def night(request: HttpRequest, clients: list[Client], night_id: int) -> HttpResponse:
    """All that one night did, per client and routine, with the heads of the books it ended with."""
    found = Night.objects.get(pk=night_id, office__in=request.offices)
    report = robot.report(found)
    plotted = bars(report)
    return render(
        request,
        "office/robot/night.html",
        {
            "report": report,
            "routines": by_routine(report.runs),
            "lamps": [lamp(run) for run in report.runs],
            "bars": plotted,
            "plot_height": len(plotted) * (BAR_HEIGHT + 6),
            "bar_height": BAR_HEIGHT,
        },
    )


urlpatterns = [
    path("nights/", nights, name="nights"),
    path("nights/<id:night_id>/", night, name="night"),
]
