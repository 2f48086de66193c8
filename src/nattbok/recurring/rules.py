"""Which months of what is spread have come, and the entry for each."""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nattbok.base.dates import DAY
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.ledger.rules import AccrualRow, EntryDraft, LineDraft, Part
from nattbok.ledger.rules.spreading import day_of, origin_of

SERIES = "P"  # periodisering
SPREAD = _("A person spread the amount over {months} months, and {month} has come.")


class NotTakenBackMonth(Refused):
    """Only what was taken back is posted again."""

    message = _("That month of what is spread has not been taken back.")


@dataclass(frozen=True, slots=True)
class Due:
    """A month of what is spread that has come."""

    accrual: AccrualRow
    part: Part
    on: datetime.date

    @property
    def origin(self) -> str:
        """What its entry has as its origin."""
        return origin_of(self.accrual.id, self.part.month)


def come(
    accruals: Iterable[AccrualRow], *, today: datetime.date, closed_through: datetime.date | None
) -> list[Due]:
    """The months that have come by `today`, each with the day its entry is dated; posted before or not.

    A month's entry is dated its last day, and never before the entry that spreads. In a closed period it is
    dated the first open day instead, and waits when that day has not come either. A month that has no øre is
    left out.
    """
    first_open = closed_through + DAY if closed_through else None
    found = []
    for accrual in accruals:
        for part in accrual.parts:
            on = day_of(part.month, on=accrual.date)
            if on > today or not part.amount:
                continue
            on = max(on, first_open) if first_open else on
            if on <= today:
                found.append(Due(accrual, part, on))
    return found


def entry_of(due: Due) -> EntryDraft:
    """The entry that moves a month's part from where it waits to where it belongs."""
    accrual, part = due.accrual, due.part
    text = f"{accrual.text} {part.month}"[-300:].strip()
    return EntryDraft(
        due.on,
        SERIES,
        due.origin,
        text,
        (
            LineDraft(accrual.account, part.amount, text=text, dimensions=accrual.dimensions),
            LineDraft(accrual.waits_on, -part.amount, text=text, dimensions=accrual.dimensions),
        ),
    )


def evidence(due: Due) -> dict[str, object]:
    """Why a month was posted, as the act keeps it."""
    accrual = due.accrual
    return {
        "entry": accrual.entry,
        "series": accrual.series,
        "number": accrual.number,
        "month": str(due.part.month),
        "amount": str(due.part.amount),
        "total": str(accrual.amount),
        "months": accrual.months,
        "reason": {"text": SPREAD, "values": {"months": accrual.months, "month": str(due.part.month)}},
        "starts_on": accrual.first.first.isoformat(),
        **(
            {"moved_from": str(due.part.month.last)}
            if due.on > day_of(due.part.month, on=accrual.date)
            else {}
        ),
    }


def unusable(due: Due, in_use: Mapping[str, str] | Collection[str]) -> str:
    """The account of a month that is no longer in use; "" when both are."""
    wanted = (due.accrual.account, due.accrual.waits_on)
    return next((account for account in wanted if account not in in_use), "")
