"""What comes again by itself: costs and income that are spread over months."""

from django.apps import AppConfig


class RecurringConfig(AppConfig):
    """What comes again by itself: costs and income that are spread over months."""

    name = "nattbok.recurring"
    label = "recurring"
