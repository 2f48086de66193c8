"""What moved on the accounts, and what waits to be posted."""

from nattbok.bank.queries.answered import candidates, kind_of_party, last_deed, standing_of
from nattbok.bank.queries.movements import MovementRow, movements
from nattbok.bank.queries.payments import sent_payments
from nattbok.bank.queries.placing import MaybeTwice, account_for, known_near, maybe_twice, without_payer
from nattbok.bank.queries.proof import faults, gaps
from nattbok.bank.queries.waiting import asked, payers, unsettled

__all__ = [
    "MaybeTwice",
    "MovementRow",
    "account_for",
    "asked",
    "candidates",
    "faults",
    "gaps",
    "kind_of_party",
    "known_near",
    "last_deed",
    "maybe_twice",
    "movements",
    "payers",
    "sent_payments",
    "standing_of",
    "unsettled",
    "without_payer",
]
