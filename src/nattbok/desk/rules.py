"""Questions: what the robot could not decide, with its reason and likely answers."""

from dataclasses import dataclass, field
from decimal import Decimal

from nattbok.base.words import Words


@dataclass(frozen=True, slots=True)
class Candidate:
    """A likely answer: what would be done, and why it is likely."""

    label: Words
    answer: dict  # what the asking department does with it
    why: Words | None = None


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question about to be asked. One question of a kind is open on a subject at a time."""

    kind: str
    subject: str
    reason: Words
    candidates: tuple[Candidate, ...] = ()
    amount: Decimal | None = None
    currency: str = ""
    evidence: dict = field(default_factory=dict)
    about: str = ""  # what a person knows it by: a day and a payer, a seller and a number


# Kind of question → its heading, English; questions are grouped by it.
HEADINGS: dict[str, str] = {}


def means(kind: str, heading: str) -> str:
    """Say, once per kind of question, the heading it is grouped under; returns the kind."""
    HEADINGS[kind] = heading
    return kind
