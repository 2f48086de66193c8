"""How amounts and days are printed, and what labels say."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.reading import amounts, dates
from nattbok.reading.labels import Label, spot


@pytest.mark.parametrize(
    "text, amount",
    [
        ("1 234,50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1234.50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("kr 12,00", "12.00"),
        ("-27 233,26", "-27233.26"),
        ("27 233,26-", "-27233.26"),
        ("− 15,00", "-15.00"),
        ("1 500,-", "1500.00"),
        ("NOK 1.000.000,00", "1000000.00"),
    ],
)
def test_an_amount_in_all_its_forms(text, amount):
    assert next(amounts.find(text, amounts.decimal_sign([text]))).amount == Decimal(amount)


@pytest.mark.parametrize("text", ["25,00 %", "12.03.2026", "1503.12.00455", "2,5", "1.234.567", "10:30"])
def test_what_is_no_amount(text):
    assert list(amounts.find(text)) == []


def test_a_blank_may_part_two_numbers():
    """Two of 888,39, or 2 888,39: the sums decide."""
    found = [one.amount for one in amounts.find("2 888,39")]
    assert found == [Decimal("2888.39"), Decimal("888.39")]


def test_the_sign_is_decided_for_the_whole_document():
    assert amounts.decimal_sign(["1.234,50", "12.00", "3,20"]) == ","
    assert amounts.decimal_sign(["1,234.50", "12,00"]) == "."


@given(
    st.decimals(min_value=0, max_value=99_999_999, places=2),
    st.sampled_from([(" ", ","), (".", ","), (",", "."), ("", ","), ("", ".")]),
    st.booleans(),
)
def test_whatever_is_printed_is_read_back(amount, signs, is_negative):
    thousands, decimal = signs
    text = f"{amount:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    found = next(amounts.find(f"Sum {'-' if is_negative else ''}{text}", decimal))
    assert found.amount == (-amount if is_negative else amount)


@given(st.text(max_size=80))
def test_no_text_stops_the_readers(text):
    for one in (*amounts.find(text), *amounts.find_whole(text)):
        assert 0 <= one.start < one.end <= len(text)
    for one in dates.find(text):
        assert 0 <= one.start < one.end <= len(text)
    spot(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-12",
        "12.03.2026",
        "12/03-26",
        "12-03-2026",
        "12. mars 2026",
        "12 mars 2026",
        "12.mars2026",
        "12 March 2026",
        "March 12, 2026",
        "260312",
        "20260312",
        "12/3 2026",
    ],
)
def test_a_day_in_all_its_forms(text):
    assert [one.day for one in dates.find(f"Dato {text}")] == [date(2026, 3, 12)]


@pytest.mark.parametrize("text", ["31.02.2026", "1234.56", "99.99.9999", "2026-13-01", "47 11 22 33", "1907"])
def test_what_is_no_day(text):
    assert list(dates.find(text)) == []


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2078, 12, 31)))
def test_every_day_is_read_back(day):
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", *(["%Y%m%d"] if day.year >= 2000 else [])):
        assert [one.day for one in dates.find(day.strftime(form))] == [day]


@pytest.mark.parametrize(
    "text, label",
    [
        ("Fakturanummer", Label.INVOICE_NO),
        ("FAKTURA NR.:", Label.INVOICE_NO),
        ("Fakturadato", Label.ISSUED),
        ("Forfallsdato:", Label.DUE),
        ("Oss tillhanda senast", Label.DUE),
        ("Att betala SEK", Label.TOTAL),
        ("Beløp å betale kr", Label.TOTAL),
        ("Sum eks. mva", Label.NET),
        ("Mva 25 %", Label.VAT),
        ("KID-nummer:", Label.REFERENCE),
        ("Leveringsdato", Label.OTHER_DATE),
        ("Ordredato", Label.OTHER_DATE),
        ("Deres ref.", Label.OTHER_NUMBER),
        ("Forfalsdato", Label.DUE),  # a letter lost
        ("Purregebyr", Label.BALANCE),
        ("Beløpet bes innbetalt til konto", Label.ACCOUNT),
    ],
)
def test_what_labels_say(text, label):
    found = spot(text)
    assert found is not None and found.label is label


@pytest.mark.parametrize("text", ["", "Hamar,", "Kaffe filtermalt", "Tore Lie", "???"])
def test_what_is_no_label(text):
    found = spot(text)
    assert found is None or found.strength < 0.7
