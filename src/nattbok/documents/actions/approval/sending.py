"""Sending documents to approval by hand: by the flow, or to people that somebody chooses."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.desk import actions as desk
from nattbok.desk.rules import answered_by
from nattbok.documents.actions.answering import NoSuchDocument, WasDeclined, decline
from nattbok.documents.actions.approval.looking import is_same, items_of
from nattbok.documents.actions.posting import code
from nattbok.documents.actions.rounds import Start, begin, end
from nattbok.documents.actions.rounds.ending import CHANGED
from nattbok.documents.actions.rounds.gate import NobodyApproves, UnderApproval
from nattbok.documents.models import Approval, Document
from nattbok.documents.queries import deciding
from nattbok.documents.queries.approval.reading import facts, latest, people, version
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.approval import Before, Nobody, Passes, Plan, besides, chosen, plan
from nattbok.documents.rules.approval.questions import NOBODY, NOT_APPROVED, approval_subject
from nattbok.documents.rules.bill import POSTABLE
from nattbok.documents.rules.questions import subject
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books


class NeedsNone(Refused):
    """The flow lets it pass; who wants an approval all the same says whose."""

    message = _("The flow asks nobody about it. Choose who is to approve it.")


class NothingToApprove(Refused):
    """A file without an amount is nobody's to approve."""

    message = _("Nothing could be read from the file, so there is nothing to approve yet.")


class PaidAlready(Refused):
    """An approval before payment comes before the payment."""

    message = _("The document is posted and paid already.")


class ApprovedAlready(Refused):
    """A yes stands until it is taken back."""

    message = _("The document is approved as it is. Take it back from approval to send it to others.")


@transaction.atomic
def send(
    client: Client,
    documents: Sequence[int],
    *,
    by: str,
    to: Sequence[int] = (),
    today: datetime.date | None = None,
    note: str = "",
) -> int:
    """Send these documents to approval: to the people of the client's flow, after `to` chosen ones, in order.

    What is posted already is put on hold until it is approved; what is not waits for the yes before it is
    posted, or as the flow says. How many were sent; all or none. One that is under way already, or approved
    as it is, is left so when it is sent by the flow again. Raises UnderApproval and ApprovedAlready where
    people are chosen for such a one.
    """
    day = today or timezone.localdate()
    Books.objects.select_for_update().get(client=client)
    now, who = version(client), people(client, day)
    rows = {row.pk: row for row in deciding.with_entry(client).filter(pk__in=list(documents))}
    if set(rows) != set(documents):
        raise NoSuchDocument()
    under_way, approved, void = _rounds(client, documents)
    if under_way and to:
        raise UnderApproval()
    if approved and to:
        raise ApprovedAlready()
    wanted = [pk for pk in dict.fromkeys(documents) if pk not in under_way | approved]
    given = []
    for bill in deciding.bills_of(client, wanted):
        row = rows[bill.document]
        _check(client, row)
        given.append((bill, tuple(codings.read(line) for line in row.coding), row.supplier_id))
    known = facts(client, given)
    starts = []
    for bill, coding, supplier in given:
        fact = known[bill.document]
        planned = plan(now.flow, fact, who)
        if to:
            asked = chosen(to, fact, who, registrant_may=now.flow.registrant_may)
            planned = besides(asked, planned) if isinstance(asked, Plan) else asked
        if isinstance(planned, Passes):
            raise NeedsNone()
        if isinstance(planned, Nobody):
            raise NobodyApproves(planned.reason)
        before = now.flow.before if now.flow.is_on else Before.POSTING
        if rows[bill.document].entry is not None:
            before = Before.PAYMENT
            ledger.hold(client, items_of(client, bill.document), by=by, why="approval")
        starts.append(Start(bill, coding, supplier, before, planned, fact.registered_by))
    end(client, void, CHANGED, by=by)
    begin(client, starts, now, who, by=by, note=note, chosen=to)
    about = [approval_subject(pk) for pk in wanted]
    about += [subject(pk) for pk in wanted if rows[pk].entry is None]
    desk.close(client, about, by=by, answer={"do": "send"})
    return len(starts)


def _rounds(client: Client, documents: Sequence[int]) -> tuple[set[int], set[int], list[Approval]]:
    """Those under way, those approved as they are, and the rounds of those changed after their yes."""
    rounds = latest(client, documents)
    approved = {document: each for document, each in rounds.items() if each.row.outcome == "approved"}
    same = {
        bill.document
        for bill in deciding.bills_of(client, list(approved))
        if is_same(bill, approved[bill.document])
    }
    return (
        {document for document, each in rounds.items() if each.row.outcome == ""},
        same,
        [each.row for document, each in approved.items() if document not in same],
    )


def _check(client: Client, row: Document) -> None:
    if row.is_declined:
        raise WasDeclined()
    if row.kind not in POSTABLE or row.owed is None:
        raise NothingToApprove()
    if row.entry is not None and not items_of(client, row.pk):
        raise PaidAlready()


def _answer(client: Client, about: str, given: dict, *, by: str, today: datetime.date, why: str = "") -> None:
    """The office's answer to a question about a document that was not approved."""
    document = int(about.partition(":")[2])
    if given.get("do") == "decline":
        decline(client, document, why=why or "–", by=by)
        return
    send(client, [document], by=by, today=today)


def _try_again(
    client: Client, about: str, given: dict, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """The office's answer to a question about a document that nobody could approve."""
    document = int(about.partition(":")[2])
    if given.get("do") == "decline":
        decline(client, document, why=why or "–", by=by)
    else:
        code(client, by=by, today=today, only=[document])


answered_by(NOT_APPROVED, _answer)
answered_by(NOBODY, _try_again)
