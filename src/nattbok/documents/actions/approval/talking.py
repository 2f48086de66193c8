"""Around the yes and no: comments, questions and their answers, handing on, and coding by the approver."""

import datetime
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone

from nattbok.approvals.models import Request
from nattbok.approvals.rules.policy import OtherContent
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client, Person
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.desk.rules import answered_by
from nattbok.documents.actions.approval.deciding import locked
from nattbok.documents.actions.approval.looking import look_again
from nattbok.documents.actions.rounds import Place, letters, remarks
from nattbok.documents.actions.rounds import ask as ask_places
from nattbok.documents.actions.rounds.remarks import Note
from nattbok.documents.models import Approval, Asked, Document, Remark
from nattbok.documents.queries import deciding
from nattbok.documents.queries.approval.reading import Version, flow_of, in_steps, needed, people
from nattbok.documents.queries.approval.showing import said
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.approval import Progress, progress
from nattbok.documents.rules.approval.progress import NotYourTurn, check_forward
from nattbok.documents.rules.approval.questions import ASKED, approval_subject, asked
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.entry import posting_day, purchase
from nattbok.ledger.models import Account, Books
from nattbok.ledger.queries import waits_on


class NothingSaidYet(Refused):
    """A comment, a question and an answer have words."""

    message = _("Write something first.")


class NotAnApprover(Refused):
    """Only who may approve for the client can be asked or handed a document."""

    message = _("That person cannot approve for this client.")


class HandedItIn(Refused):
    """The client demands that who handed something in does not approve it."""

    message = _("{name} handed the document in, and may not approve it.")


class NotInUseHere(Refused):
    """A coding goes to accounts that are in use."""

    message = _("Account {account} is not in use.")


@transaction.atomic
def comment(client: Client, document: int, *, person: Person, text: str) -> None:
    """Say something about the document; it is kept with it. An answer, when the person was asked."""
    words = _words(text)
    row = Approval.objects.filter(client=client, document=document).order_by("-pk").first()
    was_asked = Remark.objects.filter(
        client=client, document=document, kind="question", to_person=person
    ).exists()
    kind = "answer" if was_asked else "comment"
    note = Note(document, row.pk if row else None, kind, person.pk, str(person), text=words)
    remarks.keep(client, [note], by=f"person:{person.pk}")


@transaction.atomic
def ask(client: Client, document: int, *, person: Person, text: str, to: int | None = None) -> None:
    """Ask the office about the document, or another person, who gets a mail with a link to answer by.

    The document goes on waiting for whom it waits.
    """
    words = _words(text)
    row = locked(client, document)
    by = f"person:{person.pk}"
    names = people(client, timezone.localdate()).names
    if to is not None and to not in names:
        raise NotAnApprover()
    note = Note(
        document, row.pk, "question", person.pk, str(person), to, names.get(to or 0, ""), words, _step(row)
    )
    remarks.keep(client, [note], by=by)
    if to is None:
        (bill,) = deciding.bills_of(client, [document])
        draft = asked(
            document,
            str(person),
            words,
            owed=bill.owed,
            currency=bill.currency,
            seller=bill.seller,
            number=bill.number,
        )
        desk.close(client, [approval_subject(document)], by=by)
        desk.ask(client, [draft], by=by)
    else:
        version = Version(row.flow_id, 0, flow_of(client, row.flow_id))
        letters.question(client, row.pk, Person.objects.get(pk=to), str(person), words, version)


def _step(row: Approval) -> int:
    return 0 if row.outcome else 1


@transaction.atomic
def answer(client: Client, document: int, *, person: Person, text: str) -> None:
    """The office's answer to what an approver asked; those who wait are mailed it."""
    words = _words(text)
    row = locked(client, document)
    by = f"person:{person.pk}"
    remarks.keep(client, [Note(document, row.pk, "answer", person.pk, str(person), text=words)], by=by)
    desk.close(client, [approval_subject(document)], by=by, answer={"do": "answer", "text": words})
    version = Version(row.flow_id, 0, flow_of(client, row.flow_id))
    asker = (
        Remark.objects.filter(client=client, document=document, kind="question", to_person__isnull=True)
        .order_by("-pk")
        .first()
    )
    if asker is not None and asker.person_id in _now(client, row).may:
        letters.question(client, row.pk, asker.person, str(person), words, version)


def _answered(
    client: Client, about: str, given: dict, *, by: str, today: datetime.date, why: str = ""
) -> None:
    """As the desk asks for it: what the office answers is in `why`."""
    answer(
        client,
        int(about.partition(":")[2]),
        person=Person.objects.get(pk=int(by.partition(":")[2])),
        text=why,
    )


answered_by(ASKED, _answered)


def _now(client: Client, row: Approval) -> Progress:
    steps = in_steps(client, [row.pk])[row.pk]
    return progress(needed(row), steps, said(client, [row.request_id])[row.request_id])


@transaction.atomic
def forward(
    client: Client, document: int, *, person: Person, to: int, text: str = "", today: datetime.date
) -> None:
    """Hand the document on to another person, who fills one's place in this step. What was, stays to be seen.

    Nobody gets it twice in a step, so it never goes in a ring.
    """
    row = locked(client, document)
    now = _now(client, row)
    if person.pk not in now.may:
        raise NotYourTurn()
    who, flow = people(client, today), flow_of(client, row.flow_id)
    if person.pk not in who.names:
        raise NotYourTurn()
    if to not in who.names or to == person.pk:
        raise NotAnApprover()
    in_step = list(Asked.objects.filter(client=client, approval=row, step=now.step))
    check_forward(to, who.names[to], [each.person_id for each in in_step])
    _refuse_registrant(client, row, to, who.names[to])
    (mine,) = [each for each in in_step if each.person_id == person.pk]
    Asked.objects.filter(client=client, pk=mine.pk).update(ended_at=timezone.now())
    by = f"person:{person.pk}"
    note = Note(
        document, row.pk, "forwarded", person.pk, str(person), to, who.names[to], text.strip(), now.step
    )
    remarks.keep(client, [note], by=by)
    place = Place(row.pk, document, now.step, to, mine.place, "forwarded")
    ask_places(client, [place], Version(row.flow_id, 0, flow))


def _refuse_registrant(client: Client, row: Approval, person: int, name: str) -> None:
    request = Request.objects.get(client=client, pk=row.request_id)
    if not request.registrant_may and person in request.registered_by:
        raise HandedItIn(name=name)


def code_as(
    client: Client,
    document: int,
    lines: Sequence[Mapping | CodedLine],
    *,
    person: Person,
    sha256: str,
    today: datetime.date,
) -> str:
    """Code a document that waits for the person, as they say; the SHA-256 of what there is to approve then.

    The lines must come to what the document asks for. Every yes before it is void, since it was to another
    coding. What is posted already is corrected in the books and not from here.
    """
    with transaction.atomic():
        row = locked(client, document)
        if row.sha256 != sha256:
            raise OtherContent()
        if person.pk not in _now(client, row).may or row.before != "posting":
            raise NotYourTurn()
        kept = Document.objects.get(client=client, pk=document)
        (bill,) = deciding.bills_of(client, [document])
        coding = tuple(each if isinstance(each, CodedLine) else codings.read(each) for each in lines)
        _check_coding(client, bill, coding, kept.supplier_id, today)
        Document.objects.filter(client=client, pk=document).update(
            coding=[codings.written(line) for line in coding]
        )
        note = Note(document, row.pk, "coded", person.pk, str(person), step=_step(row))
        remarks.keep(client, [note], by=f"person:{person.pk}")
        look_again(client, [document], by=f"person:{person.pk}", today=today)
    return Approval.objects.get(client=client, document=document, outcome="").sha256


def _check_coding(client: Client, bill, coding: Sequence[CodedLine], supplier: int | None, today) -> None:
    """What the books would refuse is refused now, while the person looks at it."""
    books = Books.objects.get(client=client)
    accounts = set(
        Account.objects.filter(
            client=client, is_active=True, number__in=[line.account for line in coding]
        ).values_list("number", flat=True)
    )
    for line in coding:
        if line.account not in accounts:
            raise NotInUseHere(account=line.account)
    purchase(
        bill,
        coding,
        supplier=supplier or 0,
        law=country(client.country),
        on=posting_day(bill.issued_on or today, books.closed_through),
        waits_on=waits_on(client),
    )


def _words(text: str) -> str:
    words = text.strip()
    if not words:
        raise NothingSaidYet()
    return words[: remarks.LONGEST]
