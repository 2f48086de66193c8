"""What is asked about the approval of documents."""

from nattbok.documents.queries.approval.reading import people, version
from nattbok.documents.queries.approval.showing import (
    NONE,
    WAITING,
    Budget,
    Said,
    State,
    StepState,
    Waiting,
    budgets,
    history,
    state,
    states,
    waiting,
    waiting_for,
    with_client,
)

__all__ = [
    "NONE",
    "WAITING",
    "Budget",
    "Said",
    "State",
    "StepState",
    "Waiting",
    "budgets",
    "history",
    "people",
    "state",
    "states",
    "version",
    "waiting",
    "waiting_for",
    "with_client",
]
