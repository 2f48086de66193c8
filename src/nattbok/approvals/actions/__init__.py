"""Asking for a yes, giving it, and proving to be who one is."""

from nattbok.approvals.actions.asking import ask_for, demand, forbid, let, say_yes, withdraw
from nattbok.approvals.actions.factors import begin_totp, confirm_totp, enrol_id, prove, prove_by_id

__all__ = [
    "ask_for",
    "begin_totp",
    "confirm_totp",
    "demand",
    "enrol_id",
    "forbid",
    "let",
    "prove",
    "prove_by_id",
    "say_yes",
    "withdraw",
]
