"""Leading a night: a crew of worker processes, until every client is done.

Whoever leads holds the office's night in the database, so there is one leader at a time. The leader may be
killed, and so may any worker: the night that is started again goes on where it was.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.robot import jobs, queries, reading
from nattbok.robot.models import Night

MOST_DEATHS = 20
LOOK_SECONDS = 0.25
SWEEP_SECONDS = 1.0
STOP_SECONDS = 30


class CrewLost(Refused):
    """The workers die faster than they are worth starting."""

    message = _(
        "The workers died {deaths} times, the last with {status}; the night is not done. "
        "See what they wrote, and start it again: it goes on where it stopped."
    )


class Crew:
    """Worker processes that are started, replaced when they die, and stopped together."""

    def __init__(self, command: Sequence[str], size: int) -> None:
        self.command = list(command)
        self.size = size
        self.deaths = 0
        self.members: list[subprocess.Popen] = []

    def fill(self) -> None:
        """Replace the members that have died. Raises CrewLost when it has happened too often."""
        for member in [member for member in self.members if member.poll() is not None]:
            self.members.remove(member)
            self.deaths += 1
            if self.deaths > MOST_DEATHS:
                raise CrewLost(deaths=self.deaths, status=member.returncode)
        while len(self.members) < self.size:
            # In a session of their own: Ctrl-C reaches the leader, who stops them in order.
            self.members.append(
                subprocess.Popen(  # noqa: S603 - our own command
                    self.command, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
                )
            )

    def stop(self) -> None:
        """Ask all to stop after the routine they are in; kill those that do not."""
        for member in self.members:
            with suppress(ProcessLookupError):
                member.terminate()
        until = time.monotonic() + STOP_SECONDS
        for member in self.members:
            try:
                member.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.kill()
                member.wait()


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the night has come, as its leader sees it."""

    asked: int
    done: int
    given_up: int
    posted: int
    waiting: int
    deaths: int


def lead(
    night: Night,
    client_ids: Collection[int],
    *,
    command: Sequence[str],
    workers: int,
    tell: Callable[[Seen], None],
) -> None:
    """Go through these clients with that many workers; `tell` is told several times a second.

    Inside the office's scope and with its night held. Returns when every client is done or given up, and what
    pictures the clients have are read, or that has taken too long.
    Raises CrewLost; whatever it raises, the workers are stopped first.
    """
    crew = Crew(command, 0)
    swept = 0.0
    try:
        while True:
            progress = queries.progress(night, client_ids)
            given_up = (jobs.given_up(night) & progress.asked) - progress.done
            left = progress.asked - progress.done - given_up
            tell(
                Seen(
                    len(progress.asked),
                    len(progress.done),
                    len(given_up),
                    progress.posted,
                    progress.waiting,
                    crew.deaths,
                )
            )
            is_read = not left and not reading.keeps_open(night)
            if is_read:
                return
            jobs.queue(night, [client for client in client_ids if client in left])
            if not left:
                crew.size = workers  # all of them read
            elif not crew.members:
                crew.size = min(workers, len(left))
            crew.fill()
            if time.monotonic() - swept >= SWEEP_SECONDS:
                jobs.sweep()
                swept = time.monotonic()
            time.sleep(LOOK_SECONDS)
    finally:
        crew.stop()
