"""What waits to leave."""

import datetime

from nattbok.clients.models import Office
from nattbok.outbox import rules
from nattbok.outbox.models import Mail


def due(at: datetime.datetime) -> list[int]:
    """The ids of the mails to try now, those tried the fewest times first."""
    rows = Mail.objects.filter(sent_at__isnull=True).order_by("tries", "pk")
    return [
        pk
        for pk, tries, created_at in rows.values_list("pk", "tries", "created_at")
        if rules.is_due(tries, at - created_at)
    ]


def unsent(office: Office) -> list[Mail]:
    """The office's mails that have not left, with what went wrong."""
    return list(Mail.objects.filter(office=office, sent_at__isnull=True).order_by("pk"))
