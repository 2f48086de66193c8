"""Sellers in the e-invoice network are told what the client has chosen to tell them."""

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.documents import actions
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(
    title=_("Answer sellers in the e-invoice network"),
    service=Service.COLLECT,
    after=("code_documents",),
    by_day=True,
)
def answer_sellers(client: Client, tonight: Tonight) -> Outcome:
    """Each answer once; what may have arrived is looked for before it is sent again."""
    told = actions.answer_sellers(
        client,
        by=tonight.by,
        today=tonight.date,
        night=tonight.id,
        insist=tonight.id is not None,
    )
    return Outcome(done=told.sent, left=told.left)
