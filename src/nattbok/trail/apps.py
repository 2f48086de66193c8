"""Acts: who did what, when, why, on what evidence; and the undoing of them."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """Acts: who did what, when, why, on what evidence; and the undoing of them."""

    name = "nattbok.trail"
    label = "trail"
