"""Who must say yes: steps, limits, two in union; a yes is bound to the content."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Who must say yes: steps, limits, two in union; a yes is bound to the content."""

    name = "nattbok.approvals"
    label = "approvals"
