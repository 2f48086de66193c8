"""A receipt from the phone's camera to the claim in a real browser, also without network."""

import pytest

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.db.scope import scope
from nattbok.expenses.models import ExpenseClaim, ExpenseReceipt
from tests.expenses.test_claims import a_picture
from tests.web.browsing import CONTRAST, By, in_a_browser, log_in, network, until
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


def test_a_receipt_is_photographed_kept_without_network_and_handed_in(phone):
    browser, client, address, picture = phone
    assert browser.execute_script(CONTRAST) == []
    browser.get(f"{address}/portal/{client.pk}/capture/?what=expense")
    until(browser, lambda: browser.execute_script("return navigator.serviceWorker.controller !== null"))
    browser.get(f"{address}/portal/{client.pk}/capture/?what=expense")  # now kept by the worker

    network(browser, is_offline=True)
    until(browser, lambda: browser.find_element(By.ID, "capture-offline").is_displayed())
    photograph(browser, picture, purpose="Messe i Bergen", shop="Oslo Taxi", paid="112")
    browser.find_element(By.CSS_SELECTOR, "#capture-form button.primary").click()
    until(browser, lambda: waiting(browser) == 1)
    assert seen(client) == []

    network(browser, is_offline=False)
    browser.execute_script("window.dispatchEvent(new Event('online'))")
    until(browser, lambda: waiting(browser) == 0)
    (receipt,) = seen(client)
    assert (receipt.shop, str(receipt.amount), receipt.file_id is not None) == ("Oslo Taxi", "112.00", True)

    with scope([client.pk]):
        claim = ExpenseClaim.objects.get(client=client)
    browser.get(f"{address}/portal/{client.pk}/expenses/{claim.pk}/")
    assert browser.execute_script(CONTRAST) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 390
    with scope([client.pk]):
        assert claim.purpose == "Messe i Bergen"
