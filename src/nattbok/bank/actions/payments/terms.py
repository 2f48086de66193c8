"""How a supplier is paid: its discount for early payment, the account that is preferred, or not for now."""

from decimal import Decimal

from django.db import transaction

from nattbok.bank import models
from nattbok.base.errors import Refused
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.ledger.models import Party, PartyAccount
from nattbok.trail.actions import act
from nattbok.trail.rules import means

SET = means("bank.supplier_terms", _("How {party} is paid was set"))
MOST_DAYS = 365


class NotADiscount(Refused):
    """A discount is a percentage and the days it is given for; both or neither."""

    message = _("A discount is more than 0 and less than 100 percent, with the days from the bill's date.")


class NotItsAccount(Refused):
    """A supplier is paid on an account that is known to be its."""

    message = _("{account} is not an account that is known of {party}.")


@transaction.atomic
def set_supplier_terms(
    client: Client,
    party: int,
    *,
    by: str,
    percent: Decimal | None = None,
    days: int | None = None,
    pay_to: str = "",
    is_held: bool = False,
) -> None:
    """Set all of a supplier's terms. `pay_to` must be an account that the supplier has already: a new one
    comes with a bill, and is looked at by a second person before anything is paid to it."""
    supplier = Party.objects.get(client=client, pk=party, kind="supplier")
    if (percent is None) != (days is None):
        raise NotADiscount()
    if percent is not None and not (0 < percent < 100 and 0 <= days <= MOST_DAYS):
        raise NotADiscount()
    normal = (country(client.country).normal_account(pay_to) or pay_to) if pay_to else ""
    if normal and not PartyAccount.objects.filter(client=client, party=supplier, number=normal).exists():
        raise NotItsAccount(account=pay_to[:40], party=supplier.name)
    said = {"percent": percent, "days": days, "pay_to": normal, "is_held": is_held}
    models.SupplierTerms.objects.update_or_create(client=client, party=supplier, defaults=said)
    act(
        client, SET, by, party=supplier.name, supplier=supplier.pk,
        percent=None if percent is None else str(percent), days=days, pay_to=normal, is_held=is_held,
    )  # fmt: skip
