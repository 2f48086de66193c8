"""What a person says of bank lines, as matches that can be posted; and why some of it cannot be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from nattbok.bank.rules.shape import Allocation, Match, OtherLine, Payment, Step
from nattbok.bank.rules.vat import with_vat
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.countries.country import Country
from nattbok.ledger.rules import LARGEST, OpenItem

ROUNDING_LIMIT = Decimal("1.00")  # a rest beyond it is no rounding, whatever is agreed


class NothingChosen(Refused):
    """Something must answer a bank line."""

    message = _("Choose what the bank line is for.")


class AlreadyAnswered(Refused):
    """A line is posted or paired once."""

    message = _("The bank line is posted or paired already, or is a sum of others.")


class SumDoesNotFit(Refused):
    """What is chosen is not what the bank moved."""

    message = _("What is chosen comes to {chosen}, but the bank moved {amount}: {rest} is left over.")


class BeyondItem(Refused):
    """An item is paid at most in full."""

    message = _("{amount} is more than the {left} that is left of {number}, or goes the other way.")


class SeveralDirections(Refused):
    """Several lines are matched together only when all go one way."""

    message = _("Several bank lines can only be matched together when all of it is money in, or money out.")


class NotRounding(Refused):
    """Rounding is small."""

    message = _("{rest} is more than the {limit} that may be written off as rounding.")


class NotAFee(Refused):
    """A fee is what the bank has taken."""

    message = _("{rest} too much was received, so it is no fee.")


class ForeignAccount(Refused):
    """The robot and the pages post only in the books' currency."""

    message = _("The account is kept in {currency}, and is posted by an entry of its own.")


class NoOneParty(Refused):
    """What is left on account is left on one party's."""

    message = _("What is left over can stand on an account of one customer or supplier only.")


class NoSuchCode(Refused):
    """The VAT code is not one of the country's."""

    message = _("There is no VAT code {code} on {date}.")


class DoesNotPair(Refused):
    """Pairing says that two things are the same money."""

    message = _("The bank lines sum to {bank}, and the lines in the books to {books}.")


class NotPairable(Refused):
    """A line is paired with the bank once, and only while it stands, and on its own account."""

    message = _(
        "A line in the books is not on this bank's account, is reversed, or answers another bank line."
    )


class NotATransfer(Refused):
    """A transfer leaves one account and comes to another."""

    message = _(
        "Money moved between two own accounts has the same amount with the other sign on each of them."
    )


class SameLedgerAccount(Refused):
    """Two bank accounts that share a ledger account have nothing to move between."""

    message = _("Both bank accounts are on ledger account {account}; give one of them its own first.")


class Rest(StrEnum):
    """What becomes of what was paid more or less than the items that are chosen."""

    NONE = ""  # too little leaves the items open; too much is refused
    ON_ACCOUNT = "on_account"
    ROUNDING = "rounding"
    FEE = "fee"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bank line, signed as the bank's: money in positive. None is what the others leave.

    On an open item, or on an account with its VAT code, or on a party's ledger.
    """

    amount: Decimal | None = None
    item: OpenItem | None = None
    account: str = ""
    vat_code: str = ""
    text: str = ""
    party: int = 0


def pay(
    payments: Sequence[Payment],
    items: Sequence[tuple[OpenItem, Decimal | None]],
    *,
    rest: Rest,
    law: Country,
) -> list[Match]:
    """One bank line to many items, many lines to one, or many to many: a match for each line.

    An amount beside an item is how much of it is paid, signed as the bank's; None is all that is left. When
    less was paid than that and `rest` says nothing, the items are paid in their order as far as it goes.
    """
    if not payments or not items:
        raise NothingChosen()
    _own_currency(payments)
    paid = sum((one.amount for one in payments), ZERO)
    shares = [(item, item.left if amount is None else amount) for item, amount in items]
    for item, amount in shares:
        _within(item, amount)
    over = paid - sum((amount for _item, amount in shares), ZERO)
    if over and rest is Rest.NONE:
        if over * paid > 0 or any(amount * paid <= 0 for _item, amount in shares):
            raise SumDoesNotFit(chosen=paid - over, amount=paid, rest=over)
        shares, over = _as_far_as(shares, paid), ZERO
    left = _left_over(over, rest, payments, shares, law) if over else {}
    if len(payments) == 1:
        return [_match(payments[0], [Allocation(item, amount) for item, amount in shares], **left)]
    return _shared_out(payments, shares, paid, over, left)


def _as_far_as(shares: Sequence[tuple[OpenItem, Decimal]], paid: Decimal) -> list[tuple[OpenItem, Decimal]]:
    """The shares in their order, each in full while `paid` lasts, and the last one in part."""
    found = []
    for item, amount in shares:
        taken = amount if abs(amount) <= abs(paid) else paid
        if taken:
            found.append((item, taken))
        paid -= taken
    return found


def _shared_out(
    payments: Sequence[Payment],
    shares: Sequence[tuple[OpenItem, Decimal]],
    paid: Decimal,
    over: Decimal,
    left: dict,
) -> list[Match]:
    """Each line takes from the items in turn; the last one has what is over, or makes up for it."""
    amounts = [one.amount for one in payments] + [amount for _item, amount in shares]
    if any(amount * paid <= 0 for amount in amounts):
        raise SeveralDirections()
    waiting = [[item, amount] for item, amount in shares]
    found = []
    for place, payment in enumerate(payments):
        is_last = place == len(payments) - 1
        room = payment.amount - over if is_last else payment.amount
        if room * paid < 0:
            raise SumDoesNotFit(chosen=paid - over, amount=paid, rest=over)
        taken = []
        for share in waiting:
            amount = share[1] if abs(share[1]) <= abs(room) else room
            if amount:
                taken.append(Allocation(share[0], amount))
                share[1] -= amount
                room -= amount
        found.append(_match(payment, taken, **(left if is_last else {})))
    return found


def _left_over(
    over: Decimal,
    rest: Rest,
    payments: Sequence[Payment],
    shares: Sequence[tuple[OpenItem, Decimal]],
    law: Country,
) -> dict:
    """What a match says of what was paid more (or less, negative) than its items."""
    match rest:
        case Rest.ON_ACCOUNT:
            parties = {(item.party, item.account) for item, _amount in shares}
            if len(parties) != 1:
                raise NoOneParty()
            ((party, account),) = parties
            return {"on_account": over, "party": party, "party_account": account}
        case Rest.ROUNDING:
            limit = max([ROUNDING_LIMIT, *(one.agreement.rounding_limit for one in payments)])
            if abs(over) > limit:
                raise NotRounding(rest=over, limit=limit)
            return {"rounding": over}
        case Rest.FEE:
            if over > 0:
                raise NotAFee(rest=over)
            return {"lines": (OtherLine(law.accounts.bank_charges, -over),)}
        case _:
            account = law.accounts.exchange_gain if over > 0 else law.accounts.exchange_loss
            return {"lines": (OtherLine(account, -over),)}


def split(payment: Payment, parts: Sequence[Part], *, law: Country) -> Match:
    """A bank line over items, accounts and parties; one part may be what the others leave."""
    if not parts:
        raise NothingChosen()
    _own_currency([payment])
    open_parts = [part for part in parts if part.amount is None]
    given = sum((part.amount for part in parts if part.amount is not None), ZERO)
    over = payment.amount - given
    if len(open_parts) > 1 or bool(open_parts) != bool(over):
        raise SumDoesNotFit(chosen=given, amount=payment.amount, rest=over)
    allocations: list[Allocation] = []
    lines: list[OtherLine] = []
    for part in parts:
        amount = over if part.amount is None else part.amount
        if not amount or not amount.is_finite() or abs(amount) > LARGEST:
            raise SumDoesNotFit(chosen=given, amount=payment.amount, rest=over)
        if part.item is not None:
            _within(part.item, amount)
            allocations.append(Allocation(part.item, amount))
        elif part.account:
            lines += _lines(part, amount, payment.booked_on, law)
        else:
            raise NothingChosen()
    named = [one.item.id for one in allocations]
    for allocation in allocations:
        if named.count(allocation.item.id) > 1:
            raise BeyondItem(
                amount=allocation.amount, left=allocation.item.left, number=allocation.item.number
            )
    return _match(payment, allocations, lines=tuple(lines))


def _lines(part: Part, amount: Decimal, on: date, law: Country) -> tuple[OtherLine, ...]:
    line = OtherLine(part.account, -amount, text=part.text[:300], party=part.party)
    try:
        return with_vat(line, part.vat_code, law.vat_codes, on=on)
    except (KeyError, ValueError) as missing:
        raise NoSuchCode(code=part.vat_code, date=on) from missing


def transfer(payment: Payment, *, to: str, text: str) -> Match:
    """Money that went to, or came from, an own account with the ledger account `to`."""
    _own_currency([payment])
    if to == payment.account:
        raise SameLedgerAccount(account=to)
    return _match(payment, [], lines=(OtherLine(to, -payment.amount, text=text[:300]),))


def _match(payment: Payment, allocations: Sequence[Allocation], **more: object) -> Match:
    return Match(payment, Step.BY_HAND, tuple(allocations), **more)


def _within(item: OpenItem, amount: Decimal) -> None:
    """An item is paid in its own direction, and at most what is left of it."""
    if not amount or not amount.is_finite() or amount * item.left <= 0 or abs(amount) > abs(item.left):
        raise BeyondItem(amount=amount, left=item.left, number=item.number or item.party_name)


def _own_currency(payments: Sequence[Payment]) -> None:
    for payment in payments:
        if payment.waits_for == "currency":
            raise ForeignAccount(currency=payment.currency)
