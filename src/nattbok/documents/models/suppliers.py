"""What is set for each supplier."""

from django.db import models
from django.db.models import Q

from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.documents.models.documents import of_client
from nattbok.ledger.models import Party


class SupplierSetting(models.Model):
    """How a supplier's bills are coded, and how much of them may be posted unattended."""

    client = of_client()
    supplier = ClientKey(Party)
    account = models.CharField(max_length=10, blank=True, help_text="the cost account's number")
    vat_code = models.CharField(max_length=10, blank=True, help_text="instead of the one the document gives")
    limit = MoneyField(null=True, help_text="above this, including VAT, a person posts")
    may_post = models.BooleanField(default=True)
    dimensions = models.JSONField(null=True, help_text="department, project, own ones, on each cost line")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "supplier"], name="supplier_setting_once"),
            SameClient("supplier", name="supplier_setting_same_client"),
            models.CheckConstraint(
                condition=Q(limit__isnull=True) | Q(limit__gte=0), name="supplier_limit_sign"
            ),
        ]
