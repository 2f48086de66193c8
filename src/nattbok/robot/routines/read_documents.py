"""Files that came become documents."""

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.documents import actions, queries
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(
    title=_("Read documents"),
    service=Service.DOCUMENTS,
    after=("collect_files", "open_mails"),
    by_day=True,
)
def read_documents(client: Client, night: Tonight) -> Outcome:
    """Invoices, and files that no reader knows; files of other departments are left to them."""
    found = actions.receive(client, queries.unread_files(client), by=night.by, night=night.id)
    return Outcome(done=len(found.documents) - found.left, left=found.left)
