"""Documents on their way to becoming entries."""

from django.db import models

from nattbok.clients.models import Client
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.files.models import File
from nattbok.ledger.models import Party


def of_client() -> models.ForeignKey:
    """The client that a row belongs to; its index begins those of the table."""
    return models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)


class Document(models.Model):
    """A file that is to become an entry: what was read from it, and the coding proposed. Whether it is posted
    follows from the ledger: an unreversed entry has it as origin."""

    client = of_client()
    file = ClientKey(File)
    first_page = models.PositiveIntegerField(
        default=0, db_default=0, help_text="from 0; where it begins in a file of several documents"
    )
    last_page = models.PositiveIntegerField(null=True, help_text="null: to the end of the file")
    kind = models.CharField(
        max_length=20, help_text="unread, invoice, credit_note, no_bill, unreadable, not_ours"
    )
    format = models.CharField(max_length=30, blank=True, help_text="how it was read: peppol_bis3")
    supplier = ClientKey(Party, null=True)
    supplier_name = models.CharField(max_length=200, blank=True)
    supplier_org_number = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    net = MoneyField(null=True)
    vat = MoneyField(null=True)
    owed = MoneyField(null=True, help_text="what the client owes; negative for a credit note")
    reference = models.CharField(max_length=100, blank=True)
    account = models.CharField(max_length=40, blank=True, help_text="where it asks to be paid")
    reading = models.JSONField(default=dict, help_text="all that was read, by business term")
    findings = models.JSONField(default=list)
    coding = models.JSONField(default=list, help_text="proposed lines, each with its reason")
    is_held = models.BooleanField(default=False, help_text="something in it forbids posting")
    is_declined = models.BooleanField(default=False, help_text="a person said it is not to be posted")
    waits_for = models.CharField(
        max_length=40,
        blank=True,
        db_default="",
        help_text="why the robot leaves it to a person: undone",
    )
    paid = models.JSONField(
        null=True, help_text="as somebody at the client said it was paid: on, means, account, by"
    )
    received_at = models.DateTimeField()
    night = models.BigIntegerField(null=True, help_text="the night it was received in")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "file", "first_page"], name="document_once"),
            models.UniqueConstraint(fields=["client", "id"], name="document_of_client"),
            SameClient("file", name="document_file_same_client"),
            SameClient("supplier", name="document_supplier_same_client"),
            models.CheckConstraint(
                condition=models.Q(last_page__isnull=True) | models.Q(last_page__gte=models.F("first_page")),
                name="document_pages_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "supplier", "number"], name="document_by_number"),
            models.Index(fields=["client", "received_at"], name="document_by_time"),
        ]
