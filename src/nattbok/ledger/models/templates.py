"""Posting templates, a client's own and its office's. A version is never changed (guards.sql)."""

from django.db import models
from django.db.models import F, Q

from nattbok.clients.models import Office
from nattbok.db.fields import ClientKey, SameClient
from nattbok.ledger.models.books import of_client
from nattbok.trail.models import Act


class WrittenTemplate(models.Model):
    """One version of a template. The last that is valid on a day counts; retired, it stands for nothing."""

    key = models.CharField(max_length=10, help_text="what is typed where an account is")
    version = models.PositiveIntegerField(help_text="from 1")
    name = models.CharField(max_length=100)
    lines = models.JSONField(help_text="as ledger.rules.templates writes them")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    is_retired = models.BooleanField(default=False)
    written_by = models.CharField(max_length=60, help_text="person:7")
    written_at = models.DateTimeField()

    class Meta:
        abstract = True


class ClientTemplate(WrittenTemplate):
    """A client's own; it counts before its office's of the same key."""

    client = of_client()
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="client_template_of_client"),
            models.UniqueConstraint(fields=["client", "key", "version"], name="client_template_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="client_template_has_days",
            ),
            SameClient("act", name="client_template_act_same_client"),
        ]


class OfficeTemplate(WrittenTemplate):
    """An office's, for all of its clients or for chosen ones."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", db_index=False)
    country = models.CharField(max_length=2, help_text="whose accounts and VAT codes it names")
    chosen = models.JSONField(default=list, help_text="the clients it is for, by id; empty: all")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "country", "key", "version"], name="office_template_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="office_template_has_days",
            ),
        ]
