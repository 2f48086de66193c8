"""Views of a list by keyboard alone: kept, opened with a digit, its columns moved, deleted and had back."""

import datetime

import pytest

from nattbok.clients.queries import own_views
from nattbok.db.scope import scope
from tests.web.browsing import (
    CONTRAST,
    OBSTACLES,
    By,
    Keys,
    at_field,
    in_a_browser,
    log_in,
    path,
    press,
    until,
)
from tests.web.visitors import a_person
from tests.world import a_client, an_entry, an_office, posted

pytestmark = in_a_browser


@pytest.fixture
def journal(chromium, served):
    """A browser in a client's journal, logged in; the person, and the address of the list."""
    office = an_office()
    client = a_client(office=office, name="Havna Fisk AS")
    with scope([client.pk]):
        for place, text in enumerate(("leie", "strøm", "leie mars")):
            on = datetime.date(2026, 3, 3 - place)
            posted(client, an_entry(client, ("1920", "1.00"), ("3000", "-1.00"), text=text, on=on))
    person = a_person(office)
    log_in(chromium, served, person)
    chromium.get(f"{served}/clients/{client.pk}/entries/")
    return chromium, person, f"/clients/{client.pk}/entries/"


def shown(browser) -> list[str]:
    return [each.text for each in browser.find_elements(By.CSS_SELECTOR, "#found tbody tr")]


def titles(browser) -> list[str]:
    return [each.text for each in browser.find_elements(By.CSS_SELECTOR, "#found thead th")][1:]


def is_open(browser, dialog: str) -> bool:
    return browser.execute_script("return document.getElementById(arguments[0]).open", dialog)


def test_a_view_is_kept_opened_changed_and_had_back_by_keyboard_alone(journal):
    browser, person, here = journal
    press(browser, "/", "leie")
    until(browser, lambda: "q=leie" in browser.current_url and len(shown(browser)) == 2)
    browser.get(browser.current_url)  # the address has all of it
    press(browser, "w")
    until(browser, lambda: is_open(browser, "views"))
    assert browser.execute_script(OBSTACLES) == [] and browser.execute_script(CONTRAST) == []
    press(browser, Keys.TAB)
    at_field(browser, "name")
    press(browser, "Leie", Keys.ENTER)
    until(browser, lambda: "view=" in browser.current_url and path(browser) == here)
    (view,) = own_views(person)
    assert (view.name, view.query) == ("Leie", "q=leie")

    press(browser, "w")  # as usual, and back with its digit
    until(browser, lambda: is_open(browser, "views"))
    press(browser, "0")
    until(browser, lambda: path(browser) == here and len(shown(browser)) == 3)
    press(browser, "w")
    until(browser, lambda: is_open(browser, "views"))
    press(browser, Keys.ARROW_DOWN, Keys.ENTER)
    until(browser, lambda: path(browser) == here and len(shown(browser)) == 2)

    columns = browser.find_element(By.CSS_SELECTOR, "[data-columns]")
    press(browser, "w")
    until(browser, lambda: is_open(browser, "views"))
    browser.execute_script("arguments[0].focus()", columns)
    press(browser, Keys.ENTER)
    until(browser, lambda: is_open(browser, "columns"))
    box = "#columns-place input[value={}]"
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, box.format("date")))
    browser.find_element(By.CSS_SELECTOR, box.format("by")).send_keys(" ")  # away with it
    down = browser.find_element(By.CSS_SELECTOR, "#columns-place [data-move='1']")
    down.send_keys(Keys.ENTER)
    browser.find_element(By.CSS_SELECTOR, "#columns-place button.primary").send_keys(Keys.ENTER)
    until(browser, lambda: own_views(person)[0].columns == ("text", "date", "document", "amount"))
    press(browser, Keys.ESCAPE)
    until(browser, lambda: path(browser) == here and titles(browser)[1:3] == ["Text", "Date"])

    browser.get(browser.current_url.split("/clients/")[0] + "/views/")
    browser.find_element(By.CSS_SELECTOR, "button[value=delete]").send_keys(Keys.ENTER)
    until(browser, lambda: not own_views(person) and path(browser) == "/views/")
    press(browser, "u")
    until(browser, lambda: [row.name for row in own_views(person)] == ["Leie"])
