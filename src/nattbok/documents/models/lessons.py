"""What posted bills teach about where lines go."""

from django.db import models

from nattbok.db.fields import ClientKey, SameClient
from nattbok.documents.models.documents import of_client
from nattbok.ledger.models import Entry, Party


class Lesson(models.Model):
    """Where one part of a posted bill went. It counts while its entry stands."""

    client = of_client()
    entry = ClientKey(Entry)
    supplier = ClientKey(Party)
    account = models.CharField(max_length=10)
    vat_code = models.CharField(max_length=10, blank=True)
    key = models.CharField(max_length=120, blank=True, help_text="the text without numbers and case")
    item = models.CharField(max_length=60, blank=True, help_text="the seller's number of it")
    commodity = models.CharField(max_length=40, blank=True, help_text="the class of goods")
    dimensions = models.JSONField(default=list, help_text="pairs of name and value")
    words = models.TextField(blank=True, help_text="what it is told by, with blanks between; @: the seller")

    class Meta:
        constraints = [
            SameClient("entry", name="lesson_entry_same_client"),
            SameClient("supplier", name="lesson_supplier_same_client"),
        ]
        indexes = [models.Index(fields=["client", "entry"], name="lesson_by_entry")]
