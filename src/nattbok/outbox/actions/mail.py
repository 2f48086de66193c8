"""Mail: written in the deed's own transaction, and sent once."""

import datetime
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone

from nattbok.clients.models import Office
from nattbok.outbox import queries, rules
from nattbok.outbox.models import Mail

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@dataclass(frozen=True, slots=True)
class Sent:
    """How many mails went, and how many were tried in vain."""

    sent: int = 0
    failed: int = 0


def mail(office: Office, key: str, to: Sequence[str], subject: str, text: str, html: str = "") -> bool:
    """Put a mail in the outbox, in the caller's transaction; whether it was new.

    The same key of the same office is written once, and so sent once. Without addresses there is no mail.
    """
    if not to:
        return False
    before = Mail.objects.filter(office=office, key=key).exists()
    Mail.objects.bulk_create(
        [
            Mail(
                office=office,
                key=key,
                to=list(to),
                subject=rules.one_line(subject),
                text=text,
                html=html,
                message_id=rules.message_id(office.pk, key, settings.DEFAULT_FROM_EMAIL),
            )
        ],
        ignore_conflicts=True,
    )
    return not before


def send_waiting(*, at: datetime.datetime | None = None) -> Sent:
    """Send the mails that wait and are due, each in a transaction of its own.

    A row is locked while its mail is sent, so two senders never send one mail. Without an SMTP server
    in the settings nothing is sent and the mails wait.
    """
    if not settings.EMAIL_HOST:
        return Sent()
    moment = at or timezone.now()
    sent = failed = 0
    for pk in queries.due(moment):
        outcome = _send(pk)
        sent += outcome is True
        failed += outcome is False
    return Sent(sent, failed)


@transaction.atomic
def _send(pk: int) -> bool | None:
    """Whether the mail went; None when another process has it or has sent it."""
    row = Mail.objects.select_for_update(skip_locked=True).filter(pk=pk, sent_at__isnull=True).first()
    if row is None:
        return None
    row.tries += 1
    message = EmailMultiAlternatives(
        row.subject,
        row.text,
        settings.DEFAULT_FROM_EMAIL,
        row.to,
        headers={"Message-ID": row.message_id},
        connection=get_connection(SMTP),
    )
    if row.html:
        message.attach_alternative(row.html, "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException, ValueError) as trouble:
        row.trouble = f"{type(trouble).__name__}: {trouble}"[:500]
        row.save(update_fields=["tries", "trouble"])
        return False
    row.sent_at, row.trouble = timezone.now(), ""
    row.save(update_fields=["tries", "trouble", "sent_at"])
    return True
