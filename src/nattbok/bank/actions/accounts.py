"""The client's bank accounts."""

from collections.abc import Sequence
from decimal import Decimal

from nattbok.bank.models import BankAccount
from nattbok.clients.models import Client
from nattbok.countries.known import NotAnAccount, country
from nattbok.ledger.models import Account


def open_account(
    client: Client,
    number: str,
    *,
    title: str = "",
    currency: str = "",
    ledger_account: str = "",
    other_numbers: Sequence[str] = (),
    reference_lengths: Sequence[int] = (),
    reference_methods: Sequence[str] = (),
    rounding_limit: Decimal = Decimal("0.00"),
) -> BankAccount:
    """A bank account of the client and its ledger account; the country's bank account when not given.

    `other_numbers` are bankgiro and plusgiro numbers of the same account. Safe to call twice.
    """
    law = country(client.country)
    normal = law.normal_account(number)
    if not normal:
        raise NotAnAccount(number=number)
    account, _is_new = BankAccount.objects.get_or_create(
        client=client,
        number=normal,
        defaults={
            "title": title or normal,
            "currency": currency or client.currency,
            "account": Account.objects.get(client=client, number=ledger_account or law.accounts.bank),
            "other_numbers": [law.normal_account(other) or other for other in other_numbers],
            "reference_lengths": list(reference_lengths),
            "reference_methods": list(reference_methods),
            "rounding_limit": rounding_limit,
        },
    )
    return account
