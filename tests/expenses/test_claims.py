"""A claim from the first receipt to the money: gathered, handed in, approved, posted, taken back."""

import datetime
import io
import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from nattbok.bank.rules.payments.proposal import Wanted
from nattbok.base.errors import Refused
from nattbok.base.written import NotADay, ThousandsOrDecimals
from nattbok.clients.actions import give_access
from nattbok.clients.rules import NotYourRight, Role
from nattbok.countries.known import NotAnAccount
from nattbok.expenses import actions as expenses
from nattbok.expenses import queries
from nattbok.expenses.models import ExpenseReceipt
from nattbok.expenses.rules import shape
from nattbok.files.models import File
from nattbok.ledger.actions import close_through, reverse
from nattbok.ledger.models import Entry
from nattbok.ledger.queries import open_items, party_accounts
from nattbok.ledger.queries.lines import lines_of
from nattbok.ledger.rules import EntryDraft, PartyKind
from nattbok.robot import undoing
from nattbok.robot.undoing.correcting import ClaimApproved
from nattbok.trail.models import Act
from tests.web.visitors import a_person
from tests.world import TODAY, a_party, booked

ACCOUNT = {"NO": "8601 11 17947", "SE": "5000-0000008"}
_colours = itertools.count(1)


def a_picture() -> tuple[str, bytes]:
    """A small picture that nobody else has."""
    written = io.BytesIO()
    number = next(_colours)
    Image.new("RGB", (40, 60), (number % 256, number // 256, 77)).save(written, "PNG")
    return "kvittering.png", written.getvalue()


@pytest.fixture
def kari(fjord):
    return someone(fjord, Role.EMPLOYEE)


@pytest.fixture
def boss(fjord):
    return someone(fjord, Role.OWNER)


def someone(client, role):
    person = a_person(name="Kari Nordmann" if role is Role.EMPLOYEE else "Ola Sjef")
    give_access(client, person, role)
    return person


TAXI = {"category": "travel", "shop": "Oslo Taxi", "paid_on": "2026-03-10", "paid": "112", "vat": "12,00"}


def a_claim(client, person, *receipts, picture=True, **values):
    by = f"person:{person.pk}"
    claim = expenses.begin(client, person, key=f"k{next(_colours)}", purpose="Messe", by=by)
    given = {"from_on": "2026-03-09", "to_on": "2026-03-10", "account": ACCOUNT[client.country]} | values
    expenses.change(client, claim, person, given, by=by)
    for number, receipt in enumerate(receipts):
        shown = a_picture() if picture else None
        expenses.add_receipt(client, claim, person, key=f"r{number}", values=receipt, picture=shown, by=by)
    return claim


def handed_in(client, person, *receipts, **values):
    claim = a_claim(client, person, *receipts, **values)
    expenses.hand_in(client, claim, person, by=f"person:{person.pk}", today=TODAY)
    return claim


def said_yes(client, claim, boss):
    sha256 = queries.claim(client, claim, today=TODAY).sha256
    return expenses.approve(client, claim, boss, sha256=sha256, today=TODAY)


def test_a_claim_is_posted_with_the_last_yes_and_waits_to_be_paid(fjord, kari, boss):
    claim = handed_in(fjord, kari, TAXI, {"category": "food", "shop": "Kaffe", "paid_on": "2026-03-09",
                                          "paid": "89,50", "vat": "11,67"})  # fmt: skip
    said_yes(fjord, claim, boss)
    assert booked(fjord, series="U") == (
        "1  2026-03-10  5990  89.50\n1  2026-03-10  7140  100.00\n"
        "1  2026-03-10  2713  12.00\n1  2026-03-10  2400  -201.50"
    )
    (item,) = open_items(fjord)
    assert (item.party_name, str(item.left), item.number) == ("Kari Nordmann", "-201.50", f"U{claim}")
    assert not item.on_hold
    assert party_accounts(fjord)[item.party] == [("86011117947", 2)] or party_accounts(fjord)[item.party] == [
        ("86011117947", 1)
    ]
    shown = queries.claim(fjord, claim, today=TODAY)
    assert shown.row.state == "posted"
    why = Act.objects.get(client=fjord, kind="expenses.posted")
    assert len(why.evidence["files"]) == 2 and why.evidence["total"] == "201.50"


def test_the_bank_pays_it_as_any_bill(fjord, kari, boss):
    from nattbok.bank.actions import payments
    from tests.bank.paying import an_account

    an_account(fjord)
    claim = handed_in(fjord, kari, TAXI)
    said_yes(fjord, claim, boss)
    found = payments.propose(fjord, Wanted(through=TODAY), by="test", today=TODAY)
    assert len(found.payments) == 1 and not found.left


def test_nothing_is_handed_in_while_something_is_missing(fjord, kari):
    claim = a_claim(fjord, kari, TAXI | {"shop": ""}, picture=False, account="")
    with pytest.raises(shape.NotComplete):
        expenses.hand_in(fjord, claim, kari, by="test", today=TODAY)
    named = [str(words) for words in queries.claim(fjord, claim, today=TODAY).missing]
    assert named == [
        "the account number to be paid to",
        "the shop of receipt 1",
        "a picture of receipt 1 (–), or why there is none",
    ]


@pytest.mark.parametrize(
    "values, refusal",
    [
        ({"paid": "-5"}, shape.NotAReceiptAmount),
        ({"paid": "1e9"}, shape.NotAReceiptAmount),
        ({"paid": "12.345"}, ThousandsOrDecimals),
        ({"paid": "NaN"}, shape.NotAReceiptAmount),
        ({"paid_on": "2026-02-30"}, NotADay),
        ({"currency": "EURO"}, shape.NotACurrency),
        ({"currency": "EUR", "rate": "0,0"}, None),
        ({"category": "mileage"}, shape.MileageIsPay),
        ({"category": "gifts"}, shape.UnknownCategory),
        ({"paid": "100", "vat": "50"}, shape.TooMuchVat),
    ],
)
def test_what_cannot_be_is_refused_in_words(fjord, kari, values, refusal):
    claim = a_claim(fjord, kari)
    if refusal is None:
        expenses.add_receipt(fjord, claim, kari, key="x", values=values, by="test")
        return
    with pytest.raises(refusal), transaction.atomic():
        expenses.add_receipt(fjord, claim, kari, key="x", values=values, by="test")
    assert not queries.claim(fjord, claim, today=TODAY).receipts


def test_an_account_number_is_checked(fjord, kari):
    claim = a_claim(fjord, kari)
    with pytest.raises(NotAnAccount):
        expenses.change(fjord, claim, kari, {"account": "8601 11 17948"}, by="test")


def test_what_the_phone_sends_twice_is_one(fjord, kari):
    picture = a_picture()
    claims = {expenses.begin(fjord, kari, key="on-the-phone", by="test") for _time in range(2)}
    (claim,) = claims
    added = [
        expenses.add_receipt(fjord, claim, kari, key=key, values=TAXI, picture=picture, by="test")
        for key in ("a", "a", "b")  # b: the same picture under another id
    ]
    assert len({one.receipt for one in added}) == 1
    assert [one.is_repeat for one in added] == [False, True, True]
    assert File.objects.filter(client=fjord).count() == 1


def test_a_receipt_is_paid_back_once(fjord, kari):
    picture = a_picture()
    first = a_claim(fjord, kari)
    expenses.add_receipt(fjord, first, kari, key="a", values=TAXI, picture=picture, by="test")
    second = a_claim(fjord, kari)
    with pytest.raises(shape.ReceiptOfAnother), transaction.atomic():
        expenses.add_receipt(fjord, second, kari, key="a", values=TAXI, picture=picture, by="test")
    # Photographed anew it is another picture, but of the same day and amount: both are shown.
    expenses.add_receipt(fjord, second, kari, key="c", values=TAXI, picture=a_picture(), by="test")
    assert queries.claim(fjord, second, today=TODAY).receipts[0].alike == (first,)


def test_a_receipt_in_another_currency_keeps_both_amounts(fjord, kari, boss):
    expenses.set_rate(fjord, "eur", datetime.date(2026, 3, 6), "11,4020", source="Norges Bank", by="test")
    hotel = {"category": "travel", "shop": "Hotel Adlon", "paid_on": "2026-03-08", "currency": "EUR",
             "paid": "100.00", "vat": "7"}  # fmt: skip
    claim = handed_in(fjord, kari, hotel)
    (receipt,) = queries.claim(fjord, claim, today=TODAY).claim.receipts
    assert (str(receipt.paid), str(receipt.amount), str(receipt.vat)) == ("100.00", "1140.20", "0.00")
    assert receipt.rate_on == datetime.date(2026, 3, 6)
    said_yes(fjord, claim, boss)
    assert "7140  1140.20" in booked(fjord, series="U")


def test_a_rate_that_comes_later_is_used_by_all_that_wait_for_it(fjord, kari):
    claim, day = a_claim(fjord, kari), datetime.date(2026, 3, 6)
    hotel = {"category": "travel", "shop": "Hotel", "paid_on": "2026-03-08", "currency": "EUR"}
    for place in range(3):
        values = hotel | {"paid": f"{place + 1}00.00"}
        expenses.add_receipt(fjord, claim, kari, key=f"r{place}", values=values, by="test")
    assert {one.receipt.amount for one in queries.claim(fjord, claim, today=TODAY).receipts} == {None}
    with CaptureQueriesContext(connection) as asked:
        expenses.set_rate(fjord, "EUR", day, "11.40", source="Norges Bank", by="test")
    assert sum('UPDATE "expenses_expensereceipt"' in each["sql"] for each in asked) == 1
    found = queries.claim(fjord, claim, today=TODAY).receipts
    assert [str(one.receipt.amount) for one in found] == ["1140.00", "2280.00", "3420.00"]
    assert {one.rate_source for one in found} == {"Norges Bank"}


def test_a_receipt_that_a_rate_makes_nothing_of_does_not_keep_the_rate_from_the_others(fjord, kari):
    claim, day = a_claim(fjord, kari), datetime.date(2026, 3, 6)
    for place, paid in enumerate(("0.01", "10000.00")):
        values = {"category": "travel", "shop": "X", "paid_on": "2026-03-08", "currency": "JPY", "paid": paid}
        expenses.add_receipt(fjord, claim, kari, key=f"r{place}", values=values, by="test")
    expenses.set_rate(fjord, "JPY", day, "0.0712", source="Norges Bank", by="test")
    found = queries.claim(fjord, claim, today=TODAY).receipts
    assert [one.receipt.amount for one in found] == [None, Decimal("712.00")]


@pytest.mark.parametrize("rate", ["99999999999999999999", "0.000000001", "-1", "0"])
def test_a_rate_that_no_money_has_is_refused_in_words(fjord, rate):
    with pytest.raises(Refused):
        expenses.set_rate(fjord, "EUR", datetime.date(2026, 3, 6), rate, source="x", by="test")


def test_what_was_approved_to_be_paid_back_is_not_corrected_past_the_approval(fjord, kari, boss):
    claim = handed_in(fjord, kari, TAXI)
    posted = said_yes(fjord, claim, boss)
    lines = lines_of(fjord, [posted.id])[posted.id]
    entry = Entry.objects.get(pk=posted.id)

    def correct(**change):
        drafted = tuple(
            replace(line, **{name: made(line) for name, made in change.items()}) for line in lines
        )
        draft = EntryDraft(entry.date, "U", "x", entry.text, drafted)
        return undoing.correct(fjord, posted.id, draft, by="test", why="feil")

    with pytest.raises(ClaimApproved):
        correct(amount=lambda line: line.amount * 2, currency_amount=lambda line: line.currency_amount * 2)
    other = a_party(fjord, PartyKind.SUPPLIER, "En annen")
    with pytest.raises(ClaimApproved):
        correct(party=lambda line: other if line.party else None)
    correct(account=lambda line: "7100" if line.account == "7140" else line.account)
    assert "7100" in booked(fjord, series="U")


def test_only_another_with_the_right_approves_what_they_saw(fjord, kari, boss):
    claim = handed_in(fjord, kari, TAXI)
    sha256 = queries.claim(fjord, claim, today=TODAY).sha256
    with pytest.raises(NotYourRight):
        expenses.approve(fjord, claim, kari, sha256=sha256, today=TODAY)
    with pytest.raises(shape.ChangedSince):
        expenses.approve(fjord, claim, boss, sha256="0" * 64, today=TODAY)
    own = handed_in(fjord, boss, TAXI | {"shop": "Min"})
    with pytest.raises(shape.OwnClaim):
        said_yes(fjord, own, boss)


def test_a_returned_claim_is_put_right_and_handed_in_again(fjord, kari, boss):
    claim = handed_in(fjord, kari, TAXI)
    with pytest.raises(shape.ClaimClosed):
        expenses.change(fjord, claim, kari, {"purpose": "noe annet"}, by="test")
    with pytest.raises(DatabaseError), transaction.atomic():
        ExpenseReceipt.objects.filter(client=fjord, claim=claim).update(shop="Et annet sted")
    with pytest.raises(shape.NoReturnReason):
        expenses.give_back(fjord, claim, boss, why=" ")
    seen = queries.claim(fjord, claim, today=TODAY).sha256
    expenses.give_back(fjord, claim, boss, why="Hvem var med?")
    shown = queries.claim(fjord, claim, today=TODAY)
    assert shown.row.is_returned and shown.returned_why == "Hvem var med?"
    expenses.change(fjord, claim, kari, {"purpose": "Messe med kunde"}, by="test")
    expenses.hand_in(fjord, claim, kari, by="test", today=TODAY)
    with pytest.raises(shape.ChangedSince):
        expenses.approve(fjord, claim, boss, sha256=seen, today=TODAY)
    said_yes(fjord, claim, boss)
    assert queries.claim(fjord, claim, today=TODAY).row.state == "posted"


def test_what_is_posted_is_taken_back_and_posted_again(fjord, kari, boss):
    claim = handed_in(fjord, kari, TAXI)
    posted = said_yes(fjord, claim, boss)
    with pytest.raises(shape.StandsInTheBooks):
        expenses.give_back(fjord, claim, boss, why="feil")
    expenses.take_back(fjord, claim, by="test", why="feil konto")
    assert queries.claim(fjord, claim, today=TODAY).row.state == "approved"
    assert not open_items(fjord)
    again = expenses.post(fjord, claim, by="test", today=TODAY)
    with pytest.raises(shape.NotApproved):
        expenses.post(fjord, claim, by="test", today=TODAY)
    assert again.id != posted.id
    reverse(fjord, [again.id], by="test", why="hele natten")  # as undoing a night does
    expenses.give_back(fjord, claim, boss, why="feil")
    assert queries.claim(fjord, claim, today=TODAY).row.state == "open"


def test_in_a_closed_period_it_is_dated_the_first_open_day(fjord, kari, boss):
    claim = handed_in(fjord, kari, TAXI)
    close_through(fjord, datetime.date(2026, 3, 31), by="test", why="mars")
    said_yes(fjord, claim, boss)
    assert "1  2026-04-01  2400  -112.00" in booked(fjord, series="U")


def test_what_was_read_fills_in_what_nobody_typed(fjord, kari):
    claim = a_claim(fjord, kari, {"shop": "Skrevet selv"})
    receipt = queries.claim(fjord, claim, today=TODAY).receipts[0].receipt.id
    read = {
        "supplier_name": {"value": "NARVESEN", "confidence": 0.7},
        "issue_date": {"value": "2026-03-09", "confidence": 0.9},
        "total": {"value": "125.00", "confidence": 0.99},
        "vat_total": {"value": "99.00", "confidence": 0.2},  # cannot be: left for the person
        "currency": {"value": "NOK", "confidence": 0.9},
    }
    expenses.keep_reading(fjord, claim, receipt, kari, read, by="test")
    (shown,) = queries.claim(fjord, claim, today=TODAY).receipts
    found = shown.receipt
    assert (found.shop, str(found.paid), str(found.vat)) == ("Skrevet selv", "125.00", "0.00")
    assert shown.reading["total"]["confidence"] == 0.99


def test_a_swedish_claim_is_posted_by_swedish_law(skog):
    kari, boss = someone(skog, Role.EMPLOYEE), someone(skog, Role.OWNER)
    claim = handed_in(skog, kari, TAXI | {"paid": "106", "vat": "6"}, account="SE4550000000058398257466")
    said_yes(skog, claim, boss)
    assert booked(skog, series="U") == (
        "1  2026-03-10  5800  100.00\n1  2026-03-10  2640  6.00\n1  2026-03-10  2440  -106.00"
    )
