"""What is kept of a client's books, one file per noun. guards.sql holds what constraints alone cannot say."""

from nattbok.ledger.models.accruals import Accrual
from nattbok.ledger.models.books import Account, Books, FiscalYear, Series, Total, of_client
from nattbok.ledger.models.entries import Entry, Line
from nattbok.ledger.models.items import OpenItem, Settlement
from nattbok.ledger.models.parties import Party, PartyAccount
from nattbok.ledger.models.templates import ClientTemplate, OfficeTemplate

__all__ = [
    "Account",
    "Accrual",
    "Books",
    "ClientTemplate",
    "Entry",
    "FiscalYear",
    "Line",
    "OfficeTemplate",
    "OpenItem",
    "Party",
    "PartyAccount",
    "Series",
    "Settlement",
    "Total",
    "of_client",
]
