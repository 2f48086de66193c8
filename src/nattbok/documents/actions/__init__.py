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
from nattbok.documents.actions.mails import Opened, open_mails
from nattbok.documents.actions.posting import Done, code
from nattbok.documents.actions.quarantine import accept, respond
from nattbok.documents.actions.receiving import Received, receive
from nattbok.documents.actions.undoing import hold, let_go, post_again
from nattbok.documents.actions.uploading import Added, upload

__all__ = [
    "Added",
    "Done",
    "Opened",
    "Received",
    "accept",
    "answer",
    "choose_supplier",
    "code",
    "confirm_account",
    "decline",
    "hold",
    "let_go",
    "open_mails",
    "post_again",
    "post_as",
    "receive",
    "register_supplier",
    "respond",
    "set_supplier",
    "take_up",
    "upload",
]
