"""Chasing: one mail for each person and day, stand-ins for who is away, and owners for what is late."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from nattbok.approvals.models import Request
from nattbok.clients.models import Client
from nattbok.clients.rules import Role
from nattbok.desk import actions as desk
from nattbok.documents.actions.approval.looking import look_again
from nattbok.documents.actions.rounds import Place, ask, letters, remarks
from nattbok.documents.actions.rounds.remarks import Note
from nattbok.documents.models import Approval, Asked
from nattbok.documents.queries import deciding
from nattbok.documents.queries.approval.reading import Version, flow_of, in_steps, needed, people
from nattbok.documents.queries.approval.showing import said
from nattbok.documents.rules.approval import Flow, People, progress
from nattbok.documents.rules.approval.questions import late
from nattbok.ledger.models import Books


@dataclass(frozen=True, slots=True)
class Chased:
    """How many people were reminded, how many more were asked, and how many documents wait."""

    reminded: int = 0
    more: int = 0
    waiting: int = 0


@transaction.atomic
def chase(client: Client, *, by: str, today: datetime.date, night: int | None = None) -> Chased:
    """Remind everybody who was asked before today of all that waits for them, once a day however often it is
    run; ask stand-ins and, after the days that the flow says, owners.
    """
    Books.objects.select_for_update().get(client=client)
    look_again(client, by=by, today=today, night=night)
    rounds = list(Approval.objects.filter(client=client, outcome="").order_by("pk"))
    if not rounds:
        return Chased()
    who = people(client, today)
    more = _ask_more(client, rounds, who, by=by, today=today, night=night)
    steps = in_steps(client, [row.pk for row in rounds])
    yes = said(client, [row.request_id for row in rounds])
    wanted: dict[int | None, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = {
        (each.approval_id, each.step, each.person_id): each
        for each in Asked.objects.filter(client=client, approval__in=rounds)
    }
    chased: list[int] = []
    for row in rounds:
        now = progress(needed(row), steps[row.pk], yes[row.request_id])
        for person in now.may:
            each = rows[row.pk, now.step, person]
            is_new = timezone.localtime(each.asked_at).date() >= today
            if is_new or each.chased_on == today or person not in who.names or person in who.away:
                continue
            wanted[row.flow_id][person].append(row.pk)
            chased.append(each.pk)
    reminded = 0
    for flow, people_wanted in wanted.items():
        its = Version(flow, 0, flow_of(client, flow))
        reminded += letters.remind(client, people_wanted, its, on=today)
    Asked.objects.filter(client=client, pk__among=chased).update(chased_on=today)
    return Chased(reminded, more, len(rounds))


def _ask_more(
    client: Client,
    rounds: list[Approval],
    who: People,
    *,
    by: str,
    today: datetime.date,
    night: int | None,
) -> int:
    """Ask the stand-ins of who is away by now, and the owners where it has waited too long; how many."""
    steps = in_steps(client, [row.pk for row in rounds])
    yes = said(client, [row.request_id for row in rounds])
    rows = list(Asked.objects.filter(client=client, approval__in=rounds, ended_at__isnull=True))
    asked_at = {(each.approval_id, each.step, each.person_id): each.asked_at for each in rows}
    places: dict[int | None, list[Place]] = defaultdict(list)
    notes: list[Note] = []
    stuck: list[tuple[Approval, int, int]] = []
    for row in rounds:
        flow = flow_of(client, row.flow_id)
        now = progress(needed(row), steps[row.pk], yes[row.request_id])
        there = {each.person: each for each in steps[row.pk].get(now.step, ())}
        free = set(there)
        for person in sorted(now.may):
            days = (today - timezone.localtime(asked_at[row.pk, now.step, person]).date()).days
            stand_in = who.stand_in(person)
            others = [stand_in] if stand_in is not None else []
            how = "stand_in"
            # Who has left answers no more, and a stand-in who was asked may not answer either.
            is_late = days >= flow.escalate_after or person not in who.names
            if is_late and set(others) <= free and there[person].place == person:
                others, how = list(who.roles.get(Role.OWNER.value, ())), "escalated"
                if not set(others) - free:
                    stuck.append((row, person, days))
            for other in others:
                if other in who.names and other not in free and _may(row, other, flow):
                    free.add(other)
                    places[row.flow_id].append(
                        Place(row.pk, row.document_id, now.step, other, there[person].place, how)
                    )
                    notes.append(
                        Note(
                            row.document_id,
                            row.pk,
                            "escalated",
                            to_person=other,
                            to_name=who.names[other],
                            step=now.step,
                        )
                    )
    remarks.keep(client, notes, by=by, night=night)
    for flow_id, some in places.items():
        ask(client, some, Version(flow_id, 0, flow_of(client, flow_id)))
    _tell_office(client, stuck, who, by=by, night=night)
    return len(notes)


def _may(row: Approval, person: int, flow: Flow) -> bool:
    """Whether somebody may be asked who may have handed the document in."""
    if flow.registrant_may:
        return True
    return person not in Request.objects.get(pk=row.request_id).registered_by


def _tell_office(
    client: Client,
    stuck: list[tuple[Approval, int, int]],
    who: People,
    *,
    by: str,
    night: int | None,
) -> None:
    """The office is asked about what waits for people who do not answer, with nobody else to go to."""
    if not stuck:
        return
    bills = {
        bill.document: bill
        for bill in deciding.bills_of(client, [row.document_id for row, _person, _days in stuck])
    }
    drafts = []
    for row, person, days in stuck:
        bill = bills[row.document_id]
        drafts.append(
            late(
                row.document_id,
                who.names.get(person, "–"),
                days,
                owed=bill.owed,
                currency=bill.currency,
                seller=bill.seller,
                number=bill.number,
            )
        )
    desk.ask(client, drafts, by=by, night=night)
