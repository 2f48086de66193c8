"""What is kept of a client's books. guards.sql holds what constraints alone cannot say."""

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import NullIf

from nattbok.clients.models import Client
from nattbok.countries.country import AccountKind
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.files.models import File
from nattbok.ledger.rules import PartyKind
from nattbok.trail.models import Act


def _client(**kwargs) -> models.ForeignKey:
    return models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False, **kwargs)


class Books(models.Model):
    """All of one client's accounts, series and entries: how far they have come. Locked by whoever posts."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="+")
    closed_through = models.DateField(null=True, help_text="the last day on which nothing more may be dated")
    entries = models.PositiveIntegerField(default=0, help_text="how many entries are posted")
    head = models.CharField(max_length=64, default="", help_text="the last entry's link in the hash chain")


class FiscalYear(models.Model):
    """The year that is closed and reported."""

    client = _client()
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

    client = _client()
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


class Party(models.Model):
    """The other side of a trade: a customer or a supplier."""

    client = _client()
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in PartyKind])
    number = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    org_number = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "kind", "number"], name="party_number_once"),
            models.UniqueConstraint(fields=["client", "id"], name="party_of_client"),
        ]
        indexes = [models.Index(fields=["client", "kind", "org_number"], name="party_by_org_number")]


class PartyAccount(models.Model):
    """A bank account that a party pays from or is paid to."""

    client = _client()
    party = ClientKey(Party)
    number = models.CharField(max_length=40, help_text="in the one form that BBAN and IBAN share")
    confirmed = models.PositiveIntegerField(
        default=0, help_text="how many times a person or a proof tied them"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "party", "number"], name="party_account_once"),
            SameClient("party", name="party_account_same_client"),
        ]
        indexes = [models.Index(fields=["client", "number"], name="party_account_by_number")]


class Series(models.Model):
    """A row of entry numbers without gaps, for one fiscal year."""

    client = _client()
    year = ClientKey(FiscalYear)
    code = models.CharField(max_length=5)
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "year", "code"], name="series_once"),
            models.UniqueConstraint(fields=["client", "id"], name="series_of_client"),
            SameClient("year", name="series_year_same_client"),
        ]


class Entry(models.Model):
    """A balanced set of lines with a number (NO bilag, SE verifikation); posted for good."""

    client = _client()
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

    client = _client()
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


class OpenItem(models.Model):
    """A line on a customer's or supplier's account, with what is left of it to be settled."""

    client = _client()
    line = ClientKey(Line)
    account = ClientKey(Account)
    party = ClientKey(Party)
    date = models.DateField()
    due_on = models.DateField(null=True)
    number = models.CharField(max_length=100, blank=True, help_text="the invoice's or credit note's number")
    reference = models.CharField(max_length=100, blank=True, help_text="KID, OCR")
    currency = models.CharField(max_length=3)
    currency_amount = MoneyField()
    amount = MoneyField(help_text="debit positive")
    left = MoneyField(help_text="not yet settled; moves from amount to zero")
    on_hold = models.BooleanField(default=False, help_text="may not yet be paid")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="open_item_of_client"),
            models.UniqueConstraint(fields=["client", "line"], name="open_item_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, left__gte=0, left__lte=F("amount"))
                | Q(amount__lt=0, left__lte=0, left__gte=F("amount")),
                name="open_item_settled_within_itself",
            ),
            SameClient("line", name="open_item_line_same_client"),
            SameClient("account", name="open_item_account_same_client"),
            SameClient("party", name="open_item_party_same_client"),
        ]
        indexes = [
            models.Index(
                fields=["client", "account", "party"], name="open_item_waiting", condition=~Q(left=0)
            ),
            models.Index(
                fields=["client", "reference"], name="open_item_by_reference", condition=~Q(reference="")
            ),
            models.Index(fields=["client", "number"], name="open_item_by_number", condition=~Q(number="")),
            models.Index(fields=["client", "party", "date"], name="open_item_by_party"),
        ]


class Settlement(models.Model):
    """That one item pays another, in full or in part. Parting them again is a row of its own."""

    client = _client()
    debit = ClientKey(OpenItem)
    credit = ClientKey(OpenItem)
    amount = MoneyField(help_text="positive; negative when it parts what `parts` had settled")
    parts = ClientKey("self", null=True)
    act = ClientKey(Act)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="settlement_of_client"),
            models.UniqueConstraint(
                fields=["client", "parts"], name="settlement_parted_once", condition=Q(parts__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(parts__isnull=True, amount__gt=0) | Q(parts__isnull=False, amount__lt=0),
                name="settlement_sign",
            ),
            SameClient("debit", name="settlement_debit_same_client"),
            SameClient("credit", name="settlement_credit_same_client"),
            SameClient("parts", name="settlement_parts_same_client"),
            SameClient("act", name="settlement_act_same_client"),
        ]
        indexes = [
            models.Index(fields=["client", "debit"], name="settlement_by_debit"),
            models.Index(fields=["client", "credit"], name="settlement_by_credit"),
            models.Index(fields=["client", "act"], name="settlement_by_act"),
        ]


class Total(models.Model):
    """What a month's lines on an account sum to; kept by a trigger, so that reports need not read lines."""

    client = _client()
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
