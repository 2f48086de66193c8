"""Entries that people write by hand."""

from django.apps import AppConfig


class VouchersConfig(AppConfig):
    """Entries that people write by hand."""

    name = "nattbok.vouchers"
    label = "vouchers"
