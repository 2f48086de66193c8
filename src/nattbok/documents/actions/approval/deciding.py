"""An approver's yes or no, and taking either back: to exactly the content that they saw."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.approvals.actions import links
from nattbok.approvals.actions.asking import say_yes
from nattbok.approvals.models import Request
from nattbok.approvals.rules import Light, May
from nattbok.approvals.rules.policy import NotWaiting, OtherContent, SaidYesAlready
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.clients.models import Client, Person
from nattbok.desk import actions as desk
from nattbok.documents.actions.answering import NoReasonGiven
from nattbok.documents.actions.approval.looking import items_of, look_again
from nattbok.documents.actions.payees import payment_holds
from nattbok.documents.actions.posting import code
from nattbok.documents.actions.rounds import end, enter_step, remarks
from nattbok.documents.actions.rounds.ending import DECLINED, RETRACTED
from nattbok.documents.actions.rounds.remarks import Note
from nattbok.documents.models import Approval
from nattbok.documents.queries import deciding
from nattbok.documents.queries.approval.reading import Version, flow_of, in_steps, needed, people
from nattbok.documents.queries.approval.showing import said
from nattbok.documents.rules.approval import InStep, Progress, progress
from nattbok.documents.rules.approval.progress import NotYourTurn
from nattbok.documents.rules.approval.questions import approval_subject, not_approved
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Books

ROBOT = "robot:code_documents"  # what is approved is posted by the robot, as it posts all that is certain


class TooLargeTogether(Refused):
    """What is above the client's limit is looked at one by one."""

    message = _("Only documents up to {limit} are approved together; open the others one by one.")


class NotTheirs(Refused):
    """Who has said nothing has nothing to take back."""

    message = _("You have not approved this, so there is nothing for you to take back.")


def approve(
    client: Client,
    document: int,
    *,
    person: Person,
    sha256: str,
    today: datetime.date,
    text: str = "",
    link: int | None = None,
) -> bool:
    """The person's yes to the content with `sha256`, as it was shown; whether the document is now approved.

    By a log-in, or by a one-time `link`, which is used up. After the last yes the open item is released, or
    the document is posted by the robot where all of it is certain. Not to be called in a transaction: what
    was changed meanwhile is written down whatever becomes of the yes.
    """
    look_again(client, [document], by=f"person:{person.pk}", today=today)
    is_done = _say(client, document, person, sha256, text=text, link=link, today=today)
    if is_done:
        code(client, by=ROBOT, today=today, only=[document])
    return is_done


def approve_many(
    client: Client, chosen: Sequence[tuple[int, str]], *, person: Person, today: datetime.date
) -> int:
    """Several at once, each (document, SHA-256) up to the limit that the client has set; how many.

    Nothing is approved when one of them is above it. One that was changed, or is not waiting for the person
    any more, is left out.
    """
    rows = {
        row.document_id: row
        for row in Approval.objects.filter(
            client=client, outcome="", document__in=[one for one, _sha in chosen]
        )
    }
    bills = {bill.document: bill for bill in deciding.bills_of(client, list(rows))}
    flows = {flow: flow_of(client, flow) for flow in {row.flow_id for row in rows.values()}}
    for document, row in rows.items():
        limit, bill = flows[row.flow_id].batch_through, bills[document]
        is_small = limit is not None and abs(bill.owed or ZERO) <= limit
        if not is_small or bill.currency not in ("", client.currency):
            raise TooLargeTogether(limit=limit or 0)
    done = 0
    for document, sha256 in chosen:
        try:
            approve(client, document, person=person, sha256=sha256, today=today)
        except (NotWaiting, NotYourTurn, OtherContent, SaidYesAlready):
            continue
        done += 1
    return done


@transaction.atomic
def _say(
    client: Client,
    document: int,
    person: Person,
    sha256: str,
    *,
    text: str,
    link: int | None,
    today: datetime.date,
) -> bool:
    row = locked(client, document)
    before, now = _progress(client, row, person, sha256)
    if link is not None:
        links.use(client, link)
    request = Request.objects.get(client=client, pk=row.request_id)
    is_last = now.is_complete
    say_yes(client, request, person, Light(link), sha256=sha256, right=May(), is_last=is_last)
    note = Note(document, row.pk, "yes", person.pk, str(person), text=text.strip(), step=before.step)
    by = f"person:{person.pk}"
    remarks.keep(client, [note], by=by)
    for step in range(before.step + 1, now.step + 1):
        _enter(client, row, step, today, is_passed=is_last or step < now.step)
    if is_last:
        _complete(client, row, by=by)
    return is_last


def locked(client: Client, document: int) -> Approval:
    """The round under way of a document, with the client's books locked; NotWaiting when there is none."""
    Books.objects.select_for_update().get(client=client)
    row = Approval.objects.filter(client=client, document=document, outcome="").first()
    if row is None:
        raise NotWaiting()
    return row


def _progress(client: Client, row: Approval, person: Person, sha256: str) -> tuple[Progress, Progress]:
    """How far it is before and after this yes; the reason when the person may not say it."""
    steps = in_steps(client, [row.pk])[row.pk]
    for number, step in enumerate(row.steps, 1):  # whoever has said yes is not asked again in a step to come
        steps.setdefault(number, [InStep(one, one) for one in step["persons"]])
    yes = said(client, [row.request_id])[row.request_id]
    before = progress(needed(row), steps, yes)
    if sha256 != row.sha256:
        raise OtherContent()
    if person.pk not in before.may:
        raise SaidYesAlready() if person.pk in yes else NotYourTurn()
    if person.pk not in people(client, datetime.date.min).names:
        raise NotYourTurn()
    return before, progress(needed(row), steps, {*yes, person.pk})


def _complete(client: Client, row: Approval, *, by: str) -> None:
    """All have said yes: the round ends, and what was on hold may be paid."""
    Approval.objects.filter(client=client, pk=row.pk).update(outcome="approved", ended_at=timezone.now())
    links.end(client, row.request_id)
    remarks.keep(client, [Note(row.document_id, row.pk, "approved")], by=by)
    desk.close(client, [approval_subject(row.document_id)], by=by)
    items = items_of(client, row.document_id)
    if items and not payment_holds(client, [row.document_id]):  # else a second person's word is waited for
        ledger.release(client, items, by=by, why="approved")


def _enter(
    client: Client, row: Approval, step: int, today: datetime.date, *, is_passed: bool = False
) -> None:
    """Ask the people of the next step. Those who have said yes already count in it and are not mailed; nobody
    is, of a step that is passed since all who must have said it before."""
    who = people(client, today)
    version = Version(row.flow_id, 0, flow_of(client, row.flow_id))
    yes = said(client, [row.request_id])[row.request_id]
    persons = row.steps[step - 1]["persons"]
    if is_passed:
        yes = {*yes, *persons, *who.away.values()}
    enter_step(client, [(row.pk, row.document_id, step, persons)], who, version, silent=yes)


def decline(
    client: Client,
    document: int,
    *,
    person: Person,
    sha256: str,
    why: str,
    today: datetime.date,
    link: int | None = None,
) -> None:
    """The person's no, with its reason: the round ends, and the office is asked what becomes of it.

    An open item stays on hold.
    """
    if not why.strip():
        raise NoReasonGiven()
    look_again(client, [document], by=f"person:{person.pk}", today=today)
    with transaction.atomic():
        row = locked(client, document)
        _progress(client, row, person, sha256)
        if link is not None:
            links.use(client, link)
        by = f"person:{person.pk}"
        end(client, [row], DECLINED, by=by, why=why.strip(), person=person.pk, person_name=str(person))
        desk.close(client, [approval_subject(document)], by=by)
        (bill,) = deciding.bills_of(client, [document])
        is_posted = bool(items_of(client, document))
        desk.ask(client, [not_approved(bill, DECLINED, str(person), why.strip(), is_posted=is_posted)], by=by)


@transaction.atomic
def retract(client: Client, document: int, *, by: str, why: str) -> None:
    """Take the document back from approval, or one's own yes: every yes is void, and those who gave one are
    told. The office then decides what becomes of it. What was released and is not paid goes on hold again.
    """
    if not why.strip():
        raise NoReasonGiven()
    Books.objects.select_for_update().get(client=client)
    row = (
        Approval.objects.filter(client=client, document=document, outcome__in=("", "approved"))
        .order_by("-pk")
        .first()
    )
    later = Approval.objects.filter(client=client, document=document, pk__gt=row.pk if row else 0)
    if row is None or later.exists():
        raise NotWaiting()
    items = items_of(client, document)
    if row.outcome == "approved" and not items and deciding.with_entry(client).get(pk=document).entry:
        raise NotWaiting()  # it has been paid
    person = int(by.partition(":")[2]) if by.startswith("person:") else None
    end(client, [row], RETRACTED, by=by, why=why.strip(), person=person)
    if items:
        ledger.hold(client, items, by=by, why=why.strip())
    (bill,) = deciding.bills_of(client, [document])
    desk.close(client, [approval_subject(document)], by=by)
    desk.ask(client, [not_approved(bill, RETRACTED, is_posted=bool(items))], by=by)


@transaction.atomic
def take_back_yes(client: Client, document: int, *, person: Person, why: str) -> None:
    """As `retract`, by somebody who has said yes; NotTheirs for all others."""
    row = (
        Approval.objects.filter(client=client, document=document, outcome__in=("", "approved"))
        .order_by("-pk")
        .first()
    )
    if row is None or person.pk not in said(client, [row.request_id])[row.request_id]:
        raise NotTheirs()
    retract(client, document, by=f"person:{person.pk}", why=why)
