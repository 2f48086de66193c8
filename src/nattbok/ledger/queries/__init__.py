"""What the books answer: lists and dataclasses, read whole."""

from nattbok.ledger.queries.accruals import accruals, months_of
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
from nattbok.ledger.queries.items import ItemPage, Party, item_page, open_items, parties, party_accounts
from nattbok.ledger.queries.templates import (
    TemplateRow,
    law_of,
    office_templates,
    templates,
    waits_on,
    written_templates,
)
from nattbok.ledger.queries.trial_balance import AccountBalance, LedgerLine, account_lines, trial_balance

__all__ = [
    "AccountBalance",
    "EntryDetail",
    "EntryRow",
    "ItemPage",
    "LedgerLine",
    "LineDetail",
    "Party",
    "TemplateRow",
    "account_lines",
    "accruals",
    "acts_of_entries",
    "entries",
    "entry",
    "item_page",
    "last_posted",
    "law_of",
    "months_of",
    "office_templates",
    "open_items",
    "parties",
    "party_accounts",
    "templates",
    "trial_balance",
    "unreversed",
    "waits_on",
    "written_templates",
]
