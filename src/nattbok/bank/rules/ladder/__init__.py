"""The matching ladder: each step runs over all payments before the next step starts.

All comparisons are exact to the øre. A step that finds something certain gives a Match; one that finds
that nothing can be certain gives Unclear, and the payment falls no further: an unknown reference is never
matched by its amount instead. What one step takes of an item is gone for the next.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from nattbok.bank.rules.bank_rules import Rule
from nattbok.bank.rules.in_books import BookedLine
from nattbok.bank.rules.ladder import (
    exchange,
    likely,
    lists,
    numbers,
    own,
    payers,
    returns,
    settlements,
    waiting,
)
from nattbok.bank.rules.ladder import references as checked
from nattbok.bank.rules.ladder.by_rule import rule
from nattbok.bank.rules.ladder.state import Known, State
from nattbok.bank.rules.shape import Found, Payment, Payout, SentPayment, Terms
from nattbok.base.collector import uncollected
from nattbok.base.money import ZERO
from nattbok.countries.country import References, StandardAccounts, VatCode
from nattbok.ledger.rules import OpenItem

STEPS = (
    waiting.not_yet,
    own.own_payment,
    checked.reference,
    lists.structured_list,
    lists.listed_in_text,
    numbers.number_and_amount,
    settlements.settlement,
    rule,
    likely.mistyped,
    payers.unique,
    payers.subset,
    returns.returned,
    exchange.exchanged,
    likely.fuzzy,
    likely.nothing,
)


def match(
    payments: Sequence[Payment],
    items: Sequence[OpenItem],
    *,
    references: References,
    is_org_number: Callable[[str], bool],
    payers: Mapping[str, Mapping[int, int]],
    sent: Sequence[SentPayment] = (),
    closed_through: date | None = None,
    terms: Terms | None = None,
    rules: Sequence[Rule] = (),
    payouts: Sequence[Payout] = (),
    acquirers: Collection[str] = (),
    blocked: Collection[int] = (),
    vat_codes: Mapping[str, VatCode] | None = None,
    accounts: StandardAccounts | None = None,
    in_books: Mapping[int, Sequence[BookedLine]] | None = None,
    posted_tonight: Decimal = ZERO,
) -> Found:
    """What each payment certainly pays, or why that is not certain and what it may be.

    `items` are the open items of the client, and the settled ones whose reference a payment quotes.
    `payers` maps a bank account to the parties it was confirmed to be of, with how often. `blocked` are
    suppliers whose account was changed. `in_books` are lines that a person may have booked for a
    payment, which is then asked about. `acquirers` are the folded names of those who pay out settlements.
    """
    known = Known(
        references, is_org_number, payers, sent, closed_through, terms or Terms(),
        sorted(rules, key=lambda one: (one.place, one.id)), payouts, acquirers, frozenset(blocked),
        vat_codes or {}, accounts, in_books or {}, posted_tonight,
    )  # fmt: skip
    with uncollected():
        return _down(State(items, known), payments)


def _down(state: State, payments: Sequence[Payment]) -> Found:
    left = sorted(payments, key=lambda payment: (payment.booked_on, payment.id))
    for step in STEPS:
        left = state.run(step, left)
    return state.found()
