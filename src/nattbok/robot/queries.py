"""What a night did, counted from the books and the desk, so that it is right also when a worker was killed.

All of it sees the clients of the current scope and no others: the robot enters its office first, a person
sees their own clients.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Sum

from nattbok.bank.models import Report as BankReport
from nattbok.base.words import Words
from nattbok.clients.models import Client, Office
from nattbok.desk.models import Question
from nattbok.desk.rules import HEADINGS
from nattbok.documents.models import Document
from nattbok.files.models import Arrival, Source
from nattbok.ledger.models import Books, Total
from nattbok.robot import routine, rules
from nattbok.robot.models import Night, Run
from nattbok.robot.rules import ChainHead, Report, RunLine, SourceLine

SILENT = "files.source_silent"  # the question that collect_files asks
POSTED = """
    SELECT entry.client_id, act.by, count(*) FROM ledger_entry entry
    JOIN trail_act act ON act.client_id = entry.client_id AND act.id = entry.act_id
    WHERE act.night = %s AND act.by LIKE 'robot:%%' GROUP BY entry.client_id, act.by
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a night has come. `asked` and `done` are ids of clients."""

    asked: frozenset[int]
    done: frozenset[int]
    posted: int
    waiting: int


def last_night(office: Office) -> Night | None:
    """The office's latest night."""
    return Night.objects.select_related("office").filter(office=office).order_by("-date").first()


def nights(office: Office, *, limit: int = 60) -> list[Night]:
    """The office's nights, the latest first."""
    return list(Night.objects.select_related("office").filter(office=office).order_by("-date")[:limit])


def progress(night: Night, client_ids: Collection[int] | None = None) -> Progress:
    """How far the night has come with these clients, or with all that are in the scope."""
    asked = frozenset(
        Client.objects.filter(office=night.office_id).values_list("pk", flat=True)
        if client_ids is None
        else client_ids
    )
    posted = sum(_posted(night).values())
    waiting = sum(_waiting(night).values())
    return Progress(asked, asked & _done(night), posted, waiting)


def _done(night: Night) -> frozenset[int]:
    """The clients for which every routine has ended in this round of the night."""
    names = [one.name for one in routine.routines()]
    ended = (
        Run.objects.filter(night=night, round=night.round, ended_at__isnull=False, routine__in=names)
        .values_list("client")
        .annotate(count=Count("pk"))
    )
    return frozenset(client for client, count in ended if count == len(names))


def _posted(night: Night) -> dict[tuple[int, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(POSTED, [night.pk])
        return {(client, by.removeprefix("robot:")): count for client, by, count in cursor.fetchall()}


def _waiting(night: Night) -> dict[tuple[int, str], int]:
    rows = (
        Question.objects.filter(night=night.pk, closed_at__isnull=True, asked_by__by__startswith="robot:")
        .values_list("client", "asked_by__by")
        .annotate(count=Count("pk"))
    )
    return {(client, by.removeprefix("robot:")): count for client, by, count in rows}


def report(night: Night) -> Report:
    """The night, whole, for the clients in the scope. A fixed number of queries, however many clients."""
    clients = sorted(
        Client.objects.filter(office=night.office_id), key=lambda client: (len(client.number), client.number)
    )
    done = _done(night)
    enrolled = [client for client in clients if client.is_enrolled]
    return Report(
        night.pk,
        night.office.name,
        night.date,
        night.started_at,
        night.ended_at,
        night.starts,
        clients=len(enrolled),
        clients_done=sum(client.pk in done for client in enrolled),
        runs=_runs(night, clients),
        sources=_sources(night, clients),
        heads=_heads(clients),
        questions=_questions(night),
        not_done=tuple(client.name for client in enrolled if client.pk not in done),
    )


def _runs(night: Night, clients: list[Client]) -> tuple[RunLine, ...]:
    posted, waiting = _posted(night), _waiting(night)
    known = {one.name: (place, one.title) for place, one in enumerate(routine.routines())}
    by_client: dict[int, list[Run]] = {}
    for run in Run.objects.filter(night=night):
        by_client.setdefault(run.client_id, []).append(run)
    lines = []
    for client in clients:
        runs = sorted(
            by_client.get(client.pk, []), key=lambda run: known.get(run.routine, (len(known), ""))[0]
        )
        for run in runs:
            key = (client.pk, run.routine)
            lines.append(
                RunLine(
                    client.pk,
                    client.number,
                    client.name,
                    run.routine,
                    known.get(run.routine, (0, run.routine))[1],
                    run.started_at,
                    run.ended_at,
                    # A routine that was killed and begun again says only what the second half did.
                    max(run.counted, posted.get(key, 0) + waiting.get(key, 0)),
                    posted.get(key, 0),
                    waiting.get(key, 0),
                    run.skipped,
                    Words(run.trouble, run.trouble_values) if run.trouble else None,
                    is_running=night.ended_at is None,
                )
            )
    return tuple(lines)


def _questions(night: Night) -> tuple[rules.Question, ...]:
    kinds = Counter(
        Question.objects.filter(night=night.pk, closed_at__isnull=True).values_list("kind", flat=True)
    )
    return tuple(rules.Question(HEADINGS.get(kind, kind), count) for kind, count in kinds.most_common())


def _sources(night: Night, clients: list[Client]) -> tuple[SourceLine, ...]:
    """Every source that is in use or gave a file in the night."""
    new, repeats, files = Counter(), Counter(), {}
    for source, file, is_repeat in Arrival.objects.filter(night=night.pk, source__isnull=False).values_list(
        "source", "file", "is_repeat"
    ):
        (repeats if is_repeat else new)[source] += 1
        if not is_repeat:
            files[file] = source
    records = Counter()
    for held in (
        BankReport.objects.filter(statement__file__in=list(files)).values_list("statement__file"),
        Document.objects.filter(file__in=list(files)).values_list("file"),
    ):
        for file, count in held.annotate(count=Count("pk")):
            records[files[file]] += count
    silent = {
        question.subject: Words(question.reason, question.values)
        for question in Question.objects.filter(kind=SILENT, closed_at__isnull=True)
    }
    names = {client.pk: client.name for client in clients}
    return tuple(
        SourceLine(
            source.client_id,
            names[source.client_id],
            source.title,
            new[source.pk],
            repeats[source.pk],
            records[source.pk],
            silent.get(f"source:{source.pk}"),
        )
        for source in Source.objects.filter(client__in=list(names)).order_by("client__number", "pk")
        if source.is_active or new[source.pk] or repeats[source.pk]
    )


def _heads(clients: list[Client]) -> tuple[ChainHead, ...]:
    numbers = [client.pk for client in clients]
    turnover = dict(
        Total.objects.filter(client__in=numbers).values_list("client").annotate(debit=Sum("debit"))
    )
    books = {
        client: (entries, head)
        for client, entries, head in Books.objects.filter(client__in=numbers).values_list(
            "client", "entries", "head"
        )
    }
    return tuple(
        ChainHead(
            client.pk,
            client.number,
            client.name,
            books[client.pk][0],
            turnover.get(client.pk, Decimal("0.00")),
            books[client.pk][1],
        )
        for client in clients
        if client.pk in books
    )
