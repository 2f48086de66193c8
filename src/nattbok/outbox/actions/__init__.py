"""Writing what is to leave, in the deed's own transaction; and sending it, once."""

from nattbok.outbox.actions.mail import SMTP, Sent, mail, send_waiting
from nattbok.outbox.actions.network import ask_receipts, send_message, send_messages
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
    "ask_receipts",
    "handed_over",
    "mail",
    "receipt_came",
    "send_file",
    "send_files",
    "send_message",
    "send_messages",
    "send_waiting",
    "try_again",
    "withdraw",
]
