"""What is done with documents: receiving, coding and posting, and a person's answers."""

from nattbok.documents.actions.answering import (
    answer,
    choose_supplier,
    confirm_account,
    decline,
    post_as,
    register_supplier,
    take_up,
)
from nattbok.documents.actions.coding_by_hand import code_as
from nattbok.documents.actions.controlling import control
from nattbok.documents.actions.conversion import ask_for_e_invoices, look_up_suppliers
from nattbok.documents.actions.copying import copy
from nattbok.documents.actions.correcting import correct, forget, split, teach
from nattbok.documents.actions.mails import Opened, open_mails
from nattbok.documents.actions.payees import confirm_payee, payment_holds
from nattbok.documents.actions.posting import Done, code
from nattbok.documents.actions.quarantine import accept
from nattbok.documents.actions.reading import Seen, read
from nattbok.documents.actions.receiving import Received, receive
from nattbok.documents.actions.rereading import read_again
from nattbok.documents.actions.responding import answer_sellers, respond, set_answers
from nattbok.documents.actions.returning import come_back, send_back
from nattbok.documents.actions.suppliers import like_last_time, set_practice, set_supplier
from nattbok.documents.actions.undoing import hold, let_go, post_again
from nattbok.documents.actions.uploading import Added, upload

__all__ = [
    "Added",
    "Done",
    "Opened",
    "Received",
    "Seen",
    "accept",
    "answer",
    "answer_sellers",
    "ask_for_e_invoices",
    "choose_supplier",
    "code",
    "code_as",
    "come_back",
    "confirm_account",
    "confirm_payee",
    "control",
    "copy",
    "correct",
    "decline",
    "forget",
    "hold",
    "let_go",
    "like_last_time",
    "look_up_suppliers",
    "open_mails",
    "payment_holds",
    "post_again",
    "post_as",
    "read",
    "read_again",
    "receive",
    "register_supplier",
    "respond",
    "send_back",
    "set_answers",
    "set_practice",
    "set_supplier",
    "split",
    "take_up",
    "teach",
    "upload",
]
