"""Asking for a yes to a frozen content, and giving it: who, when, by which factor, to exactly what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from nattbok.approvals import queries
from nattbok.approvals.models import Demand, Proof, Request, Right, Yes
from nattbok.approvals.rules import policy as rules
from nattbok.approvals.rules.content import canonical, fingerprint
from nattbok.approvals.rules.factors import Proven, UsedCode
from nattbok.approvals.rules.policy import Light, May, Policy
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client, Person
from nattbok.db import bulk
from nattbok.trail.actions import act, record
from nattbok.trail.rules import ActDraft, means

ASKED = means("approvals.asked", _("{subject} waits for {people} approvals"))
SAID = means("approvals.said", _("{person} approved {subject} ({said} of {people}) by {method}"))
WITHDRAWN = means("approvals.withdrawn", _("The approval of {subject} was withdrawn: {why}"))
REFUSED = means("approvals.refused", _("{person} was refused to approve {subject}: {why}"))
DEMANDED = means("approvals.demanded", _("{people} people must approve {right} from now on"))
GIVEN = means("approvals.right_given", _("{person} may see and approve {right}"))
TAKEN = means("approvals.right_taken", _("{person} may no longer see and approve {right}"))


@transaction.atomic
def demand(client: Client, kind: str, policy: Policy, *, by: str) -> None:
    """What the client demands for a kind of approval, from the next one that is asked for."""
    rules.check(policy)
    Demand.objects.update_or_create(
        client=client,
        kind=kind,
        defaults={
            "people": policy.people,
            "two_above": policy.two_above,
            "registrant_may": policy.registrant_may,
        },
    )
    act(
        client, DEMANDED, by, right=kind, people=policy.people, registrant_may=policy.registrant_may,
        two_above=None if policy.two_above is None else str(policy.two_above),
    )  # fmt: skip


@transaction.atomic
def let(client: Client, person: Person, kind: str, right: May, *, by: str) -> None:
    """Let a person see and approve a kind for the client."""
    if right.limit is not None and right.limit <= 0:
        raise rules.BadPolicy()
    Right.objects.update_or_create(client=client, person=person, kind=kind, defaults={"limit": right.limit})
    limit = None if right.limit is None else str(right.limit)
    act(client, GIVEN, by, person=str(person), person_id=person.pk, right=kind, limit=limit)


@transaction.atomic
def forbid(client: Client, person: Person, kind: str, *, by: str) -> None:
    """Take the right back. What the person has approved stays approved."""
    if Right.objects.filter(client=client, person=person, kind=kind).delete()[0]:
        act(client, TAKEN, by, person=str(person), person_id=person.pk, right=kind)


@transaction.atomic
def ask_for(
    client: Client,
    kind: str,
    subject: str,
    content: object,
    *,
    amount,
    currency: str,
    registered_by: Collection[int],
    by: str,
    policy: Policy | None = None,
    proof: str = rules.STRONG,
) -> Request:
    """Freeze `content` and wait for the yes that the client demands, or `policy`; the request.

    With `proof` LIGHT a log-in or a one-time link is enough for a yes, and the asking department says who
    may give it. The same content of the same subject is asked for once; other content needs the first to be
    withdrawn.
    """
    text = canonical(content)
    there = Request.objects.filter(client=client, subject=subject).exclude(outcome="withdrawn").first()
    if there is not None:
        if there.sha256 != fingerprint(text):
            raise rules.OtherContent()
        return there
    policy = policy or queries.policy(client, kind)
    people = rules.needed(policy, amount)
    asked = act(client, ASKED, by, subject=subject, right=kind, people=people, sha256=fingerprint(text))
    return Request.objects.create(
        client=client,
        kind=kind,
        subject=subject,
        content=text,
        sha256=fingerprint(text),
        amount=amount,
        currency=currency,
        people=people,
        registrant_may=policy.registrant_may,
        registered_by=sorted(set(registered_by)),
        proof=proof,
        act_id=asked,
        asked_at=timezone.now(),
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """One of several contents to be asked for at once: what it is of, and how many must say yes."""

    subject: str
    content: object
    amount: Decimal
    currency: str
    people: int
    registered_by: Collection[int] = ()
    registrant_may: bool = True


@transaction.atomic
def ask_for_many(
    client: Client, kind: str, wishes: Sequence[Wish], *, by: str, proof: str, night: int | None = None
) -> list[int]:
    """Freeze many contents in a few statements; their requests, in order.

    None of the subjects may have a live request: withdraw it first.
    """
    texts = [canonical(each.content) for each in wishes]
    prints = [fingerprint(text) for text in texts]
    acts = record(
        client,
        [
            ActDraft(
                ASKED,
                by,
                {"subject": each.subject, "right": kind, "people": each.people, "sha256": sha256},
                night,
            )
            for each, sha256 in zip(wishes, prints, strict=True)
        ],
    )
    ids, count, moment = bulk.ids(Request, len(wishes)), len(wishes), timezone.now()
    bulk.insert(
        Request,
        {
            "id": ids,
            "client_id": [client.pk] * count,
            "kind": [kind] * count,
            "subject": [each.subject for each in wishes],
            "content": texts,
            "sha256": prints,
            "amount": [each.amount for each in wishes],
            "currency": [each.currency for each in wishes],
            "people": [each.people for each in wishes],
            "registrant_may": [each.registrant_may for each in wishes],
            "registered_by": [sorted(set(each.registered_by)) for each in wishes],
            "proof": [proof] * count,
            "act_id": acts,
            "asked_at": [moment] * count,
            "outcome": [""] * count,
        },
    )
    return ids


@transaction.atomic
def say_yes(
    client: Client,
    request: Request,
    person: Person,
    proof: Proven | Light | None,
    *,
    sha256: str,
    right: May | None = None,
    is_last: bool = True,
) -> bool:
    """Keep the person's yes to the content with `sha256`; whether enough have now said it.

    In the caller's transaction, which then does what was approved: both or neither. What is refused is told
    by an exception; the caller keeps the refusal with `refused`, outside that transaction.
    A request of light proof takes its `right` from the department that asks; with `is_last` False it waits
    for more, however many have said yes.
    """
    locked = Request.objects.select_for_update().get(client=client, pk=request.pk)
    asked = queries.asked(client, locked)
    if locked.proof == rules.STRONG:
        right = queries.right(client, person, locked.kind)
    trouble = rules.refusal(asked, person.pk, right, sha256=sha256)
    if trouble is None:
        trouble = _proof_refused(locked, person, proof)
    if trouble is not None:
        raise trouble
    said = len(asked.said_by) + 1
    kept = Proof.objects.get(pk=proof.id) if isinstance(proof, Proven) else None
    light = proof if isinstance(proof, Light) else Light()
    deed = act(
        client, SAID, f"person:{person.pk}", subject=locked.subject, person=str(person), said=said,
        people=locked.people, method=kept.method if kept else light.method,
        proof=kept.pk if kept else None, sha256=locked.sha256,
    )  # fmt: skip
    Yes.objects.create(
        client=client,
        request=locked,
        sha256=locked.sha256,
        person=person,
        proof=kept,
        method="" if kept else light.method,
        link_id=None if kept else light.link,
        said_at=timezone.now(),
        act_id=deed,
    )
    if said < locked.people or not is_last:
        return False
    _end(locked, "approved")
    return True


def _proof_refused(request: Request, person: Person, proof: Proven | Light | None) -> Refused | None:
    """Why what the person shows is not what the request demands; None when it is."""
    if isinstance(proof, Light) and request.proof == rules.LIGHT:
        return None
    if not isinstance(proof, Proven) or (proof.person, proof.sha256) != (person.pk, request.sha256):
        return rules.OtherContent()
    return UsedCode() if Yes.objects.filter(proof=proof.id).exists() else None


@transaction.atomic
def approved_elsewhere(client: Client, request: Request) -> None:
    """Close a request of a kind that the client has approved elsewhere, as in the net bank."""
    locked = Request.objects.select_for_update().get(client=client, pk=request.pk)
    if locked.people or locked.outcome:
        raise rules.NotWaiting()
    _end(locked, "approved")


@transaction.atomic
def withdraw(client: Client, subject: str, *, by: str, why: str) -> bool:
    """Every yes to the subject's content is void: what comes after needs new ones. Whether there was one."""
    found = (
        Request.objects.select_for_update()
        .filter(client=client, subject=subject)
        .exclude(outcome="withdrawn")
        .first()
    )
    if found is None:
        return False
    _end(found, "withdrawn")
    act(client, WITHDRAWN, by, subject=subject, why=why, sha256=found.sha256)
    return True


def refused(
    client: Client,
    subject: str,
    person: Person,
    trouble: Refused,
    *,
    is_hidden: bool = False,
    **evidence: object,
) -> None:
    """Keep that an approval was refused, and why. Outside the transaction that was refused.

    Of what not all may see, as salaries, the reason is kept without its amounts.
    """
    with transaction.atomic(durable=True):
        act(
            client, REFUSED, f"person:{person.pk}", subject=subject, person=str(person),
            why=trouble.code if is_hidden else str(trouble), refusal=trouble.code, **evidence,
        )  # fmt: skip


def _end(request: Request, outcome: str) -> None:
    Request.objects.filter(pk=request.pk).update(outcome=outcome, ended_at=timezone.now())
