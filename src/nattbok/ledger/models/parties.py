"""The other sides of trades, and their bank accounts."""

from django.db import models

from nattbok.db.fields import ClientKey, SameClient
from nattbok.ledger.models.books import of_client
from nattbok.ledger.rules import PartyKind


class Party(models.Model):
    """The other side of a trade: a customer or a supplier."""

    client = of_client()
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

    client = of_client()
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
