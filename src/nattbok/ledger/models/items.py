"""What waits to be paid, and what paid it."""

from django.db import models
from django.db.models import F, Q

from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.ledger.models.books import Account, of_client
from nattbok.ledger.models.entries import Line
from nattbok.ledger.models.parties import Party
from nattbok.trail.models import Act


class OpenItem(models.Model):
    """A line on a customer's or supplier's account, with what is left of it to be settled."""

    client = of_client()
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

    client = of_client()
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
