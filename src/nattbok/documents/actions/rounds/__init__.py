"""Rounds of approval: begun, told of by mail, ended; and what they hold back of posting."""

from nattbok.documents.actions.rounds.beginning import Place, Start, ask, begin, enter_step, person_of
from nattbok.documents.actions.rounds.ending import end
from nattbok.documents.actions.rounds.gate import Gated, by_hand, gate, keep_passed

__all__ = [
    "Gated",
    "Place",
    "Start",
    "ask",
    "begin",
    "by_hand",
    "end",
    "enter_step",
    "gate",
    "keep_passed",
    "person_of",
]
