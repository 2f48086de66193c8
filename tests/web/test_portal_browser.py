"""A receipt from the phone's camera to the claim in a real browser, also without network."""

import pytest
from django.conf import settings

from nattbok.clients.actions import give_access
from nattbok.clients.models import Access
from nattbok.clients.rules import Role
from nattbok.db.scope import scope
from nattbok.expenses.models import ExpenseClaim, ExpenseReceipt
from tests.expenses.test_claims import a_picture
from tests.web.browsing import CONTRAST, By, in_a_browser, log_in, network, path, until
from tests.web.visitors import a_person
from tests.world import a_client, an_office

pytestmark = in_a_browser

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


@pytest.fixture
def phone(chromium, served, tmp_path):
    """A phone in the hands of somebody at a client, on the page they land on."""
    client = a_client(office=an_office(), name="Havna Fisk AS")
    person = a_person()
    with scope([client.pk]):
        give_access(client, person, Role.EMPLOYEE)
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    log_in(chromium, served, person, f"/portal/{client.pk}/")
    picture = tmp_path / "kvittering.png"
    picture.write_bytes(a_picture()[1])
    yield chromium, client, served, picture
    network(chromium, is_offline=False)
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def photograph(browser, picture, **fields):
    browser.find_element(By.CSS_SELECTOR, "input[capture]").send_keys(str(picture))
    until(browser, lambda: browser.find_element(By.ID, "capture-form").is_displayed())
    for name, text in fields.items():
        browser.find_element(By.NAME, name).send_keys(text)


def waiting(browser) -> int:
    return int(browser.find_element(By.ID, "capture-count").get_attribute("textContent"))


def seen(client):
    with scope([client.pk]):
        return list(ExpenseReceipt.objects.filter(client=client, is_removed=False).order_by("pk"))


def test_receipts_of_a_trip_live_through_no_network_a_killed_tab_and_a_log_in_that_ran_out(phone):
    browser, client, address, picture = phone
    capture = f"{address}/portal/{client.pk}/capture/?what=expense"
    assert browser.execute_script(CONTRAST) == []
    browser.get(capture)
    until(browser, lambda: browser.execute_script("return navigator.serviceWorker.controller !== null"))
    browser.get(capture)  # now kept by the worker

    network(browser, is_offline=True)
    until(browser, lambda: browser.find_element(By.ID, "capture-offline").is_displayed())
    for place, paid in enumerate(("112", "98,50", "45"), 1):
        purpose = {"purpose": "Messe i Bergen"} if place == 1 else {}  # it stays for the next one
        picture.write_bytes(a_picture()[1])  # each another one
        photograph(browser, picture, shop="Oslo Taxi", paid=paid, **purpose)
        browser.find_element(By.CSS_SELECTOR, "#capture-form button.primary").click()
        until(browser, lambda count=place: waiting(browser) == count)

    # The log-in runs out first: a tab that is closed may have its network back for a moment before it ends.
    browser.delete_cookie(settings.SESSION_COOKIE_NAME)
    tab = browser.current_window_handle
    browser.switch_to.new_window("tab")
    other = browser.current_window_handle
    browser.switch_to.window(tab)
    browser.close()
    browser.switch_to.window(other)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    browser.get(f"{address}/static/nattbok.svg")
    assert seen(client) == []

    with scope([client.pk]):
        person = Access.objects.get(client=client).person
    browser.get(capture)
    until(browser, lambda: path(browser) == "/login/")
    log_in(browser, address, person, f"/portal/{client.pk}/")
    browser.get(capture)
    until(browser, lambda: len(seen(client)) == 3 and waiting(browser) == 0)
    found = seen(client)
    assert [str(each.amount) for each in found] == ["112.00", "98.50", "45.00"]
    assert {each.shop for each in found} == {"Oslo Taxi"} and all(each.file_id for each in found)

    with scope([client.pk]):
        (claim,) = ExpenseClaim.objects.filter(client=client)
    browser.get(f"{address}/portal/{client.pk}/expenses/{claim.pk}/")
    assert browser.execute_script(CONTRAST) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    assert claim.purpose == "Messe i Bergen"


REFUSED_BEFORE_US = """
window.before = window.fetch;
const refusal = () => new Response("<html></html>", {status: 413, headers: {"Content-Type": "text/html"}});
window.fetch = (to, given) =>
  given?.body?.get("shop") === "Stor" ? Promise.resolve(refusal()) : window.before(to, given);
"""  # as a proxy before us answers


def test_a_picture_that_the_server_never_takes_is_set_aside_and_the_others_go_on(phone):
    browser, client, address, picture = phone
    capture = f"{address}/portal/{client.pk}/capture/?what=expense"
    browser.get(capture)
    browser.execute_script(REFUSED_BEFORE_US)
    photograph(browser, picture, shop="Stor", paid="112")
    browser.find_element(By.CSS_SELECTOR, "#capture-form button.primary").click()
    until(browser, lambda: "too large" in browser.find_element(By.ID, "capture-waiting").text)
    picture.write_bytes(a_picture()[1])
    photograph(browser, picture, shop="Liten", paid="45")
    browser.find_element(By.CSS_SELECTOR, "#capture-form button.primary").click()
    until(browser, lambda: [each.shop for each in seen(client)] == ["Liten"])
    browser.get(capture)
    until(browser, lambda: waiting(browser) == 1)
    browser.find_element(By.CSS_SELECTOR, "#capture-waiting button").click()
    until(browser, lambda: [each.shop for each in seen(client)] == ["Liten", "Stor"])
