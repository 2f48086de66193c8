"""Entries and their lines: posted for good."""

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import NullIf

from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.files.models import File
from nattbok.ledger.models.books import Account, Series, of_client
from nattbok.ledger.models.parties import Party
from nattbok.trail.models import Act


class Entry(models.Model):
    """A balanced set of lines with a number (NO bilag, SE verifikation); posted for good."""

    client = of_client()
    series = ClientKey(Series)
    number = models.PositiveIntegerField()
    # Refers to the entry before it, so that a number cannot be skipped.
    number_before = models.GeneratedField(
        expression=NullIf(F("number") - 1, 0), output_field=models.IntegerField(), db_persist=True
    )
    position = models.PositiveIntegerField(help_text="its place among all of the client's entries, from 1")
    position_before = models.GeneratedField(
        expression=NullIf(F("position") - 1, 0), output_field=models.IntegerField(), db_persist=True
    )
    date = models.DateField()
    text = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=200, help_text="what it was made from; posted once")
    round = models.PositiveSmallIntegerField(
        default=0, help_text="how many times the origin had been posted and reversed before"
    )
    round_before = models.GeneratedField(
        expression=Case(When(round__gt=0, then=F("round") - 1)),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    reverses = ClientKey("self", null=True)
    file = ClientKey(File, null=True)
    line_count = models.PositiveIntegerField()
    content = models.CharField(max_length=64, help_text="SHA-256 of what was asked to be posted")
    link = models.CharField(max_length=64, help_text="SHA-256 of the entry and the link before it")
    act = ClientKey(Act)
    posted_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="entry_of_client"),
            models.UniqueConstraint(fields=["client", "id", "date"], name="entry_with_date"),
            models.UniqueConstraint(fields=["client", "series", "number"], name="entry_number_once"),
            models.UniqueConstraint(fields=["client", "position"], name="entry_position_once"),
            models.UniqueConstraint(fields=["client", "origin", "round"], name="entry_origin_once"),
            models.UniqueConstraint(
                fields=["client", "reverses"], name="entry_reversed_once", condition=Q(reverses__isnull=False)
            ),
            models.CheckConstraint(condition=Q(number__gt=0, position__gt=0), name="entry_number_from_one"),
            models.CheckConstraint(condition=Q(line_count__gte=2), name="entry_has_lines"),
            SameClient("series", name="entry_series_same_client"),
            SameClient("act", name="entry_act_same_client"),
            SameClient("file", name="entry_file_same_client"),
            SameClient("reverses", name="entry_reverses_same_client"),
            SameClient(
                name="entry_number_has_no_gap",
                columns=("client_id", "series_id", "number_before"),
                to="ledger_entry",
                to_columns=("client_id", "series_id", "number"),
            ),
            SameClient(
                name="entry_position_has_no_gap",
                columns=("client_id", "position_before"),
                to="ledger_entry",
                to_columns=("client_id", "position"),
            ),
            # Its last line is there: no entry without its lines.
            SameClient(
                name="entry_is_complete",
                columns=("id", "line_count"),
                to="ledger_line",
                to_columns=("entry_id", "number"),
                is_deferred=True,
            ),
            SameClient(
                name="entry_origin_round_follows",
                columns=("client_id", "origin", "round_before"),
                to="ledger_entry",
                to_columns=("client_id", "origin", "round"),
            ),
        ]
        indexes = [
            models.Index(fields=["client", "date"], name="entry_by_date"),
            models.Index(fields=["client", "act"], name="entry_by_act"),
        ]


class Line(models.Model):
    """One amount on one account. Debit positive, credit negative, in the client's currency."""

    client = of_client()
    entry = ClientKey(Entry)
    number = models.PositiveIntegerField(help_text="its place in the entry, from 1")
    date = models.DateField(help_text="the entry's")
    account = ClientKey(Account)
    amount = MoneyField()
    currency = models.CharField(max_length=3, help_text="what it was agreed in")
    currency_amount = MoneyField(help_text="the amount in that currency")
    rate = models.DecimalField(
        max_digits=18, decimal_places=8, help_text="client's currency for one unit of currency"
    )
    text = models.CharField(max_length=300, blank=True)
    vat_code = models.CharField(max_length=10, blank=True)
    vat_base = MoneyField(null=True, help_text="on a VAT line: what the VAT is of")
    vat_amount = MoneyField(null=True, help_text="on a line with a code: the VAT of it")
    party = ClientKey(Party, null=True)
    # A line with a party waits for its payment or is one, so it must have its open item.
    waits = models.GeneratedField(
        expression=Case(When(party__isnull=False, then=F("id"))),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    due_on = models.DateField(null=True)
    reference = models.CharField(max_length=100, blank=True, help_text="KID, OCR")
    dimensions = models.JSONField(null=True, help_text="department, project, own ones")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "number"], name="line_number_once"),
            models.UniqueConstraint(fields=["client", "id"], name="line_of_client"),
            SameClient("account", name="line_account_same_client"),
            SameClient("party", name="line_party_same_client"),
            SameClient(
                name="line_has_its_item",
                columns=("client_id", "waits"),
                to="ledger_openitem",
                to_columns=("client_id", "line_id"),
                is_deferred=True,
            ),
            SameClient(
                name="line_entry_same_client",
                columns=("client_id", "entry_id", "date"),
                to="ledger_entry",
                to_columns=("client_id", "id", "date"),
            ),
        ]
        indexes = [models.Index(fields=["client", "account", "date"], name="line_by_account")]
