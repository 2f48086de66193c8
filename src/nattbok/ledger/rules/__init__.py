"""What may be posted, how it is written, and how it is proven afterwards.

Amounts are Decimal in the client's currency, two decimals, debit positive and credit negative.
"""

from nattbok.ledger.rules.chain import Link, LinkedLine
from nattbok.ledger.rules.checks import (
    HIGHEST_RATE,
    LARGEST,
    LENGTHS,
    check,
    check_amount,
    rate,
)
from nattbok.ledger.rules.drafts import (
    EntryDraft,
    LineDraft,
    OpenItem,
    PartyKind,
    Posted,
    Settles,
    content,
    reversal,
)
from nattbok.ledger.rules.refusals import (
    AlreadyReversed,
    BadAmount,
    BadCurrency,
    BadText,
    IsAReversal,
    NoSuchAccount,
    NoSuchEntry,
    NoSuchParty,
    NotOnePartys,
    OriginConflict,
    OutsideYears,
    PartyMissing,
    PeriodClosed,
    SettledBeyond,
    TooFewLines,
    Unbalanced,
)
from nattbok.ledger.rules.spreading import AccrualRow, Part, Spread, WaitsOn, spread
from nattbok.ledger.rules.vat import UnknownVatCode, with_vat

__all__ = [
    "HIGHEST_RATE",
    "LARGEST",
    "LENGTHS",
    "AccrualRow",
    "AlreadyReversed",
    "BadAmount",
    "BadCurrency",
    "BadText",
    "EntryDraft",
    "IsAReversal",
    "LineDraft",
    "Link",
    "LinkedLine",
    "NoSuchAccount",
    "NoSuchEntry",
    "NoSuchParty",
    "NotOnePartys",
    "OpenItem",
    "OriginConflict",
    "OutsideYears",
    "Part",
    "PartyKind",
    "PartyMissing",
    "PeriodClosed",
    "Posted",
    "SettledBeyond",
    "Settles",
    "Spread",
    "TooFewLines",
    "Unbalanced",
    "UnknownVatCode",
    "WaitsOn",
    "check",
    "check_amount",
    "content",
    "rate",
    "reversal",
    "spread",
    "with_vat",
]
