"""A person's answers for bank lines: what is posted, what is refused in words, and taking it back."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nattbok.bank import actions as bank
from nattbok.bank.actions import pairing
from nattbok.bank.actions.pairing import Choice
from nattbok.bank.actions.taking_back import NothingToTakeBack, take_back, take_back_last, unmatch
from nattbok.bank.models import BankAccount, Movement, PairedLine, PairedMovement, Pairing, Postponement
from nattbok.bank.queries import faults, unsettled
from nattbok.bank.rules import by_hand
from nattbok.bank.rules.by_hand import Part, Rest
from nattbok.bank.rules.shape import Payment
from nattbok.bank.rules.suggestion import sum_of
from nattbok.countries.known import country
from nattbok.db.scope import scope
from nattbok.desk.models import Question
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Line, OpenItem
from nattbok.ledger.rules import OpenItem as Item
from nattbok.ledger.rules import PartyKind, PeriodClosed
from nattbok.trail.actions import act
from tests.bank.test_reconciliation import MONDAY, day_file, money, paid, take
from tests.world import a_client, a_party, an_entry, an_invoice, booked, posted

KARI = "person:1"
NORWAY = country("NO")
_numbers = itertools.count(1)


# The rule: payments and items in, matches or a refusal out.
def payment(amount, number=1):
    return Payment(number, money(amount), MONDAY, account="1920")


def item(left, number=1, party=1):
    kind = PartyKind.CUSTOMER
    return Item(number, party, kind, "1", "Havn", "1500", MONDAY, None, f"F{number}", "", "NOK",
                money(left), money(left), money(left))  # fmt: skip


PAYS = {
    "exactly": (["100"], ["100"], Rest.NONE, [["100"]]),
    "one to many": (["150"], ["100", "50"], Rest.NONE, [["100", "50"]]),
    "with a credit note": (["80"], ["100", "-20"], Rest.NONE, [["100", "-20"]]),
    "many to one": (["60", "40"], ["100"], Rest.NONE, [["60"], ["40"]]),
    "in part": (["120"], ["100", "50"], Rest.NONE, [["100", "20"]]),
    "many to many": (["70", "80"], ["100", "50"], Rest.NONE, [["70"], ["30", "50"]]),
    "money out": (["-100"], ["-100"], Rest.NONE, [["-100"]]),
    "more, on account": (["130"], ["100"], Rest.ON_ACCOUNT, [["100"]]),
    "less, as a fee": (["95"], ["100"], Rest.FEE, [["100"]]),
    "less, as rounding": (["99.60"], ["100"], Rest.ROUNDING, [["100"]]),
    "more, as exchange": (["101"], ["100"], Rest.EXCHANGE, [["100"]]),
    "many to one, as a fee": (["50", "45"], ["100"], Rest.FEE, [["50"], ["50"]]),
}


@pytest.mark.parametrize("lines, items, rest, wanted", PAYS.values(), ids=PAYS)
def test_what_bank_lines_pay(lines, items, rest, wanted):
    found = by_hand.pay(
        [payment(amount, number) for number, amount in enumerate(lines)],
        [(item(left, number), None) for number, left in enumerate(items, 1)],
        rest=rest,
        law=NORWAY,
    )
    assert [[one.amount for one in match.allocations] for match in found] == [
        [money(amount) for amount in row] for row in wanted
    ]
    assert [sum_of(match) for match in found] == [money(amount) for amount in lines]


REFUSED = {
    "more than is owed": (["130"], ["100"], Rest.NONE, by_hand.SumDoesNotFit),
    "the other way": (["-100"], ["100"], Rest.NONE, by_hand.SumDoesNotFit),
    "a large rounding": (["98.99"], ["100"], Rest.ROUNDING, by_hand.NotRounding),
    "a fee that was received": (["101"], ["100"], Rest.FEE, by_hand.NotAFee),
    "in and out together": (["150", "-50"], ["100"], Rest.NONE, by_hand.SeveralDirections),
    "nothing": (["100"], [], Rest.NONE, by_hand.NothingChosen),
}


@pytest.mark.parametrize("lines, items, rest, refusal", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(lines, items, rest, refusal):
    with pytest.raises(refusal):
        by_hand.pay(
            [payment(amount, number) for number, amount in enumerate(lines)],
            [(item(left, number), None) for number, left in enumerate(items, 1)],
            rest=rest,
            law=NORWAY,
        )


ore = st.integers(1, 50_000).map(lambda number: Decimal(number) / 100)


@given(
    st.lists(ore, min_size=1, max_size=4), st.lists(ore, min_size=1, max_size=4), st.sampled_from(Rest),
    st.sampled_from([1, -1]),
)  # fmt: skip
def test_never_more_than_is_left_and_always_what_the_bank_moved(lines, items, rest, sign):
    payments = [payment(str(sign * amount), number) for number, amount in enumerate(lines)]
    chosen = [(item(str(sign * left), number), None) for number, left in enumerate(items, 1)]
    try:
        found = by_hand.pay(payments, chosen, rest=rest, law=NORWAY)
    except (by_hand.SumDoesNotFit, by_hand.NotRounding, by_hand.NotAFee):
        return
    assert [sum_of(match) for match in found] == [one.amount for one in payments]
    taken: dict[int, Decimal] = {}
    for match in found:
        for one in match.allocations:
            assert one.amount * sign > 0
            taken[one.item.id] = taken.get(one.item.id, Decimal(0)) + abs(one.amount)
    assert all(taken.get(one.id, 0) <= abs(one.left) for one, _amount in chosen)


def test_a_split_takes_the_vat_of_its_code_and_leaves_the_rest_to_one_part():
    code = next(one for one in NORWAY.vat_codes.values() if one.direction.value == "input" and
                one.rate(MONDAY) == 25)  # fmt: skip
    match = by_hand.split(
        payment("-125.00"),
        [Part(money("-100.00"), account="6300", vat_code=code.code), Part(None, account="7770")],
        law=NORWAY,
    )
    assert [(line.account, line.amount) for line in match.lines] == [
        ("6300", 80), (code.input_account, 20), ("7770", 25),
    ]  # fmt: skip
    with pytest.raises(by_hand.SumDoesNotFit):
        by_hand.split(payment("-125.00"), [Part(money("-100.00"), account="6300")], law=NORWAY)


# The same in a database.
@pytest.fixture
def havn(fjord):
    return a_harbour(fjord)


def a_harbour(client):
    bank.open_account(client, "99990244851", title="Drift")
    ledger.opening_balance(
        client, date(2026, 1, 1), {"1920": money("1000.00"), "2050": money("-1000.00")}, by="test"
    )
    return client


def lines(client, *amounts, account="99990244851", opening="1000.00"):
    """Bank lines of the day that nothing is known of; their ids, in the bank's order."""
    told = [paid(amount, f"L{next(_numbers)}", text=f"linje {amount}") for amount in amounts]
    take(client, day_file(MONDAY, opening, *told, account=account))
    return list(
        Movement.objects.filter(client=client, account__number=account)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def left(*items):
    return [OpenItem.objects.get(pk=one.pk).left for one in items]


def waiting(client):
    return [one.id for one in unsettled(client)]


def test_one_line_pays_two_invoices_and_is_taken_back(havn):
    one, two = an_invoice(havn, "100.00", on=MONDAY), an_invoice(havn, "50.00", on=MONDAY)
    (line,) = lines(havn, "150.00")
    deed = pairing.pay(havn, [line], {one.pk: None, two.pk: None}, by=KARI)
    assert left(one, two) == [0, 0] and waiting(havn) == []
    assert list(faults(havn)) == []
    bank.match(havn, by="robot:match_payments")
    take_back(havn, deed, by=KARI)
    assert left(one, two) == [100, 50] and waiting(havn) == [line]
    bank.match(havn, by="robot:match_payments")
    assert waiting(havn) == [line]
    assert Question.objects.filter(client=havn, subject=f"movement:{line}", closed_at=None).count() == 1
    with pytest.raises(NothingToTakeBack):
        take_back(havn, deed, by=KARI)
    pairing.pay(havn, [line], {one.pk: None, two.pk: None}, by=KARI)
    assert left(one, two) == [0, 0]


def test_what_is_over_stands_on_the_customers_account_and_nobody_is_asked_again(havn):
    one = an_invoice(havn, "100.00", on=MONDAY)
    (line,) = lines(havn, "130.00")
    pairing.pay(havn, [line], {one.pk: None}, rest=Rest.ON_ACCOUNT, by=KARI)
    rest = OpenItem.objects.get(client=havn, party=one.party, left=-30)
    assert rest.account_id == one.account_id
    assert not Question.objects.filter(client=havn, subject=f"rest:{line}", closed_at=None).exists()


def test_a_voucher_from_the_line_with_its_vat_code(havn):
    (line,) = lines(havn, "-125.00")
    code = next(one for one in NORWAY.vat_codes.values() if one.direction.value == "input" and
                one.rate(MONDAY) == 25)  # fmt: skip
    pairing.voucher(havn, line, account="6300", vat_code=code.code, text="leie", by=KARI)
    assert booked(havn, "B").split("\n") == [
        "1  2026-03-09  1920  -125.00", "1  2026-03-09  6300  100.00",
        f"1  2026-03-09  {code.input_account}  25.00",
    ]  # fmt: skip


def test_a_line_goes_to_a_party_and_to_an_account(havn):
    supplier = a_party(havn, PartyKind.SUPPLIER, "Fiskeforsyning")
    (line,) = lines(havn, "-100.00")
    pairing.split(
        havn, line, [Choice(money("-80.00"), party=supplier), Choice(None, account="7770")], by=KARI
    )
    assert OpenItem.objects.get(client=havn, party=supplier).left == 80


def test_both_ends_of_a_transfer_meet_and_part_together(havn):
    from nattbok.ledger.models import Account

    other = next(number for number in ("1921", "1930", "1940", "1950")
                 if Account.objects.filter(client=havn, number=number).exists())  # fmt: skip
    bank.open_account(havn, "99990000006", title="Skatt", ledger_account=other)
    (out,) = lines(havn, "-100.00")
    (come,) = lines(havn, "100.00", account="99990000006", opening="0.00")
    deed = pairing.transfer(havn, out, other=come, by=KARI)
    assert waiting(havn) == []
    assert Line.objects.get(client=havn, account__number=other).amount == 100
    take_back(havn, deed, by=KARI)
    assert waiting(havn) == [out, come]
    with pytest.raises(by_hand.NotATransfer):
        pairing.transfer(havn, out, other=out, by=KARI)


def test_a_line_in_the_books_already_is_paired_and_never_posted_beside(havn):
    (entry,) = posted(havn, an_entry(havn, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY))
    line = Line.objects.get(client=havn, entry=entry.id, account__number="1920")
    movement, other = lines(havn, "-40.00", "-41.00")
    with pytest.raises(by_hand.DoesNotPair):
        pairing.pair(havn, [other], [line.pk], by=KARI)
    deed = pairing.pair(havn, [movement], [line.pk], by=KARI)
    assert waiting(havn) == [other]
    with pytest.raises(by_hand.AlreadyAnswered):
        pairing.voucher(havn, movement, account="7770", by=KARI)
    with pytest.raises(by_hand.NotPairable):
        pairing.pair(havn, [other], [line.pk], by=KARI)
    with pytest.raises(IntegrityError):
        posted(havn, an_entry(havn, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY,
                              origin=f"movement:{movement}"))  # fmt: skip
    take_back(havn, deed, by=KARI)
    assert waiting(havn) == [movement, other]


def test_the_database_refuses_a_pairing_that_does_not_add_up(havn):
    (entry,) = posted(havn, an_entry(havn, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY))
    line = Line.objects.get(client=havn, entry=entry.id, account__number="1920")
    wrong = Line.objects.get(client=havn, entry=entry.id, account__number="7770")
    (movement,) = lines(havn, "-41.00")
    account = BankAccount.objects.get(client=havn)
    for chosen in (line, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            made = Pairing.objects.create(client=havn, account=account, act_id=act(havn, "test", KARI))
            PairedMovement.objects.create(client=havn, pairing=made, movement_id=movement)
            PairedLine.objects.create(client=havn, pairing=made, line=chosen)


def test_a_closed_period_is_refused_in_words(havn):
    (line,) = lines(havn, "-40.00")
    ledger.close_through(havn, date(2026, 3, 31), by=KARI, why="mars")
    with pytest.raises(PeriodClosed):
        pairing.voucher(havn, line, account="7770", by=KARI)
    assert waiting(havn) == [line]


def test_what_the_robot_did_is_unmatched_and_left_to_the_person(havn):
    kid = NORWAY.references.make("10045", length=13)
    one = an_invoice(havn, "100.00", reference=kid, on=MONDAY)
    take(havn, day_file(MONDAY, "1000.00", paid("100.00", "B1", reference=kid)))
    (movement,) = Movement.objects.filter(client=havn).values_list("pk", flat=True)
    assert left(one) == [0]
    unmatch(havn, [movement], by=KARI, why="feil kunde")
    assert left(one) == [100] and waiting(havn) == [movement]
    bank.match(havn, by="robot:match_payments")
    assert waiting(havn) == [movement]
    pairing.accept(havn, movement, 0, by=KARI)
    assert waiting(havn) == []


def test_a_line_is_put_off_with_a_note_and_taken_up_again(havn):
    (line,) = lines(havn, "-40.00")
    with pytest.raises(pairing.NoNote):
        pairing.postpone(havn, line, note=" ", by=KARI)
    pairing.postpone(havn, line, note="venter på kvittering", until=date(2026, 4, 1), by=KARI)
    pairing.postpone(havn, line, note="spurt Kari", is_asked=True, by=KARI)
    assert Postponement.objects.get(client=havn, ended_by=None).note == "spurt Kari"
    account = BankAccount.objects.get(client=havn).pk
    take_back_last(havn, account, by=KARI)
    assert not Postponement.objects.filter(client=havn, ended_by=None).exists()
    pairing.postpone(havn, line, note="venter", by=KARI)
    pairing.voucher(havn, line, account="7770", by=KARI)
    assert not Postponement.objects.filter(client=havn, ended_by=None).exists()


def test_another_clients_line_and_item_are_not_there(havn, office):
    other = a_client("NO", office=office)
    with scope([other.pk]):
        a_harbour(other)
        (theirs,) = lines(other, "-40.00")
    with pytest.raises(pairing.NoSuchLine):
        pairing.voucher(havn, theirs, account="7770", by=KARI)


DEEDS = st.lists(
    st.tuples(st.sampled_from(["pay", "voucher", "pair", "postpone", "back", "last", "match"]),
              st.integers(0, 3), st.integers(0, 3)),
    max_size=8,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(DEEDS)
def test_whatever_is_done_and_taken_back_balances_and_work_list_agree(deeds):
    client = a_client("NO")
    with scope([client.pk]):
        a_harbour(client)
        items = [an_invoice(client, amount, on=MONDAY) for amount in ("100.00", "60.00", "45.00")]
        (entry,) = posted(client, an_entry(client, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY))
        line = Line.objects.get(client=client, entry=entry.id, account__number="1920").pk
        ids = lines(client, "100.00", "60.00", "30.00", "-40.00")
        before, done = waiting(client), []
        for what, at, which in deeds:
            try:
                match what:
                    case "pay":
                        done.append(pairing.pay(client, [ids[at]], {items[which % 3].pk: None}, by=KARI))
                    case "voucher":
                        done.append(pairing.voucher(client, ids[at], account="7770", by=KARI))
                    case "pair":
                        done.append(pairing.pair(client, [ids[at]], [line], by=KARI))
                    case "postpone":
                        done.append(pairing.postpone(client, ids[at], note="senere", by=KARI))
                    case "back" if done:
                        take_back(client, done[which % len(done)], by=KARI)
                    case "last":
                        take_back_last(client, BankAccount.objects.get(client=client).pk, by=KARI)
                    case "match":
                        bank.match(client, by="robot:match_payments")
            except (by_hand.AlreadyAnswered, by_hand.SumDoesNotFit, by_hand.DoesNotPair, by_hand.NotPairable,
                    by_hand.BeyondItem, NothingToTakeBack):  # fmt: skip
                continue
        assert list(faults(client)) == []
        standing = set(before) - set(waiting(client))
        moved = sum(Movement.objects.filter(client=client, pk__in=standing).values_list("amount", flat=True))
        paired = PairedLine.objects.filter(client=client, is_live=True).count()
        books = sum(
            Line.objects.filter(client=client, account__number="1920").values_list("amount", flat=True)
        )
        assert books == 1000 - 40 + moved + (40 if paired else 0)
        for deed in reversed(done):
            try:
                take_back(client, deed, by=KARI)
            except NothingToTakeBack:
                continue
        assert waiting(client) == before
        found = OpenItem.objects.filter(pk__in=[one.pk for one in items]).order_by("pk")
        assert [one.left for one in found] == [100, 60, 45]
        assert list(faults(client)) == []
