"""A credit note on paper goes on alone when the invoice it names is one that we hold; else it is asked."""

from decimal import Decimal

import pytest

from nattbok.documents import actions
from nattbok.ledger.models import OpenItem
from tests.documents.invoices import PERSON, a_seller, an_e_invoice, coded, received, unattended
from tests.documents.papers_in import a_pdf, a_sale, came, seen, the_reader
from tests.documents.test_reading import asked, changed
from tests.reading import papers
from tests.world import TODAY, booked


@pytest.fixture
def seller(fjord):
    """A supplier whose bill of 1 250.00 under 88-1 is in the books."""
    found = a_seller(unattended(fjord), amount="5225.50")
    received(fjord, an_e_invoice(fjord, found, number="88-1"))
    assert coded(fjord).posted == 1
    return found


def a_credit_note(fjord, seller, *texts: tuple[float, float, str], base: str = "840.00") -> int:
    sale = a_sale(fjord, seller, number="K-20417", bases=((25, base),), issued=TODAY)
    paper = changed(papers.stacked(sale), "FAKTURA", "KREDITNOTA")
    for x, y, text in texts:
        paper.put(x, y, text)
    (pk,) = came(fjord, a_pdf(paper), name="kreditnota.pdf")
    seen(fjord, the_reader())
    return pk


def test_it_takes_back_the_invoice_that_it_names(fjord, seller):
    a_credit_note(fjord, seller, (40, 180, "Kreditering av faktura nr"), (180, 180, "88-1"))
    assert coded(fjord).posted == 1, asked(fjord)
    assert booked(fjord, series="K").splitlines()[3:] == [
        f"2  {TODAY}  6340  -840.00", f"2  {TODAY}  2710  -210.00", f"2  {TODAY}  2400  1050.00",
    ]  # fmt: skip
    assert OpenItem.objects.get(client=fjord, number="K-20417").left == Decimal("1050.00")


@pytest.mark.parametrize(
    "texts, base, said",
    [
        ([], "840.00", "does not say which invoice"),
        ([(40, 180, "Kreditering av faktura nr"), (180, 180, "88-7")], "840.00", "not among the invoices"),
        ([(40, 180, "Gjelder faktura 88-1")], "4200.00", "more than was owed"),
    ],
)
def test_else_it_is_asked_about(fjord, seller, texts, base, said):
    pk = a_credit_note(fjord, seller, *texts, base=base)
    assert coded(fjord).posted == 0
    ((kind, reason),) = asked(fjord)
    assert kind == "documents.credit" and said in reason
    if "not" in said:  # a person has the paper at hand
        actions.correct(fjord, pk, {"credited_number": "88-1"}, by=PERSON, today=TODAY)
        assert asked(fjord) == [] and "1050.00" in booked(fjord, series="K")
