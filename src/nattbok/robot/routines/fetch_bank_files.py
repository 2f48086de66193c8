"""Fetch what the banks have for the client: kept first, put away at the bank after."""

from django.utils import timezone

from nattbok.bank import actions
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(
    title=_("Fetch files from the banks"),
    service=Service.COLLECT,
    after=("send_payment_files",),
    by_day=True,
)
def fetch_bank_files(client: Client, tonight: Tonight) -> Outcome:
    """Each connection by itself: one that is silent becomes a question, and the others go on.

    After sending, so that the bank's first answer may come in the same round.
    """
    found = actions.fetch(
        client,
        by=tonight.by,
        on=tonight.date,
        night=tonight.id,
        due_at=timezone.now() if tonight.id is None else None,
    )
    return Outcome(done=found.files, left=found.silent)
