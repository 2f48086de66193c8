"""Asking and answering."""

import datetime
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.desk.models import Question
from nattbok.desk.rules import AnsweredBefore, NoSuchCandidate, NotAnsweredHere, QuestionDraft, carrier
from nattbok.trail.actions import act, record
from nattbok.trail.rules import ActDraft, means

ASKED = means("desk.asked", _("Left for a person"))
ANSWERED = means("desk.answered", _("A person answered"))
SETTLED = means("desk.settled", _("The question settled itself"))


@transaction.atomic
def ask(client: Client, drafts: Sequence[QuestionDraft], *, by: str, night: int | None = None) -> int:
    """Put questions on the desk, each with its act; those already open are left as they are.

    How many were new. Asked again with another reason, an open question is closed and asked anew.
    """
    drafts = list({(draft.kind, draft.subject): draft for draft in drafts}.values())
    subjects = {draft.subject for draft in drafts}
    there = {
        (question.kind, question.subject): question
        for question in Question.objects.select_for_update().filter(
            client=client, closed_at__isnull=True, subject__in=subjects
        )
    }
    new, changed = [], []
    for draft in drafts:
        found = there.get((draft.kind, draft.subject))
        if found is None:
            new.append(draft)
        elif (found.reason, found.values, found.candidates) != (
            draft.reason.text, draft.reason.values, _written(draft),
        ):  # fmt: skip
            changed.append(found.pk)
            new.append(draft)
    moment = timezone.now()
    if changed:
        closing = act(client, SETTLED, by, night=night, questions=changed)
        Question.objects.filter(client=client, pk__in=changed).update(closed_at=moment, closed_by=closing)
    acts = record(
        client,
        [
            ActDraft(ASKED, by, {"kind": draft.kind, "subject": draft.subject} | draft.evidence, night)
            for draft in new
        ],
    )
    bulk.insert(
        Question,
        {
            "client_id": [client.pk] * len(new),
            "kind": [draft.kind for draft in new],
            "subject": [draft.subject for draft in new],
            "about": [draft.about[:200] for draft in new],
            "reason": [draft.reason.text for draft in new],
            "values": [draft.reason.values for draft in new],
            "candidates": [_written(draft) for draft in new],
            "amount": [draft.amount for draft in new],
            "currency": [draft.currency for draft in new],
            "asked_at": [moment] * len(new),
            "asked_by_id": acts,
            "night": [night] * len(new),
        },
    )
    return len(new)


def _written(draft: QuestionDraft) -> list[dict]:
    return [
        {
            "label": _pair(candidate.label),
            "answer": candidate.answer,
            "why": _pair(candidate.why) if candidate.why else None,
        }
        for candidate in draft.candidates
    ]


def _pair(words: Words) -> dict:
    return {"text": words.text, "values": words.values}


@transaction.atomic
def close(
    client: Client, subjects: Iterable[str], *, by: str, night: int | None = None, answer: dict | None = None
) -> int:
    """Close the open questions on these subjects, answered by a person or settled by events; how many."""
    open_now = Question.objects.select_for_update().filter(
        client=client, closed_at__isnull=True, subject__in=list(subjects)
    )
    ids = list(open_now.values_list("pk", flat=True))
    if ids:
        kind = ANSWERED if by.startswith("person:") else SETTLED
        closing = act(client, kind, by, night=night, questions=ids, answer=answer)
        Question.objects.filter(client=client, pk__in=ids).update(
            closed_at=timezone.now(), closed_by=closing, answer=answer
        )
    return len(ids)


@transaction.atomic
def answer(
    client: Client, question: int, number: int, *, by: str, today: datetime.date, why: str = ""
) -> str:
    """Carry out the `number`th likely answer (from 1) of an open question; the question's subject.

    What it means is the asking department's: its action does it, and closes the question or asks another.
    Raises AnsweredBefore when the question is closed, and whatever the department refuses.
    """
    found = Question.objects.get(client=client, pk=question)
    if found.closed_at is not None:
        raise AnsweredBefore()
    if not 1 <= number <= len(found.candidates):
        raise NoSuchCandidate(number=number)
    carry_out = carrier(found.kind)
    if carry_out is None:
        raise NotAnsweredHere()
    carry_out(client, found.subject, found.candidates[number - 1]["answer"], by=by, today=today, why=why)
    return found.subject
