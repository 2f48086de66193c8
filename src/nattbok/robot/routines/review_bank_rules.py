"""Look at what the bank rules did: those that err only suggest, and what people do is proposed as rules."""

from nattbok.bank.actions import bank_rules
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Review bank rules"), service=Service.BANK, after=("match_payments",))
def review_bank_rules(client: Client, tonight: Tonight) -> Outcome:
    """A rule over its error budget is demoted; a monthly line that has not come is asked about."""
    return Outcome(done=bank_rules.review(client, tonight.date, by=tonight.by, night=tonight.id))
