"""What waits for a yes, who may give it, and who did."""

import datetime
from dataclasses import dataclass
from decimal import Decimal

from nattbok.approvals.models import Demand, Factor, RecoveryCode, Request, Right, Yes
from nattbok.approvals.models import Proof as ProofRow
from nattbok.approvals.rules.content import canonical, fingerprint
from nattbok.approvals.rules.policy import Asked, May, Policy
from nattbok.clients.access import clients_of
from nattbok.clients.models import Client, Person


@dataclass(frozen=True, slots=True)
class Said:
    """One yes, to show."""

    person: int
    name: str
    method: str
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class RequestRow:
    """What waits for a yes, or got it, to show."""

    id: int
    kind: str
    subject: str
    sha256: str
    content: str
    amount: Decimal
    currency: str
    people: int
    outcome: str
    said: tuple[Said, ...]

    @property
    def left(self) -> int:
        """How many more must say yes."""
        return max(0, self.people - len(self.said)) if not self.outcome else 0


@dataclass(frozen=True, slots=True)
class RightRow:
    """A person's right, to show."""

    person: int
    name: str
    kind: str
    limit: Decimal | None


@dataclass(frozen=True, slots=True)
class Own:
    """A person's own second factor."""

    since: datetime.datetime
    recovery_codes_left: int


def policy(client: Client, kind: str) -> Policy:
    """What the client demands; one person when nothing was ever said."""
    found = Demand.objects.filter(client=client, kind=kind).first()
    return Policy(found.people, found.two_above, found.registrant_may) if found else Policy()


def right(client: Client, person: Person, kind: str) -> May | None:
    """The person's right to see and approve a kind for the client; None without one.

    Rights are given by name. Somebody who is no longer active, or may no longer enter the client, has none.
    """
    if client.pk not in clients_of(person):
        return None
    found = Right.objects.filter(client=client, person=person, kind=kind).first()
    return May(found.limit) if found else None


def rights(client: Client) -> list[RightRow]:
    """All rights that were given by name in the client's books."""
    rows = Right.objects.filter(client=client).select_related("person").order_by("kind", "person__name", "pk")
    return [RightRow(row.person_id, str(row.person), row.kind, row.limit) for row in rows]


def asked(client: Client, request: Request) -> Asked:
    """A request as the rules see it. What the client demands now counts where it is stricter."""
    now = policy(client, request.kind)
    said = Yes.objects.filter(client=client, request=request).values_list("person_id", flat=True)
    return Asked(
        kind=request.kind,
        sha256=request.sha256,
        amount=request.amount,
        registered_by=tuple(request.registered_by),
        said_by=tuple(said),
        people=request.people,
        is_open=not request.outcome,
        registrant_may=request.registrant_may and now.registrant_may,
        proof=request.proof,
    )


def request_of(client: Client, subject: str) -> Request | None:
    """The live request of a subject: the one that waits or is approved."""
    return Request.objects.filter(client=client, subject=subject).exclude(outcome="withdrawn").first()


def requests(client: Client, subjects: list[str]) -> dict[str, RequestRow]:
    """Subject → its live request with those who have said yes."""
    found = list(Request.objects.filter(client=client, subject__in=subjects).exclude(outcome="withdrawn"))
    said: dict[int, list[Said]] = {}
    for yes in (
        Yes.objects.filter(client=client, request__in=found)
        .select_related("person", "proof")
        .order_by("said_at", "pk")
    ):
        said.setdefault(yes.request_id, []).append(
            Said(
                yes.person_id,
                str(yes.person),
                yes.proof.method if yes.proof_id else yes.method,
                yes.said_at,
            )
        )
    return {
        one.subject: RequestRow(
            one.pk,
            one.kind,
            one.subject,
            one.sha256,
            one.content,
            one.amount,
            one.currency,
            one.people,
            one.outcome,
            tuple(said.get(one.pk, ())),
        )
        for one in found
    }


def waiting_for(client: Client, person: Person) -> int:
    """How many of what needs a right by name, payments and salaries, wait for the person's yes."""
    kinds = Right.objects.filter(client=client, person=person).values("kind")
    said = Yes.objects.filter(client=client, person=person).values("request")
    return Request.objects.filter(client=client, outcome="", kind__in=kinds).exclude(pk__in=said).count()


def own_factor(person: Person) -> Own | None:
    """The person's second factor; None before one is set up."""
    factor = Factor.objects.filter(
        person=person, method="totp", confirmed_at__isnull=False, removed_at__isnull=True
    ).first()
    if factor is None:
        return None
    codes = RecoveryCode.objects.filter(factor=factor).count()
    used = ProofRow.objects.filter(factor=factor, method="recovery").count()
    return Own(factor.confirmed_at, codes - used)


def settings_print(client: Client, kind: str, deed: str) -> str:
    """What a code is given for when somebody changes who must or may approve: SHA-256, hex."""
    return fingerprint(canonical({"client": client.pk, "kind": kind, "deed": deed}))
