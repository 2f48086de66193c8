"""Payments out: what is due, what waits, what was handed to the bank and how far it has come."""

from nattbok.bank.queries.payments.deciding import busy, checks, frozen, funds, payees, settled
from nattbok.bank.queries.payments.matching import sent_payments
from nattbok.bank.queries.payments.rights import may_prepare, visible_kinds
from nattbok.bank.queries.payments.showing import (
    BatchRow,
    PaymentRow,
    batch,
    batches,
    payments,
    sent_back,
    story,
)

__all__ = [
    "BatchRow",
    "PaymentRow",
    "batch",
    "batches",
    "busy",
    "checks",
    "frozen",
    "funds",
    "may_prepare",
    "payees",
    "payments",
    "sent_back",
    "sent_payments",
    "settled",
    "story",
    "visible_kinds",
]
