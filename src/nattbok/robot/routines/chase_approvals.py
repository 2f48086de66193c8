"""Approvers are reminded of what waits for them, once a day; stand-ins and owners are asked what is late."""

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.documents.actions import approval
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Remind approvers"), service=Service.DOCUMENTS, after=("code_documents",))
def chase_approvals(client: Client, night: Tonight) -> Outcome:
    """One mail for each person and day, however often it is run; what was changed is asked about anew."""
    found = approval.chase(client, by=night.by, today=night.date, night=night.id)
    return Outcome(done=found.reminded + found.more, left=found.waiting)
