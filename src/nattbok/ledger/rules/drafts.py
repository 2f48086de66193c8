"""What is about to be posted, and what is in the books when it is.

Amounts are Decimal in the client's currency, two decimals, debit positive and credit negative.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from nattbok.ledger.rules.spreading import Spread


class PartyKind(StrEnum):
    """On which side of a trade the other stands."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"


@dataclass(frozen=True, slots=True)
class Settles:
    """That a line pays `amount` (positive) of the open item `item`."""

    item: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line of an entry not yet posted."""

    account: str  # the account's number
    amount: Decimal
    text: str = ""
    currency: str = ""  # the client's own when blank
    currency_amount: Decimal | None = None
    rate: Decimal | None = None
    vat_code: str = ""
    vat_base: Decimal | None = None
    vat_amount: Decimal | None = None
    party: int | None = None
    due_on: date | None = None
    number: str = ""  # the invoice's or credit note's own number
    reference: str = ""
    dimensions: Mapping[str, str] | None = None
    settles: tuple[Settles, ...] = ()
    on_hold: bool = False
    spread: Spread | None = None  # the amount waits on `account`, and goes on month by month


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry not yet posted. The same `origin` is posted once."""

    date: date
    series: str
    origin: str
    text: str
    lines: tuple[LineDraft, ...]
    file: int | None = None
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry that is in the books."""

    id: int
    series: str
    number: int
    origin: str
    was_there: bool  # it had been posted before, with the same content
    items: tuple[int | None, ...] = ()  # the open item of each line, for the newly posted


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A line that waits for its payment, with the party's name beside it. Signed as the ledger: debit +."""

    id: int
    party: int
    party_kind: PartyKind
    party_number: str
    party_name: str
    account: str
    date: date
    due_on: date | None
    number: str
    reference: str
    currency: str
    currency_amount: Decimal
    amount: Decimal
    left: Decimal
    on_hold: bool = False
    entry: int = 0
    is_invoice: bool = True  # an invoice or a credit note, rather than a payment on account


def _exactly(number: Decimal | None) -> str | None:
    """One text per number, whatever zeros it is written with."""
    if number is None:
        return None
    return str(number.normalize()) if number else "0"


def content(draft: EntryDraft) -> str:
    """A fingerprint (SHA-256, hex) of all that the draft asks for: the same draft has the same one."""
    asked = [
        draft.date.isoformat(),
        draft.series,
        draft.origin,
        draft.text,
        draft.file,
        draft.reverses,
        [
            [
                line.account,
                _exactly(line.amount),
                line.text,
                line.currency,
                _exactly(line.currency_amount),
                _exactly(line.rate),
                line.vat_code,
                _exactly(line.vat_base),
                _exactly(line.vat_amount),
                line.party,
                None if line.due_on is None else line.due_on.isoformat(),
                line.number,
                line.reference,
                dict(line.dimensions) if line.dimensions else None,
                [[settled.item, _exactly(settled.amount)] for settled in line.settles],
                # Only where there is one: what was posted before there were any has the print it had.
                *([[line.spread.account, line.spread.months, str(line.spread.first)]] if line.spread else []),
            ]
            for line in draft.lines
        ],
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def reversal(draft: EntryDraft, entry: int, *, on: date, text: str) -> EntryDraft:
    """The entry that undoes `entry`, posted as `draft`: the same lines with the other sign."""
    return EntryDraft(
        date=on,
        series=draft.series,
        origin=f"reversal:{entry}",
        text=text,
        lines=tuple(
            LineDraft(
                account=line.account,
                amount=-line.amount,
                text=line.text,
                currency=line.currency,
                currency_amount=None if line.currency_amount is None else -line.currency_amount,
                rate=line.rate,
                vat_code=line.vat_code,
                vat_base=None if line.vat_base is None else -line.vat_base,
                vat_amount=None if line.vat_amount is None else -line.vat_amount,
                party=line.party,
                due_on=line.due_on,
                number=line.number,
                reference=line.reference,
                dimensions=line.dimensions,
            )
            for line in draft.lines
        ),
        reverses=entry,
    )
