"""Senders of mail: suppliers with their invoices attached, and some who mean no good."""

import datetime
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

LOGO = b"\x89PNG\r\n\x1a\n" + b"\0" * 900  # as small as a letterhead's


def a_mail(
    *files: tuple[str, bytes],
    sender: str = "Havna Fisk AS <faktura@havna.example>",
    to: str = "",
    subject: str = "Faktura",
    text: str = "Vedlagt følger faktura.\n",
    number: str = "",
    at: datetime.datetime | None = None,
    logo: bool = False,
) -> bytes:
    """A mail with these (name, bytes) files. `number` becomes its Message-ID."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to or "mottaker@example.com", subject
    if number:
        mail["Message-ID"] = f"<{number}@havna.example>"
    mail["Date"] = format_datetime(at or datetime.datetime(2026, 3, 12, 9, 0, tzinfo=datetime.UTC))
    mail.set_content(text)
    if logo:
        mail.add_alternative('<p>Hei</p><img src="cid:logo">', subtype="html")
        mail.get_payload()[-1].add_related(LOGO, "image", "png", cid="<logo>")
    for name, data in files:
        kind, subtype = _kind(name)
        mail.add_attachment(data, maintype=kind, subtype=subtype, filename=name)
    return mail.as_bytes(policy=SMTP)


def _kind(name: str) -> tuple[str, str]:
    ending = name.rpartition(".")[2].lower()
    return {
        "pdf": ("application", "pdf"),
        "xml": ("application", "xml"),
        "png": ("image", "png"),
        "jpg": ("image", "jpeg"),
    }.get(ending, ("application", "octet-stream"))


def send(
    host: str, port: int, recipients: Sequence[str], data: bytes, *, sender: str = "faktura@havna.example"
) -> dict[str, tuple[int, bytes]]:
    """Send a mail as it is; the recipients that were refused, each with the answer.

    Raises smtplib's errors when the mail was not taken for anyone.
    """
    with smtplib.SMTP(host, port, timeout=20) as line:
        return line.sendmail(sender, list(recipients), data)
