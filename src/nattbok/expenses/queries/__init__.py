"""What is asked of expense claims: lists and dataclasses, read whole."""

from nattbok.expenses.queries.claims import (
    ClaimDetail,
    ClaimRow,
    ReceiptRow,
    claim,
    claims,
    counts,
    file_of,
    is_open,
    kept_claim,
    last_account,
    latest_rates,
    open_claim,
    rates,
    sent_before,
)

__all__ = [
    "ClaimDetail",
    "ClaimRow",
    "ReceiptRow",
    "claim",
    "claims",
    "counts",
    "file_of",
    "is_open",
    "kept_claim",
    "last_account",
    "latest_rates",
    "open_claim",
    "rates",
    "sent_before",
]
