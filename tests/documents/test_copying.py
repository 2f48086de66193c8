"""A paper becomes a searchable PDF that is kept beside it: once, whoever is killed meanwhile."""

import hashlib
import io
from dataclasses import replace

import pypdfium2
import pytest
from django.db import DatabaseError, transaction

from nattbok.documents import actions, queries
from nattbok.documents.actions.reading import MOST_COPIES
from nattbok.documents.models import Reading as Work
from nattbok.documents.models import SearchablePdf
from nattbok.files.models import Arrival, File
from nattbok.files.queries import data
from nattbok.formats.finding import Finding
from nattbok.reading import reader
from nattbok.reading.pages import Sheet
from nattbok.reading.shape import Reading
from nattbok.reading.words import Page, Source
from nattbok.trail.models import Act
from tests.documents.invoices import BY, PERSON, a_seller
from tests.documents.papers_in import a_pdf, a_sale, came, seen, the_reader
from tests.reading import papers
from tests.reading.test_files import saved
from tests.web.visitors import a_person, logged_in


class Killed(BaseException):
    """The power went."""


class Stumbling:
    """What makes searchable PDFs, but ends in the middle, or gives each up."""

    def __init__(self, *, kills: bool) -> None:
        self.kills = kills

    def searchable(self, *given) -> bytes | Finding:
        if self.kills:
            raise Killed
        return the_reader().searchable(b"%PDF-1.4 cut sho", *given[1:])


def copied(client, copier=None) -> int:
    return actions.copy(client, copier or the_reader(), by=BY)


def found_in(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


class Known:
    """Eyes that know a bill's words and a blank page without looking; what they mean is decided as always."""

    def __init__(self, bill: papers.Paper) -> None:
        words = tuple(replace(word, sureness=0.99) for word in bill.page().words)
        self.pages = [
            Page(0, words, 1309, 1852, Source.TINY, sharpness=0.99),
            Page(1, (), 1309, 1852, Source.TINY, sharpness=0.0),
        ]

    def read(self, _data: bytes, *, country, own, memories, on, only) -> Reading:
        first, last = only or (0, 1)
        sheets = [Sheet(page) for page in self.pages[first : last + 1]]
        return reader.of_sheets(sheets, country=country, own=own, memories=memories, on=on, is_one=True)


@pytest.fixture
def eyes(fjord) -> Known:
    return Known(papers.stacked(a_sale(fjord, a_seller(fjord))))


@pytest.fixture
def paper(fjord, eyes) -> int:
    """A batch from a scanner: a bill, and a page with nothing on it."""
    first = papers.stacked(papers.Sale()).picture().convert("L")
    batch = saved(
        first, "TIFF", save_all=True, append_images=[first.point(lambda _: 255)], compression="jpeg"
    )
    (pk,) = came(fjord, batch, name="bunke.tif")
    seen(fjord, eyes)
    return pk


def test_a_paper_becomes_a_searchable_pdf_once(fjord, paper, office):
    assert queries.uncopied(fjord) == [paper] and queries.searchable_pdf(fjord, paper) is None
    with pytest.raises(Killed):
        copied(fjord, Stumbling(kills=True))
    assert queries.uncopied(fjord) == [paper]
    assert (copied(fjord), copied(fjord)) == (1, 0) and queries.uncopied(fjord) == []
    kept = queries.searchable_pdf(fjord, paper)
    made = data(kept.made)
    first, second = found_in(made)
    assert "Fjellstrøm" in first and "5 225,50" in first and not second.strip()
    original = kept.file
    told = Act.objects.get(client=fjord, kind="documents.copied")
    assert told.pk == kept.act_id and told.by == BY
    assert told.evidence["sha256"] == original.sha256 == hashlib.sha256(data(original)).hexdigest()
    assert told.evidence["made_sha256"] == kept.made.sha256
    # It did not come from anywhere, and is nothing that is read.
    assert not Arrival.objects.filter(client=fjord, file=kept.made).exists()
    assert queries.unread_files(fjord) == []
    # Made again of the same, it is the same; and nobody exchanges it.
    Work.objects.filter(client=fjord, document=paper).update(copies_wanted=MOST_COPIES)
    copied(fjord)
    assert SearchablePdf.objects.get(client=fjord).made.sha256 == kept.made.sha256
    with pytest.raises(DatabaseError), transaction.atomic():
        SearchablePdf.objects.filter(client=fjord).update(made=original)
    browser = logged_in(a_person(office))
    page = browser.get(f"/clients/{fjord.pk}/documents/{paper}/").content.decode()
    address = f"/clients/{fjord.pk}/documents/{paper}/searchable.pdf"
    assert address in page
    answer = browser.get(address)
    assert answer.content == made and answer["Content-Type"] == "application/pdf"
    assert (
        answer["Content-Disposition"].startswith("attachment")
        and "sandbox" in answer["Content-Security-Policy"]
    )


def test_each_piece_of_a_batch_has_its_own(fjord, paper, eyes):
    copied(fjord)
    whole = queries.searchable_pdf(fjord, paper)
    actions.split(fjord, paper, [(0, 0), (1, 1)], by=PERSON)
    assert queries.searchable_pdf(fjord, paper) is None  # what was made is of more than it is now
    assert queries.uncopied(fjord) == []
    (other,) = set(queries.unread(fjord)) - {paper}
    seen(fjord, eyes)
    assert copied(fjord) == 2
    for pk, text in ((paper, "Fjellstrøm"), (other, "")):
        (page,) = found_in(data(queries.searchable_pdf(fjord, pk).made))
        assert text in page and bool(text) == bool(page.strip())
    assert SearchablePdf.objects.filter(client=fjord, pk=whole.pk).exists()  # what was made stays


def test_what_cannot_be_made_is_given_up_and_told(fjord, paper):
    for _time in range(MOST_COPIES):
        assert copied(fjord, Stumbling(kills=False)) == 0
    assert queries.uncopied(fjord) == [] and not SearchablePdf.objects.filter(client=fjord).exists()
    told = Act.objects.get(client=fjord, kind="documents.not_copied")
    assert told.evidence["code"] == "pdf_broken"


def test_a_pdf_with_its_own_text_is_left_as_it_is(fjord):
    (pk,) = came(fjord, a_pdf(papers.stacked(a_sale(fjord, a_seller(fjord)))))
    seen(fjord, the_reader())
    assert queries.uncopied(fjord) == [] and copied(fjord) == 0
    assert queries.searchable_pdf(fjord, pk) is None
    assert File.objects.filter(client=fjord).count() == 1


def test_our_own_pdf_that_comes_back_is_known(fjord, paper):
    copied(fjord)
    made = data(queries.searchable_pdf(fjord, paper).made)
    ((added),) = actions.upload(fjord, [("tilbake.pdf", made)], by=PERSON)
    assert added.is_repeat and queries.unread_files(fjord) == []
    assert io.BytesIO(made).read(5) == b"%PDF-"
