"""The night."""

from django.apps import AppConfig


class RobotConfig(AppConfig):
    """The night."""

    name = "nattbok.robot"
    label = "robot"
