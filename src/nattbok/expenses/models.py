"""Claims, their receipts, and the exchange rates they are converted by."""

from django.db import models
from django.db.models import Q

from nattbok.clients.models import Client, Person
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.files.models import File
from nattbok.trail.models import Act


def _client() -> models.ForeignKey:
    return models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)


class ExpenseClaim(models.Model):
    """What somebody paid for the company over some days and asks to get back. That it is posted follows from
    the ledger: an unreversed entry has it as origin."""

    client = _client()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text="made where it was begun, so that it is made once")
    purpose = models.CharField(max_length=200, blank=True)
    from_on = models.DateField(null=True)
    to_on = models.DateField(null=True)
    account = models.CharField(max_length=40, blank=True, help_text="where it is to be paid; normal form")
    state = models.CharField(max_length=10, default="open", help_text="open, handed_in, approved, withdrawn")
    returned_why = models.CharField(max_length=300, blank=True)
    returned_by = models.CharField(max_length=60, blank=True)
    begun_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True)
    act = ClientKey(Act, help_text="the last deed about it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="expense_claim_of_client"),
            models.UniqueConstraint(fields=["client", "person", "key"], name="expense_claim_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "handed_in", "approved", "withdrawn"]),
                name="expense_claim_state",
            ),
            # What is handed in names what it was for, when, and where it is paid.
            models.CheckConstraint(
                condition=Q(state__in=["open", "withdrawn"])
                | (~Q(purpose="") & ~Q(account="") & Q(from_on__isnull=False) & Q(to_on__isnull=False)),
                name="expense_claim_complete",
            ),
            SameClient("act", name="expense_claim_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "state"], name="expense_claim_by_state")]


class ExpenseReceipt(models.Model):
    """One thing that was paid. Its amounts are in the client's currency and in the one it was paid in."""

    client = _client()
    claim = ClientKey(ExpenseClaim)
    key = models.CharField(max_length=64, help_text="made on the phone, so that sent twice it is one")
    file = ClientKey(File, null=True, help_text="the picture: the legal document")
    why_no_file = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=20, blank=True)
    shop = models.CharField(max_length=200, blank=True)
    paid_on = models.DateField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    currency_amount = MoneyField(null=True, help_text="what was paid, with VAT, in that currency")
    rate = models.DecimalField(max_digits=18, decimal_places=8, null=True)
    rate_on = models.DateField(null=True, help_text="the day that the rate is of")
    rate_source = models.CharField(max_length=40, blank=True)
    amount = MoneyField(null=True, help_text="in the client's currency")
    vat = MoneyField(default=0)
    text = models.CharField(max_length=200, blank=True, help_text="what was bought, or who took part")
    dimensions = models.JSONField(default=dict)
    reading = models.JSONField(default=dict, help_text="what was read of it: field → value and confidence")
    is_removed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="expense_receipt_of_client"),
            models.UniqueConstraint(fields=["client", "claim", "key"], name="expense_receipt_once"),
            # One picture is paid back once.
            models.UniqueConstraint(
                fields=["client", "file"],
                name="expense_receipt_file_once",
                condition=Q(is_removed=False, file__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0), name="expense_receipt_amount"
            ),
            models.CheckConstraint(
                condition=Q(vat=0) | (Q(vat__gt=0) & Q(vat__lt=models.F("amount"))),
                name="expense_receipt_vat",
            ),
            SameClient("claim", name="expense_receipt_claim_same_client"),
            SameClient("file", name="expense_receipt_file_same_client"),
        ]
        indexes = [
            models.Index(fields=["client", "claim"], name="expense_receipt_by_claim"),
            models.Index(fields=["client", "paid_on", "currency_amount"], name="expense_receipt_by_day"),
        ]


class ExchangeRate(models.Model):
    """What one unit of a currency cost on a day, in the client's own; typed by who keeps the books."""

    client = _client()
    currency = models.CharField(max_length=3)
    on = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    source = models.CharField(max_length=40, help_text="who says so: Norges Bank, Riksbanken, the card")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "currency", "on"], name="exchange_rate_once"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
        ]
