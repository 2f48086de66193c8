"""What is to leave the house, sent once, with its receipts."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """What is to leave the house, sent once, with its receipts."""

    name = "nattbok.outbox"
    label = "outbox"
