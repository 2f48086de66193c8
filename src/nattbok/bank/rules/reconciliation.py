"""Whether an account agrees with its bank, day by day, and what stands between them when it does not.

The bank's side is what its statements list, in the order and with the balances they give; the books' side
is the lines on the account's ledger account. Both are signed alike: money in is positive. A difference is
always the bank's balance less the books', and it is explained to the øre or it is an alarm.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from nattbok.base.money import ZERO
from nattbok.base.words import Words, _

ONE_DAY = timedelta(days=1)


class Trouble(StrEnum):
    """Why the bank's balance of a day is not to be trusted."""

    NONE = ""
    GAP = "gap"  # a statement is missing before or on the day
    LINES = "lines"  # the day's lines do not lead to the balance the bank gives
    SEVERAL = "several"  # two statements give the day different balances


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement's frame: the days it is of, and the balances before and after them."""

    starts_on: date
    ends_on: date
    opening: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True)
class BankBalance:
    """What the bank had at the end of a day; None where no statement says it."""

    day: date
    balance: Decimal | None
    trouble: Trouble = Trouble.NONE


@dataclass(frozen=True, slots=True)
class Moved:
    """What one side has on a day: the sum, how many lines of it nothing answers, and a print of them."""

    amount: Decimal = ZERO
    waiting: int = 0
    print: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an account, both sides. `waiting` counts all lines up to the day that nothing answers."""

    day: date
    bank: Decimal | None
    books: Decimal
    waiting: int
    trouble: Trouble = Trouble.NONE
    print: str = ""
    arose_on: date | None = None  # the first day of the unbroken row of days with a difference

    @property
    def difference(self) -> Decimal | None:
        """The bank's balance less the books'; None where the bank's is not known."""
        return None if self.bank is None else self.bank - self.books

    @property
    def is_reconciled(self) -> bool:
        """Whether the day may be sealed: proven by the bank, no difference, and nothing left to answer."""
        return self.difference == 0 and not self.waiting and not self.trouble


def bank_balances(statements: Sequence[Stated], moved: Mapping[date, Decimal]) -> list[BankBalance]:
    """The bank's balance at the end of each day from the first statement's first day to the last one's last.

    `moved` is the sum of the statements' lines on a day. A day that no statement is of has the balance of
    the day before when the next statement goes on from it, and no balance when it does not. Where the lines
    do not lead to the balance a statement ends in, that balance is kept and the day is marked.
    """
    distinct = sorted(set(statements), key=lambda one: (one.ends_on, one.starts_on))
    if not distinct:
        return []
    openings, closings = defaultdict(list), defaultdict(list)
    for one in distinct:
        openings[one.starts_on].append(one.opening)
        closings[one.ends_on].append(one.closing)
    found: list[BankBalance] = []
    uncovered: list[date] = []
    running: Decimal | None = None
    covered_through = distinct[0].starts_on - ONE_DAY
    day, last = min(one.starts_on for one in distinct), distinct[-1].ends_on
    ends = {day: max(one.ends_on for one in distinct if one.starts_on == day) for day in openings}
    while day <= last:
        trouble = Trouble.NONE
        if day in openings:
            opening = _end_of_chain(openings[day], closings.get(day, ()), running)
            goes_on = running is None or running == opening
            if not goes_on and covered_through >= day:
                trouble = Trouble.SEVERAL
            between = Trouble.NONE if goes_on else Trouble.GAP
            found.extend(BankBalance(waiting, running if goes_on else None, between) for waiting in uncovered)
            uncovered = []
            if not goes_on and trouble is Trouble.NONE and covered_through == day - ONE_DAY:
                trouble = Trouble.GAP
            running = opening if trouble is not Trouble.SEVERAL else running
            covered_through = max(covered_through, ends[day])
        if day > covered_through:
            uncovered.append(day)
            day += ONE_DAY
            continue
        running = (running or ZERO) + moved.get(day, ZERO)
        if day in closings:
            closing = _end_of_chain(closings[day], openings.get(day, ()), running)
            if closing != running:
                is_one = len(set(closings[day])) == 1 or len(closings[day]) <= len(openings.get(day, ()))
                trouble = trouble or (Trouble.LINES if is_one else Trouble.SEVERAL)
                running = closing
        found.append(BankBalance(day, running, trouble))
        day += ONE_DAY
    return found


def _end_of_chain(ends: Sequence[Decimal], links: Sequence[Decimal], expected: Decimal | None) -> Decimal:
    """Of a day's statements that follow each other, the balance that no other goes on from.

    When that is none or several, the one that is expected, if it is among them.
    """
    free = list((Counter(ends) - Counter(links)).elements())
    if len(set(free)) == 1:
        return free[0]
    among = free or list(ends)
    return expected if expected is not None and expected in among else among[-1]


def days(
    balances: Sequence[BankBalance],
    bank: Mapping[date, Moved],
    books: Mapping[date, Moved],
    *,
    book_opening: Decimal,
) -> list[Day]:
    """Both sides of each day. `book_opening` is what the books had before the first of them."""
    found: list[Day] = []
    standing, waiting, arose = book_opening, 0, None
    for balance in balances:
        here, there = bank.get(balance.day, Moved()), books.get(balance.day, Moved())
        standing += there.amount
        waiting += here.waiting + there.waiting
        one = Day(balance.day, balance.balance, standing, waiting, balance.trouble, _print(here, there))
        arose = None if one.is_reconciled else arose or balance.day
        found.append(replace(one, arose_on=arose))
    return found


def _print(bank: Moved, books: Moved) -> str:
    """SHA-256 (hex) of what both sides have on a day."""
    return hashlib.sha256(f"{bank.print}|{books.print}".encode()).hexdigest()


class Why(StrEnum):
    """What kind of thing stands between the bank and the books."""

    OPENING = "opening"  # the books began with another balance than the first statement
    WAITS = "waits"  # the bank's line is not posted
    PART_MISSING = "part_missing"  # a sum line of which payments are not told
    NOT_STATED = "not_stated"  # posted from another file, and on no statement
    NO_BANK_LINE = "no_bank_line"  # in the books, and nothing of the bank's answers it
    OTHER_DAY = "other_day"  # the same money on two days
    OTHER_AMOUNT = "other_amount"  # posted with another amount than the bank's
    TAKEN_BACK = "taken_back"  # an entry and its reversal on two days


@dataclass(frozen=True, slots=True)
class Loose:
    """Something that makes a difference, from `day` until `until`: a line of the bank's or of the books'.

    `amount` is what it adds to the bank's balance less the books'. `until` is the day from which the other
    side has it too; None while it has not.
    """

    why: Why
    day: date
    amount: Decimal
    until: date | None = None
    movement: int | None = None
    line: int | None = None
    entry: int | None = None
    number: str = ""  # the entry's series and number
    text: str = ""
    reason: Words | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A difference, and what it is made of. `rest` is what nothing explains, and must be zero."""

    difference: Decimal
    pieces: tuple[Loose, ...]
    rest: Decimal


def explain(difference: Decimal, loose: Sequence[Loose], day: date) -> Explained:
    """What a difference at the end of `day` is made of, the oldest first."""
    pieces = tuple(
        sorted(
            (
                one
                for one in loose
                if one.day <= day and (one.until is None or one.until > day) and one.amount
            ),
            key=lambda one: (one.day, one.why.value, one.movement or 0, one.line or 0),
        )
    )
    return Explained(difference, pieces, difference - sum((one.amount for one in pieces), ZERO))


def proven_pairs(
    loose: Sequence[Loose], at_zero: Collection[date]
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Bank lines and lines in the books that certainly are the same money: (movements, lines).

    Only on days at whose end the account is at zero, and only where both sides have as many lines of the
    day and amount. Several alike are one group: that they are the same money is certain, and which of them
    is which is not said.
    """
    sides: dict[tuple[date, Decimal], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for one in loose:
        if one.why is Why.WAITS and one.movement is not None and one.line is None:
            sides[one.day, one.amount][0].append(one.movement)
        elif one.why is Why.NO_BANK_LINE and one.line is not None:
            sides[one.day, -one.amount][1].append(one.line)
    return [
        (tuple(bank), tuple(books))
        for (day, _amount), (bank, books) in sorted(sides.items())
        if day in at_zero and bank and len(bank) == len(books)
    ]


REASONS = {
    Why.OPENING: _("The books begin with another balance than the bank's first statement."),
    Why.WAITS: _("The bank's line is not posted."),
    Why.PART_MISSING: _("A sum line of the bank's; the payments it is made of are not all told."),
    Why.NOT_STATED: _("Posted from another file, but on no statement of the bank's."),
    Why.NO_BANK_LINE: _("In the books, but the bank has no such line."),
    Why.OTHER_DAY: _("The same money, on one day at the bank and on another in the books."),
    Why.OTHER_AMOUNT: _("Posted with another amount than the bank's."),
    Why.TAKEN_BACK: _("An entry that was taken back on another day."),
}
TROUBLES = {
    Trouble.GAP: _("A statement is missing: the next one does not go on from the balance before."),
    Trouble.LINES: _("The bank's lines do not lead to the balance that its statement gives."),
    Trouble.SEVERAL: _("Two statements give this day different balances."),
}


@dataclass(frozen=True, slots=True)
class Seal:
    """What was sealed: the figures and the print."""

    day: date
    bank: Decimal
    books: Decimal
    print: str


def broken(seals: Sequence[Seal], now: Mapping[date, Day]) -> list[tuple[Seal, Day | None]]:
    """The seals that no longer hold, each with the day as it is now; None when nothing proves it any more."""
    return [
        (seal, now.get(seal.day))
        for seal in seals
        if (day := now.get(seal.day)) is None
        or (day.bank, day.books, day.print) != (seal.bank, seal.books, seal.print)
        or not day.is_reconciled
    ]
