"""What the office is asked about the approval of documents."""

from decimal import Decimal

from nattbok.base.words import Words, _
from nattbok.desk.rules import Candidate, QuestionDraft, means
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.questions import DECLINE, subject

NOT_APPROVED = means("documents.not_approved", _("Documents that were not approved"))
NOBODY = means("documents.nobody", _("Documents that nobody can approve"))
ASKED = means("documents.approver_asks", _("Questions from approvers"))
LATE = means("documents.approval_late", _("Approvals that are late"))

ABOUT_APPROVAL = "approval_of"


def approval_subject(document: int) -> str:
    """What a question about a document's approval is about, while the document itself waits elsewhere."""
    return f"{ABOUT_APPROVAL}:{document}"


def not_approved(
    bill: Bill,
    outcome: str = "",
    name: str = "",
    why: str = "",
    *,
    is_posted: bool = False,
    reason: Words | None = None,
) -> QuestionDraft:
    """The question about a document that somebody declined, that was taken back from approval, or that lacks
    one for this `reason`.

    One that is posted stays on hold: it is corrected or reversed, or sent again.
    """
    texts = {
        "declined": _("It was declined. Send it to approval again, correct it, or set it aside."),
        "retracted": _("It was taken back from approval. Send it again, or set it aside."),
    }
    reason = reason or Words(texts[outcome])
    if name:
        reason = Words(_("{name} declined it: {why}"), {"name": name, "why": why})
    return QuestionDraft(
        NOT_APPROVED,
        approval_subject(bill.document) if is_posted else subject(bill.document),
        reason,
        (
            Candidate(Words(_("Send it to approval again")), {"do": "send"}),
            *(() if is_posted else (Candidate(DECLINE, {"do": "decline"}),)),
        ),
        bill.owed,
        bill.currency,
        {"sha256": bill.sha256, "number": bill.number, "seller": bill.seller},
        _about(bill.seller, bill.number),
    )


def nobody(bill: Bill, reason: Words) -> QuestionDraft:
    """The question about a document that needs approval, and finds nobody to give it."""
    return QuestionDraft(
        NOBODY,
        subject(bill.document),
        reason,
        (
            Candidate(Words(_("Try again: the flow, or who is responsible, has been set")), {"do": "send"}),
            Candidate(DECLINE, {"do": "decline"}),
        ),
        bill.owed,
        bill.currency,
        {"sha256": bill.sha256, "number": bill.number, "seller": bill.seller},
        _about(bill.seller, bill.number),
    )


def asked(
    document: int, name: str, text: str, *, owed: Decimal | None, currency: str, seller: str, number: str
) -> QuestionDraft:
    """The question that an approver asks the office."""
    return QuestionDraft(
        ASKED,
        approval_subject(document),
        Words(_("{name} asks: {question}"), {"name": name, "question": text}),
        (),
        owed,
        currency,
        {"document": document},
        _about(seller, number),
    )


def late(
    document: int, names: str, days: int, *, owed: Decimal | None, currency: str, seller: str, number: str
) -> QuestionDraft:
    """The question about an approval that nobody answers, and nobody is left to go to."""
    return QuestionDraft(
        LATE,
        approval_subject(document),
        Words(
            _("It has waited {days} days for {names}, and there is nobody else to ask."),
            {"days": days, "names": names},
        ),
        (),
        owed,
        currency,
        {"document": document},
        _about(seller, number),
    )


def _about(seller: str, number: str) -> str:
    return " · ".join(filter(None, (seller, number)))
