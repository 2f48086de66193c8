"""Beginning a round of approval, entering its steps, and asking the people of a step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils import timezone

from nattbok.approvals.actions.asking import Wish, ask_for_many
from nattbok.approvals.rules import LIGHT, canonical, fingerprint
from nattbok.base.money import ZERO
from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.documents.actions.rounds import letters, remarks
from nattbok.documents.actions.rounds.remarks import Note
from nattbok.documents.models import Approval, Asked
from nattbok.documents.queries.approval.reading import Version
from nattbok.documents.rules.approval import Before, People, Plan, content
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coding import CodedLine
from nattbok.documents.rules.questions import subject

KIND = "documents"  # of approvals


@dataclass(frozen=True, slots=True)
class Start:
    """A document that is to be approved: as it is coded now, by whom, and what waits for it."""

    bill: Bill
    coding: tuple[CodedLine, ...]
    supplier: int | None
    before: Before
    plan: Plan
    registered_by: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody to be asked in a step: how they came to be, and whose place they fill."""

    approval: int
    document: int
    step: int
    person: int
    place: int
    how: str = "flow"


def begin(
    client: Client,
    starts: Sequence[Start],
    version: Version,
    people: People,
    *,
    by: str,
    night: int | None = None,
    note: str = "",
    chosen: Sequence[int] = (),
) -> list[int]:
    """Begin a round for each, ask the people of its first step, and mail them; the rounds.

    No document may have a round under way, or an approval that stands: those are ended first. The people who
    were `chosen` for it alone come before the flow's.
    """
    if not starts:
        return []
    bodies = [content(one.bill, one.coding, supplier=one.supplier) for one in starts]
    requests = _asked_for(client, starts, bodies, version, by=by, night=night)
    ids = bulk.ids(Approval, len(starts))
    sent = [
        Note(one.bill.document, pk, "sent", person=person_of(by), text=note, step=1)
        for one, pk in zip(starts, ids, strict=True)
    ]
    # The act comes first, since the round refers to it; what is kept of it comes after the round.
    acts = remarks.acts(client, sent, by=by, night=night)
    _insert(client, starts, bodies, version, chosen, ids=ids, requests=requests, acts=acts)
    remarks.keep(client, sent, by=by, acts=acts)
    entered = [
        (pk, one.bill.document, 1, one.plan.steps[0].persons) for one, pk in zip(starts, ids, strict=True)
    ]
    enter_step(client, entered, people, version)
    return ids


def _asked_for(
    client: Client,
    starts: Sequence[Start],
    bodies: Sequence[dict],
    version: Version,
    *,
    by: str,
    night: int | None,
) -> list[int]:
    """The requests for approval that the rounds are about, bound to what is approved."""
    wishes = [
        Wish(
            subject(one.bill.document),
            body,
            abs(one.bill.owed or ZERO),
            one.bill.currency or client.currency,
            one.plan.people,
            one.registered_by,
            version.flow.registrant_may,
        )
        for one, body in zip(starts, bodies, strict=True)
    ]
    return ask_for_many(client, KIND, wishes, by=by, proof=LIGHT, night=night)


def _insert(
    client: Client,
    starts: Sequence[Start],
    bodies: Sequence[dict],
    version: Version,
    chosen: Sequence[int],
    *,
    ids: Sequence[int],
    requests: Sequence[int],
    acts: Sequence[int],
) -> None:
    """The rounds, in one statement."""
    texts = [canonical(body) for body in bodies]
    count, moment = len(starts), timezone.now()
    bulk.insert(
        Approval,
        {
            "id": ids,
            "client_id": [client.pk] * count,
            "document_id": [one.bill.document for one in starts],
            "flow_id": [version.id] * count,
            "request_id": requests,
            "sha256": [fingerprint(text) for text in texts],
            "content": texts,
            "before": [one.before.value for one in starts],
            "steps": [_steps(one.plan) for one in starts],
            "reason": [""] * count,
            "values": [
                {
                    "version": version.number,
                    "skipped": [_pair(each) for each in one.plan.skipped],
                    "chosen": list(chosen),
                }
                for one in starts
            ],
            "outcome": [""] * count,
            "sent_at": [moment] * count,
            "act_id": acts,
        },
    )


def person_of(by: str) -> int | None:
    """The person that an act is by, if it is one."""
    kind, _colon, number = by.partition(":")
    return int(number) if kind == "person" and number.isascii() and number.isdigit() else None


def _steps(plan: Plan) -> list[dict]:
    return [
        {"people": step.people, "persons": list(step.persons), "reason": _pair(step.reason)}
        for step in plan.steps
    ]


def _pair(words: Words) -> dict:
    return {"text": words.text, "values": words.values}


def enter_step(
    client: Client,
    entered: Sequence[tuple[int, int, int, Sequence[int]]],
    people: People,
    version: Version,
    *,
    silent: Collection[int] = (),
) -> None:
    """Ask the people of a step: of each (round, document, step, people); those away by their stand-in too.

    The `silent` have said yes in a step before: theirs counts, and they get no mail.
    """
    places: list[Place] = []
    for approval, document, step, persons in entered:
        there = list(persons)
        places += [Place(approval, document, step, person, person) for person in persons]
        for person in persons:
            stand_in = people.stand_in(person)
            if stand_in is not None and stand_in not in there:
                there.append(stand_in)
                places.append(Place(approval, document, step, stand_in, person, "stand_in"))
    ask(client, places, version, silent=silent)


def ask(client: Client, places: Sequence[Place], version: Version, *, silent: Collection[int] = ()) -> None:
    """Keep that they are asked, and mail each of them once, with a link for each document."""
    moment = timezone.now()
    bulk.insert(
        Asked,
        {
            "client_id": [client.pk] * len(places),
            "approval_id": [place.approval for place in places],
            "step": [place.step for place in places],
            "person_id": [place.person for place in places],
            "place": [place.place for place in places],
            "how": [place.how for place in places],
            "asked_at": [moment] * len(places),
        },
    )
    wanted: dict[int, list[int]] = {}
    for place in places:
        if place.person not in silent:
            wanted.setdefault(place.person, []).append(place.approval)
    letters.ask(client, wanted, version)
