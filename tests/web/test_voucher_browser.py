"""The voucher in a real browser, by keyboard alone: a template, the counter line, posting, correcting."""

import pytest

from nattbok.db.scope import scope
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import Entry
from nattbok.ledger.rules.templates import Template, TemplateLine
from tests.web.browsing import ActionChains, By, Keys, in_a_browser, log_in, path, press, until
from tests.web.visitors import a_person
from tests.world import a_client, an_office, booked

pytestmark = in_a_browser


@pytest.fixture
def books(chromium, served):
    """The client's books, an accountant logged in, and the pages on a port."""
    office = an_office()
    client = a_client(office=office, name="Havna Fisk AS")
    log_in(chromium, served, a_person(office))
    with scope([client.pk]):
        template = Template("leie", "Leie", (TemplateLine("6300", vat_code="1"),))
        ledger.write_template(client, template, by="person:1")
        yield chromium, client, served


def column(browser, row: int, name: str):
    return browser.find_elements(By.CSS_SELECTOR, f'.voucher-row [data-column="{name}"]')[row]


def alt(browser, key: str):
    ActionChains(browser).key_down(Keys.ALT).send_keys(key).key_up(Keys.ALT).perform()


def focused(browser) -> tuple[str, str]:
    active = browser.switch_to.active_element
    return active.get_attribute("data-column") or active.get_attribute("id"), active.get_attribute("value")


def test_a_voucher_is_written_posted_and_corrected_by_keyboard(books):
    browser, client, address = books
    browser.get(f"{address}/clients/{client.pk}/entries/")
    press(browser, "v")
    until(browser, lambda: path(browser).endswith("/voucher/") and focused(browser)[0] == "voucher-date")
    press(browser, "d", Keys.ENTER, "Husleie", Keys.ENTER)
    assert focused(browser)[0] == "account"
    # A template's key and an amount: its lines, and the focus on the first empty one.
    press(browser, "leie", Keys.ENTER, Keys.ENTER, Keys.ENTER, Keys.ENTER, "1250", Keys.ENTER)
    until(browser, lambda: column(browser, 0, "account").get_attribute("value") == "6300")
    until(browser, lambda: focused(browser)[0] == "account")
    press(browser, "1920", "+")
    until(browser, lambda: column(browser, 1, "credit").get_attribute("value") == "1250.00")
    press(browser, Keys.ESCAPE)
    browser.execute_script("document.activeElement.blur()")
    press(browser, "?")
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "dialog[open]"))
    press(browser, Keys.ESCAPE)
    before = Entry.objects.filter(client=client).count()
    alt(browser, "b")
    until(browser, lambda: browser.find_elements(By.ID, "posted"))
    assert Entry.objects.filter(client=client).count() == before + 1
    assert "6300  1000.00" in booked(client) and "2710  250.00" in booked(client)
    entry = Entry.objects.filter(client=client).latest("position")

    browser.get(f"{address}/clients/{client.pk}/entries/{entry.pk}/")
    until(browser, lambda: path(browser).endswith(f"/{entry.pk}/"))
    press(browser, "c")
    until(browser, lambda: path(browser).endswith("/correct/") and focused(browser)[0] == "voucher-date")
    press(browser, Keys.ENTER, Keys.ENTER, "Feil konto", Keys.ENTER, "6340")
    alt(browser, "b")
    until(browser, lambda: "/entries/" in path(browser) and not path(browser).endswith("/correct/"))
    assert "6340  1000.00" in booked(client)
    assert Entry.objects.filter(client=client).count() == before + 3
    severe = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert severe == []
