"""What waits to leave."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.outbox import rules
from nattbok.outbox.models import Mail, NetworkSending, Sending
from nattbok.outbox.rules import UNDECIDED, State


@dataclass(frozen=True, slots=True)
class SendingRow:
    """A file on its way to a bank, or there."""

    id: int
    key: str
    connection: int
    name: str
    file: int
    act: int
    state: State
    created_at: datetime.datetime
    tries: int
    tried_at: datetime.datetime | None
    sent_at: datetime.datetime | None
    sent_on: datetime.date | None
    sent_by: str
    receipt_at: datetime.datetime | None
    trouble: Words | None

    @property
    def was_handed_over(self) -> bool:
        """Whether a person carried it to the bank."""
        return self.sent_by.startswith("person:")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message on its way into the e-invoice network, or there."""

    key: str
    name: str
    receiver: str
    file: int
    state: State
    receipt: str  # "delivered", "failed", or "" when nothing was said yet
    sent_at: datetime.datetime | None
    receipt_at: datetime.datetime | None
    trouble: Words | None


def due(at: datetime.datetime) -> list[int]:
    """The ids of the mails to try now, those tried the fewest times first."""
    rows = Mail.objects.filter(sent_at__isnull=True).order_by("tries", "pk")
    return [
        pk
        for pk, tries, created_at in rows.values_list("pk", "tries", "created_at")
        if rules.is_due(tries, at - created_at)
    ]


def sending(client: Client, key: str) -> SendingRow | None:
    """The file that was handed in as `key`, and how far it has come."""
    row = Sending.objects.filter(client=client, key=key).first()
    return _row(row) if row else None


def sendings(client: Client, keys: Collection[str]) -> dict[str, SendingRow]:
    """Key → the file that was handed in as it."""
    return {row.key: _row(row) for row in Sending.objects.filter(client=client, key__among=list(keys))}


def sendings_over(client: Client, connections: Collection[int], *, limit: int = 50) -> list[SendingRow]:
    """The files of these connections: those that are not decided, then the newest of the others."""
    rows = Sending.objects.filter(client=client, connection__in=list(connections))
    undecided = list(rows.filter(state__in=[*UNDECIDED, State.FAILED]).order_by("pk"))
    others = rows.exclude(state__in=[*UNDECIDED, State.FAILED]).order_by("-pk")[:limit]
    return [_row(row) for row in (*undecided, *others)]


def unanswered(client: Client) -> list[SendingRow]:
    """The files that are at the bank and have had no receipt."""
    rows = Sending.objects.filter(client=client, state=State.SENT, receipt_at__isnull=True)
    return [_row(row) for row in rows.order_by("pk")]


def troubled(client: Client) -> list[SendingRow]:
    """The files that did not go as they should: uncertain, failed, or tried in vain."""
    rows = Sending.objects.filter(client=client, state__in=[*UNDECIDED, State.FAILED]).exclude(trouble="")
    return [_row(row) for row in rows.order_by("pk")]


def with_files(client_ids: Collection[int]) -> list[int]:
    """Which of these clients, all in scope, have files that wait to be sent."""
    rows = Sending.objects.filter(client__in=list(client_ids), state__in=list(UNDECIDED))
    return sorted(rows.values_list("client_id", flat=True).distinct())


def messages(client: Client, keys: Collection[str]) -> dict[str, MessageRow]:
    """Key → the message into the network that was handed in as it."""
    return {
        row.key: MessageRow(
            row.key,
            row.name,
            row.receiver,
            row.file_id,
            State(row.state),
            row.receipt,
            row.sent_at,
            row.receipt_at,
            Words(row.trouble, row.trouble_values) if row.trouble else None,
        )
        for row in NetworkSending.objects.filter(client=client, key__among=list(keys))
    }


def undelivered(client: Client) -> list[MessageRow]:
    """The messages that could not be sent, or did not come."""
    rows = NetworkSending.objects.filter(client=client, state=State.FAILED) | NetworkSending.objects.filter(
        client=client, receipt="failed"
    )
    return list(messages(client, list(rows.values_list("key", flat=True))).values())


def with_messages(client_ids: Collection[int]) -> list[int]:
    """Which of these clients, all in scope, have messages that wait to be sent or for their receipt."""
    rows = NetworkSending.objects.filter(client__in=list(client_ids))
    waiting = rows.filter(state__in=list(UNDECIDED)) | rows.filter(state=State.SENT, receipt="")
    return sorted(waiting.values_list("client_id", flat=True).distinct())


def _row(row: Sending) -> SendingRow:
    return SendingRow(
        row.pk,
        row.key,
        row.connection,
        row.name,
        row.file_id,
        row.act_id,
        State(row.state),
        row.created_at,
        row.tries,
        row.tried_at,
        row.sent_at,
        row.sent_on,
        row.sent_by,
        row.receipt_at,
        Words(row.trouble, row.trouble_values) if row.trouble else None,
    )
