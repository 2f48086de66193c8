"""Receipts: the lowest level given wins, what is unknown stays as it is, and hostile files are refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nattbok.base.errors import Unreadable
from nattbok.formats.payment import pain002
from nattbok.formats.payment.reasons import REASONS, UNKNOWN, explained
from nattbok.formats.payment.shape import Level, Status
from nattbok.formats.payment.totals import of_receipt

SAMPLES = Path(__file__).parent / "samples"
FILES = {path.name: path for path in SAMPLES.glob("pain002_*/*.xml")}
PART = (SAMPLES / "pain002_no_v03_3_part/pain002_no_v03_3_part.xml").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_a_sample_reads_as_expected(name):
    receipt = pain002.read(FILES[name].read_bytes())
    assert of_receipt(receipt) == json.loads((FILES[name].parent / "reads_as.json").read_text())
    assert receipt.findings == ()


def test_every_shared_file_reads_as_its_manifest_says(shared_data):
    folder = shared_data / "bank/pain002"
    for case in json.loads((folder / "manifest.json").read_text())["files"]:
        receipt = pain002.read((folder / case["file"]).read_bytes())
        assert of_receipt(receipt) == case["expected"], case["file"]


def test_the_lowest_level_given_wins():
    receipt = pain002.read(PART)
    rejected = receipt.lowest("PNO03D0312-0001", "PNO03D0312-P1")
    assert (rejected.status, rejected.level) == (Status.REJECTED, Level.TRANSFER)
    assert rejected.reasons == (("AC04", "Konto avsluttet"),)
    unnamed = receipt.lowest("PNO03D0312-9999", "PNO03D0312-P1")
    assert (unnamed.status, unnamed.level) == (Status.IN_PART, Level.BATCH)
    assert receipt.lowest("PNO03D0312-9999").level == Level.GROUP
    mandate = pain002.read(FILES["pain002_no_v09_5_no_mandate.xml"].read_bytes())
    assert mandate.lowest("any", "PNO09D0312-P1")[:2] == (Status.REJECTED, (("AG08", ""),))
    assert mandate.lowest("any", "PNO09D0312-P2").status == ""


def changed(old: bytes, new: bytes) -> list[str]:
    return [finding.code for finding in pain002.read(PART.replace(old, new)).findings]


def test_what_is_strange_is_said():
    assert changed(b"<TxSts>PDNG", b"<TxSts>ACFC") == ["unknown_status"] * 2
    assert "payment_twice" in changed(b"PNO03D0312-0001", b"PNO03D0312-0000")
    receipt = pain002.read(PART.replace(b"<TxSts>PDNG", b"<TxSts>ACFC"))
    assert receipt.lowest("PNO03D0312-0002").status == "ACFC"


def test_a_moved_day_is_read():
    moved = PART.replace(b"<OrgnlTxRef>", b"<OrgnlTxRef><ReqdExctnDt>2026-03-16</ReqdExctnDt>", 1)
    assert str(pain002.read(moved).transfers[0].executes_on) == "2026-03-16"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + PART,
        PART[: len(PART) // 2],
        PART.replace(b"pain.002.001.03", b"pain.002.001.99"),
        PART.replace(b"<OrgnlMsgId>PNO03D0312</OrgnlMsgId>", b""),
        PART.replace(b"OrgnlGrpInfAndSts", b"Other"),
        PART.replace(b">24652.21<", b">x<") if b">24652.21<" in PART else b"x",
        PART.replace(b"Konto avsluttet", b"\xff"),
    ],
)
def test_what_is_no_receipt_is_unreadable(data):
    with pytest.raises(Unreadable) as raised:
        pain002.read(data)
    assert raised.value.finding_code


def test_a_huge_file_is_refused_unparsed():
    with pytest.raises(Unreadable, match="at most"):
        pain002.read(PART + b" " * 200, largest=len(PART))


@settings(max_examples=80, deadline=None)
@given(places=some.lists(some.tuples(some.integers(0, len(PART) - 1), some.integers(0, 255)), max_size=3))
def test_a_garbled_receipt_gives_nothing_but_a_clear_answer(places):
    data = bytearray(PART)
    for at, byte in places:
        data[at] = byte
    try:
        receipt = pain002.read(bytes(data))
    except Unreadable as refusal:
        assert str(refusal)
        return
    assert all(str(finding.words) for finding in receipt.findings)


def test_every_reason_says_what_it_means_and_what_to_do():
    asked = {"AC01", "AC04", "AC06", "AG01", "AG08", "AM04", "AM05", "DU01", "BE04", "CH03"}
    asked |= {"DT01", "NARR", "RC01", "RR03", "RR04", "MS03"}
    assert asked <= set(REASONS)
    assert explained("XX99") is UNKNOWN
    assert all(len(code) == 4 and one.meaning and one.advice for code, one in REASONS.items())
