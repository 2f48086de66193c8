"""Notice what the banks ought to have sent and have not, and what they sent twice or out of order."""

from nattbok.bank import actions
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(
    title=_("Look for what is missing from the banks"),
    service=Service.COLLECT,
    after=("read_bank_files", "read_receipts"),
    by_day=True,
)
def watch_banks(client: Client, tonight: Tonight) -> Outcome:
    """Each thing amiss is a question that closes by itself when it is cured."""
    left = actions.watch(client, on=tonight.date, by=tonight.by, night=tonight.id)
    return Outcome(left=left)
