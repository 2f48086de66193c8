"""Read what the bank sent: each file into movements, each movement once."""

from nattbok.bank import actions
from nattbok.bank.actions.receiving import unread
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(
    title=_("Read bank files"),
    service=Service.BANK,
    after=("collect_files", "fetch_bank_files"),
    by_day=True,
)
def read_bank_files(client: Client, tonight: Tonight) -> Outcome:
    """One transaction per file: a file that cannot be read is a question, and the others go on."""
    files = unread(client)
    for file in files:
        actions.receive(client, file, by=tonight.by, night=tonight.id)
    return Outcome(done=len(files))
