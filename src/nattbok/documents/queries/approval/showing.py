"""The approval of documents to show: the state of one, what waits for a person, and where all of it is."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from nattbok.approvals.models import Yes
from nattbok.base.money import ZERO
from nattbok.base.words import Words
from nattbok.clients.models import Client, Person
from nattbok.documents.models import Approval, Asked, Document, Remark, Responsible
from nattbok.documents.queries.approval.reading import flow_of, in_steps, latest, needed
from nattbok.documents.queries.deciding import with_entry
from nattbok.documents.rules.approval import InStep, Progress, progress
from nattbok.documents.rules.approval.flow import Flow
from nattbok.ledger.models import Entry, Line, OpenItem

NONE, WAITING = "none", "waiting"


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said or done about a document's approval."""

    kind: str
    step: int
    person: int | None
    name: str  # "" for the robot
    to_name: str
    text: str
    at: datetime.datetime
    act: int
    method: str = ""  # of a yes: login or link


@dataclass(frozen=True, slots=True)
class StepState:
    """A step of a round: why it is there, and who has said yes, has not, or handed it on."""

    number: int
    people: int
    reason: Words
    said: tuple[str, ...]
    waits_for: tuple[str, ...]
    is_done: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class State:
    """How the approval of a document stands.

    `outcome` is none, waiting, approved, policy, declined, retracted or changed.
    """

    outcome: str
    approval: int | None = None
    sha256: str = ""
    before: str = ""
    reason: Words | None = None
    skipped: tuple[Words, ...] = ()
    step: int = 0
    steps: tuple[StepState, ...] = ()
    may: frozenset[int] = frozenset()
    said_by: frozenset[int] = frozenset()
    sent_at: datetime.datetime | None = None
    ended_at: datetime.datetime | None = None
    flow: Flow = field(default_factory=Flow)
    flow_version: int = 0

    @property
    def is_with_client(self) -> bool:
        """Whether the client's people have it, so that it is not in the office's queue."""
        return self.outcome == WAITING and self.before == "posting"


@dataclass(frozen=True, slots=True)
class Budget:
    """A project or department, with what it may and does cost."""

    dimension: str
    code: str
    responsible: str
    budget: Decimal | None
    spent: Decimal


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits for somebody's yes."""

    client: int
    document: int
    approval: int
    sha256: str
    supplier_name: str
    number: str
    issued_on: datetime.date | None
    due_on: datetime.date | None
    currency: str
    owed: Decimal | None
    asked_at: datetime.datetime
    chased_on: datetime.date | None
    is_decision: bool = True  # False: only their answer to a question is wanted
    person: int = 0
    name: str = ""
    step: int = 0
    before: str = ""


def states(client: Client, documents: Collection[int]) -> dict[int, State]:
    """Document → how its approval stands, in a handful of queries."""
    found = latest(client, documents)
    rounds = [each.row for each in found.values()]
    asked = in_steps(client, [row.pk for row in rounds])
    yes = said(client, [row.request_id for row in rounds if row.request_id])
    names = _names({each.person for steps in asked.values() for some in steps.values() for each in some})
    flows = {number: flow_of(client, number) for number in {row.flow_id for row in rounds}}
    return {
        row.document_id: _state(
            row, asked.get(row.pk, {}), yes.get(row.request_id or 0, set()), names, flows[row.flow_id]
        )
        for row in rounds
    }


def state(client: Client, document: int) -> State:
    """How the approval of one document stands; raises Document.DoesNotExist when it is not this client's."""
    found = states(client, [document]).get(document)
    if found is None:
        Document.objects.only("pk").get(client=client, pk=document)
    return found or State(NONE)


def said(client: Client | None, requests: Collection[int]) -> dict[int, set[int]]:
    """Request → the people who have said yes to it."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = _of(Yes.objects.filter(request__among=list(requests)), client)
    for request, person in rows.values_list("request_id", "person_id"):
        found[request].add(person)
    return found


def _names(people: Collection[int]) -> dict[int, str]:
    return {person.pk: str(person) for person in Person.objects.filter(pk__in=list(people))}


def _state(
    row: Approval,
    asked: dict[int, list[InStep]],
    yes: set[int],
    names: dict[int, str],
    flow: Flow,
) -> State:
    now = progress(needed(row), asked, yes)
    return State(
        outcome=row.outcome or WAITING,
        approval=row.pk,
        sha256=row.sha256,
        before=row.before,
        reason=Words(row.reason, row.values.get("values", {})) if row.reason else None,
        skipped=tuple(Words(each["text"], each["values"]) for each in row.values.get("skipped", ())),
        step=now.step if not row.outcome else 0,
        steps=tuple(_steps(row, asked, yes, names, now)),
        may=now.may if not row.outcome else frozenset(),
        said_by=frozenset(yes),
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        flow=flow,
        flow_version=row.values.get("version", 0),
    )


def _steps(
    row: Approval, asked: dict[int, list[InStep]], yes: set[int], names: dict[int, str], now: Progress
) -> Sequence[StepState]:
    found = []
    for number, step in enumerate(row.steps, 1):
        there = asked.get(number, ())
        is_now = number == now.step and not now.is_complete and not row.outcome
        planned = [person for person in step["persons"] if not there]
        if is_now:
            planned = [each.person for each in there if each.person in now.may]
        found.append(
            StepState(
                number,
                int(step["people"]),
                Words(step["reason"]["text"], step["reason"]["values"]),
                tuple(names.get(each.person, "–") for each in there if each.person in yes),
                tuple(names.get(person, "–") for person in planned),
                now.is_complete or number < now.step,
                is_now,
            )
        )
    return found


def waiting(client: Client | None = None, person: int | None = None) -> list[Waiting]:
    """What waits for a yes, the longest first: once for each who is asked now, or what waits for one person.

    At one client, or at all that are in scope, in as many queries.
    """
    rounds = list(_of(Approval.objects.filter(outcome=""), client).order_by("pk"))
    if not rounds:
        return []
    asked = in_steps(client, [row.pk for row in rounds])
    yes = said(client, [row.request_id for row in rounds])
    rows = {
        (row.approval_id, row.step, row.person_id): row
        for row in _of(Asked.objects.filter(approval__in=rounds), client).select_related("person")
    }
    papers = {
        paper.pk: paper
        for paper in _of(Document.objects.filter(pk__in=[row.document_id for row in rounds]), client).only(
            "supplier_name", "number", "issued_on", "due_on", "currency", "owed"
        )
    }
    found = []
    for row in rounds:
        now = progress(needed(row), asked[row.pk], yes[row.request_id])
        found += [
            _waiting(row, rows[row.pk, now.step, who], papers[row.document_id])
            for who in sorted(now.may)
            if person is None or who == person
        ]
    return found


def waits(client: Client, person: int) -> int:
    """How many documents wait for the person's yes: what `waiting` lists, in two queries."""
    rounds: dict[int, Approval] = {}
    asked: dict[int, dict[int, list[InStep]]] = defaultdict(lambda: defaultdict(list))
    rows = Asked.objects.filter(client=client, approval__outcome="").select_related("approval")
    for row in rows.defer("approval__content").order_by("pk"):
        rounds[row.approval_id] = row.approval
        asked[row.approval_id][row.step].append(
            InStep(row.person_id, row.place, handed_on=row.ended_at is not None)
        )
    yes = said(client, [row.request_id for row in rounds.values()]) if rounds else {}
    return sum(
        person in progress(needed(row), asked[pk], yes[row.request_id]).may for pk, row in rounds.items()
    )


def was_asked(client: Client, person: int, *, document: int | None = None, file: int | None = None) -> bool:
    """Whether the person is, or was, asked to approve or about the document, or one that is in the file."""
    which = {"document": document} if file is None else {"document__file": file}
    asked = Asked.objects.filter(
        client=client, person=person, **{f"approval__{name}": pk for name, pk in which.items()}
    )
    questions = Remark.objects.filter(client=client, to_person=person, kind="question", **which)
    return asked.exists() or questions.exists()


def _of(rows: QuerySet, client: Client | None) -> QuerySet:
    """The rows of one client, or of all in scope."""
    return rows if client is None else rows.filter(client=client)


def waiting_for(person: Person, clients: Sequence[Client]) -> list[Waiting]:
    """What waits for the person's yes at these clients, all in scope; the longest first."""
    allowed = {client.pk for client in clients}
    return [each for each in waiting(None, person.pk) if each.client in allowed]


def _waiting(row: Approval, asked: Asked, paper: Document) -> Waiting:
    return Waiting(
        row.client_id,
        row.document_id,
        row.pk,
        row.sha256,
        paper.supplier_name,
        paper.number,
        paper.issued_on,
        paper.due_on,
        paper.currency,
        paper.owed,
        asked.asked_at,
        asked.chased_on,
        True,
        asked.person_id,
        str(asked.person),
        asked.step,
        row.before,
    )


def with_client(client: Client) -> list[int]:
    """The documents that the client's people have: they wait for a yes before they are posted."""
    return list(
        Approval.objects.filter(client=client, outcome="", before="posting").values_list(
            "document_id", flat=True
        )
    )


def history(client: Client, document: int) -> list[Said]:
    """All that was said and done about the document's approval, in order, with names and times."""
    rows = list(
        Remark.objects.filter(client=client, document=document)
        .select_related("person", "to_person", "approval")
        .order_by("pk")
    )
    requests = {row.approval.request_id for row in rows if row.approval_id and row.approval.request_id}
    methods = {
        (request, person): method
        for request, person, method in Yes.objects.filter(client=client, request__in=requests).values_list(
            "request_id", "person_id", "method"
        )
    }
    return [
        Said(
            row.kind,
            row.step,
            row.person_id,
            str(row.person) if row.person_id else "",
            str(row.to_person) if row.to_person_id else "",
            row.text,
            row.at,
            row.act_id,
            methods.get((row.approval.request_id, row.person_id), "") if row.kind == "yes" else "",
        )
        for row in rows
    ]


def budgets(client: Client, dimensions: Collection[tuple[str, str]]) -> list[Budget]:
    """The projects and departments of a document: their budget, and what costs have been posted so far."""
    set_for = {
        (row.dimension, row.code): row
        for row in Responsible.objects.filter(
            client=client, code__in=[code for _dimension, code in dimensions]
        ).select_related("person")
    }
    wanted = sorted(dimensions)
    if not wanted:
        return []
    any_of = reduce(or_, (Q(dimensions__contains={dimension: code}) for dimension, code in wanted))
    costs = Line.objects.filter(any_of, client=client, account__kind="cost")
    sums = costs.aggregate(
        **{
            f"spent_{place}": Sum("amount", filter=Q(dimensions__contains={dimension: code}), default=ZERO)
            for place, (dimension, code) in enumerate(wanted)
        }
    )
    return [
        Budget(
            dimension,
            code,
            str(row.person) if (row := set_for.get((dimension, code))) else "",
            row.budget if row else None,
            sums[f"spent_{place}"],
        )
        for place, (dimension, code) in enumerate(wanted)
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """A bill beside those of its supplier in the half year before it; amounts without a sign."""

    count: int = 0
    lowest: Decimal = ZERO
    highest: Decimal = ZERO
    is_same: bool = False  # all of them were of this amount


HALF_YEAR = datetime.timedelta(days=184)


def compared(client: Client, document: int) -> Compared:
    """How the document's amount is to the bills that stand in the books from its supplier."""
    found = with_entry(client).get(pk=document)
    if found.supplier_id is None or found.owed is None:
        return Compared()
    on = found.issued_on or found.received_at.date()
    items = (
        OpenItem.objects.filter(
            client=client,
            party=found.supplier_id,
            date__gte=on - HALF_YEAR,
            date__lte=on,
            line__entry__reverses__isnull=True,
        )
        .exclude(number="")
        .exclude(line__entry__origin=f"document:{document}")
        .exclude(Exists(Entry.objects.filter(client=client, reverses=OuterRef("line__entry_id"))))
    )
    amounts = [-amount for amount in items.values_list("amount", flat=True)[:500] if amount < 0]
    if not amounts:
        return Compared()
    return Compared(len(amounts), min(amounts), max(amounts), set(amounts) == {found.owed})
