"""Accounts, series, entries, lines, open items, settlements."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Accounts, series, entries, lines, open items, settlements."""

    name = "nattbok.ledger"
    label = "ledger"
