"""One identity per movement, whichever files report it: the same money comes in up to three of them.

OCR giro or BgMax, camt.054 and camt.053 each report a payment at most once. The bank's own reference tells
when two camt files speak of the same payment. Giro files do not carry it; there the day, the amount and
the checked reference tell. Where only the day differs nothing is certain, and a person is asked.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nattbok.formats.bank.shape import Kind

NEAR_DAYS = 5  # how far apart two reports of the same payment might be dated


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


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a reported transaction belongs."""

    report_key: str
    movement: int | None  # the movement that it is of; None for a new one
    new_key: str = ""  # the new movement's key
    is_repeat: bool = False  # this kind of file had reported it already
    waits_for: str = ""  # why the new movement may not be posted yet
    adds_reference: bool = False  # the movement gets the bank's reference, which its giro file did not have


def report_keys(reports: Sequence[Reported]) -> list[str]:
    """What each transaction of one statement is called, the same whenever it is reported again.

    With the bank's reference: that, the day, the amount and the payer's reference. Without: all that is
    known of it, and which one of several alike it is, since two equal payments on a day are two payments.
    """
    seen: dict[str, int] = defaultdict(int)
    keys = []
    for report in reports:
        if report.bank_reference:
            keys.append(
                f"ref:{report.booked_on}:{report.amount}:{report.reference}:{report.bank_reference}"[:200]
            )
            continue
        about = "|".join((report.reference, report.counterparty_account, report.text))
        digest = hashlib.sha256(about.encode()).hexdigest()[:24]
        key = f"like:{report.booked_on}:{report.amount}:{digest}"
        seen[key] += 1
        keys.append(f"{key}:{seen[key]}")
    return keys


def place(
    reports: Sequence[Reported],
    kind: Kind,
    *,
    known: Sequence[Known],
    known_reports: dict[str, int],
) -> list[Placed]:
    """For each transaction of one statement, the movement it is of.

    `known` are the account's movements near the statement's days; `known_reports` maps the report keys of
    this kind of file that are kept to their movements. The movements found are marked as reported by
    `kind`, so that two equal transactions never share one.
    """
    by_bank_reference: dict[tuple[str, Decimal], list[Known]] = defaultdict(list)
    by_content: dict[tuple[Decimal, str], list[Known]] = defaultdict(list)
    for movement in known:
        if movement.bank_reference:
            by_bank_reference[movement.bank_reference, movement.amount].append(movement)
        by_content[movement.amount, movement.reference].append(movement)
    placed = []
    here: set[str] = set()
    for report, key in zip(reports, report_keys(reports), strict=True):
        if key in known_reports or key in here:
            placed.append(Placed(key, known_reports.get(key), is_repeat=True))
            continue
        here.add(key)
        movement = _same_reference(report, by_bank_reference) or _same_content(report, kind, by_content)
        if movement is not None:
            adds = kind is not Kind.GIRO and not movement.bank_reference and kind not in movement.kinds
            placed.append(Placed(key, movement.id, is_repeat=kind in movement.kinds, adds_reference=adds))
            movement.kinds.add(kind)
            if adds and report.bank_reference:
                movement.bank_reference = report.bank_reference
                by_bank_reference[report.bank_reference, report.amount].append(movement)
            continue
        waits_for = "maybe_twice" if _on_another_day(report, kind, by_content) else ""
        placed.append(Placed(key, None, new_key=f"{kind.value}:{key}"[:200], waits_for=waits_for))
    return placed


def _same_reference(
    report: Reported, by_bank_reference: dict[tuple[str, Decimal], list[Known]]
) -> Known | None:
    """The movement with the bank's reference and amount, near in time: references come again in a year."""
    if not report.bank_reference:
        return None
    for movement in by_bank_reference.get((report.bank_reference, report.amount), ()):
        if abs((movement.booked_on - report.booked_on).days) <= NEAR_DAYS:
            return movement
    return None


def _could_be(report: Reported, kind: Kind, movement: Known) -> bool:
    """Whether a movement can be this transaction, its day apart."""
    if kind in movement.kinds or bool(movement.sums_up) != bool(report.sums_up):
        return False
    # Two camt files give the same payment the same reference; when both have one and they differ, it is not.
    both_camt = kind is not Kind.GIRO and movement.kinds - {Kind.GIRO}
    return not (both_camt and report.bank_reference and movement.bank_reference)


def _same_content(
    report: Reported, kind: Kind, by_content: dict[tuple[Decimal, str], list[Known]]
) -> Known | None:
    for movement in by_content.get((report.amount, report.reference), ()):
        if movement.booked_on == report.booked_on and _could_be(report, kind, movement):
            return movement
    return None


def _on_another_day(report: Reported, kind: Kind, by_content: dict[tuple[Decimal, str], list[Known]]) -> bool:
    return bool(report.reference) and any(
        0 < abs((movement.booked_on - report.booked_on).days) <= NEAR_DAYS
        and _could_be(report, kind, movement)
        for movement in by_content.get((report.amount, report.reference), ())
    )
