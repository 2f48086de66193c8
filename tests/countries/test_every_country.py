"""What is asked of every country: a new package beside the others is tested here without being told."""

import json
from collections import Counter
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nattbok.countries.country import AccountKind, Country, VatDirection
from nattbok.countries.known import UnknownCountry, codes, country

SCENARIOS = Path(__file__).parents[3] / "shared" / "data" / "bank" / "scenarios"
ON = date(2026, 3, 12)
numbers = st.from_regex(r"[0-9]{3,20}", fullmatch=True).filter(lambda number: number.strip("0"))


@pytest.fixture(params=codes())
def land(request):
    return country(request.param)


def test_every_field_is_filled(land):
    empty = [field.name for field in fields(Country) if getattr(land, field.name) in ("", None, (), {})]
    assert empty == []
    assert [field.name for field in fields(land.accounts) if not getattr(land.accounts, field.name)] == []
    assert country(land.code) is land


def test_a_country_we_do_not_know():
    with pytest.raises(UnknownCountry, match="We do not keep books in XX"):
        country("XX")


def test_the_chart_has_each_account_once_with_names_of_its_own(land):
    for names in (
        [account.number for account in land.chart],
        [account.name for account in land.chart],
        [account.name_en for account in land.chart],
    ):
        assert all(names)
        assert [name for name, count in Counter(names).items() if count > 1] == []
    assert [account.number for account in land.chart] == sorted(account.number for account in land.chart)
    assert {account.kind for account in land.chart} == set(AccountKind)


def test_what_the_postings_need_is_in_the_chart(land):
    chart = {account.number: account for account in land.chart}
    needed = {getattr(land.accounts, field.name) for field in fields(land.accounts)}
    assert needed - chart.keys() == set()
    assert chart[land.accounts.customers].control == "customer"
    assert chart[land.accounts.suppliers].control == "supplier"
    assert {account.control for account in land.chart} == {"", "customer", "supplier"}
    assert chart[land.accounts.equity].kind is AccountKind.EQUITY
    assert chart[land.accounts.bank].kind is AccountKind.ASSET


def test_every_vat_code_of_the_chart_is_known_and_goes_the_right_way(land):
    for account in land.chart:
        if account.vat_code:
            code = land.vat_codes[account.vat_code]
            if account.kind is AccountKind.INCOME:
                assert code.direction in (VatDirection.OUTPUT, VatDirection.NONE), account
            else:
                assert code.direction is not VatDirection.OUTPUT, account


def test_every_vat_code_is_whole(land):
    chart = {account.number for account in land.chart}
    names = [code.name for code in land.vat_codes.values()]
    assert len(set(names)) == len(names)
    for key, code in land.vat_codes.items():
        assert key == code.code
        assert code.name
        assert code.name_en
        assert code.standard_code
        since = [day for day, _ in code.rates]
        assert since == sorted(set(since))
        assert {code.output_account, code.input_account} - {""} <= chart
        percent = code.rate(ON)
        assert 0 <= percent < 100
        owes = code.direction in (VatDirection.OUTPUT, VatDirection.REVERSE)
        deducts = code.direction is VatDirection.INPUT or (
            code.direction is VatDirection.REVERSE and code.is_deductible
        )
        assert bool(code.output_account) == (owes and percent > 0), code
        assert bool(code.input_account) == (deducts and percent > 0), code
        with pytest.raises(ValueError, match="no rate on"):
            code.rate(since[0] - timedelta(days=1))


def test_vat_accounts_carry_no_code_themselves(land):
    """Or the VAT of a line would be counted as a base."""
    posted_to = {code.output_account for code in land.vat_codes.values()}
    posted_to |= {code.input_account for code in land.vat_codes.values()}
    assert [account for account in land.chart if account.number in posted_to and account.vat_code] == []


def test_an_ordinary_purchase_at_home_has_a_code_with_its_own_rate(land):
    rates = {code.rate(ON) for code in land.vat_codes.values() if code.direction is VatDirection.INPUT}
    for percent in rates:
        code = land.vat_codes[land.purchase_vat_code("S", percent, land.code, ON)]
        assert code.direction is VatDirection.INPUT
        assert code.rate(ON) == percent
    for category in ("Z", "E", "O"):
        code = land.vat_codes[land.purchase_vat_code(category, Decimal(0), land.code, ON)]
        assert code.rate(ON) == 0


@given(
    category=st.sampled_from(["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "", "?"]),
    percent=st.none()
    | st.decimals(-1, 100, places=2)
    | st.sampled_from([Decimal(n) for n in (6, 12, 15, 25)]),
    seller=st.sampled_from(["NO", "SE", "DK", "DE", "GB", "US", ""]),
    on=st.dates(date(1960, 1, 1), date(2060, 1, 1)),
)
@example(category="S", percent=None, seller="NO", on=date(2003, 12, 31))  # before the first middle rate
def test_a_purchase_code_is_never_a_guess(category, percent, seller, on):
    for land in map(country, codes()):
        found = land.purchase_vat_code(category, percent, seller, on)
        if found is None:
            continue
        assert seller == land.code
        code = land.vat_codes[found]
        assert code.direction is not VatDirection.OUTPUT
        if category == "S":
            assert code.rate(on) == percent
        else:
            assert not percent


@settings(max_examples=200)
@given(number=numbers, data=st.data())
def test_references_are_valid_as_made_and_not_with_one_wrong_digit(number, data):
    for land in map(country, codes()):
        for method in land.references.methods:
            reference = land.references.make(number, method=method)
            assert land.references.is_valid(reference)
            assert land.references.is_valid(reference, lengths=[len(reference)], methods=[method])
            assert not land.references.is_valid(reference, lengths=[len(reference) + 1])
            place = data.draw(st.integers(0, len(reference) - 2))
            wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != reference[place]]))
            assert not land.references.is_valid(
                reference[:place] + wrong + reference[place + 1 :], methods=[method]
            )


@given(number=numbers, length=st.integers(3, 25))
def test_a_reference_fills_its_agreed_length_or_is_refused(number, length):
    for land in map(country, codes()):
        for method in land.references.methods:
            try:
                reference = land.references.make(number, method=method, length=length)
            except ValueError:
                assert len(number) + 2 > length
                continue
            assert len(reference) == length
            assert land.references.is_valid(reference, lengths=(length,), methods=(method,))


@given(st.text(max_size=30))
def test_any_text_is_looked_at_without_trouble(text):
    for land in map(country, codes()):
        assert land.references.is_valid(text) in (True, False)
        assert text not in land.references.near(text, [text, "123456782"])
        assert land.is_org_number(text) in (True, False)
        assert not land.is_org_number(text) or land.is_org_number(land.normal_org_number(text))
        normal = land.normal_account(text)
        assert land.normal_account(normal) == normal
        assert land.same_account(text, text) == bool(normal)


@pytest.mark.parametrize(
    "bad", ["", "1", "0", "00", "0000000", "1" * 26, "12345678²", "١٢٣", "12 34", "-", "--"]
)
def test_what_is_no_reference(land, bad):
    assert not land.references.is_valid(bad)


@pytest.mark.parametrize("bad", ["", "000", "12a", "²", "-1", "1" * 25])
def test_what_no_reference_is_made_of(land, bad):
    with pytest.raises(ValueError, match=r"made of digits|longer than"):
        land.references.make(bad)


@settings(max_examples=200)
@given(number=st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), data=st.data())
def test_near_finds_what_one_slip_made(number, data):
    for land in map(country, codes()):
        meant = land.references.make(number)
        place = data.draw(st.integers(0, len(meant) - 2))
        digit = data.draw(st.sampled_from("0123456789"))
        slips = [
            meant[:place] + digit + meant[place + 1 :],
            meant[:place] + meant[place + 1 :],
            meant[:place] + digit + meant[place:],
            meant[:place] + meant[place + 1] + meant[place] + meant[place + 2 :],
        ]
        for slip in slips:
            found = land.references.near(slip, [meant, "9", "4444444444444444444444444"])
            assert found == ([] if slip == meant else [meant])


def test_near_finds_the_same_number_behind_an_old_prefix(land):
    make = land.references.make
    known = [make("000100010528"), make("000100010529"), make("000200020001"), make("10777")]
    assert land.references.near(make("777700010528"), known) == [known[0]]
    assert land.references.near(make("99910777"), known) == [known[3]]
    assert land.references.near(make("555512340000"), known) == []
    assert land.references.near("", known) == []


def test_near_knows_an_old_prefix_whatever_the_method(land):
    for method in land.references.methods:
        old, new = (land.references.make(f"{prefix}10777", method=method) for prefix in ("999", "4400"))
        assert land.references.near(old, [new]) == [new]


def test_a_bank_day_is_a_weekday_and_the_next_one_is_never_far(land):
    day = date(2026, 1, 1)
    while day.year < 2029:
        following = land.next_bank_day(day)
        assert land.is_bank_day(following)
        assert following.weekday() < 5
        assert following - day <= timedelta(days=5)
        assert (following == day) == land.is_bank_day(day)
        day += timedelta(days=1)


def test_a_day_that_means_never_has_a_next_bank_day_too(land):
    assert land.next_bank_day(date.max) == date.max


@pytest.mark.parametrize("world", ["no_20260312", "se_20260312"])
def test_the_numbers_of_an_invented_office_are_right(world):
    path = SCENARIOS / world / "world.json"
    if not path.exists():
        pytest.skip("the scenarios are not beside the project")
    data = json.loads(path.read_text(encoding="utf-8"))
    land = country(data["client"]["country"])
    assert land.normal_account(data["client"]["iban"])
    for customer in data["customers"]:
        assert land.is_org_number(customer["orgnr"]), customer
        assert land.normal_account(customer["bank_account"]) == customer["bank_account"], customer
    references = [item["reference"] for item in data["open_items"] if item.get("reference")]
    assert references
    assert [reference for reference in references if not land.references.is_valid(reference)] == []
