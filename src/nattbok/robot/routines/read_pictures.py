"""Documents that came as pictures or PDFs are handed to whoever reads them beside the night."""

from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.documents import queries
from nattbok.robot import reading
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Read pictures and PDFs"), service=Service.DOCUMENTS, after=("read_documents",), by_day=True)
def read_pictures(client: Client, night: Tonight) -> Outcome:
    """The night goes on at once; what is read and posted of them is counted from the books and the desk.

    Also what waits with doubt, when its supplier's papers have become better known; and the searchable PDFs
    of what was read.
    """
    if (
        queries.unread(client, limit=1)
        or queries.uncopied(client, limit=1)
        or queries.outdated(client)
        or queries.is_untaught(client)
    ):
        reading.ask(client, night.id)
    return Outcome()
