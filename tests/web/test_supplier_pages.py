"""The suppliers' pages and the office's rules, as a person at the office sees them."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.documents.models import OfficeRule, SupplierSetting
from tests.documents.invoices import a_company, a_seller, an_e_invoice, coded, received
from tests.web.visitors import a_person, logged_in
from tests.world import a_client, an_office

FORM = {
    "account": "6300 Leie lokale",
    "may_post": "1",
    "limit": "12 500,50",
    "months": "",
    "channel": "paper",
}


@pytest.fixture
def browser(office):
    return logged_in(a_person(office))


def text(response, status=200) -> str:
    assert response.status_code == status
    return response.content.decode()


def test_a_supplier_is_found_and_its_card_opened(fjord, browser):
    seller = a_seller(fjord)
    here = f"/clients/{fjord.pk}/suppliers/"
    assert seller.company.number in text(browser.get(f"{here}?q={seller.company.number}"))
    assert "No supplier is like that." in text(browser.get(f"{here}?q=finnes+ikke&only=owed"))
    assert browser.get(f"{here}?only=alt").status_code == 400
    page = text(browser.get(f"{here}{seller.party}/"))
    assert "3,750.00" in page and "6340 × 3" in page and "15031200455" in page
    assert browser.get(f"{here}{2**40}/").status_code == 404


def test_what_the_form_says_is_kept(fjord, browser):
    seller = a_seller(fjord)
    here = f"/clients/{fjord.pk}/suppliers/{seller.party}/"
    shares = {"share-1": "60", "share-2": "40", "share-account-2": "6340", "share-department-1": "Oslo"}
    assert browser.post(f"{here}set", FORM | shares).status_code == 302
    kept = SupplierSetting.objects.get(client=fjord, supplier=seller.party)
    assert (kept.account, kept.limit, kept.may_post, kept.channel) == (
        "6300", Decimal("12500.50"), True, "paper",
    )  # fmt: skip
    assert [(each["share"], each["account"], each["dimensions"]) for each in kept.shares] == [
        ("60", "", {"department": "Oslo"}), ("40", "6340", None),
    ]  # fmt: skip
    page = text(browser.get(here))
    assert "Set, version 1." in page and 'value="Oslo"' in page


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({"account": "9999"}, "Account 9999 is not in the chart"),
        ({"limit": "mye"}, "“mye” is not an amount."),
        ({"months": "x"}, "“x” is not a number of months."),
        ({"share-1": "null"}, "“null” is not a share"),
        ({"template": "borte", "account": ""}, "There is no template borte"),
    ],
)
def test_what_cannot_be_kept_is_told_and_nothing_is_typed_twice(fjord, browser, wrong, told):
    seller = a_seller(fjord)
    form = FORM | {"project": "Tak"} | wrong
    page = text(browser.post(f"/clients/{fjord.pk}/suppliers/{seller.party}/set", form), 409)
    assert told in page and 'value="Tak"' in page
    assert not SupplierSetting.objects.filter(client=fjord).exists()


def test_a_clients_own_person_sees_the_card_and_changes_nothing(fjord):
    seller, owner = a_seller(fjord), a_person()
    give_access(fjord, owner, Role.READER)
    here = f"/clients/{fjord.pk}/suppliers/"
    browser = logged_in(owner)
    assert "<fieldset disabled>" in text(browser.get(f"{here}{seller.party}/"))
    assert browser.post(f"{here}{seller.party}/set", FORM).status_code in (403, 409)
    assert browser.post(f"{here}practice", {}).status_code in (403, 409)
    assert not SupplierSetting.objects.filter(client=fjord).exists()


def test_a_long_card_asks_no_more_than_a_short_one(fjord, browser):
    few, many = a_seller(fjord, bills=1), a_seller(fjord, bills=9)
    received(fjord, *[an_e_invoice(fjord, many) for _bill in range(5)])
    coded(fjord)
    counts = []
    for seller in (few, many):
        with CaptureQueriesContext(connection) as asked:
            text(browser.get(f"/clients/{fjord.pk}/suppliers/{seller.party}/"))
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 2 and counts[1] <= 34, counts
    with CaptureQueriesContext(connection) as asked:
        text(browser.get(f"/clients/{fjord.pk}/suppliers/"))
    assert len(asked) <= 20


RULE = {"name": "Strøm", "country": "NO", "texts": "strøm", "account": "6340", "who": ""}


def test_a_rule_shows_what_it_would_code_before_it_is_kept(fjord, office, browser):
    received(fjord, an_e_invoice(fjord, a_seller(fjord)), an_e_invoice(fjord, a_company(name="Ukjent")))
    page = text(browser.post("/office-rules/preview", RULE | {"office": office.pk}))
    assert "It would code 2 of 2 documents that wait." in page and fjord.name in page
    assert "Say at least one thing" in text(
        browser.post("/office-rules/preview", RULE | {"office": office.pk, "texts": ""})
    )
    assert not OfficeRule.objects.filter(office=office).exists()


def test_a_rule_is_kept_changed_switched_and_moved(fjord, office, browser):
    kept = browser.post("/office-rules/save", RULE | {"office": office.pk})
    assert kept.status_code == 302
    page = text(browser.get(kept.url))
    assert 'value="strøm"' in page and "office rule 1, version 1" in page
    rule = OfficeRule.objects.get(office=office)
    changed = RULE | {"office": office.pk, "rule": rule.pk, "version": 1, "name": "Kraft",
                      "who": "chosen", "clients": [fjord.pk]}  # fmt: skip
    assert browser.post("/office-rules/save", changed).status_code == 302
    assert "Somebody else has changed the rule" in text(browser.post("/office-rules/save", changed), 409)
    second = browser.post("/office-rules/save", RULE | {"office": office.pk})
    assert browser.post(f"{second.url}do", {"do": "up"}).status_code == 302
    assert browser.post(f"{kept.url}do", {"do": "off"}).status_code == 302
    page = text(browser.get("/office-rules/"))
    assert page.index("Strøm") < page.index("Kraft") and "Switch on" in page
    assert fjord.name in page


def test_another_office_neither_sees_nor_writes_it(fjord, office, browser):
    kept = browser.post("/office-rules/save", RULE | {"office": office.pk})
    other = an_office()
    a_client(office=other)
    stranger = logged_in(a_person(other))
    assert "Strøm" not in text(stranger.get("/office-rules/"))
    assert stranger.get(kept.url).status_code in (400, 404)
    assert stranger.post(f"{kept.url}do", {"do": "off"}).status_code in (400, 404)
    assert stranger.post("/office-rules/save", RULE | {"office": office.pk}).status_code == 400
    assert OfficeRule.objects.get(office=office).is_on
