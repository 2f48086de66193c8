"""Files, and where they come from."""

from django.db import models

from nattbok.clients.models import Client
from nattbok.db.fields import ClientKey, SameClient


class File(models.Model):
    """A file that came or went, kept unchanged under its SHA-256."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(help_text="bytes")
    name = models.CharField(max_length=255, help_text="as the sender called it")
    source = ClientKey("files.Source", null=True)
    format = models.CharField(
        max_length=30, blank=True, help_text="what its content says it is; blank: unknown"
    )
    came_by = models.CharField(max_length=20, help_text="folder, upload, mail, sftp, peppol, api")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "sha256"], name="file_once"),
            models.UniqueConstraint(fields=["client", "id"], name="file_of_client"),
            SameClient("source", name="file_source_same_client"),
        ]
        indexes = [models.Index(fields=["client", "received_at"], name="file_by_time")]


class Source(models.Model):
    """A place that a client's files are fetched from."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, help_text="folder")
    address = models.CharField(max_length=500, help_text="for a folder its path")
    title = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "address"], name="source_once"),
            models.UniqueConstraint(fields=["client", "id"], name="source_of_client"),
        ]


class Arrival(models.Model):
    """That a file came: also the second and third time, when it is known and nothing is done with it."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    file = ClientKey(File)
    source = ClientKey(Source, null=True)
    name = models.CharField(max_length=255)
    is_repeat = models.BooleanField()
    at = models.DateTimeField()
    night = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            SameClient("file", name="arrival_file_same_client"),
            SameClient("source", name="arrival_source_same_client"),
        ]
        indexes = [models.Index(fields=["client", "night"], name="arrival_by_night")]
