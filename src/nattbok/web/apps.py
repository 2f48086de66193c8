"""Pages on the server, htmx for the parts that change."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages on the server."""

    name = "nattbok.web"
    label = "web"
