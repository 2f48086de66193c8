"""Mail: written in the deed's own transaction, and sent once."""

import datetime
import json
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone

from nattbok.clients.models import Office
from nattbok.db import vault
from nattbok.outbox import queries, rules
from nattbok.outbox.models import Mail

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@dataclass(frozen=True, slots=True)
class Sent:
    """How many mails went, and how many were tried in vain."""

    sent: int = 0
    failed: int = 0


def mail(
    office: Office,
    key: str,
    to: Sequence[str],
    subject: str,
    text: str,
    html: str = "",
    *,
    secrets: Mapping[str, str] | None = None,
    reply_to: str = "",
) -> bool:
    """Put a mail in the outbox, in the caller's transaction; whether it was new.

    The same key of the same office is written once, and so sent once. Without addresses there is no mail.
    `secrets` are what its text is to say in the place of marks, as one-time links: they are kept sealed, and
    only until it has been sent. Answers go to `reply_to`, where it is said.
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
                reply_to=reply_to,
                subject=rules.one_line(subject),
                text=text,
                html=html,
                secrets=vault.sealed(json.dumps(dict(secrets)).encode(), purpose=_sealed_for(office.pk, key))
                if secrets
                else b"",
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
    text, html = _told(row)
    message = EmailMultiAlternatives(
        row.subject,
        text,
        settings.DEFAULT_FROM_EMAIL,
        row.to,
        reply_to=[row.reply_to] if row.reply_to else None,
        headers={"Message-ID": row.message_id},
        connection=get_connection(SMTP),
    )
    if html:
        message.attach_alternative(html, "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException, ValueError) as trouble:
        row.trouble = f"{type(trouble).__name__}: {trouble}"[:500]
        row.save(update_fields=["tries", "trouble"])
        return False
    row.sent_at, row.trouble, row.secrets = timezone.now(), "", b""
    row.save(update_fields=["tries", "trouble", "sent_at", "secrets"])
    return True


def _told(row: Mail) -> tuple[str, str]:
    """The text and the HTML with their secrets in place."""
    text, html = row.text, row.html
    if row.secrets:
        kept = vault.opened(bytes(row.secrets), purpose=_sealed_for(row.office_id, row.key))
        for mark, secret in json.loads(kept).items():
            text, html = text.replace(mark, secret), html.replace(mark, secret)
    return text, html


def _sealed_for(office: int, key: str) -> str:
    return f"mail:{office}:{key}"
