"""A person's word on a document that its own faults hold: take it in all the same, or answer the seller."""

import datetime

from django.db import transaction

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.documents.actions.answering import NoReasonGiven, locked, openly
from nattbok.documents.actions.posting import keep_coding
from nattbok.documents.models import Document
from nattbok.documents.queries import deciding
from nattbok.documents.rules import questions
from nattbok.documents.rules.bill import ACCEPTED
from nattbok.documents.rules.decision import Ask, decide
from nattbok.files import actions as files
from nattbok.formats.finding import Severity
from nattbok.formats.invoice import invoice_response
from nattbok.formats.invoice.invoice_response import ACTIONS, EXPLAINED, REASONS, Answer, InvoiceResponse
from nattbok.formats.invoice.shape import PartyIdentity
from nattbok.trail.actions import act
from nattbok.trail.rules import means

TAKEN_IN = means("documents.accepted", _("A document with something wrong in it was taken in: {why}"))
ANSWERED = means("documents.answered_seller", _("{supplier} was answered about {number}: {answer}"))


class NotHeld(Refused):
    """Only what is held is taken in."""

    message = _("Nothing holds the document, so there is nothing to accept.")


class NoAddress(Refused):
    """An answer goes the way the invoice came."""

    message = _("The document does not say the parties' addresses in the e-invoice network.")


class AnswerNeedsReason(Refused):
    """A seller that is told no, or asked, is told why."""

    message = _("Choose the reason that the seller is told.")


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


@transaction.atomic
def respond(
    client: Client,
    document_id: int,
    *,
    answer: Answer,
    reason: str = "",
    action: str = "",
    text: str = "",
    by: str,
    today: datetime.date,
) -> int:
    """Write an Invoice Response about the document and keep it as a file that is to go out; its id.

    The same answer twice in a day is the same file. Raises AnswerNeedsReason and NoAddress.
    """
    if answer in EXPLAINED and reason not in REASONS:
        raise AnswerNeedsReason()
    found = locked(client, document_id, also_posted=True)
    reading = found.reading
    seller, buyer = (_party(reading.get(role)) for role in ("supplier", "buyer"))
    if not all(party.endpoint and party.endpoint_scheme for party in (seller, buyer)) or not found.number:
        raise NoAddress()
    data = invoice_response.write(
        InvoiceResponse(
            number=f"{document_id}-{answer.value}-{today:%Y%m%d}",
            issued_on=today,
            answer=answer,
            sender=buyer,
            receiver=seller,
            invoice_number=found.number,
            invoice_issued_on=found.issued_on,
            type_code=reading.get("type_code") or ("381" if found.kind == "credit_note" else "380"),
            reason_code=reason if reason in REASONS else "",
            action_code=action if action in ACTIONS else "",
            text=text[:500],
            decided_on=today,
        )
    )
    name = f"invoice-response-{document_id}-{answer.value}-{today:%Y%m%d}.xml"
    kept = files.keep(client, data, name=name, came_by="answer", format_name=invoice_response.FORMAT)
    if not kept.is_repeat:
        act(
            client, ANSWERED, by, document=document_id, file=kept.file.pk, answer=answer.value, reason=reason,
            action=action, text=text[:500], supplier=found.supplier_name, number=found.number,
            sha256=kept.file.sha256,
        )  # fmt: skip
    return kept.file.pk


def _party(read: dict | None) -> PartyIdentity:
    read = read or {}
    return PartyIdentity(
        **{name: read.get(name) for name in PartyIdentity.__dataclass_fields__ if name in read}
    )
