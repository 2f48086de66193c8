"""The pages in a real browser: the keyboard, a phone's width, the console, other hosts, and contrast."""

import json

import pytest

from tests.web.browsing import (
    CONTRAST,
    OBSTACLES,
    By,
    Keys,
    in_a_browser,
    log_in,
    path,
    press,
    until,
)
from tests.web.visitors import a_night, a_person, some_work
from tests.world import a_client, an_office

pytestmark = in_a_browser


@pytest.fixture(scope="module")
def house(served):
    """An office with work in it, and its pages on a port."""
    office = an_office()
    night = a_night(office)
    clients = [
        a_client(office=office, name=name) for name in ("Havna Fisk AS", "Store Norske Rør og Varme AS")
    ]
    return office, [some_work(client, night) for client in clients], served


@pytest.fixture
def inside(house, chromium):
    """Logged in as somebody of the office, on the morning page."""
    office, work, address = house
    log_in(chromium, address, a_person(office))
    return chromium, work, address


def pages(work: dict) -> list[str]:
    here = f"/clients/{work['client_id']}/"
    return [
        "/",
        "/clients/",
        here,
        f"{here}entries/",
        f"{here}entries/{work['entry_id']}/",
        f"{here}open-items/",
        f"{here}trial-balance/?from=2026-01-01&to=2026-12-31",
        f"{here}accounts/1920/?from=2026-01-01&to=2026-12-31",
        f"{here}acts/{work['act_id']}/",
        f"{here}files/{work['file_id']}/",
        "/nights/",
        f"/nights/{work['night_id']}/",
        f"/nights/{work['night_id']}/undo/",
        f"{here}undo/?entry={work['invoice_id']}",
        f"{here}questions/{work['question_id']}/",
    ]


def test_from_the_morning_to_why_by_keyboard_alone(inside):
    browser, _work, _address = inside
    press(browser, "j")
    assert browser.switch_to.active_element.get_attribute("class") == "row-link"
    press(browser, Keys.ENTER)
    until(browser, lambda: path(browser).startswith("/clients/"))
    here = "/".join([*path(browser).split("/")[:3], ""])
    press(browser, "g", "t")
    until(browser, lambda: path(browser) == f"{here}trial-balance/")
    browser.get(browser.current_url.split("?")[0] + "?from=2026-01-01&to=2026-12-31")
    press(browser, "j", "j", Keys.ENTER)
    until(browser, lambda: path(browser) == f"{here}accounts/1920/")
    press(browser, "j", Keys.ENTER)
    until(browser, lambda: "/entries/" in path(browser))
    press(browser, "y")
    why = browser.find_element(By.ID, "why")
    until(browser, lambda: why.get_attribute("open") == "true")
    assert "Match payments with open items" in why.text
    for up in ("accounts/1920/", "trial-balance/", ""):  # the way one came
        press(browser, Keys.BACKSPACE)
        until(browser, lambda up=up: path(browser) == f"{here}{up}")


def test_a_question_is_answered_by_a_key_and_taken_back_by_another(inside, house):
    from nattbok.db.scope import scope
    from nattbok.documents import queries as documents
    from tests.documents.invoices import a_seller, an_e_invoice, coded, received

    browser, _work, address = inside
    office, _all, _address = house
    client = a_client(office=office, name="Aurland Bakeri AS")
    with scope([client.pk]):
        bills = received(client, *(an_e_invoice(client, a_seller(client), number=f"{n}") for n in (1, 2)))
        coded(client)
    browser.get(f"{address}/clients/{client.pk}/")
    until(browser, lambda: path(browser) == f"/clients/{client.pk}/")

    def state(bill: int) -> str:
        with scope([client.pk]):
            return documents.document(client, bill).row.state

    press(browser, "j", "1")
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".answered [name=undo]"))
    assert state(bills[0]) == documents.POSTED
    # The place is kept: the next question has the focus, and the key takes back the answer before it.
    until(browser, lambda: browser.switch_to.active_element.get_attribute("class") == "row-link")
    press(browser, "u")
    until(browser, lambda: state(bills[0]) == documents.WAITING)
    until(browser, lambda: "took back what was posted of it" in browser.find_element(By.ID, "main").text)
    assert state(bills[1]) == documents.WAITING


def test_a_client_is_reached_by_typing_its_name(inside):
    browser, work, _address = inside
    press(browser, "g", "c")
    until(browser, lambda: path(browser) == "/clients/")
    until(browser, lambda: browser.switch_to.active_element.get_attribute("id") == "jump")
    press(browser, "stor")
    rows = [row for row in browser.find_elements(By.CSS_SELECTOR, "#client-rows tr") if row.is_displayed()]
    assert len(rows) == 1
    press(browser, Keys.ENTER)
    until(browser, lambda: path(browser) == f"/clients/{work[1]['client_id']}/")


def test_the_list_of_keys_opens_closes_and_can_switch_them_off(inside):
    browser, _work, _address = inside
    press(browser, "?")
    dialog = browser.find_element(By.ID, "keys")
    until(browser, dialog.is_displayed)
    browser.find_element(By.ID, "keys-on").click()
    press(browser, Keys.ESCAPE)
    until(browser, lambda: not dialog.is_displayed())
    press(browser, "g", "c")
    assert path(browser) == "/"
    browser.execute_script("localStorage.clear()")


def test_the_journal_is_filtered_while_one_types(inside):
    browser, work, address = inside
    browser.get(f"{address}/clients/{work[0]['client_id']}/entries/")
    press(browser, "/", "Payment")
    until(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, "#found tbody tr")) == 1)
    assert "q=Payment" in browser.current_url


@pytest.mark.parametrize("width, scheme", [(1440, "light"), (390, "light"), (390, "dark")])
def test_every_page_fits_can_be_read_and_asks_nobody_else(width, scheme, inside):
    browser, work, address = inside
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    try:
        browser.get_log("browser"), browser.get_log("performance")
        for page in pages(work[0]):
            browser.get(address + page)
            browser.execute_script(
                "document.querySelectorAll('details.why').forEach((each) => { each.open = true })"
            )
            widest = browser.execute_script("return document.documentElement.scrollWidth")
            assert widest <= width, (page, widest)
            assert browser.execute_script(CONTRAST) == [], page
            assert browser.execute_script(OBSTACLES) == [], page
        assert [entry["message"] for entry in browser.get_log("browser")] == []
        for entry in browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked = message["params"]["request"]["url"]
                assert asked.startswith((address, "data:", "about:")), asked
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_what_cannot_be_read_or_reached_would_be_found(inside):
    browser, _work, _address = inside
    browser.execute_script(
        "document.querySelector('main').innerHTML = '<p id=pale>pale</p><input><h4>deep</h4><a href=/></a>';"
        "document.getElementById('pale').style.color = '#bbb'"
    )
    assert [text for text, _contrast in browser.execute_script(CONTRAST)] == ["pale"]
    found = " ".join(browser.execute_script(OBSTACLES))
    for trouble in ("no label", "skips a level", "no name", "not one h1", "inline"):
        assert trouble in found


def test_where_one_is_can_be_seen(inside):
    browser, _work, _address = inside
    press(browser, Keys.TAB)
    focused = browser.switch_to.active_element
    assert focused.get_attribute("class") == "skip"
    style = browser.execute_script(
        "const style = getComputedStyle(document.activeElement);"
        "return [style.outlineStyle, style.outlineWidth]"
    )
    assert style[0] == "solid" and float(style[1].removesuffix("px")) >= 2


def test_a_phones_targets_are_large_enough(inside):
    browser, work, address = inside
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True},
    )
    try:
        for page in pages(work[0])[:4]:
            browser.get(address + page)
            small = browser.execute_script(
                "return [...document.querySelectorAll('.top a, .tabs a, button, summary, .row-link')]"
                ".filter((each) => each.getClientRects().length && each.getBoundingClientRect().height < 44)"
                ".map((each) => each.outerHTML)"
            )
            assert small == [], page
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
