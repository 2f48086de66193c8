"""Bank accounts, what the bank says moved on them, and which files said so."""

from django.db import models

from nattbok.clients.models import Client
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.files.models import File
from nattbok.formats.bank.shape import Kind
from nattbok.ledger.models import Account


def of_client() -> models.ForeignKey:
    """The column that says whose row it is; indexes begin with it, so it has none of its own."""
    return models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)


class BankAccount(models.Model):
    """An account at a bank and its ledger account, with what is agreed about references on it."""

    client = of_client()
    number = models.CharField(max_length=40, help_text="in the one form that BBAN and IBAN share")
    other_numbers = models.JSONField(
        default=list, help_text="bankgiro, plusgiro: other names of the same account"
    )
    title = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    account = ClientKey(Account)
    reference_lengths = models.JSONField(default=list, help_text="agreed lengths; empty: any")
    reference_methods = models.JSONField(
        default=list, help_text="agreed check digits; empty: any of the country's"
    )
    rounding_limit = MoneyField(default=0, help_text="a rest up to this is closed as rounding")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="bank_account_once"),
            models.UniqueConstraint(fields=["client", "id"], name="bank_account_of_client"),
            SameClient("account", name="bank_account_account_same_client"),
        ]


class StatementFile(models.Model):
    """A file that was read as one from a bank, and how far it might go. Read once."""

    client = of_client()
    file = ClientKey(File)
    message = models.CharField(max_length=40, blank=True, help_text="camt.053.001.02, ocr_giro, bgmax")
    message_id = models.CharField(max_length=100, blank=True)
    outcome = models.CharField(max_length=10, help_text="accept, hold or refuse")
    findings = models.JSONField(default=list)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "file"], name="statement_file_once"),
            SameClient("file", name="statement_file_file_same_client"),
        ]


class Statement(models.Model):
    """A bank's list of movements, as one file gave it."""

    client = of_client()
    account = ClientKey(BankAccount)
    file = ClientKey(File)
    place = models.PositiveSmallIntegerField(help_text="its place in the file, from 0")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in Kind])
    number = models.CharField(max_length=100, blank=True, help_text="the bank's id of it")
    sequence = models.BigIntegerField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    opening = MoneyField(null=True)
    closing = MoneyField(null=True)
    is_held = models.BooleanField(help_text="kept, but nothing of it may be posted")
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "file", "place"], name="statement_once"),
            models.UniqueConstraint(fields=["client", "id"], name="statement_of_client"),
            SameClient("account", name="statement_account_same_client"),
            SameClient("file", name="statement_file_same_client"),
        ]
        indexes = [models.Index(fields=["client", "account", "ends_on"], name="statement_by_day")]


class Movement(models.Model):
    """Money in or out, as the bank says it; kept once, whichever files report it. Money in is positive."""

    client = of_client()
    account = ClientKey(BankAccount)
    key = models.CharField(
        max_length=200, help_text="our identity of it, from facts that all its reports share"
    )
    amount = MoneyField()
    booked_on = models.DateField()
    value_on = models.DateField(null=True)
    bank_reference = models.CharField(max_length=100, blank=True)
    batch_reference = models.CharField(max_length=100, blank=True)
    end_to_end_id = models.CharField(max_length=100, blank=True)
    payment_info_id = models.CharField(max_length=100, blank=True, help_text="of our own batch, on its line")
    reference = models.CharField(max_length=100, blank=True, help_text="from a reference field only")
    remittances = models.JSONField(default=list, help_text="structured references and invoice numbers")
    text = models.TextField(blank=True)
    payer_name = models.CharField(max_length=200, blank=True)
    payer_account = models.CharField(max_length=40, blank=True, help_text="in normal form")
    payer_org_number = models.CharField(max_length=20, blank=True)
    bank_code = models.CharField(max_length=40, blank=True)
    is_reversal = models.BooleanField(default=False)
    return_reason = models.CharField(max_length=40, blank=True)
    instructed_amount = MoneyField(null=True)
    instructed_currency = models.CharField(max_length=3, blank=True)
    sums_up = models.PositiveIntegerField(
        default=0, help_text="how many payments it is the sum of; never posted"
    )
    waits_for = models.CharField(
        max_length=40, blank=True, help_text="why it may not be posted yet: maybe_twice, undone"
    )
    part_of = ClientKey("self", null=True, help_text="the sum line of the statement that it is a part of")
    first_reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "account", "key"], name="movement_once"),
            models.UniqueConstraint(fields=["client", "id"], name="movement_of_client"),
            SameClient("part_of", name="movement_part_of_same_client"),
            SameClient("account", name="movement_account_same_client"),
        ]
        indexes = [
            models.Index(fields=["client", "account", "booked_on"], name="movement_by_day"),
            models.Index(fields=["client", "account", "amount", "reference"], name="movement_by_amount"),
            models.Index(
                fields=["client", "part_of"],
                name="movement_by_sum",
                condition=models.Q(part_of__isnull=False),
            ),
        ]


class Report(models.Model):
    """That a file reported a movement. Each kind of file reports a movement at most once."""

    client = of_client()
    account = ClientKey(BankAccount)
    movement = ClientKey(Movement)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in Kind])
    key = models.CharField(max_length=200, help_text="what that kind of file calls it")
    statement = ClientKey(Statement)
    place = models.PositiveIntegerField(help_text="its order in the statement")
    booked_on = models.DateField(null=True, help_text="the day that this file says")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "account", "kind", "key"], name="report_once"),
            models.UniqueConstraint(fields=["client", "movement", "kind"], name="report_of_kind_once"),
            SameClient("account", name="report_account_same_client"),
            SameClient("movement", name="report_movement_same_client"),
            SameClient("statement", name="report_statement_same_client"),
        ]
        indexes = [models.Index(fields=["client", "statement"], name="report_by_statement")]
