"""What is set for each supplier, and how a client's bills are coded in general."""

from django.db import models
from django.db.models import Q

from nattbok.clients.models import Client, Person
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.documents.models.documents import of_client
from nattbok.ledger.models import Party


class SupplierSetting(models.Model):
    """How a supplier's bills are coded, and what of them may be posted unattended. Its versions are acts."""

    client = of_client()
    supplier = ClientKey(Party)
    version = models.PositiveIntegerField(default=1, db_default=1, help_text="how many times it was set")
    account = models.CharField(max_length=10, blank=True, help_text="the cost account's number")
    vat_code = models.CharField(max_length=10, blank=True, help_text="instead of the one the document gives")
    limit = MoneyField(null=True, help_text="above this, including VAT, a person posts")
    may_post = models.BooleanField(default=True)
    dimensions = models.JSONField(null=True, help_text="department, project, own ones, on each cost line")
    shares = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField()), help_text="split key: rows of share"
    )
    template = models.CharField(max_length=10, blank=True, db_default="", help_text="a template's key")
    months = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="spread over so many")
    approver = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", help_text="who says yes to its bills"
    )
    charges_vat = models.BooleanField(null=True, help_text="as the register says; null: not looked up")
    channel = models.CharField(
        max_length=10, blank=True, db_default="", help_text="how its bills come: einvoice, mail, paper"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "supplier"], name="supplier_setting_once"),
            SameClient("supplier", name="supplier_setting_same_client"),
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(limit__gte=0), name="supplier_limit_sign"
            ),
            models.CheckConstraint(condition=Q(months__lte=120), name="supplier_months"),
        ]


class CodingPractice(models.Model):
    """How one client's bills are coded, whoever sends them."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="+")
    deducts_vat = models.BooleanField(
        default=True, help_text="false: not registered for VAT, so VAT on what it buys is cost"
    )
