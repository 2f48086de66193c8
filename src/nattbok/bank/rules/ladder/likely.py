"""Steps 11 and 12: what is only alike, ranked, at most three; and what nothing can be said about."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from nattbok.bank.rules.ladder.state import SHOWN, State
from nattbok.bank.rules.shape import Payment, Step, Suggestion, Unclear
from nattbok.bank.rules.suggestion import paying
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem, PartyKind

NOTHING = _("It has no reference and names no invoice.")
MONEY_OUT = _("Money out that is no payment of ours and that no rule explains.")
MISTYPED = _("Its text has a number that is the reference {reference}, or one slip from it.")
ALIKE = _("It has no reference; these are the likeliest.")
SLIP = _("The text has a number that is the reference {reference}, or one slip from it")
SAME_AMOUNT = _("Exactly this amount is left")
NEAR_AMOUNT = _("The amount is near")
SAME_NAME = _("The payer's name is alike")
MOST = 3
COMMON = {"AS", "ASA", "AB", "ANS", "DA", "ENK", "HB", "KB", "SA", "OG", "OCH", "AND", "THE", "I", "&"}
LONGEST_LOOK = 60  # parties that share a word of the name
NEAR = Decimal("0.05")
_NAME = re.compile(r"[^\W_]{2,}")
_DIGITS = re.compile(r"(?<![\w.,])\d{4,25}-?(?![\w]|[.,]\d)")


def mistyped(state: State, payment: Payment) -> Unclear | None:
    """A number of the text that is a reference, or one slip from one: looked at before the payer is."""
    if payment.amount <= 0:
        return None
    slipped = _slipped(state, payment)
    if not slipped:
        return None
    words = Words(MISTYPED, {"reference": slipped[0].reference})
    ranked = [(100, one, Words(SLIP, {"reference": one.reference})) for one in slipped]
    return Unclear(payment, Step.FUZZY, words, suggestions=_of(state, payment, ranked))


def fuzzy(state: State, payment: Payment) -> Unclear | None:
    """Items that a name or an amount points to. Never posted, and shown as no more."""
    if payment.amount <= 0:
        return None
    ranked = sorted(_alike(state, payment), key=lambda one: (-one[0], one[1].id))
    offered = _of(state, payment, ranked)
    return Unclear(payment, Step.FUZZY, Words(ALIKE), suggestions=offered) if offered else None


def nothing(state: State, payment: Payment) -> Unclear:
    """What no step could say anything about."""
    candidates = tuple(state.of_amount(payment.amount)) if payment.amount > 0 else ()
    return Unclear(
        payment, Step.NONE, Words(NOTHING if payment.amount > 0 else MONEY_OUT), candidates[:SHOWN]
    )


def _of(state: State, payment: Payment, ranked) -> tuple[Suggestion, ...]:
    found = []
    for rank, item, why in ranked[:MOST]:
        offered = paying(payment, item, state.left[item.id], Step.FUZZY, why)
        if offered is not None:
            found.append(Suggestion(offered.match, offered.label, offered.why, rank))
    return tuple(found)


def _slipped(state: State, payment: Payment) -> list[OpenItem]:
    """Items whose reference is at most one slip from a number of the text, if amount or payer agrees too."""
    if not payment.text:
        return []
    owners = state.owners(payment)
    found: dict[int, OpenItem] = {}
    lengths = state.reference_lengths
    for number in _DIGITS.findall(payment.text)[:SHOWN]:
        if not lengths.intersection((len(number) - 1, len(number), len(number) + 1)):
            continue
        having: list[OpenItem] = []
        for known in (number, *state.references.slipped(number)):
            having += state.unpaid(state.by_reference(known))
        for item in having:
            if state.left[item.id] == payment.amount or item.party in owners:
                found[item.id] = item
    return sorted(found.values(), key=lambda item: (state.left[item.id] != payment.amount, item.id))


def _alike(state: State, payment: Payment) -> Iterator[tuple[int, OpenItem, Words]]:
    """(rank, item, why) of items of parties with a like name, or of a known payer."""
    owners = state.owners(payment)
    name = _words(payment.payer_name)
    if not owners and not name:
        return
    parties = dict.fromkeys(owners, 60)
    for party, share in _named_alike(state, name):
        parties.setdefault(party, share)
    for party, rank in parties.items():
        for item in state.unpaid(state.by_party.get(party, ()))[:LONGEST_LOOK]:
            if item.party_kind is not PartyKind.CUSTOMER or state.left[item.id] < 0:
                continue
            off = abs(state.left[item.id] - payment.amount) / state.left[item.id]
            if off == 0:
                yield rank + 40, item, Words(SAME_AMOUNT)
            elif off <= NEAR:
                yield rank + 20, item, Words(NEAR_AMOUNT)
            elif rank >= 50:
                yield rank, item, Words(SAME_NAME)


def _named_alike(state: State, name: frozenset[str]) -> Iterator[tuple[int, int]]:
    """(party, 0 to 60) of those that share words of the name, by how much of the two names is shared."""
    index = _index(state)
    rare = [index[word] for word in name if 0 < len(index.get(word, ())) <= LONGEST_LOOK]
    for party in {party for parties in rare for party in parties}:
        theirs = _words(state.by_party[party][0].party_name)
        share = len(name & theirs) * 60 // max(len(name | theirs), 1)
        if share >= 30:
            yield party, share


def _index(state: State) -> dict[str, list[int]]:
    """Word of a name → the customers with something open whose names have it."""
    found = getattr(state, "name_words", None)
    if found is None:
        found = defaultdict(list)
        for party, items in state.by_party.items():
            if items[0].party_kind is PartyKind.CUSTOMER:
                for word in _words(items[0].party_name):
                    found[word].append(party)
        state.name_words = found
    return found


def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in map(str.upper, _NAME.findall(name)) if word not in COMMON)
