"""On a phone: from the mail to the yes, and an answer that waits for the network."""

import pytest

from nattbok.db.scope import scope
from nattbok.outbox.actions import send_waiting
from nattbok.outbox.models import Mail
from tests.documents.approving import a_waiting_bill, flow, named, now, somebody
from tests.documents.invoices import a_seller, an_e_invoice, coded, received
from tests.outbox.test_mail import smtp
from tests.web.browsing import By, in_a_browser, log_in, network, path, until
from tests.world import a_client, an_office

pytestmark = in_a_browser

PHONE = (390, 844)


@pytest.fixture(scope="module")
def phone(chromium):
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": PHONE[0], "height": PHONE[1], "deviceScaleFactor": 2, "mobile": True},
    )
    yield chromium
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def the_mail(person) -> list[str]:
    """The paths of the links in the one mail that the person is sent."""
    Mail.objects.filter(sent_at__isnull=True).exclude(to=[person.email]).delete()
    with smtp() as inbox:
        send_waiting()
    text = inbox.got[-1].get_body(("plain",)).get_content()
    return ["/approve/" + each.split()[0] for each in text.split("/approve/")[1:]]


def test_an_approver_approves_from_the_mail_on_a_phone_card_after_card(phone, served):
    client = a_client(office=an_office())
    with scope([client.pk]):
        ola = somebody(client)
        ola.language = "en"
        ola.save()
        first = a_waiting_bill(client, named(ola))
        Mail.objects.filter(to=[ola.email]).delete()
        flow(client, named(ola), batch_through=None)
        seller = a_seller(client)
        more = received(client, *(an_e_invoice(client, seller) for _each in range(2)))
        coded(client)
        address, _other = the_mail(ola)  # one mail for what came together
        phone.get(f"{served}{address}")
        until(phone, lambda: path(phone).startswith("/approve/"))
        assert phone.execute_script("return document.documentElement.scrollWidth") <= PHONE[0]
        small = phone.execute_script(
            "return [...document.querySelectorAll('button, summary, select, textarea, a.button')]"
            ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"
        )
        assert small == []
        viewport = phone.find_element(By.NAME, "viewport").get_attribute("content")
        assert "maximum-scale" not in viewport and "user-scalable" not in viewport  # pinch works
        assert "bills of the last 6 months" in phone.find_element(By.CLASS_NAME, "compared").text

        # Without network the answer is kept on the phone, and is sent when there is one again.
        network(phone, is_offline=True)
        press(phone, "approve")
        until(phone, lambda: "no network" in phone.find_element(By.CSS_SELECTOR, "[data-network]").text)
        assert now(client, more[0]).outcome == "waiting"
        network(phone, is_offline=False)
        phone.execute_script("dispatchEvent(new Event('online'))")
        until(phone, lambda: now(client, more[0]).outcome == "approved")

        onward = phone.find_element(By.CSS_SELECTOR, "[data-next]")
        assert onward.is_displayed()
        phone.execute_script("arguments[0].click()", onward)
        until(phone, lambda: phone.find_elements(By.CSS_SELECTOR, "button[value=approve]:not([disabled])"))
        press(phone, "approve")
        until(phone, lambda: now(client, more[1]).outcome == "approved")
        until(phone, lambda: "Approved." in phone.find_element(By.ID, "main").text)
        assert now(client, first).outcome == "waiting"


def press(browser, deed: str) -> None:
    """A button of the card, wherever on the page it is."""
    browser.execute_script(
        "arguments[0].click()", browser.find_element(By.CSS_SELECTOR, f"button[value={deed}]")
    )


def finger(browser, *points: tuple[int, int]) -> None:
    """One finger, down at the first point, over the others, and up at the last."""
    for kind, at in (
        ("touchStart", points[:1]),
        *(("touchMove", [each]) for each in points[1:]),
        ("touchEnd", ()),
    ):
        given = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in at]}
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", given)


def swiped(browser, across: int, down: int = 0, start: tuple[int, int] = (190, 200)) -> None:
    """A swipe that begins on the head of the card, in steps as a finger makes them."""
    x, y = start
    finger(browser, start, *((x + across * step // 8, y + down * step // 8) for step in range(1, 9)))


@pytest.mark.parametrize("is_by_link", [True, False])
def test_a_card_is_swiped_to_approve_and_to_decline_and_never_by_accident(phone, served, is_by_link):
    client = a_client(office=an_office())
    with scope([client.pk]):
        ola = somebody(client)
        ola.language = "en"
        ola.save()
        bill = a_waiting_bill(client, named(ola))
        if is_by_link:
            phone.get(f"{served}{the_mail(ola)[0]}")
        else:
            log_in(phone, served, ola, f"/portal/{client.pk}/")
            phone.get(f"{served}/portal/{client.pk}/approvals/{bill}/")
        until(phone, lambda: phone.find_elements(By.CSS_SELECTOR, "button[value=approve]"))
        undo = phone.find_element(By.CSS_SELECTOR, "[data-swipe-undo]")
        why = phone.find_element(By.CSS_SELECTOR, "[data-swipe-why]")

        swiped(phone, 60)  # not far enough
        swiped(phone, 150, down=-140)  # more of a scroll
        phone.execute_script("scrollTo(0, 0)")
        swiped(phone, 180, start=(21, 200))  # the phone’s own, from its edge
        assert not undo.is_displayed() and not why.is_displayed()

        swiped(phone, -180)  # to the left: the field for the reason, and nothing is sent
        until(phone, why.is_displayed)
        assert phone.switch_to.active_element.get_attribute("name") == "text"

        phone.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
        swiped(phone, 180)  # to the right: it can be undone
        until(phone, undo.is_displayed)
        undo.find_element(By.TAG_NAME, "button").click()
        assert not undo.is_displayed() and now(client, bill).outcome == "waiting"
        phone.execute_script(
            "const later = setTimeout; window.setTimeout = (deed, wait) => later(deed, wait / 20)"
        )
        swiped(phone, 180)
        until(phone, lambda: now(client, bill).outcome == "approved")
