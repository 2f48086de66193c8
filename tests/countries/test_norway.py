"""Norway: what the law and the official lists say, looked up and written down."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from nattbok.countries.country import VatDirection
from nattbok.countries.no import NORWAY

SHARED = Path(__file__).parents[3] / "shared" / "data" / "reporting" / "no"
needs_lists = pytest.mark.skipif(
    not SHARED.exists(), reason="the official code lists are not beside the project"
)
ON = date(2026, 3, 12)


@pytest.mark.parametrize(("method", "reference"), [("mod10", "123456782"), ("mod11", "123456785")])
def test_the_check_digits_of_the_specification(method, reference):
    assert NORWAY.references.make("12345678", method=method) == reference
    assert NORWAY.references.is_valid(reference, methods=[method])


def test_a_mod11_check_of_ten_is_written_as_a_hyphen():
    reference = next(
        made for n in range(1, 99) if (made := NORWAY.references.make(str(n), method="mod11")).endswith("-")
    )
    assert NORWAY.references.is_valid(reference, methods=["mod11"])
    assert not NORWAY.references.is_valid(reference, methods=["mod10"])
    assert not NORWAY.references.is_valid(f"-{reference}")


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2026-01-01", False),
        ("2026-01-06", True),  # no holiday here
        ("2026-04-01", True),
        ("2026-04-02", False),  # Maundy Thursday
        ("2026-04-03", False),
        ("2026-04-06", False),
        ("2026-05-01", False),
        ("2026-05-14", False),  # Ascension
        ("2026-05-15", True),
        ("2026-05-17", False),
        ("2027-05-17", False),  # the national day on a Monday
        ("2026-05-25", False),  # Whit Monday
        ("2026-06-19", True),
        ("2026-12-24", True),
        ("2026-12-25", False),
        ("2026-12-31", True),
        ("2026-03-14", False),  # a Saturday
    ],
)
def test_bank_days(day, is_open):
    assert NORWAY.is_bank_day(date.fromisoformat(day)) == is_open


def test_easter_is_long():
    assert NORWAY.next_bank_day(date(2026, 4, 2)) == date(2026, 4, 7)


@pytest.mark.parametrize(
    ("category", "percent", "seller", "on", "code"),
    [
        ("S", "25", "NO", ON, "1"),
        ("S", "25.00", "no", ON, "1"),
        ("S", "15", "NO", ON, "11"),
        ("S", "12", "NO", ON, "13"),
        ("S", "11.11", "NO", ON, "12"),
        ("S", "6", "NO", ON, None),  # the low rate of the pandemic
        ("S", "6", "NO", date(2021, 9, 30), "13"),
        ("S", "12", "NO", date(2021, 9, 30), None),
        ("S", None, "NO", ON, None),
        ("S", "0", "NO", ON, None),
        ("Z", "0", "NO", ON, "0"),
        ("E", None, "NO", ON, "0"),
        ("O", None, "NO", ON, "0"),
        ("E", "25", "NO", ON, None),  # says two things
        ("AE", "0", "NO", ON, "91"),
        ("K", "0", "NO", ON, "91"),  # emission allowances in the Norwegian table
        ("G", "0", "NO", ON, None),
        ("S", "25", "SE", ON, None),  # Swedish VAT is not ours to deduct
        ("AE", "0", "SE", ON, None),
        ("S", "25", "", ON, None),
    ],
)
def test_purchase_vat_code(category, percent, seller, on, code):
    percent = None if percent is None else Decimal(percent)
    assert NORWAY.purchase_vat_code(category, percent, seller, on) == code


@needs_lists
def test_every_official_vat_code_is_ours_with_its_side_and_rate():
    data = json.loads((SHARED / "mva-melding" / "vat-codes.json").read_text())
    sides = {
        "input": {VatDirection.INPUT},
        "output": {VatDirection.OUTPUT, VatDirection.REVERSE},
        "both": {VatDirection.REVERSE},
    }
    reported = [row for row in data["codes"] if row.get("side") in sides]
    for row in reported:
        code = NORWAY.vat_codes[row["code"]]
        assert code.direction in sides[row["side"]], row["code"]
        assert code.rate(ON) == Decimal(row["rate_now"].replace(",", ".")), row["code"]
        assert code.is_deductible or row["side"] == "output"
        assert code.is_reported
    rest = {row["code"] for row in data["codes"]} - {row["code"] for row in reported}
    assert {code.code for code in NORWAY.vat_codes.values() if not code.is_reported} == rest
    assert len(NORWAY.vat_codes) == len(data["codes"])


@needs_lists
def test_every_account_has_a_grouping_of_saft():
    path = SHARED / "saft-financial" / "codelists" / "grouping-1.30" / "naeringsspesifikasjon.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        official = {(line[0].strip(), line[3].strip()) for line in csv.reader(lines, delimiter=";")}
    wrong = [
        account
        for account in NORWAY.chart
        if (account.report_category, account.report_group) not in official
        and account.report_category != "resultatDisponeringForSAF-T"  # 8800, said in a text beside the list
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("number", "normal"),
    [
        ("86011117947", "86011117947"),
        ("8601.11.17947", "86011117947"),
        ("8601 11 17947", "86011117947"),
        ("NO93 8601 11 17947", "86011117947"),
        ("no9386011117947", "86011117947"),
        ("NO94 8601 11 17947", ""),  # check digits
        ("86011117949", ""),
        ("00000000000", ""),
        ("4090403", ""),
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("", ""),
    ],
)
def test_an_account_has_one_form(number, normal):
    assert NORWAY.normal_account(number) == normal


def test_bban_and_iban_meet():
    assert NORWAY.same_account("8601.11.17947", "NO9386011117947")
    assert not NORWAY.same_account("", "")
    assert not NORWAY.same_account("86011117949", "86011117949")


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("988077917", True),
        ("NO 988 077 917 MVA", True),
        ("988077918", False),
        ("000000000", False),
        ("98807791", False),
        ("", False),
    ],
)
def test_org_numbers(number, right):
    assert NORWAY.is_org_number(number) == right
    if right:
        assert NORWAY.normal_org_number(number) == "988077917"
