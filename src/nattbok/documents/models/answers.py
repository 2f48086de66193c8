"""What sellers are answered in the e-invoice network."""

from django.db import models

from nattbok.db.fields import ClientKey, SameClient
from nattbok.documents.models.documents import Document, of_client
from nattbok.files.models import File


class SellerAnswer(models.Model):
    """An Invoice Response about a document. How far it has come is told by the outbox, under `key`."""

    client = of_client()
    document = ClientKey(Document)
    answer = models.CharField(max_length=2, help_text="AB, IP, UQ, CA, RE, AP, PD")
    reason = models.CharField(max_length=3, blank=True)
    action = models.CharField(max_length=3, blank=True)
    text = models.CharField(max_length=500, blank=True)
    on = models.DateField()
    file = ClientKey(File, help_text="the answer itself, without its envelope")
    key = models.CharField(max_length=200, blank=True, help_text="in the outbox; blank: there was no way out")
    by = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "document", "answer", "on"], name="seller_answer_once"),
            SameClient("document", name="seller_answer_document_same_client"),
            SameClient("file", name="seller_answer_file_same_client"),
        ]


class AnswerSetting(models.Model):
    """What is set of a client's e-invoices: what sellers are told by themselves, and whose rules are asked.

    A client without one tells nothing, and has the installation's engine.
    """

    client = of_client()
    answers = models.JSONField(default=list, help_text="AB, AP, RE, PD")
    engine = models.CharField(
        max_length=10, blank=True, db_default="", help_text="own, official; blank: the installation's"
    )
    since_at = models.DateTimeField(help_text="invoices that came before are not answered by themselves")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client"], name="answer_setting_once")]
