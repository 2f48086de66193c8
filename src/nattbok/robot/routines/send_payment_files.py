"""Send approved payment files that have not left yet.

They leave within a minute of their approval, in the rounds by day; the night sends what is left, whoever
does the client's payments: an approved file goes by itself.
"""

from django.utils import timezone

from nattbok.bank import actions
from nattbok.bank.queries.ways import way_to
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.clients.rules import Service
from nattbok.outbox import actions as outbox
from nattbok.robot.routine import Tonight, routine
from nattbok.robot.rules import Outcome


@routine(title=_("Send payment files to the bank"), service=Service.COLLECT, by_day=True)
def send_payment_files(client: Client, tonight: Tonight) -> Outcome:
    """Each file once. What may have arrived is looked for, and never sent under another name."""
    sent = outbox.send_files(
        client,
        way_to(client),
        by=tonight.by,
        on=tonight.date,
        night=tonight.id,
        insist=tonight.id is not None,
    )
    actions.watch_receipts(client, on=tonight.date, by=tonight.by, night=tonight.id, now=timezone.now())
    return Outcome(done=sent.sent, left=sent.uncertain + sent.failed + sent.waiting)
