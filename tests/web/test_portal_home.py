"""What an owner sees first on the phone: what waits for them, what is in the bank, and what is owed."""

import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nattbok.bank import actions as bank
from nattbok.clients.rules import Right, Role
from nattbok.files.actions import keep
from tests.bank.paying import OURS, a_bill, a_supplier, an_account
from tests.bank.test_fetching import camt053
from tests.documents.approving import a_waiting_bill, named
from tests.web.test_portal_pages import at
from tests.world import TODAY, an_invoice

DAY = datetime.timedelta(days=1)


def home(browser, client) -> str:
    """The page's words, without its tags' spaces."""
    text = browser.get(f"/portal/{client.pk}/").content.decode()
    return text.replace("\xa0", " ")


def told_by_the_bank(client, closing: str) -> int:
    """A statement that ends with this balance; the bank account."""
    account = an_account(client)
    data = camt053(TODAY, amount=closing, account=OURS[client.country])
    bank.receive(client, keep(client, data, name="camt053.xml", came_by="bank").file, by="test")
    return account.pk


def test_what_is_shown_is_what_the_bank_and_the_books_say(fjord):
    today, supplier = timezone.localdate(), a_supplier(fjord)
    account = told_by_the_bank(fjord, "10.00")
    a_bill(fjord, "100.00", supplier=supplier, number="1", due_on=today - DAY)
    a_bill(fjord, "200.00", supplier=supplier, number="2", due_on=today, on_hold=True)
    a_bill(fjord, "40.00", supplier=supplier, number="3", due_on=today + DAY)
    a_bill(fjord, "-30.00", supplier=supplier, number="4", due_on=today)
    an_invoice(fjord, "1250.00")
    browser, _person = at(fjord, Role.OWNER)
    with CaptureQueriesContext(connection) as queries:
        text = home(browser, fjord)
    assert len(queries) <= 16
    assert f'href="/clients/{fjord.pk}/bank/{account}/"' in text and ">10.00 <" in text
    assert "by the bank" in text and "2026" in text
    assert ">310.00 <" in text and "100.00 is overdue" in text and "200.00 is on hold" in text
    assert "30.00 in your favour" in text and ">1,250.00 <" in text
    due = text.partition("due-heading")[2].partition("</section>")[0]
    assert due.count("<li>") == 2 and ">200.00<" in due and ">40.00<" in due
    assert "Nothing waits for you." in text


def test_where_nothing_is_known_nothing_is_shown(fjord):
    browser, _person = at(fjord, Role.OWNER)
    text = home(browser, fjord)
    assert "no bank has told a balance yet" in text
    assert "Unpaid by customers" not in text and "To pay to suppliers" not in text


def test_who_may_not_see_the_books_sees_no_money_and_only_their_own(fjord):
    told_by_the_bank(fjord, "10.00")
    an_invoice(fjord, "1250.00")
    approver, person = at(fjord, Role.READER, rights=[Right.APPROVE])
    a_waiting_bill(fjord, named(person))
    for browser in (approver, at(fjord, Role.EMPLOYEE)[0]):
        text = home(browser, fjord)
        assert "money-heading" not in text and "10.00" not in text and "1,250.00" not in text
        assert ("documents to approve" in text) == (browser is approver)
    assert approver.get(f"/portal/{fjord.pk}/expenses/").status_code == 200  # others' claims
    assert approver.post(f"/portal/{fjord.pk}/expenses/", {"purpose": "x"}).status_code == 403
