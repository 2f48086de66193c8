"""From a picture or PDF to a posted bill, or to the one question that stands in the way."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from PIL import ImageFilter

from nattbok.base.errors import Refused
from nattbok.db.scope import scope
from nattbok.desk import actions as desk_actions
from nattbok.desk import queries as desk
from nattbok.documents import actions, queries
from nattbok.documents.actions import looking, uploading
from nattbok.documents.actions.correcting import NotReadFromPages, NotThesePages
from nattbok.documents.models import Document, SupplierMemory
from nattbok.documents.models import Reading as Work
from nattbok.documents.queries import reading as reading_queries
from nattbok.documents.rules.correcting import NoSuchField, NotSuchAValue
from nattbok.files.models import File
from nattbok.files.queries import data
from nattbok.trail.models import Act
from tests.documents.invoices import BY, PERSON, a_seller, an_e_invoice, coded, received, unattended
from tests.documents.papers_in import a_pdf, a_sale, came, seen, the_reader
from tests.reading import papers
from tests.reading.papers import Paper
from tests.reading.test_files import CII, a_png_of
from tests.reading.test_files import a_pdf as a_blank_pdf
from tests.world import TODAY, a_client, booked


@pytest.fixture
def reader():
    """The process that reads."""
    return the_reader()


@pytest.fixture
def seller(fjord):
    """A supplier with a habit, to a client whose certain bills are posted."""
    return a_seller(unattended(fjord), amount="5225.50")


def the(client, pk) -> Document:
    return Document.objects.select_related("file").get(client=client, pk=pk)


def asked(client) -> list[tuple[str, str]]:
    return [(waiting.kind, str(waiting.reason)) for waiting in desk.waiting([client])]


def answered(client, number: int) -> None:
    (waiting,) = desk.waiting([client])
    desk_actions.answer(client, waiting.id, number, by=PERSON, today=TODAY)


def changed(paper: Paper, old: str, new: str) -> Paper:
    """The paper with a text on it exchanged."""
    assert any(old in text for _x, _y, text, _size in paper.texts)
    return replace(paper, texts=[(x, y, text.replace(old, new), size) for x, y, text, size in paper.texts])


def without(paper: Paper, *texts: str) -> Paper:
    """The paper without the texts that hold one of these."""
    return replace(paper, texts=[one for one in paper.texts if not any(text in one[2] for text in texts)])


def test_a_proven_pdf_goes_on_as_an_e_invoice_does(fjord, seller, reader):
    (pk,) = came(fjord, a_pdf(papers.stacked(a_sale(fjord, seller))))
    assert (the(fjord, pk).kind, queries.unread(fjord)) == ("unread", [pk])
    assert coded(fjord) == actions.Done()  # what is not read is not decided on
    assert seen(fjord, reader) == actions.Seen((pk,), 0, 0)
    assert coded(fjord) == actions.Done(posted=1)
    assert booked(fjord, series="K") == "\n".join(
        ["1  2026-03-12  6340  4180.40", "1  2026-03-12  2710  1045.10", "1  2026-03-12  2400  -5225.50"]
    )
    kept = the(fjord, pk).reading
    assert (kept["kind"], kept["engine"], kept["is_illegible"], kept["pieces"]) == (
        "invoice",
        "text",
        False,
        [],
    )
    total = kept["fields"]["total"]
    assert (total["value"], total["proof"], total["is_proven"]) == ("5225.50", "sums", True)
    assert 0 < total["confidence"] <= 1 and total["source"] == "text"
    left, top, right, bottom = total["place"]["box"]
    under = [
        word.text
        for word in queries.words_of(fjord, pk, total["place"]["page"])
        if left - 0.01 <= word.left
        and word.right <= right + 0.01
        and top <= (word.top + word.bottom) / 2 <= bottom
    ]
    assert "".join(under) == "5225,50"
    assert [page.engine for page in queries.pages_of(fjord, pk)] == ["text"]


def test_a_swedish_bill_with_bankgiro_and_rounding(skog, reader):
    seller = a_seller(unattended(skog), account="5410", bank_account="50501055", amount="9181.00")
    came(skog, a_pdf(papers.columns(a_sale(skog, seller))))
    seen(skog, reader)
    assert coded(skog).posted == 1, asked(skog)
    assert booked(skog, series="K").splitlines()[-1].endswith("2440  -9181.00")
    assert "3740  -0.25" in booked(skog, series="K")


def test_what_is_doubtful_is_asked_and_the_act_holds_what_it_was(fjord, seller, reader):
    (pk,) = came(fjord, a_pdf(changed(papers.stacked(a_sale(fjord, seller)), "Fakturanummer", "Kjenning")))
    seen(fjord, reader)
    assert coded(fjord).posted == 0
    ((kind, reason),) = asked(fjord)
    assert kind == "documents.reading" and "nvoice number" in reason
    with pytest.raises(NotSuchAValue):
        actions.correct(fjord, pk, {"issue_date": "i går"}, by=PERSON)
    with pytest.raises(NoSuchField):
        actions.correct(fjord, pk, {"weather": "rain"}, by=PERSON)
    actions.correct(fjord, pk, {"invoice_no": "20417", "issue_date": "12. mars 2026"}, by=PERSON, today=TODAY)
    assert asked(fjord) == [] and "2400  -5225.50" in booked(fjord, series="K")
    told = Act.objects.get(client=fjord, kind="documents.corrected")
    assert told.by == PERSON and told.evidence["new"]["invoice_no"] == "20417"
    assert told.evidence["old"]["invoice_no"] != "20417"
    field = the(fjord, pk).reading["fields"]["invoice_no"]
    assert (field["proof"], field["source"], field["confidence"]) == ("corrected", "person", 1.0)
    with pytest.raises(Refused):
        actions.correct(fjord, pk, {"total": "1.00"}, by=PERSON)  # it is posted


def test_a_likely_answer_is_chosen_on_the_desk(fjord, seller, reader):
    (pk,) = came(
        fjord, a_pdf(without(papers.stacked(a_sale(fjord, seller)), "Kontonummer", seller.account[6:]))
    )
    seen(fjord, reader)
    assert "account" in asked(fjord)[0][1]
    actions.correct(fjord, pk, {"bank_account": ""}, by=PERSON, today=TODAY)  # there is none
    assert asked(fjord) == [] and "2400" in booked(fjord, series="K")


@pytest.mark.parametrize(
    "heading, is_kind",
    [
        ("PURRING", "reminder"),
        ("KONTOUTSKRIFT", "statement"),
        ("PAKKSEDDEL", "delivery_note"),
        ("ORDREBEKREFTELSE", "order"),
    ],
)
def test_what_is_no_bill_is_no_debt(fjord, seller, reader, heading, is_kind):
    (pk,) = came(fjord, a_pdf(changed(papers.stacked(a_sale(fjord, seller)), "FAKTURA", heading)))
    seen(fjord, reader)
    assert (the(fjord, pk).kind, the(fjord, pk).reading["kind"]) == ("no_bill", is_kind)
    assert coded(fjord).posted == 0 and asked(fjord)[0][0] == "documents.no_bill"
    answered(fjord, 1)  # an invoice all the same
    assert the(fjord, pk).kind == "invoice"


def test_a_receipt_and_a_credit_note(fjord, seller, reader):
    paper = papers.stacked(a_sale(fjord, seller))
    for old, new in (("FAKTURA", "KVITTERING"), ("Fakturanummer", "Kvitteringsnr"), ("Fakturadato", "Dato")):
        paper = changed(paper, old, new)
    (first,) = came(fjord, a_pdf(paper))
    credit = changed(papers.stacked(a_sale(fjord, seller, number="20418")), "FAKTURA", "KREDITNOTA")
    (second,) = came(fjord, a_pdf(credit))
    seen(fjord, reader)
    assert the(fjord, first).reading["kind"] == "receipt" and the(fjord, first).is_held
    assert the(fjord, second).owed == Decimal("-5225.50")
    assert coded(fjord).posted == 0
    assert {kind for kind, _reason in asked(fjord)} == {"documents.credit", "documents.reading"}


def test_it_must_be_for_this_client(fjord, seller, reader):
    sale = a_sale(fjord, seller, buyer="Et Helt Annet Sted AS")
    came(fjord, a_pdf(papers.stacked(sale)))
    seen(fjord, reader)
    assert asked(fjord) == [("documents.reading", "Nothing on the paper says that it is for this client.")]
    assert coded(fjord).posted == 0
    answered(fjord, 1)  # it is
    assert "2400  -5225.50" in booked(fjord, series="K")


def test_a_new_account_and_vat_without_a_number_still_stop(fjord, seller, reader):
    other = papers.account("9710123456")
    came(fjord, a_pdf(papers.stacked(a_sale(fjord, seller, account=other))))
    came(fjord, a_pdf(changed(papers.stacked(a_sale(fjord, seller, number="9001")), " MVA", "")))
    seen(fjord, reader)
    assert coded(fjord).posted == 0
    assert {kind for kind, _reason in asked(fjord)} >= {"documents.changed_account"}


def test_a_file_of_two_proven_bills_is_cut_by_the_robot(fjord, seller, reader):
    two = [papers.stacked(a_sale(fjord, seller, number=number)) for number in ("20417", "20518")]

    (pk,) = came(fjord, a_pdf(*two))
    found = seen(fjord, reader)
    assert len(found.read) == 2 and found.unread == 0
    rows = Document.objects.filter(client=fjord).order_by("first_page")
    assert [(row.first_page, row.last_page, row.number) for row in rows] == [(0, 0, "20417"), (1, 1, "20518")]
    assert {row.file_id for row in rows} == {rows[0].file_id} and rows[0].pk == pk
    assert [page.number for page in queries.pages_of(fjord, rows[1].pk)] == [1]
    assert rows[1].reading["fields"]["total"]["place"]["page"] == 1
    assert actions.receive(fjord, [rows[0].file_id], by=BY).documents == ()


def test_a_file_of_two_where_one_is_doubtful_is_cut_by_a_person(fjord, seller, reader):
    one = papers.stacked(a_sale(fjord, seller, number="20417"))
    other = without(papers.stacked(a_sale(fjord, seller, number="20518")), "Forfallsdato", "Forfall")
    (pk,) = came(fjord, a_pdf(one, other))
    seen(fjord, reader)
    assert asked(fjord) == [("documents.several", "The file seems to hold 2 documents: pages 1, 2.")]
    for wrong in ([], [[0, 0]], [[0, 0], [2, 2]], [[1, 1], [0, 0]], [[0, 1], [1, 1]]):
        with pytest.raises(NotThesePages):
            actions.split(fjord, pk, wrong, by=PERSON)
    answered(fjord, 1)
    assert len(queries.unread(fjord)) == 2
    assert len(seen(fjord, reader).read) == 2
    numbers = Document.objects.filter(client=fjord).order_by("first_page").values_list("number", flat=True)
    assert list(numbers) == ["20417", "20518"]


def test_two_pages_that_are_one_document(fjord, seller, reader):
    one = papers.stacked(a_sale(fjord, seller, number="20417"))
    (pk,) = came(fjord, a_pdf(one, without(papers.stacked(a_sale(fjord, seller, number="20518")), "Forfall")))
    seen(fjord, reader)
    answered(fjord, 2)
    assert seen(fjord, reader).read == (pk,)
    assert Document.objects.filter(client=fjord).count() == 1 and the(fjord, pk).reading["pieces"] == []


def test_cut_short_anywhere_it_ends_the_same(fjord, seller, reader):
    files = [a_pdf(papers.stacked(a_sale(fjord, seller, number=f"2041{place}"))) for place in range(3)]
    came(fjord, *files)

    class Killed(BaseException):
        pass

    class Dying:
        def __init__(self, after: int) -> None:
            self.after = after

        def read(self, given: bytes, **known: object):
            found = reader.read(given, **known)
            self.after -= 1
            if self.after < 0:
                raise Killed
            return found

    for after in (0, 1, 0):
        with pytest.raises(Killed):
            actions.read(fjord, Dying(after), by=BY)
    assert len(seen(fjord, reader).read) == 2 and seen(fjord, reader) == actions.Seen()
    acts = Act.objects.filter(client=fjord, kind="documents.read")
    assert sorted(acts.values_list("evidence__document", flat=True)) == sorted(
        Document.objects.filter(client=fjord).values_list("pk", flat=True)
    )
    assert coded(fjord).posted == 1  # the others have the same day, amount and reference: asked about


def test_what_ends_the_worker_each_time_is_given_up(fjord, seller, reader):
    (pk,) = came(fjord, a_pdf(papers.stacked(a_sale(fjord, seller))))
    Work.objects.create(client=fjord, document_id=pk, attempts=reading_queries.MOST_TRIES)
    assert seen(fjord, reader).held == 1
    assert (the(fjord, pk).kind, asked(fjord)[0][0]) == ("unreadable", "documents.unreadable")


HOSTILE = {
    "locked": (lambda: a_blank_pdf(password="hemmelig"), "pdf_locked"),
    "pages": (lambda: a_pdf(*[Paper("NO", {}, [])] * 10_000), "too_many_pages"),
    "bomb": (lambda: a_png_of(60_000, 60_000), "too_many_pixels picture_broken"),
    "cut": (lambda: b"\xff\xd8\xff\xe0" + b"0" * 400, "picture_broken"),
    "ends": (lambda: b"%PDF-1.7\n%%EOF", "pdf_broken"),
    "script": (
        lambda: a_blank_pdf(
            script="app.launchURL('https://example.org')",
            attached={"factur-x.xml": b"<!DOCTYPE x [<!ENTITY a 'a'>]>" + CII.encode()},
        ),
        "illegible",
    ),
}


def test_hostile_files_are_held_with_a_reason_and_the_others_go_on(fjord, seller, reader):
    documents = dict(zip(HOSTILE, came(fjord, *(make() for make, _code in HOSTILE.values())), strict=True))
    (good,) = came(fjord, a_pdf(papers.stacked(a_sale(fjord, seller))), name="faktura.jpg")
    assert seen(fjord, reader).unread == 0
    assert coded(fjord).posted == 1 and the(fjord, good).number == "20417"
    waiting = {one.subject: one for one in desk.waiting([fjord])}
    for name, pk in documents.items():
        row = the(fjord, pk)
        assert row.is_held and row.kind == "unreadable", name
        assert row.findings[0]["code"] in HOSTILE[name][1].split(), name
        assert str(waiting[f"document:{pk}"].reason), name
        assert data(row.file)  # the bytes are kept


def test_the_data_inside_a_pdf_is_what_counts(fjord, reader):
    (pk,) = came(fjord, a_blank_pdf(attached={"factur-x.xml": CII.encode()}))
    seen(fjord, reader)
    row = the(fjord, pk)
    assert (row.reading["engine"], row.number, row.currency) == ("xml", "R-77", "EUR")
    assert (row.net, row.vat, row.owed, row.issued_on) == (
        Decimal("100.00"), Decimal("19.00"), Decimal("119.00"), date(2026, 3, 12),
    )  # fmt: skip


def test_a_turned_scan_is_straightened_and_read(fjord, seller, reader):
    picture = papers.stacked(a_sale(fjord, seller)).picture().rotate(-90, expand=True)
    kept = io.BytesIO()
    picture.save(kept, "TIFF", compression="tiff_lzw", save_all=True)
    (pk,) = came(fjord, kept.getvalue(), name="skann.tif")
    seen(fjord, reader)
    row = the(fjord, pk)
    assert row.reading["engine"].startswith("ocr") and row.owed == Decimal("5225.50")
    assert [page.turned for page in queries.pages_of(fjord, pk)] == [90]
    assert data(row.file) == kept.getvalue()
    texts = [word.text for word in queries.words_of(fjord, pk, 0)]
    assert "20417" in "".join(texts)


def test_the_second_document_is_read_by_what_the_first_taught(fjord, seller, reader):
    """A paper in words that nobody knows: corrected once, then read right, and posted with nobody looking."""

    def paper(number: str, **fields) -> Paper:
        made = papers.stacked(a_sale(fjord, seller, number=number, **fields))
        for old, new in (
            ("Fakturanummer", "Kjenning"), ("Fakturadato", "Utferdiget"), ("Forfallsdato", "Ordnes før"),
            ("Forfall", "Siste"), ("Å betale NOK", "Alt i alt"),
        ):  # fmt: skip
            made = changed(made, old, new)
        return made

    first, second = paper("20417"), paper("20983", issued=date(2026, 3, 19), bases=((25, "3311.20"),))
    (one,) = came(fjord, a_pdf(first))
    seen(fjord, reader)
    assert the(fjord, one).is_held
    actions.correct(fjord, one, first.truth, by=PERSON, today=TODAY)
    assert "2400  -5225.50" in booked(fjord, series="K")
    (two,) = came(fjord, a_pdf(second))
    seen(fjord, reader)  # teaches first
    fields = the(fjord, two).reading["fields"]
    right = [fields.get(name, {}).get("value") == value for name, value in second.truth.items()]
    assert sum(right) / len(right) >= 0.98, (fields, second.truth)
    (memory,) = SupplierMemory.objects.filter(client=fjord)
    assert (memory.supplier_key, memory.documents) == (seller.company.number, 1)
    assert actions.teach(fjord, by=BY) == 0  # once for each document
    assert actions.forget(fjord, seller.company.number, by=PERSON).documents == 1
    assert not SupplierMemory.objects.filter(client=fjord).exists()


def test_what_was_not_read_from_pages_has_nothing_to_correct(fjord, seller):
    (pk,) = received(fjord, an_e_invoice(fjord, seller))
    with pytest.raises(NotReadFromPages):
        actions.correct(fjord, pk, {"total": "1.00"}, by=PERSON)
    assert queries.words_of(fjord, pk, 0) == [] and queries.pages_of(fjord, pk) == []
    assert File.objects.filter(client=fjord).count() == 1


def test_another_client_sees_no_words(fjord, office, seller, reader):
    (pk,) = came(fjord, a_pdf(papers.stacked(a_sale(fjord, seller))))
    seen(fjord, reader)
    assert queries.words_of(fjord, pk, 0)
    other = a_client("NO", office=office)
    with scope([other.pk]):
        assert queries.words_of(fjord, pk, 0) == [] and queries.pages_of(fjord, pk) == []
        with pytest.raises(Refused):
            actions.correct(other, pk, {"total": "1.00"}, by=PERSON)


def test_a_picture_beyond_reading_is_to_be_taken_again_at_once(fjord, reader, monkeypatch):
    """Told at upload, by a process that is there already, as the server has it; the bytes are kept."""
    monkeypatch.setattr(looking._glass.engine, "reader", reader)
    monkeypatch.setattr(uploading, "SECONDS", 60.0)  # no test asserts a time
    looking._glass.start()
    paper = papers.stacked(papers.Sale()).picture()
    poor, good = io.BytesIO(), io.BytesIO()
    paper.resize((300, 420)).filter(ImageFilter.GaussianBlur(3)).save(poor, "JPEG", quality=30)
    paper.save(good, "JPEG", quality=85)
    (added,) = actions.upload(fjord, [("bilde.jpg", poor.getvalue())], by=PERSON)
    assert added.is_to_be_retaken and not added.is_good and "new picture" in str(added.words)
    assert File.objects.get(client=fjord, pk=added.file).size == len(poor.getvalue())
    (added,) = actions.upload(fjord, [("bilde2.jpg", good.getvalue())], by=PERSON)
    assert not added.is_to_be_retaken and added.is_good
    key = uploading.look_key(fjord, added.file, PERSON)
    assert looking.verdict(key) is looking.Verdict.FINE and not added.is_looked_at
    for lent in (looking._glass.engine, looking._glass.glimpse):
        lent._timer.cancel()
    looking._glass.glimpse.close()
