"""Payments out: proposed, put right, frozen, approved, handed to the bank, and followed to their end."""

from nattbok.bank.actions.payments.approving import approve, hand_over
from nattbok.bank.actions.payments.batching import fetch_file, freeze, withdraw
from nattbok.bank.actions.payments.changing import (
    cancel,
    change,
    confirm_accounts,
    hold,
    postpone,
    redraft,
    release,
)
from nattbok.bank.actions.payments.drafting import NoBankAccount, Order, add_payments, propose
from nattbok.bank.actions.payments.executing import executed, follow, returned
from nattbok.bank.actions.payments.receipts import leave_rejected, read_receipt, unread_receipts

__all__ = [
    "NoBankAccount",
    "Order",
    "add_payments",
    "approve",
    "cancel",
    "change",
    "confirm_accounts",
    "executed",
    "fetch_file",
    "follow",
    "freeze",
    "hand_over",
    "hold",
    "leave_rejected",
    "postpone",
    "propose",
    "read_receipt",
    "redraft",
    "release",
    "returned",
    "unread_receipts",
    "withdraw",
]
