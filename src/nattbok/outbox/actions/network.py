"""Messages into the e-invoice network: written in the deed's own transaction, and sent once.

They go the way files to banks do. What comes after that is the access point's word: delivered to the
receiver's access point, or not and why. It is asked for until it is given, or until nobody cares any more.
"""

import datetime
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from nattbok.base.errors import NattbokError
from nattbok.base.words import Words, _
from nattbok.channels.network import NetworkWay, Receipt
from nattbok.clients.models import Client
from nattbok.db import lock
from nattbok.outbox.actions.sending import FilesSent, Lane, NotAsBefore, send_along
from nattbok.outbox.models import NetworkSending
from nattbok.outbox.rules import State
from nattbok.trail.actions import act as record_act
from nattbok.trail.rules import means

SENT = means("outbox.message_sent", _("The message {name} to {receiver} was handed to the access point"))
FOUND = means("outbox.message_found", _("The message {name} was found at the access point: it had been sent"))
FAILED = means("outbox.message_failed", _("The message {name} to {receiver} could not be sent"))
DELIVERED = means("outbox.message_delivered", _("The message {name} has come to {receiver}"))
UNDELIVERED = means(
    "outbox.message_undelivered", _("The message {name} did not come to {receiver}: {reason}")
)

GONE = Words(
    _("The message was whole at the access point, and is not there any more: it has probably been taken. Its "
      "receipt tells; until then it is not sent again.")
)  # fmt: skip
SAME_NAME = Words(_("Another message with the number {name} is at the access point."))
NOT_DELIVERED = _("The network could not deliver it: {reason}")
LANE = Lane(NetworkSending, "source_id", lock.NETWORK, SENT, FOUND, FAILED, gone=GONE, same_name=SAME_NAME)
# So long the access point is asked for a receipt; facts say minutes, an outage may be days.
ASKED_FOR = datetime.timedelta(days=14)


@transaction.atomic
def send_message(
    client: Client, key: str, *, source: int, name: str, receiver: str, file: int, act: int
) -> bool:
    """Put an envelope in the outbox, in the caller's transaction; whether it was new.

    The same key again with the same content does nothing; with other content it raises NotAsBefore.
    """
    row, is_new = NetworkSending.objects.get_or_create(
        client=client,
        key=key,
        defaults={
            "source_id": source, "name": name, "receiver": receiver, "file_id": file, "act_id": act,
        },
    )  # fmt: skip
    if not is_new and (row.source_id, row.name, row.file_id) != (source, name, file):
        raise NotAsBefore(key=key)
    return is_new


def send_messages(
    client: Client,
    way_to: Callable[[int], NetworkWay | None],
    *,
    by: str,
    on: datetime.date,
    night: int | None = None,
    insist: bool = False,
) -> FilesSent:
    """Send the client's messages that wait; outside any transaction. See `send_files`."""
    return send_along(LANE, client, way_to, by=by, on=on, night=night, insist=insist)


def ask_receipts(
    client: Client,
    way_to: Callable[[int], NetworkWay | None],
    *,
    by: str,
    night: int | None = None,
    at: datetime.datetime | None = None,
) -> list[int]:
    """Ask what became of the messages that were sent; the ids of those that were not delivered.

    An access point that is silent is asked again the next time.
    """
    moment = at or timezone.now()
    rows = NetworkSending.objects.filter(
        client=client, state=State.SENT, receipt="", sent_at__gt=moment - ASKED_FOR
    )
    by_source: dict[int, list[NetworkSending]] = {}
    for row in rows.order_by("pk"):
        by_source.setdefault(row.source_id, []).append(row)
    undelivered: list[int] = []
    for source, waiting in by_source.items():
        try:
            way = way_to(source)
            said = way.receipts([row.name for row in waiting]) if way is not None else {}
        except NattbokError:
            continue
        for row in waiting:
            receipt = said.get(row.name)
            if receipt is not None and _received(client, row.pk, receipt, moment, by=by, night=night):
                undelivered += [] if receipt.is_delivered else [row.pk]
    return undelivered


@transaction.atomic
def _received(
    client: Client, pk: int, receipt: Receipt, at: datetime.datetime, *, by: str, night: int | None
) -> bool:
    """Keep what the access point said; False when it was kept before."""
    row = NetworkSending.objects.select_for_update().get(client=client, pk=pk)
    if row.receipt or row.state != State.SENT:
        return False
    row.receipt, row.receipt_at = "delivered" if receipt.is_delivered else "failed", at
    if not receipt.is_delivered:
        row.trouble, row.trouble_values = NOT_DELIVERED, {"reason": receipt.reason}
        row.trouble_code = "NotDelivered"
    row.save(update_fields=["receipt", "receipt_at", "trouble", "trouble_values", "trouble_code"])
    kind = DELIVERED if receipt.is_delivered else UNDELIVERED
    record_act(client, kind, by, night=night, reason=receipt.reason, **row.evidence)
    return True
