"""A credit note says which invoice it takes back, or nothing is said for it."""

from dataclasses import replace

import pytest

from nattbok.reading.shape import Kind
from tests.reading.papers import Paper, Sale, columns, compact, english, stacked
from tests.reading.test_layouts import read

MAKE = {"stacked": stacked, "compact": compact, "columns": columns, "english": english}


def a_credit_note(name: str = "stacked", *texts: tuple[float, float, str]) -> Paper:
    """A credit note in that layout, with more texts printed on it."""
    paper = MAKE[name](Sale())
    titles = {"FAKTURA": "KREDITNOTA", "Faktura": "Kreditfaktura", "INVOICE": "CREDIT NOTE"}
    made = [(x, y, titles.get(text, text), size) for x, y, text, size in paper.texts]
    return replace(paper, texts=[*made, *((x, y, text, 9) for x, y, text in texts)])


@pytest.mark.parametrize(
    "texts, number",
    [
        ([(40, 180, "Kreditering av faktura nr"), (180, 180, "20399")], "20399"),
        ([(40, 180, "Kreditering av faktura nr. 20399")], "20399"),
        ([(40, 180, "Gjelder faktura: 20399")], "20399"),
        ([(40, 180, "Gjelder fakturanummer"), (180, 180, "F-20399")], "F-20399"),
        ([(40, 180, "Krediterer faktura 20399 av 12.02.2026")], "20399"),
        ([(40, 180, "Opprinnelig fakturanr"), (180, 180, "20399")], "20399"),
        ([(40, 180, "Avser faktura nr"), (180, 180, "20399")], "20399"),
        ([(40, 180, "Krediterar fakturanr: 20399")], "20399"),
        ([(40, 180, "Ursprunglig faktura"), (180, 180, "20399")], "20399"),
        ([(40, 180, "Avser faktura"), (40, 194, "20399")], "20399"),
        ([(40, 180, "Credit for invoice no. INV-20399")], "INV-20399"),
        ([(40, 180, "Original invoice"), (180, 180, "20399")], "20399"),
        ([(40, 180, "KrediteringavfakturaNr:20399")], "20399"),  # the models lose blanks
        ([(40, 180, "Gjelder faktura 20399"), (40, 194, "Gjelder faktura 20400")], None),  # two
        ([(40, 180, "Gjelder faktura 20417")], None),  # its own number
        ([(40, 180, "Gjelder periode 01.2026")], None),
        ([(40, 180, "Kreditering av 2 stk dører")], None),
        ([(40, 180, "Deres ref"), (180, 180, "20399")], None),
        ([(40, 250, "Gjelder faktura 20417")], None),  # and the item's number below it is none
        ([], None),
    ],
)
def test_the_invoice_that_is_taken_back(texts, number):
    found = read(a_credit_note("stacked", *texts))
    assert found.kind is Kind.CREDIT_NOTE
    assert found.value("credited_number") == number
    assert found.value("invoice_no") == "20417"  # its own is still its own
    assert found.value("total") == "-5225.50"


def test_nothing_is_said_of_an_invoice():
    paper = stacked(Sale())
    paper.put(40, 180, "Gjelder faktura 20399")
    found = read(paper)
    assert found.kind is Kind.INVOICE and found.value("credited_number") is None
    assert found.value("invoice_no") == "20417"
