"""What waits for a person."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """What waits for a person."""

    name = "nattbok.desk"
    label = "desk"
