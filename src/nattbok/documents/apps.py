"""A file's way in: received, read, coded, approved, posted."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """A file's way in: received, read, coded, approved, posted."""

    name = "nattbok.documents"
    label = "documents"
