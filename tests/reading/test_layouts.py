"""Papers of several layouts, read whole: what is right, what is proven, and what is never made up."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from nattbok.reading import Memory, learnt
from nattbok.reading.pages import Sheet
from nattbok.reading.reader import of_sheets
from nattbok.reading.shape import ACCOUNTS, Kind, Own
from tests.reading.papers import LAYOUTS, SWEDISH, Paper, Sale, account, checked, compact, org_no, stacked

ON = date(2026, 4, 1)


def read(paper: Paper, *, own=(), memories=(), codes=()):
    """What is read of a paper's words."""
    sheets = [Sheet(paper.page(), tuple(codes))]
    own = Own(frozenset(own))
    return of_sheets(sheets, country=paper.country, own=own, memories=memories, on=ON)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_paper_is_read_whole(name):
    make, sale = LAYOUTS[name]
    paper = make(sale)
    found = read(paper, own=[sale.buyer_org])
    assert {field: found.value(field) for field in paper.truth} == paper.truth
    lines = [(str(line.rate), f"{line.base:.2f}", f"{line.vat:.2f}") for line in found.vat_lines]
    assert lines == paper.vat_lines
    assert found.value("supplier_name") == sale.seller
    assert found.is_proven and not found.findings
    assert all(found.fields[one].place is not None for one in ("invoice_no", "issue_date", "total", "net"))


def test_nothing_is_proven_of_amounts_that_do_not_add_up():
    paper = stacked(Sale())
    paper.texts = [(x, y, text.replace("5 225,50", "5 225,51"), size) for x, y, text, size in paper.texts]
    found = read(paper)
    assert not found.is_proven
    assert not any(
        found.fields[one].is_proven for one in ("net", "vat_total", "total") if one in found.fields
    )


def test_a_number_with_a_wrong_check_digit_is_never_proven():
    sale = Sale()
    wrong = sale.reference[:-1] + str((int(sale.reference[-1]) + 1) % 10)
    found = read(stacked(replace(sale, reference=wrong)))
    assert found.value("payment_ref") in (None, wrong)
    assert not found.is_proven


@pytest.mark.parametrize("run_in", ["{number}2025-09-13", "{number}13.09.2025"])
def test_a_number_read_as_one_word_with_a_day_is_no_number(run_in):
    sale = replace(Sale(), number="98223162")
    paper = stacked(sale)
    paper.texts = [
        (x, y, run_in.format(number=text) if text == sale.number else text, size)
        for x, y, text, size in paper.texts
    ]
    assert any("2025" in text and text.startswith(sale.number) for _x, _y, text, _size in paper.texts)
    assert read(paper).value("invoice_no") is None


def test_the_clients_own_numbers_are_never_the_suppliers():
    sale = Sale()
    found = of_sheets(
        [Sheet(stacked(sale).page())], country="NO",
        own=Own(frozenset([sale.seller_org]), frozenset([sale.account])), on=ON,
    )  # fmt: skip
    assert found.value("supplier_orgno") != sale.seller_org
    assert all(found.value(name) != sale.account for name in ACCOUNTS)
    assert not found.is_proven


@pytest.mark.parametrize(
    "heading, kind",
    [
        ("PURRING", Kind.REMINDER),
        ("Betalingspåminnelse", Kind.REMINDER),
        ("KONTOUTDRAG", Kind.STATEMENT),
        ("Følgeseddel", Kind.DELIVERY_NOTE),
        ("Ordrebekreftelse", Kind.ORDER),
        ("PROFORMA FAKTURA", Kind.ORDER),
    ],
)
def test_what_is_no_bill_is_told_apart(heading, kind):
    paper = stacked(Sale())
    paper.texts = [(x, y, heading if text == "FAKTURA" else text, size) for x, y, text, size in paper.texts]
    found = read(paper)
    assert found.kind is kind and not found.is_proven
    assert f"is_{kind}" in [finding.code for finding in found.findings]


def test_a_credit_note_takes_money_back_whatever_sign_is_printed():
    paper = stacked(Sale())
    paper.texts = [
        (x, y, "KREDITNOTA" if text == "FAKTURA" else text, size) for x, y, text, size in paper.texts
    ]
    found = read(paper)
    assert found.kind is Kind.CREDIT_NOTE
    assert found.value("total") == "-5225.50" and found.vat_lines[0].vat == Decimal("-1045.10")


def test_two_accounts_of_one_kind_are_held():
    sale = Sale()
    paper = stacked(sale)
    other = account("1604120045")
    paper.put(40, 690, "Kontonummer")
    paper.put(110, 690, f"{other[:4]}.{other[4:6]}.{other[6:]}")
    found = read(paper)
    assert "several_accounts" in [finding.code for finding in found.findings]
    assert not found.is_proven


def test_a_claim_sold_is_held():
    paper = stacked(Sale())
    paper.put(40, 700, f"Fordringen er overdratt til Fjordkreditt Finans AS, org.nr {org_no('84071761')}")
    found = read(paper)
    assert found.value("supplier_orgno") == Sale().seller_org
    assert "factoring" in [finding.code for finding in found.findings] and not found.is_proven


def test_a_reference_that_is_printed_but_not_read_is_held():
    paper = stacked(Sale())
    reference = Sale().reference
    paper.texts = [
        (x, y, "0020?1700x 05" if text == reference else text, size) for x, y, text, size in paper.texts
    ]
    paper.texts = [(x, y, "KID 00 1" if text == "KID" else text, size) for x, y, text, size in paper.texts]
    assert not read(paper).is_proven


def test_an_invoice_of_tomorrow_is_held():
    found = read(stacked(Sale(issued=ON + timedelta(days=1))))
    assert [finding.code for finding in found.findings] == ["issued_later"]


def test_a_payment_code_is_believed_and_held_against_the_print():
    sale = SWEDISH
    make, _sale = LAYOUTS["columns"]
    code = (
        '{"uqr":1,"tp":1,"nme":"Vrena","cid":"%s","iref":"%s","idt":"20260312","ddt":"20260326",'
        '"due":%s,"vat":1836.25,"cur":"SEK","pt":"BG","acc":"%s-%s"}'
    )
    right = code % (sale.seller_org, sale.reference, "9181.00", sale.bankgiro[:-4], sale.bankgiro[-4:])
    found = read(make(sale), codes=[right])
    assert found.fields["total"].source == "code" and found.is_proven
    other = code % (sale.seller_org, sale.reference, "9999.00", sale.bankgiro[:-4], sale.bankgiro[-4:])
    differs = read(make(sale), codes=[other])
    assert "code_differs" in [finding.code for finding in differs.findings] and not differs.is_proven


def test_several_invoices_in_one_file_are_a_proposal_to_cut():
    one, other = stacked(Sale()), stacked(Sale(number="20999", reference=checked("0020999000")))
    found = of_sheets([Sheet(one.page(0)), Sheet(other.page(1))], country="NO", own=Own(), on=ON)
    assert [(piece.first, piece.last) for piece in found.pieces] == [(0, 0), (1, 1)]
    assert "several_documents" in [finding.code for finding in found.findings] and not found.is_proven
    assert found.value("invoice_no") == "20417"


def test_a_second_page_without_a_number_is_the_same_invoice():
    more = Paper("NO", {}, [])
    for place in range(12):
        more.put(40, 40 + 14 * place, f"Spesifikasjon linje {place} se side 1")
    found = of_sheets([Sheet(stacked(Sale()).page(0)), Sheet(more.page(1))], country="NO", own=Own(), on=ON)
    assert found.pieces == () and found.is_proven


STRANGE = {
    "Fakturanummer": "Vårt løpenr-X",
    "Fakturadato": "Skrevet ut av oss",
    "Forfallsdato": "Pengene hos oss",
    "Å betale NOK": "Blir til sammen",
    "Sum ekskl. mva": "Uten staten",
    "Merverdiavgift": "Til staten",
}


def strange(sale: Sale) -> Paper:
    """A paper whose labels nobody has met."""
    paper = stacked(sale)
    for slip in ("Forfall", "Beløp"):
        paper.texts = [one for one in paper.texts if one[2] != slip]
    paper.texts = [
        (x, y, STRANGE.get(text, text), size)
        for x, y, text, size in paper.texts
        if not (y == 652 and x >= 330)
    ]
    return paper


def test_one_correction_is_enough_for_the_next_paper():
    sale = Sale()
    first = strange(sale)
    before = read(first)
    assert before.value("invoice_no") != sale.number and not before.is_proven
    memory = learnt(before, first.truth)
    assert Memory.of_json(memory.as_json()) == memory
    next_sale = Sale(
        number="20531", issued=date(2026, 3, 20), bases=((25, "912.00"),), reference=checked("0020531000")
    )
    second = strange(next_sale)
    found = read(second, memories=[memory])
    wrong = {name for name, value in second.truth.items() if found.value(name) != value}
    assert wrong == set()
    assert found.fields["invoice_no"].is_remembered


def test_two_wrong_answers_drop_what_was_learnt():
    first = strange(Sale())
    memory = learnt(read(first), first.truth)
    assert "invoice_no" in memory.traces
    for _time in range(2):
        found = read(first, memories=[memory])
        assert found.fields["invoice_no"].is_remembered
        memory = learnt(found, first.truth | {"invoice_no": "ikke trykt 1"}, memory)
    assert "invoice_no" not in memory.traces


def test_the_buyers_number_is_not_the_sellers():
    sale = Sale()
    found = read(compact(sale))
    assert found.value("supplier_orgno") == sale.seller_org
    assert found.value("buyer_orgno") == sale.buyer_org
