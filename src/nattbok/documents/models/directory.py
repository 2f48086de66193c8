"""Which suppliers could send e-invoices, as the network's directory says, and which were asked to."""

from django.db import models

from nattbok.db.fields import ClientKey, SameClient
from nattbok.documents.models.documents import of_client
from nattbok.ledger.models import Party


class DirectoryLook(models.Model):
    """What the e-invoice network's directory said of a supplier, the last time it was asked."""

    client = of_client()
    supplier = ClientKey(Party)
    participant = models.CharField(max_length=100, help_text="what was asked about: 0192:123456785")
    is_there = models.BooleanField(help_text="somebody receives for it in the network")
    takes_invoices = models.BooleanField(help_text="invoices, or credit notes, are among what it receives")
    access_point = models.CharField(max_length=200, blank=True, help_text="who receives for it")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "supplier"], name="directory_look_once"),
            SameClient("supplier", name="directory_look_supplier_same_client"),
        ]


class EInvoiceRequest(models.Model):
    """That a supplier was asked to send e-invoices. Once: the same supplier is not written to twice."""

    client = of_client()
    supplier = ClientKey(Party)
    to = models.CharField(max_length=320, blank=True, help_text="blank: a person took the text elsewhere")
    mail_key = models.CharField(max_length=200, blank=True, help_text="in the outbox")
    text = models.TextField(help_text="as it was written")
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    asked_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "supplier"], name="e_invoice_request_once"),
            SameClient("supplier", name="e_invoice_request_supplier_same_client"),
        ]
