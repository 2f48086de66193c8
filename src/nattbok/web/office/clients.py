"""The list of clients, and the first page of each."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from nattbok.bank.queries.accounts import last_reconciled
from nattbok.clients.models import Client
from nattbok.clients.queries import offices_of
from nattbok.desk.queries import counted, waiting
from nattbok.ledger.queries import entries
from nattbok.robot import queries as robot
from nattbok.web import evidence
from nattbok.web.lamps import STATES, Lamp, lamps
from nattbok.web.listings import ENTRIES
from nattbok.web.office.desk import last_reports, rows
from nattbok.web.page import client_page, person_page

NEWEST = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A client in the list."""

    client: Client
    lamps: tuple[Lamp | None, ...]  # one for each routine of the heading
    waiting: int
    posted: int
    failed: int


@require_safe
@person_page
def client_list(request: HttpRequest, clients: list[Client]) -> HttpResponse:
    """Row per client, the most urgent first: what failed, then what waits, then by number."""
    runs = [run for report in last_reports(offices_of(request.user)) for run in report.runs]
    routines = {run.routine: run.title for run in runs}
    by_client = lamps(runs)
    count = counted(clients)
    listed = [
        _row(client, routines, by_client.get(client.pk, []), count.get(client.pk, 0)) for client in clients
    ]
    listed.sort(key=lambda row: (-row.failed, -row.waiting, _by_number(row.client)))
    return render(
        request,
        "office/clients/client_list.html",
        {"rows": listed, "routines": list(routines.values()), "legend": list(STATES.values())},
    )


def _row(client: Client, routines: dict[str, str], lit: list[Lamp], count: int) -> Row:
    by_routine = {lamp.run.routine: lamp for lamp in lit}
    return Row(
        client,
        tuple(by_routine.get(routine) for routine in routines),
        count,
        sum(lamp.run.posted for lamp in lit),
        sum(lamp.state == "failed" for lamp in lit),
    )


def _by_number(client: Client) -> tuple[int, str]:
    return (int(client.number) if client.number.isdecimal() else 0, client.number)


@require_safe
@client_page
def client(request: HttpRequest, client: Client) -> HttpResponse:
    """What waits in one client's books, how the last night went there, and the newest entries."""
    night = robot.last_night(client.office)
    report = robot.report(night) if night is not None else None
    return render(
        request,
        "office/clients/client.html",
        {
            "client": client,
            "tab": "client",
            "questions": rows(waiting([client])),
            "report": report,
            "lamps": lamps(report.runs).get(client.pk, []) if report else [],
            "entries": evidence.named(entries(client, limit=NEWEST)),
            "columns": ENTRIES.titled(),
            "reconciled": last_reconciled(client),
        },
    )


urlpatterns = [
    path("clients/", client_list, name="clients"),
    path("clients/<id:client_id>/", client, name="client"),
]
