"""A file is told by its content, and what is unknown is refused in words."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nattbok.formats import known
from tests.formats.invoice.written_invoices import written


def test_every_format_that_can_be_told_is_known():
    names = {module.__name__.rpartition(".")[2] for module in known.formats()}
    assert "peppol_bis3" in names
    assert all(hasattr(module, "read") for module in known.formats())


def test_a_file_is_kept_under_the_name_of_its_format():
    """What reads the kept files later looks for these names."""
    names = {module.__name__.rpartition(".")[2] for module in known.formats()}
    assert {"pain001", "pain002", "bank_csv", "settlement_vipps", "settlement_stripe"} <= names


def test_an_invoice_is_known_by_its_root_only():
    data = written().encode()
    assert known.guess(data).__name__.endswith("peppol_bis3")
    quoting = b"<Order>urn:oasis:names:specification:ubl:schema:xsd:Invoice-2</Order>"
    assert known.guess(quoting) is None
    assert known.guess(b"<!-- " + data + b" --><Order/>") is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        (b"\0" * 2000, "is empty"),
        (b"%PDF-1.7\n...", "is a PDF"),
        (b"junk\n%PDF-1.7\n...", "is a PDF"),
        (b"PK\x03\x04....", "zip"),
        (gzip.compress(b"x", mtime=0), "gzip"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"<!doctype html><p>Logg inn", "HTML"),
        (b"\n<html><body>Logg inn</body></html>", "HTML"),
        (b'{"invoice": 1}', "JSON"),
        (b"[1, 2]", "JSON"),
        (b'<Order xmlns="urn:x"/>', "root “Order” in namespace “urn:x”"),
        (b"<bok><b/></bok>", "root “bok”"),
        (b'<!DOCTYPE Invoice SYSTEM "x"><Invoice/>', "DOCTYPE"),
        (b"<", "begins like XML"),
        (b"<!---->" * 300_000, "begins like XML"),
        (b"\xff\xfe\0\0\0", "begins like XML"),
        (b"Dato;Tekst;Ut;Inn\n", "is text"),
        (b":20:START\r\n:25:99997142655\r\n:28C:1/1\r\n", "MT940"),
        (b"1100XXXXXXXX060328LEVERANT\xd6RSBETALNINGAR\r\n", "LB"),
        (b"AH200TBII0001".ljust(40) + b"BETFOR00", "Telepay"),
        (b"NY000010" + b"1" * 72 + b"\nNY210020" + b"0" * 72, "AvtaleGiro"),
        (b'<auditfile xmlns="urn:StandardAuditFile-Taxation-CashRegister:NO"/>', "SAF-T Cash Register"),
        (b"x\0y", "is not text"),
    ],
)
def test_what_is_unknown_is_refused_by_what_it_looks_like(data, said):
    read = known.read_any(data)
    [finding] = read.findings
    assert (read.outcome, read.format, finding.code) == (known.Outcome.REFUSE, "", "unknown_format")
    assert said in str(finding.words)
    assert read.content is None


def test_what_is_too_large_is_refused_unread():
    read = known.read_any(bytes(known.LARGEST + 1))
    assert [finding.code for finding in read.findings] == ["too_large"]
    assert "50000001" in str(read.findings[0].words)


def test_a_reader_that_meets_what_it_did_not_expect_stops_nothing(monkeypatch):
    """Stands in for a mistake of ours that nobody has found yet."""
    module = known.guess(written().encode())

    def fails(data):
        raise RecursionError

    monkeypatch.setattr(module, "read", fails)
    read = known.read_any(written().encode())
    assert (read.outcome, read.findings[0].code) == ("refuse", "reader_failed")


@settings(max_examples=200, deadline=None)
@given(some.binary(max_size=300) | some.text(alphabet="<>/!?-[]A &;=\"'", max_size=80).map(str.encode))
def test_no_bytes_are_an_exception(data):
    assert known.read_any(data).outcome == "refuse"
