"""What is done about the approval of documents: sending, deciding, talking, chasing, and setting it up."""

from nattbok.documents.actions.approval.booking import entry_corrected
from nattbok.documents.actions.approval.chasing import Chased, chase
from nattbok.documents.actions.approval.deciding import (
    approve,
    approve_many,
    decline,
    retract,
    take_back_yes,
)
from nattbok.documents.actions.approval.looking import look_again
from nattbok.documents.actions.approval.sending import send
from nattbok.documents.actions.approval.setting import set_absence, set_flow, set_responsible
from nattbok.documents.actions.approval.talking import answer, ask, code_as, comment, forward

__all__ = [
    "Chased",
    "answer",
    "approve",
    "approve_many",
    "ask",
    "chase",
    "code_as",
    "comment",
    "decline",
    "entry_corrected",
    "forward",
    "look_again",
    "retract",
    "send",
    "set_absence",
    "set_flow",
    "set_responsible",
    "take_back_yes",
]
