"""A document is sent back to the client with a question, and comes back with their answer.

Meanwhile it is with the client: it stands in no queue of the office's, and the robot leaves it.
"""

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.clients.queries import name_of
from nattbok.desk import actions as desk
from nattbok.desk.rules import QuestionDraft
from nattbok.desk.rules import means as asks
from nattbok.documents.actions.answering import NoReasonGiven, WasDeclined, locked
from nattbok.documents.models import Document, Returned
from nattbok.documents.queries.whereabouts import CAME, CLIENT
from nattbok.documents.rules import questions
from nattbok.trail.actions import act
from nattbok.trail.rules import means

SENT_BACK = means("documents.sent_back", _("A document was sent back to the client: {why}"))
CAME_BACK = means("documents.came_back", _("The client answered about a document: {answer}"))
ANSWERED = asks("documents.came_back", _("Documents that the client has answered about"))

LONGEST, LONGEST_ANSWER = 300, 1000


class NotSentBack(Refused):
    """Only what was asked about is answered."""

    message = _("The document is not with the client.")


@transaction.atomic
def send_back(client: Client, document: int, *, why: str, by: str) -> None:
    """Send a document that waits back to the client, who is asked `why`. Sent again it stays as it is."""
    if not why.strip():
        raise NoReasonGiven()
    found = locked(client, document)
    if found.is_declined:
        raise WasDeclined()
    if Returned.objects.filter(client=client, document=document, answered_at__isnull=True).exists():
        Document.objects.filter(client=client, pk=document).update(waits_for=CLIENT)
        return
    why = why.strip()[:LONGEST]
    deed = act(
        client, SENT_BACK, by, document=document, why=why, supplier=found.supplier_name, number=found.number
    )
    Returned.objects.create(
        client=client, document_id=document, why=why, by=by, at=timezone.now(), act_id=deed
    )
    Document.objects.filter(client=client, pk=document).update(waits_for=CLIENT)
    desk.close(client, [questions.subject(document)], by=by, answer={"do": "send_back", "why": why})


@transaction.atomic
def come_back(client: Client, document: int, *, answer: str, by: str) -> None:
    """Give the client's answer about a document that is with them: it waits for the office again.

    The robot does not post it: somebody at the office is to read the answer first. `by` may be the office
    itself, which was told by other ways or takes it back.
    """
    answer = answer.strip()[:LONGEST_ANSWER]
    if not answer:
        raise NoReasonGiven()
    found = locked(client, document)
    asked = Returned.objects.filter(client=client, document=document, answered_at__isnull=True)
    if not asked.update(answer=answer, answered_by=by, answered_at=timezone.now()):
        raise NotSentBack()
    act(
        client, CAME_BACK, by, document=document, answer=answer, supplier=found.supplier_name,
        number=found.number,
    )  # fmt: skip
    Document.objects.filter(client=client, pk=document).update(waits_for=CAME)
    desk.ask(
        client,
        [
            QuestionDraft(
                ANSWERED,
                questions.subject(document),
                Words(_("{who} answered: {answer}"), {"who": name_of(by), "answer": answer}),
                amount=found.owed,
                currency=found.currency,
                about=" · ".join(filter(None, (found.supplier_name, found.number)))[:200],
            )
        ],
        by=by,
    )
