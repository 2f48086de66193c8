"""A client's own people, and what each may do."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """A client's own people, and what each may do."""

    name = "nattbok.people"
    label = "people"
