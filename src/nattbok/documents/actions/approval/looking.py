"""Looking again at what is under approval: what was changed since makes every yes void."""

import datetime
import json
from collections.abc import Collection, Mapping

from django.db import transaction

from nattbok.clients.models import Client
from nattbok.documents.actions.rounds import Start, begin, end
from nattbok.documents.actions.rounds.ending import CHANGED
from nattbok.documents.actions.rounds.gate import replanned
from nattbok.documents.models import Approval
from nattbok.documents.queries import deciding
from nattbok.documents.queries.approval.reading import (
    Latest,
    Version,
    facts,
    flow_of,
    latest,
    people,
)
from nattbok.documents.rules.approval import Before, Facts, Plan, besides, chosen, content, is_bound_to, plan
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.entry import origin
from nattbok.ledger.models import Books, OpenItem


def items_of(client: Client, document: int) -> list[int]:
    """The open items of the entry that stands for the document, that have something left."""
    entry = deciding.with_entry(client).filter(pk=document).values_list("entry", flat=True).first()
    if entry is None:
        return []
    return list(
        OpenItem.objects.filter(client=client, line__entry=entry, line__entry__origin=origin(document))
        .exclude(left=0)
        .values_list("pk", flat=True)
    )


@transaction.atomic
def look_again(
    client: Client,
    documents: Collection[int] | None = None,
    *,
    by: str,
    today: datetime.date,
    night: int | None = None,
) -> list[int]:
    """End the rounds under way, of all documents or of these, whose content is not what it was; begin them
    anew with what lies there now. The documents that were changed.

    Where the flow would ask nobody about what lies there now, those who were asked before are asked again.
    """
    Books.objects.select_for_update().get(client=client)
    rows = Approval.objects.filter(client=client, outcome="")
    if documents is not None:
        rows = rows.filter(document__in=list(documents))
    under_way = list(rows.order_by("pk"))
    rounds = latest(client, [row.document_id for row in under_way])
    bills = {bill.document: bill for bill in deciding.bills_of(client, list(rounds))}
    changed = [
        rounds[row.document_id]
        for row in under_way
        if not is_same(bills[row.document_id], rounds[row.document_id])
    ]
    if not changed:
        return []
    end(client, [each.row for each in changed], CHANGED, by=by, night=night)
    again = [(bills[each.row.document_id], each) for each in changed]
    known = facts(client, [(bill, each.coding, each.supplier) for bill, each in again])
    anew(client, again, known, by=by, today=today, night=night)
    return [each.row.document_id for each in changed]


def is_same(bill: Bill, last: Latest) -> bool:
    """Whether the document is, to the letter, what its round is of."""
    now = content(bill, last.coding, supplier=last.supplier)
    return is_bound_to(now, json.loads(last.row.content), last.row.sha256)


def anew(
    client: Client,
    changed: Collection[tuple[Bill, Latest]],
    known: Mapping[int, Facts],
    *,
    by: str,
    today: datetime.date,
    night: int | None = None,
    before: Before | None = None,
) -> None:
    """Begin rounds that are ended again, with the steps that their own flow gives what is `known` of each.

    Where it would ask nobody now, those who were asked before are asked again. What waits for the last yes is
    what waited for it, unless `before` says otherwise.
    """
    who = people(client, today)
    flows = {flow: flow_of(client, flow) for flow in {each.row.flow_id for _bill, each in changed}}
    by_version: dict[tuple[int | None, tuple[int, ...]], list[Start]] = {}
    for bill, each in changed:
        flow = flows[each.row.flow_id]
        kept = each.row.values.get("chosen")
        first = tuple(kept) if isinstance(kept, list) else ()
        planned = plan(flow, known[bill.document], who)
        if first:
            asked = chosen(first, known[bill.document], who, registrant_may=flow.registrant_may)
            planned = besides(asked, planned) if isinstance(asked, Plan) else asked
        if not isinstance(planned, Plan):
            planned = replanned(each.row)  # the same people, who have seen it before
        by_version.setdefault((each.row.flow_id, first), []).append(
            Start(
                bill,
                each.coding,
                each.supplier,
                before or Before(each.row.before),
                planned,
                known[bill.document].registered_by,
            )
        )
    for (flow_id, first), starts in by_version.items():
        number = next(
            each.row.values.get("version", 0) for _bill, each in changed if each.row.flow_id == flow_id
        )
        its = Version(flow_id, number, flows[flow_id])
        begin(client, starts, its, who, by=by, night=night, chosen=first)
