"""Answers to sellers in the e-invoice network: written as files, and sent over the access point, once."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.desk.rules import Candidate, QuestionDraft, answered_by
from nattbok.desk.rules import means as heading
from nattbok.documents.actions.answering import locked
from nattbok.documents.actions.ways import network_way, own_participant, way_out
from nattbok.documents.models import AnswerSetting, Document, SellerAnswer
from nattbok.documents.queries import answers as queries
from nattbok.documents.rules import answers as rules
from nattbok.files import actions as files
from nattbok.formats import envelope
from nattbok.formats.invoice import invoice_response
from nattbok.formats.invoice.invoice_response import ACTIONS, EXPLAINED, REASONS, Answer, InvoiceResponse
from nattbok.formats.invoice.shape import PartyIdentity
from nattbok.outbox import actions as outbox
from nattbok.outbox.queries import messages, undelivered
from nattbok.trail.actions import act
from nattbok.trail.rules import means

ANSWERED = means("documents.answered_seller", _("{supplier} was answered about {number}: {answer}"))
CHOSEN = means("documents.answers_chosen", _("What sellers are told by themselves is now: {answers}"))
UNDELIVERED = heading("answers.undelivered", _("Answers that did not reach the seller"))
SEEN = Candidate(Words(_("The seller is told in another way")), {"do": "seen"})
ENVELOPE = "sbdh"
AT_ONCE = 500  # documents looked at in one go


class NoAddress(Refused):
    """An answer goes the way the invoice came."""

    message = _("The document does not say the parties' addresses in the e-invoice network.")


class AnswerNeedsReason(Refused):
    """A seller that is told no, or asked, is told why."""

    message = _("Choose the reason that the seller is told.")


@dataclass(frozen=True, slots=True)
class Told:
    """How a round of answering went, in answers."""

    written: int = 0
    sent: int = 0
    left: int = 0  # wait to be sent, or did not come


@transaction.atomic
def set_answers(client: Client, answers: Collection[str], *, by: str) -> None:
    """What the client's sellers are told by themselves, from now on. Raises NotByItself."""
    chosen = rules.wanted(answers)
    row = AnswerSetting.objects.select_for_update().filter(client=client).first()
    if row is None:
        row = AnswerSetting(client=client, since_at=timezone.now())
    elif row.answers == chosen:
        return
    if not row.answers:
        row.since_at = timezone.now()
    row.answers = chosen
    row.save()
    act(client, CHOSEN, by, answers=", ".join(chosen) or "-")


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
    night: int | None = None,
) -> int:
    """Write an Invoice Response about the document and put it in the outbox; the id of its file.

    Without a way into the network it is kept as a file. The same answer twice in a day is one. Raises
    AnswerNeedsReason and NoAddress.
    """
    if answer in EXPLAINED and reason not in REASONS:
        raise AnswerNeedsReason()
    found = locked(client, document_id, also_posted=True)
    there = SellerAnswer.objects.filter(client=client, document=found, answer=answer.value, on=today).first()
    if there is not None:
        return there.file_id
    seller, buyer = (rules.party(found.reading.get(role)) for role in ("supplier", "buyer"))
    source = way_out(client)
    if source is not None:
        scheme, _colon, number = own_participant(client, source).partition(":")
        buyer = replace(buyer, endpoint=number, endpoint_scheme=scheme)
    if not all(party.endpoint and party.endpoint_scheme for party in (seller, buyer)) or not found.number:
        raise NoAddress()
    reason, action = (reason if reason in REASONS else ""), (action if action in ACTIONS else "")
    data = _written(found, buyer, seller, answer, reason, action, text[:500], today)
    name = f"invoice-response-{document_id}-{answer.value}-{today:%Y%m%d}.xml"
    kept = files.keep(client, data, name=name, came_by="answer", format_name=invoice_response.FORMAT).file
    deed = act(
        client, ANSWERED, by, night=night, document=document_id, file=kept.pk, answer=answer.value,
        reason=reason, action=action, text=text[:500], supplier=found.supplier_name, number=found.number,
        sha256=kept.sha256,
    )  # fmt: skip
    key = f"response:{document_id}:{answer.value}:{today:%Y%m%d}" if source is not None else ""
    SellerAnswer.objects.create(
        client=client, document=found, answer=answer.value, reason=reason, action=action, text=text[:500],
        on=today, file=kept, key=key, by=by,
    )  # fmt: skip
    if source is not None:
        receiver = f"{seller.endpoint_scheme}:{seller.endpoint}"
        _hand_in(client, source.pk, key, data, buyer=buyer, receiver=receiver, act_id=deed)
    return kept.pk


def _written(
    found: Document,
    buyer: PartyIdentity,
    seller: PartyIdentity,
    answer: Answer,
    reason: str,
    action: str,
    text: str,
    today: datetime.date,
) -> bytes:
    return invoice_response.write(
        InvoiceResponse(
            number=f"{found.pk}-{answer.value}-{today:%Y%m%d}",
            issued_on=today,
            answer=answer,
            sender=buyer,
            receiver=seller,
            invoice_number=found.number,
            invoice_issued_on=found.issued_on,
            type_code=found.reading.get("type_code") or ("381" if found.kind == "credit_note" else "380"),
            reason_code=reason,
            action_code=action,
            text=text,
            decided_on=today,
        )
    )


def _hand_in(
    client: Client, source: int, key: str, data: bytes, *, buyer: PartyIdentity, receiver: str, act_id: int
) -> None:
    """Put the answer in its envelope, keep that, and put it in the outbox."""
    sender = f"{buyer.endpoint_scheme}:{buyer.endpoint}"
    number = f"{sender.replace(':', '-')}-{key.replace(':', '-')}-{act_id}"
    whole = envelope.write(
        envelope.Envelope(
            number, sender, envelope.participant(receiver), invoice_response.DOCUMENT_TYPE,
            invoice_response.PROFILE, data,
        ),
        standard=invoice_response.NAMESPACE, kind="ApplicationResponse", version="2.1", at=timezone.now(),
    )  # fmt: skip
    kept = files.keep(client, whole, name=f"{number}.xml", came_by="answer", format_name=ENVELOPE).file
    outbox.send_message(
        client,
        key,
        source=source,
        name=number,
        receiver=envelope.participant(receiver),
        file=kept.pk,
        act=act_id,
    )


def answer_sellers(
    client: Client, *, by: str, today: datetime.date, night: int | None = None, insist: bool = False
) -> Told:
    """Tell sellers what the client has chosen to tell them, send what waits, and ask for receipts.

    Outside any transaction: what has left must be kept.
    """
    written = sum(
        _told(client, document, answer, by=by, today=today, night=night)
        for document, answer in queries.answers_due(client, limit=AT_ONCE)
    )
    way = network_way(client)
    sent = outbox.send_messages(client, way, by=by, on=today, night=night, insist=insist)
    outbox.ask_receipts(client, way, by=by, night=night)
    failed = undelivered(client)
    _ask(client, [one.key for one in failed], by=by, night=night)
    return Told(written, sent.sent, sent.waiting + sent.uncertain + sent.failed)


def _told(
    client: Client, document: int, answer: Answer, *, by: str, today: datetime.date, night: int | None
) -> bool:
    is_no = answer is Answer.REJECTED
    try:
        respond(
            client,
            document,
            answer=answer,
            reason=rules.REASON if is_no else "",
            action=rules.ACTION if is_no else "",
            by=by,
            today=today,
            night=night,
        )
    except NoAddress:
        return False
    return True


def _ask(client: Client, keys: list[str], *, by: str, night: int | None) -> None:
    """A question for each answer that did not come, once; what a person has seen is not asked again."""
    rows = SellerAnswer.objects.filter(client=client, key__in=keys).select_related("document")
    told = messages(client, keys)
    asked = queries.asked_before(client, UNDELIVERED)
    drafts = [
        QuestionDraft(
            UNDELIVERED,
            f"answer:{row.pk}",
            told[row.key].trouble or Words(_("The message did not come.")),
            (SEEN,),
            about=f"{row.document.supplier_name} {row.document.number}"[:200],
            evidence={"document": row.document_id, "answer": row.answer, "key": row.key},
        )
        for row in rows
        if f"answer:{row.pk}" not in asked
    ]
    desk.ask(client, drafts, by=by, night=night)


def _answer(
    client: Client, subject: str, answer: dict, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """A person has seen that the answer did not come."""
    desk.close(client, [subject], by=by, answer=answer | ({"why": why} if why else {}))


answered_by("answers", _answer)
