"""What a routine is; finds and orders them.

A routine is one file in `robot/routines/`, one function, found by being there. It runs for one client,
may be run again at any time, and returns how much it did and how much it left.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from graphlib import TopologicalSorter

from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.rules import Outcome


@dataclass(frozen=True, slots=True)
class Tonight:
    """What a routine is told of the night: its id, and the day whose morning it prepares.

    By day there is no night: `id` is None, and the date is today.
    """

    id: int | None
    date: date
    routine: str

    @property
    def by(self) -> str:
        """How this routine signs its acts."""
        return f"robot:{self.routine}"


@dataclass(frozen=True, slots=True)
class Routine:
    """One thing the robot does for a client."""

    name: str
    title: str  # marked for translation
    service: Service
    after: tuple[str, ...]
    run: Callable[[Client, Tonight], Outcome]
    by_day: bool = False  # it is run between the nights as well, in the rounds to the banks


def routine(
    *, title: str, service: Service, after: tuple[str, ...] = (), by_day: bool = False
) -> Callable[[Callable[[Client, Tonight], Outcome]], Routine]:
    """Make a function a routine: what it is called, whose service it does, and what it comes after.

    With `by_day` it is run in the rounds between the nights too.
    """

    def made(run: Callable[[Client, Tonight], Outcome]) -> Routine:
        return Routine(run.__name__, title, service, after, run, by_day)

    return made


@cache
def routines() -> tuple[Routine, ...]:
    """All routines, each after those it names; a name that is no routine is our own mistake and crashes."""
    from nattbok.robot import routines as folder

    found: dict[str, Routine] = {}
    for info in pkgutil.iter_modules(folder.__path__):
        module = importlib.import_module(f"{folder.__name__}.{info.name}")
        found |= {thing.name: thing for thing in vars(module).values() if isinstance(thing, Routine)}
    order = TopologicalSorter({name: set(found[name].after) for name in sorted(found)}).static_order()
    return tuple(found[name] for name in order)
