"""The matching ladder: each step runs over all payments before the next step starts.

All comparisons are exact to the øre. A step that finds something certain gives a Match; one that finds
that nothing can be certain gives Unclear, and the payment falls no further: an unknown reference is never
matched by its amount instead. What one step takes of an item is gone for the next.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from nattbok.bank.rules import tokens
from nattbok.bank.rules.shape import Allocation, Found, Match, Payment, SentPayment, Step, Unclear
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.countries import likeness
from nattbok.countries.country import References
from nattbok.ledger.rules import OpenItem, PartyKind

SIGNS = "0123456789-"  # what a reference is written with
CONTROLS = (1, 2)  # how many signs at a reference's end follow from the rest: a check digit, a length digit
LONGEST_NEAR = 30  # what is longer is no mistyped reference
SHOWN = 5  # how many likely items a question shows

PERIOD_CLOSED = _("The books are closed through {closed_through}, and the payment was booked {date}.")
MAYBE_TWICE = _(
    "Another file reported the same amount with the same reference on another day. It may be the same money."
)
CURRENCY = _("The account is not kept in the currency of the books.")
REVERSED = _("The bank calls it a reversal or a return of an earlier payment.")
SENT_DIFFERS = _("It names our payment {end_to_end_id}, but that was {amount}, or it was rejected.")
UNKNOWN = _("No invoice has the reference {reference}, though its check digit is right.")
INVALID = _("The reference {reference} has a wrong check digit or length.")
SEVERAL = _("{count} unpaid invoices have the reference {reference}.")
CREDIT = _("The reference {reference} is of a credit note, which nobody pays.")
SEVERAL_CUSTOMERS = _("Invoices of several customers had the reference {reference}, and all are paid.")
LIST_UNKNOWN = _("It lists {unknown}, which is no unpaid invoice.")
LIST_CUSTOMERS = _("The invoices it lists are of several customers.")
LIST_SUM = _("The invoices it lists sum to {listed}, but {paid} was paid.")
LIST_BEYOND = _("It pays {paid} of invoice {number}, of which {left} is left.")
LIST_CREDIT = _("It calls {number} a credit note where that is an invoice, or the other way round.")
LIST_DOUBLE = _("It lists invoice {number} more than once.")
NUMBER_AMOUNT = _("It names invoice {number}, of which {left} is left, but {paid} was paid.")
NUMBER_PAYER = _("It names invoice {number}, but the payer's account is another customer's.")
NUMBER_SEVERAL = _("It names {count} invoices, and which of them it pays does not follow.")
UNDONE = _("It was posted and a person took that back; the robot leaves it until a person lets it go on.")
WAITING = {"maybe_twice": MAYBE_TWICE, "currency": CURRENCY, "undone": UNDONE}
NOTHING = _("It has no reference and names no invoice.")
EXCHANGE = _(
    "Invoice {number} is in {currency}, and {paid} is not the {left} that is left of it in the books."
)
OTHERS_TOO = _("Invoices of several customers have had the reference {reference}.")
MONEY_OUT = _("Money out that is no payment of ours and that no rule explains.")


def match(
    payments: Sequence[Payment],
    items: Sequence[OpenItem],
    *,
    references: References,
    is_org_number: Callable[[str], bool],
    payers: Mapping[str, Collection[int]],
    sent: Sequence[SentPayment] = (),
    closed_through: date | None = None,
) -> Found:
    """What each payment certainly pays, or why that is not certain.

    `items` are the open items of the client, and the settled ones whose reference a payment quotes.
    `payers` maps a bank account to the parties it is confirmed to be of.
    """
    ladder = _Ladder(items, references, is_org_number, payers, {one.end_to_end_id: one for one in sent})
    waiting = sorted(payments, key=lambda payment: (payment.booked_on, payment.id))
    for step in (
        ladder.not_yet(closed_through), ladder.own_payment, ladder.reference, ladder.structured_list,
        ladder.listed_in_text, ladder.number_and_amount, ladder.nothing,
    ):  # fmt: skip
        waiting = [payment for payment in waiting if not ladder.take(step(payment))]
    return Found(tuple(ladder.certain), tuple(ladder.unclear))


@dataclass
class _Ladder:
    items: Sequence[OpenItem]
    references: References
    is_org_number: Callable[[str], bool]
    payers: Mapping[str, Collection[int]]
    sent: dict[str, SentPayment]
    certain: list[Match] = field(default_factory=list)
    unclear: list[Unclear] = field(default_factory=list)
    executed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.left = {item.id: item.left for item in self.items}
        self.by_id = {item.id: item for item in self.items}
        self.by_reference: dict[str, list[OpenItem]] = defaultdict(list)
        self.by_number: dict[str, list[OpenItem]] = defaultdict(list)
        self.by_amount: dict[Decimal, list[OpenItem]] = defaultdict(list)
        self.by_party: dict[int, list[OpenItem]] = defaultdict(list)
        self.by_name: dict[str, dict[int, None]] = {}
        for item in self.items:
            if item.party_kind is not PartyKind.CUSTOMER:
                continue
            if item.amount < 0 and not item.is_invoice:
                continue  # money received before, on account or for an invoice: nobody pays that
            if item.reference:
                self.by_reference[item.reference].append(item)
            if item.number:
                self.by_number[item.number.strip().upper()].append(item)
            if item.left > 0:
                self.by_amount[item.left].append(item)
                self.by_party[item.party].append(item)
                self.by_name.setdefault(item.party_name.casefold(), {})[item.party] = None
        self._near: _Near | None = None
        self._heads: dict[Decimal, list[OpenItem]] = {}
        self.number_lengths = {len(number) for number in self.by_number if number.isdigit()}

    def take(self, found: Match | Unclear | None) -> bool:
        """Keep what a step found; whether it found anything."""
        if found is None:
            return False
        if isinstance(found, Unclear):
            self.unclear.append(found)
            return True
        for allocation in found.allocations:
            self.left[allocation.item.id] -= allocation.amount
        self.certain.append(found)
        return True

    # 0: what is not to be posted at all
    def not_yet(self, closed_through: date | None) -> Callable[[Payment], Unclear | None]:
        """Movements that wait, that are reversals, or whose day is closed."""

        def step(payment: Payment) -> Unclear | None:
            if payment.waits_for:
                return Unclear(
                    payment,
                    Step.WAITS,
                    Words(WAITING[payment.waits_for]),
                    self._of_reference(payment.reference),
                )
            if payment.is_reversal:
                return Unclear(payment, Step.NONE, Words(REVERSED), self._likely(payment))
            if closed_through is not None and payment.booked_on <= closed_through:
                values = {"closed_through": str(closed_through), "date": str(payment.booked_on)}
                return Unclear(payment, Step.WAITS, Words(PERIOD_CLOSED, values))
            return None

        return step

    # 1
    def own_payment(self, payment: Payment) -> Match | Unclear | None:
        """Money out that carries the id of a payment we sent."""
        ours = self.sent.get(payment.end_to_end_id) if payment.end_to_end_id else None
        if ours is None or payment.amount >= 0:
            return None
        pays: dict[int, Decimal] = defaultdict(lambda: ZERO)
        for item, amount in ours.items:
            pays[item] += amount
        fits = (
            ours.amount == -payment.amount
            and not ours.is_rejected
            and ours.end_to_end_id not in self.executed
            and sum(pays.values(), ZERO) == ours.amount
            and all(item in self.by_id and ZERO < amount <= -self.left[item] for item, amount in pays.items())
        )
        if not fits:
            values = {"end_to_end_id": ours.end_to_end_id, "amount": str(ours.amount)}
            return Unclear(payment, Step.OWN_PAYMENT, Words(SENT_DIFFERS, values))
        self.executed.add(ours.end_to_end_id)  # the bank executes it once, also when its items have more left
        return Match(
            payment,
            Step.OWN_PAYMENT,
            tuple(Allocation(self.by_id[item], -amount) for item, amount in pays.items()),
            evidence={"end_to_end_id": ours.end_to_end_id},
        )

    # 2-2e
    def reference(self, payment: Payment) -> Match | Unclear | None:
        """Money in with one checked reference in a reference field."""
        if payment.amount <= 0 or not payment.reference or len(payment.remittances) > 1:
            return None  # one that lists more than its reference is a list
        quoted, agreed = payment.reference, payment.agreement
        if not self.references.is_valid(quoted, lengths=agreed.lengths, methods=agreed.methods):
            return Unclear(
                payment, Step.KID_INVALID, Words(INVALID, {"reference": quoted}), self.near(quoted)
            )
        having = self.by_reference.get(quoted, [])
        if not having:
            return Unclear(
                payment, Step.KID_UNKNOWN, Words(UNKNOWN, {"reference": quoted}), self.near(quoted)
            )
        unpaid = [item for item in having if self.left[item.id] != 0]
        if len(unpaid) > 1:
            # Several invoices may share a customer's reference; then only their whole sum says which.
            if (
                len({item.party for item in unpaid}) == 1
                and sum(self.left[item.id] for item in unpaid) == payment.amount
            ):
                return self._list(payment, [(item, self.left[item.id]) for item in unpaid])
            values = {"count": len(unpaid), "reference": quoted}
            return Unclear(payment, Step.KID_UNKNOWN, Words(SEVERAL, values), tuple(unpaid[:SHOWN]))
        if not unpaid:
            return self._closed(payment, having)
        if len({item.party for item in having}) > 1 and not self._fits(payment, unpaid[0]):
            words = Words(OTHERS_TOO, {"reference": quoted})
            return Unclear(payment, Step.KID_UNKNOWN, words, tuple(unpaid))
        return self._one(payment, unpaid[0])

    def _fits(self, payment: Payment, item: OpenItem) -> bool:
        """Whether exactly this is left of the item, and the payer is nobody else, as far as is known."""
        owners = self.payers.get(payment.payer_account, ()) if payment.payer_account else ()
        return self.left[item.id] == payment.amount and (not owners or item.party in owners)

    def _one(self, payment: Payment, item: OpenItem) -> Match | Unclear:
        """The reference is of exactly one unpaid item."""
        left, limit = self.left[item.id], payment.agreement.rounding_limit
        if left < 0:
            return Unclear(
                payment, Step.KID_UNKNOWN, Words(CREDIT, {"reference": payment.reference}), (item,)
            )
        evidence = {"reference": payment.reference, "left": str(left)}
        over = payment.amount - left
        if over != 0 and payment.currency and item.currency != payment.currency:
            # What differs may be the exchange rate, and then nothing is left, or more than it seems.
            values = {"number": item.number, "currency": item.currency}
            values |= {"paid": str(payment.amount), "left": str(left)}
            return Unclear(payment, Step.KID_PARTIAL, Words(EXCHANGE, values), (item,))
        if over == 0:
            return Match(payment, Step.KID_EXACT, (Allocation(item, left),), evidence=evidence)
        if abs(over) <= limit:
            step = Step.KID_OVER if over > 0 else Step.KID_PARTIAL
            return Match(payment, step, (Allocation(item, left),), rounding=over, evidence=evidence)
        if over < 0:
            return Match(payment, Step.KID_PARTIAL, (Allocation(item, payment.amount),), evidence=evidence)
        return Match(
            payment,
            Step.KID_OVER,
            (Allocation(item, left),),
            on_account=over,
            party=item.party,
            party_account=item.account,
            evidence=evidence,
        )

    def _closed(self, payment: Payment, having: Sequence[OpenItem]) -> Match | Unclear:
        """All that had the reference is paid: the customer is certain, the invoice is not."""
        if len({(item.party, item.account) for item in having}) > 1:
            words = Words(SEVERAL_CUSTOMERS, {"reference": payment.reference})
            return Unclear(payment, Step.KID_CLOSED, words, tuple(having[:SHOWN]))
        return Match(
            payment,
            Step.KID_CLOSED,
            (),
            on_account=payment.amount,
            party=having[0].party,
            party_account=having[0].account,
            evidence={"reference": payment.reference, "paid": [item.number for item in having[:SHOWN]]},
        )

    # 3
    def structured_list(self, payment: Payment) -> Match | Unclear | None:
        """Money in that lists references or invoices in structured fields."""
        if payment.amount <= 0 or not payment.remittances:
            return None
        listed: list[tuple[OpenItem, Decimal | None]] = []
        for remitted in payment.remittances:
            name = remitted.reference or remitted.invoice
            having = (
                self.by_reference.get(remitted.reference, ())
                if remitted.reference
                else self.by_number.get(remitted.invoice.strip().upper(), ())
            )
            unpaid = [item for item in having if self.left[item.id] != 0]
            if len(unpaid) != 1:
                words = Words(LIST_UNKNOWN, {"unknown": name})
                return Unclear(payment, Step.LIST, words, (self._first(listed) + self.near(name))[:SHOWN])
            if remitted.is_credit_note != (unpaid[0].amount < 0):
                words = Words(LIST_CREDIT, {"number": unpaid[0].number or name})
                return Unclear(payment, Step.LIST, words, (*self._first(listed), unpaid[0]))
            listed.append((unpaid[0], remitted.amount))
        return self._add_up(payment, listed)

    def listed_in_text(self, payment: Payment) -> Match | Unclear | None:
        """Money in whose text names two or more invoices as whole words."""
        if payment.amount <= 0 or not payment.text:
            return None
        named, strangers = self._named(payment)
        if len(named) < 2:
            return None
        if strangers:
            words = Words(LIST_UNKNOWN, {"unknown": strangers[0]})
            return Unclear(payment, Step.LIST, words, tuple(named[:SHOWN]))
        return self._add_up(payment, [(item, None) for item in named])

    def _add_up(self, payment: Payment, listed: Sequence[tuple[OpenItem, Decimal | None]]) -> Match | Unclear:
        """All that is listed is known: it must be one customer's and sum to what was paid."""
        items = tuple(item for item, _amount in listed)
        shown = items[:SHOWN]
        if len({item.id for item in items}) < len(items):
            twice = next(item for place, item in enumerate(items) if item in items[:place])
            return Unclear(payment, Step.LIST, Words(LIST_DOUBLE, {"number": twice.number}), shown)
        if len({(item.party, item.account) for item in items}) > 1:
            return Unclear(payment, Step.LIST, Words(LIST_CUSTOMERS), shown)
        pays = [(item, self.left[item.id] if amount is None else amount) for item, amount in listed]
        for item, amount in pays:
            left = self.left[item.id]
            if amount * left <= 0 or abs(amount) > abs(left):
                values = {"paid": str(amount), "number": item.number, "left": str(left)}
                return Unclear(payment, Step.LIST, Words(LIST_BEYOND, values), shown)
        total = sum((amount for _item, amount in pays), ZERO)
        if total != payment.amount:
            values = {"listed": str(total), "paid": str(payment.amount)}
            return Unclear(payment, Step.LIST, Words(LIST_SUM, values), shown)
        return self._list(payment, pays)

    def _list(self, payment: Payment, pays: Sequence[tuple[OpenItem, Decimal]]) -> Match:
        return Match(
            payment,
            Step.LIST,
            tuple(Allocation(item, amount) for item, amount in pays),
            evidence={"listed": [item.number or item.reference for item, _amount in pays]},
        )

    # 4
    def number_and_amount(self, payment: Payment) -> Match | Unclear | None:
        """Money in whose text names exactly one invoice, of which exactly that is left."""
        if payment.amount <= 0 or not payment.text:
            return None
        named, _strangers = self._named(payment)
        if not named:
            return None
        if len(named) > 1:
            words = Words(NUMBER_SEVERAL, {"count": len(named)})
            return Unclear(payment, Step.REF_AMOUNT, words, tuple(named[:SHOWN]))
        (item,) = named
        if self.left[item.id] != payment.amount:
            values = {"number": item.number, "left": str(self.left[item.id]), "paid": str(payment.amount)}
            return Unclear(payment, Step.REF_AMOUNT, Words(NUMBER_AMOUNT, values), (item,))
        owners = self.payers.get(payment.payer_account, ()) if payment.payer_account else ()
        if owners and item.party not in owners:
            words = Words(NUMBER_PAYER, {"number": item.number})
            return Unclear(payment, Step.REF_AMOUNT, words, (item,))
        return Match(
            payment,
            Step.REF_AMOUNT,
            (Allocation(item, payment.amount),),
            evidence={"number": item.number, "text": payment.text[:200]},
        )

    # 12
    def nothing(self, payment: Payment) -> Unclear:
        """What no step could say anything about."""
        return Unclear(
            payment, Step.NONE, Words(NOTHING if payment.amount > 0 else MONEY_OUT), self._likely(payment)
        )

    def _named(self, payment: Payment) -> tuple[list[OpenItem], list[str]]:
        """The unpaid items that the text names, and words of the same form that are no item's number."""
        named: dict[int, OpenItem] = {}
        strangers = []
        amount_digits = str(int(payment.amount))
        for word in tokens.words(payment.text):
            if not tokens.could_be_number(
                word, is_org_number=self.is_org_number, amount_digits=amount_digits
            ):
                continue
            unpaid = [item for item in self.by_number.get(word, ()) if self.left[item.id] != 0]
            if unpaid:
                named |= {item.id: item for item in unpaid}
            elif word.isdigit() and len(word) in self.number_lengths:
                strangers.append(word)
        return list(named.values()), strangers

    def _of_reference(self, reference: str) -> tuple[OpenItem, ...]:
        return tuple(item for item in self.by_reference.get(reference, ()) if self.left[item.id])[:SHOWN]

    def near(self, reference: str) -> tuple[OpenItem, ...]:
        """Unpaid items whose reference is one slip away, the nearest first."""
        if self._near is None:
            self._near = _Near(
                self.references,
                [
                    known
                    for known, having in self.by_reference.items()
                    if any(item.left > 0 for item in having)
                ],
            )
        return tuple(item for known in self._near.of(reference) for item in self._of_reference(known))[:SHOWN]

    def _first(self, listed: Sequence[tuple[OpenItem, Decimal | None]]) -> tuple[OpenItem, ...]:
        return tuple(item for item, _amount in listed[:SHOWN])

    def _likely(self, payment: Payment) -> tuple[OpenItem, ...]:
        """Items of exactly this amount, those of the payer first. Only ever shown, never posted."""
        if payment.amount <= 0:
            return ()
        owners = self.payers.get(payment.payer_account, ()) if payment.payer_account else ()
        named = self.by_name.get(payment.payer_name.casefold(), ()) if payment.payer_name else ()
        theirs = [
            item
            for party in dict.fromkeys((*owners, *named))
            for item in self.by_party.get(party, ())
            if item.left == payment.amount and self.left[item.id]
        ]
        shown = {item.id: item for item in (*theirs[:SHOWN], *self._first_of(payment.amount))}
        return tuple(shown.values())[:SHOWN]

    def _first_of(self, amount: Decimal) -> list[OpenItem]:
        """The first unpaid items of this amount. Many invoices may have the same, so they are sought once."""
        found = self._heads.get(amount)
        if found is None or not all(self.left[item.id] for item in found):
            unpaid = (item for item in self.by_amount.get(amount, ()) if self.left[item.id])
            found = self._heads[amount] = list(islice(unpaid, SHOWN))
        return found


class _Near:
    """Known references that a mistyped one may have been meant as, found without looking at all of them."""

    def __init__(self, references: References, known: Sequence[str]) -> None:
        self.references = references
        self.place = {reference: place for place, reference in enumerate(known)}
        self.by_end: dict[tuple[int, str], list[str]] = defaultdict(list)
        for reference in known:
            for control in CONTROLS:
                self.by_end[control, _end(reference, control)].append(reference)

    def of(self, reference: str) -> list[str]:
        """As the country's own rule says, asked about those alone that it could be true of."""
        if not reference or len(reference) > LONGEST_NEAR:
            return []
        alike = {other for other in likeness.slips(reference, SIGNS) if other in self.place}
        for control in CONTROLS:
            end = _end(reference, control)
            if len(end) == likeness.LEAST_DIGITS_IN_COMMON:
                alike.update(self.by_end.get((control, end), ()))
        return self.references.near(reference, sorted(alike, key=self.place.__getitem__)) if alike else []


def _end(reference: str, control: int) -> str:
    """The last digits before what follows from the rest."""
    return reference[-control - likeness.LEAST_DIGITS_IN_COMMON : -control]
