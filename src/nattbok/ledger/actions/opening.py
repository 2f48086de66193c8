"""What a client's books begin with, brought over from where they were kept before."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.clients.models import Client
from nattbok.ledger import rules
from nattbok.ledger.actions.books import open_year
from nattbok.ledger.actions.posting import post
from nattbok.ledger.models import Account, Entry
from nattbok.ledger.queries.entries import unreversed
from nattbok.ledger.rules import EntryDraft, LineDraft, Posted
from nattbok.trail.actions import act
from nattbok.trail.rules import means

BEGUN = means("ledger.begun", _("The books begin with the balances of {accounts} accounts on {on}"))
SERIES = "IB"


class OpeningUnbalanced(Refused):
    """Balances sum to zero, or an account is missing."""

    message = _("The opening balances do not sum to zero: debit and credit differ by {difference}.")


class ItemsDiffer(Refused):
    """What customers owe, one by one, is what the account of customers says; so with suppliers."""

    message = _(
        "Account {account} opens with {balance}, but its open items sum to {items}: {difference} apart."
    )


@dataclass(frozen=True, slots=True)
class OpeningItem:
    """An invoice, credit note or payment on account that was still open. Signed as the ledger: debit +."""

    account: str
    party: int
    amount: Decimal
    number: str = ""
    reference: str = ""
    due_on: datetime.date | None = None
    text: str = ""
    currency: str = ""
    currency_amount: Decimal | None = None


@transaction.atomic
def opening_balance(
    client: Client,
    on: datetime.date,
    balances: Mapping[str, Decimal],
    items: Sequence[OpeningItem] = (),
    *,
    by: str,
    text: str = "IB",
    file: int | None = None,
) -> Posted:
    """Post the balances (account → amount, debit positive) that the books begin with on `on`, once a year.

    An account of customers or suppliers gets a line for each of its `items`, which must sum to its balance,
    and so the open items that payments are matched with. Its balance may be left out of `balances`.
    The same balances again give the entry that is there; others are refused until it is reversed.
    """
    controls = set(Account.objects.filter(client=client).exclude(control="").values_list("number", flat=True))
    sums: dict[str, Decimal] = {}
    for item in items:
        rules.check_amount(item.amount)
        sums[item.account] = sums.get(item.account, ZERO) + item.amount
    for account, amount in balances.items():
        rules.check_amount(amount)
        if (account in controls or account in sums) and amount != sums.get(account, ZERO):
            found = sums.get(account, ZERO)
            raise ItemsDiffer(account=account, balance=amount, items=found, difference=amount - found)
    plain = {account: amount for account, amount in balances.items() if account not in sums and amount}
    difference = sum(plain.values(), ZERO) + sum(sums.values(), ZERO)
    if difference:
        raise OpeningUnbalanced(difference=difference)
    year = open_year(client, on)
    lines = [LineDraft(account, amount) for account, amount in sorted(plain.items())] + [
        LineDraft(
            item.account,
            item.amount,
            text=item.text,
            currency=item.currency,
            currency_amount=item.currency_amount,
            party=item.party,
            due_on=item.due_on,
            number=item.number,
            reference=item.reference,
        )
        for item in items
    ]
    draft = EntryDraft(on, SERIES, f"opening:{year.starts_on.year}", text, tuple(lines), file)
    there = unreversed(client, [draft.origin]).get(draft.origin)
    if there is not None:
        kept = Entry.objects.get(client=client, pk=there).act_id
    else:
        kept = act(client, BEGUN, by, accounts=len(plain) + len(sums), on=on.isoformat())
    (entry,) = post(client, [draft], acts=[kept])
    return entry
