"""What is said and done about an approval, each with its act."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.documents.models import Remark
from nattbok.trail.actions import record
from nattbok.trail.rules import ActDraft, means

LONGEST = 2000  # characters of a comment

KINDS = {
    "sent": means("documents.approval_sent", _("A document was sent to approval, step {step}")),
    "yes": means("documents.approval_yes", _("{person} approved a document, step {step}")),
    "no": means("documents.approval_no", _("{person} declined a document: {text}")),
    "question": means("documents.approval_question", _("{person} asked about a document: {text}")),
    "answer": means("documents.approval_answer", _("{person} answered about a document: {text}")),
    "comment": means("documents.approval_comment", _("{person} commented on a document: {text}")),
    "forwarded": means("documents.approval_forwarded", _("{person} handed a document on to {to}")),
    "retracted": means("documents.approval_retracted", _("A document was taken back from approval: {text}")),
    "changed": means(
        "documents.approval_changed", _("A document under approval was changed: what was said is void")
    ),
    "corrected": means(
        "documents.approval_corrected", _("A document’s entry was corrected in the books: {text}")
    ),
    "coded": means("documents.approval_coded", _("{person} coded a document under approval")),
    "escalated": means("documents.approval_escalated", _("A late approval went to {to} as well")),
    "approved": means("documents.approved", _("A document was approved by all who must")),
}


@dataclass(frozen=True, slots=True)
class Note:
    """Something about to be kept about a document's approval."""

    document: int
    approval: int | None
    kind: str
    person: int | None = None
    person_name: str = ""
    to_person: int | None = None
    to_name: str = ""
    text: str = ""
    step: int = 0


def acts(client: Client, notes: Sequence[Note], *, by: str, night: int | None = None) -> list[int]:
    """The acts of what is about to be kept, in one statement."""
    return record(
        client,
        [
            ActDraft(
                KINDS[note.kind],
                by,
                {
                    "document": note.document,
                    "approval": note.approval,
                    "person": note.person_name,
                    "to": note.to_name,
                    "text": note.text[:LONGEST],
                    "step": note.step,
                },
                night,
            )
            for note in notes
        ],
    )


def keep(
    client: Client,
    notes: Sequence[Note],
    *,
    by: str,
    night: int | None = None,
    acts: Sequence[int] | None = None,
) -> None:
    """Keep them in one statement, each with its act, which is made here when it is not given."""
    deeds = acts if acts is not None else _acts(client, notes, by=by, night=night)
    bulk.insert(
        Remark,
        {
            "client_id": [client.pk] * len(notes),
            "document_id": [note.document for note in notes],
            "approval_id": [note.approval for note in notes],
            "kind": [note.kind for note in notes],
            "step": [note.step for note in notes],
            "person_id": [note.person for note in notes],
            "to_person_id": [note.to_person for note in notes],
            "text": [note.text[:LONGEST] for note in notes],
            "at": [timezone.now()] * len(notes),
            "act_id": list(deeds),
        },
    )


_acts = acts
