"""That movements and lines already in the books are the same money, said by a person or by proof."""

from django.db import models

from nattbok.bank.models.statements import BankAccount, Movement, of_client
from nattbok.db.fields import ClientKey, SameClient
from nattbok.ledger.models import Line
from nattbok.trail.models import Act


class Pairing(models.Model):
    """Movements on one bank account and lines on its ledger account that sum to the same."""

    client = of_client()
    account = ClientKey(BankAccount)
    act = ClientKey(Act)
    undone_by = ClientKey(Act, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "id"], name="pairing_of_client"),
            SameClient("account", name="pairing_account_same_client"),
            SameClient("act", name="pairing_act_same_client"),
            SameClient("undone_by", name="pairing_undone_by_same_client"),
        ]
        indexes = [models.Index(fields=["client", "act"], name="pairing_by_act")]


class PairedMovement(models.Model):
    """A movement's part in a pairing. `is_live` falls when the pairing is undone."""

    client = of_client()
    pairing = ClientKey(Pairing)
    movement = ClientKey(Movement)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "movement"],
                name="movement_paired_once",
                condition=models.Q(is_live=True),
            ),
            SameClient("pairing", name="paired_movement_pairing_same_client"),
            SameClient("movement", name="paired_movement_movement_same_client"),
        ]
        indexes = [models.Index(fields=["client", "pairing"], name="paired_movement_by_pairing")]


class PairedLine(models.Model):
    """A ledger line's part in a pairing. `is_live` falls when the pairing is undone."""

    client = of_client()
    pairing = ClientKey(Pairing)
    line = ClientKey(Line)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "line"], name="line_paired_once", condition=models.Q(is_live=True)
            ),
            SameClient("pairing", name="paired_line_pairing_same_client"),
            SameClient("line", name="paired_line_line_same_client"),
        ]
        indexes = [models.Index(fields=["client", "pairing"], name="paired_line_by_pairing")]
