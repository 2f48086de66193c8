"""The rail of approval: what is certain is posted at once, on hold, or only when it is approved.

What is under approval keeps the coding that the approvers see; the robot does not code it again meanwhile.
"""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils import timezone

from nattbok.approvals.rules import canonical, fingerprint
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.desk.rules import QuestionDraft
from nattbok.documents.actions.rounds import beginning, ending
from nattbok.documents.actions.rounds.beginning import Start
from nattbok.documents.models import Approval
from nattbok.documents.queries.approval.reading import (
    BY_PEOPLE,
    POLICY,
    Latest,
    Version,
    facts,
    latest,
    people,
    version,
)
from nattbok.documents.rules.approval import (
    Before,
    Facts,
    Nobody,
    Passes,
    People,
    Plan,
    Planned,
    content,
    is_bound_to,
    plan,
)
from nattbok.documents.rules.approval.questions import nobody, not_approved
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.decision import Ask, Books, Certain
from nattbok.documents.rules.entry import posting_day, purchase

# What a person has said by approving a coded document: what speaks only against the robot's own coding.
SAID_BY_APPROVAL = {"documents.account"}


class UnderApproval(Refused):
    """What waits for approval is posted when it has it."""

    message = _("The document waits for approval, and is posted when it is approved.")


class NobodyApproves(Refused):
    """It needs approval, and nobody can be asked."""

    message = _("It needs approval, and nobody can be asked.")

    def __init__(self, reason: Words | None = None) -> None:
        super().__init__(**(reason.values if reason else {}))
        self.message = reason.text if reason else self.message


@dataclass(slots=True)
class Gated:
    """What may be posted now, what is asked, and what is with the client."""

    certain: list[tuple[Bill, Certain]] = field(default_factory=list)
    asks: list[tuple[Bill, Ask]] = field(default_factory=list)
    questions: list[QuestionDraft] = field(default_factory=list)  # about approval itself
    away: set[int] = field(default_factory=set)  # documents that the client's people have
    frozen: set[int] = field(default_factory=set)  # documents whose coding is under approval
    stuck: list[Words] = field(default_factory=list)  # why nobody can be asked
    passes: dict[int, Words] = field(default_factory=dict)  # approved by policy, and why
    version: int | None = None


def gate(
    client: Client,
    decided: Sequence[tuple[Bill, Certain | Ask]],
    books: Books,
    *,
    by: str,
    today: datetime.date,
    night: int | None = None,
) -> Gated:
    """Part what was decided on by its approval; begin the rounds that are needed, and end those made void."""
    now, rounds = version(client), latest(client, [bill.document for bill, _found in decided])
    gated = Gated(version=now.id)
    anew: list[tuple[Bill, Certain]] = []
    again: list[tuple[Bill, Certain, Latest]] = []
    void: list[Approval] = []
    for bill, found in decided:
        last = rounds.get(bill.document)
        outcome = last.row.outcome if last else POLICY
        is_same = last is not None and _is_same(bill, last)
        if last is not None and outcome in BY_PEOPLE and not is_same:
            void.append(last.row)
        if last is not None and outcome == "" and is_same:
            _waits(gated, bill, found, last, books)
        elif last is not None and outcome == "approved" and is_same:
            _approved(gated, bill, found, last, books)
        elif isinstance(found, Ask):
            gated.asks.append((bill, found))
        elif last is not None and outcome in (ending.DECLINED, ending.RETRACTED) and is_same:
            gated.questions.append(not_approved(bill, outcome))
        elif last is not None and outcome in BY_PEOPLE and not now.flow.is_on:
            again.append((bill, found, last))  # people were chosen for it, though no flow asks for any
        else:
            anew.append((bill, found))
    ending.end(client, void, ending.CHANGED, by=by, night=night)
    for bill, found, last in again:
        _again(client, gated, bill, found, last, now, by=by, today=today, night=night)
    _evaluate(client, gated, anew, now, by=by, today=today, night=night)
    return gated


def _is_same(bill: Bill, last: Latest) -> bool:
    now = content(bill, last.coding, supplier=last.supplier)
    return is_bound_to(now, json.loads(last.row.content), last.row.sha256)


def _waits(gated: Gated, bill: Bill, found: Certain | Ask, last: Latest, books: Books) -> None:
    """A round is under way: before posting nothing is done; before payment it is posted on hold."""
    if last.row.before == Before.POSTING.value:
        gated.away.add(bill.document)
        gated.frozen.add(bill.document)
        return
    as_seen = _as_approved(bill, found, last, books)
    if isinstance(as_seen, Certain):
        gated.certain.append((bill, held(as_seen)))
    else:
        gated.asks.append((bill, as_seen))
    if json.loads(last.row.content).get("coding"):
        gated.frozen.add(bill.document)


def _approved(gated: Gated, bill: Bill, found: Certain | Ask, last: Latest, books: Books) -> None:
    """Approved as it lies there: it is posted as it was approved."""
    as_seen = _as_approved(bill, found, last, books)
    if isinstance(as_seen, Certain):
        gated.certain.append((bill, as_seen))
    else:
        gated.asks.append((bill, as_seen))
    if json.loads(last.row.content).get("coding"):
        gated.frozen.add(bill.document)


def _as_approved(bill: Bill, found: Certain | Ask, last: Latest, books: Books) -> Certain | Ask:
    """What was decided, with the coding that the approvers saw in the place of the robot's own."""
    if not json.loads(last.row.content).get("coding") or not last.coding or found.coding == last.coding:
        return found
    kinds = set() if isinstance(found, Certain) else {found.kind, *found.also}
    supplier = found.supplier
    if not kinds <= SAID_BY_APPROVAL or supplier is None or bill.issued_on is None:
        return found
    try:
        draft = purchase(
            bill,
            last.coding,
            supplier=supplier.id,
            law=books.law,
            on=posting_day(bill.issued_on, books.closed_through),
            waits_on=books.waits_on,
        )
    except Refused as refused:
        return Ask("documents.refused", refused.words, supplier=supplier, coding=last.coding)
    if isinstance(found, Certain):
        return replace(found, coding=last.coding, draft=draft)
    return Certain(supplier, last.coding, draft)


def _evaluate(
    client: Client,
    gated: Gated,
    anew: Sequence[tuple[Bill, Certain]],
    now: Version,
    *,
    by: str,
    today: datetime.date,
    night: int | None,
) -> None:
    """What its flow says about each: it passes by policy, or a round begins, or nobody can be asked."""
    if not anew:
        return
    if not now.flow.is_on:  # nothing is asked of the database, for the many clients that demand nothing
        off = plan(now.flow, Facts(ZERO), People({}))
        for bill, found in anew:
            gated.passes[bill.document] = off.reason
            gated.certain.append((bill, found))
        return
    known = facts(client, [(bill, found.coding, found.supplier.id) for bill, found in anew])
    who, starts = people(client, today), []
    for bill, found in anew:
        planned = plan(now.flow, known[bill.document], who)
        if isinstance(planned, Passes):
            gated.passes[bill.document] = planned.reason
            gated.certain.append((bill, found))
        elif isinstance(planned, Nobody):
            gated.questions.append(nobody(bill, planned.reason))
            gated.stuck.append(planned.reason)
        else:
            starts.append(_start(bill, found, planned, now, known[bill.document]))
            if now.flow.before is Before.POSTING:
                gated.away.add(bill.document)
            else:
                gated.certain.append((bill, held(found)))
    beginning.begin(client, starts, now, who, by=by, night=night)


def _start(bill: Bill, found: Certain, planned: Plan, now: Version, known: Facts) -> Start:
    return Start(bill, found.coding, found.supplier.id, now.flow.before, planned, known.registered_by)


def held(found: Certain) -> Certain:
    """The same, with its open item on hold."""
    lines = tuple(replace(line, on_hold=True) if line.party else line for line in found.draft.lines)
    return replace(found, draft=replace(found.draft, lines=lines))


def keep_passed(
    client: Client, passed: Mapping[int, tuple[Bill, Sequence[CodedLine], int, int]], gated: Gated
) -> None:
    """Mark documents as approved by policy, with the rule that let them pass: document → (bill, coding,
    supplier, the act of posting it)."""
    passed = {document: each for document, each in passed.items() if document in gated.passes}
    texts = [
        canonical(content(bill, coding, supplier=supplier))
        for bill, coding, supplier, _act in passed.values()
    ]
    reasons = [gated.passes[document] for document in passed]
    count, moment = len(passed), timezone.now()
    bulk.insert(
        Approval,
        {
            "client_id": [client.pk] * count,
            "document_id": list(passed),
            "flow_id": [gated.version] * count,
            "sha256": [fingerprint(text) for text in texts],
            "content": texts,
            "before": [Before.POSTING.value] * count,
            "steps": [[]] * count,
            "reason": [reason.text for reason in reasons],
            "values": [{"values": reason.values} for reason in reasons],
            "outcome": [POLICY] * count,
            "sent_at": [moment] * count,
            "ended_at": [moment] * count,
            "act_id": [act for _bill, _coding, _supplier, act in passed.values()],
        },
    )


def by_hand(
    client: Client,
    bill: Bill,
    found: Certain,
    *,
    by: str,
    today: datetime.date,
    night: int | None = None,
) -> Gated:
    """The rail for a document that a person posts, coded as they say.

    In what is given, it is certain, on hold where it is paid after approval; or away, when a round before
    posting has begun with this coding. UnderApproval when one with this very coding is under way.
    """
    now, last = version(client), latest(client, [bill.document]).get(bill.document)
    gated = Gated(version=now.id)
    as_coded = replace(last, coding=found.coding, supplier=found.supplier.id) if last else None
    is_same = as_coded is not None and _is_same(bill, as_coded)
    outcome = last.row.outcome if last else POLICY
    if last is not None and outcome == "" and is_same:
        if last.row.before == Before.POSTING.value:
            raise UnderApproval()
        gated.certain.append((bill, held(found)))
        return gated
    if last is not None and outcome == "approved" and is_same:
        gated.certain.append((bill, found))
        return gated
    if last is not None and outcome in BY_PEOPLE:
        ending.end(client, [last.row], ending.CHANGED, by=by, night=night)
        if not now.flow.is_on:  # chosen people were asked: they are asked again, about what it is now
            _again(client, gated, bill, found, last, now, by=by, today=today, night=night)
            return gated
    _evaluate(client, gated, [(bill, found)], now, by=by, today=today, night=night)
    for reason in gated.stuck:
        raise NobodyApproves(reason)
    return gated


def _again(
    client: Client,
    gated: Gated,
    bill: Bill,
    found: Certain,
    last: Latest,
    now: Version,
    *,
    by: str,
    today: datetime.date,
    night: int | None,
) -> None:
    """The same people are asked anew about a document that was changed."""
    who = people(client, today)
    known = facts(client, [(bill, found.coding, found.supplier.id)])[bill.document]
    before = Before(last.row.before)
    start = Start(bill, found.coding, found.supplier.id, before, replanned(last.row), known.registered_by)
    beginning.begin(client, [start], now, who, by=by, night=night)
    if before is Before.POSTING:
        gated.away.add(bill.document)
    else:
        gated.certain.append((bill, held(found)))


def replanned(row: Approval) -> Plan:
    """The steps of a round, to begin it again with other content."""
    return Plan(
        tuple(
            Planned(int(step["people"]), tuple(step["persons"]), Words(**step["reason"]))
            for step in row.steps
        )
    )


__all__ = ["Gated", "NobodyApproves", "UnderApproval", "by_hand", "gate", "held", "keep_passed"]
