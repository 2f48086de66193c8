"""A worker process: takes jobs one at a time until it is told to stop.

Told to stop, by SIGTERM or Ctrl-C, it finishes the routine it is in and lets its job go back to the queue.
Killed, it leaves nothing that has to be mended: the database drops its locks, and `jobs.sweep` puts its
job back.
"""

import asyncio
import ctypes
import os
import signal
from collections.abc import Sequence

import psycopg
from procrastinate import App
from procrastinate.contrib.django import app as queue_app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector

from nattbok.robot import jobs, routine

POLL_SECONDS = 2.0
# How long a job may go on after a stop before it is asked to end between two routines.
PATIENCE_SECONDS = 0.05
PARENT_DIES = 1  # PR_SET_PDEATHSIG of prctl(2)


def work(
    queues: Sequence[str] = (), *, until_idle: bool = False, is_crew: bool = False, parent: int = 0
) -> None:
    """Work until told to stop, or until there is nothing left to do.

    A member of a crew leaves the schedule to others and, given its `parent`, dies with it.
    """
    if parent:
        _die_with(parent)
    routine.routines()  # read now, so that a broken routine stops the worker and not a client
    asyncio.run(_work(queues, until_idle, is_crew))


async def _work(queues: Sequence[str], until_idle: bool, is_crew: bool) -> None:
    params = connector_params("default")
    app: App = queue_app.with_connector(PsycopgConnector(kwargs=params, min_size=1, max_size=3))
    if is_crew:
        app.periodic_registry.periodic_tasks.clear()
    # A connection for nothing but the lock: it is held exactly as long as this process lives.
    with psycopg.connect(**params, autocommit=True) as alive:
        said = set()

        async def say_alive(call_next, context, worker):
            if worker.worker_id not in said:
                alive.execute(
                    "SELECT pg_advisory_lock(%s, %s)", [jobs.WORKER, jobs.worker_key(worker.worker_id)]
                )
                said.add(worker.worker_id)
            return await call_next()

        async with app.open_async():
            await app.run_worker_async(
                queues=list(queues) or None,
                wait=not until_idle,
                concurrency=1,
                fetch_job_polling_interval=POLL_SECONDS,
                shutdown_graceful_timeout=PATIENCE_SECONDS,
                delete_jobs="successful",
                worker_middleware=[say_alive],
            )


def _die_with(parent: int) -> None:
    """Be told to stop when the process that started us ends, however it ends (Linux)."""
    try:
        ctypes.CDLL(None).prctl(PARENT_DIES, signal.SIGTERM)
    except (OSError, AttributeError):
        return  # elsewhere an orphan goes on until it is idle, and does no harm
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
