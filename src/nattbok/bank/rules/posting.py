"""From a match to the entry it is posted as."""

from decimal import Decimal

from nattbok.bank.rules.shape import Match
from nattbok.base.money import ZERO
from nattbok.ledger.rules import EntryDraft, LineDraft, Settles

SERIES = "B"


def origin(movement: int) -> str:
    """What an entry made from a movement has as its origin."""
    return f"movement:{movement}"


def payment(match: Match, *, rounding_account: str) -> EntryDraft:
    """Bank against what was paid: one line for each item, one for what is paid on account, one for rounding.

    Each item's line settles it by exactly the allocated amount. The lines sum to zero because allocations,
    on account and rounding sum to the payment; if they did not, posting would refuse it.
    """
    paid = match.payment
    lines = [LineDraft(paid.account, paid.amount, text=paid.payer_name[:300])]
    lines += [
        LineDraft(
            allocation.item.account,
            -allocation.amount,
            text=allocation.item.number,
            party=allocation.item.party,
            reference=allocation.item.reference,
            settles=(Settles(allocation.item.id, abs(allocation.amount)),),
        )
        for allocation in match.allocations
    ]
    if match.on_account:
        lines.append(
            LineDraft(
                match.party_account,
                -match.on_account,
                text=paid.payer_name[:300],
                party=match.party,
                reference=paid.reference,
            )
        )
    if match.rounding:
        lines.append(LineDraft(rounding_account, -match.rounding))
    return EntryDraft(
        date=paid.booked_on,
        series=SERIES,
        origin=origin(paid.id),
        text=" ".join(filter(None, (paid.payer_name, paid.reference)))[:300],
        lines=tuple(lines),
    )


def sum_of(match: Match) -> Decimal:
    """What the match says was paid: must be the payment's amount."""
    return (
        sum((allocation.amount for allocation in match.allocations), ZERO) + match.on_account + match.rounding
    )
