"""Reading pictures and PDFs beside the nights: no client's night, and no other client, waits for a picture.

Each client with unread documents has a job of its own, in the office's reading queue and after all else that
waits. It reads for a while and then lets others have their turn. What it reads in a night is coded as the
night codes. A night is kept open for it a while, never for long: what is read later is done all the same.
"""

import datetime
import time
from collections.abc import Callable
from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app as queue_app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from nattbok.bank.queries.accounts import bank_accounts
from nattbok.clients.access import enter_client
from nattbok.clients.models import Client
from nattbok.clients.queries import done_by
from nattbok.clients.rules import Doer, Service
from nattbok.documents import actions, queries
from nattbok.reading.lent import Lent
from nattbok.robot.models import Night, Run
from nattbok.robot.rules import night_of

READ_CLIENT = "read_client"
BY, CODING = "robot:read_pictures", "robot:code_documents"
LAST = -10  # after the nights and what happens each minute
TOGETHER = 60.0  # seconds that one client's reading goes on while others wait
IDLE = 60.0  # seconds after which the engines' memory is given back
PATIENCE = datetime.timedelta(minutes=25)  # that a night whose clients are done is kept open

_eyes = Lent(IDLE)


def queue_of(office: int) -> str:
    """The queue of an office's readings."""
    return f"reading-{office}"


def ask(client: Client, night: int | None) -> None:
    """Queue the reading of what waits, unless it is queued already. Part of the caller's transaction."""
    task = queue_app.configure_task(
        READ_CLIENT,
        queue=queue_of(client.office_id),
        lock=f"reading:{client.pk}",
        queueing_lock=f"reading:{client.pk}:{night or 0}",
        priority=LAST,
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.defer(client=client.pk, night=night)


def read_client(client_id: int, night_id: int | None, should_stop: Callable[[], bool]) -> None:
    """Read what waits for one client, for at most TOGETHER, and queue the rest."""
    until = time.monotonic() + TOGETHER
    night = Night.objects.filter(pk=night_id, ended_at__isnull=True).first() if night_id else None
    with enter_client(client_id) as client:
        if not client.is_enrolled or done_by(client)[Service.DOCUMENTS] != Doer.ROBOT:
            return
        signed = night.pk if night is not None else None
        actions.teach(client, by=BY, night=signed)
        with _eyes.lent() as reader:
            seen = actions.read(
                client,
                reader,
                by=BY,
                night=signed,
                own_accounts=_own_accounts(client),
                is_over=lambda: time.monotonic() > until or should_stop(),
            )
            again = actions.read_again(
                client,
                reader,
                by=BY,
                night=signed,
                own_accounts=_own_accounts(client),
                is_over=lambda: time.monotonic() > until or should_stop(),
            )
        read = (*seen.read, *again)
        if night_id is not None and read:
            # Of the night, also when its report has gone: by the morning it is done.
            today = night.date if night is not None else night_of(timezone.now(), client.office.time_zone)
            actions.code(client, by=CODING, today=today, only=read, night=signed)
        if not should_stop() and queries.uncopied(client, limit=1):
            with _eyes.lent() as reader:
                actions.copy(
                    client,
                    reader,
                    by=BY,
                    night=signed,
                    is_over=lambda: time.monotonic() > until or should_stop(),
                )
        if (seen.read and seen.unread) or queries.outdated(client) or queries.uncopied(client, limit=1):
            ask(client, night_id)


def _own_accounts(client: Client) -> set[str]:
    """The client's own accounts, which are never a supplier's."""
    return {number for one in bank_accounts(client) for number in (one.number, *one.other_numbers)}


def is_going_on(office: int, *, besides: int | None = None) -> bool:
    """Whether readings of the office wait or are being done; `besides` is the job that asks."""
    rows = ProcrastinateJob.objects.filter(
        task_name=READ_CLIENT, queue_name=queue_of(office), status__in=("todo", "doing")
    )
    return rows.exclude(pk=besides).exists()


def keeps_open(night: Night, *, besides: int | None = None) -> bool:
    """Whether the night, all of whose clients are done, is to wait for what is being read."""
    if not is_going_on(night.office_id, besides=besides):
        return False
    last = Run.objects.filter(night=night).order_by("-ended_at").values_list("ended_at", flat=True).first()
    return last is not None and timezone.now() - last < PATIENCE
