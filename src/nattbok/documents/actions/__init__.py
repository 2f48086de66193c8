"""What is done with documents: receiving, coding and posting, and a person's answers."""

from nattbok.documents.actions.answering import (
    answer,
    choose_supplier,
    confirm_account,
    decline,
    post_as,
    register_supplier,
    set_supplier,
    take_up,
)
from nattbok.documents.actions.posting import Done, code
from nattbok.documents.actions.receiving import Received, receive
from nattbok.documents.actions.undoing import hold, let_go, post_again

__all__ = [
    "Done",
    "Received",
    "answer",
    "choose_supplier",
    "code",
    "confirm_account",
    "decline",
    "hold",
    "let_go",
    "post_again",
    "post_as",
    "receive",
    "register_supplier",
    "set_supplier",
    "take_up",
]
