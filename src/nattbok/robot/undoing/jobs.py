"""A job for each client of an undoing too large to wait for; a worker that is killed loses nothing."""

from collections.abc import Sequence

from django.db import transaction
from procrastinate import App, JobContext
from procrastinate.contrib.django import app as queue_app
from procrastinate.exceptions import AlreadyEnqueued

from nattbok.robot import jobs
from nattbok.robot.jobs import Again, Busy
from nattbok.robot.models import Undoing
from nattbok.robot.undoing import actions, rules

UNDO_CLIENT = "undo_client"
QUEUE = "undoing"


def ready(app: App) -> None:
    """Name the tasks, those of the nights first. Called when the queue's app is ready."""
    jobs.ready(app)
    app.task(name=UNDO_CLIENT, pass_context=True, retry=Again())(undo_client)


def undo_client(context: JobContext, *, undoing: int, client: int) -> None:
    """Take back in one client's books; tried again while the robot is in them."""
    row = Undoing.objects.select_related("office").get(pk=undoing)
    try:
        actions.go_through_client(row, client)
    except rules.NightRuns as busy:
        raise Busy() from busy


def queue(undoing: Undoing, client_ids: Sequence[int]) -> int:
    """Queue a job for each of these clients that has none; how many. Part of the caller's transaction."""
    new = 0
    for client in client_ids:
        task = queue_app.configure_task(
            UNDO_CLIENT,
            queue=QUEUE,
            lock=f"client:{client}",
            queueing_lock=f"undoing:{undoing.pk}:client:{client}",
        )
        try:
            with transaction.atomic():
                task.defer(undoing=undoing.pk, client=client)
        except AlreadyEnqueued:
            continue
        new += 1
    return new
