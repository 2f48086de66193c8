"""What speaks for and against an answer, as a person sees it at a glance: a sign and a few words."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from nattbok.bank.rules.shape import Payment
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem

MIN_NAME = 3  # letters of a word in a name that say anything


class Sign(StrEnum):
    """For, somewhat, against."""

    FOR = "✓"
    PARTLY = "~"
    AGAINST = "✗"


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing compared. A veto is what keeps the robot from it, whatever else speaks for it."""

    sign: Sign
    words: Words
    is_veto: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A likely answer: what it would do, in words and as the form sends it, with its signals."""

    answer: str  # accept:0, pay:12, pair:7, transfer:3
    label: Words
    why: Words | None = None
    signals: tuple[Signal, ...] = ()

    @property
    def is_vetoed(self) -> bool:
        """Whether anything forbids the robot to do it by itself."""
        return any(signal.is_veto for signal in self.signals)


def signals(payment: Payment, item: OpenItem, owners: Mapping[str, Collection[int]]) -> tuple[Signal, ...]:
    """What speaks for and against that a bank line pays this item; the weightiest first.

    `owners` maps a payer's account to the parties it is confirmed to be of.
    """
    found = []
    if payment.reference:
        same = payment.reference == item.reference
        found.append(
            Signal(Sign.FOR, Words(_("reference")))
            if same
            else Signal(Sign.AGAINST, Words(_("another reference")), is_veto=True)
        )
    if (payment.amount > 0) != (item.left > 0):
        found.append(Signal(Sign.AGAINST, Words(_("money the other way")), is_veto=True))
    elif payment.amount == item.left:
        found.append(Signal(Sign.FOR, Words(_("amount"))))
    elif abs(payment.amount) < abs(item.left):
        found.append(Signal(Sign.PARTLY, Words(_("less than is left"))))
    else:
        found.append(Signal(Sign.PARTLY, Words(_("more than is left"))))
    whose = owners.get(payment.payer_account, ()) if payment.payer_account else ()
    if item.party in whose:
        found.append(Signal(Sign.FOR, Words(_("the payer's account"))))
    elif whose:
        found.append(Signal(Sign.AGAINST, Words(_("the account of another party")), is_veto=True))
    if item.number and re.search(rf"(?<!\w){re.escape(item.number)}(?!\w)", payment.text, re.IGNORECASE):
        found.append(Signal(Sign.FOR, Words(_("the number is in the text"))))
    sign = _name(payment, item)
    if sign:
        found.append(Signal(sign, Words(_("name"))))
    return tuple(found)


def _name(payment: Payment, item: OpenItem) -> Sign | None:
    said = _words(f"{payment.payer_name} {payment.text}")
    wanted = _words(item.party_name)
    if not wanted or not said:
        return None
    if wanted <= said:
        return Sign.FOR
    return Sign.PARTLY if wanted & said else None


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) >= MIN_NAME}
