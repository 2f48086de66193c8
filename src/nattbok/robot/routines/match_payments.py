"""Match payments with open items and post those that are certain."""

from nattbok.bank import actions
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(
    title=_("Match payments with open items"),
    service=Service.BANK,
    after=("read_bank_files", "read_settlement_reports"),
)
def match_payments(client: Client, tonight: Tonight) -> Outcome:
    """Whatever is not posted is looked at again every night: what was unclear may be certain now."""
    found = actions.match(client, by=tonight.by, night=tonight.id, today=tonight.date)
    return Outcome(done=found.posted, left=found.left)
