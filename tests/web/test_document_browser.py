"""A morning's documents finished in a real browser, by keyboard alone; and the page on a phone."""

from decimal import Decimal

import pytest

from nattbok.db.scope import scope
from nattbok.documents import queries
from nattbok.documents.models import Document
from nattbok.ledger.actions.templates import write_template
from nattbok.ledger.models import Entry, Line
from nattbok.ledger.rules.templates import Size, Template, TemplateLine
from nattbok.trail.models import Act
from tests.documents.invoices import a_company, a_seller, an_e_invoice, coded, received
from tests.formats.invoice.written_invoices import Line as InvoiceLine
from tests.web.browsing import (
    CONTRAST,
    OBSTACLES,
    By,
    Keys,
    at_field,
    chord,
    in_a_browser,
    log_in,
    press,
    until,
)
from tests.web.documents_read import a_read_bill
from tests.web.visitors import a_person
from tests.world import a_client, an_office

pytestmark = in_a_browser

SHARES = (TemplateLine("6340", size=Size.SHARE, of=Decimal(60)), TemplateLine("6540", size=Size.REST))


@pytest.fixture
def morning(chromium, served):
    """A browser in a client's inbox, logged in; the client and its documents."""
    office = an_office()
    client = a_client(office=office, name="Havna Fisk AS")
    with scope([client.pk]):
        power = a_seller(client)
        write_template(client, Template("delt", "Delt strøm", SHARES), by="person:1")
        ready, another, split, new, wrong, account = received(
            client,
            an_e_invoice(client, power),
            an_e_invoice(client, power),
            an_e_invoice(
                client, power, InvoiceLine("Strøm", "1", "800"), InvoiceLine("Frukt", "1", "100", rate="15")
            ),
            an_e_invoice(client, a_company(name="Nye Varer AS")),
            an_e_invoice(client, power).replace(">1250.00</cbc:PayableAmount", ">1350.00</cbc:PayableAmount"),
            an_e_invoice(client, power, account="86011117947"),
        )
        read = a_read_bill(client, power)
        coded(client)
    person = a_person(office)
    log_in(chromium, served, person)
    chromium.get(f"{served}/clients/{client.pk}/documents/")
    yield chromium, client, (ready, another, split, new, wrong, account, read)


def at_document(browser, document):
    def is_there():
        return (
            browser.execute_script(
                "return [document.getElementById('document')?.dataset.of,"
                " document.activeElement.closest('[data-document]')?.dataset.document]"
            )
            == [str(document)] * 2
        )

    until(browser, is_there)


def shows(browser, document):
    """The document is open, wherever the focus is."""
    asked = "return document.getElementById('document')?.dataset.of"
    until(browser, lambda: browser.execute_script(asked) == str(document))


def lit(browser) -> int:
    return len(browser.find_elements(By.CSS_SELECTOR, ".read.lit"))


def test_a_mornings_documents_are_finished_by_keyboard_alone(morning):
    browser, client, (ready, another, split, new, wrong, account, read) = morning
    at_document(browser, ready)
    press(browser, "j")
    at_document(browser, another)
    press(browser, "k")
    at_document(browser, ready)
    chord(browser, Keys.CONTROL, Keys.ENTER)  # like last time
    at_document(browser, another)

    press(browser, Keys.ENTER)  # into the coding, where a field lights up its place
    at_field(browser, "account-1")
    press(browser, Keys.ENTER, Keys.ENTER)
    at_field(browser, "net-1")
    until(browser, lambda: lit(browser) == 1)
    chord(browser, Keys.SHIFT, Keys.ENTER)
    at_field(browser, "vat_code-1")
    chord(browser, Keys.ALT, "s")
    at_field(browser, "account-2")
    press(browser, "inventar under", Keys.TAB)  # by name
    assert browser.find_element(By.ID, "account-2").get_attribute("value") == "6540"
    press(browser, Keys.TAB, "400", Keys.TAB)  # its VAT follows
    assert browser.find_element(By.ID, "vat-2").get_attribute("value") == "100.00"
    shown = browser.find_element(By.CSS_SELECTOR, "[data-left]")
    until(browser, lambda: shown.text == "-500.00")
    chord(browser, Keys.CONTROL, Keys.ENTER)
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#document [role=alert]"))
    field = browser.find_element(By.ID, "net-1")
    browser.execute_script("arguments[0].focus()", field)
    press(browser, "+")  # what is left
    assert field.get_attribute("value") == "600.00"
    chord(browser, Keys.CONTROL, Keys.ENTER)

    shows(browser, split)  # two rates, and no habit for one of them: the account is typed
    at_field(browser, "account-1")  # the focus is where it was: in the coding
    for row in (1, 2):
        browser.execute_script(f"document.getElementById('account-{row}').focus()")
        press(browser, "6340")
    chord(browser, Keys.CONTROL, Keys.ENTER)
    shows(browser, new)

    press(browser, Keys.ESCAPE, "1")  # registered, and then asked about again
    until(browser, lambda: "is not among" not in browser.find_element(By.ID, "document").text)
    at_document(browser, new)
    press(browser, Keys.ENTER)
    at_field(browser, "account-1")
    press(browser, "delt", Keys.ENTER)  # a template's key becomes its lines
    until(browser, lambda: browser.find_elements(By.ID, "account-2"))
    until(browser, lambda: browser.find_element(By.ID, "net-2").get_attribute("value") == "400.00")
    chord(browser, Keys.CONTROL, Keys.ENTER)

    shows(browser, wrong)
    chord(browser, Keys.ALT, "r")  # back to the client
    at_field(browser, "why")
    press(browser, "feil sum", Keys.ENTER)
    shows(browser, account)
    press(browser, "1")  # the account is theirs: then it waits only for yes
    until(browser, lambda: "which is new for" not in browser.find_element(By.ID, "document").text)
    at_document(browser, account)
    chord(browser, Keys.CONTROL, Keys.ENTER)

    at_document(browser, read)  # read from a picture, but for its number: a word of it fills the field
    press(browser, Keys.ENTER)
    at_field(browser, "read-invoice_no")
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[data-word]"))
    chord(browser, Keys.ALT, "w")
    press(browser, "2", "0", "4")
    press(browser, Keys.ENTER)
    until(browser, lambda: browser.find_elements(By.ID, "coding"))
    until(browser, lambda: "not found" not in browser.find_element(By.ID, "document").text)
    chord(browser, Keys.CONTROL, Keys.ENTER)
    until(browser, lambda: "No document waits" in browser.find_element(By.ID, "document").text)

    with scope([client.pk]):
        assert (queries.counts(client).posted, queries.counts(client).with_client) == (6, 1)
        assert Document.objects.get(pk=read).number == "20417"
        entry = Entry.objects.get(client=client, origin=f"document:{another}")
        lines = Line.objects.filter(client=client, entry=entry).select_related("account").order_by("number")
        assert [(line.account.number, str(line.amount)) for line in lines] == [
            ("6340", "600.00"), ("2710", "150.00"), ("6540", "400.00"), ("2710", "100.00"),
            ("2400", "-1250.00"),
        ]  # fmt: skip
        by = set(Act.objects.filter(client=client, kind="documents.posted").values_list("by", flat=True))
        assert len(by) == 1 and by.pop().startswith("person:")


def test_the_inbox_is_used_on_a_phone_and_can_be_read(morning):
    browser, _client, (*_rest, wrong, _account, read) = morning
    try:
        browser.set_window_size(390, 844)
        browser.refresh()
        browser.find_element(By.CSS_SELECTOR, f"#document-{wrong} a").click()
        until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".inbox.on-one"))
        wide = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        assert browser.execute_script(OBSTACLES) == []
        assert browser.execute_script(CONTRAST) == []
        browser.get(browser.current_url.replace(f"/{wrong}/", f"/{read}/"))
        until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[data-word]"))
        assert browser.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
        assert browser.execute_script(OBSTACLES) == []
        assert browser.execute_script(CONTRAST) == []
    finally:
        browser.set_window_size(1400, 900)
