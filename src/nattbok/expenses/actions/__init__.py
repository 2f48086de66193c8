"""What is done with expense claims."""

from nattbok.expenses.actions.approving import approve, give_back, post, take_back
from nattbok.expenses.actions.gathering import (
    Added,
    add_receipt,
    begin,
    change,
    change_receipt,
    hand_in,
    keep_reading,
    remove_receipt,
    set_rate,
    withdraw,
)
from nattbok.expenses.actions.reading import read_receipt

__all__ = [
    "Added",
    "add_receipt",
    "approve",
    "begin",
    "change",
    "change_receipt",
    "give_back",
    "hand_in",
    "keep_reading",
    "post",
    "read_receipt",
    "remove_receipt",
    "set_rate",
    "take_back",
    "withdraw",
]
