"""What the writer of receipts writes, our reader reads as it was."""

from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from nattbok.formats.payment import pain002 as reader
from nattbok.sandbox.writing import pain002
from nattbok.sandbox.writing.pain002 import Said, SaidOfBatch

DAY = date(2026, 3, 13)
PAYMENTS = (
    Said("I1", "E1", "ACSC", Decimal("10.00"), "NOK", bank_reference="2607200001"),
    Said("", "E2", "RJCT", Decimal("20.50"), "NOK", "AC04", "the payee's account is closed"),
    Said("", "E3", "ACWC", Decimal("1.00"), "NOK", execute_on=DAY),
)


def written(version="03", **about):
    told = {
        "message_id": "R1",
        "created": "2026-03-12T10:00:00",
        "original_id": "M1",
        "original_message": "pain.001.001.03",
        "count": 3,
        "total": Decimal("31.50"),
        "status": "PART",
        "batches": (SaidOfBatch("P1", "PART", payments=PAYMENTS),),
    }
    return pain002.write(version=version, **{**told, **about})


@pytest.mark.parametrize("version", pain002.VERSIONS)
def test_it_is_read_as_it_was(version):
    receipt = reader.read(written(version))
    assert (receipt.message_id, receipt.original_message_id, receipt.status) == ("R1", "M1", "PART")
    assert [(one.payment_info_id, one.status) for one in receipt.batches] == [("P1", "PART")]
    told = [(one.end_to_end_id, one.status, one.amount, one.executes_on) for one in receipt.transfers]
    assert told == [
        ("E1", "ACSC", Decimal("10.00"), None),
        ("E2", "RJCT", Decimal("20.50"), None),
        ("E3", "ACWC", Decimal("1.00"), DAY),
    ]
    assert receipt.transfers[1].reasons[0].code == "AC04"
    assert receipt.transfers[0].bank_reference == "2607200001"
    assert receipt.findings == ()


@pytest.mark.parametrize("version", pain002.VERSIONS)
def test_it_is_valid(version, shared_data):
    schema = etree.XMLSchema(etree.parse(str(shared_data / "bank" / "xsd" / f"pain.002.001.{version}.xsd")))
    schema.assertValid(etree.fromstring(written(version)))
    schema.assertValid(etree.fromstring(written(version, batches=(), status="RJCT", reason="DU01")))
    schema.assertValid(etree.fromstring(written(version, batches=(), status="RJCT", reason="OWN-REASON")))


def test_other_versions_are_not_written():
    with pytest.raises(ValueError, match="not written here"):
        written("09")
