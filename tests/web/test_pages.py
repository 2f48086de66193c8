"""What the pages show."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from nattbok.db.scope import scope
from nattbok.documents.models import Document
from nattbok.robot.models import Run
from tests.web.visitors import a_document, a_night, a_person, addresses, logged_in, some_work
from tests.world import a_client, an_entry, an_invoice, posted

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_the_morning_says_how_the_night_went(fjord, office):
    night = a_night(office)
    some_work(fjord, night)
    Run.objects.filter(client=fjord, night=night, routine="read_bank_files").update(
        trouble="The folder {folder} cannot be read: {reason}.",
        trouble_values={"folder": "/in", "reason": "gone"},
    )
    page = text(logged_in(a_person(office)).get("/"))
    assert "1 of 1 clients, 1 posted, 1 wait, 1 failed." in page
    assert page.index("The folder /in cannot be read: gone.") < page.index("Payment paid 1,250.00")
    assert "Settle Payment" in page


def test_the_morning_of_an_office_without_a_night_says_so(office):
    page = text(logged_in(a_person(office)).get("/"))
    assert "No night has been run yet." in page
    assert "The office has no clients yet." in page


def test_what_strangers_write_is_shown_and_never_run(office):
    hostile = a_client(office=office, name=HOSTILE)
    ids = some_work(hostile, a_night(office), text=HOSTILE, file=f"<x>{HOSTILE}</x>".encode())
    with scope([hostile.pk]):  # another with the same number, to be seen side by side
        a_document(hostile, HOSTILE, number=Document.objects.get(pk=ids["document_id"]).number)
    browser = logged_in(a_person(office, name=HOSTILE))
    for name, template in addresses():
        if name in ("login", "logout", "language"):
            continue
        response = browser.get(template.format(**ids))
        if not response.headers["Content-Type"].startswith("text/html"):
            assert response.headers["X-Content-Type-Options"] == "nosniff", name
            continue
        page = text(response)
        assert "<script>alert" not in page and "<img src=x" not in page, name
        if "<html" in page:  # a part of a page need not name the client
            assert "&lt;script&gt;alert(1)" in page, name


def test_a_file_is_handed_out_only_to_be_saved(fjord, office):
    ids = some_work(
        fjord, a_night(office), text='a"b\r\nX: y', file=b"<html><script>alert(1)</script></html>"
    )
    response = logged_in(a_person(office)).get(f"/clients/{fjord.pk}/files/{ids['file_id']}/bytes")
    assert response.content == b"<html><script>alert(1)</script></html>"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_from_the_trial_balance_down_to_why(fjord, office):
    ids = some_work(fjord, a_night(office))
    browser, here = logged_in(a_person(office)), f"/clients/{fjord.pk}"
    page = text(browser.get(f"{here}/trial-balance/?from=2026-01-01&to=2026-12-31"))
    assert "Opening and closing sum to zero" in page
    assert f"{here}/accounts/1920/?from=2026-01-01&amp;to=2026-12-31" in page
    page = text(browser.get(f"{here}/accounts/1920/?from=2026-01-01&to=2026-12-31"))
    assert f"{here}/entries/{ids['entry_id']}/" in page
    page = text(browser.get(f"{here}/entries/{ids['entry_id']}/"))
    assert f"{here}/entries/{ids['invoice_id']}/" in page  # what it settled
    assert f"{here}/files/{ids['file_id']}/" in page
    assert "the robot: Match payments with open items" in page
    why = browser.get(f"{here}/acts/{ids['act_id']}.json").json()
    assert why["evidence"]["step"] == "reference" and why["by"] == "robot:match_payments"


def test_entries_are_paged_without_gap_or_double(fjord, office):
    posted(fjord, *[an_entry(fjord, ("1920", "1.00"), ("3000", "-1.00")) for _number in range(230)])
    browser, seen, address = logged_in(a_person(office)), [], f"/clients/{fjord.pk}/entries/"
    while address:
        page = text(browser.get(address))
        seen += [
            int(part.split("/")[0])
            for part in page.split(f"/clients/{fjord.pk}/entries/")[1:]
            if part[0].isdigit()
        ]
        older = page.split('href="?before=')
        address = (
            f"/clients/{fjord.pk}/entries/?before={older[1].split(chr(34))[0]}" if len(older) > 1 else ""
        )
    assert len(seen) == len(set(seen)) == 230
    assert seen == sorted(seen, reverse=True)


def test_an_accounts_lines_carry_their_balance_over_the_pages(fjord, office):
    posted(fjord, *[an_entry(fjord, ("1920", "1.00"), ("3000", "-1.00")) for _number in range(250)])
    page = text(
        logged_in(a_person(office)).get(
            f"/clients/{fjord.pk}/accounts/1920/?from=2026-01-01&to=2026-12-31&after=200"
        )
    )
    assert "201.00" in page and "250.00" in page and "200.00" not in page


def test_open_items_are_summed_by_party_and_what_is_overdue_is_marked(fjord, office):
    an_invoice(fjord, "100.00", on=datetime.date(2026, 1, 2))
    page = text(logged_in(a_person(office)).get(f"/clients/{fjord.pk}/open-items/"))
    assert "1 items, 100.00 left, of which 100.00 is overdue." in page
    assert ">overdue<" in page
    page = text(logged_in(a_person(office)).get(f"/clients/{fjord.pk}/open-items/?kind=supplier"))
    assert "Nothing is owed to any supplier." in page


@pytest.mark.parametrize(
    "page",
    [
        "trial-balance/?from=whenever",
        "trial-balance/?from=2026-02-01&to=2026-01-01",
        "accounts/1920/?after=-1",
        "entries/?before=x",
        "entries/?before=99999999999999999999999",
        "entries/?to=2026-02-30",
        "open-items/?kind=%3Cscript%3E",
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(page, fjord, office):
    response = logged_in(a_person(office)).get(f"/clients/{fjord.pk}/{page}")
    assert response.status_code == 400
    assert re.search("cannot be used here|not a day", response.content.decode())
    assert "<script>" not in response.content.decode().split("<main")[1]


def test_words_with_any_sign_are_searched_for(fjord, office):
    posted(fjord, an_entry(fjord, ("1920", "1.00"), ("3000", "-1.00"), text="50 % of 'rent'"))
    browser = logged_in(a_person(office))
    for words, found in (
        ("50 % of 'r", True),
        ("%", True),
        ("rent; DROP", False),
        ("a\0b", False),
        ("1", True),
    ):
        page = text(browser.get(f"/clients/{fjord.pk}/entries/", {"q": words}))
        assert ("50 % of" in page.split('id="found"')[1]) == found, words


def test_each_reads_in_their_own_language(fjord, office):
    some_work(fjord, a_night(office))
    for language, word, amount in (
        ("nb", "Saldobalanse", "1\u00a0250,00"),
        ("sv", "Saldobalans", "1\u00a0250,00"),
        ("en", "Trial balance", "1,250.00"),
    ):
        browser = logged_in(a_person(office, language=language))
        page = text(browser.get(f"/clients/{fjord.pk}/trial-balance/?from=2026-01-01&to=2026-12-31"))
        assert word in page and amount in page and f'<html lang="{language}">' in page


def test_the_language_is_kept_with_the_person(office):
    person = a_person(office)
    browser = logged_in(person)
    response = browser.post("/language/", {"language": "sv", "next": "/clients/"})
    assert response.url == "/clients/"
    assert "Klienter" in text(browser.get("/clients/"))
    assert "Klienter" in text(logged_in(type(person).objects.get(pk=person.pk)).get("/clients/"))
    browser.post("/language/", {"language": "xx"})
    assert "Klienter" in text(browser.get("/clients/"))


def test_nobody_is_sent_to_another_host(office):
    browser = logged_in(a_person(office))
    for onward in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"):
        assert browser.post("/language/", {"language": "nb", "next": onward}).url == "/"
        assert browser.get("/login/", {"next": onward}).url == "/"


@pytest.mark.parametrize("count", [3, 60])
def test_pages_ask_as_much_for_sixty_clients_as_for_three(count, office):
    night = a_night(office)
    for _number in range(count):
        some_work(a_client(office=office), night)
    browser = logged_in(a_person(office))
    for address, most in (("/", 30), ("/clients/", 30), (f"/nights/{night.pk}/", 30)):
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            text(browser.get(address))
        print(address, count, len(queries))
        assert len(queries) <= most, "\n".join(query["sql"][:150] for query in queries)


# A page asks eight to know who asks and where, and then for what it shows, always in sets: sixteen at most,
# but for these. They gather from several departments; an act's page plans its undoing, which walks what
# depends on what. Each has the figure that it needs, so that one more is seen.
MOST_QUERIES = {
    "act": 38,
    "undo_act": 38,
    "correct_entry": 44,  # the plan of an act's undoing, and the voucher it is corrected with
    "payments": 38,
    "client": 27,
    "bank_account": 30,  # two panes: the list with its views, and all that is offered for the line in focus
    "bank_pane": 22,
    "payment_batch": 23,
    "document": 25,
    "documents": 25,  # the list, its views, what each list holds, and the first document with what is offered
    "document_pane": 17,
    "document_approval": 19,
    "approval_flow": 19,
    "bank_settings": 18,
    "connection": 19,
    "connections": 17,
    "entry": 19,
    "payment": 19,
    "suppliers": 17,
    "ways_in": 18,
    "portal_approval": 24,
    "supplier": 28,
    "portal_document": 28,  # the picture, the coding, who may approve it, how it stands and is paid
}


def test_a_clients_pages_ask_little(fjord, office):
    ids = some_work(fjord, a_night(office))
    browser = logged_in(a_person(office))
    for name, template in addresses(of_client=True):
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(template.format(**ids)).status_code == 200, name
        assert len(queries) <= MOST_QUERIES.get(name, 16), (name, len(queries))


def test_our_own_mistake_is_told_calmly(fjord, office, monkeypatch):
    browser = logged_in(a_person(office))
    browser.raise_request_exception = False

    def fails(*_given, **_named):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("nattbok.ledger.queries.entries", fails)
    response = browser.get(f"/clients/{fjord.pk}/entries/")
    assert response.status_code == 500
    page = response.content.decode()
    assert "secret" not in page and "Traceback" not in page and "Nattbok" in page
    assert "frame-ancestors" in response.headers["Content-Security-Policy"]


def test_a_form_from_elsewhere_is_refused(office):
    browser = Browser(enforce_csrf_checks=True)
    response = browser.post("/login/", {"email": "a@b.example", "password": "x"})
    assert response.status_code == 403
    assert b"nattbok.css" in response.content


def test_a_request_for_another_host_is_refused():
    response = Browser().get("/login/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert b"evil" not in response.content
    assert "Content-Security-Policy" in response.headers


def test_a_client_is_seen_only_inside_its_scope(fjord, office):
    # The fixture's scope is open around these requests; a page must not depend on it.
    with scope([]):
        assert fjord.name in text(logged_in(a_person(office)).get(f"/clients/{fjord.pk}/"))
