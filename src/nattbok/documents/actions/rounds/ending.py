"""Ending a round before it is complete: declined, taken back, or void since the document was changed."""

from collections.abc import Sequence

from django.utils import timezone

from nattbok.approvals.actions import links
from nattbok.approvals.actions.asking import withdraw
from nattbok.clients.models import Client
from nattbok.documents.actions.rounds import letters, remarks
from nattbok.documents.actions.rounds.remarks import Note
from nattbok.documents.models import Approval
from nattbok.documents.queries.approval.showing import said
from nattbok.documents.rules.questions import subject

CHANGED, DECLINED, RETRACTED = "changed", "declined", "retracted"


def end(
    client: Client,
    rows: Sequence[Approval],
    outcome: str,
    *,
    by: str,
    why: str = "",
    person: int | None = None,
    person_name: str = "",
    night: int | None = None,
) -> None:
    """End these rounds: every yes in them is void, their links open nothing, and who said yes is told."""
    if not rows:
        return
    kind = {CHANGED: "changed", DECLINED: "no", RETRACTED: "retracted"}[outcome]
    moment = timezone.now()
    yes = said(client, [row.request_id for row in rows])
    Approval.objects.filter(client=client, pk__among=[row.pk for row in rows]).update(
        outcome=outcome, ended_at=moment
    )
    for row in rows:  # few: each is a person's deed
        withdraw(client, subject(row.document_id), by=by, why=why or outcome)
        links.end(client, row.request_id)
    remarks.keep(
        client,
        [
            Note(row.document_id, row.pk, kind, person=person, person_name=person_name, text=why)
            for row in rows
        ],
        by=by,
        night=night,
    )
    letters.void(client, {row.pk: yes.get(row.request_id, set()) - {person} for row in rows}, outcome, why)
