"""A client's books: how far they have come, their years, accounts and series, and their totals."""

from django.db import models
from django.db.models import F, Q

from nattbok.clients.models import Client
from nattbok.countries.country import AccountKind
from nattbok.db.fields import ClientKey, MoneyField, SameClient


def of_client() -> models.ForeignKey:
    """The column that says whose row it is; indexes begin with it, so it has none of its own."""
    return models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)


class Books(models.Model):
    """All of one client's accounts, series and entries: how far they have come. Locked by whoever posts."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="+")
    closed_through = models.DateField(null=True, help_text="the last day on which nothing more may be dated")
    entries = models.PositiveIntegerField(default=0, help_text="how many entries are posted")
    head = models.CharField(max_length=64, default="", help_text="the last entry's link in the hash chain")
    prepaid_account = models.CharField(
        max_length=10, blank=True, help_text="where spread costs wait; blank: the country's"
    )
    deferred_account = models.CharField(
        max_length=10, blank=True, db_default="", help_text="where spread income waits; blank: the country's"
    )


class FiscalYear(models.Model):
    """The year that is closed and reported."""

    client = of_client()
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "starts_on"], name="fiscal_year_once"),
            models.UniqueConstraint(fields=["client", "id"], name="fiscal_year_of_client"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="fiscal_year_has_days"),
        ]


class Account(models.Model):
    """Where amounts are gathered, by number."""

    client = of_client()
    number = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in AccountKind])
    control = models.CharField(
        max_length=10, blank=True, help_text="whose subledger it is the sum of: customer, supplier"
    )
    vat_code = models.CharField(max_length=10, blank=True, help_text="the code its lines normally have")
    report_group = models.CharField(max_length=20, blank=True, help_text="the authority's grouping")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="account_number_once"),
            models.UniqueConstraint(fields=["client", "id"], name="account_of_client"),
        ]


class Series(models.Model):
    """A row of entry numbers without gaps, for one fiscal year."""

    client = of_client()
    year = ClientKey(FiscalYear)
    code = models.CharField(max_length=5)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "year", "code"], name="series_once"),
            models.UniqueConstraint(fields=["client", "id"], name="series_of_client"),
            SameClient("year", name="series_year_same_client"),
        ]


class Total(models.Model):
    """What a month's lines on an account sum to; kept by a trigger, so that reports need not read lines."""

    client = of_client()
    account = ClientKey(Account)
    month = models.DateField(help_text="its first day")
    debit = MoneyField()
    credit = MoneyField(help_text="negative")
    lines = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "account", "month"], name="total_once"),
            SameClient("account", name="total_account_same_client"),
        ]
