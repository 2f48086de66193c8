"""A coded line: one cost line of a bill, with its reason, and as it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.base.dates import Month
from nattbok.base.money import ZERO, rounded
from nattbok.base.words import Words, _
from nattbok.countries.country import VatCode

CHOSEN = _("chosen by a person")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class CodedLine:
    """One cost line of a bill: `net` and `vat` are the document's, signed as owed."""

    account: str
    vat_code: str
    net: Decimal
    vat: Decimal
    reason: Words
    rate: Decimal | None = None
    source: str = ""  # where in the file the amounts stand
    text: str = ""
    dimensions: Mapping[str, str] | None = None
    entries: tuple[int, ...] = ()  # the history it follows
    places: tuple[int, ...] = ()  # the bill's lines that are in it, from 0
    months: int = 0  # spread over so many
    first: Month | None = None  # from this one
    evidence: Mapping | None = None  # what the reason rests on, as data


def reverse_vat(line: CodedLine, code: VatCode, on: date) -> Decimal:
    """The VAT that the buyer owes on a line, in whole øre: it is on no document."""
    return rounded(line.net * code.rate(on) / _HUNDRED)


def gross(lines: Sequence[CodedLine]) -> Decimal:
    """What the lines ask for in all, with the VAT the document states."""
    return sum((line.net + line.vat for line in lines), ZERO)


def written(line: CodedLine) -> dict:
    """A coded line as JSON can hold it."""
    return {
        "account": line.account,
        "vat_code": line.vat_code,
        "net": str(line.net),
        "vat": str(line.vat),
        "rate": None if line.rate is None else str(line.rate),
        "reason": {"text": line.reason.text, "values": line.reason.values},
        "source": line.source,
        "text": line.text,
        "dimensions": dict(line.dimensions) if line.dimensions else None,
        "entries": list(line.entries),
        "places": list(line.places),
        "months": line.months,
        "first": str(line.first) if line.first else None,
        "evidence": dict(line.evidence) if line.evidence else None,
    }


def read(kept: Mapping) -> CodedLine:
    """A coded line as it was kept."""
    reason = kept.get("reason") or {"text": CHOSEN, "values": {}}
    rate, first = kept.get("rate"), kept.get("first")
    return CodedLine(
        account=str(kept["account"]),
        vat_code=str(kept.get("vat_code") or ""),
        net=Decimal(kept["net"]),
        vat=Decimal(kept.get("vat") or "0.00"),
        reason=Words(reason["text"], reason["values"]),
        rate=Decimal(rate) if rate else None,
        source=kept.get("source") or "",
        text=kept.get("text") or "",
        dimensions=kept.get("dimensions"),
        entries=tuple(kept.get("entries") or ()),
        places=tuple(int(place) for place in kept.get("places") or ()),
        months=int(kept.get("months") or 0),
        first=Month(*(int(each) for each in first.split("-"))) if first else None,
        evidence=kept.get("evidence"),
    )
