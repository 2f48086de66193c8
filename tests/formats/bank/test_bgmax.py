"""BgMax: references by their code, deposits and counts, and how real files arrive."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Unreadable
from nattbok.formats.bank import bgmax
from tests.formats.bank.written_bank_files import bgmax as written
from tests.formats.bank.written_bank_files import bgmax_section, lines


def file(*payments: list[tuple], **more: str) -> bytes:
    return lines(written(bgmax_section(list(payments)), **more))


@pytest.mark.parametrize(
    "payment, reference, references, words",
    [
        ([("20", 100, "2909922987", "2")], "2909922987", ["2909922987"], ""),
        ([("20", 100, "29099", "4")], "29099", ["29099"], ""),
        ([("20", 100, "29099", "3")], "", [], "29099"),
        ([("20", 100, "29099", "5")], "", [], "29099"),
        ([("20", 100, "", "0")], "", [], ""),
        ([("20", 100, "", "0"), ("22", 0, "17", "2")], "17", ["17"], ""),
        ([("20", 100, "", "0"), ("22", 0, "17", "2"), ("22", 0, "25", "5")], "", ["17"], "25"),
        ([("20", 100, "", "0"), ("22", 0, "17", "2"), ("22", 0, "25", "2")], "", ["17", "25"], ""),
        ([("20", 100, "17", "2"), ("25", "Tack"), ("25", "igen")], "17", ["17"], "Tack\nigen"),
    ],
)
def test_only_codes_2_and_4_are_references(payment, reference, references, words):
    found = bgmax.read(file(payment))
    (one,) = found.statements[0].transactions
    assert (one.reference, [each.reference for each in one.remittances], one.text) == (
        reference,
        references,
        words,
    )
    assert found.all_findings == ()


def test_extra_references_have_amounts_only_when_given():
    (one,) = (
        bgmax.read(file([("20", 900, "", "0"), ("22", 1000, "17", "2"), ("23", 100, "25", "2")]))
        .statements[0]
        .transactions
    )
    assert [(each.amount, each.is_credit_note) for each in one.remittances] == [
        (Decimal("10.00"), False),
        (Decimal("-1.00"), True),
    ]
    found = bgmax.read(file([("20", 901, "", "0"), ("22", 1000, "17", "2"), ("23", 100, "25", "2")]))
    assert [finding.code for finding in found.all_findings] == ["extra_references_do_not_sum"]


def test_a_deduction_is_money_out():
    found = bgmax.read(file([("20", 500, "17", "2")], [("21", 700, "25", "2")]))
    assert [one.amount for one in found.statements[0].transactions] == [Decimal("5.00"), Decimal("-7.00")]
    assert found.all_findings == ()


@pytest.mark.parametrize(
    "when, mark, found",
    [
        ("20260907", "P", []),
        ("20260908", "P", ["maybe_incomplete"]),
        ("20260312", "T", ["test_file"]),
        ("20260312", " ", ["test_file"]),  # only P is production
    ],
)
def test_tests_are_held_and_late_files_are_said_to_lack_payments(when, mark, found):
    data = file([("20", 100, "17", "2")], written=f"{when}173035010331", mark=mark)
    read = bgmax.read(data)
    assert [finding.code for finding in read.all_findings] == found
    assert read.is_test == (mark != "P") == read.statements[0].is_held


@pytest.mark.parametrize(
    "old, new, code",
    [
        (b"000000000000000100215", b"000000000000000101215", "deposit_sum"),
        (b"000000000000000300SEK00000002", b"000000000000000301SEK00000002", "deposit_sum"),
        (b"000000000000000300SEK00000002", b"000000000000000300SEK00000003", "deposit_count"),
        (b"000000000000000300SEK00000002", b"000000000000000300EUR00000002", "deposit_sum"),
        (b"7000000002", b"7000000003", "trailer_count"),
        (b"700000000200000000", b"700000000200000001", "trailer_count"),
        (b"\r\n70", b"\r\n99", "missing_trailer"),
        (b"\r\n15", b"\r\n98", "missing_deposit"),
        (b"\r\n05", b"\r\n97", "record_order"),
    ],
)
def test_what_does_not_add_up_is_an_error(old, new, code):
    good = file([("20", 100, "17", "2")], [("20", 200, "25", "2")])
    old, new = old.replace(b"215", b"21"), new.replace(b"215", b"21")
    assert old in good
    found = bgmax.read(good.replace(old, new))
    assert found.is_refused
    assert code in [finding.code for finding in found.all_findings]


def test_unknown_records_are_left_out_and_said():
    data = file([("20", 100, "17", "2")]).replace(b"\r\n15", b"\r\n77NYTT\r\n15")
    found = bgmax.read(data)
    assert [(one.severity, one.code) for one in found.all_findings] == [("note", "unknown_record")]


@pytest.mark.parametrize(
    "data, code",
    [
        (b"", "bgmax_not_bgmax"),
        (b"01LEVERANT", "bgmax_not_bgmax"),
        (file([("20", 100, "17", "2")]) + b"Hej\r\n", "bgmax_record"),
        (
            file([("20", 100, "17", "2")]).replace(b"000000000000000100", b"0000000000000001,0"),
            "not_a_number",
        ),
        (file([("20", 100, "17", "2")]).replace(b"20260312000", b"20260332000"), "not_a_date"),
    ],
)
def test_what_is_not_bgmax_is_unreadable(data, code):
    with pytest.raises(Unreadable) as refusal:
        bgmax.read(data)
    assert refusal.value.finding_code == code


payments = st.lists(
    st.tuples(
        st.sampled_from(["20", "21"]),
        st.integers(1, 10**14),
        st.from_regex(r"[1-9][0-9]{1,24}", fullmatch=True),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(payments)
def test_what_is_written_is_what_is_read(rows):
    found = bgmax.read(file(*[[(kind, ore, reference, "2")] for kind, ore, reference in rows]))
    assert found.all_findings == ()
    assert [(int(one.amount * 100), one.reference) for one in found.statements[0].transactions] == [
        (ore if kind == "20" else -ore, reference) for kind, ore, reference in rows
    ]
