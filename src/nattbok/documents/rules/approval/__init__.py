"""Who must say yes to a document before it is posted or paid, and whether they have."""

from nattbok.documents.rules.approval import corrected
from nattbok.documents.rules.approval.content import content, is_bound_to
from nattbok.documents.rules.approval.flow import BadFlow, Before, Conditions, Flow, Step, Who
from nattbok.documents.rules.approval.plan import (
    Facts,
    Nobody,
    Passes,
    People,
    Plan,
    Planned,
    besides,
    chosen,
    plan,
)
from nattbok.documents.rules.approval.progress import InStep, Progress, progress

__all__ = [
    "BadFlow",
    "Before",
    "Conditions",
    "Facts",
    "Flow",
    "InStep",
    "Nobody",
    "Passes",
    "People",
    "Plan",
    "Planned",
    "Progress",
    "Step",
    "Who",
    "besides",
    "chosen",
    "content",
    "corrected",
    "is_bound_to",
    "plan",
    "progress",
]
