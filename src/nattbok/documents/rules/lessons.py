"""What a posted bill teaches: where each of its parts went. A lesson counts while its entry stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.documents.rules import parts as bill_parts
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coded_lines import CodedLine
from nattbok.documents.rules.habits import Dimensions, frozen
from nattbok.documents.rules.parts import Part

MOST_LESSONS = 60  # of one bill: the largest parts


@dataclass(frozen=True, slots=True)
class Lesson:
    """Where one part of a bill went, and all that it may be known again by."""

    account: str
    vat_code: str
    key: str
    item: str
    commodity: str
    dimensions: Dimensions
    words: tuple[str, ...]


def lessons(bill: Bill, parts: Sequence[Part], coding: Sequence[CodedLine]) -> list[Lesson]:
    """What the coding that was posted teaches of each part; nothing of a part that went to several places."""
    found: list[tuple[Decimal, Lesson]] = []
    for part in bill_parts.merged(parts) or bill_parts.without_lines(bill):
        went = None if part.follows else _went(part, parts, coding)
        if went is not None:
            lesson = Lesson(
                went.account,
                went.vat_code,
                part.key,
                part.item,
                part.commodity,
                frozen(went.dimensions),
                bill_parts.words(part, bill),
            )
            found.append((abs(part.net), lesson))
    found.sort(key=lambda each: -each[0])
    return [lesson for _net, lesson in found[:MOST_LESSONS]]


def _went(part: Part, parts: Sequence[Part], coding: Sequence[CodedLine]) -> CodedLine | None:
    """The coded line that the part is in: by its place, else where it can be no other."""
    if part.places:
        named = [line for line in coding if set(part.places) <= set(line.places)]
        if named:
            return named[0] if _one_place(named) else None
    of = [line for line in coding if line.source == part.group.source] if part.group.source else []
    of = of or list(coding)
    if _one_place(of):
        return of[0]
    nets = [line for line in of if line.net == part.net]
    twins = [each for each in parts if each.group == part.group and each.net == part.net]
    return nets[0] if len(nets) == 1 and len(twins) == 1 and part.net != ZERO else None


def _one_place(lines: Sequence[CodedLine]) -> bool:
    return len({(line.account, line.vat_code, frozen(line.dimensions)) for line in lines}) == 1
