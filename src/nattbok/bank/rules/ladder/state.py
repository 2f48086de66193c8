"""What the steps of the ladder share: the client's items as they are known, and what is left of each."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import TypeVar

from nattbok.bank.rules.bank_rules import Rule
from nattbok.bank.rules.in_books import BookedLine, would_repeat
from nattbok.bank.rules.ladder.near import Near
from nattbok.bank.rules.shape import (
    Found,
    Match,
    Payment,
    Payout,
    SentPayment,
    Step,
    Suggestion,
    Terms,
    Unclear,
)
from nattbok.bank.rules.suggestion import sum_of
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.countries.country import References, StandardAccounts, VatCode
from nattbok.ledger.rules import OpenItem, PartyKind

SHOWN = 5  # how many likely items a question shows
ONE_DAY = timedelta(days=1)
Name = TypeVar("Name")  # a text, or an amount

BEYOND_CAP = _("It is certain, but {amount} is more than the {largest} that may be posted unattended.")
BEYOND_NIGHT = _(
    "It is certain, but tonight's payments have reached the {largest} that may be posted unattended."
)
IN_BOOKS = _("{number} of {date} in the books has this amount, and may be the same money.")
AS_FOUND = _("Post it as it was found")


@dataclass(frozen=True, slots=True)
class Known:
    """All that the ladder is told beside the payments and the items."""

    references: References
    is_org_number: Callable[[str], bool]
    payers: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    sent: Sequence[SentPayment] = ()
    closed_through: date | None = None
    terms: Terms = field(default_factory=Terms)
    rules: Sequence[Rule] = ()
    payouts: Sequence[Payout] = ()
    acquirers: Collection[str] = ()  # names that pay out settlements, folded
    blocked: Collection[int] = ()  # suppliers whose account was changed and is not confirmed
    vat_codes: Mapping[str, VatCode] = field(default_factory=dict)
    accounts: StandardAccounts | None = None
    in_books: Mapping[int, Sequence[BookedLine]] = field(default_factory=dict)  # payment → what it may be
    posted_tonight: Decimal = ZERO  # what the night has posted before, without sign


class State:
    """The items by what payments call them, and what the steps have taken of each."""

    def __init__(self, items: Sequence[OpenItem], known: Known) -> None:
        self.known = known
        self.certain: list[Match] = []
        self.unclear: list[Unclear] = []
        self.left = {item.id: item.left for item in items}
        self.by_id = {item.id: item for item in items}
        self.customers = [item for item in items if item.party_kind is PartyKind.CUSTOMER]
        # Money received before, on account or for an invoice, is nothing that anybody pays.
        payable = [item for item in self.customers if item.amount > 0 or item.is_invoice]
        self._references, self._references_more = _index((item.reference, item) for item in payable)
        self._numbers, self._numbers_more = _index((item.number.strip().upper(), item) for item in payable)
        self.number_lengths = {len(number) for number in self._numbers if number.isdigit()}
        self.reference_lengths = set(map(len, self._references))
        self.sent = {one.end_to_end_id: one for one in known.sent}
        self.batches: dict[str, list[SentPayment]] = defaultdict(list)
        for one in known.sent:
            if one.payment_info_id:
                self.batches[one.payment_info_id].append(one)
        self.executed: set[str] = {one.end_to_end_id for one in known.sent if one.is_executed}
        self.payouts: dict[str, list[Payout]] = defaultdict(list)
        for payout in known.payouts:
            for name in {payout.payout_id, *payout.references} - {""}:
                self.payouts[name.upper()].append(payout)
        self.paid_out: set[int] = {payout.id for payout in known.payouts if payout.is_posted}
        self.reserved: dict[int, str] = {}  # payment → the only step that may look at it
        self.aside: dict[int, list[Suggestion]] = defaultdict(
            list
        )  # what a step would have done, but for a veto
        self.posted = known.posted_tonight
        self.said: dict[int, tuple[str, ...]] = {}  # payment → words that may be numbers, sought once
        self._heads: dict[Decimal, list[OpenItem]] = {}

    def by_reference(self, reference: str) -> Sequence[OpenItem]:
        """All items with the reference, paid or not."""
        return self._references_more.get(reference) or _alone(self._references.get(reference))

    def by_number(self, number: str) -> Sequence[OpenItem]:
        """All items with the number, which is in capitals."""
        return self._numbers_more.get(number) or _alone(self._numbers.get(number))

    @cached_property
    def _amounts(self) -> tuple[dict[Decimal, OpenItem], dict[Decimal, list[OpenItem]]]:
        """The unpaid invoices of customers, by what was left of each when the run began."""
        return _index((item.left, item) for item in self.customers if item.left > 0)

    @cached_property
    def by_party(self) -> dict[int, list[OpenItem]]:
        """All that is open with each party, customers and suppliers, credits as well."""
        found: dict[int, list[OpenItem]] = defaultdict(list)
        for item in self.by_id.values():
            if item.left:
                found[item.party].append(item)
        return found

    @cached_property
    def by_name(self) -> dict[str, list[int]]:
        """The customers and suppliers with something open, by their names."""
        found: dict[str, dict[int, None]] = {}
        for items in self.by_party.values():
            found.setdefault(items[0].party_name.casefold(), {})[items[0].party] = None
        return {name: list(parties) for name, parties in found.items()}

    @cached_property
    def references(self) -> Near:
        """The references of what is unpaid, to be compared with mistyped ones."""
        unpaid = [
            known
            for known, item in self._references.items()
            if item.left > 0 or any(one.left > 0 for one in self._references_more.get(known, ()))
        ]
        return Near(self.known.references, unpaid)

    def unpaid(self, items: Sequence[OpenItem]) -> list[OpenItem]:
        """Those of which something is left."""
        return [item for item in items if self.left[item.id]]

    def owners(self, payment: Payment) -> Mapping[int, int]:
        """The parties that the payer's account is confirmed to be of, with how often."""
        return self.known.payers.get(payment.payer_account, {}) if payment.payer_account else {}

    def payer(self, payment: Payment, kind: PartyKind | None = None) -> int:
        """The one party that paid: by its account, else by its whole name; 0 when that is not one."""
        parties = self.owners(payment) or self.by_name.get(
            " ".join(payment.payer_name.casefold().split()), ()
        )
        if kind is not None:
            parties = [one for one in parties if self._is_kind(one, kind)]
        return next(iter(parties)) if len(parties) == 1 else 0

    def _is_kind(self, party: int, kind: PartyKind) -> bool:
        items = self.by_party.get(party)
        return not items or items[0].party_kind is kind

    def near(self, reference: str) -> tuple[OpenItem, ...]:
        """Unpaid items whose reference is one slip away, the nearest first."""
        near = self.references.of(reference)
        return tuple(item for known in near for item in self.unpaid(self.by_reference(known)))[:SHOWN]

    def of_amount(self, amount: Decimal) -> list[OpenItem]:
        """The first unpaid items of this amount. Many invoices may have the same, so they are sought once."""
        found = self._heads.get(amount)
        if found is None or not all(self.left[item.id] for item in found):
            first, more = self._amounts
            alike = more.get(amount) or _alone(first.get(amount))
            unpaid = (item for item in alike if self.left[item.id])
            found = self._heads[amount] = list(islice(unpaid, SHOWN))
        return found

    def run(
        self, step: Callable[["State", Payment], Match | Unclear | None], payments: Iterable[Payment]
    ) -> list[Payment]:
        """Let a step look at the payments in turn, keep what it finds, and give back the others."""
        name, rest = step.__name__, []
        for payment in payments:
            found = step(self, payment) if self._may(name, payment) else None
            if found is None:
                rest.append(payment)
            else:
                self._take(found)
        return rest

    def _may(self, step: str, payment: Payment) -> bool:
        """Whether this step may look at the payment: some are for one step alone, and then for the last."""
        if not self.reserved:
            return True
        reserved = self.reserved.get(payment.id)
        return reserved is None or reserved == step or step == "nothing"

    def _take(self, found: Match | Unclear) -> None:
        if isinstance(found, Match):
            found = self._within_terms(found)
        if isinstance(found, Unclear):
            self.unclear.append(found)
            return
        for allocation in found.allocations:
            self.left[allocation.item.id] -= allocation.amount
        self.certain.append(found)

    def _within_terms(self, match: Match) -> Match | Unclear:
        """The match, dated on an open day; or a question, when it is beyond what the client lets through."""
        terms, paid = self.known.terms, match.payment
        if sum_of(match) != paid.amount:
            raise AssertionError(f"{match.step} does not come to what was paid: {match}")
        perhaps = self.known.in_books.get(paid.id)
        if perhaps:
            line = would_repeat(match, perhaps, self.known.is_org_number)
            if line is not None:
                values = {"number": line.number, "date": str(line.day)}
                return self._beyond(match, Words(IN_BOOKS, values), Step.IN_BOOKS)
        closed = self.known.closed_through
        if closed is not None and paid.booked_on <= closed:
            match = replace(match, posted_on=closed + ONE_DAY)
        size = abs(paid.amount)
        if terms.largest is not None and size > terms.largest:
            values = {"amount": str(size), "largest": str(terms.largest)}
            return self._beyond(match, Words(BEYOND_CAP, values))
        if terms.per_night is not None and self.posted + size > terms.per_night:
            return self._beyond(match, Words(BEYOND_NIGHT, {"largest": str(terms.per_night)}))
        self.posted += size
        return match

    def _beyond(self, match: Match, reason: Words, asked: Step = Step.CAPPED) -> Unclear:
        step = {"step": match.step.value}
        return Unclear(
            match.payment,
            asked,
            reason,
            suggestions=(Suggestion(match, Words(AS_FOUND)),),
            evidence=step,
        )

    def found(self) -> Found:
        """What the run came to. What is suggested is still there: a later step may have taken the item."""
        return Found(tuple(self.certain), tuple(self._still(one) for one in self.unclear))

    def _still(self, one: Unclear) -> Unclear:
        offered = (*one.suggestions, *self.aside.get(one.payment.id, ()))
        if not offered:
            return one
        return replace(one, suggestions=tuple(each for each in offered if self._is_left(each)))

    def _is_left(self, suggestion: Suggestion) -> bool:
        return all(
            abs(pays.amount) <= abs(self.left[pays.item.id]) and pays.amount * self.left[pays.item.id] > 0
            for pays in suggestion.match.allocations
        )


def _index(
    named: Iterable[tuple[Name, OpenItem]],
) -> tuple[dict[Name, OpenItem], dict[Name, list[OpenItem]]]:
    """Name → the first item with it, and all with it where there are several: few names have."""
    first: dict[Name, OpenItem] = {}
    more: dict[Name, list[OpenItem]] = {}
    for name, item in named:
        if name and first.setdefault(name, item) is not item:
            more.setdefault(name, [first[name]]).append(item)
    return first, more


def _alone(item: OpenItem | None) -> Sequence[OpenItem]:
    return () if item is None else (item,)
