"""Days on which an account is proven equal to the bank's statement, and lines put off by a person."""

from django.db import models
from django.db.models import F, Q

from nattbok.bank.models.statements import BankAccount, Movement, of_client
from nattbok.db.fields import ClientKey, MoneyField, SameClient
from nattbok.trail.models import Act


class BankDay(models.Model):
    """One day on one bank account: what the bank had, what the books had, and whether it is sealed.

    A seal is the figures and `print`, made of all that lies on that day in statements and books. Whoever
    changes either later breaks it, and the acts say what changed.
    """

    client = of_client()
    account = ClientKey(BankAccount)
    day = models.DateField()
    bank_balance = MoneyField(null=True, help_text="none: no statement proves it")
    book_balance = MoneyField()
    print = models.CharField(max_length=64, help_text="SHA-256 of the day's lines, the bank's and the books'")
    waiting = models.PositiveIntegerField(default=0, help_text="lines up to this day that nothing answers")
    trouble = models.CharField(max_length=20, blank=True, help_text="gap, lines or several")
    sealed_at = models.DateTimeField(null=True)
    sealed_by = ClientKey(Act, null=True)
    broken_at = models.DateTimeField(null=True, help_text="when the last seal was found broken")
    broken_by = ClientKey(Act, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "account", "day"], name="bank_day_once"),
            models.CheckConstraint(
                condition=Q(sealed_at__isnull=True)
                | Q(
                    bank_balance__isnull=False,
                    bank_balance=F("book_balance"),
                    waiting=0,
                    trouble="",
                    sealed_by__isnull=False,
                ),
                name="bank_day_sealed_at_zero",
            ),
            SameClient("account", name="bank_day_account_same_client"),
            SameClient("sealed_by", name="bank_day_sealing_act_same_client"),
            SameClient("broken_by", name="bank_day_breaking_act_same_client"),
        ]


class Postponement(models.Model):
    """That a person put a bank line off, with a note: until a day, or until whoever was asked answers."""

    client = of_client()
    movement = ClientKey(Movement)
    note = models.CharField(max_length=500)
    until = models.DateField(null=True, help_text="none: until somebody takes it up again")
    is_asked = models.BooleanField(default=False, help_text="the client has been asked")
    act = ClientKey(Act)
    ended_by = ClientKey(Act, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "movement"],
                name="movement_postponed_once",
                condition=Q(ended_by__isnull=True),
            ),
            SameClient("movement", name="postponement_movement_same_client"),
            SameClient("act", name="postponement_act_same_client"),
            SameClient("ended_by", name="postponement_ending_act_same_client"),
        ]
        indexes = [models.Index(fields=["client", "act"], name="postponement_by_act")]
