"""Who has looked at a document and accepted it, and what the client was asked about it."""

from django.db import models

from nattbok.db.fields import ClientKey, SameClient
from nattbok.documents.models.documents import Document, of_client
from nattbok.trail.models import Act


class Control(models.Model):
    """That a person controlled a document: they posted it, sent it on to approval, or accepted what the robot
    had posted. That somebody has opened it says nothing, and is not here."""

    client = of_client()
    document = ClientKey(Document)
    by = models.CharField(max_length=60, help_text="person:<id>")
    at = models.DateTimeField()
    entry = models.BigIntegerField(null=True, help_text="the entry that stood for it then")
    act = ClientKey(Act)

    class Meta:
        constraints = [
            SameClient("document", name="control_document_same_client"),
            SameClient("act", name="control_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "document"], name="control_by_document")]


class Returned(models.Model):
    """That the office sent a document back to the client with a question, and what they answered."""

    client = of_client()
    document = ClientKey(Document)
    why = models.CharField(max_length=300)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    act = ClientKey(Act)
    answer = models.CharField(max_length=1000, blank=True)
    answered_by = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "document"],
                name="returned_once_at_a_time",
                condition=models.Q(answered_at__isnull=True),
            ),
            SameClient("document", name="returned_document_same_client"),
            SameClient("act", name="returned_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "document", "-id"], name="returned_by_document")]
