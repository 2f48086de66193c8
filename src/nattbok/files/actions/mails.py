"""Keeping mails: whole, as they came, under the one client whose address their envelope named."""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from nattbok.clients.models import Client
from nattbok.files.actions.keeping import keep
from nattbok.files.models import Mail, Source

MAIL = "mail"  # the format of a mail's own bytes; no department reads such files


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that is kept, and whether the very same bytes were known."""

    mail: Mail
    is_repeat: bool


@transaction.atomic
def keep_mail(
    client: Client,
    data: bytes,
    *,
    recipient: str = "",
    envelope_sender: str = "",
    came_by: str = "mail",
    source: Source | None = None,
    night: int | None = None,
    at: datetime.datetime | None = None,
) -> KeptMail:
    """Keep the mail's bytes unchanged, to be opened later; nothing of it is read here.

    So what a hostile mail can do to a reader, it cannot do to whoever receives mail.
    """
    moment = at or timezone.now()
    kept = keep(
        client,
        data,
        name=f"{moment:%Y-%m-%d %H%M%S}.eml",
        came_by=came_by,
        source=source,
        night=night,
        at=moment,
        format_name=MAIL,
    )
    mail, is_new = Mail.objects.get_or_create(
        client=client,
        file=kept.file,
        defaults={
            "source": source,
            "recipient": _plain(recipient),
            "envelope_sender": _plain(envelope_sender),
            "received_at": moment,
        },
    )
    return KeptMail(mail, not is_new)


def _plain(address: str) -> str:
    return "".join(letter for letter in address if letter.isprintable())[:320]
