"""A person's word on a document that its own faults hold: take it in all the same."""

import datetime

from django.db import transaction

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.documents.actions.answering import NoReasonGiven, openly
from nattbok.documents.actions.posting import keep_coding
from nattbok.documents.models import Document
from nattbok.documents.queries import deciding
from nattbok.documents.rules import questions
from nattbok.documents.rules.bill import ACCEPTED
from nattbok.documents.rules.decision import Ask, decide
from nattbok.formats.finding import Severity
from nattbok.trail.actions import act
from nattbok.trail.rules import means

TAKEN_IN = means("documents.accepted", _("A document with something wrong in it was taken in: {why}"))


class NotHeld(Refused):
    """Only what is held is taken in."""

    message = _("Nothing holds the document, so there is nothing to accept.")


@transaction.atomic
def accept(client: Client, document_id: int, *, why: str, by: str, today: datetime.date) -> None:
    """Take in a document that its own faults hold, for the reason `why`.

    It is never posted by itself: it waits for a person to post it, with what is likely as a proposal.
    """
    if not why.strip():
        raise NoReasonGiven()
    bill = openly(client, document_id)
    held = Document.objects.filter(client=client, pk=document_id, is_held=True)
    found = held.first()
    if found is None:
        raise NotHeld()
    codes = [each["code"] for each in found.findings if each["severity"] != Severity.NOTE.value]
    act(
        client, TAKEN_IN, by, document=document_id, why=why, codes=codes[:50], sha256=bill.sha256,
        supplier=bill.seller, number=bill.number,
    )  # fmt: skip
    held.update(is_held=False, waits_for=ACCEPTED)
    decided = decide(bill, deciding.books(client, [bill], today=today))
    keep_coding(client, [(bill, decided)])
    desk.close(client, [questions.subject(document_id)], by=by, answer={"do": "accept", "why": why})
    proposals = decided.proposals if isinstance(decided, Ask) else (decided.coding,)
    reason = decided.reason if isinstance(decided, Ask) else None
    desk.ask(client, [questions.accepted(bill, why, reason, proposals)], by=by)
