"""A person booked the money before the bank told of it: it is paired or asked about, never booked again."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.bank import actions as bank
from nattbok.bank.models import PairedMovement
from nattbok.bank.queries import faults, unsettled
from nattbok.bank.rules.in_books import PROVEN_APART, BookedLine, same_money
from nattbok.bank.rules.shape import Payment
from nattbok.countries.known import country
from nattbok.formats.bank.shape import Kind
from nattbok.ledger.models import Line, OpenItem
from nattbok.ledger.rules import LineDraft, Settles
from tests.bank.test_actions import ACCOUNT, KID, asked, camt_file, line, take
from tests.world import TODAY, a_party, an_entry, an_invoice, posted

NORWAY = country("NO")
PAID = Payment(1, Decimal("100.00"), TODAY, reference=KID, text="faktura 20455", account="1920")
BOOKED = BookedLine(7, "1920", TODAY, Decimal("100.00"), names=frozenset({KID}))


def said(payments, lines, ours=()):
    return same_money(payments, lines, is_org_number=NORWAY.is_org_number, ours=ours)


def later(days):
    return TODAY + timedelta(days=days)


ALIKE = {
    "the reference": (PAID, BOOKED),
    "the reference in its text": (PAID, replace(BOOKED, names=frozenset(), text=f"innbetaling {KID}")),
    "the invoice's number": (replace(PAID, reference=""), replace(BOOKED, names=frozenset({"20455"}))),
    "some days later": (PAID, replace(BOOKED, day=later(-PROVEN_APART))),
}
NOT_CERTAIN = {
    "only the amount": (PAID, replace(BOOKED, names=frozenset())),
    "too far from each other": (PAID, replace(BOOKED, day=later(PROVEN_APART + 1))),
    "it was taken back": (replace(PAID, waits_for="undone"), BOOKED),
    "a return": (replace(PAID, is_reversal=True), BOOKED),
    "a year is no number": (
        replace(PAID, reference="", text="leie 2026"), replace(BOOKED, text="leie 2026", names=frozenset())
    ),
}  # fmt: skip
NOTHING_ALIKE = {
    "another amount": (PAID, replace(BOOKED, amount=Decimal("100.01"))),
    "the other way": (PAID, replace(BOOKED, amount=Decimal("-100.00"))),
    "another account": (PAID, replace(BOOKED, account="1930")),
    "a month before": (PAID, replace(BOOKED, day=later(-30))),
}


@pytest.mark.parametrize("payment, booked", ALIKE.values(), ids=ALIKE)
def test_what_is_certainly_the_same_money_is_paired(payment, booked):
    found = said([payment], [booked])
    assert found.pairs == ((payment.id, booked.id),) and not found.perhaps


@pytest.mark.parametrize("payment, booked", NOT_CERTAIN.values(), ids=NOT_CERTAIN)
def test_what_may_be_the_same_money_is_told_and_not_paired(payment, booked):
    found = said([payment], [booked])
    assert found.pairs == () and found.perhaps == {payment.id: (booked,)}


@pytest.mark.parametrize("payment, booked", NOTHING_ALIKE.values(), ids=NOTHING_ALIKE)
def test_what_is_not_the_same_money_is_not_told(payment, booked):
    found = said([payment], [booked])
    assert found.pairs == () and not found.perhaps


def test_two_of_either_side_prove_nothing():
    assert said([PAID, replace(PAID, id=2)], [BOOKED]).pairs == ()
    assert said([PAID], [BOOKED, replace(BOOKED, id=8)]).pairs == ()


def test_a_payment_of_ours_is_told_of_by_the_bank_and_not_paired():
    ours = replace(PAID, amount=Decimal("-100.00"), end_to_end_id="N-1")
    assert said([ours], [replace(BOOKED, amount=Decimal("-100.00"))], ours={"N-1"}).pairs == ()


@given(
    st.lists(
        st.tuples(st.sampled_from([100, 200]), st.sampled_from(["", "11119", "22228"]), st.integers(0, 9))
    ),
    st.lists(
        st.tuples(st.sampled_from([100, 200]), st.sampled_from(["", "11119", "22228"]), st.integers(0, 9))
    ),
)
def test_nothing_is_paired_twice_or_with_another_amount(paid, booked):
    payments = [
        Payment(pk, Decimal(amount), later(day), reference=said, account="1920")
        for pk, (amount, said, day) in enumerate(paid, 1)
    ]
    lines = [
        BookedLine(pk, "1920", later(day), Decimal(amount), names=frozenset({name} - {""}))
        for pk, (amount, name, day) in enumerate(booked, 1)
    ]
    pairs = said(payments, lines).pairs
    assert len({one for one, _line in pairs}) == len({one for _payment, one in pairs}) == len(pairs)
    for one, other in pairs:
        assert payments[one - 1].amount == lines[other - 1].amount
        assert lines[other - 1].names == {payments[one - 1].reference}


@pytest.fixture
def havn(fjord):
    bank.open_account(fjord, ACCOUNT)
    take(fjord, camt_file(Kind.STATEMENT, line("5.00", "B0", ""), number="S0", message="M0"))
    return fjord


def voucher(client, item, amount="100.00", *, settles=True, text="innbetalt"):
    """What a person books: money on the bank account, off the customer's."""
    pays = (Settles(item.pk, Decimal(amount)),) if settles else ()
    (entry,) = posted(
        client,
        an_entry(
            client,
            ("1920", amount),
            LineDraft("1500", -Decimal(amount), party=item.party_id, settles=pays),
            text=text,
        ),
    )
    return entry


def test_a_payment_that_was_booked_by_hand_is_paired_when_the_bank_tells_of_it(havn):
    item = an_invoice(havn, "100.00", reference=KID)
    voucher(havn, item)
    before = Line.objects.filter(client=havn).count()
    take(havn, camt_file(Kind.STATEMENT, line("100.00", "B1")))
    assert Line.objects.filter(client=havn).count() == before
    assert PairedMovement.objects.filter(client=havn, is_live=True).count() == 1
    assert [one.bank_reference for one in unsettled(havn)] == ["B0"]
    bank.match(havn, by="test")
    assert Line.objects.filter(client=havn).count() == before
    assert list(faults(havn)) == []


def test_a_payment_that_may_be_booked_by_hand_is_asked_about(havn):
    item = an_invoice(havn, "100.00", reference=KID)
    voucher(havn, item, settles=False)  # on the customer's account, and the invoice stays open
    take(havn, camt_file(Kind.STATEMENT, line("100.00", "B1")))
    assert "bank.in_books" in asked(havn)
    item.refresh_from_db()
    assert item.left == 100
    assert {one.bank_reference for one in unsettled(havn)} == {"B0", "B1"}


def test_another_customers_voucher_of_the_same_amount_is_in_nobodys_way(havn):
    item = an_invoice(havn, "100.00", reference=KID)
    other = an_invoice(havn, "100.00", customer=a_party(havn, name="Annen Kunde"))
    voucher(havn, other)
    take(havn, camt_file(Kind.STATEMENT, line("100.00", "B1")))
    item.refresh_from_db()
    assert item.left == 0 and OpenItem.objects.get(pk=other.pk).left == 0
    assert not PairedMovement.objects.filter(client=havn).exists()
