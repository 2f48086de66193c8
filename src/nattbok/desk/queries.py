"""What waits."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.desk.models import Question
from nattbok.desk.rules import HEADINGS, Candidate


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open question, ready to be shown in the reader's language."""

    id: int
    client_id: int
    client_name: str
    kind: str
    heading: str
    subject: str
    about: str  # what a person knows it by; not a sentence, and the same in every language
    reason: Words
    candidates: tuple[tuple[Words, Words | None, dict], ...]  # label, why, answer
    amount: Decimal | None
    currency: str
    asked_at: datetime.datetime


def last_candidates(client: Client, subjects: Collection[str]) -> dict[str, list[Candidate]]:
    """Subject → the likely answers of the last question on it that is closed, where it had any."""
    rows = (
        Question.objects.filter(client=client, subject__in=list(subjects), closed_at__isnull=False)
        .exclude(candidates=[])
        .order_by("pk")
        .values_list("subject", "candidates")
    )
    return {subject: [_candidate(each) for each in candidates] for subject, candidates in rows}


def _candidate(kept: dict) -> Candidate:
    why = kept["why"]
    return Candidate(
        Words(kept["label"]["text"], kept["label"]["values"]),
        kept["answer"],
        Words(why["text"], why["values"]) if why else None,
    )


def waiting(clients: Sequence[Client], *, kind: str = "", limit: int | None = None) -> list[Waiting]:
    """The open questions of these clients, grouped by kind, the oldest first."""
    names = {client.pk: client.name for client in clients}
    found = Question.objects.filter(client__in=list(names), closed_at__isnull=True)
    if kind:
        found = found.filter(kind=kind)
    return [
        Waiting(
            question.pk,
            question.client_id,
            names[question.client_id],
            question.kind,
            HEADINGS.get(question.kind, question.kind),
            question.subject,
            question.about,
            Words(question.reason, question.values),
            tuple(
                (
                    Words(candidate["label"]["text"], candidate["label"]["values"]),
                    Words(candidate["why"]["text"], candidate["why"]["values"]) if candidate["why"] else None,
                    candidate["answer"],
                )
                for candidate in question.candidates
            ),
            question.amount,
            question.currency,
            question.asked_at,
        )
        for question in found.order_by("kind", "asked_at", "pk")[:limit]
    ]
