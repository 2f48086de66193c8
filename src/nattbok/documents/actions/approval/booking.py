"""What a correction in the books does to the approval of the document that the entry stands for.

Who approved a bill approved what was posted of it. Corrected into another purchase and not yet paid, it waits
for them again, on hold; corrected after it was paid, it is recorded beside what they said, and they are told.
"""

import datetime
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.documents.actions.approval.looking import anew, items_of
from nattbok.documents.actions.payees import payment_holds
from nattbok.documents.actions.rounds import Start, begin, end, letters, person_of, remarks
from nattbok.documents.actions.rounds.ending import CHANGED
from nattbok.documents.actions.rounds.remarks import Note
from nattbok.documents.models import Document
from nattbok.documents.queries import deciding
from nattbok.documents.queries.approval.reading import BY_PEOPLE, POLICY, facts, latest, people, version
from nattbok.documents.queries.approval.showing import said
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.approval import Before, Facts, Nobody, Plan, corrected, plan
from nattbok.documents.rules.approval.questions import not_approved
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import OpenItem
from nattbok.ledger.rules import LineDraft


@transaction.atomic
def entry_corrected(
    client: Client,
    document: int,
    entry: int,
    before: Sequence[LineDraft],
    after: Sequence[LineDraft],
    *,
    was_held: bool,
    by: str,
    why: str,
    today: datetime.date,
) -> None:
    """The document's entry, with the lines `before`, was corrected to `entry`, with the lines `after`.

    Another purchase that is not yet paid goes to approval again: to those who were asked, or, where the flow
    let it pass before, to whom it asks now. In the transaction of the correction.
    """
    last = latest(client, [document]).get(document)
    outcome = last.row.outcome if last else POLICY
    is_asked_about = False
    if corrected.differs(before, after):
        bill, coding, supplier = _as_booked(client, document, after)
        _record(client, document, last.row.pk if last else None, by=by, why=why)
        if not items_of(client, document):
            if last is not None and outcome == "approved":
                yes = said(client, [last.row.request_id])[last.row.request_id]
                letters.corrected(client, {last.row.pk: yes}, why)
        elif last is not None and outcome in BY_PEOPLE:
            end(client, [last.row], CHANGED, by=by, why=why)
            known = _facts(client, bill, coding, supplier, after)
            changed = replace(last, coding=coding, supplier=supplier)
            again = [(bill, changed)]
            anew(client, again, {document: known}, by=by, today=today, before=Before.PAYMENT)
            is_asked_about = True
        elif outcome == POLICY:
            known = _facts(client, bill, coding, supplier, after)
            is_asked_about = _by_flow(client, bill, coding, known, by=by, today=today)
    if not (was_held or is_asked_about or outcome == "" or payment_holds(client, [document])):
        own = OpenItem.objects.filter(client=client, line__entry=entry).values_list("pk", flat=True)
        ledger.release(client, own, by=by, why="approved")


def _as_booked(
    client: Client, document: int, lines: Sequence[LineDraft]
) -> tuple[Bill, tuple[CodedLine, ...], int | None]:
    """The document as it now stands in the books: its coding and supplier are kept, and shown, as posted."""
    (bill,) = deciding.bills_of(client, [document])
    coding = corrected.coding(lines, country(client.country))
    supplier = next((line.party for line in lines if line.party is not None), None)
    if not bill.paid_from:
        Document.objects.filter(client=client, pk=document).update(
            coding=[codings.written(line) for line in coding], supplier_id=supplier
        )
    (bill,) = deciding.bills_of(client, [document])
    return bill, coding, supplier


def _facts(
    client: Client,
    bill: Bill,
    coding: Sequence[CodedLine],
    supplier: int | None,
    lines: Sequence[LineDraft],
) -> Facts:
    """What a flow asks of it, with the amount that is to be paid by the books."""
    known = facts(client, [(bill, coding, supplier)])[bill.document]
    return replace(known, owed=abs(corrected.owed(lines)))


def _record(client: Client, document: int, approval: int | None, *, by: str, why: str) -> None:
    remarks.keep(client, [Note(document, approval, "corrected", person_of(by), text=why)], by=by)


def _by_flow(
    client: Client,
    bill: Bill,
    coding: tuple[CodedLine, ...],
    known: Facts,
    *,
    by: str,
    today: datetime.date,
) -> bool:
    """Whether the flow asks somebody about what nobody was asked about before; then they are asked."""
    now, who = version(client), people(client, today)
    planned = plan(now.flow, known, who)
    if isinstance(planned, Plan):
        start = Start(bill, coding, known.supplier, Before.PAYMENT, planned, known.registered_by)
        begin(client, [start], now, who, by=by)
    elif isinstance(planned, Nobody):
        desk.ask(client, [not_approved(bill, reason=planned.reason, is_posted=True)], by=by)
    else:
        return False
    return True
