"""Acts, kept for good."""

from django.db import models
from django.db.models.fields.json import KT

from nattbok.clients.models import Client
from nattbok.db.fields import ClientKey, SameClient


class Act(models.Model):
    """A deed: who, what, when, why, on what evidence. What it undid, when it is an undoing."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=60, help_text="what was done: bank.matched, documents.posted")
    at = models.DateTimeField()
    by = models.CharField(max_length=60, help_text="robot:<routine>, person:<id>, command:<name>")
    night = models.BigIntegerField(null=True, help_text="the night it was done in")
    evidence = models.JSONField(help_text="why, as data; the sentences are made when it is shown")
    undoes = ClientKey("self", null=True, related_name="undone_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="act_of_client"),
            models.UniqueConstraint(
                fields=["undoes"], name="act_undone_once", condition=models.Q(undoes__isnull=False)
            ),
            SameClient("undoes", name="act_undoes_same_client"),
        ]
        indexes = [
            models.Index(fields=["client", "night", "kind"], name="act_by_night"),
            models.Index(fields=["client", "at"], name="act_by_time"),
            # Acts that a rule did, found by the rule; the others are not in it.
            models.Index(
                models.F("client"),
                KT("evidence__rule"),
                KT("evidence__version"),
                name="act_by_rule",
                condition=models.Q(evidence__has_key="rule"),
            ),
        ]
