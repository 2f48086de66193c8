"""One queued job per client and night, one at a time per client; and what happens each minute.

Jobs are rows, so they are there exactly when the night is. A worker that is killed leaves its job as
being done; `sweep` finds that nobody does it and puts it back. Whether a client is done is never read from
the jobs but from the runs, so a job too many does nothing and a job too few is queued again.
"""

import datetime
from collections.abc import Collection, Sequence
from contextlib import suppress

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate import sql as procrastinate_sql
from procrastinate.contrib.django import app as queue_app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued, JobAborted
from procrastinate.jobs import Job

from nattbok.clients.access import enter_office
from nattbok.clients.models import Office
from nattbok.db import lock
from nattbok.outbox import actions as outbox
from nattbok.robot import actions, queries, reading, rounds, rules
from nattbok.robot.actions import Result
from nattbok.robot.models import Night

SCHEDULE_QUEUE = "schedule"
RUN_CLIENT = "run_client"
GO_ROUND = "go_round"
WORKER = 7003  # held by each worker process, under its worker's id: who holds it is alive
FIRST = 10  # what happens each minute goes before a client's job
# Taken back so many times, a job is what kills its workers.
MOST_ATTEMPTS = 25
# Between fetching a job and saying that one is alive a worker needs an instant.
GRACE_SECONDS = 2
KEEP_FAILED_HOURS = 30 * 24

DOING = """
    SELECT job.id FROM procrastinate_jobs job
    WHERE job.status = 'doing' AND NOT EXISTS (
        SELECT 1 FROM procrastinate_events event WHERE event.job_id = job.id AND event.type = 'started'
            AND event.at > now() - make_interval(secs => %s))
    ORDER BY job.id
"""


class Busy(Exception):
    """Somebody else is in the client's books; the job is tried again."""


class Again(BaseRetryStrategy):
    """A job that was stopped goes on at once; one that found the client busy, or no database, a bit later."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When the job is tried again, or None when it has failed."""
        if job.attempts >= MOST_ATTEMPTS:
            return None
        if isinstance(exception, JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, Busy | OperationalError | InterfaceError):
            return RetryDecision(retry_in={"seconds": 5})
        return None


def ready(app: App) -> None:
    """Name the tasks. Called when the queue's app is ready."""
    app.task(name=RUN_CLIENT, pass_context=True, retry=Again())(run_client)
    app.task(name=GO_ROUND)(go_round)
    app.task(name=reading.READ_CLIENT, pass_context=True, retry=Again())(read_client)
    for task in (start_nights, look_after, send_mail, start_rounds):
        each_minute = app.task(
            name=task.__name__,
            queue=SCHEDULE_QUEUE,
            lock=task.__name__,
            queueing_lock=task.__name__,
            priority=FIRST,
        )(task)
        app.periodic(cron="* * * * *")(each_minute)


def run_client(context: JobContext, *, night: int, client: int, round: int) -> str:
    """Go through one client, and end the night after the last one unless somebody leads it."""
    row = Night.objects.select_related("office").get(pk=night)
    if row.round != round:
        return Result.OVER
    result = actions.run_client(row, client, should_stop=context.should_abort)
    if result is Result.BUSY:
        raise Busy()
    if result is Result.STOPPED:
        raise JobAborted()
    with lock.held(lock.NIGHT, row.office_id) as nobody_leads:
        if nobody_leads and _finish_if_over(row, besides=client):
            outbox.send_waiting()
    return result


def read_client(context: JobContext, *, client: int, night: int | None) -> None:
    """Read what waits of a client's pictures and PDFs, and end the night that waited only for that."""
    reading.read_client(client, night, context.should_abort)
    row = Night.objects.select_related("office").filter(pk=night, ended_at__isnull=True).first()
    if row is not None:
        with lock.held(lock.NIGHT, row.office_id) as nobody_leads:
            if nobody_leads and _finish_if_over(row, reading_job=context.job.id):
                outbox.send_waiting()


def go_round(*, client: int) -> None:
    """A client's round to its banks; one whose books are busy has it at the next."""
    rounds.go_round(client)


def start_nights(timestamp: int = 0) -> None:
    """Start each office's night when its time has come. However many ask at once, it starts once."""
    now = timezone.now()
    for office in Office.objects.order_by("pk"):
        due = rules.due(now, office.night_at, office.time_zone)
        if due is not None:
            start_if_due(office, due)


def start_if_due(office: Office, due: rules.Due) -> Night | None:
    """The night, begun and its jobs queued in one transaction; None when it had been started before.

    An office whose earlier night is still under way waits for it, and one without clients has no night.
    """
    with enter_office(office) as clients:
        if not clients or _is_under_way(office, before=due.date):
            return None
        with transaction.atomic():
            night = actions.begin_once(office, due.date)
            if night is not None:
                queue(night, [client.pk for client in clients])
            return night


def _is_under_way(office: Office, *, before: datetime.date) -> bool:
    halted = Night.objects.filter(office=office, date__lt=before, ended_at__isnull=True)
    return any(live(night) for night in halted) or not lock.is_free(lock.NIGHT, office.pk)


def look_after(timestamp: int = 0) -> None:
    """Put back what dead workers left, go on with nights that were halted, and tell of those overdue."""
    sweep()
    now = timezone.now()
    for office in Office.objects.order_by("pk"):
        with lock.held(lock.NIGHT, office.pk) as nobody_leads:
            if nobody_leads:
                for night in Night.objects.select_related("office").filter(
                    office=office, ended_at__isnull=True
                ):
                    go_on(night)
        due = rules.due(now, office.night_at, office.time_zone)
        if due is not None and rules.is_overdue(due, now):
            night = Night.objects.select_related("office").filter(office=office, date=due.date).first()
            if (night is None and _has_clients(office)) or (night is not None and night.ended_at is None):
                actions.tell_overdue(office, due.date, night)


def _has_clients(office: Office) -> bool:
    with enter_office(office) as clients:
        return bool(clients)


def go_on(night: Night) -> None:
    """Queue what a halted night has not done yet, or end it when there is nothing more."""
    if not _finish_if_over(night) and night.covers_all:
        with enter_office(night.office) as clients:
            queue(night, left(night, [client.pk for client in clients]))


def _finish_if_over(night: Night, *, besides: int | None = None, reading_job: int | None = None) -> bool:
    """End the night when nothing is left of it; `besides` is the client whose job asks, and is done.

    Whoever asks from a job that read pictures gives that job's id.
    """
    with enter_office(night.office) as clients:
        asked = [client.pk for client in clients]
        if live(night) - {besides} or (night.covers_all and left(night, asked)):
            return False
        if reading.keeps_open(night, besides=reading_job):
            return False
        actions.finish(night)
        return True


def send_mail(timestamp: int = 0) -> None:
    """Send what waits in the outbox; and forget old jobs."""
    outbox.send_waiting()
    with connection.cursor() as cursor:
        cursor.execute(
            procrastinate_sql.queries["delete_old_jobs"],
            {
                "nb_hours": KEEP_FAILED_HOURS,
                "queue": None,
                "statuses": ["succeeded", "failed", "cancelled", "aborted"],
            },
        )


def start_rounds(timestamp: int = 0) -> None:
    """Queue a round for each client that has files to send, fetch or read; one at a time each.

    A slow bank keeps nobody but its own client waiting: rounds are jobs of their own.
    """
    for office in Office.objects.order_by("pk"):
        for client in rounds.due(office):
            ask_round(client)


def ask_round(client: int) -> None:
    """Queue a round for the client, now, unless one is queued already."""
    task = queue_app.configure_task(
        GO_ROUND, queue=SCHEDULE_QUEUE, lock=f"round:{client}", queueing_lock=f"round:{client}"
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(client=client)


def queue(night: Night, client_ids: Sequence[int]) -> int:
    """Queue a job for each of these clients that has none; how many. Part of the caller's transaction."""
    there = live(night)
    new = [client for client in client_ids if client not in there]
    for client in new:
        task = queue_app.configure_task(
            RUN_CLIENT,
            queue=queue_of(night.office_id),
            lock=f"client:{client}",
            queueing_lock=f"night:{night.pk}:client:{client}",
        )
        try:
            with transaction.atomic():
                task.defer(night=night.pk, client=client, round=night.round)
        except AlreadyEnqueued:
            continue
    return len(new)


def queue_of(office: int) -> str:
    """The queue of an office's nights, so that a crew can keep to its own office."""
    return f"night-{office}"


def live(night: Night) -> set[int]:
    """The clients whose job of this night waits or is being done."""
    return _clients(night, ("todo", "doing"))


def given_up(night: Night) -> set[int]:
    """The clients whose job has failed for good in this round of the night."""
    return _clients(night, ("failed", "aborted", "cancelled"))


def left(night: Night, client_ids: Collection[int]) -> list[int]:
    """Which of these clients are still to be gone through; inside the scope."""
    done = queries.progress(night, client_ids).done | given_up(night)
    return [client for client in client_ids if client not in done]


def _clients(night: Night, statuses: Sequence[str]) -> set[int]:
    rows = ProcrastinateJob.objects.filter(
        task_name=RUN_CLIENT, status__in=statuses, args__contains={"night": night.pk, "round": night.round}
    )
    return {args["client"] for args in rows.values_list("args", flat=True)}


def sweep() -> int:
    """Put back every job that is being done by nobody, since its worker is dead; how many.

    A worker holds a lock in the database for as long as it lives, however it dies, so nobody has to wait
    for a heartbeat that does not come.
    """
    with connection.cursor() as cursor:
        cursor.execute(DOING, [GRACE_SECONDS])
        doing = [job for (job,) in cursor.fetchall()]
    return sum(
        _put_back(job.pk, job.args.get("client"))
        for job in ProcrastinateJob.objects.filter(pk__in=doing)
        if not _is_alive(job.worker_id)
    )


def _is_alive(worker: int | None) -> bool:
    return worker is not None and not lock.is_free(WORKER, worker_key(worker))


def worker_key(worker: int) -> int:
    """The worker's id as a lock can hold it: 31 bits."""
    return worker % 2**31


@transaction.atomic
def _put_back(job_id: int, client: int | None) -> bool:
    if client is not None and not lock.is_free(lock.CLIENT, client):
        return False  # its session is still ending; there is another minute
    job = (
        ProcrastinateJob.objects.select_for_update(skip_locked=True).filter(pk=job_id, status="doing").first()
    )
    if job is None:
        return False
    is_queued_again = (
        job.queueing_lock is not None
        and ProcrastinateJob.objects.filter(queueing_lock=job.queueing_lock, status="todo").exists()
    )
    with connection.cursor() as cursor:
        if is_queued_again or job.attempts >= MOST_ATTEMPTS:
            cursor.execute(
                procrastinate_sql.queries["finish_job"],
                {"job_id": job.pk, "status": "failed", "delete_job": is_queued_again},
            )
        else:
            cursor.execute(
                procrastinate_sql.queries["retry_job"],
                {
                    "job_id": job.pk,
                    "retry_at": timezone.now(),
                    "new_priority": None,
                    "new_queue_name": None,
                    "new_lock": None,
                },
            )
    return True
