"""Settlement reports: the figures of each source, and not one that does not add up to the øre."""

import importlib
import json
import pkgutil
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nattbok.base.errors import Unreadable
from nattbok.formats import known, sales_day
from nattbok.formats.sales_day.totals import totals

SAMPLES = Path(__file__).parent / "samples"
FILES = {path.name: path for path in SAMPLES.glob("*/*") if path.name != "reads_as.json"}
READERS = {
    info.name: importlib.import_module(f"nattbok.formats.sales_day.{info.name}")
    for info in pkgutil.iter_modules(sales_day.__path__)
    if info.name.startswith("settlement_")
}
# Where the report itself states the net, a change anywhere in its amounts shows.
STATED = ("vipps.xml", "vipps_2.xml", "vipps.csv", "acquirer.csv", "zettle.report")


def test_there_is_a_reader_for_every_source():
    assert set(READERS) == {
        "settlement_vipps",
        "settlement_stripe",
        "settlement_klarna",
        "settlement_zettle",
        "settlement_acquirer",
    }


@pytest.mark.parametrize("name", FILES)
def test_a_sample_reads_as_expected(name):
    data = FILES[name].read_bytes()
    (reader,) = [one for one in READERS.values() if one.looks_like(data[:4096])]
    report = reader.read(data)
    assert totals(report) == json.loads((FILES[name].parent / "reads_as.json").read_text())
    assert not report.is_refused
    assert all(one.adds_up for one in report.settlements)
    assert known.read_any(data).format.startswith("settlement_")


def test_the_shared_files_have_their_manifests_figures(shared_data):
    """In the manifest gross is less refunds where the source has it so."""
    folder = shared_data / "bank/settlement"
    expected = {case["file"]: case["expected"]
                for case in json.loads((folder / "manifest.json").read_text())["files"]}  # fmt: skip

    def read(name):
        return known.read_any((folder / name).read_bytes())

    for name, case in expected.items():
        found = totals(read(name).content)
        sold, refunds = Decimal(found["gross"]), Decimal(found["refunds"])
        less = sold - refunds if name.startswith(("vipps_Example", "syn_stripe")) else sold
        assert case.get("gross", str(less)) == str(less), name
        assert abs(Decimal(case.get("fee", found["fee"]))) == Decimal(found["fee"]), name
        assert abs(Decimal(case.get("refund", refunds))) == refunds, name
        assert case.get("net", found["net"]) == found["net"], name
        assert case.get("transactions", found["transactions"]) == found["transactions"], name
        payouts = [one["payout_id"] for one in found["settlements"]]
        assert case.get("settlement_ids", payouts) == payouts
        assert [case.get("payout_id", payouts[0])] == payouts[:1]
        if found["currency"]:  # Zettle's list does not name it
            assert case["currency"] == found["currency"]


def test_vipps_own_csv_sample_contradicts_itself_and_is_refused(shared_data):
    read = known.read_any((shared_data / "bank/settlement/vipps_settlement-report.csv").read_bytes())
    assert read.outcome == "refuse"
    assert {finding.code for finding in read.findings} == {
        "decimal_comma",
        "row_does_not_add_up",
        "settlement_id_differs",
        "does_not_add_up",
    }
    assert all(finding.where for finding in read.findings)


@pytest.mark.parametrize("name", STATED)
def test_an_amount_that_is_changed_is_noticed(name):
    """Any digit of any amount of a report that states its net."""
    data = FILES[name].read_bytes()
    pattern = {
        "zettle.report": rb'(?<="amount": )-?\d+',
        # A brand paid in full has its fee charged apart, and nothing in the report proves that fee.
        "acquirer.csv": rb"(?!0,00)\d+,\d\d",
        "vipps.csv": rb"-?\d+\.\d\d(?=,|\n)",
    }.get(name, rb"-?\d+\.\d\d(?=</(?!TotalSettledRefund))")
    assert re.findall(pattern, data)
    for found in re.finditer(pattern, data):
        for at in range(*found.span()):
            if not data[at : at + 1].isdigit():
                continue
            digit = b"1" if data[at : at + 1] != b"1" else b"2"
            try:
                report = known.read_any(data[:at] + digit + data[at + 1 :])
            except Unreadable:
                continue
            assert report.outcome == "refuse", (at, data[at - 40 : at + 9])


@pytest.mark.parametrize("name", FILES)
def test_a_row_that_does_not_add_up_or_a_cut_file_is_refused(name):
    data = FILES[name].read_bytes()
    if name in STATED:
        for length in range(0, len(data) - 2, 211):
            assert known.read_any(data[:length]).outcome == "refuse", length
    broken = data.replace(b"1795.39", b"1795.38")
    if broken != data:
        assert known.read_any(broken).outcome == "refuse"


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=40, deadline=None)
@given(draw=some.data())
def test_a_garbled_report_gives_nothing_but_a_clear_answer(name, draw):
    data = bytearray(FILES[name].read_bytes())
    for _time in range(draw.draw(some.integers(1, 3))):
        data[draw.draw(some.integers(0, len(data) - 1))] = draw.draw(some.integers(0, 255))
    read = known.read_any(bytes(data))
    assert "reader_failed" not in {finding.code for finding in read.findings}
    assert all(str(finding.words) for finding in read.findings)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("data", [b"", b"\0" * 500, b"{}", b"[1]", b"a;b\n1;2", b"<a/>", b"[" * 100_000])
def test_what_is_no_report_is_unreadable(reader, data):
    assert not reader.looks_like(data[:4096])
    with pytest.raises(Unreadable):
        reader.read(data)
