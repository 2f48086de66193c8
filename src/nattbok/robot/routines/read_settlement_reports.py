"""Read what the acquirers have sent: which sales and fees their payouts are made of."""

from nattbok.bank.actions import payouts
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Read settlement reports"), service=Service.BANK, after=("collect_files",))
def read_settlement_reports(client: Client, tonight: Tonight) -> Outcome:
    """One transaction per file: one that cannot be read is a question, and the others go on."""
    files = payouts.unread(client)
    for file in files:
        payouts.receive(client, file, by=tonight.by, night=tonight.id)
    return Outcome(done=len(files))
