"""`nattbok read`, run as people and programs run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nattbok.formats import known
from tests.formats.invoice.written_invoices import written

COMMAND = """
import argparse, sys
from nattbok.site import read
parser = argparse.ArgumentParser("nattbok")
read.add_parser(parser.add_subparsers(required=True))
arguments = parser.parse_args()
code = arguments.run(arguments)
assert "django" not in sys.modules
sys.exit(code)
"""
SHARED = Path(__file__).parents[3] / "shared/data"


def nattbok(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess:
    ran = subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        input=given,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in ran.stderr, ran.stderr.decode()
    return ran


@pytest.fixture
def invoice(tmp_path) -> Path:
    path = tmp_path / "faktura.xml"
    path.write_text(written())
    return path


@pytest.fixture
def held(tmp_path) -> Path:
    path = tmp_path / "feil.xml"
    path.write_text(written().replace("8804.29</cbc:PayableAmount", "8804.30</cbc:PayableAmount"))
    return path


def test_an_invoice_as_json(invoice):
    ran = nattbok("read", "--json", invoice)
    said = json.loads(ran.stdout)
    assert ran.returncode == 0
    assert (said["file"], said["format"], said["outcome"]) == (str(invoice), "peppol_bis3", "accept")
    # A warning of the network's stops nothing.
    assert [(one["severity"], one["code"]) for one in said["findings"]] == [("note", "NO-R-002")]
    assert said["totals"] == {
        "line_total": "7072.20",
        "allowance_total": None,
        "charge_total": None,
        "net": "7072.20",
        "vat": "1732.09",
        "gross": "8804.29",
        "prepaid": None,
        "rounding": None,
        "payable": "8804.29",
        "currency": "NOK",
    }
    assert said["invoice"]["supplier"]["orgno"] == "310420115"


def test_several_files_are_a_line_each(invoice, held, tmp_path):
    ran = nattbok("read", "--json", invoice, held, tmp_path / "ingen.xml")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["outcome"] for line in lines] == ["accept", "hold", "refuse"]
    assert ran.returncode == 2
    [finding] = [one for one in lines[1]["findings"] if one["severity"] != "note"]
    assert (finding["severity"], finding["code"]) == ("hold", "BR-CO-16")
    assert finding["where"] == "/inv:Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount"
    assert finding["text"]
    assert "statements" not in lines[2]


def test_what_is_held_is_no_failure(held):
    assert nattbok("read", held).returncode == 0


@pytest.mark.parametrize(("language", "amount"), [("nb", "8 804,29"), ("sv", "8 804,29"), ("en", "8,804.29")])
def test_amounts_are_written_as_the_reader_writes_them(invoice, language, amount):
    ran = nattbok("read", invoice, "--language", language)
    assert ran.returncode == 0
    assert amount in ran.stdout.decode()


def test_a_page_shows_parties_lines_and_findings(held):
    page = nattbok("read", held).stdout.decode()
    for words in ("Fjord Prøve AS", "Bakke & Sønn Prøve AS", "Snekkerarbeid", "04100100454", "BR-CO-16"):
        assert words in page


def test_only_the_first_twenty_lines_are_shown_unless_all_are_asked_for(tmp_path):
    from tests.formats.invoice.written_invoices import Line

    path = tmp_path / "lang.xml"
    path.write_text(written(tuple(Line(f"Vare {n}.", "1", "10") for n in range(1, 31))))
    assert "Vare 20." in nattbok("read", path).stdout.decode()
    assert "Vare 21." not in nattbok("read", path).stdout.decode()
    assert "Vare 30." in nattbok("read", path, "--all").stdout.decode()


def test_what_cannot_be_opened_is_said(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path, code in (
        (tmp_path, "is_a_folder"),
        (tmp_path / "nei", "no_such_file"),
        (fifo, "not_a_file"),
        ("/dev/zero", "not_a_file"),
        (tmp_path / ("x" * 300), "unopened"),
    ):
        ran = nattbok("read", "--json", path)
        assert ran.returncode == 2
        assert json.loads(ran.stdout)["findings"][0]["code"] == code


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_said(invoice):
    invoice.chmod(0)
    assert json.loads(nattbok("read", "--json", invoice).stdout)["findings"][0]["code"] == "no_permission"


def test_a_file_above_the_limit_is_not_taken_in(tmp_path):
    large = tmp_path / "stor.xml"
    with large.open("wb") as opened:
        opened.truncate(known.LARGEST * 40)
    said = json.loads(nattbok("read", "--json", large).stdout)
    assert said["findings"][0]["code"] == "too_large"


def test_standard_input_is_a_dash():
    ran = nattbok("read", "--json", "-", given=written().encode())
    assert json.loads(ran.stdout)["outcome"] == "accept"


def test_wrong_usage_ends_with_2(invoice):
    assert nattbok("read").returncode == 2
    assert nattbok("read", invoice, "--language", "de").returncode == 2
    assert nattbok("read", invoice, "--sml").returncode == 2


def test_a_closed_pipe_is_no_trouble(invoice):
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, "read", *([str(invoice)] * 200)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as ran:
        ran.stdout.readline()
        ran.stdout.close()
        assert ran.stderr.read() == b""


def test_names_cannot_steer_the_terminal(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text(written().replace("Snekkerarbeid", "A&#x9b;31mB&#x202e;C"))
    page = nattbok("read", path).stdout.decode()
    assert "A 31mB C" in page


@pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not on this machine")
def test_a_bank_statement_as_json_and_as_a_page():
    path = SHARED / "bank/camt053/syn_NO_v02.xml"
    entries = json.loads((path.parent / "manifest.json").read_text())["files"]
    expected = next(entry["expected"] for entry in entries if entry["file"] == path.name)
    said = json.loads(nattbok("read", "--json", path).stdout)
    assert (said["format"], said["outcome"]) == ("camt.053", "accept")
    assert said["statements"] == expected["statements"]
    assert said["totals"] == expected
    assert "311 530,50" in nattbok("read", path, "--language", "nb").stdout.decode()
