"""What waits for a person."""

from django.db import models

from nattbok.clients.models import Client
from nattbok.db.fields import ClientKey, SameClient
from nattbok.trail.models import Act


class Question(models.Model):
    """What the robot could not decide, why, and its likely answers."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=60, help_text="what is asked: bank.unknown_reference")
    subject = models.CharField(max_length=100, help_text="what it is about: movement:12, document:7")
    about = models.CharField(
        max_length=200,
        blank=True,
        help_text="what a person knows it by: a day and a payer",
    )
    reason = models.TextField(help_text="the sentence, English, with {names}")
    values = models.JSONField(default=dict, help_text="what stands in the sentence")
    candidates = models.JSONField(default=list, help_text="likely answers, the likeliest first")
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    asked_at = models.DateTimeField()
    asked_by = ClientKey(Act)
    night = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = ClientKey(Act, null=True)
    answer = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind", "subject"],
                name="question_open_once",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.UniqueConstraint(fields=["client", "id"], name="question_of_client"),
            SameClient("asked_by", name="question_act_same_client"),
            SameClient("closed_by", name="question_closing_act_same_client"),
        ]
        indexes = [
            models.Index(
                fields=["client", "kind"], name="question_waiting", condition=models.Q(closed_at__isnull=True)
            ),
            models.Index(fields=["client", "night"], name="question_by_night"),
        ]
