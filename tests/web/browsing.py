"""A real browser, and what people do in it: log in, type, wait, and read."""

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.web.visitors import PASSWORD

selenium = pytest.importorskip("selenium", reason="selenium is not installed")

from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

in_a_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="there is no chromium with its chromedriver here"),
]

CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
OBSTACLES = (Path(__file__).parent / "obstacles.js").read_text()


@contextmanager
def a_browser() -> Iterator[webdriver.Chrome]:
    """A browser of its own, wide, that has been nowhere."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    folder = tempfile.mkdtemp(prefix="nattbok-chromium-")
    for argument in (*QUIET, f"--user-data-dir={folder}", "--window-size=1440,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield browser
    finally:
        browser.quit()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served() -> Iterator[str]:
    """The pages on a port; their address."""
    from nattbok.site.serve import server

    waitress = server("127.0.0.1", 0)
    threading.Thread(target=waitress.run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{waitress.effective_port}"
    finally:
        waitress.close()


def log_in(browser, address: str, person, lands_on: str = "/") -> None:
    """Log in through the form, as people do it, with nothing left of whoever was here before."""
    browser.delete_all_cookies()
    browser.get(f"{address}/login/")
    browser.execute_script("localStorage.clear()")
    browser.find_element(By.NAME, "email").send_keys(person.email)
    browser.find_element(By.NAME, "password").send_keys(PASSWORD + Keys.ENTER)
    until(browser, lambda: path(browser) == lands_on)


def path(browser) -> str:
    """The page one is on; nothing while it is still being loaded, since its keys do not work before."""
    if browser.execute_script("return document.readyState") != "complete":
        return ""
    return "/" + browser.current_url.split("/", 3)[3].split("?")[0].split("#")[0]


def until(browser, holds):
    WebDriverWait(browser, 20).until(lambda _browser: holds())


def press(browser, *keys: str):
    """As on a keyboard: whatever has the focus gets them, be it a field, a link or the page."""
    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def chord(browser, *keys: str):
    """Keys pressed together, the last of them struck."""
    actions = ActionChains(browser)
    for key in keys[:-1]:
        actions.key_down(key)
    actions.send_keys(keys[-1])
    for key in reversed(keys[:-1]):
        actions.key_up(key)
    actions.perform()


def at_field(browser, name: str):
    """The focus is in the field with this name."""
    until(browser, lambda: browser.switch_to.active_element.get_attribute("name") == name)


def network(browser, *, is_offline: bool):
    """With a network, or without."""
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
