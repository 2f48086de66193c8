"""What waits."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.desk.models import Question
from nattbok.desk.rules import HEADINGS, Candidate, carrier


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
    can_be_answered: bool = False  # by choosing a likely answer


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


@dataclass(frozen=True, slots=True)
class Group:
    """The open questions of one kind over some clients: how many, and the oldest of them."""

    kind: str
    heading: str
    count: int
    questions: tuple[Waiting, ...]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.questions)


def groups(clients: Sequence[Client], *, shown: int, kind: str = "", after: int = 0) -> list[Group]:
    """The open questions by kind, the largest group first, with the `shown` oldest of each after `after`.

    They are counted in the database; only those that are shown are read.
    """
    found = _open(clients, kind)
    counts = dict(found.values_list("kind").annotate(count=Count("pk")))
    place = Window(RowNumber(), partition_by=[F("kind")], order_by=["asked_at", "pk"])
    placed = found.annotate(place=place).filter(place__gt=after, place__lte=after + shown)
    by_kind: dict[str, list[Waiting]] = {}
    for one in _shown(clients, placed.order_by("kind", "asked_at", "pk")):
        by_kind.setdefault(one.kind, []).append(one)
    return [
        Group(each, HEADINGS.get(each, each), count, tuple(by_kind.get(each, ())))
        for each, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def counted(clients: Sequence[Client]) -> dict[int, int]:
    """Client → how many questions are open; those without any are left out."""
    return dict(_open(clients).order_by().values_list("client").annotate(count=Count("pk")))


def question(client: Client, question_id: int) -> tuple[Waiting, bool]:
    """One question, and whether it is open; raises Question.DoesNotExist when it is not this client's."""
    found = Question.objects.filter(client=client, pk=question_id)
    if not found.exists():
        raise Question.DoesNotExist
    (shown,) = _shown([client], found)
    return shown, found.filter(closed_at__isnull=True).exists()


def about(client: Client, subject: str) -> list[Waiting]:
    """The open questions about one thing."""
    return _shown([client], _open([client]).filter(subject=subject).order_by("pk"))


def waiting(clients: Sequence[Client], *, kind: str = "", limit: int | None = None) -> list[Waiting]:
    """The open questions of these clients, grouped by kind, the oldest first."""
    return _shown(clients, _open(clients, kind).order_by("kind", "asked_at", "pk")[:limit])


def _open(clients: Sequence[Client], kind: str = "") -> QuerySet:
    found = Question.objects.filter(client__in=[client.pk for client in clients], closed_at__isnull=True)
    return found.filter(kind=kind) if kind else found


def _shown(clients: Sequence[Client], found: QuerySet) -> list[Waiting]:
    names = {client.pk: client.name for client in clients}
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
                (candidate.label, candidate.why, candidate.answer)
                for candidate in map(_candidate, question.candidates)
            ),
            question.amount,
            question.currency,
            question.asked_at,
            carrier(question.kind) is not None,
        )
        for question in found
    ]
