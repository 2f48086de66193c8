"""camt.052 to .054: the rules of reading, one by one."""

import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Unreadable
from nattbok.formats.bank import camt
from nattbok.formats.bank.shape import Status
from tests.formats.bank.written_bank_files import balance, detail, entry, invoice, kid, part, text
from tests.formats.bank.written_bank_files import camt as written

ACCOUNT = "99991221502"


def day(
    *entries: str, opening: str = "0.00", closing: str = "100.00", kind: str = "053", version: str = "02"
):
    """A statement of one day, read."""
    balances = balance("OPBD", opening) + balance("CLBD", closing) if kind == "053" else ""
    data = written(kind, version, part(ACCOUNT, *entries, balances=balances))
    return camt.read(data.encode()).statements[0]


def codes(statement, severity: str = "hold") -> list[str]:
    return [finding.code for finding in statement.findings if finding.severity == severity]


@pytest.mark.parametrize(
    "entries, closing, held",
    [
        ([entry("100.00")], "100.00", []),
        ([entry("100")], "100.0", []),
        ([entry("100.000")], "100.00", []),
        ([entry("150.00"), entry("-50.00")], "100.00", []),
        ([entry("100.00"), entry("7.00", status="PDNG")], "100.00", []),
        ([entry("100.00"), entry("7.00", status="INFO"), entry("7.00", status="FUTR")], "100.00", []),
        ([entry("-100.00")], "-100.00", []),
        ([entry("100.00")], "100.01", ["balance_mismatch"]),
        ([entry("100.00", status="PDNG")], "100.00", ["balance_mismatch"]),
        ([entry("70.00"), entry("-30.00", is_reversal=True)], "40.00", []),  # the direction is CdtDbtInd's
        ([entry("70.00"), entry("-30.00", is_reversal=True)], "100.00", ["reversals_flipped"]),
        ([entry("100.00", currency="EUR")], "100.00", ["currency_mismatch"]),
        ([entry("100.00", detail("60.00"), detail("40.00"))], "100.00", []),
        ([entry("100.00", detail("60.00"), detail("41.00"))], "100.00", ["details_do_not_sum"]),
        ([entry("100.00", detail("99.00"))], "100.00", ["details_do_not_sum"]),
        ([entry("100.00", detail("60.00"), detail(""))], "100.00", ["details_do_not_sum"]),
        ([entry("100.00", detail("60.00"), detail("40.00"), batch=3)], "100.00", ["batch_count_mismatch"]),
        ([entry("100.00", detail("5.00", currency="EUR"), detail("6.00"))], "100.00", ["details_do_not_sum"]),
    ],
)
def test_what_does_not_add_up_is_held(entries, closing, held):
    assert codes(day(*entries, closing=closing)) == held


FEE = '<Chrgs><Amt Ccy="NOK">5.00</Amt></Chrgs>'
FEE_RECORD = (
    '<Chrgs><Rcrd><Amt Ccy="NOK">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd>'
    '<Rcrd><Amt Ccy="EUR">1.00</Amt></Rcrd></Chrgs>'
)


@pytest.mark.parametrize(
    "line, amounts",
    [
        (entry("100.00", detail("105.00", before=FEE)), ["100.00"]),
        (entry("100.00", detail("105.00", before=FEE_RECORD), version="04"), ["100.00"]),
        (entry("100.00", detail("65.00", before=FEE), detail("40.00")), ["60.00", "40.00"]),
        (entry("100.00", detail("65.00"), detail("40.00"), more=FEE), ["65.00", "40.00", "-5.00"]),
    ],
)
def test_charges_explain_a_difference(line, amounts):
    statement = day(line)
    assert codes(statement) == []
    assert [one.amount for one in statement.transactions] == [Decimal(amount) for amount in amounts]
    assert sum(one.amount for one in statement.transactions) == Decimal("100.00")


@pytest.mark.parametrize(
    "amount, code",
    [
        ("-5.00", "camt_direction"),  # direction given twice over
        ("5,00", "xml_amount"),
        ("5.005", "xml_amount"),
        ("1e2", "xml_amount"),
        ("", "xml_amount"),
        (" 5 000.00", "xml_amount"),
        ("5.<x/>00", "xml_amount"),
    ],
)
def test_an_amount_that_cannot_be_read_refuses_the_file(amount, code):
    good = written("053", "02", part(ACCOUNT, entry("77.77")))
    bad = good.replace("77.77", amount) if code == "xml_amount" else good.replace("CRDT", "CREDIT")
    with pytest.raises(Unreadable) as refusal:
        camt.read(bad.encode())
    assert refusal.value.finding_code == code
    assert "line" in refusal.value.where


def test_a_sum_line_waits_for_its_details():
    line = entry("100.00", batch=3, reference="B1").replace("<NbOfTxs>", "<PmtInfId>P1</PmtInfId><NbOfTxs>")
    (one,) = day(line).transactions
    assert (one.sums_up, one.batch_reference, one.payment_info_id) == (3, "B1", "P1")
    (untold,) = day(line.replace("<NbOfTxs>3</NbOfTxs>", "")).transactions
    assert untold.sums_up > 0
    (bare,) = day(entry("100.00", detail("100.00"), batch=2)).transactions
    assert bare.sums_up == 2


@pytest.mark.parametrize(
    "entry_reference, detail_references, keys",
    [
        ("A", [""], ["A"]),
        ("A", ["A"], ["A"]),
        ("A", ["D"], ["D"]),
        ("A", ["", ""], ["A#1", "A#2"]),
        ("A", ["A", "A"], ["A#1", "A#2"]),
        ("A", ["D", "E"], ["D", "E"]),
        ("A", ["D", "D"], ["D#1", "D#2"]),
        ("", ["", ""], ["", ""]),
    ],
)
def test_the_banks_reference_tells_payments_apart(entry_reference, detail_references, keys):
    share = "100.00" if len(keys) == 1 else "50.00"
    details = [detail(share, reference=one) for one in detail_references]
    statement = day(entry("100.00", *details, reference=entry_reference))
    assert [one.bank_reference for one in statement.transactions] == keys
    assert {one.batch_reference for one in statement.transactions} == {entry_reference}


def test_twins_are_both_kept_and_a_pending_row_does_not_count_as_one():
    statement = day(
        entry("50.00", reference="A", status="PDNG"),
        entry("50.00", reference="A"),
        entry("50.00", reference="A"),
    )
    assert [(one.status, one.bank_reference) for one in statement.transactions] == [
        (Status.PENDING, "A"),
        (Status.BOOKED, "A"),
        (Status.BOOKED, "A@2"),
    ]


@pytest.mark.parametrize(
    "remittance, reference, remittances",
    [
        (kid("123"), "123", [("123", "", None)]),
        (kid("123") + kid("456"), "", [("123", "", None), ("456", "", None)]),
        (text("KID 123"), "", []),
        (invoice("F1", "60.00") + invoice("F2", "40.00"), "", [("", "F1", "60.00"), ("", "F2", "40.00")]),
        (invoice("F1", "110.00") + invoice("K1", "-10.00"), "", [("", "F1", "110.00"), ("", "K1", "-10.00")]),
        (invoice("F1", "100.00", "EUR"), "", [("", "F1", None)]),
        (kid("123") + invoice("K1", "-10.00"), "123", [("123", "", None), ("", "K1", "-10.00")]),
    ],
)
def test_references_come_from_reference_fields_only(remittance, reference, remittances):
    (one,) = day(entry("100.00", detail("100.00", remittance=remittance))).transactions
    assert one.reference == reference
    assert [
        (each.reference, each.invoice, None if each.amount is None else str(each.amount))
        for each in one.remittances
    ] == remittances


def test_a_foreign_payment_counts_in_the_accounts_currency():
    counter = (
        '<AmtDtls><InstdAmt><Amt Ccy="EUR">10.00</Amt></InstdAmt><TxAmt><Amt Ccy="EUR">10.00</Amt></TxAmt>'
    )
    counter += '<CntrValAmt><Amt Ccy="NOK">100.00</Amt></CntrValAmt></AmtDtls>'
    statement = day(entry("100.00", counter))
    (one,) = statement.transactions
    assert (one.amount, one.instructed_amount, one.instructed_currency) == (Decimal(100), Decimal(10), "EUR")
    assert statement.findings == ()


def test_a_statement_without_balances_is_held_but_a_notice_has_none():
    data = written("053", "08", part(ACCOUNT, entry("1.00", version="08")))
    assert codes(camt.read(data.encode()).statements[0]) == ["missing_balance"]
    assert codes(day(entry("1.00"), kind="054")) == []
    assert day(entry("1.00"), kind="052").closing is None


def test_the_summary_is_checked():
    summary = "<TxsSummry><TtlCdtNtries><NbOfNtries>{}</NbOfNtries><Sum>{}</Sum></TtlCdtNtries></TxsSummry>"
    for count, total, held in ((1, "100.00", []), (2, "107.00", []), (2, "100.00", ["summary_mismatch"])):
        data = written(
            "054",
            "02",
            part(
                ACCOUNT,
                entry("100.00"),
                entry("7.00", status="PDNG"),
                balances=summary.format(count, total),
            ),
        )
        assert codes(camt.read(data.encode()).statements[0]) == held


def test_nothing_moved_out_counts_among_what_went_out():
    summary = "<TxsSummry><TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>0</Sum></TtlDbtNtries></TxsSummry>"
    data = written("054", "02", part(ACCOUNT, entry("-0.00"), balances=summary))
    statement = camt.read(data.encode()).statements[0]
    assert codes(statement) == []
    assert str(statement.transactions[0].amount) == "0.00"


def test_a_batch_of_very_many_is_read_without_delay():
    details = [detail("0.01", reference="SAME")] * 30_000
    start = time.process_time()
    statement = day(entry("300.00", *details, reference="E"), closing="300.00")
    assert time.process_time() - start < 10
    assert len({one.bank_reference for one in statement.transactions}) == 30_000
    assert codes(statement) == []


def test_pages_wait_for_the_last():
    more = "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"
    data = written("053", "08", part(ACCOUNT, entry("1.00", version="08"), more=more))
    statement = camt.read(data.encode()).statements[0]
    assert not statement.is_last_page
    assert "not_last_page" in codes(statement)


@pytest.mark.parametrize(
    "old, new, code",
    [
        ("camt.053.001.02", "camt.053.001.01", "camt_version"),
        ("camt.053.001.02", "camt.053.001.99", "camt_version"),
        ("camt.053.001.02", "camt.053.002.02", "camt_version"),
        ("camt.053.001.02", "pacs.008.001.08", "camt_not_camt"),
        ("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn", "camt_misplaced"),
        ("</Stmt>", "", "xml_malformed"),
        ("Stmt>", "Rpt>", "camt_misplaced"),
        ("<CdtDbtInd>", "<Amt>1.00</Amt><CdtDbtInd>", "camt_twice"),
        ("<Sts>BOOK</Sts>", "", "camt_incomplete"),
        (ACCOUNT, "", "camt_incomplete"),
        ("<Document", "<!DOCTYPE Document><Document", "xml_doctype"),
    ],
)
def test_what_is_not_this_message_is_refused(old, new, code):
    data = written("053", "02", part(ACCOUNT, entry("77.77")))
    assert old in data
    with pytest.raises(Unreadable) as refusal:
        camt.read(data.replace(old, new).encode())
    assert refusal.value.finding_code == code


def test_encodings():
    data = written("053", "02", part(ACCOUNT, entry("100.00", detail("100.00", debtor="Bjørn"))))
    for sent in (data.encode(), data.encode("utf-16"), data.replace("UTF-8", "ISO-8859-1").encode("latin-1")):
        assert camt.looks_like(sent)
        assert camt.read(sent).statements[0].transactions[0].counterparty_name == "Bjørn"
    with pytest.raises(Unreadable) as refusal:
        camt.read(data.encode("latin-1"))
    assert (refusal.value.finding_code, refusal.value.where) == ("xml_encoding", "line 4")


amounts = st.integers(-10_000_000, 10_000_000).map(lambda ore: Decimal(ore).scaleb(-2))


@settings(max_examples=60, deadline=None)
@given(entries=st.lists(st.lists(amounts, max_size=4).map(tuple), max_size=8), opening=amounts, error=amounts)
def test_what_is_written_is_what_is_read(entries, opening, error):
    """Any payments, all of one entry in one direction, come back whole; any error in the balance is held."""
    shares = [tuple(abs(one) for one in entry) if sum(entry) >= 0 else entry for entry in entries]
    shares = [entry if sum(entry) >= 0 else tuple(-abs(one) for one in entry) for entry in shares]
    lines = [
        entry(f"{sum(one):.2f}", *(detail(f"{abs(share):.2f}") for share in one), reference=f"E{number}")
        for number, one in enumerate(shares)
        if one
    ]
    closing = opening + sum(sum(one) for one in shares) + error
    statement = day(*lines, opening=f"{opening:.2f}", closing=f"{closing:.2f}")
    assert [one.amount for one in statement.transactions] == [share for one in shares for share in one]
    assert codes(statement) == (["balance_mismatch"] if error else [])
