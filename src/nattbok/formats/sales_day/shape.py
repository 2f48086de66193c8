"""What every settlement report is read into.

Amounts are Decimal in the settlement's currency. `gross` is what was sold, `refunds`, `fee` and `fee_apart`
are positive when they cost, `other` and `net` are signed: positive to the client.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from nattbok.base.money import ZERO
from nattbok.formats.finding import Finding, Severity


class RowKind(StrEnum):
    """What a row of a report is about."""

    SALE = "sale"
    REFUND = "refund"
    FEE = "fee"
    OTHER = "other"  # reserves, corrections, disputes, and what the source may yet invent


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report: `amount` less `fee` is what it adds to the payout."""

    kind: RowKind
    amount: Decimal  # signed: a refund is negative
    fee: Decimal = ZERO  # positive when it costs
    fee_vat: Decimal = ZERO  # of it, where the report says so
    fee_apart: Decimal = ZERO  # charged later, not deducted here
    on: date | None = None
    reference: str = ""  # the source's id of it
    order: str = ""  # the client's own
    text: str = ""  # the source's word for what it is, a card brand, a description
    count: int = 1  # payments that the row is the sum of
    where: str = ""  # the place in the file

    @property
    def net(self) -> Decimal:
        """What it adds to the payout."""
        return self.amount - self.fee


@dataclass(frozen=True, slots=True)
class Settlement:
    """One payout to the client's bank account, and what it is made of."""

    source: str  # "vipps", "stripe", "klarna", "zettle", "acquirer"
    payout_id: str  # the source's id of the payout; "" when it has none
    payment_reference: str  # what stands on the bank line, where the report says it
    on: date | None  # the day of the payout
    currency: str  # "" when the report does not say it
    gross: Decimal
    fee: Decimal  # deducted from this payout
    refunds: Decimal
    other: Decimal
    net: Decimal  # as the report states it, else as its rows sum
    rows: tuple[Row, ...] = ()
    fee_vat: Decimal = ZERO
    fee_apart: Decimal = ZERO  # charged later, not deducted here (gross settlement)
    account: str = ""  # paid to, where the report says it
    merchant: str = ""  # sales unit or shop
    is_net_stated: bool = False  # the report states the net itself, so that a missing row would be seen

    @property
    def adds_up(self) -> bool:
        """Whether the net is what the parts come to, and the parts what the rows sum to, to the øre."""
        return self.net == self.gross - self.refunds - self.fee + self.other and (
            (self.gross, self.refunds, self.fee, self.other) == parts(self.rows)
        )


@dataclass(frozen=True, slots=True)
class SettlementReport:
    """All that was read from one file. With an error among the findings nothing of it may be posted."""

    message: str  # "settlement_vipps", with a version where there are several
    settlements: tuple[Settlement, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether the report proves wrong."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def parts(rows: tuple[Row, ...]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Gross, refunds, fee and other of `rows`."""
    sums = dict.fromkeys(RowKind, ZERO)
    fee = ZERO
    for row in rows:
        sums[row.kind] += row.amount
        fee += row.fee
    return (
        sums[RowKind.SALE],
        ZERO - sums[RowKind.REFUND],
        fee - sums[RowKind.FEE],
        sums[RowKind.OTHER],
    )
