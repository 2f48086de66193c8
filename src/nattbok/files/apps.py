"""Every file that came or went, kept under its SHA-256."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Every file that came or went, kept under its SHA-256."""

    name = "nattbok.files"
    label = "files"
