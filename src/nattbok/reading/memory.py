"""What is remembered of a supplier's papers: what stands around each value, so that the next is read alike.

One confirmed document is enough; two wrong answers drop what was learnt. Kept as plain data, which the caller
stores for client, supplier and layout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

WRONG_MOST = 2
ONCE_WRONG = 0.9  # how much less a place counts that gave a wrong answer
MOST_LAYOUTS = 4  # for one field
_NEAR = 0.12  # share of the page


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a value stood: the folded text left of it and above it, its place, its length."""

    left: str
    above: str
    x: float
    y: float
    length: int
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """A supplier by its organisation number (or account), its name as confirmed, and traces by field."""

    supplier: str
    name: str
    traces: Mapping[str, tuple[Trace, ...]]
    documents: int = 1

    def likeness(self, name: str, left: str, above: str, x: float, y: float, length: int) -> float:
        """How like a place is to where the field stood, 0 to 1."""
        return max(
            (_alike(trace, left, above, x, y, length) for trace in self.traces.get(name, ())), default=0.0
        )

    def as_json(self) -> dict:
        """As JSON can hold it."""
        return {
            "supplier": self.supplier,
            "name": self.name,
            "documents": self.documents,
            "traces": {
                name: [[t.left, t.above, t.x, t.y, t.length, t.wrong] for t in traces]
                for name, traces in self.traces.items()
            },
        }

    @classmethod
    def of_json(cls, told: Mapping) -> "Memory":
        """The memory that `as_json` told of."""
        traces = {name: tuple(Trace(*trace) for trace in kept) for name, kept in told["traces"].items()}
        return cls(told["supplier"], told["name"], traces, told["documents"])


def _alike(trace: Trace, left: str, above: str, x: float, y: float, length: int) -> float:
    beside = _same(trace.left, left)
    over = _same(trace.above, above)
    across = max(0.0, 1 - abs(trace.x - x) / _NEAR)
    down = max(0.0, 1 - abs(trace.y - y) / (2 * _NEAR))
    text = max(beside if trace.left else 0.0, 0.9 * over if trace.above else 0.0)
    if not text:
        text = 0.0 if trace.left or trace.above else 0.5
    score = 0.7 * text + 0.15 * across + 0.1 * down + 0.05 * (abs(trace.length - length) <= 2)
    return score * (ONCE_WRONG if trace.wrong else 1.0)


def _same(one: str, other: str) -> float:
    if not one or not other:
        return 0.0
    return 1.0 if one == other else fuzz.ratio(one, other) / 100


def learnt(reading, corrected: Mapping[str, str], old: Memory | None = None) -> Memory | None:
    """What a confirmed document teaches; `corrected` are the right values by field. None without a supplier.

    Values that are printed nowhere teach nothing. A trace that gave something else than the confirmed value
    is counted wrong, and dropped the second time.
    """
    from nattbok.reading.traces import trace_of

    supplier = corrected.get("supplier_orgno") or reading.value("supplier_orgno") or ""
    if not supplier:
        return None
    traces: dict[str, tuple[Trace, ...]] = dict(old.traces) if old is not None else {}
    for name, value in corrected.items():
        new = trace_of(reading, name, value) if value else None
        kept = list(traces.get(name, ()))
        read = reading.fields.get(name)
        if read is not None and read.is_remembered and read.value != value:
            kept = [replace(one, wrong=one.wrong + 1) for one in kept]
            kept = [one for one in kept if one.wrong < WRONG_MOST]
        if new is not None:
            kept = [one for one in kept if (one.left, one.above) != (new.left, new.above)]
            kept = [new, *kept][:MOST_LAYOUTS]
        if kept:
            traces[name] = tuple(kept)
        else:
            traces.pop(name, None)
    name = corrected.get("supplier_name") or (old.name if old is not None else "")
    return Memory(supplier, name, traces, (old.documents if old is not None else 0) + 1)


def of_supplier(memories: Sequence[Memory], numbers: set[str]) -> Memory | None:
    """The memory of the supplier whose number is among those printed; None when none or several are."""
    fitting = [memory for memory in memories if memory.supplier in numbers]
    return fitting[0] if len(fitting) == 1 else None
