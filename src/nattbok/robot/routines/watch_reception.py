"""See that e-invoices reach the client: the access point receives, and the directory says so."""

from nattbok.base.errors import NattbokError
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.documents.actions import intake
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Watch the reception of e-invoices"), service=Service.COLLECT, by_day=True)
def watch_reception(client: Client, tonight: Tonight) -> Outcome:
    """What is asked for is asked for again until it is so; what is so is looked after once a day."""
    states = []
    for row in intake.reception_due(client):
        try:
            states.append(intake.look_at_reception(client, row, by=tonight.by, night=tonight.id))
        except NattbokError:
            states.append("asked")  # the installation has no access point any more
    active = states.count("active")
    return Outcome(done=active, left=len(states) - active)
