"""Papers that waited with doubt are read again when their supplier's papers have become better known."""

from datetime import date

import pytest

from nattbok.desk import queries as desk
from nattbok.documents import actions, queries
from nattbok.documents.models import Document
from nattbok.documents.models import Reading as Work
from nattbok.trail.models import Act
from tests.documents.invoices import BY, PERSON, a_seller, coded, unattended
from tests.documents.papers_in import a_pdf, a_sale, came, seen, the_reader
from tests.documents.test_reading import changed
from tests.reading import papers
from tests.reading.papers import Paper
from tests.world import TODAY


@pytest.fixture
def reader():
    """The process that reads."""
    return the_reader()


def strange(client, seller, number: str, day: int, base: str = "3311.20") -> Paper:
    """A paper of the seller's in words that nobody knows."""
    made = papers.stacked(
        a_sale(client, seller, number=number, issued=date(2026, 3, day), bases=((25, base),))
    )
    for old, new in (
        ("Fakturanummer", "Kjenning"), ("Fakturadato", "Utferdiget"), ("Forfallsdato", "Ordnes før"),
        ("Forfall", "Siste"), ("Å betale NOK", "Alt i alt"),
    ):  # fmt: skip
        made = changed(made, old, new)
    return made


def again(client, reader) -> tuple[int, ...]:
    actions.teach(client, by=BY)
    return actions.read_again(client, reader, by=BY)


def test_what_waited_is_read_by_what_another_taught_once_and_never_what_a_person_corrected(fjord, reader):
    seller = a_seller(unattended(fjord), amount="4139.00")
    sheets = [strange(fjord, seller, f"2041{day}", day) for day in (11, 12, 16)]
    first, second, third = came(fjord, *(a_pdf(sheet) for sheet in sheets))
    seen(fjord, reader)
    assert set(Document.objects.filter(client=fjord, is_held=True).values_list("pk", flat=True)) == {
        first, second, third,
    }  # fmt: skip
    assert queries.outdated(fjord) == [] and not queries.is_untaught(fjord)
    assert again(fjord, reader) == ()  # nothing is known yet

    actions.correct(fjord, third, {"currency": "NOK"}, by=PERSON, today=TODAY)
    actions.correct(fjord, first, sheets[0].truth, by=PERSON, today=TODAY)
    assert queries.is_untaught(fjord)
    of_third = Document.objects.get(pk=third).reading
    assert again(fjord, reader) == ()  # one paper teaches where to look, and proves nothing yet
    fields = Document.objects.get(pk=second).reading["fields"]
    assert {name: fields[name]["value"] for name in ("invoice_no", "issue_date", "due_date")} == {
        name: sheets[1].truth[name] for name in ("invoice_no", "issue_date", "due_date")
    }
    assert Document.objects.get(pk=third).reading == of_third
    waiting = {each.subject: str(each.reason) for each in desk.waiting([fjord])}
    assert set(waiting) == {f"document:{second}", f"document:{third}"}
    assert coded(fjord).posted == 0  # less doubt is still doubt
    (said,) = Act.objects.filter(client=fjord, kind="documents.read_again")
    assert said.evidence["document"] == second and said.evidence["before"] > said.evidence["doubts"] > 0
    assert again(fjord, reader) == () and queries.outdated(fjord) == []


def test_a_paper_is_read_once_for_each_state_of_the_memory(fjord, reader):
    seller = a_seller(unattended(fjord), amount="4139.00")
    known = strange(fjord, seller, "20411", 11)
    # The same supplier's, with a total that nothing proves: no memory makes it certain.
    odd = changed(strange(fjord, seller, "20412", 12), "4 139,00", "4 140,00")
    first, second = came(fjord, a_pdf(known), a_pdf(odd))
    seen(fjord, reader)
    actions.correct(fjord, first, known.truth, by=PERSON, today=TODAY)
    actions.teach(fjord, by=BY)
    assert queries.outdated(fjord) == [second]
    assert actions.read_again(fjord, reader, by=BY) == ()
    assert Document.objects.get(pk=second).is_held
    assert queries.outdated(fjord) == [] and not queries.is_untaught(fjord)
    assert Work.objects.get(document=second).attempts == 2
    assert len(desk.waiting([fjord])) == 1
