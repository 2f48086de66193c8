"""How documents come to a client: its addresses and sources, how each file came, and what is not read yet."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from nattbok.base.words import Words
from nattbok.clients.models import Client
from nattbok.documents.models import Document
from nattbok.documents.queries.deciding import invoice_formats
from nattbok.documents.rules.bill import UNREAD
from nattbok.documents.rules.intake import TITLES, Kind, Way, way
from nattbok.files import models
from nattbok.files.actions import ENVELOPE, MAIL

NOT_IN = ("answer", "expense")  # files of ours to sellers, and receipts of expenses, are no documents
UNREAD_HOURS = 48  # files older than this wait for the night


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A place that files are fetched from."""

    id: int
    kind: Kind
    kind_title: str  # marked for translation
    title: str
    address: str
    is_active: bool
    asked_at: datetime.datetime | None
    public_key: str
    minutes: int
    is_by_token: bool  # a mailbox that is entered with OAuth


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An e-mail address of the client's; without its domain."""

    id: int
    local: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class ReceptionRow:
    """How reception of e-invoices stands: asked, active, refused, moved, ended."""

    participant: str
    state: str
    active_at: datetime.datetime | None
    checked_at: datetime.datetime | None
    words: Words | None


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A file that came, also the second time; and the document it has become."""

    file: int
    name: str
    came_by: str
    at: datetime.datetime
    is_repeat: bool
    document: int | None
    is_held: bool


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail that came: what it says, and the files that lay in it."""

    id: int
    file: int
    sender: str
    envelope_sender: str
    recipient: str
    subject: str
    message_id: str
    received_at: datetime.datetime
    outcome: str
    repeats: int | None  # the file of the mail that came before under the same id
    attachments: tuple[tuple[int, str, str, bool], ...]  # file, name, place in the mail, known before


def sources(client: Client) -> list[SourceRow]:
    """All the client's sources, those in use first."""
    return [
        SourceRow(
            row.pk,
            Kind(row.kind),
            TITLES[Kind(row.kind)],
            row.title,
            row.address,
            row.is_active,
            row.asked_at,
            row.settings.get("public_key", ""),
            row.minutes,
            bool(row.settings.get("oauth")),
        )
        for row in models.Source.objects.filter(client=client).order_by("-is_active", "pk")
    ]


def addresses(client: Client) -> list[AddressRow]:
    """The client's e-mail addresses, those in use first."""
    rows = models.Address.objects.filter(client=client).order_by("-is_active", "pk")
    return [AddressRow(row.pk, row.local, row.is_active) for row in rows]


def reception(client: Client) -> ReceptionRow | None:
    """How reception of e-invoices stands; None when it was never asked for."""
    row = models.Reception.objects.filter(client=client).order_by("-asked_at").first()
    if row is None:
        return None
    words = Words(row.words["text"], row.words.get("values", {})) if row.words else None
    return ReceptionRow(row.participant, row.state, row.active_at, row.checked_at, words)


def arrivals(client: Client, *, limit: int = 50) -> list[ArrivalRow]:
    """What came last, the newest first; mails, envelopes and what is no document are not among it."""
    rows = list(
        models.Arrival.objects.filter(client=client)
        .exclude(file__format__in=[MAIL, ENVELOPE])
        .exclude(file__came_by__in=NOT_IN)
        .order_by("-pk")
        .values_list("file", "name", "file__came_by", "source__kind", "at", "is_repeat")[:limit]
    )
    documents = {
        file: (pk, is_held)
        for file, pk, is_held in Document.objects.filter(
            client=client, file__in=[row[0] for row in rows]
        ).values_list("file", "pk", "is_held")
    }
    return [
        ArrivalRow(file, name, kind or came_by, at, is_repeat, *documents.get(file, (None, False)))
        for file, name, came_by, kind, at, is_repeat in rows
    ]


def ways(client: Client, file_ids: Collection[int]) -> dict[int, Way]:
    """File → how it came first: the mail and its sender, the network's envelope, the place."""
    ids = list(file_ids)
    mails: dict[int, models.Attachment] = {}
    for one in (
        models.Attachment.objects.filter(client=client, file__in=ids).select_related("mail").order_by("-pk")
    ):
        mails[one.file_id] = one
    messages: dict[int, models.NetworkMessage] = {}
    for message in models.NetworkMessage.objects.filter(client=client, file__in=ids).order_by("-pk"):
        messages[message.file_id] = message
    found = {}
    for file in models.File.objects.filter(client=client, pk__in=ids).select_related("source"):
        source = file.source.title if file.source else ""
        moment = timezone.localtime(file.received_at).date().isoformat()
        mail, message = mails.get(file.pk), messages.get(file.pk)
        if file.came_by == "mail" and mail is not None:
            sender = mail.mail.sender or mail.mail.envelope_sender
            words = way("mail", moment=moment, sender=sender, subject=mail.mail.subject)
            found[file.pk] = Way(words, mail_file=mail.mail.file_id)
        elif file.came_by == "peppol" and message is not None:
            words = way("peppol", moment=moment, sender=message.sender, receiver=message.receiver)
            found[file.pk] = Way(words, envelope_file=message.envelope_id)
        else:
            found[file.pk] = Way(way(file.came_by, source=source, moment=moment))
    return found


def mail_of(client: Client, file: int) -> MailRow | None:
    """The mail that this kept file is; None when it is none."""
    row = models.Mail.objects.filter(client=client, file=file).select_related("repeats").first()
    if row is None:
        return None
    inside = models.Attachment.objects.filter(client=client, mail=row).order_by("pk")
    return MailRow(
        row.pk,
        row.file_id,
        row.sender,
        row.envelope_sender,
        row.recipient,
        row.subject,
        row.message_id,
        row.received_at,
        row.outcome,
        row.repeats.file_id if row.repeats else None,
        tuple(inside.values_list("file", "name", "place", "is_repeat")),
    )


def with_intake_due(clients: Sequence[Client], now: datetime.datetime) -> list[int]:
    """Which of these clients, all in scope, have a source to look at, a mail to open, or a file to read."""
    ids = [client.pk for client in clients]
    due = {
        row.client_id
        for row in models.Source.objects.filter(client__in=ids, is_active=True, minutes__gt=0)
        if is_due(row, now)
    }
    due |= set(
        models.Mail.objects.filter(client__in=ids, opened_at__isnull=True).values_list("client", flat=True)
    )
    unread = models.File.objects.filter(
        Q(format="") | Q(format__in=invoice_formats()),
        client__in=ids,
        received_at__gt=now - datetime.timedelta(hours=UNREAD_HOURS),
    ).exclude(Exists(Document.objects.filter(client=OuterRef("client"), file=OuterRef("pk"))))
    waiting = Document.objects.filter(
        client__in=ids,
        kind=UNREAD,
        is_declined=False,
        received_at__gt=now - datetime.timedelta(hours=UNREAD_HOURS),
    )
    return sorted(
        due
        | set(unread.values_list("client", flat=True))
        | set(waiting.values_list("client", flat=True).distinct())
    )


def is_due(source: models.Source, now: datetime.datetime) -> bool:
    """Whether the source is to be looked at again by day."""
    if not source.minutes:
        return False
    return source.asked_at is None or source.asked_at <= now - datetime.timedelta(minutes=source.minutes)
