"""Joining a debit with the credit that pays it, and parting them again."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from nattbok.clients.models import Client
from nattbok.db import bulk
from nattbok.ledger import rules
from nattbok.ledger.models import Books, OpenItem, Settlement
from nattbok.ledger.rules import Settles


@transaction.atomic
def settle(client: Client, item: int, pays: Sequence[Settles], *, act: int) -> list[int]:
    """Let the open item `item` pay those in `pays`, in full or in part; the settlements' ids.

    All are of one party on one account, and `item` has the other sign.
    """
    Books.objects.select_for_update().get(client=client)
    return insert_settlements(client, [(item, settles.item, settles.amount, act) for settles in pays])


@transaction.atomic
def part(client: Client, settlements: Sequence[int], *, act: int) -> int:
    """Take back these settlements: what they took from their items is left again; how many were parted.

    One that is already parted is left alone, so it is safe to ask twice.
    """
    Books.objects.select_for_update().get(client=client)
    return insert_partings(client, dict.fromkeys(settlements, act))


def insert_partings(client: Client, wanted: Mapping[int, int]) -> int:
    """Part each settlement for the act it maps to, in one statement; how many were not parted already.

    The books are locked by the caller.
    """
    rows = list(
        Settlement.objects.filter(client=client, pk__among=wanted, parts__isnull=True)
        .exclude(pk__in=Settlement.objects.filter(client=client, parts__in=list(wanted)).values("parts_id"))
        .values_list("id", "debit_id", "credit_id", "amount")
    )
    bulk.insert(
        Settlement,
        {
            "client_id": [client.pk] * len(rows),
            "debit_id": [debit for _pk, debit, _credit, _amount in rows],
            "credit_id": [credit for _pk, _debit, credit, _amount in rows],
            "amount": [-amount for _pk, _debit, _credit, amount in rows],
            "parts_id": [pk for pk, _debit, _credit, _amount in rows],
            "act_id": [wanted[pk] for pk, _debit, _credit, _amount in rows],
        },
    )
    return len(rows)


def insert_settlements(client: Client, wanted: Sequence[tuple[int, int, Decimal, int]]) -> list[int]:
    """Settle (payer item, paid item, positive amount, act) rows in one statement; their ids.

    The books are locked by the caller. Refuses in words what the database would refuse.
    """
    if not wanted:
        return []
    named = {item for payer, paid, _amount, _act in wanted for item in (payer, paid)}
    items = {
        pk: (amount, left, party, account)
        for pk, amount, left, party, account in OpenItem.objects.filter(
            client=client, pk__among=named
        ).values_list("id", "amount", "left", "party_id", "account_id")
    }
    left = {pk: found[1] for pk, found in items.items()}
    debits, credits, amounts = [], [], []
    for payer, paid, amount, _act in wanted:
        if payer not in items or paid not in items or items[payer][2:] != items[paid][2:]:
            raise rules.NotOnePartys()
        debit, credit = (payer, paid) if items[payer][0] > 0 else (paid, payer)
        if not items[debit][0] > 0 > items[credit][0]:
            raise rules.NotOnePartys()
        rules.check_amount(amount)
        if amount <= 0 or amount > left[debit] or amount > -left[credit]:
            raise rules.SettledBeyond(amount=amount, left=min(left[debit], -left[credit]))
        left[debit] -= amount
        left[credit] += amount
        debits.append(debit)
        credits.append(credit)
        amounts.append(amount)
    ids = bulk.ids(Settlement, len(wanted))
    bulk.insert(
        Settlement,
        {
            "id": ids,
            "client_id": [client.pk] * len(wanted),
            "debit_id": debits,
            "credit_id": credits,
            "amount": amounts,
            "parts_id": [None] * len(wanted),
            "act_id": [act for _payer, _paid, _amount, act in wanted],
        },
    )
    return ids
