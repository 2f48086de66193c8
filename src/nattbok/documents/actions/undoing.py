"""What was posted of a document was taken back: it waits for a person, until they let it go on."""

import datetime
from collections.abc import Collection

from django.db import transaction

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.queries import name_of
from nattbok.desk import actions as desk
from nattbok.desk.queries import last_candidates
from nattbok.documents.actions.payees import YES, payment_holds
from nattbok.documents.actions.posting import code
from nattbok.documents.actions.rounds.gate import UnderApproval
from nattbok.documents.models import Approval, Document
from nattbok.documents.queries import deciding
from nattbok.documents.queries.approval.reading import latest
from nattbok.documents.rules import questions
from nattbok.documents.rules.approval import Before
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books, Entry, OpenItem
from nattbok.ledger.queries import last_posted
from nattbok.ledger.rules import Posted
from nattbok.trail.actions import act as record_act
from nattbok.trail.models import Act
from nattbok.trail.rules import means

LET_GO = means("documents.let_go", _("{count} documents whose posting was taken back were let go on"))
UNDONE = "undone"


class NotPostedBefore(Refused):
    """There is nothing to post again."""

    message = _("Nothing that was posted of this document has been taken back.")


class ApprovedSince(Refused):
    """A yes is to the document as it was then."""

    message = _(
        "The document was approved after its posting was taken back. Let it go on: it is posted as it was "
        "approved."
    )


@transaction.atomic
def hold(client: Client, documents: Collection[int], act: int) -> int:
    """Leave these documents to a person, since `act` took back what was posted of them; how many.

    They are on the list of documents that wait, and the robot does not post them until somebody lets them
    go. The question about each says who took it back and why.
    """
    waiting = list(
        deciding.with_entry(client)
        .filter(pk__in=list(documents), entry__isnull=True)
        .values_list("pk", flat=True)
    )
    Document.objects.filter(client=client, pk__in=waiting, waits_for="").update(waits_for=UNDONE)
    why = Act.objects.get(client=client, pk=act)
    subjects = [questions.subject(pk) for pk in waiting]
    desk.close(client, subjects, by=why.by, night=why.night)
    entries, before = last_posted(client, subjects), last_candidates(client, subjects)
    values = {"who": name_of(why.by), "why": str(why.evidence.get("why", ""))}
    drafts = [
        questions.taken_back(bill, values, before=before.get(subject, ()), entry=entries.get(subject))
        for bill in deciding.bills_of(client, waiting)
        if (subject := questions.subject(bill.document))
    ]
    desk.ask(client, drafts, by=why.by, night=why.night)
    return len(waiting)


@transaction.atomic
def let_go(client: Client, documents: Collection[int], *, by: str, today: datetime.date) -> int:
    """Let the robot go on with documents that were taken back, and decide on them now; how many."""
    Books.objects.select_for_update().get(client=client)
    held = Document.objects.filter(client=client, pk__in=list(documents), waits_for=UNDONE)
    ids = sorted(held.values_list("pk", flat=True))
    if not ids:
        return 0
    record_act(client, LET_GO, by, count=len(ids), documents=ids)
    Document.objects.filter(client=client, pk__in=ids).update(waits_for="")
    desk.close(client, [questions.subject(pk) for pk in ids], by=by, answer={"do": "let_go"})
    code(client, by=by, today=today, only=ids)
    return len(ids)


@transaction.atomic
def post_again(client: Client, document: int, *, by: str, why: str = "") -> Posted:
    """Post what was taken back of a document once more, as it was; on hold where it may not be paid yet.

    Raises NotPostedBefore, UnderApproval where it is posted only when it is approved, and ApprovedSince.
    """
    Books.objects.select_for_update().get(client=client)
    origin = questions.subject(document)
    last = last_posted(client, [origin]).get(origin)
    if last is None:
        raise NotPostedBefore()
    entry, _number = last
    round_ = latest(client, [document]).get(document)
    gone = Entry.objects.filter(client=client, reverses=entry).first()
    is_held = is_free = False
    if round_ is not None and gone is not None:
        is_held, is_free = _standing(round_.row, gone.posted_at)
    posted = ledger.post_again(client, entry, by=by, why=why or "–", is_held=is_held)
    if is_free and not payment_holds(client, [document]):
        own = OpenItem.objects.filter(client=client, line__entry=posted.id).values_list("pk", flat=True)
        ledger.release(client, own, by=by, why="approved")
    Document.objects.filter(client=client, pk=document).update(waits_for="")
    desk.close(client, [origin], by=by, answer={"do": "again"})
    return posted


def _standing(approval: Approval, gone_at: datetime.datetime) -> tuple[bool, bool]:
    """Whether what is posted again waits on hold, since its latest round is no yes; and whether the last yes
    came while nothing was there to release.

    A round that was begun after `gone_at` is of the document as it is now, and not of what was posted.
    """
    is_anew = approval.sent_at > gone_at
    if approval.outcome == "" and (is_anew or approval.before == Before.POSTING.value):
        raise UnderApproval()
    if approval.outcome == "approved" and is_anew:
        raise ApprovedSince()
    is_free = approval.outcome == "approved" and approval.ended_at is not None and approval.ended_at > gone_at
    return approval.outcome not in YES, is_free
