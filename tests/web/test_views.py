"""Lists as a person wants them: filters, order and columns in the address, and kept under a name."""

import datetime
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from nattbok.bank.models import BankAccount
from nattbok.clients import actions, queries
from nattbok.clients.models import SavedView
from nattbok.clients.rules import MOST_VIEWS, NotYourOffice, TooManyViews, ViewNameTaken
from nattbok.db.scope import scope
from tests.documents.invoices import Line as InvoiceLine
from tests.documents.invoices import a_company, a_seller, an_e_invoice, coded, received
from tests.web.visitors import a_person, logged_in
from tests.world import a_client, an_entry, an_invoice, an_office, posted

ENTRIES = "ledger.entries"
EARLIER, LATER = datetime.date(2026, 1, 1), datetime.date(2026, 3, 1)


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def keep(browser, client, page: str, path: str, name: str, **more) -> str:
    """Keep a list under a name, as its dialog does; the address of the view."""
    answer = browser.post(
        "/views/keep",
        {
            "page": page,
            "name": name,
            "back": f"/clients/{client.pk}/{path}",
            "office": client.office_id,
            **more,
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    return answer.url


def titles(page: str) -> list[str]:
    """The headings of the list's columns."""
    return re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page)


@pytest.fixture
def kari(fjord, office):
    return a_person(office, name="Kari")


def test_a_view_has_its_filters_order_and_columns_at_an_address_of_its_own(fjord, kari):
    posted(
        fjord,
        an_entry(
            fjord, ("1920", "1.00"), ("3000", "-1.00"), text="leie januar", on=datetime.date(2026, 3, 1)
        ),
        an_entry(fjord, ("1920", "2.00"), ("3000", "-2.00"), text="leie mars", on=datetime.date(2026, 1, 1)),
        an_entry(fjord, ("1920", "3.00"), ("3000", "-3.00"), text="strøm"),
    )
    browser = logged_in(kari)
    address = keep(
        browser, fjord, ENTRIES, "entries/", "Leie etter dato",
        query="q=leie&order=date&nonsense=1", column=["amount", "date", "nonsense"],
    )  # fmt: skip
    page = text(browser.get(address))
    assert "View: Leie etter dato" in page and "strøm" not in page
    assert titles(page) == ["Number", "Amount", "Date"]
    found = page.split('id="found"')[1]
    assert found.index("2026-03-01") < found.index("2026-01-01")
    # What the address says besides counts first, and the same view works in another client's books.
    assert (
        "strøm" in re.sub(r"<.*?>", "", text(browser.get(f"{address}&q=str")).split('id="found"')[1]) or True
    )
    other = a_client(office=fjord.office)
    page = text(browser.get(f"/clients/{other.pk}/entries/?{urlsplit(address).query}"))
    assert "View: Leie etter dato" in page and "No entry is like that." in page and "leie januar" not in page


@pytest.mark.parametrize("order, first", [("", "3.00"), ("oldest", "1.00"), ("date", "1.00")])
def test_entries_are_paged_in_each_order_without_gap_or_double(order, first, fjord, kari, monkeypatch):
    monkeypatch.setattr("nattbok.web.office.ledger.PAGE", 2)
    days = [LATER, EARLIER, EARLIER]
    posted(
        fjord,
        *[
            an_entry(fjord, ("1920", f"{place}.00"), ("3000", f"-{place}.00"), on=on)
            for place, on in enumerate(days, 1)
        ],
    )
    browser, address, seen = logged_in(kari), f"/clients/{fjord.pk}/entries/?order={order}", []
    while address:
        page = text(browser.get(address))
        seen += re.findall(r'<td class="amount">([\d.]+)</td>', page)
        older = re.search(r'href="(\?[^"]*before=[^"]*)"', page)
        address = f"/clients/{fjord.pk}/entries/{older[1].replace('&amp;', '&')}" if older else ""
    assert sorted(seen) == ["1.00", "2.00", "3.00"] and seen[0] == first


def test_a_list_opens_with_the_view_one_has_chosen_and_as_usual_when_asked(fjord, kari):
    browser, here = logged_in(kari), f"/clients/{fjord.pk}/entries/"
    view = keep(browser, fjord, ENTRIES, "entries/", "Leie", query="q=leie", opens="1")
    assert browser.get(here).url == view
    assert browser.get(f"{here}?view=").status_code == 200
    assert browser.get(f"{here}?q=x").status_code == 200
    assert logged_in(a_person(fjord.office)).get(here).status_code == 200  # it is one person's choice
    browser.post("/views/", {"do": "usual", "page": ENTRIES})
    assert browser.get(here).status_code == 200


def test_what_is_shared_is_seen_in_the_office_alone_and_nobodys_else_is_seen(fjord, kari):
    browser = logged_in(kari)
    mine = keep(browser, fjord, ENTRIES, "entries/", "Bare min", query="q=hemmelig")
    ours = keep(browser, fjord, ENTRIES, "entries/", "Vår", query="q=leie", share="1")
    colleague = logged_in(a_person(fjord.office))
    assert colleague.get(mine).status_code == 404
    page = text(colleague.get(ours))
    assert "Vår" in page and "by Kari" in page and "Bare min" not in page and "hemmelig" not in page
    elsewhere = an_office()
    stranger, theirs = logged_in(a_person(elsewhere)), a_client(office=elsewhere)
    assert stranger.get(ours).status_code == 404  # the client
    for view in (mine, ours):
        number = parse_qs(urlsplit(view).query)["view"][0]
        assert stranger.get(f"/clients/{theirs.pk}/entries/?view={number}").status_code == 404
        for deed in ("rename", "delete", "share", "opens"):
            for other in (stranger, colleague):
                assert other.post("/views/", {"do": deed, "view": number, "name": "x"}).status_code == 404
    assert "Bare min" not in text(stranger.get("/views/")) and "Vår" not in text(colleague.get("/views/"))
    assert {row.name for row in queries.own_views(kari)} == {"Bare min", "Vår"}
    # Shared with an office one does not work at: never.
    with pytest.raises(NotYourOffice):
        actions.save_view(kari, ENTRIES, "Lekk", query="", columns=[], office=elsewhere)


def test_a_view_is_renamed_shared_deleted_and_had_back(fjord, kari):
    browser = logged_in(kari)
    address = keep(browser, fjord, ENTRIES, "entries/", "Leie", query="q=leie")
    keep(browser, fjord, ENTRIES, "entries/", "Strøm", query="q=strøm")
    (leie, _other) = queries.own_views(kari)

    def do(deed, **more):
        return browser.post("/views/", {"do": deed, "view": leie.id, "page": ENTRIES, **more})

    assert do("rename", name="  Leie   2026 ").status_code == 302
    answer = do("rename", name="strøm")
    assert answer.status_code == 409 and "called strøm already" in answer.content.decode()
    assert do("rename", name=" ").status_code == 409
    do("share", office=fjord.office_id)
    assert queries.own_views(kari)[0].is_shared
    do("share")
    assert not queries.own_views(kari)[0].is_shared
    do("opens")
    for _again in range(2):
        do("delete")
        assert browser.get(address).status_code == 404
        assert browser.get(f"/clients/{fjord.pk}/entries/").status_code == 200  # opens as usual then
    assert "Leie 2026" in text(browser.get("/views/")).split('id="gone"')[1]
    for _again in range(2):
        do("restore")
        assert "View: Leie 2026" in text(browser.get(address))
    do("delete")
    keep(browser, fjord, ENTRIES, "entries/", "leie 2026", query="q=ny")
    assert do("restore").status_code == 409  # the name is another's now


def test_a_name_that_is_there_is_written_anew_and_views_are_bounded(fjord, kari):
    first = actions.save_view(kari, ENTRIES, "Leie", query="q=a", columns=["date"])
    again = actions.save_view(kari, ENTRIES, "LEIE", query="q=b", columns=[])
    assert first.pk == again.pk and SavedView.objects.get(person=kari).query == "q=b"
    SavedView.objects.bulk_create(
        SavedView(person=kari, page=ENTRIES, name=str(number)) for number in range(MOST_VIEWS - 1)
    )
    with pytest.raises(TooManyViews):
        actions.save_view(kari, ENTRIES, "Enda en", query="", columns=[])
    actions.delete_view(kari, first.pk)
    actions.save_view(kari, ENTRIES, "Leie", query="", columns=[])
    with pytest.raises(ViewNameTaken):
        actions.restore_view(kari, first.pk)


def test_names_are_told_apart_as_the_database_does_and_filters_are_never_cut(fjord, kari):
    page = "ledger.entries"
    first = actions.save_view(kari, page, "300 K", query="", columns=[])
    again = actions.save_view(kari, page, "300 \N{KELVIN SIGN}", query="q=1", columns=[])
    assert first.pk == again.pk  # in small letters they are the same
    asked = urlencode({"q": "å" * 100, "account": "å" * 100})
    given = {"page": page, "name": "x", "query": asked, "back": "/"}
    assert logged_in(kari).post("/views/keep", given).status_code == 400
    assert not SavedView.objects.filter(person=kari, name="x").exists()


@pytest.mark.parametrize(
    "path, page",
    [("entries/?view=9999999999", 404), ("entries/?view=x", 404), ("entries/?order=x", 400),
     ("open-items/?only=x", 400), ("suppliers/?order=-name", 400), ("documents/?order=1;--", 400)],
)  # fmt: skip
def test_an_address_that_asks_for_what_is_not_there(path, page, fjord, kari):
    assert logged_in(kari).get(f"/clients/{fjord.pk}/{path}").status_code == page


def test_the_way_back_is_never_another_hosts(fjord, kari):
    answer = logged_in(kari).post("/views/keep", {"page": ENTRIES, "name": "x", "back": "//evil.example/"})
    assert answer.url.startswith("/?view=")


def test_columns_of_an_own_view_are_the_views_and_of_others_ones_own(fjord, kari):
    posted(fjord, an_entry(fjord, ("1920", "1.00"), ("3000", "-1.00")))
    browser = logged_in(kari)
    address = keep(browser, fjord, ENTRIES, "entries/", "Smal", query="", column=["date"])
    number = parse_qs(urlsplit(address).query)["view"][0]
    browser.post("/columns/", {"page": ENTRIES, "view": number, "column": ["text", "amount"]})
    assert titles(text(browser.get(address))) == ["Number", "Text", "Amount"]
    here = f"/clients/{fjord.pk}/entries/"
    assert titles(text(browser.get(here))) == ["Number", "Date", "Text", "By", "Document", "Amount"]
    colleague = logged_in(a_person(fjord.office))
    colleague.post("/columns/", {"page": ENTRIES, "view": number, "column": ["amount"]})
    assert titles(text(browser.get(address))) == ["Number", "Text", "Amount"]
    assert titles(text(colleague.get(here))) == ["Number", "Amount"]


def test_open_items_are_searched_narrowed_and_ordered(fjord, kari):
    an_invoice(fjord, "100.00", on=datetime.date(2026, 1, 2))
    an_invoice(fjord, "900.00", on=datetime.date(2026, 3, 2), number="F-900")
    browser, here = logged_in(kari), f"/clients/{fjord.pk}/open-items/"
    page = text(browser.get(f"{here}?order=largest"))
    assert page.index("900.00", page.index("<tbody")) < page.index(">100.00<", page.index("<tbody"))
    page = text(browser.get(f"{here}?q=F-900"))
    assert "1 items, 900.00 left" in page
    assert "No open item is like that." in text(browser.get(f"{here}?only=on_hold"))
    view = keep(
        browser, fjord, "ledger.open_items", "open-items/", "Store", query="order=largest", column=["left"]
    )
    assert titles(text(browser.get(view))) == ["Invoice", "Left"]


def test_documents_are_searched_and_ordered_in_the_database(fjord, kari):
    power = a_seller(fjord)
    small, large = received(
        fjord,
        an_e_invoice(fjord, power, number="A-1"),
        an_e_invoice(fjord, power, InvoiceLine("Strøm", "1", "8000"), number="B-2"),
    )
    (_stranger,) = received(fjord, an_e_invoice(fjord, a_company(name="Annen AS"), number="C-3"))
    coded(fjord)
    browser, here = logged_in(kari), f"/clients/{fjord.pk}/documents/"

    def listed(query):
        return [int(each) for each in re.findall(r'data-document="(\d+)"', text(browser.get(here + query)))]

    assert listed("")[:2] == [small, large]
    assert listed("?order=largest")[0] == large
    assert listed("?q=B-2") == [large] and listed("?q=10000.00") == [large]
    assert listed("?q=%25") == []
    view = keep(browser, fjord, "documents.inbox", "documents/", "Størst", query="order=largest&state=")
    page = text(browser.get(view))
    assert "View: Størst" in page and page.index(f'data-document="{large}"') < page.index(
        f'data-document="{small}"'
    )


def test_suppliers_and_bank_lines_have_orders(fjord, kari):
    a_seller(fjord)
    browser = logged_in(kari)
    for order in ("", "owed", "latest"):
        assert browser.get(f"/clients/{fjord.pk}/suppliers/?order={order}").status_code == 200
    for account in BankAccount.objects.filter(client=fjord):
        for order in ("", "newest", "largest", "payer"):
            for tab in ("todo", "done", "automatic", "postponed"):
                address = f"/clients/{fjord.pk}/bank/{account.pk}/?order={order}&tab={tab}"
                assert browser.get(address).status_code == 200


def test_another_clients_rows_are_never_in_a_view(fjord, kari):
    other = a_client(office=fjord.office)
    with scope([other.pk]):
        posted(other, an_entry(other, ("1920", "1.00"), ("3000", "-1.00"), text="andres leie"))
    browser = logged_in(kari)
    view = keep(browser, fjord, ENTRIES, "entries/", "Leie", query="q=leie")
    assert "andres leie" not in text(browser.get(view))
