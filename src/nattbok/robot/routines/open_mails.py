"""Mails that came are opened: their files become files of their own."""

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.documents import actions
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Open mails"), service=Service.COLLECT, after=("collect_files",), by_day=True)
def open_mails(client: Client, tonight: Tonight) -> Outcome:
    """Each mail by itself: one without a file that can be a document becomes a question."""
    found = actions.open_mails(client, by=tonight.by, night=tonight.id)
    return Outcome(done=found.mails - found.left, left=found.left)
