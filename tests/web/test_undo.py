"""Taking back from the pages: shown first, then done; and a question answered from its row."""

import pytest

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.db.scope import scope
from nattbok.desk.queries import waiting
from nattbok.documents import queries as documents
from nattbok.ledger.models import Entry, OpenItem
from nattbok.robot import undoing
from nattbok.robot.models import Undoing, UndoingPart
from nattbok.robot.undoing import jobs
from nattbok.robot.undoing.rules import What
from tests.documents.invoices import a_company, a_seller, an_e_invoice, coded, received, unattended
from tests.web.visitors import a_night, a_person, logged_in, some_work
from tests.world import a_client

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def night(office):
    return a_night(office)


@pytest.fixture
def work(fjord, night):
    return some_work(fjord, night)


@pytest.fixture
def browser(office):
    return logged_in(a_person(office))


def text(response) -> str:
    return response.content.decode()


def test_an_entry_is_taken_back_from_its_page(fjord, work, browser):
    here = f"/clients/{fjord.pk}/"
    page = text(browser.get(f"{here}entries/{work['entry_id']}/"))
    assert f"{here}undo/?entry={work['entry_id']}" in page
    plan = browser.get(f"{here}undo/?entry={work['entry_id']}")
    assert "1 entries of 1,250.00 are reversed" in text(plan)
    shown = undoing.plan(fjord, What(entries=(work["entry_id"],))).hash
    asked = {"entry": work["entry_id"], "plan": shown}
    assert browser.post(f"{here}undo/", asked).status_code == 409  # without a why
    done = browser.post(f"{here}undo/", asked | {"why": "wrong customer"}, follow=True)
    assert "wrong customer" in text(done)
    assert Entry.objects.filter(client=fjord, reverses=work["entry_id"]).count() == 1
    assert "taken back already" in text(browser.get(f"{here}undo/?entry={work['entry_id']}"))
    assert f"{here}undo/?entry" not in text(browser.get(f"{here}entries/{work['entry_id']}/"))


def test_what_depends_is_shown_and_must_be_ticked(fjord, work, browser):
    here = f"/clients/{fjord.pk}/undo/"
    asked = {"entry": work["invoice_id"], "why": "wrong"}
    page = text(browser.get(here, asked))
    assert "Later work depends on it" in page and f"/entries/{work['entry_id']}/" in page
    refused = browser.post(here, asked)
    assert refused.status_code == 409 and "1 later postings or settlements depend on it" in text(refused)
    assert browser.post(here, asked | {"along": "on"}).status_code == 302
    assert not OpenItem.objects.filter(client=fjord).exclude(left=0).exists()


def test_what_changed_meanwhile_is_shown_again(fjord, work, browser):
    asked = {"entry": work["entry_id"], "why": "wrong", "plan": "0" * 64}
    response = browser.post(f"/clients/{fjord.pk}/undo/", asked)
    assert response.status_code == 409 and "have changed since you looked" in text(response)


def test_whoever_only_reads_takes_nothing_back(fjord, work):
    person = a_person()
    give_access(fjord, person, Role.READER)
    asked = {"entry": work["entry_id"], "why": "wrong"}
    response = logged_in(person).post(f"/clients/{fjord.pk}/undo/", asked)
    assert response.status_code == 409 and "keep the books" in text(response)
    question = f"/clients/{fjord.pk}/questions/{work['question_id']}/"
    assert logged_in(person).post(question, {"choice": 1}).status_code == 409


@pytest.mark.parametrize("written", ["x", "1' OR 1", "9" * 30])
def test_what_is_no_number_is_refused_in_words(written, fjord, browser):
    assert browser.get(f"/clients/{fjord.pk}/undo/", {"entry": written}).status_code == 400


def test_a_whole_night_is_taken_back(office, fjord, night, work, browser):
    other = a_client(office=office, name="Skjær AS")
    some_work(other, night)
    here = f"/nights/{night.pk}/undo/"
    assert here in text(browser.get(f"/nights/{night.pk}/"))
    page = browser.get(here)
    assert "2 entries of 2,500.00 in the books of 2 clients" in text(page)
    with scope([fjord.pk, other.pk]):
        told = {f"plan-{each.pk}": undoing.plan(each, What(night=night.pk)).hash for each in (fjord, other)}
    response = browser.post(here, told | {"why": "the wrong file"}, follow=True)
    assert response.redirect_chain[-1][0] == f"{here}progress/"
    assert "2 of 2 clients are done" in text(response)
    with scope([fjord.pk, other.pk]):
        assert Entry.objects.filter(reverses__isnull=False).count() == 2
    assert "There is nothing to take back" in text(browser.get(here))


def test_a_night_of_many_clients_is_taken_back_by_jobs_or_while_it_is_looked_at(office, night, browser):
    clients = [a_client(office=office) for _each in range(4)]
    for client in clients:
        some_work(client, night)
    ids = [client.pk for client in clients]
    with scope(ids):
        told = {f"plan-{each.pk}": undoing.plan(each, What(night=night.pk)).hash for each in clients}
    browser.post(f"/nights/{night.pk}/undo/", told | {"why": "the wrong file"})
    begun = Undoing.objects.get(what__night=night.pk)
    with scope(ids):
        assert not UndoingPart.objects.filter(undoing=begun, ended_at__isnull=False).exists()
    # A worker does one, killed between two; whoever looks on does the others, and a job too many nothing.
    jobs.undo_client(None, undoing=begun.pk, client=ids[0])
    progress = f"/nights/{night.pk}/undo/progress/"
    assert "1 of 4" in text(browser.get(progress, **HTMX))
    for count in (2, 3, 4):
        assert f"{count} of 4" in text(browser.post(progress, **HTMX))
    for client in ids:
        jobs.undo_client(None, undoing=begun.pk, client=client)
    with scope(ids):
        assert Entry.objects.filter(reverses__isnull=False).count() == 4


def test_another_offices_night_is_not_taken_back(night, work):
    from tests.world import an_office

    stranger = logged_in(a_person(an_office()))
    assert stranger.post(f"/nights/{night.pk}/undo/", {"why": "x"}).status_code == 404


def test_the_card_says_why_in_the_readers_language_and_as_data(fjord, work, office):
    browser = logged_in(a_person(office, language="nb"))
    here = f"/clients/{fjord.pk}/acts/{work['act_id']}/"
    assert 'lang="nb"' in text(browser.get(here))
    told = browser.get(here, headers={"Accept": "application/json"}).json()
    assert told["entries"] == [work["entry_id"]] and told["card"]["step"] == "reference"
    assert told["card"]["alternatives"]
    assert f"/clients/{fjord.pk}/undo/?act={work['act_id']}" in text(browser.get(here))


# Questions about documents, end to end.


@pytest.fixture
def asked(fjord):
    """A bill of a stranger: registering it is the likely answer."""
    a_seller(unattended(fjord))
    (document,) = received(fjord, an_e_invoice(fjord, a_company(), number="S-1"))
    coded(fjord)
    (question,) = waiting([fjord])
    assert question.kind == "documents.new_supplier" and question.can_be_answered
    return document, question


def test_a_question_is_answered_from_its_row(fjord, asked, browser):
    _document, question = asked
    morning = text(browser.get("/"))
    assert f'id="question-{question.id}"' in morning and f"/clients/{fjord.pk}/documents/" in morning
    here = f"/clients/{fjord.pk}/questions/{question.id}/"
    answered = text(browser.post(here, {"choice": 1, "with_client": 1}, **HTMX))
    assert "✓" in answered
    # The supplier is known now; what account its bill goes to is asked next, in the same place.
    (following,) = waiting([fjord])
    assert f'id="question-{following.id}"' in answered
    assert "answered already" in text(browser.post(here, {"choice": 1}, **HTMX))


def test_an_answer_that_posts_can_be_taken_back_at_once(fjord, browser):
    seller = a_seller(fjord)
    (document,) = received(fjord, an_e_invoice(fjord, seller, number="88-1"))
    coded(fjord)
    (question,) = waiting([fjord])
    here = f"/clients/{fjord.pk}/questions/{question.id}/"
    answered = text(browser.post(here, {"choice": 1}, **HTMX))
    assert 'name="undo"' in answered
    assert documents.document(fjord, document).row.state == documents.POSTED
    back = text(browser.post(here, {"undo": 1}, **HTMX))
    assert documents.document(fjord, document).row.state == documents.WAITING
    (question,) = waiting([fjord])
    assert question.kind == "documents.undone" and f'id="question-{question.id}"' in back
    # Its answers are those it had, to post it again, to let the robot go on, and to set it aside.
    assert [answer["do"] for _l, _w, answer in question.candidates] == ["post", "again", "let_go", "decline"]
    browser.post(f"/clients/{fjord.pk}/questions/{question.id}/", {"choice": 2})
    assert documents.document(fjord, document).row.state == documents.POSTED
    assert waiting([fjord]) == []


def test_a_document_set_aside_is_taken_up_again(fjord, asked, browser):
    document, question = asked
    here = f"/clients/{fjord.pk}/questions/{question.id}/"
    browser.post(here, {"choice": 2}, **HTMX)
    assert documents.document(fjord, document).row.state == documents.DECLINED
    back = text(browser.post(here, {"undo": 1}, **HTMX))
    (again,) = waiting([fjord])
    assert again.kind == "documents.new_supplier" and f'id="question-{again.id}"' in back


@pytest.mark.parametrize("choice", ["0", "99", "-1", "x", ""])
def test_an_answer_that_there_is_not_is_refused(choice, fjord, asked, browser):
    _document, question = asked
    response = browser.post(f"/clients/{fjord.pk}/questions/{question.id}/", {"choice": choice})
    assert response.status_code == 409
    assert len(waiting([fjord])) == 1


def test_the_morning_counts_without_reading_all(fjord, browser):
    from nattbok.base.words import Words
    from nattbok.desk import actions as desk
    from nattbok.desk.rules import QuestionDraft

    drafts = [QuestionDraft("test.many", f"thing:{n}", Words("Why?")) for n in range(300)]
    desk.ask(fjord, drafts, by="robot:test")
    page = text(browser.get("/"))
    assert page.count('class="question"') == 25 and "Show 275 more" in page
    page = text(browser.get("/?kind=test.many"))
    assert page.count('class="question"') == 200 and "Show 100 more" in page
    assert text(browser.get("/?kind=test.many&after=200")).count('class="question"') == 100
