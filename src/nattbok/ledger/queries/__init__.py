"""What the books answer: lists and dataclasses, read whole."""

from nattbok.ledger.queries.entries import (
    EntryDetail,
    EntryRow,
    LineDetail,
    acts_of_entries,
    entries,
    entry,
    last_posted,
    unreversed,
)
from nattbok.ledger.queries.items import Party, open_items, parties, party_accounts
from nattbok.ledger.queries.trial_balance import AccountBalance, LedgerLine, account_lines, trial_balance

__all__ = [
    "AccountBalance",
    "EntryDetail",
    "EntryRow",
    "LedgerLine",
    "LineDetail",
    "Party",
    "account_lines",
    "acts_of_entries",
    "entries",
    "entry",
    "last_posted",
    "open_items",
    "parties",
    "party_accounts",
    "trial_balance",
    "unreversed",
]
