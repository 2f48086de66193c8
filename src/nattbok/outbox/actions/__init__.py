"""Writing what is to leave, in the deed's own transaction; and sending it, once."""

from nattbok.outbox.actions.mail import SMTP, Sent, mail, send_waiting
from nattbok.outbox.actions.sending import (
    FilesSent,
    handed_over,
    receipt_came,
    send_file,
    send_files,
    try_again,
    withdraw,
)

__all__ = [
    "SMTP",
    "FilesSent",
    "Sent",
    "handed_over",
    "mail",
    "receipt_came",
    "send_file",
    "send_files",
    "send_waiting",
    "try_again",
    "withdraw",
]
