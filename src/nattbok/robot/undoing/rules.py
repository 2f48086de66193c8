"""What taking back comes to: what is reversed, parted and unpaired, what depends on it, what stays done.

Nothing here asks the database; `queries` gathers the facts, layer by layer, and these decide on each.
"""

import datetime
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _


class NothingNamed(Refused):
    """An undoing names what it takes back."""

    message = _("Say what is to be taken back.")


class NoReasonForUndoing(Refused):
    """Taking back is explained, to whoever reads the trail later."""

    message = _("Say why it is taken back.")


class SomethingDepends(Refused):
    """Later work stands on what would go."""

    message = _(
        "{count} later postings or settlements depend on it, the first of them {first}. "
        "Tick that they are taken back too, or take them back first."
    )


class PlanChanged(Refused):
    """What was agreed to is not what would be done."""

    message = _("The books have changed since you looked; see what would be taken back now.")


class NightRuns(Refused):
    """A night is taken back when it is over."""

    message = _("The robot is in the books of {client} just now; wait until it is done.")


@dataclass(frozen=True, slots=True)
class What:
    """What is to be taken back in one client's books. The kinds that are named add up.

    `routine` narrows `night`, and `version` narrows `rule`. An `origin` is what an entry was made from:
    movement:12, document:7.
    """

    acts: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()
    origins: tuple[str, ...] = ()
    night: int | None = None
    routine: str = ""
    rule: int | None = None
    version: int | None = None

    def __post_init__(self) -> None:
        if not (self.acts or self.entries or self.origins or self.night is not None or self.rule is not None):
            raise NothingNamed()

    @property
    def is_many(self) -> bool:
        """Whether the robot must be out of the books: a night or a rule, and not a few chosen things."""
        return self.night is not None or self.rule is not None

    def written(self) -> dict:
        """As JSON; what is not named is left out."""
        found = {
            "acts": sorted(set(self.acts)),
            "entries": sorted(set(self.entries)),
            "origins": sorted(set(self.origins)),
            "night": self.night,
            "routine": self.routine,
            "rule": self.rule,
            "version": self.version,
        }
        return {name: value for name, value in found.items() if value not in (None, "", [])}


def read(written: Mapping) -> What:
    """What `What.written` wrote."""
    lists = {name: tuple(written.get(name, ())) for name in ("acts", "entries", "origins")}
    return What(
        **lists,
        night=written.get("night"),
        routine=written.get("routine", ""),
        rule=written.get("rule"),
        version=written.get("version"),
    )


@dataclass(frozen=True, slots=True)
class StandingEntry:
    """An entry that is in the books and not reversed. `amount` is the sum of its debits."""

    id: int
    name: str  # series and number
    date: datetime.date
    text: str
    amount: Decimal
    origin: str
    act: int
    by: str


@dataclass(frozen=True, slots=True)
class StandingSettlement:
    """That two open items settle each other now, made by `act`; and the entries that the items are of."""

    id: int
    act: int
    amount: Decimal
    entries: tuple[int, int]
    party: str = ""


@dataclass(frozen=True, slots=True)
class StandingPairing:
    """That movements and lines in the books are the same money; `entries` are those of the lines."""

    id: int
    act: int
    movements: tuple[int, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """What has left the house, or is about to: what it is, its name, and when it went (None: it waits)."""

    title: Words
    name: str
    at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """Things that are taken back together: entries, and what was made without one."""

    entries: tuple[StandingEntry, ...] = ()
    settlements: tuple[StandingSettlement, ...] = ()
    pairings: tuple[StandingPairing, ...] = ()

    @property
    def count(self) -> int:
        """How many things it is."""
        return len(self.entries) + len(self.settlements) + len(self.pairings)

    @property
    def amount(self) -> Decimal:
        """The sum of the entries' debits."""
        return sum((entry.amount for entry in self.entries), ZERO)

    @property
    def entry_ids(self) -> frozenset[int]:
        """The entries, by id."""
        return frozenset(entry.id for entry in self.entries)

    def __add__(self, other: "Layer") -> "Layer":
        return Layer(
            self.entries + other.entries,
            self.settlements + other.settlements,
            self.pairings + other.pairings,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, in one client's books, and what would not."""

    what: What
    chosen: Layer
    depends: Layer = Layer()  # what later work was built on it; goes only when the person says so
    reopens: int = 0  # open items of others that are left again
    movements: tuple[int, ...] = ()
    documents: tuple[int, ...] = ()
    first_open: datetime.date | None = None  # where what lies in a closed period is dated
    moved: int = 0  # how many entries lie in one
    notices: tuple[Words, ...] = ()  # what else follows: sealed bank days
    cancels: tuple[Gone, ...] = ()  # has not left, and is held back
    stays: tuple[Gone, ...] = ()  # has left, and cannot be recalled
    already: int = 0  # chosen, and taken back before

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take back (any more)."""
        return not (self.chosen.count or self.cancels)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of all that would be done: what was shown is what is agreed to."""
        said = {
            "chosen": _named(self.chosen),
            "depends": _named(self.depends),
            "cancels": sorted(f"{gone.title.text}:{gone.name}" for gone in self.cancels),
            "first_open": str(self.first_open) if self.moved else "",
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _named(layer: Layer) -> dict:
    return {
        "entries": sorted(entry.id for entry in layer.entries),
        "settlements": sorted(settlement.id for settlement in layer.settlements),
        "pairings": sorted(pairing.id for pairing in layer.pairings),
    }


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back, in numbers, and the act that says so (None when there was nothing)."""

    act: int | None = None
    counts: dict = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touching:
    """What stands on a layer's entries: all settlements and pairings of theirs, whoever made them."""

    settlements: Sequence[StandingSettlement] = ()
    pairings: Sequence[StandingPairing] = ()


@dataclass(frozen=True, slots=True)
class Depending:
    """What the next layer is: entries still to be looked up by their acts, and what has no entry."""

    acts: frozenset[int]  # acts whose entries settle what would go
    settlements: tuple[StandingSettlement, ...]
    pairings: tuple[StandingPairing, ...]


def depending(
    taken: Layer, touching: Touching, entries_of: Mapping[int, Collection[int]], chosen_acts: Collection[int]
) -> Depending:
    """What was built on `taken` by acts that are not taken back with it.

    A settlement that one of the taken entries made itself, when it was posted, goes with it. One that
    another act made is later work: of that act's entry, when it has one that takes part, else by itself.
    `entries_of` is act → its standing entries.
    """
    ids = taken.entry_ids
    own = {entry.act for entry in taken.entries} | set(chosen_acts)
    known = {settlement.id for settlement in taken.settlements}
    paired = {pairing.id for pairing in taken.pairings}
    acts, bare = set(), []
    for settlement in touching.settlements:
        if settlement.id in known or settlement.act in own or ids.issuperset(settlement.entries):
            continue
        if set(entries_of.get(settlement.act, ())).intersection(settlement.entries):
            acts.add(settlement.act)
        else:
            bare.append(settlement)
    pairings = tuple(
        pairing for pairing in touching.pairings if pairing.id not in paired and pairing.act not in own
    )
    return Depending(frozenset(acts), tuple(bare), pairings)


def reopened(taken: Layer, touching: Iterable[StandingSettlement]) -> int:
    """How many settlements with things that stay are parted: so many open items are left again."""
    ids = taken.entry_ids
    return sum(not ids.issuperset(settlement.entries) for settlement in touching)


def ids_of(prefix: str, layer: Layer) -> list[int]:
    """The movements, or documents, that the layer's entries were made from."""
    start = f"{prefix}:"
    rests = (entry.origin[len(start) :] for entry in layer.entries if entry.origin.startswith(start))
    return sorted({int(rest) for rest in rests if rest.isascii() and rest.isdigit()})
