"""One identity per movement, whichever files report it: the same money comes in up to three of them.

OCR giro or BgMax, camt.054 and camt.053 each report a payment at most once. The bank's own reference tells
when two camt files speak of the same payment. Giro files do not carry it; there the day, the amount and
the checked reference tell, and for payments without reference the payer or the text. Whatever the bank
lists in a notice or during the day is on its statement too, so a notice's payment without the bank's
reference is one of the statement's with its day and amount. Where only the day differs, or where nothing
but the amount speaks for it, nothing is certain, and a person is asked.

What is certain is looked for first, for all transactions of a statement, and only then what is less so:
else an earlier line would take the movement that a later one names.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from nattbok.formats.bank.shape import Kind

NEAR_DAYS = 5  # how far apart two reports of the same payment might be dated
LONGEST_KEY = 180
# What a reader adds to the bank's reference: its place among the details, its number among twins.
_ADDED = re.compile(r"(#\w+)?(@\d+)?$")


@dataclass(frozen=True, slots=True)
class Reported:
    """A booked transaction as one file reports it, before it is known which movement it is."""

    amount: Decimal
    booked_on: date
    bank_reference: str
    reference: str
    counterparty_account: str = ""
    text: str = ""
    batch_reference: str = ""
    sums_up: int = 0


@dataclass(slots=True)
class Known:
    """A movement that is kept, with the kinds of files that reported it."""

    id: int
    key: str
    amount: Decimal
    booked_on: date
    bank_reference: str  # as camt files have it; "" while only giro files have told of it
    reference: str
    sums_up: int
    kinds: set[Kind] = field(default_factory=set)
    batch_reference: str = ""  # likewise
    counterparty_account: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a reported transaction belongs."""

    report_key: str
    movement: int | None  # the movement that it is of; None for a new one
    new_key: str = ""  # the new movement's key
    is_repeat: bool = False  # this kind of file had reported it already
    waits_for: str = ""  # why the new movement may not be posted yet


def report_keys(reports: Sequence[Reported]) -> list[str]:
    """What each transaction of one statement is called, the same whenever it is reported again.

    With the bank's reference: that, the day, the amount and the payer's reference. Without: all that is
    known of it, and which one of several alike it is, since two equal payments on a day are two payments.
    """
    seen: dict[str, int] = defaultdict(int)
    keys = []
    for report in reports:
        if report.bank_reference:
            said = f"ref:{report.booked_on}:{report.amount:.2f}:{report.reference}:{report.bank_reference}"
            keys.append(said if len(said) <= LONGEST_KEY else f"long:{_digest(said)}")
            continue
        about = "|".join((report.reference, report.counterparty_account, report.text))
        key = f"like:{report.booked_on}:{report.amount:.2f}:{_digest(about)}"
        seen[key] += 1
        keys.append(f"{key}:{seen[key]}")
    return keys


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def place(
    reports: Sequence[Reported],
    kind: Kind,
    *,
    known: Sequence[Known],
    known_reports: dict[str, int],
) -> list[Placed]:
    """For each transaction of one statement, the movement it is of.

    `known` are the account's movements near the statement's days; `known_reports` maps the report keys of
    this kind of file that are kept to their movements. Two equal transactions never share a movement.
    """
    keys = report_keys(reports)
    found: dict[int, Placed] = {}
    here: set[str] = set()
    for number, key in enumerate(keys):
        if key in known_reports or key in here:
            found[number] = Placed(key, known_reports.get(key), is_repeat=True)
        here.add(key)
    # Own copies, in which the movements found are marked as reported by `kind`.
    places = _Places(kind, [replace(movement, kinds=set(movement.kinds)) for movement in known])
    for way in (places.named, places.in_batch, places.alike, places.unnamed):
        for number, (report, key) in enumerate(zip(reports, keys, strict=True)):
            movement = None if number in found else way(report)
            if movement is not None:
                found[number] = Placed(key, movement.id, is_repeat=kind in movement.kinds)
                movement.kinds.add(kind)
    for number, (report, key) in enumerate(zip(reports, keys, strict=True)):
        if number not in found:
            waits_for = "maybe_twice" if places.may_be_told(report) else ""
            found[number] = Placed(key, None, new_key=f"{kind.value}:{key}", waits_for=waits_for)
    return [found[number] for number in range(len(reports))]


@dataclass
class _Places:
    """The known movements, by what a report may know of them. Each way finds one movement or None."""

    kind: Kind
    known: Sequence[Known]

    def __post_init__(self) -> None:
        self.by_reference: dict[tuple[str, Decimal], list[Known]] = defaultdict(list)
        self.by_batch: dict[tuple[str, Decimal], list[Known]] = defaultdict(list)
        self.by_content: dict[tuple[Decimal, str], list[Known]] = defaultdict(list)
        self.by_day: dict[tuple[Decimal, date], list[Known]] = defaultdict(list)
        for movement in self.known:
            if movement.bank_reference:
                self.by_reference[base(movement.bank_reference), movement.amount].append(movement)
            if movement.batch_reference:
                self.by_batch[movement.batch_reference, movement.amount].append(movement)
            self.by_content[movement.amount, movement.reference].append(movement)
            self.by_day[movement.amount, movement.booked_on].append(movement)

    def named(self, report: Reported) -> Known | None:
        """By the bank's reference and the amount, near in time: references come again in a year.

        Details that share their entry's reference are told apart by the payer's; where they stand in the
        list is asked last, since two files need not list them in the same order.
        """
        if not report.bank_reference or self.kind is Kind.GIRO:
            return None
        having = [
            movement
            for movement in self.by_reference.get((base(report.bank_reference), report.amount), ())
            if self._near(report, movement) and bool(movement.sums_up) == bool(report.sums_up)
        ]
        new = [movement for movement in having if self.kind not in movement.kinds]
        return (
            _first(one for one in new if one.reference == report.reference and _same_place(one, report))
            or _first(one for one in new if one.reference == report.reference)
            or _first(one for one in new if _same_place(one, report))
            or _first(one for one in having if _same_place(one, report) and self._is_repeat(report, one))
        )

    def in_batch(self, report: Reported) -> Known | None:
        """The entry's reference in one file is what another file has on the entry's only detail."""
        if self.kind is Kind.GIRO or report.sums_up:
            return None
        names = {name for name in (base(report.bank_reference), report.batch_reference) if name}
        having = [
            movement
            for name in names
            for movement in (
                *self.by_reference.get((name, report.amount), ()),
                *self.by_batch.get((name, report.amount), ()),
            )
            if self._near(report, movement)
            and self.kind not in movement.kinds
            and not movement.sums_up
            and (base(movement.bank_reference) == report.batch_reference
                 or movement.batch_reference == base(report.bank_reference))
            and _agree(movement.reference, report.reference)
        ]  # fmt: skip
        return having[0] if having else None

    def alike(self, report: Reported) -> Known | None:
        """By the day, the amount and the payer's reference; without one, by who paid or what is said."""
        return _first(
            movement
            for movement in self.by_content.get((report.amount, report.reference), ())
            if movement.booked_on == report.booked_on
            and self._could_be(report, movement)
            and (report.reference or not self._is_across(movement) or _same_said(movement, report))
        )

    def unnamed(self, report: Reported) -> Known | None:
        """What notices and the day so far list is on the statement too, with more or less said of it."""
        if self.kind is Kind.GIRO:
            return None
        return _first(
            movement
            for movement in self.by_day.get((report.amount, report.booked_on), ())
            if not self._is_across(movement)
            and self._could_be(report, movement)
            and _agree(movement.reference, report.reference)
            and _agree(movement.counterparty_account, report.counterparty_account)
            and (Kind.STATEMENT in movement.kinds or self.kind is Kind.STATEMENT)
        )

    def may_be_told(self, report: Reported) -> bool:
        """Whether it may be a movement that is kept: all but the day fits, or nothing but the amount."""
        return any(
            (
                0 < abs((movement.booked_on - report.booked_on).days) <= NEAR_DAYS
                if report.reference
                else movement.booked_on == report.booked_on
                and self._is_across(movement)
                and _agree(movement.counterparty_account, report.counterparty_account)
            )
            and self._could_be(report, movement)
            for movement in self.by_content.get((report.amount, report.reference), ())
        )

    def _near(self, report: Reported, movement: Known) -> bool:
        return abs((movement.booked_on - report.booked_on).days) <= NEAR_DAYS

    def _is_repeat(self, report: Reported, movement: Known) -> bool:
        """A statement's balances prove that a line on another day is another payment."""
        return self.kind is not Kind.STATEMENT or movement.booked_on == report.booked_on

    def _is_across(self, movement: Known) -> bool:
        """Whether one of the two is told of by a giro file and the other by the bank's own files."""
        return (self.kind is Kind.GIRO) != (movement.kinds == {Kind.GIRO})

    def _could_be(self, report: Reported, movement: Known) -> bool:
        """Whether a movement can be this transaction, its day apart."""
        if self.kind in movement.kinds or bool(movement.sums_up) != bool(report.sums_up):
            return False
        # Two camt files give the same payment the same reference; with references that differ it is not.
        both_camt = self.kind is not Kind.GIRO and movement.kinds - {Kind.GIRO}
        return (
            not (both_camt and report.bank_reference and movement.bank_reference)
            or base(report.bank_reference) == base(movement.bank_reference)
        )  # fmt: skip


def base(reference: str) -> str:
    """The bank's reference without what our readers add to tell details and twins apart."""
    return _ADDED.sub("", reference) or reference


def _same_place(movement: Known, report: Reported) -> bool:
    return movement.bank_reference == report.bank_reference


def _agree(one: str, other: str) -> bool:
    return not one or not other or one == other


def _same_said(movement: Known, report: Reported) -> bool:
    """Whether the payer's account or the text is the same; also when there is nothing to compare at all."""
    if movement.counterparty_account and report.counterparty_account:
        return movement.counterparty_account == report.counterparty_account
    one, other = _bare(movement.text), _bare(report.text)
    if one and other:
        return one in other or other in one
    return False


def _bare(text: str) -> str:
    return " ".join(text.casefold().split())


def _first(movements: Iterable[Known]) -> Known | None:
    return next(iter(movements), None)


def sum_lines(lines: Sequence[Known], details: Sequence[Known], sums: Sequence[Known] = ()) -> dict[int, int]:
    """Bare statement lines that certainly are the sum of a day's batch: movement → how many payments.

    `lines` are movements that only a statement told of, with nothing said of who paid; `details` are those
    that other files told of and no statement. A batch explains one line, and a line is of one batch: where
    two lines have the sum, the one that carries the batch's reference is meant, or none. `sums` are the
    lines already known to be sums, whose batches explain no other line.
    """
    batches: dict[tuple[date, str], list[Known]] = defaultdict(list)
    for one in details:
        if one.batch_reference:
            batches[one.booked_on, one.batch_reference].append(one)
    by_sum: dict[tuple[date, Decimal], list[Known]] = defaultdict(list)
    for line in lines:
        by_sum[line.booked_on, line.amount].append(line)
    explained = Counter((line.booked_on, line.amount) for line in sums)
    wanted: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for (day, name), payments in sorted(batches.items()):
        total = sum((one.amount for one in payments), Decimal(0))
        if len(payments) < 2:
            continue
        if explained[day, total]:
            explained[day, total] -= 1
            continue
        same = by_sum.get((day, total), [])
        named = [line for line in same if name in (line.batch_reference, base(line.bank_reference))]
        for line in named or same:
            wanted[line.id].append((name, len(payments)))
            if not named and len(same) > 1:
                wanted[line.id] += [("", 0)]  # not certain which of them it is
    return {line: claims[0][1] for line, claims in wanted.items() if len(claims) == 1}


def parts_of(sums: Sequence[Known], details: Sequence[Known]) -> dict[int, int]:
    """Which statement's sum line each payment is a part of: payment → sum line, where that is certain.

    `sums` are sum lines that a statement reported; `details` are payments that no statement lists by
    themselves and that are part of none yet. A sum line's parts carry its reference; without one, they are
    the only batch of the day that comes to its amount, when it is the day's only line of that amount.
    """
    by_name: dict[str, list[Known]] = defaultdict(list)
    batches: dict[tuple[date, str], list[Known]] = defaultdict(list)
    for one in details:
        if one.batch_reference:
            by_name[one.batch_reference].append(one)
            batches[one.booked_on, one.batch_reference].append(one)
    found: dict[int, int] = {}
    nameless = []
    for line in sums:
        names = {name for name in (line.batch_reference, base(line.bank_reference)) if name}
        named = [
            one
            for name in sorted(names)
            for one in by_name.get(name, ())
            if abs((one.booked_on - line.booked_on).days) <= NEAR_DAYS and one.id not in found
        ]
        found |= {one.id: line.id for one in named}
        if not named:
            nameless.append(line)
    wanted = Counter((line.booked_on, line.amount) for line in nameless)
    for line in nameless:
        fitting = [
            batch
            for (day, _name), batch in sorted(batches.items())
            if day == line.booked_on
            and not any(one.id in found for one in batch)
            and sum((one.amount for one in batch), Decimal(0)) == line.amount
        ]
        if len(fitting) == 1 and wanted[line.booked_on, line.amount] == 1:
            found |= {one.id: line.id for one in fitting[0]}
    return found
