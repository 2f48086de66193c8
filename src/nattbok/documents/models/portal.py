"""What a client's own people have added, until they hand it over to accounting."""

from django.db import models
from django.db.models import Q

from nattbok.db.fields import ClientKey, SameClient
from nattbok.documents.models.documents import of_client
from nattbok.trail.models import Act


class Gathered(models.Model):
    """A file that somebody at the client added. Its documents are with the client until it is handed over:
    guards.sql sees to it that they are, whoever reads the file and whenever."""

    client = of_client()
    sha256 = models.CharField(max_length=64, help_text="of the bytes")
    key = models.CharField(max_length=64, help_text="made on the phone, so that sent twice it is one")
    name = models.CharField(max_length=255)
    by = models.CharField(max_length=60, help_text="person:<id>")
    at = models.DateTimeField()
    handed_over_by = models.CharField(max_length=60, blank=True)
    handed_over_at = models.DateTimeField(null=True)
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "sha256"], name="gathered_once"),
            models.UniqueConstraint(fields=["client", "by", "key"], name="gathered_key_once"),
            models.CheckConstraint(
                condition=Q(handed_over_at__isnull=True, handed_over_by="")
                | (Q(handed_over_at__isnull=False) & ~Q(handed_over_by="")),
                name="gathered_handed_over",
            ),
            SameClient("act", name="gathered_act_same_client"),
        ]
        indexes = [
            models.Index(fields=["client"], name="gathered_waiting", condition=Q(handed_over_at__isnull=True))
        ]
