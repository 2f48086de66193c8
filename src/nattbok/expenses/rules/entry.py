"""From an approved claim to the entry that is drafted for it."""

from collections.abc import Iterator
from datetime import date

from nattbok.countries.country import Country
from nattbok.expenses.rules.checking import vat_code
from nattbok.expenses.rules.shape import Claim, Receipt
from nattbok.ledger.rules import EntryDraft, LineDraft

SERIES = "U"  # utlegg, utlägg


def origin(claim: int) -> str:
    """What an entry made from the claim has as its origin."""
    return f"expense:{claim}"


def is_of_claim(origin: str) -> bool:
    """Whether an entry with this origin was made from a claim."""
    return origin.startswith("expense:")


def number(claim: int) -> str:
    """The claim's own number, as on the open item and in the payment."""
    return f"U{claim}"


def entry(claim: Claim, *, party: int, law: Country, currency: str, on: date, due_on: date) -> EntryDraft:
    """The entry of a complete claim: costs and VAT in debit, what its person gets back in credit.

    Each receipt is a cost line, and a VAT line where VAT is deducted. What was paid in another currency is
    posted with that amount and its rate. The lines sum to zero, since the credit is the sum of the receipts.
    """
    lines = [line for one in claim.receipts for line in _lines(one, law, currency)]
    lines.append(
        LineDraft(
            law.accounts.suppliers,
            -claim.total,
            text=claim.purpose[:300],
            party=party,
            due_on=due_on,
            number=number(claim.id),
        )
    )
    first = next((one.file for one in claim.receipts if one.file is not None), None)
    return EntryDraft(
        date=on,
        series=SERIES,
        origin=origin(claim.id),
        text=f"{claim.name}: {claim.purpose}"[:300],
        lines=tuple(lines),
        file=first,
    )


def _lines(one: Receipt, law: Country, currency: str) -> Iterator[LineDraft]:
    code, vat = vat_code(one, law=law, currency=currency)
    text = " · ".join(filter(None, (one.shop, one.text)))[:300]
    is_foreign = one.currency not in ("", currency)
    yield LineDraft(
        law.expenses[one.category].account,
        one.amount - vat,
        text=text,
        currency=one.currency if is_foreign else "",
        currency_amount=one.paid if is_foreign else None,
        rate=one.rate if is_foreign else None,
        vat_code=code,
        vat_amount=vat,
        dimensions=dict(one.dimensions) or None,
    )
    if vat:
        yield LineDraft(
            law.vat_codes[code].input_account, vat, text=text, vat_code=code, vat_base=one.amount - vat
        )


def posting_day(claim: Claim, closed_through: date | None, today: date) -> date:
    """The day of the last receipt, or the first open day after it."""
    last = max((one.paid_on for one in claim.receipts if one.paid_on is not None), default=today)
    if closed_through is not None and last <= closed_through:
        return date.fromordinal(closed_through.toordinal() + 1)
    return last
