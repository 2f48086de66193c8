"""OCR giro: signs, trailers, and the many ways a file of records can arrive."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Unreadable
from nattbok.formats.bank import ocr_giro
from tests.formats.bank.written_bank_files import lines, ocr, ocr_assignment

ACCOUNT = "99998275217"
PAYMENTS = [("13", 10000, "1000005-", ""), ("21", 5001, "", "FRI TEKST"), ("18", 2500, "17", "")]


def file(payments=PAYMENTS) -> list[str]:
    return ocr(ocr_assignment(ACCOUNT, payments))


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in ocr_giro.read(data).all_findings]


@pytest.mark.parametrize(
    "kind, ore, amount",
    [
        ("10", 150, "1.50"),
        ("50", 150, "1.50"),
        ("99", 150, "1.50"),
        ("19", 150, "1.50"),
        ("21", 150, "1.50"),
        ("18", 150, "-1.50"),
        ("20", 150, "-1.50"),
        ("13", -150, "-1.50"),
    ],
)
def test_type_and_sign_give_the_direction_and_no_type_is_refused(kind, ore, amount):
    found = ocr_giro.read(lines(file([(kind, ore, "17", ""), ("10", 1000, "25", "")])))
    payment, _other = found.statements[0].transactions
    assert (payment.amount, payment.bank_code, payment.reference) == (Decimal(amount), kind, "17")
    assert found.all_findings == ()


def test_a_reversal_with_a_minus_is_held():
    assert codes(lines(file([("18", -150, "17", ""), ("10", 1000, "25", "")]))) == ["sign_unclear"]


@pytest.mark.parametrize(
    "data",
    [
        lines(file(), "\n"),
        lines(file(), "\r\n"),
        lines(file(), "\r"),
        lines(file(), ""),
        lines(file(), "\n\n"),
        b"\r\n" + lines(file()) + b"\r\n \r\n\x1a",
        lines(file())[:-2],
        lines([one + "  " for one in file()]),
    ],
)
def test_line_ends_and_blanks_do_not_matter(data):
    assert ocr_giro.read(data).statements[0].transactions[0].amount == Decimal("100.00")
    plain = ocr_giro.read(lines(file())).statements[0]
    found = ocr_giro.read(data).statements[0]
    assert [one.bank_reference for one in found.transactions] == [
        one.bank_reference for one in plain.transactions
    ]
    assert codes(data) == []


def test_a_file_made_utf8_on_the_way_is_read():
    data = lines(file([("21", 100, "", "KJØP PÅ ÆRLIG VIS")]))
    for sent in (data, data.decode("latin-1").encode(), data.decode("latin-1").encode("utf-8-sig")):
        assert ocr_giro.looks_like(sent)
        assert ocr_giro.read(sent).statements[0].transactions[0].text == "KJØP PÅ ÆRLIG VIS"


def test_an_assignment_that_is_negative_in_all():
    plus, minus = [("10", 1000, "17", "")], [("10", -300, "25", "")]
    net = ocr(ocr_assignment(ACCOUNT, plus), ocr_assignment(ACCOUNT, minus, 2))
    assert codes(lines(net)) == ["negative_total"]  # the file's trailer adds 10.00 and 3.00
    other = [record.replace(f"{1300:017}", f"{700:017}") for record in net]
    assert codes(lines(other)) == ["negative_total"]  # or subtracts
    wrong = [record.replace(f"{1300:017}", f"{800:017}") for record in net]
    assert codes(lines(wrong)) == ["trailer_sum", "negative_total"]


def test_text_and_payer_belong_to_their_payment():
    first, second, third = ocr_giro.read(lines(file())).statements[0].transactions
    assert (first.text, second.text, third.text) == ("", "FRI TEKST", "")
    assert (first.counterparty_account, second.counterparty_account) == ("", "99981234567")


@pytest.mark.parametrize(
    "old, new, code",
    [
        ("NY0900880000000300000009", "NY0900880000000400000009", "trailer_count"),
        ("NY0900880000000300000009", "NY0900880000000300000008", "trailer_records"),
        ("NY0000890000000300000011", "NY0000890000000400000011", "trailer_count"),
        ("00000000000017501120326120326120326", "00000000000017501120326110326120326", "trailer_dates"),
        ("00000000000017501120326120326", "00000000000017502120326120326", "trailer_sum"),
        ("NY09213200000", "NY09213200001", "record_order"),
        ("NY09183000000", "NY09133000000", "record_order"),  # a reversal made a payment
    ],
)
def test_a_trailer_that_does_not_agree_is_an_error(old, new, code):
    good = lines(file()).decode("latin-1")
    assert old in good
    found = ocr_giro.read(good.replace(old, new).encode("latin-1"))
    assert found.is_refused
    assert code in [finding.code for finding in found.all_findings]
    assert all(finding.where.startswith("line ") for finding in found.all_findings)


def test_a_missing_record_or_trailer_is_an_error():
    records = file()
    for place in range(1, len(records)):
        left = records[:place] + records[place + 1 :]
        found = ocr_giro.read(lines(left))
        assert found.is_refused, records[place]


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", "ocr_not_ocr"),
        (b"NY", "ocr_not_ocr"),
        (lines(file()[1:]), "ocr_not_ocr"),
        (lines([*file(), "SOMETHING ELSE"]), "ocr_record"),
        (lines(file()).replace(b"00000000000010000 ", b"0000000000001000O "), "not_a_number"),
        (lines(file()).replace(b"120326321", b"320326321"), "not_a_date"),
    ],
)
def test_what_is_not_ocr_is_unreadable(data, code):
    with pytest.raises(Unreadable) as refusal:
        ocr_giro.read(data)
    assert refusal.value.finding_code == code


def test_an_agreement_list_in_the_same_file_is_left_out_and_said():
    other = [
        "NY212420" + "0" * 72,
        "NY219470" + "0" * 72,
        "NY210088" + f"{1:08}{3:08}" + "0" * 56,
    ]
    found = ocr_giro.read(lines(ocr(ocr_assignment(ACCOUNT, PAYMENTS), other)))
    assert [one.code for one in found.all_findings] == ["assignment_not_read"]
    assert len(found.statements) == 1


def test_an_assignment_whose_service_is_garbled_is_not_left_out_in_silence():
    data = lines(file()).replace(b"NY090020", b"NY210020")
    assert ocr_giro.read(data).is_refused


payments = st.lists(
    st.tuples(
        st.sampled_from(["10", "13", "18", "20", "21", "50"]),
        st.integers(0, 10**12),
        st.from_regex(r"[0-9]{0,24}[0-9-]?", fullmatch=True),
        st.sampled_from(["", "TEKST"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(payments, st.sampled_from(["\r\n", "\n", ""]))
def test_what_is_written_is_what_is_read(written, end):
    found = ocr_giro.read(lines(file(written), end))
    assert found.all_findings == ()
    assert [
        (one.bank_code, int(abs(one.amount) * 100), one.reference, one.text)
        for one in found.statements[0].transactions
    ] == written
    assert all(
        (one.amount <= 0) == (one.bank_code in ("18", "20") or not one.amount)
        for one in found.statements[0].transactions
    )
