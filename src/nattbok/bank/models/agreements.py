"""What is agreed with the bank about references on an account."""

from django.db import models
from django.db.models import Q

from nattbok.bank.models.statements import BankAccount, of_client
from nattbok.bank.rules.agreements import AgreementState
from nattbok.db.fields import ClientKey, SameClient


class ReferenceAgreement(models.Model):
    """An agreement that payments to an account come with references (KID, OCR), and how far it has come."""

    client = of_client()
    account = ClientKey(BankAccount)
    number = models.CharField(max_length=40, help_text="that the bank gave it")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in AgreementState])
    lengths = models.JSONField(default=list, help_text="agreed lengths; empty: any")
    methods = models.JSONField(default=list, help_text="agreed check digits; empty: any of the country's")
    ordered_on = models.DateField()
    active_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "account", "number"], name="reference_agreement_once"),
            models.UniqueConstraint(
                fields=["client", "account"],
                condition=Q(state="active"),
                name="reference_agreement_one_active",
            ),
            models.CheckConstraint(
                condition=Q(state="ordered", active_on=None, ended_on=None)
                | Q(state="active", active_on__isnull=False, ended_on=None)
                | Q(state="ended", ended_on__isnull=False),
                name="reference_agreement_days",
            ),
            SameClient("account", name="reference_agreement_account_same_client"),
        ]
