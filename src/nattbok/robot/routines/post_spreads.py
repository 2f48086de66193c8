"""Costs and income that are spread over months: each month that has come gets its part."""

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.recurring import actions
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


# What somebody has spread is posted whoever keeps the books, so it goes with the service that all have.
@routine(title=_("Post what is spread over months"), service=Service.COLLECT)
def post_spreads(client: Client, tonight: Tonight) -> Outcome:
    """Every month of what is spread, once; what was taken back is left to a person."""
    found = actions.post_spreads(client, today=tonight.date, by=tonight.by, night=tonight.id)
    return Outcome(done=found.posted, left=found.left)
