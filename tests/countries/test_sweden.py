"""Sweden: what the law and the official lists say, looked up and written down."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from nattbok.base.dates import in_force
from nattbok.countries.country import VatDirection
from nattbok.countries.se import SWEDEN

FACTS = Path(__file__).parents[3] / "shared" / "data" / "reporting" / "se" / "facts.json"
needs_facts = pytest.mark.skipif(not FACTS.exists(), reason="the list of boxes is not beside the project")
ON = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("number", "method", "reference"),
    [
        ("10522", "luhn", "105221"),
        ("10522", "luhn-length", "1052273"),  # seven digits in all
        ("12345678", "luhn", "123456782"),
    ],
)
def test_references(number, method, reference):
    assert SWEDEN.references.make(number, method=method) == reference
    assert SWEDEN.references.is_valid(reference, methods=[method])


def test_a_length_digit_is_asked_for_only_where_it_is_agreed():
    assert not SWEDEN.references.is_valid("105221", methods=["luhn-length"])
    assert SWEDEN.references.is_valid("105221", methods=["luhn", "luhn-length"])


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2026-01-05", True),
        ("2026-01-06", False),  # Epiphany
        ("2026-04-02", True),  # Maundy Thursday
        ("2026-04-03", False),
        ("2026-04-06", False),
        ("2026-05-14", False),
        ("2026-05-25", True),  # Whit Monday is none since 2005
        ("2025-06-06", False),  # the national day
        ("2026-06-18", True),
        ("2026-06-19", False),  # Midsummer Eve
        ("2020-06-19", False),
        ("2027-06-25", False),
        ("2026-12-23", True),
        ("2026-12-24", False),
        ("2026-12-30", True),
        ("2026-12-31", False),
    ],
)
def test_bank_days(day, is_open):
    assert SWEDEN.is_bank_day(date.fromisoformat(day)) == is_open


@pytest.mark.parametrize(
    ("category", "percent", "seller", "code"),
    [
        ("S", "25", "SE", "I25"),
        ("S", "12.00", "SE", "I12"),
        ("S", "6", "SE", "I6"),
        ("S", "15", "SE", None),
        ("S", None, "SE", None),
        ("E", "0", "SE", "0"),
        ("O", None, "SE", "0"),
        ("AE", "0", "SE", None),  # goods or building work: two boxes
        ("K", "0", "DE", None),  # which rate of ours?
        ("S", "25", "NO", None),
        ("S", "25", "DK", None),
    ],
)
def test_purchase_vat_code(category, percent, seller, code):
    percent = None if percent is None else Decimal(percent)
    assert SWEDEN.purchase_vat_code(category, percent, seller, ON) == code


@pytest.mark.parametrize(
    ("day", "percent"),
    [("2026-03-31", 12), ("2026-04-01", 6), ("2027-12-31", 6), ("2028-01-01", 12)],
)
def test_food_is_cheaper_for_a_while(day, percent):
    assert in_force(SWEDEN.goods_rates["food"], date.fromisoformat(day)) == percent


@needs_facts
def test_every_box_is_one_of_the_return_and_vat_goes_where_it_is_summed():
    boxes = json.loads(FACTS.read_text())["eskd"]["boxes"]
    for code in SWEDEN.vat_codes.values():
        assert {code.base_box, code.vat_box, code.deduction_box} - {""} <= boxes.keys()
        assert bool(code.vat_box) == bool(code.output_account)
        assert (code.deduction_box == "48") == bool(code.input_account)
        if code.direction is not VatDirection.INPUT and code.is_reported:
            assert code.base_box
        if code.vat_box:  # Hog, Medel, Lag stand for 25, 12 and 6
            level = {"25": "Hog", "12": "Medel", "6": "Lag"}[str(code.rate(ON))]
            assert boxes[code.vat_box].endswith(level)


@pytest.mark.parametrize(
    ("number", "normal"),
    [
        ("996-0576", "9960576"),
        ("9960576", "9960576"),
        ("BG 996-0576", "9960576"),
        ("996-0577", ""),
        ("SE57 9999 4793 8092 7525 3093", "SE5799994793809275253093"),
        ("NO93 8601 11 17947", "NO9386011117947"),
        ("12345-5", "PG123455"),
        ("PG 12 34 55", "PG123455"),
        ("996057-6", "PG9960576"),  # the hyphen tells plusgiro from bankgiro
        ("9999-5253093", ""),  # a clearing number has no check of its own
        ("", ""),
    ],
)
def test_an_account_has_one_form(number, normal):
    assert SWEDEN.normal_account(number) == normal


@pytest.mark.parametrize(
    "number", ["5599748521", "559974-8521", "165599748521", "SE559974852101", "16559974-8521"]
)
def test_org_numbers(number):
    assert SWEDEN.is_org_number(number)
    assert SWEDEN.normal_org_number(number) == "5599748521"


@pytest.mark.parametrize("number", ["5599748522", "0000000000", "559974852", "", "SE01"])
def test_what_is_no_org_number(number):
    assert not SWEDEN.is_org_number(number)
