"""Suppliers whose bills come on paper are looked up in the e-invoice network's directory."""

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.documents import actions
from nattbok.documents.rules.intake import NoAccessPoint
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(
    title=_("Look up suppliers on paper in the e-invoice directory"),
    service=Service.COLLECT,
    after=("code_documents",),
)
def look_up_suppliers(client: Client, tonight: Tonight) -> Outcome:
    """Each supplier once a month, so many a night; without an access point nobody is asked about."""
    try:
        found = actions.look_up_suppliers(client, by=tonight.by, today=tonight.date, night=tonight.id)
    except NoAccessPoint:
        return Outcome()
    return Outcome(done=found.done)
