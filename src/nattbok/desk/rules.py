"""Questions: what the robot could not decide, with its reason and likely answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _


class NoSuchCandidate(Refused):
    """One of the likely answers is chosen, by its number."""

    message = _("The question has no answer number {number}.")


class AnsweredBefore(Refused):
    """Somebody, or the robot, was quicker."""

    message = _("The question is answered already.")


class NotAnsweredHere(Refused):
    """No department has said how such a question is answered."""

    message = _("This question cannot be answered from here yet.")


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


# Kind of question, or the department it begins with → what carries out an answer to it. A function of
# (client, subject, answer), with `by`, `today` and `why` by name.
ANSWERING: dict[str, Callable] = {}


def answered_by(kinds: str, carry_out: Callable) -> None:
    """Say, once, what carries out the answers to a kind of question, or to all of a department's."""
    ANSWERING[kinds] = carry_out


def carrier(kind: str) -> Callable | None:
    """What carries out answers to this kind of question: its own, else its department's."""
    return ANSWERING.get(kind) or ANSWERING.get(kind.partition(".")[0])
