"""Draft payments for what falls due; nothing is approved and nothing leaves."""

import datetime

from nattbok.bank.actions import payments
from nattbok.bank.rules.payments.proposal import Wanted
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome

AHEAD = datetime.timedelta(days=7)  # what falls due within a week lies ready for whoever approves


@routine(
    title=_("Propose payments that fall due"),
    service=Service.PAYMENTS,
    after=("code_documents", "read_receipts", "match_payments"),
)
def propose_payments(client: Client, tonight: Tonight) -> Outcome:
    """What is proposed already is not proposed again; what came back from the bank waits for a person."""
    try:
        found = payments.propose(
            client,
            Wanted(through=tonight.date + AHEAD),
            by=tonight.by,
            today=tonight.date,
            night=tonight.id,
            also_rejected=False,
        )
    except payments.NoBankAccount:
        return Outcome()
    return Outcome(done=len(found.payments), left=len(found.left))
