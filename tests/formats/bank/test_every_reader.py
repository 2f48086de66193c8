"""What holds for every reader of bank files: samples read as expected, and harm done to them is noticed."""

import importlib
import json
import pkgutil
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Unreadable
from nattbok.formats import bank
from nattbok.formats.bank.shape import BankFile
from tests.formats.bank.written_bank_files import SAMPLES, plain, samples

READERS = {
    module.name: reader
    for module in pkgutil.iter_modules(bank.__path__)
    if hasattr(reader := importlib.import_module(f"nattbok.formats.bank.{module.name}"), "looks_like")
}
FILES = sorted(path for path in SAMPLES.glob("*/*") if path.name != "reads_as.json")
DATA = {path.name: path.read_bytes() for path in FILES}
# What proves itself and has nothing wrong: any change of an amount in these must be seen.
SOUND = [
    name
    for name in DATA
    if name in ("camt053_no_v02.xml", "camt053_se_v08.xml", "ocr_reversals.txt", "bgmax_two_sections.txt")
]
ids = pytest.mark.parametrize


def reader_of(data: bytes):
    """The one reader that says the file is its own."""
    (found,) = [reader for reader in READERS.values() if reader.looks_like(data[:4096])]
    return found


def sums(file: BankFile) -> list[tuple]:
    """All that a change of a booked amount would change."""
    return [
        (
            one.opening,
            one.closing,
            one.booked_in,
            one.booked_out,
            [each.amount for each in one.transactions if each.status == "booked"],
        )
        for one in file.statements
    ]


def stops(file: BankFile) -> bool:
    """Whether something in the file keeps at least a part of it from being posted."""
    return file.is_refused or any(one.is_held for one in file.statements)


def test_there_are_samples_of_every_kind():
    assert {"camt", "ocr_giro", "bgmax", "bank_csv"} <= set(READERS)
    assert len(SOUND) == 4


@ids("name", DATA)
def test_a_sample_reads_as_expected(name):
    data = DATA[name]
    expected = json.loads((SAMPLES / name.rsplit(".", 1)[0] / "reads_as.json").read_text())
    assert plain(reader_of(data).read(data)) == expected


@ids("name", samples())
def test_the_samples_are_what_their_script_writes(name):
    assert DATA[name] == samples()[name]


@ids("name", [name for name in DATA if not name.startswith("csv_")])
def test_a_file_cut_short_is_noticed(name):
    data = DATA[name]
    reader = reader_of(data)
    whole = sums(reader.read(data))
    for length in range(0, len(data), 7):
        try:
            file = reader.read(data[:length])
        except Unreadable as refusal:
            assert refusal.finding_code
            continue
        # Only blanks, fillers and the last line end may be missing without harm; of two files in one, the
        # first is whole without the second.
        expected = whole[:1] if name.startswith("ocr_two_files") and len(file.statements) == 1 else whole
        assert stops(file) or sums(file) == expected, length


@ids("name", SOUND)
def test_any_changed_digit_of_an_amount_is_noticed(name):
    data = DATA[name]
    reader = reader_of(data)
    assert not stops(reader.read(data))
    for at in amount_digits(name, data):
        changed = data[:at] + (b"1" if data[at : at + 1] != b"1" else b"2") + data[at + 1 :]
        assert stops(reader.read(changed)), (at, data[at - 20 : at + 5])


def amount_digits(name: str, data: bytes) -> list[int]:
    """The places of the digits of all amounts that count."""
    if name.endswith(".xml"):
        found = re.finditer(rb"[0-9.]+(?=</Amt>)", data)
        return [at for one in found for at in range(*one.span()) if data[at] != 0x2E]
    places = {b"30": (32, 49), b"88": (24, 41), b"89": (24, 41)} if name.startswith("ocr") else {}
    places |= {b"20": (37, 55), b"21": (37, 55), b"15": (50, 68)} if name.startswith("bgmax") else {}
    digits, start = [], 0
    for line in data.splitlines(keepends=True):
        first, last = places.get(line[6:8] if name.startswith("ocr") else line[:2], (0, 0))
        digits += [start + at for at in range(first, last) if line[at : at + 1].isdigit()]
        start += len(line)
    return digits


@ids("name", DATA)
@settings(max_examples=60, deadline=None)
@given(draw=st.data())
def test_a_garbled_file_gives_nothing_but_a_clear_answer(name, draw):
    data = bytearray(DATA[name])
    reader = reader_of(bytes(data))
    whole = sums(reader.read(bytes(data)))
    for _time in range(draw.draw(st.integers(1, 3))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        file = reader.read(bytes(data))
    except Unreadable as refusal:
        assert str(refusal)
        assert refusal.finding_code
        return
    for finding in file.all_findings:
        assert str(finding.words)
        assert finding.where
    if name in SOUND:
        assert stops(file) or sums(file) == whole


@ids("reader", READERS.values(), ids=READERS)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
def test_noise_is_unreadable(reader, data):
    assert reader.looks_like(data) in (True, False)
    with pytest.raises(Unreadable):
        reader.read(data)


@ids("reader", READERS.values(), ids=READERS)
@ids("data", [b"", b"\n\n", b"\0" * 500, b"PK\x03\x04", b"%PDF-1.7", b"NY", b"01", b"<a/>", b"\xff\xfe<\0"])
def test_what_is_no_bank_file_is_unreadable(reader, data):
    assert not reader.looks_like(data)
    with pytest.raises(Unreadable):
        reader.read(data)
