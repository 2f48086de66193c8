"""Papers of every sketched layout, read as PDFs with text; and the traps among them, one by one."""

from datetime import date, timedelta

import pytest

from nattbok import reading
from nattbok.reading import Own, dates, pdf
from nattbok.reading.labels import Label, fold, spot
from nattbok.reading.print import printed
from nattbok.reading.shape import ACCOUNTS, Kind, Proof
from nattbok.reading.words import Page, Source
from nattbok.sandbox.documents.pdf import Text, write
from nattbok.sandbox.documents.sketches import Sketch, draw, sketches

LAYOUTS = {sketch.name: sketch for sketch in sketches()}
BILLS = {"invoice", "credit_note", "receipt"}
SEEDS = (0, 1)
# American days are never taken for sure, and a bill that prints no VAT leaves open what is net.
ASKED = {"trap month first": {"issue_date", "due_date", "net"}, "us subscription": {"net"}}


def read(data: bytes, country: str, issued: str | None, own: str | None = None):
    """What is read two weeks after the paper was issued."""
    on = date.fromisoformat(issued) + timedelta(days=14) if issued else date(2026, 6, 1)
    return reading.read(data, country=country, own=Own(frozenset([own or "999999999"])), on=on)


def read_drawn(sketch: Sketch, seed: int):
    """A paper as drawn, and what is read of it."""
    drawn = draw(sketch, seed)
    truth = drawn.truth
    return drawn, read(drawn.pdf(), drawn.country, truth["issue_date"], truth["buyer_orgno"])


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_read_and_nothing_wrong_is_proven(name):
    for seed in SEEDS:
        drawn, found = read_drawn(LAYOUTS[name], seed)
        assert found.kind == drawn.kind
        if drawn.kind not in BILLS:
            assert not found.is_proven
            continue
        fields = [one for one in drawn.truth if one not in ("supplier_name", "buyer_orgno")]
        wrong = {one for one in fields if found.value(one) != drawn.truth[one]}
        assert wrong <= ASKED.get(name, set())
        assert not any(found.fields[one].is_proven for one in wrong if one in found.fields)
        lines = {(f"{one.rate:f}", f"{one.base:.2f}", f"{one.vat:.2f}") for one in found.vat_lines}
        if name not in ASKED:
            assert lines == {(one["rate"], one["base"], one["vat"]) for one in drawn.vat_lines}


def test_the_same_seed_gives_the_same_paper():
    sketch = LAYOUTS["se power"]
    assert draw(sketch, 3).pdf() == draw(sketch, 3).pdf() != draw(sketch, 4).pdf()


def paper(*lines: str, **head: str):
    """A small sketch of a test's own, drawn and read."""
    told = {"country": "NO", "items": "Vare", "count": "1", **head}
    return read_drawn(Sketch("test", told, lines), 0)


NORWEGIAN = (
    "{supplier}    Org.nr {org_mva}    Fakturanr {number}",
    "Netto    {net}|",
    "Mva 25 %    {vat}|",
    "Å betale    {total}|",
    "Konto {account}   KID {ref}",
)


def test_the_heading_over_items_does_not_date_the_bill():
    drawn, found = paper(
        "#Faktura", "Dato        Tekst          Beløp", "{delivered}    {item}    {item_amount}|", "",
        "Utstedt    {issued}    Forfall    {due}", *NORWEGIAN,
    )  # fmt: skip
    assert found.value("issue_date") == drawn.truth["issue_date"]
    drawn, found = paper(
        "#Faktura", "Dato        Tekst          Beløp", "{delivered}    {item}    {item_amount}|", "",
        "Forfall    {due}", *NORWEGIAN,
    )  # fmt: skip
    assert "issue_date" not in found.fields or not found.fields["issue_date"].is_proven


def test_nothing_is_due_on_a_receipt():
    _drawn, found = paper("Kvittering {number}", "Betalingsdato  {issued}", *NORWEGIAN[:4])
    assert found.kind is Kind.RECEIPT and "due_date" not in found.fields


def test_an_american_day_is_never_proven():
    _drawn, found = read_drawn(LAYOUTS["trap month first"], 0)
    days = [found.fields[one] for one in ("issue_date", "due_date") if one in found.fields]
    assert all(not one.is_proven and one.proof is Proof.PLACED for one in days)
    assert dates.is_month_first(["due 07/15/2025"]) and not dates.is_month_first(["15/07/2025", "1/15"])


@pytest.mark.parametrize(
    "heading, kind",
    [
        ("#Purring på forfalt faktura", Kind.REMINDER),
        ("2. gangs purring - inkassovarsel", Kind.REMINDER),
        ("Betalningspåminnelse avseende faktura", Kind.REMINDER),
        ("Åpne poster per {issued}", Kind.STATEMENT),
        ("#Oﬀert", Kind.ORDER),
        ("Pristilbud", Kind.ORDER),
        ("Bekreftelse på ordre 1234", Kind.ORDER),
        ("FAKTURAUTKAST", Kind.ORDER),
        ("Lønnsslipp", Kind.UNKNOWN),
        ("Bilagstype: Kreditnota", Kind.CREDIT_NOTE),
        ("Parkeringskvittering", Kind.RECEIPT),
        ("#Faktura    Ordrebekreftelse 4431", Kind.INVOICE),
        ("Faktura    Ved purring påløper gebyr", Kind.INVOICE),
        ("#Faktura    Følgeseddel 88213", Kind.INVOICE),
    ],
)
def test_what_a_paper_is_by_its_heading(heading, kind):
    _drawn, found = paper(heading, "", "Fakturadato {issued}   Forfall {due}", *NORWEGIAN)
    assert found.kind is kind


def test_a_letter_about_invoices_is_no_bill():
    _drawn, found = read_drawn(LAYOUTS["no brev"], 0)
    assert found.kind is Kind.UNKNOWN and not found.is_proven


def test_the_sum_of_columns_is_what_their_headings_say():
    drawn, found = paper(
        "#Faktura", "Fakturadato {issued}   Forfall {due}", "{supplier}  {org_mva}  Fakturanr {number}",
        "Tekst               Grunnlag|            Mva|         Totalt|",
        "{item}          {item_amount}|                 {item_with_vat}|", "",
        "Sum                    {net}|          {vat}|        {total}|",
        items="Leie; Strøm; Vann", count="3",
    )  # fmt: skip
    assert found.value("total") == drawn.truth["total"] and found.fields["total"].is_proven


def test_a_line_of_a_payment_slip_that_cannot_be_read_holds_the_bill():
    told = (
        "#Faktura", "Fakturadatum {issued}   Förfallodatum {due}",
        "{supplier}  {org_vat}  Fakturanr {number}",
        "Netto    {net}|", "Moms 25 %    {vat}|", "Att betala    {total}|", "Bankgiro {bankgiro}",
    )  # fmt: skip
    _drawn, found = paper(*told, country="SE")
    assert found.is_proven
    _drawn, found = paper(*told, "12 3#41#", country="SE")
    assert "unread_payment_ref" in [finding.code for finding in found.findings] and not found.is_proven


def test_a_number_of_another_country_is_no_norwegian_one():
    drawn, found = read_drawn(LAYOUTS["uk supplier"], 0)
    assert found.value("supplier_orgno") == drawn.truth["supplier_orgno"] == "GB124722926"
    assert all(one not in found.fields for one in ACCOUNTS if one != "iban")


def test_the_buyers_number_is_known_by_its_label_whatever_it_is_called():
    for label in ("Köparens VAT-nr", "Deres org.nr.", "Kundens momsregnr", "Your VAT no"):
        assert spot(label).label is Label.BUYER
    assert spot("VAT-nr").label is Label.ORG


def test_letters_drawn_as_one_are_the_letters_they_show():
    assert fold("Oﬀert") == "offert" and fold("ﬁrma") == "firma"


def test_what_is_written_along_the_margin_is_read():
    upwards = [Text(12, 600, "Org.nr 918 273 645 MVA", 7, is_upwards=True)]
    level = [Text(60, 40 + 12 * place, f"Linje nummer {place}") for place in range(9)]
    with pdf.opened(write([[*level, *upwards]])) as document:
        (page,) = pdf.pages(document)
        found = Page(0, page.words, page.width, page.height, Source.TEXT)
    row = printed([found]).rows[-1]
    assert [cell.text for cell in row] == ["Org.nr 918 273 645 MVA"]
    assert row[0].box.right < 0.05 and row[0].box.height > 0.05


def test_a_text_layer_whose_signs_say_nothing_is_not_trusted():
    told = [Text(60, 40 + 12 * place, f"Faktura \x03\x04\x05 nummer {place}") for place in range(9)]
    with pdf.opened(write([told])) as document:
        assert [page.words for page in pdf.pages(document)] == [()]
