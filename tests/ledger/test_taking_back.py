"""Doing and undoing: afterwards the books say what they said before."""

import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nattbok.db.scope import scope
from nattbok.ledger import actions as ledger
from nattbok.ledger import rules
from nattbok.ledger.actions.books import NoReason
from nattbok.ledger.models import Books, Entry, OpenItem, Settlement
from nattbok.ledger.queries import entry as detail
from nattbok.ledger.queries import open_items, trial_balance, unreversed
from nattbok.ledger.queries.proof import prove
from nattbok.ledger.rules import LineDraft, Settles
from nattbok.trail.actions import act
from nattbok.trail.models import Act
from tests.world import TODAY, a_client, a_party, an_entry, an_invoice, an_office, booked, posted

YEAR = (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))


def standing(client) -> tuple:
    """What the books say now: the open items that stand, and every account's balance that is not zero."""
    return (
        sorted((item.number, item.account, item.left) for item in open_items(client)),
        {row.number: row.closing for row in trial_balance(client, *YEAR) if row.closing},
    )


def payment(client, item: OpenItem, amount: str):
    return an_entry(
        client,
        ("1920", amount),
        LineDraft(
            "1500",
            -Decimal(amount),
            party=item.party_id,
            settles=(Settles(item.pk, Decimal(amount)),),
        ),
    )


def test_a_payment_taken_back_is_owed_again(fjord):
    item = an_invoice(fjord, "125.00", number="F1")
    before = standing(fjord)
    (paid,) = posted(fjord, payment(fjord, item, "125.00"))
    assert open_items(fjord) == []
    (back,) = ledger.reverse(fjord, [paid.id], by="person:1", why="wrong customer")
    assert standing(fjord) == before
    assert booked(fjord).splitlines()[-2:] == ["3  2026-03-12  1920  -125.00", "3  2026-03-12  1500  125.00"]
    found = detail(fjord, back.id)
    assert (found.reverses, found.text) == (paid.id, "wrong customer")
    assert detail(fjord, paid.id).reversed_by == back.id
    undoing = Act.objects.get(pk=found.act)
    assert undoing.undoes_id == Entry.objects.get(pk=paid.id).act_id
    assert undoing.evidence["why"] == "wrong customer"
    assert prove(fjord).fault is None


def test_an_invoice_taken_back_leaves_its_payment_on_account(fjord):
    item = an_invoice(fjord, "125.00", number="F1")
    posted(fjord, payment(fjord, item, "100.00"))
    entry = Entry.objects.get(client=fjord, position=1)
    ledger.reverse(fjord, [entry.pk], by="person:1", why="never ordered")
    assert [(open_.number, open_.left) for open_ in open_items(fjord)] == [("", Decimal("-100.00"))]
    assert prove(fjord).fault is None


def test_both_at_once(fjord):
    item = an_invoice(fjord, "125.00")
    posted(fjord, payment(fjord, item, "100.00"))
    ids = list(Entry.objects.filter(client=fjord).values_list("pk", flat=True))
    ledger.reverse(fjord, ids, by="person:1", why="another client's")
    assert standing(fjord) == ([], {})
    assert unreversed(fjord) == {}
    assert prove(fjord).fault is None


def test_an_entry_is_taken_back_once_and_a_reversal_stands(fjord):
    an_invoice(fjord, "125.00")
    entry = Entry.objects.get(client=fjord)
    (back,) = ledger.reverse(fjord, [entry.pk], by="test", why="wrong")
    with pytest.raises(rules.AlreadyReversed):
        ledger.reverse(fjord, [entry.pk], by="test", why="wrong")
    with pytest.raises(rules.IsAReversal):
        ledger.reverse(fjord, [back.id], by="test", why="it was right")
    with pytest.raises(rules.NoSuchEntry):
        ledger.reverse(fjord, [2**40], by="test", why="wrong")
    assert Entry.objects.filter(client=fjord).count() == 2


def test_another_clients_entry_is_not_found(fjord, office):
    other = a_client("NO", office=office)
    with scope([fjord.pk, other.pk]):
        an_invoice(other, "125.00")
        with pytest.raises(rules.NoSuchEntry):
            ledger.reverse(fjord, [Entry.objects.get(client=other).pk], by="test", why="wrong")


def test_in_a_closed_period_it_goes_to_the_first_open_day(fjord):
    an_invoice(fjord, "125.00")
    ledger.close_through(fjord, datetime.date(2026, 3, 31), by="person:1", why="VAT is filed")
    (back,) = ledger.reverse(fjord, [Entry.objects.get(client=fjord).pk], by="person:1", why="never ordered")
    assert detail(fjord, back.id).date == datetime.date(2026, 4, 1)
    with pytest.raises(rules.PeriodClosed):
        ledger.reverse(fjord, _another(fjord), by="test", why="wrong", on=TODAY)
    assert prove(fjord).fault is None


def _another(client) -> list[int]:
    (entry,) = posted(
        client, an_entry(client, ("1920", "1.00"), ("3000", "-1.00"), on=datetime.date(2026, 4, 2))
    )
    return [entry.id]


def test_at_the_end_of_the_last_year_the_next_is_opened(fjord):
    an_invoice(fjord, "125.00")
    ledger.close_through(fjord, datetime.date(2026, 12, 31), by="person:1", why="year end")
    (back,) = ledger.reverse(fjord, [Entry.objects.get(client=fjord).pk], by="person:1", why="wrong")
    assert detail(fjord, back.id).date == datetime.date(2027, 1, 1)
    assert prove(fjord).fault is None


def test_closing_and_reopening_are_acts_with_a_reason(fjord):
    ledger.close_through(fjord, TODAY, by="person:1", why="VAT is filed")
    ledger.close_through(fjord, None, by="person:2", why="a bill was late")
    assert Books.objects.get(client=fjord).closed_through is None
    kept = Act.objects.filter(client=fjord, kind__in=["ledger.closed", "ledger.reopened"]).order_by("pk")
    assert [(one.kind, one.by, one.evidence["through"], one.evidence["why"]) for one in kept] == [
        ("ledger.closed", "person:1", "2026-03-12", "VAT is filed"),
        ("ledger.reopened", "person:2", None, "a bill was late"),
    ]
    with pytest.raises(NoReason):
        ledger.close_through(fjord, TODAY, by="person:1", why="  ")


def test_a_thousand_are_taken_back_in_few_statements(fjord):
    def statements(count: int) -> int:
        customer = a_party(fjord)
        items = [an_invoice(fjord, "10.00", customer=customer) for _ in range(2)]
        paid = posted(fjord, *[payment(fjord, items[n % 2], "0.01") for n in range(count)])
        with CaptureQueriesContext(connection) as queries:
            ledger.reverse(fjord, [entry.id for entry in paid], by="test", why="wrong")
        return len(queries)

    assert statements(40) == statements(3)


# Undoing in any order, whatever was done in between --------------------------------------------------------

amounts = st.decimals(min_value="0.01", max_value="999.99", places=2)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("invoice"), amounts),
        st.tuples(st.just("credit note"), amounts),
        st.tuples(st.just("payment"), amounts, st.integers(0, 99)),
        st.tuples(st.just("on account"), amounts),
        st.tuples(st.just("settle"), st.integers(0, 99), st.integers(0, 99), st.integers(1, 100)),
        st.tuples(st.just("part"), st.integers(0, 99)),
        st.tuples(st.just("reverse"), st.integers(0, 99)),
        st.tuples(st.just("again"), st.integers(0, 99)),
    ),
    min_size=1,
    max_size=12,
)


class Model:
    """The same books in plain Python: the entries that stand, and the settlements between their items."""

    def __init__(self, client):
        self.client, self.customer = client, a_party(client)
        self.entries: dict[int, tuple[dict[str, Decimal], int | None]] = {}  # id → balances, its item
        self.settled: dict[int, tuple[int, int, Decimal]] = {}  # settlement → debit, credit, amount
        self.amounts: dict[int, Decimal] = {}  # item → amount
        self.drafts: list = []

    def left(self, item: int) -> Decimal:
        taken = sum(amount for debit, credit, amount in self.settled.values() if item in (debit, credit))
        return self.amounts[item] - (taken if self.amounts[item] > 0 else -taken)

    def open(self, sign: int) -> list[int]:
        items = [item for _balances, item in self.entries.values() if item]
        return [item for item in items if self.amounts[item] * sign > 0 and self.left(item)]

    def post(self, draft) -> None:
        """Post and, when it is new, note what it did."""
        (entry,) = posted(self.client, draft)
        if entry.was_there:
            assert entry.id in self.entries
            return
        balances: dict[str, Decimal] = {}
        for line, item in zip(draft.lines, entry.items, strict=True):
            balances[line.account] = balances.get(line.account, Decimal(0)) + line.amount
            if item:
                self.amounts[item] = line.amount
        item = next((item for item in entry.items if item), None)
        self.entries[entry.id] = (balances, item)
        self.drafts.append(draft)
        for row in Settlement.objects.filter(client=self.client, act=Entry.objects.get(pk=entry.id).act_id):
            self.settled[row.pk] = (row.debit_id, row.credit_id, row.amount)

    def entry(self, amount: Decimal, other: str, *settles: Settles) -> None:
        self.post(
            an_entry(
                self.client,
                LineDraft("1500", amount, party=self.customer, settles=settles),
                (other, str(-amount)),
            )
        )

    def step(self, kind: str, *given) -> None:
        match kind, given:
            case "invoice", (amount,):
                self.entry(amount, "3000")
            case "credit note", (amount,):
                self.entry(-amount, "3000")
            case "on account", (amount,):
                self.entry(-amount, "1920")
            case "payment", (amount, which) if debits := self.open(1):
                item = debits[which % len(debits)]
                self.entry(-amount, "1920", Settles(item, min(amount, self.left(item))))
            case "settle", (one, other, share) if (debits := self.open(1)) and (credits := self.open(-1)):
                debit, credit = debits[one % len(debits)], credits[other % len(credits)]
                most = min(self.left(debit), -self.left(credit))
                amount = max((most * share / 100).quantize(Decimal("0.01")), Decimal("0.01"))
                deed = act(self.client, "test.settled", "test")
                (pk,) = ledger.settle(self.client, credit, [Settles(debit, amount)], act=deed)
                self.settled[pk] = (debit, credit, amount)
            case "part", (which,) if self.settled:
                pk = sorted(self.settled)[which % len(self.settled)]
                assert ledger.part(self.client, [pk], act=act(self.client, "test.parted", "test")) == 1
                del self.settled[pk]
            case "reverse", (which,) if self.entries:
                pk = sorted(self.entries)[which % len(self.entries)]
                ledger.reverse(self.client, [pk], by="test", why="taken back")
                _balances, item = self.entries.pop(pk)
                self.settled = {n: found for n, found in self.settled.items() if item not in found[:2]}
            case "again", (which,) if self.drafts:
                draft = self.drafts[which % len(self.drafts)]
                items = [settled.item for line in draft.lines for settled in line.settles]
                is_there = draft.origin in unreversed(self.client, [draft.origin])
                if is_there or not items:
                    self.post(draft)

    def compare(self) -> None:
        items = {item.id: item.left for item in open_items(self.client)}
        mine = [item for _balances, item in self.entries.values() if item]
        assert items == {item: self.left(item) for item in mine if self.left(item)}
        balances: dict[str, Decimal] = {}
        for account_amounts, _item in self.entries.values():
            for account, amount in account_amounts.items():
                balances[account] = balances.get(account, Decimal(0)) + amount
        found = {row.number: row.closing for row in trial_balance(self.client, *YEAR)}
        assert {n: amount for n, amount in found.items() if amount} == {
            n: amount for n, amount in balances.items() if amount
        }
        fault = prove(self.client).fault
        assert fault is None, str(fault.words)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_the_books_say_what_stands_whatever_was_done_and_undone(done):
    client = a_client("NO", office=an_office())
    with scope([client.pk]):
        model = Model(client)
        for step in done:
            model.step(*step)
            model.compare()
        # And at last everything is taken back, newest or oldest first: nothing is left.
        remaining = sorted(model.entries, reverse=len(done) % 2 == 0)
        ledger.reverse(client, remaining, by="test", why="all of it")
        model.entries.clear()
        model.settled.clear()
        model.compare()
        assert standing(client) == ([], {})
