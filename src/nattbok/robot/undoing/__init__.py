"""Taking back as a unit: one line, a selection, a rule's version, a client's night or a whole night.

Stands above the departments, since what is taken back was done by several of them, and below the pages.
"""

from nattbok.robot.undoing.actions import begin, go_through, go_through_client, undo
from nattbok.robot.undoing.correcting import Corrected, correct
from nattbok.robot.undoing.queries import plan
from nattbok.robot.undoing.rules import Plan, Undone, What

__all__ = [
    "Corrected",
    "Plan",
    "Undone",
    "What",
    "begin",
    "correct",
    "go_through",
    "go_through_client",
    "plan",
    "undo",
]
