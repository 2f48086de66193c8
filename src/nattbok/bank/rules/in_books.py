"""Bank lines whose money may be in the books already, booked by a person before the bank told of it.

What certainly is the same money is paired, and what may be is asked about. Neither is posted once more.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.bank.rules import tokens
from nattbok.bank.rules.shape import Match, Payment

DAYS_APART = 10  # as far as a line of the bank's and one in the books may be from each other
PROVEN_APART = 5  # a weekend and two days
LEAST_SIGNS = 4  # of a reference that tells one payment from another


@dataclass(frozen=True, slots=True)
class BookedLine:
    """A line on a bank account's ledger account that stands, and that nothing of the bank's answers."""

    id: int
    account: str  # the ledger account's number
    day: date
    amount: Decimal  # in the account's currency, money in positive
    number: str = ""  # the entry's series and number
    text: str = ""  # all that is written on the entry
    names: frozenset[str] = frozenset()  # numbers and references of what it is on, or settles
    parties: frozenset[int] = frozenset()  # on whose ledger the rest of the entry is
    accounts: frozenset[str] = frozenset()  # on which accounts the rest of the entry is


@dataclass(frozen=True, slots=True)
class InBooks:
    """`pairs` are (payment, line) that certainly are one; `perhaps` the lines that a payment may be."""

    pairs: tuple[tuple[int, int], ...] = ()
    perhaps: Mapping[int, tuple[BookedLine, ...]] | None = None


def same_money(
    payments: Iterable[Payment],
    lines: Iterable[BookedLine],
    *,
    is_org_number: Callable[[str], bool],
    ours: Collection[str] = (),
) -> InBooks:
    """What of `payments` is among `lines`: certainly, or perhaps.

    Certain is a line of just the amount, at most PROVEN_APART days away, that has the payment's reference or
    an invoice's number from its text, when no other line and no other payment of that amount has it. `ours`
    are the ids of payments of ours: that the bank executed them is told by the ladder, and not by a pairing.
    """
    by_amount: dict[tuple[str, Decimal], list[BookedLine]] = defaultdict(list)
    for line in lines:
        by_amount[line.account, line.amount].append(line)
    if not by_amount:
        return InBooks(perhaps={})
    near: dict[int, list[BookedLine]] = {}
    named: dict[int, list[BookedLine]] = {}
    named_by: dict[int, list[Payment]] = defaultdict(list)
    for payment in payments:
        alike = by_amount.get((payment.account, payment.amount), ())
        near[payment.id] = [line for line in alike if _days(payment, line) <= DAYS_APART]
        named[payment.id] = [line for line in near[payment.id] if names(payment, line, is_org_number)]
        for line in named[payment.id]:
            named_by[line.id].append(payment)
    pairs = {
        by[0].id: line
        for line, by in named_by.items()
        if len(by) == 1 and len(named[by[0].id]) == 1 and _may_pair(by[0], named[by[0].id][0], ours)
    }
    taken = set(pairs.values())
    perhaps = {
        payment: tuple(line for line in alike if line.id not in taken)
        for payment, alike in near.items()
        if payment not in pairs
    }
    return InBooks(tuple(pairs.items()), {payment: alike for payment, alike in perhaps.items() if alike})


def _may_pair(payment: Payment, line: BookedLine, ours: Collection[str]) -> bool:
    return (
        _days(payment, line) <= PROVEN_APART
        and not payment.waits_for
        and not payment.is_reversal
        and payment.end_to_end_id not in ours
        and not payment.payment_info_id
    )


def _days(payment: Payment, line: BookedLine) -> int:
    return abs((payment.booked_on - line.day).days)


def names(payment: Payment, line: BookedLine, is_org_number: Callable[[str], bool]) -> bool:
    """Whether payment and line name the same thing: a reference, or an invoice's number as a whole word."""
    written = set(tokens.words(line.text)) | line.names
    quoted = {payment.reference, payment.end_to_end_id, payment.bank_reference}
    quoted |= {said for one in payment.remittances for said in (one.reference, one.invoice)}
    if any(len(one) >= LEAST_SIGNS and one.strip().upper() in written for one in quoted):
        return True
    amount, numbered = str(abs(int(payment.amount))), tokens.numbered(payment.text)
    return any(
        word in written
        and tokens.could_be_number(
            word, is_org_number=is_org_number, amount_digits=amount, is_named=word in numbered
        )
        for word in tokens.words(payment.text)
    )


def would_repeat(
    match: Match, lines: Sequence[BookedLine], is_org_number: Callable[[str], bool]
) -> BookedLine | None:
    """The first line that `match` may say once more: it is on the same ledger or account, or named by it."""
    parties = {one.item.party for one in match.allocations} | {one.party for one in match.lines if one.party}
    if match.on_account and match.party:
        parties.add(match.party)
    accounts = {one.account for one in match.lines if not one.party}
    return next(
        (
            line
            for line in lines
            if parties & line.parties or accounts & line.accounts or names(match.payment, line, is_org_number)
        ),
        None,
    )
