"""Accounts, movements, matching, reconciliation."""

from django.apps import AppConfig


class BankConfig(AppConfig):
    """Accounts, movements, matching, reconciliation."""

    name = "nattbok.bank"
    label = "bank"
