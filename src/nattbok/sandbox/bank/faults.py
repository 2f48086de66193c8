"""The bank's switches: which fault is on for whom, and how often it has struck."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nattbok.sandbox.bank.shape import Fault

EVERYBODY = "*"


@dataclass(slots=True)
class _Switch:
    left: int  # strikes before it turns itself off; 0 for no end
    amount: int


class Switches:
    """Faults by whom they strike: an account's number, a customer's id, or "*".

    `done` is told of every change that comes from outside, so that the bank can keep it.
    """

    def __init__(self, done: Callable[..., None] = lambda *_what, **_about: None) -> None:
        self._on: dict[tuple[str, Fault], _Switch] = {}
        self._counts: Counter[Fault] = Counter()
        self._counts_by: Counter[tuple[str, Fault]] = Counter()
        self._done = done

    def switch(self, who: str, fault: Fault, on: bool = True, *, times: int = 0, amount: int = 0) -> None:
        """Turn a fault on or off; with `times` it turns itself off after that many strikes."""
        self._done("switch", who=who, fault=str(fault), on=on, times=times, amount=amount)
        self.turn(who, Fault(fault), on, times=times, amount=amount)

    def strikes(self, who: str, fault: Fault) -> bool:
        """Whether it strikes now; counted when it does. For the doors; the bank itself uses `hit`."""
        if not self.is_on(who, fault):
            return False
        self._done("strike", who=who, fault=str(fault))
        return self.hit(fault, who)

    def is_on(self, who: str, fault: Fault) -> bool:
        """Whether it would strike now; not counted."""
        return any((one, fault) in self._on for one in (who, EVERYBODY))

    def amount(self, who: str, fault: Fault) -> int:
        """What was said when it was switched on, else 0."""
        found = self._on.get((who, fault)) or self._on.get((EVERYBODY, fault))
        return found.amount if found else 0

    @property
    def counts(self) -> Mapping[Fault, int]:
        """How often each has struck."""
        return dict(self._counts)

    @property
    def counts_by(self) -> Mapping[tuple[str, Fault], int]:
        """How often each has struck whom, by what it was switched on for."""
        return dict(self._counts_by)

    @property
    def switched_on(self) -> list[tuple[str, Fault]]:
        """What is on now."""
        return sorted(self._on)

    def turn(self, who: str, fault: Fault, on: bool, *, times: int = 0, amount: int = 0) -> None:
        """As `switch`, from the inside."""
        if on:
            self._on[who, fault] = _Switch(times, amount)
        else:
            self._on.pop((who, fault), None)

    def hit(self, fault: Fault, *who: str) -> bool:
        """Whether it strikes the first of `who`, or everybody, that it is on for; counted."""
        for one in (*who, EVERYBODY):
            switch = self._on.get((one, fault))
            if switch is None:
                continue
            self._counts[fault] += 1
            self._counts_by[one, fault] += 1
            if switch.left:
                switch.left -= 1
                if not switch.left:
                    del self._on[one, fault]
            return True
        return False
