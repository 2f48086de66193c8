"""What a claim lacks, what its receipts come to, and that its entry is to the øre what was paid."""

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.countries.known import codes, country
from nattbok.expenses.rules import checking, entry
from nattbok.expenses.rules.shape import Claim, Receipt, TooMuchVat

TODAY = datetime.date(2026, 3, 12)
LAW = country("NO")
TAXI = Receipt(1, "travel", "Oslo Taxi", TODAY, "NOK", Decimal("112.00"), None, None, Decimal("112.00"),
               Decimal("12.00"), "", 7)  # fmt: skip
CLAIM = Claim(3, 5, "Kari", "Messe i Bergen", TODAY, TODAY, "86011117947", (TAXI,))


@pytest.mark.parametrize(
    "changes, lacks",
    [
        ({}, []),
        ({"purpose": " "}, ["what it was for"]),
        ({"account": "", "from_on": None}, ["the first day", "the account number to be paid to"]),
        ({"to_on": TODAY - datetime.timedelta(days=1)}, ["a last day that is not before the first"]),
        ({"receipts": ()}, ["at least one receipt"]),
        ({"receipts": (replace(TAXI, paid=None, amount=None),)}, ["the amount of receipt 1 (Oslo Taxi)"]),
        ({"receipts": (replace(TAXI, file=None),)},
         ["a picture of receipt 1 (Oslo Taxi), or why there is none"]),
        ({"receipts": (replace(TAXI, file=None, why_no_file="the machine was out of paper"),)}, []),
        ({"receipts": (replace(TAXI, currency="EUR"),)}, ["the exchange rate of receipt 1 (Oslo Taxi)"]),
        ({"receipts": (replace(TAXI, category="representation"),)},
         ["who took part, and why, at receipt 1 (Oslo Taxi)"]),
        ({"receipts": (TAXI, replace(TAXI, category="", shop=""))},
         ["the kind of receipt 2 (–)", "the shop of receipt 2"]),
        ({"receipts": (replace(TAXI, paid_on=TODAY + datetime.timedelta(days=1)),)},
         ["a day of receipt 1 (Oslo Taxi) that is not yet to come"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_named(changes, lacks):
    found = checking.missing(replace(CLAIM, **changes), law=LAW, currency="NOK", today=TODAY)
    assert [str(words) for words in found] == lacks


@pytest.mark.parametrize(
    "land, category, amount, vat, code, deducted",
    [
        ("NO", "travel", "112.00", "12.00", "13", "12.00"),
        ("NO", "travel", "125.00", "25.00", "1", "25.00"),  # parking
        ("NO", "travel", "112.00", "0.00", "0", "0.00"),
        ("NO", "travel", "112.00", "7.31", "0", "0.00"),  # several rates on one receipt: nothing is guessed
        ("NO", "purchase", "1000.00", "200.00", "1", "200.00"),
        ("NO", "purchase", "1000.00", "200.01", "1", "200.01"),  # the shop rounded each article
        ("NO", "food", "115.00", "15.00", "0", "0.00"),  # serving: no deduction
        ("NO", "representation", "500.00", "100.00", "0", "0.00"),
        ("SE", "purchase", "125.00", "25.00", "I25", "25.00"),
        ("SE", "food", "112.00", "12.00", "I12", "12.00"),
        ("SE", "travel", "106.00", "6.00", "I6", "6.00"),
        ("SE", "representation", "112.00", "12.00", "0", "0.00"),
    ],
)
def test_vat_is_deducted_only_as_the_law_lets_and_the_rate_proves(
    land, category, amount, vat, code, deducted
):
    law = country(land)
    receipt = replace(
        TAXI, category=category, currency=law.currency, amount=Decimal(amount), vat=Decimal(vat)
    )
    assert checking.vat_code(receipt, law=law, currency=law.currency) == (code, Decimal(deducted))


def test_vat_paid_abroad_is_cost():
    receipt = replace(TAXI, currency="EUR", rate=Decimal("11.5"))
    assert checking.vat_code(receipt, law=LAW, currency="NOK") == ("0", Decimal("0.00"))


def test_more_vat_than_any_rate_makes_is_refused():
    checking.check_vat(Decimal("125.00"), Decimal("25.01"), law=LAW, on=TODAY)
    with pytest.raises(TooMuchVat):
        checking.check_vat(Decimal("125.00"), Decimal("25.02"), law=LAW, on=TODAY)


@pytest.mark.parametrize(
    "on, found",
    [("2026-03-06", "11.40"), ("2026-03-08", "11.40"), ("2026-03-13", "11.40"), ("2026-03-14", None)],
)
def test_the_rate_is_the_days_or_the_last_before_it(on, found):
    kept = (("2026-03-06", "11.40"), ("2026-02-01", "11.20"))
    rates = [(datetime.date.fromisoformat(day), Decimal(rate), "Norges Bank") for day, rate in kept]
    rate = checking.rate_of(rates, datetime.date.fromisoformat(on))
    assert (str(rate[1]) if rate else None) == found


def test_the_same_receipt_is_recognised():
    again = replace(TAXI, id=2, file=8, shop="OSLO TAXI AS")
    other = replace(TAXI, id=3, file=9, paid=Decimal("113.00"))
    assert checking.alike(TAXI, [TAXI, again, other]) == [again]


@pytest.mark.parametrize("code", codes())
def test_every_category_is_posted_to_an_account_of_the_chart_with_codes_that_deduct(code):
    law = country(code)
    accounts = {account.number: account for account in law.chart}
    assert {"food", "phone", "purchase", "travel", "representation"} <= set(law.expenses)
    for name, category in law.expenses.items():
        assert accounts[category.account].kind.value == "cost", name
        assert all(law.vat_codes[each].input_account in accounts for each in category.vat_codes), name
    assert law.vat_codes[law.no_vat_code].direction.value == "none"
    assert set(law.paid_from.values()) <= set(accounts)


money = st.decimals("0.01", "99999.99", places=2)


@given(
    land=st.sampled_from(["NO", "SE"]),
    parts=st.lists(
        st.tuples(
            st.sampled_from(["food", "phone", "purchase", "travel", "representation"]),
            money,
            st.sampled_from([0, 6, 12, 15, 25]),
            st.none() | st.decimals("0.05", "20", places=4),
        ),
        min_size=1,
        max_size=8,
    ),
)
@settings(max_examples=120, deadline=None)
def test_the_entry_is_what_was_paid_to_the_ore(land, parts):
    law = country(land)
    receipts = []
    for place, (category, paid, percent, rate) in enumerate(parts):
        amount = paid if rate is None else checking.converted(paid, rate)
        if amount <= 0:
            continue
        vat = checking.most_vat(amount, Decimal(percent)) if rate is None else Decimal("0.00")
        currency = law.currency if rate is None else "EUR"
        receipts.append(Receipt(place, category, "Butikk", TODAY, currency, paid, rate, TODAY, amount, vat))
    claim = replace(CLAIM, receipts=tuple(receipts))
    drafted = entry.entry(claim, party=1, law=law, currency=law.currency, on=TODAY, due_on=TODAY)
    assert sum(line.amount for line in drafted.lines) == 0
    (owed,) = [line for line in drafted.lines if line.party is not None]
    assert -owed.amount == claim.total == sum((one.amount for one in receipts), Decimal(0))
    stated = sum((one.vat for one in receipts), Decimal(0))
    deducted = sum((line.amount for line in drafted.lines if line.vat_base is not None), Decimal(0))
    assert 0 <= deducted <= stated
    for line in drafted.lines:
        if line.currency:
            assert line.currency_amount is not None and line.rate is not None
