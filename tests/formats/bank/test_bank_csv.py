"""Lists from net banks: told by their header, oldest first, and never read where it is not certain."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nattbok.base.errors import Unreadable
from nattbok.formats.bank import bank_csv
from nattbok.formats.bank.bank_csv_profiles import PROFILES
from nattbok.formats.bank.totals import totals

SAMPLES = Path(__file__).parent / "samples"
FILES = {path.name: path for path in SAMPLES.glob("csv_*/*") if path.suffix != ".json"}
DNB = "Dato;Forklaring;Rentedato;Uttak;Innskudd\n"


def test_every_shared_list_reads_as_its_manifest_says(shared_data):
    folder = shared_data / "bank/csv"
    for case in json.loads((folder / "manifest.json").read_text())["files"]:
        file = bank_csv.read((folder / case["file"]).read_bytes())
        assert totals(file) == case["expected"], case["file"]
        assert not file.statements[0].is_held


def test_no_two_profiles_have_the_same_header():
    headers = [tuple(sorted(profile.names)) for profile in PROFILES]
    assert len(set(headers)) == len(headers)


def test_what_is_reserved_is_pending_and_has_no_day():
    (statement,) = bank_csv.read(FILES["csv_nordea_no.csv"].read_bytes()).statements
    (pending,) = [one for one in statement.transactions if one.status == "pending"]
    assert (pending.booked_on, pending.amount, statement.not_booked) == (None, Decimal("-115.70"), 1)
    held = bank_csv.read(f"{DNB}12.03.2026;Kiwi Reservert transaksjon;;3,00;\n".encode())
    assert held.statements[0].transactions[0].status == "pending"


def test_lines_are_given_oldest_first_and_twins_are_both_kept():
    rows = "13.03.2026;B;;;5,00\n12.03.2026;A;;7,00;\n12.03.2026;A;;7,00;\n"
    (statement,) = bank_csv.read((DNB + rows).encode("cp1252")).statements
    assert [(one.text, one.amount) for one in statement.transactions] == [
        ("A", Decimal("-7.00")),
        ("A", Decimal("-7.00")),
        ("B", Decimal("5.00")),
    ]
    assert statement.account == ""
    assert statement.kind == "intraday"


@pytest.mark.parametrize(
    "row",
    [
        "12.03.2026;A;;7,00;8,00",  # both ways
        "12.03.2026;A;;;",  # neither
        "12.03.2026;A;;-7,00;",  # a minus where none may be
        "12.03.2026;A;;7.00;",
        "12.03.2026;A;;7,0;",  # what a cut leaves
        "31.02.2026;A;;7,00;",
        "Reservert;A;;7,00;",
        "12.03.2026;A;B;;7,00;",  # a column too many
        '12.03.2026;"A;;7,00;',  # a quote that never ends
        "12.03.2026;A;;;7",  # no line end after it
    ],
)
def test_a_line_that_is_not_certain_is_refused(row):
    with pytest.raises(Unreadable) as raised:
        bank_csv.read((DNB + row).encode())
    assert raised.value.where


@pytest.mark.parametrize(
    "name", ["csv_seb.csv", "csv_handelsbanken.txt", "csv_swedbank.csv", "csv_nordea_se.csv"]
)
def test_a_missing_line_breaks_the_chain_of_balances(name):
    lines = FILES[name].read_bytes().splitlines(keepends=True)
    start = 3 if name == "csv_swedbank.csv" else 2
    for missing in range(start, len(lines) - 1):
        file = bank_csv.read(b"".join(lines[:missing] + lines[missing + 1 :]))
        assert [one.code for one in file.all_findings if one.severity == "hold"] == ["balance_mismatch"]


@pytest.mark.parametrize("name", FILES)
@given(draw=some.data())
def test_a_list_cut_short_is_refused_or_gives_whole_lines(name, draw):
    data = FILES[name].read_bytes()
    whole = [one.amount for one in bank_csv.read(data).statements[0].transactions]
    try:
        file = bank_csv.read(data[: draw.draw(some.integers(0, len(data)))])
    except Unreadable as refusal:
        assert refusal.finding_code
        return
    amounts = [one.amount for one in file.statements[0].transactions]
    assert file.statements[0].is_held or whole[len(whole) - len(amounts) :] == amounts
