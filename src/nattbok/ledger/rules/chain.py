"""How it is proven afterwards what was posted: each entry's link follows from the one before.

Amounts are Decimal in the client's currency, two decimals, debit positive and credit negative.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """A line as it stands in the tables, for the hash chain."""

    account: str
    amount: Decimal
    currency: str
    currency_amount: Decimal
    rate: Decimal
    text: str
    vat_code: str
    vat_base: Decimal | None
    vat_amount: Decimal | None
    party: int | None
    due_on: date | None
    reference: str
    dimensions: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Link:
    """What an entry's link in the hash chain is made of: the entry as it stands in the tables.

    `act_print` is the fingerprint of the act, so that why an entry was posted is in the chain as well.
    """

    position: int
    series: str
    number: int
    date: date
    text: str
    origin: str
    round: int
    reverses: int | None
    file: int | None
    content: str
    act: int
    act_print: str
    posted_at: datetime
    lines: Sequence[LinkedLine]

    def after(self, before: str) -> str:
        """The link (SHA-256, hex) that follows the link `before`; the first follows ""."""
        parts = [
            before,
            self.position,
            self.series,
            self.number,
            self.date.isoformat(),
            self.text,
            self.origin,
            self.round,
            self.reverses,
            self.file,
            self.content,
            self.act,
            self.act_print,
            self.posted_at.astimezone(UTC).isoformat(),
            [
                [
                    line.account,
                    _ore(line.amount),
                    line.currency,
                    _ore(line.currency_amount),
                    f"{line.rate:.8f}",
                    line.text,
                    line.vat_code,
                    None if line.vat_base is None else _ore(line.vat_base),
                    None if line.vat_amount is None else _ore(line.vat_amount),
                    line.party,
                    None if line.due_on is None else line.due_on.isoformat(),
                    line.reference,
                    sorted(line.dimensions.items()) if line.dimensions else None,
                ]
                for line in self.lines
            ],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _ore(amount: Decimal) -> str:
    """As the database keeps it: two decimals, and a zero without a sign."""
    return f"{amount:.2f}" if amount else "0.00"
