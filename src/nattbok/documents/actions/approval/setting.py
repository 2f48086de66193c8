"""Setting a client's flow, who is responsible for what, and who stands in for whom."""

import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.documents.actions.approval.talking import NotAnApprover
from nattbok.documents.models import Absence, ApprovalFlow, Responsible
from nattbok.documents.queries.approval.reading import people, version
from nattbok.documents.rules.approval import BadFlow, Flow
from nattbok.documents.rules.approval.flow import DIMENSIONS, check, read, written
from nattbok.ledger.models import Books
from nattbok.trail.actions import act
from nattbok.trail.rules import means

FLOW_SET = means("documents.flow_set", _("The approval flow was set, version {version}"))
RESPONSIBLE_SET = means("documents.responsible_set", _("{person} is responsible for {code}"))
ABSENCE_SET = means("documents.absence_set", _("{stand_in} stands in for {person} until {through}"))


class ChangedMeanwhile(Refused):
    """A flow is changed by who has seen what it is."""

    message = _("Somebody else has changed the flow meanwhile. Look at it again.")


class BadAbsence(Refused):
    """An absence has days, and another person who stands in."""

    message = _("An absence goes from a day to a later one, and another person stands in.")


@transaction.atomic
def set_flow(client: Client, flow: Flow, *, by: str, instead_of: int | None = None) -> int:
    """Set how the client's documents are approved from now on; the version's number.

    Documents under way keep the version that they were sent by. `instead_of` is the version that was seen.
    """
    Books.objects.select_for_update().get(client=client)
    check(flow)
    before = version(client)
    if instead_of is not None and instead_of != before.number:
        raise ChangedMeanwhile()
    content = written(flow)
    if before.id is not None and written(before.flow) == content:
        return before.number
    who = people(client, timezone.localdate())
    for step in flow.steps:
        if any(person not in who.names for person in step.persons):
            raise BadFlow(_("A step names somebody who cannot approve for this client."))
    number = before.number + 1
    deed = act(client, FLOW_SET, by, version=number, flow=content)
    ApprovalFlow.objects.create(
        client=client, version=number, content=written(read(content)), made_at=timezone.now(), act_id=deed
    )
    return number


@transaction.atomic
def set_responsible(
    client: Client, dimension: str, code: str, person: int | None, *, by: str, budget: Decimal | None = None
) -> None:
    """Say who manages a project or department, and its budget; with nobody, nobody does."""
    code = code.strip()
    if dimension not in DIMENSIONS or not code:
        raise BadFlow()
    who = people(client, timezone.localdate())
    if person is None:
        Responsible.objects.filter(client=client, dimension=dimension, code=code).delete()
    elif person not in who.names:
        raise NotAnApprover()
    else:
        Responsible.objects.update_or_create(
            client=client,
            dimension=dimension,
            code=code[:60],
            defaults={"person_id": person, "budget": budget},
        )
    act(
        client, RESPONSIBLE_SET, by, dimension=dimension, code=code, person_id=person,
        person=who.names.get(person or 0, "–"), budget=None if budget is None else str(budget),
    )  # fmt: skip


@transaction.atomic
def set_absence(
    client: Client,
    person: int,
    stand_in: int | None,
    *,
    from_on: datetime.date,
    through_on: datetime.date,
    by: str,
) -> None:
    """Say that a person is away on these days, and who stands in; without a stand-in the absence is ended."""
    who = people(client, from_on)
    if stand_in is None:
        Absence.objects.filter(client=client, person=person, from_on=from_on).delete()
    elif through_on < from_on or stand_in == person:
        raise BadAbsence()
    elif stand_in not in who.names or person not in who.names:
        raise NotAnApprover()
    else:
        Absence.objects.update_or_create(
            client=client,
            person_id=person,
            from_on=from_on,
            defaults={"stand_in_id": stand_in, "through_on": through_on},
        )
    act(
        client, ABSENCE_SET, by, person=who.names.get(person, "–"), person_id=person,
        stand_in=who.names.get(stand_in or 0, "–"), stand_in_id=stand_in, from_on=from_on.isoformat(),
        through=through_on.isoformat(),
    )  # fmt: skip
