"""Vouchers while they are written, and what is attached to the entries they become."""

from django.db import models

from nattbok.clients.models import Person
from nattbok.db.fields import ClientKey, SameClient
from nattbok.files.models import File
from nattbok.ledger.models import Entry, of_client


class VoucherDraft(models.Model):
    """A voucher that somebody is writing, as it stands in the form. It goes when it is posted."""

    client = of_client()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    token = models.CharField(max_length=24, help_text="stands in its entry's origin, so it is posted once")
    content = models.JSONField(help_text="as vouchers.rules.written writes it")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "person", "token"], name="voucher_draft_once"),
        ]


class Attachment(models.Model):
    """A file that belongs to an entry; the first is also the entry's own."""

    client = of_client()
    entry = ClientKey(Entry)
    file = ClientKey(File)
    place = models.PositiveSmallIntegerField(help_text="from 1")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "entry", "file"], name="voucher_attachment_once"),
            SameClient("entry", name="voucher_attachment_entry_same_client"),
            SameClient("file", name="voucher_attachment_file_same_client"),
        ]
