"""What is spread over months."""

from django.db import models
from django.db.models import Q

from nattbok.db.fields import ClientKey, SameClient
from nattbok.ledger.models.books import Account, of_client
from nattbok.ledger.models.entries import Line


class Accrual(models.Model):
    """That a line's amount waits on its account, and goes on to another, month by month.

    What of it is posted follows from the entries that have its months as their origin.
    """

    client = of_client()
    line = ClientKey(Line)
    account = ClientKey(Account, help_text="where each month's part goes")
    months = models.PositiveSmallIntegerField()
    first = models.DateField(help_text="the first day of the first month")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="accrual_of_client"),
            models.UniqueConstraint(fields=["client", "line"], name="accrual_once"),
            models.CheckConstraint(condition=Q(months__range=(2, 120)), name="accrual_months"),
            models.CheckConstraint(condition=Q(first__day=1), name="accrual_begins_with_a_month"),
            SameClient("line", name="accrual_line_same_client"),
            SameClient("account", name="accrual_account_same_client"),
        ]
