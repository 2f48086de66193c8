"""A day's bank lines worked through in a real browser, by keyboard alone, until the day is sealed."""

import pytest

from nattbok.bank.models import BankDay, Postponement
from nattbok.bank.queries import unsettled
from nattbok.db.scope import scope
from nattbok.ledger.models import Line
from tests.bank.test_reconciliation import MONDAY
from tests.web.browsing import CONTRAST, OBSTACLES, By, Keys, at_field, in_a_browser, log_in, press, until
from tests.web.test_bank_pages import a_harbour
from tests.web.visitors import a_person
from tests.world import a_client, a_party, an_entry, an_invoice, an_office, posted

pytestmark = in_a_browser


@pytest.fixture
def desk(chromium, served):
    """A browser at a client's bank account, logged in; the client and its lines."""
    office = an_office()
    client = a_client(office=office, name="Havna Fisk AS")
    with scope([client.pk]):
        customer = a_party(client, name="Kystbyen Hotell AS")
        an_invoice(client, "100.00", on=MONDAY, customer=customer, number="F100")
        an_invoice(client, "60.00", on=MONDAY, customer=customer, number="F101")
        an_invoice(client, "45.00", on=MONDAY, customer=customer, number="F102")
        posted(client, an_entry(client, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY, text="gebyr"))
        account, lines = a_harbour(client, "100.00", "-40.00", "105.00", "-250.00", "-12.00", "30.00")
    person = a_person(office)
    log_in(chromium, served, person)
    chromium.get(f"{served}/clients/{client.pk}/bank/{account.pk}/")
    yield chromium, client, lines


def of(browser) -> int:
    """The line whose pane is shown; 0 when there is none."""
    return int(browser.execute_script("return document.getElementById('pane')?.dataset.of || 0"))


def focused(browser) -> int:
    """The line that has the focus; 0 when none has."""
    return int(
        browser.execute_script("return document.activeElement.closest('[data-line]')?.dataset.line || 0")
    )


def at_line(browser, line):
    until(browser, lambda: of(browser) == line and focused(browser) == line)


def test_a_day_is_worked_through_by_keyboard_alone_until_it_is_sealed(desk):
    browser, client, (hotel, fee, both, rent, odd, last) = desk
    at_line(browser, hotel)
    press(browser, "j")
    at_line(browser, fee)
    press(browser, "k")
    at_line(browser, hotel)
    press(browser, Keys.ENTER)  # the invoice with just this amount
    at_line(browser, fee)
    assert f"line={fee}" in browser.current_url
    press(browser, "1", Keys.ENTER)  # in the books already
    at_line(browser, both)

    press(browser, "m")
    at_field(browser, "items")
    press(browser, "F10")
    until(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, "#items [name=item]")) == 2)
    for box in browser.find_elements(By.CSS_SELECTOR, "#items [name=item]"):
        browser.execute_script("arguments[0].focus()", box)
        press(browser, Keys.SPACE)
    shown = browser.find_element(By.CSS_SELECTOR, ".hand[open] [data-left]")
    until(browser, lambda: shown.text == "0.00")
    browser.execute_script("arguments[0].focus()", browser.find_element(By.NAME, "rest"))
    press(browser, Keys.TAB, Keys.ENTER)
    at_line(browser, rent)

    press(browser, "s")
    at_field(browser, "account-1")
    press(browser, "6300", Keys.TAB, "-200", Keys.TAB * 5)
    at_field(browser, "account-2")
    press(browser, "7770", Keys.ENTER)
    at_line(browser, odd)

    press(browser, "n")
    at_field(browser, "account")
    press(browser, "9999", Keys.ENTER)  # there is no such account: told, and the line keeps its place
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#pane [role=alert]"))
    assert of(browser) == odd
    press(browser, "n")
    at_field(browser, "account")
    press(browser, "7770", Keys.ENTER)
    at_line(browser, last)

    press(browser, "p")
    at_field(browser, "note")
    press(browser, "venter", Keys.ENTER)
    until(browser, lambda: not browser.find_elements(By.CSS_SELECTOR, "[data-line]"))
    with scope([client.pk]):
        assert Postponement.objects.get(client=client, ended_by=None).movement_id == last
        assert BankDay.objects.get(client=client).sealed_at is None
    press(browser, "z")  # taken back: the line is there again
    until(browser, lambda: of(browser) == last)
    at_line(browser, last)
    press(browser, "n")
    at_field(browser, "account")
    press(browser, "3000", Keys.ENTER)
    until(browser, lambda: "sealed" in browser.find_element(By.ID, "bank-head").text)
    with scope([client.pk]):
        assert unsettled(client) == []
        assert BankDay.objects.get(client=client, day=MONDAY).sealed_at is not None
        assert Line.objects.filter(client=client, account__number="6300").get().amount == 200
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_marked_lines_the_list_of_keys_and_a_place_that_is_kept(desk):
    browser, _client, (hotel, fee, both, *_rest) = desk
    at_line(browser, hotel)
    press(browser, Keys.SPACE, Keys.ARROW_DOWN)
    at_line(browser, fee)
    marked = browser.find_elements(By.CSS_SELECTOR, "[name=also]:checked")
    assert [box.get_attribute("value") for box in marked] == [str(hotel)]
    press(browser, Keys.ARROW_DOWN)
    at_line(browser, both)
    browser.refresh()
    at_line(browser, both)
    press(browser, "?")
    until(browser, browser.find_element(By.ID, "keys").is_displayed)
    assert "Match with open items" in browser.find_element(By.ID, "keys").text
    press(browser, Keys.ESCAPE)


@pytest.mark.parametrize("width, scheme", [(1440, "light"), (390, "light"), (390, "dark")])
def test_the_pages_fit_and_can_be_read(width, scheme, desk):
    browser, _client, (hotel, *_rest) = desk
    here = browser.current_url.split("/bank/")[0] + "/bank/"
    account = browser.current_url.split("/bank/")[1].split("/")[0]
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    try:
        for name, rest in {
            "accounts": "", "list": f"{account}/", "line": f"{account}/?line={hotel}",
            "days": f"{account}/days/", "story": f"lines/{hotel}/", "settings": "settings/",
        }.items():  # fmt: skip
            browser.get(here + rest)
            until(browser, lambda: browser.execute_script("return document.readyState") == "complete")
            if name == "line":
                for hand in browser.find_elements(By.CSS_SELECTOR, ".hand"):
                    browser.execute_script("arguments[0].open = true", hand)
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width, name
            assert browser.execute_script(CONTRAST) == [], name
            assert browser.execute_script(OBSTACLES) == [], name
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
