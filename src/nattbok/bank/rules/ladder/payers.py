"""Steps 7 and 8: a payer that is known, and what of its items comes to exactly what it paid."""

from collections.abc import Sequence

from nattbok.bank.rules import tokens
from nattbok.bank.rules.ladder.state import State
from nattbok.bank.rules.ladder.subsets import MOST_ITEMS, Subsets, subsets
from nattbok.bank.rules.shape import Allocation, Match, Payment, Step, Suggestion, Unclear
from nattbok.bank.rules.suggestion import paying, paying_all
from nattbok.base.words import Words, _
from nattbok.ledger.rules import OpenItem, PartyKind

CONFIRMED = 2  # times that a payer's account was proven before
UNIQUE = _(
    "It quotes nothing of ours. The payer's account is known, and one invoice has exactly this amount."
)
ONE_WAY = _("It quotes nothing of ours. The payer is known, and its items come to this amount in one way.")
SEVERAL_WAYS = _("It quotes nothing of ours, and the payer's items come to this amount in several ways.")
KNOWN_ACCOUNT = _("The payer's account was confirmed {count} times")
KNOWN_NAME = _("The payer has the customer's name")


def unique(state: State, payment: Payment) -> Match | Unclear | None:
    """One item of a payer whose account was confirmed before, and no other way to come to the amount."""
    if payment.amount <= 0:
        return None
    owners = state.owners(payment)
    if len(owners) != 1:
        return None
    ((party, confirmed),) = owners.items()
    if confirmed < CONFIRMED:
        return None
    items, solved = _solved(state, payment, party)
    if not solved.is_complete or len(solved.found) != 1 or len(solved.found[0]) != 1:
        return None
    item = items[solved.found[0][0]]
    if item.currency != payment.currency:
        return None
    match = Match(
        payment,
        Step.UNIQUE,
        (Allocation(item, payment.amount),),
        evidence={"number": item.number, "payer_account": payment.payer_account, "confirmed": confirmed},
    )
    if state.known.terms.unique_may_post and not _says_otherwise(payment):
        return match
    why = Words(KNOWN_ACCOUNT, {"count": confirmed})
    offered = paying(payment, item, state.left[item.id], Step.UNIQUE, why)
    return Unclear(payment, Step.UNIQUE, Words(UNIQUE), suggestions=(offered,) if offered else ())


def subset(state: State, payment: Payment) -> Unclear | None:
    """Items of a known payer that sum to what it paid. One way is suggested; of several none is chosen."""
    if payment.amount <= 0:
        return None
    party = state.payer(payment, PartyKind.CUSTOMER)
    if not party:
        return None
    items, solved = _solved(state, payment, party)
    if not solved.found:
        return None
    confirmed = state.owners(payment).get(party, 0)
    why = Words(KNOWN_ACCOUNT, {"count": confirmed}) if confirmed else Words(KNOWN_NAME)
    offered = tuple(_suggestion(state, payment, [items[at] for at in places], why) for places in solved.found)
    is_one = len(solved.found) == 1 and solved.is_complete
    return Unclear(payment, Step.SUBSET, Words(ONE_WAY if is_one else SEVERAL_WAYS), suggestions=offered)


def _suggestion(state: State, payment: Payment, items: Sequence[OpenItem], why: Words) -> Suggestion:
    if len(items) == 1:
        return paying(payment, items[0], state.left[items[0].id], Step.SUBSET, why)
    pays = tuple(Allocation(item, state.left[item.id]) for item in items)
    return paying_all(payment, pays, Step.SUBSET, why)


def _solved(state: State, payment: Payment, party: int) -> tuple[list[OpenItem], Subsets]:
    """The customer's open items, credits as well, and how they come to the amount."""
    items = [
        item for item in state.unpaid(state.by_party.get(party, ())) if item.party_kind is PartyKind.CUSTOMER
    ]
    if len(items) > MOST_ITEMS or len({item.account for item in items}) > 1:
        return items, Subsets((), is_complete=False)
    return items, subsets([state.left[item.id] for item in items], payment.amount)


def _says_otherwise(payment: Payment) -> bool:
    """Whether the text has a number: it was meant to say what is paid, and it is nothing that we know."""
    return bool(payment.reference or payment.remittances) or any(
        any(sign.isdigit() for sign in word) for word in tokens.words(payment.text)
    )
