"""Posting, settling, reversing and closing: the only ways to write in the books."""

from nattbok.ledger.actions.books import (
    add_parties,
    close_through,
    confirm_account,
    hold,
    open_books,
    release,
)
from nattbok.ledger.actions.opening import OpeningItem, opening_balance
from nattbok.ledger.actions.posting import post
from nattbok.ledger.actions.settling import part, settle
from nattbok.ledger.actions.taking_back import correct, post_again, reverse
from nattbok.ledger.actions.templates import (
    retire_office_template,
    retire_template,
    set_waiting_accounts,
    write_office_template,
    write_template,
)

__all__ = [
    "OpeningItem",
    "add_parties",
    "close_through",
    "confirm_account",
    "correct",
    "hold",
    "open_books",
    "opening_balance",
    "part",
    "post",
    "post_again",
    "release",
    "retire_office_template",
    "retire_template",
    "reverse",
    "set_waiting_accounts",
    "settle",
    "write_office_template",
    "write_template",
]
