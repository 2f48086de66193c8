"""What the bank department decides: which movement a report is of, what it certainly pays, what is posted."""

from nattbok.bank.rules.identity import Known, Placed, Reported, place
from nattbok.bank.rules.ladder import match
from nattbok.bank.rules.posting import payment
from nattbok.bank.rules.shape import (
    Agreement,
    Allocation,
    Found,
    Match,
    OtherLine,
    Payment,
    Payout,
    PayoutAccounts,
    SentPayment,
    Step,
    Suggestion,
    Terms,
    Unclear,
)

__all__ = [
    "Agreement",
    "Allocation",
    "Found",
    "Known",
    "Match",
    "OtherLine",
    "Payment",
    "Payout",
    "PayoutAccounts",
    "Placed",
    "Reported",
    "SentPayment",
    "Step",
    "Suggestion",
    "Terms",
    "Unclear",
    "match",
    "payment",
    "place",
]
