"""From a match to the entry it is posted as."""

from nattbok.bank.rules.shape import Match
from nattbok.ledger.rules import EntryDraft, LineDraft, Settles

SERIES = "B"


def origin(movement: int) -> str:
    """What an entry made from a movement has as its origin."""
    return f"movement:{movement}"


def payment(match: Match, *, rounding_account: str) -> EntryDraft:
    """Bank against what was paid: one line for each item, one for what is paid on account, one for rounding,
    and the other lines that a rule, a settlement report or an exchange difference has.

    Each item's line settles it by exactly the allocated amount. The lines sum to zero because all that the
    match has sums to the payment; if it did not, posting would refuse it.
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
    lines += [
        LineDraft(
            line.account,
            line.amount,
            text=line.text,
            party=line.party or None,
            number=line.number,
            reference=line.reference,
            vat_code=line.vat_code,
            vat_base=line.vat_base,
            vat_amount=line.vat_amount,
        )
        for line in match.lines
    ]
    return EntryDraft(
        date=match.posted_on or paid.booked_on,
        series=SERIES,
        origin=origin(paid.id),
        text=" ".join(filter(None, (paid.payer_name, paid.reference)))[:300],
        lines=tuple(lines),
    )
