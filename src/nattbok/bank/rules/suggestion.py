"""What a person may be offered for a movement, as data that is kept with the question and posted from.

An answer is `{"do": "settle", "step": …, …}` with all that its match has beside the payment; amounts as text.
`answer` writes it and `match_of` builds exactly that match again, or refuses when what it pays has changed.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from nattbok.bank.rules.shape import Allocation, Match, OtherLine, Payment, Step, Suggestion
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem

PAYS_ITEM = _("It pays invoice {number} of {party}, of which {left} is left")
PAYS_PART = _("It pays {amount} of invoice {number} of {party}, of which {left} is left")
PAYS_MORE = _("It pays invoice {number} of {party}, and {rest} stays on the account")
PAYS_SEVERAL = _("It pays {count} items of {party}: {numbers}")
SHOWN_NUMBERS = 8


class NotAnAnswer(Refused):
    """What was sent is not an answer to a movement."""

    message = _("This is not an answer that can be posted.")


class AnswerIsOld(Refused):
    """The books have moved on since it was suggested."""

    message = _("Invoice {number} has {left} left now, so {amount} of it cannot be paid.")


class DoesNotSum(Refused):
    """An answer must be exactly what the bank moved."""

    message = _("The answer comes to {sum}, but the bank moved {amount}.")


def sum_of(match: Match) -> Decimal:
    """What the match says was paid: must be the payment's amount."""
    return (
        sum((allocation.amount for allocation in match.allocations), ZERO)
        + match.on_account
        + match.rounding
        - sum((line.amount for line in match.lines), ZERO)
    )


def paying(
    payment: Payment, item: OpenItem, left: Decimal, step: Step, why: Words | None = None
) -> Suggestion | None:
    """That the payment pays this item: as far as it goes, and what is beyond stays on the party's account.

    None when money cannot go that way: an invoice is paid by money in, a bill by money out.
    """
    if not left or (left > 0) != (payment.amount > 0):
        return None
    amount = min(payment.amount, left, key=abs)
    rest = payment.amount - amount
    match = Match(payment, step, (Allocation(item, amount),), on_account=rest, party=item.party,
                  party_account=item.account)  # fmt: skip
    values: dict = {"number": item.number, "party": item.party_name, "left": str(left)}
    if rest:
        return Suggestion(match, Words(PAYS_MORE, values | {"rest": str(rest)}), why)
    if amount != left:
        return Suggestion(match, Words(PAYS_PART, values | {"amount": str(amount)}), why)
    return Suggestion(match, Words(PAYS_ITEM, values), why)


def paying_all(
    payment: Payment, pays: tuple[Allocation, ...], step: Step, why: Words | None = None
) -> Suggestion:
    """That the payment pays these items of one party, exactly."""
    items = [one.item for one in pays]
    numbers = ", ".join(item.number or item.reference for item in items[:SHOWN_NUMBERS])
    rest = payment.amount - sum((one.amount for one in pays), ZERO)
    match = Match(payment, step, pays, on_account=rest, party=items[0].party, party_account=items[0].account)
    values = {"count": len(items), "party": items[0].party_name, "numbers": numbers}
    return Suggestion(match, Words(PAYS_SEVERAL, values), why)


def answer(match: Match) -> dict:
    """The match as JSON, without its payment."""
    said: dict[str, Any] = {"do": "settle", "step": match.step.value}
    if match.allocations:
        said["pays"] = [[one.item.id, str(one.amount)] for one in match.allocations]
    if len(match.allocations) == 1:
        said["item"] = match.allocations[0].item.id
    for name in ("on_account", "rounding"):
        if getattr(match, name):
            said[name] = str(getattr(match, name))
    if match.on_account:
        said |= {"party": match.party, "party_account": match.party_account}
    if match.lines:
        said["lines"] = [_line(line) for line in match.lines]
    if match.posted_on:
        said["posted_on"] = str(match.posted_on)
    if match.evidence:
        said["evidence"] = match.evidence
    return said


def _line(line: OtherLine) -> dict:
    said: dict[str, Any] = {"account": line.account, "amount": str(line.amount)}
    for name in ("text", "party", "number", "reference", "vat_code"):
        if getattr(line, name):
            said[name] = getattr(line, name)
    for name in ("vat_base", "vat_amount"):
        if getattr(line, name) is not None:
            said[name] = str(getattr(line, name))
    return said


def match_of(payment: Payment, said: Mapping[str, Any], items: Mapping[int, OpenItem]) -> Match:
    """The match that the answer says, against the items as they are now; refused when it no longer fits.

    Its step is BY_HAND, since a person says it; what had been suggested stands in the evidence.
    """
    try:
        step = Step(said.get("step", Step.BY_HAND))
        match = Match(
            payment,
            Step.BY_HAND,
            tuple(
                _allocation(items[int(item)], Decimal(str(amount))) for item, amount in said.get("pays", ())
            ),
            on_account=_decimal(said.get("on_account", "0.00")),
            rounding=_decimal(said.get("rounding", "0.00")),
            party=int(said.get("party", 0)),
            party_account=str(said.get("party_account", "")),
            lines=tuple(_other_line(line) for line in said.get("lines", ())),
            evidence=dict(said.get("evidence") or {}) | {"suggested_by": step.value},
        )
    except (KeyError, TypeError, ValueError, InvalidOperation, AttributeError):
        raise NotAnAnswer() from None
    if said.get("do") != "settle" or not (match.allocations or match.on_account or match.lines):
        raise NotAnAnswer()
    if sum_of(match) != payment.amount:
        raise DoesNotSum(sum=sum_of(match), amount=payment.amount)
    return match


def _allocation(item: OpenItem, amount: Decimal) -> Allocation:
    if not amount or amount * item.left < 0 or abs(amount) > abs(item.left):
        raise AnswerIsOld(number=item.number, left=item.left, amount=amount)
    return Allocation(item, amount)


def _other_line(said: Mapping[str, Any]) -> OtherLine:
    optional = {
        name: None if said.get(name) is None else _decimal(said[name]) for name in ("vat_base", "vat_amount")
    }
    return OtherLine(
        account=str(said["account"]),
        amount=_decimal(said["amount"]),
        text=str(said.get("text", ""))[:300],
        party=int(said.get("party", 0)),
        number=str(said.get("number", "")),
        reference=str(said.get("reference", "")),
        vat_code=str(said.get("vat_code", "")),
        **optional,
    )


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise InvalidOperation
    return number


def by_hand(match: Match) -> Match:
    """The same match, said by a person."""
    return replace(match, step=Step.BY_HAND, evidence=match.evidence | {"suggested_by": match.step.value})
