"""Keeping what came, before anyone reads it; and the places it comes from."""

from nattbok.files.actions.keeping import Kept, format_of, keep, keep_made, path_of
from nattbok.files.actions.mails import MAIL, KeptMail, keep_mail
from nattbok.files.actions.network import ENVELOPE, KeptMessage, keep_message
from nattbok.files.actions.sources import add_source, asked, secret_of, set_secret

__all__ = [
    "ENVELOPE",
    "MAIL",
    "Kept",
    "KeptMail",
    "KeptMessage",
    "add_source",
    "asked",
    "format_of",
    "keep",
    "keep_made",
    "keep_mail",
    "keep_message",
    "path_of",
    "secret_of",
    "set_secret",
]
