"""Read the bank's receipts: what it has taken, accepted, and rejected of our payments."""

from nattbok.bank.actions import payments
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Read receipts for payments"), service=Service.BANK, after=("read_bank_files",), by_day=True)
def read_receipts(client: Client, tonight: Tonight) -> Outcome:
    """In the order they came; another order would lead to the same."""
    done = payments.follow(client, by=tonight.by)
    left = 0
    for file in payments.unread_receipts(client):
        found = payments.read_receipt(client, file, by=tonight.by, night=tonight.id)
        done += found.forward + found.rejected
        left += found.rejected + found.contrary
    done += payments.returned(client, by=tonight.by, night=tonight.id)
    return Outcome(done=done, left=left)
