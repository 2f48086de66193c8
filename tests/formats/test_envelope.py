"""Envelopes of the e-invoice network: who, whom, which number; and the document by itself."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nattbok.base.errors import Unreadable
from nattbok.formats import envelope
from nattbok.sandbox.writing.sbdh import envelope as written

AT = datetime.datetime(2026, 3, 12, 9, 0, tzinfo=datetime.UTC)
UBL = b"""<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:ID>7 \xc3\xa6</cbc:ID>
</Invoice>"""


def an_envelope(**given: str) -> bytes:
    fields = {"number": "n-1", "sender": "0192:111", "receiver": "0192:222"} | given
    return written(UBL, at=AT, **fields)


def test_an_envelope_is_read_and_its_document_stands_alone():
    data = an_envelope(receiver="iso6523-actorid-upis::0192:222 ")
    assert envelope.looks_like(data)
    read = envelope.read(data)
    assert (read.instance_id, read.sender, read.receiver) == ("n-1", "0192:111", "0192:222")
    assert read.document_type.startswith("urn:oasis") and read.process.endswith("billing:01:1.0")
    assert b"StandardBusiness" not in read.document and read.document.endswith(b"</Invoice>")
    assert "7 æ" in read.document.decode()
    assert envelope.read(data).document == read.document  # the same again are the same bytes


@pytest.mark.parametrize(
    "data, code",
    [
        (UBL, "not_an_envelope"),
        (an_envelope()[:-200], "xml_malformed"),
        (an_envelope().replace(b"<InstanceIdentifier>n-1<", b"<InstanceIdentifier> <"), "envelope_number"),
        (an_envelope().replace(b"iso6523-actorid-upis", b"own"), "envelope_authority"),
        (an_envelope(sender=""), "envelope_party"),
        (an_envelope().replace(b"<Invoice ", b"<a/><Invoice ", 1), "envelope_parts"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + an_envelope()[38:], "xml_doctype"),
    ],
)
def test_what_is_not_whole_is_refused_in_words(data, code):
    with pytest.raises(Unreadable) as refused:
        envelope.read(data)
    assert refused.value.finding_code == code


@given(st.integers(0, len(an_envelope()) - 1), st.binary(max_size=4))
def test_a_torn_envelope_never_becomes_another(at, instead):
    data = an_envelope()
    try:
        read = envelope.read(data[:at] + instead)
    except Unreadable:
        return
    assert at >= len(data) - 3 and read == envelope.read(data)
