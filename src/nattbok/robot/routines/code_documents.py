"""Documents are coded; what is certain is posted, the rest is asked."""

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.documents import actions
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Code and post documents"), service=Service.DOCUMENTS, after=("read_documents",))
def code_documents(client: Client, night: Tonight) -> Outcome:
    """All documents that wait, also those of earlier nights: what they waited for may have come."""
    found = actions.code(client, by=night.by, today=night.date, night=night.id)
    return Outcome(done=found.posted, left=found.left)
