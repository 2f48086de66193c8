"""An owner lets somebody in on the phone, and the invited person comes in by the mailed link."""

import pytest

from nattbok.clients.access import rights_in
from nattbok.clients.actions import give_access
from nattbok.clients.models import Person
from nattbok.clients.rules import Right, Role
from nattbok.db.scope import scope
from tests.people.test_people import GOOD, an_address, token
from tests.web.browsing import CONTRAST, By, Keys, in_a_browser, log_in, path, until
from tests.web.visitors import a_person
from tests.world import a_client, an_office

pytestmark = in_a_browser

PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


@pytest.fixture
def phone(chromium):
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    yield chromium
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def fits(browser) -> bool:
    """It can be read, and lies within the phone's width."""
    is_wide = browser.execute_script("return document.documentElement.scrollWidth") > PHONE["width"]
    return browser.execute_script(CONTRAST) == [] and not is_wide


def test_somebody_is_let_in_ticked_and_comes_in_by_the_link(phone, served):
    client, owner, address = a_client(office=an_office(), name="Havna Fisk AS"), a_person(), an_address()
    with scope([client.pk]):
        give_access(client, owner, Role.OWNER)
    log_in(phone, served, owner, f"/portal/{client.pk}/")
    phone.find_element(By.TAG_NAME, "body").send_keys("p")  # the key that the page offers
    until(phone, lambda: path(phone) == f"/portal/{client.pk}/people/")
    assert fits(phone)
    phone.find_element(By.ID, "invite-email").send_keys(address)
    phone.find_element(By.ID, "invite-name").send_keys("Per Ny")
    phone.find_element(By.CSS_SELECTOR, "input[name=role][value=employee]").send_keys(Keys.SPACE)
    phone.find_element(By.ID, "invite-name").send_keys(Keys.ENTER)
    until(phone, lambda: phone.find_elements(By.CSS_SELECTOR, "[role=status]"))
    per = Person.objects.get(email=address)

    row = phone.find_element(By.XPATH, f"//li[contains(., '{address}')]")
    row.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    row.find_element(By.CSS_SELECTOR, "input[name=right][value=approve]").send_keys(Keys.SPACE)
    row.find_element(By.CSS_SELECTOR, "form button.primary").send_keys(Keys.ENTER)
    until(phone, lambda: Right.APPROVE in rights_in(per, client.pk))
    assert rights_in(per, client.pk) == {Right.ADD, Right.EXPENSES, Right.APPROVE}

    phone.delete_all_cookies()
    with scope([client.pk]):
        link = token(per)
    phone.get(f"{served}/invitation/{link}")
    assert fits(phone) and "Havna Fisk AS" in phone.find_element(By.TAG_NAME, "h1").text
    assert phone.switch_to.active_element.get_attribute("name") == "password"
    phone.switch_to.active_element.send_keys(GOOD, Keys.TAB)
    phone.switch_to.active_element.send_keys(GOOD, Keys.ENTER)
    until(phone, lambda: path(phone) == f"/portal/{client.pk}/")
    assert phone.find_elements(By.CSS_SELECTOR, f"a[href='/portal/{client.pk}/approvals/']")
    assert not phone.find_elements(By.ID, "money-heading") and fits(phone)
