"""The client's bank accounts, and what lines on them can be posted on."""

from datetime import date

from django.db.models import Max

from nattbok.bank.models import BankAccount, BankDay
from nattbok.clients.models import Client
from nattbok.ledger.models import Account


def bank_accounts(client: Client) -> list[BankAccount]:
    """The bank accounts in use, the oldest first, each with its ledger account."""
    return list(
        BankAccount.objects.select_related("client", "account")
        .filter(client=client, is_active=True)
        .order_by("pk")
    )


def bank_account(client: Client, account: int) -> BankAccount:
    """One of them; raises BankAccount.DoesNotExist when it is not this client's."""
    return BankAccount.objects.select_related("client", "account").get(client=client, pk=account)


def postable_accounts(client: Client) -> list[tuple[str, str]]:
    """Number and name of the ledger accounts that a bank line can be posted on without a party."""
    return list(
        Account.objects.filter(client=client, is_active=True, control="")
        .order_by("number")
        .values_list("number", "name")
    )


def last_reconciled(client: Client) -> list[tuple[int, str, date | None]]:
    """Each bank account in use with the last day that is sealed on it; None while none is."""
    sealed = dict(
        BankDay.objects.filter(client=client, sealed_at__isnull=False)
        .values_list("account")
        .annotate(last=Max("day"))
    )
    return [(account.pk, account.title, sealed.get(account.pk)) for account in bank_accounts(client)]
