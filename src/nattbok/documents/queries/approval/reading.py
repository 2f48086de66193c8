"""What deciding on the approval of documents needs to know: flows, people, and the latest rounds."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.clients.models import Access, Client, Membership, Person
from nattbok.clients.queries import keeps_books
from nattbok.clients.rules import Right, Role, rights
from nattbok.documents.models import Absence, Approval, ApprovalFlow, Asked, Document, Responsible
from nattbok.documents.queries import deciding
from nattbok.documents.rules import coding as codings
from nattbok.documents.rules.approval import Facts, Flow, InStep, People
from nattbok.documents.rules.approval.flow import read
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine
from nattbok.trail.models import Act

RECEIVED = "documents.received"
# Who did one of these to a document has registered it: where the client demands it, they do not approve it.
REGISTERING = (RECEIVED, "documents.corrected", "documents.handed_over", "documents.approval_corrected")
POLICY = "policy"  # how a round ended in which nobody had to be asked
BY_PEOPLE = ("", "approved")  # rounds that people are asked in, or have said yes in
AROUND = datetime.timedelta(minutes=1)  # the act of receiving is kept when the document is


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a client's flow. Before anything was set it has no id, and lets all pass."""

    id: int | None
    number: int
    flow: Flow


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest round of a document, with the coding that the document has now."""

    row: Approval
    coding: tuple[CodedLine, ...]
    supplier: int | None


def version(client: Client) -> Version:
    """The flow that documents sent from now on go by."""
    found = ApprovalFlow.objects.filter(client=client).order_by("-version").first()
    return Version(found.pk, found.version, read(found.content)) if found else Version(None, 0, Flow())


def flow_of(client: Client, flow: int | None) -> Flow:
    """The flow that a round goes by, whatever has been set since."""
    found = ApprovalFlow.objects.filter(client=client, pk=flow).first() if flow else None
    return read(found.content) if found else Flow()


def latest(client: Client, documents: Collection[int]) -> dict[int, Latest]:
    """Document → its latest round; those that never had one are not in it."""
    rows = list(
        Approval.objects.filter(client=client, document__among=list(documents))
        .order_by("document", "-pk")
        .distinct("document")
    )
    kept = {
        pk: (coding, supplier)
        for pk, coding, supplier in Document.objects.filter(
            client=client, pk__among=[row.document_id for row in rows]
        ).values_list("pk", "coding", "supplier_id")
    }
    return {
        row.document_id: Latest(row, tuple(codings.read(line) for line in coding), supplier)
        for row in rows
        for coding, supplier in (kept[row.document_id],)
    }


def people(client: Client, today: datetime.date) -> People:
    """Who can be asked at the client: its own people with the right to approve, and those of its office."""
    names: dict[int, str] = {}
    roles: dict[str, list[int]] = defaultdict(list)
    for access in (
        Access.objects.filter(client=client, person__is_active=True)
        .select_related("person")
        .order_by("person")
    ):
        if Right.APPROVE in rights(Role(access.role), access.rights):
            names[access.person_id] = str(access.person)
            roles[access.role].append(access.person_id)
    for member in (
        Membership.objects.filter(office=client.office_id, sees_all_clients=True, person__is_active=True)
        .select_related("person")
        .order_by("person")
    ):
        names.setdefault(member.person_id, str(member.person))
        if member.person_id not in roles[Role.ACCOUNTANT.value]:
            roles[Role.ACCOUNTANT.value].append(member.person_id)
    return People(
        names,
        {role: tuple(found) for role, found in roles.items()},
        {
            (dimension, code): person
            for dimension, code, person in Responsible.objects.filter(client=client).values_list(
                "dimension", "code", "person_id"
            )
        },
        dict(
            Absence.objects.filter(client=client, from_on__lte=today, through_on__gte=today)
            .order_by("-from_on")
            .values_list("person_id", "stand_in_id")
        ),
    )


def facts(client: Client, bills: Sequence[tuple[Bill, Sequence[CodedLine], int | None]]) -> dict[int, Facts]:
    """Document → what a flow asks of it; each given with its coding and its supplier."""
    settings = deciding.settings(client)
    names = {each.id: each.name for each in deciding.suppliers(client)}
    handed_in = registered(client, [bill.document for bill, _coding, _supplier in bills])
    return {
        bill.document: Facts(
            owed=abs(bill.owed or ZERO),
            supplier=supplier,
            supplier_name=names.get(supplier or 0, bill.seller),
            accounts=frozenset(line.account for line in coding),
            dimensions=frozenset(
                (name, code) for line in coding for name, code in (line.dimensions or {}).items()
            ),
            registered_by=handed_in.get(bill.document, frozenset()),
            approver=settings[supplier].approver if supplier in settings else None,
            is_own_currency=bill.currency in ("", client.currency),
        )
        for bill, coding, supplier in bills
    }


def registered(client: Client, documents: Collection[int]) -> dict[int, frozenset[int]]:
    """Document → the people who handed it in, or corrected what was read, or posted, of it."""
    moments = dict(
        Document.objects.filter(client=client, pk__among=list(documents)).values_list("pk", "received_at")
    )
    if not moments:
        return {}
    found: dict[int, set[int]] = defaultdict(set)
    acts = Act.objects.filter(
        client=client,
        at__gte=min(moments.values()) - AROUND,
        by__startswith="person:",
        kind__in=REGISTERING,
    )
    for by, evidence in acts.values_list("by", "evidence"):
        named = evidence.get("documents") or [evidence.get("document")]
        person = by.partition(":")[2]
        for document in named if isinstance(named, list) else ():
            if document in moments and person.isdigit():
                found[document].add(int(person))
    return {document: frozenset(who) for document, who in found.items()}


def in_steps(client: Client | None, approvals: Collection[int]) -> dict[int, dict[int, list[InStep]]]:
    """Approval → step → those who are asked in it; of one client, or of all in scope."""
    found: dict[int, dict[int, list[InStep]]] = defaultdict(lambda: defaultdict(list))
    rows = Asked.objects.filter(approval__among=list(approvals)).order_by("pk")
    for row in rows if client is None else rows.filter(client=client):
        found[row.approval_id][row.step].append(
            InStep(row.person_id, row.place, handed_on=row.ended_at is not None)
        )
    return found


def needed(row: Approval) -> list[int]:
    """How many places each step of a round has."""
    return [int(step["people"]) for step in row.steps]


def may_set(client: Client, person: Person) -> bool:
    """Whether the person may set the flow: who keeps the books, or decides at the client."""
    if keeps_books(person, client):
        return True
    return Access.objects.filter(client=client, person=person, role=Role.OWNER.value).exists()


@dataclass(frozen=True, slots=True)
class Set:
    """What is set beside the flow: who is responsible for what, and who is away."""

    responsible: tuple[tuple[str, str, int, str, Decimal | None], ...]
    absences: tuple[tuple[int, str, str, datetime.date, datetime.date], ...]


def set_beside(client: Client, today: datetime.date) -> Set:
    """Who is responsible for which project and department, with its budget; and the absences to come."""
    return Set(
        tuple(
            (row.dimension, row.code, row.person_id, str(row.person), row.budget)
            for row in Responsible.objects.filter(client=client)
            .select_related("person")
            .order_by("dimension", "code")
        ),
        tuple(
            (row.person_id, str(row.person), str(row.stand_in), row.from_on, row.through_on)
            for row in Absence.objects.filter(client=client, through_on__gte=today)
            .select_related("person", "stand_in")
            .order_by("from_on", "pk")
        ),
    )


def holds_correction(client: Client, document: int) -> bool:
    """Whether a correction of the document's entry is posted on hold, until `entry_corrected` has looked."""
    last = latest(client, [document]).get(document)
    if last is not None and last.row.outcome != POLICY:
        return last.row.outcome in BY_PEOPLE
    return version(client).flow.is_on
