"""Bank reconciliation in pages: figures, lines, answers, the story of a line; and a day by keyboard alone."""

import datetime
import itertools
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nattbok.bank import actions as bank
from nattbok.bank.actions import pairing
from nattbok.bank.actions.reconciliation import reconcile
from nattbok.bank.models import BankAccount, BankDay, Movement, Postponement
from nattbok.bank.queries import unsettled
from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.db.scope import scope
from nattbok.ledger import actions as ledger
from nattbok.ledger.models import OpenItem
from tests.bank.test_reconciliation import ACCOUNT, MONDAY, day_file, money, paid, take
from tests.web.visitors import a_person, logged_in
from tests.world import a_client, a_party, an_invoice, an_office

_numbers = itertools.count(1)


def a_harbour(client, *amounts):
    """1000.00 on both sides, and bank lines of a day that nothing is known of; the account and the lines."""
    bank.open_account(client, ACCOUNT, title="Drift")
    ledger.opening_balance(
        client, datetime.date(2026, 1, 1), {"1920": money("1000.00"), "2050": money("-1000.00")}, by="test"
    )
    told = [paid(amount, f"L{next(_numbers)}", text=f"linje {amount}") for amount in amounts]
    take(client, day_file(MONDAY, "1000.00", *told))
    account = BankAccount.objects.get(client=client)
    reconcile(client, by="test")
    return account, list(Movement.objects.filter(client=client).order_by("pk").values_list("pk", flat=True))


def at(client, account=None, rest=""):
    return f"/clients/{client.pk}/bank/{f'{account.pk}/' if account else ''}{rest}"


def post(browser, client, of, /, **form):
    return browser.post(at(client, of), form, HTTP_HX_REQUEST="true")


def test_the_figures_the_lines_and_what_they_may_be(fjord, office):
    item = an_invoice(fjord, "100.00", on=MONDAY, customer=a_party(fjord, name="Havna Fisk"))
    account, (one, two) = a_harbour(fjord, "100.00", "-40.00")
    browser = logged_in(a_person(office))
    page = browser.get(at(fjord, account)).content.decode()
    for shown in ("1,060.00", "1,000.00", "60.00", f"line-{one}", f"line-{two}", "1,100.00"):
        assert shown in page, shown
    pane = browser.get(at(fjord, rest=f"lines/{one}/pane/")).content.decode()
    assert f'value="pay:{item.pk}"' in pane or 'value="accept:0"' in pane
    assert "Havna Fisk" in pane and "amount" in pane
    days = browser.get(at(fjord, account, "days/?day=2026-03-09")).content.decode()
    assert "linje 100.00" in days and "linje -40.00" in days
    assert browser.get(at(fjord, account, "days.svg"))["Content-Type"] == "image/svg+xml"


def test_an_answer_goes_on_to_the_next_line_until_the_day_is_sealed(fjord, office):
    item = an_invoice(fjord, "100.00", on=MONDAY)
    account, (one, two) = a_harbour(fjord, "100.00", "-40.00")
    browser = logged_in(a_person(office))
    found = post(browser, fjord, account, do="pay", line=one, item=item.pk, next=two).content.decode()
    assert f'data-of="{two}"' in found and f'id="line-{one}" hx-swap-oob="delete"' in found
    found = post(
        browser, fjord, account, do="voucher", line=two, account="7770", text="gebyr"
    ).content.decode()
    assert "the day is sealed" in found and "Nothing more waits" in found
    assert BankDay.objects.get(client=fjord).sealed_at is not None
    assert "7770" in browser.get(at(fjord, account, "?tab=done")).content.decode() or one

    story = browser.get(at(fjord, rest=f"lines/{two}/")).content.decode()
    assert "A person said what the payment" in story and "line 2" in story
    back = post(browser, fjord, account, do="undo")
    assert back["HX-Redirect"].endswith(f"line={two}")
    assert BankDay.objects.get(client=fjord).sealed_at is None
    assert "taken back" in browser.get(at(fjord, rest=f"lines/{two}/")).content.decode()


def test_a_refusal_is_told_in_the_pane_and_nothing_is_lost(fjord, office):
    item = an_invoice(fjord, "80.00", on=MONDAY)
    account, (one,) = a_harbour(fjord, "100.00")
    browser = logged_in(a_person(office))
    found = post(browser, fjord, account, do="pay", line=one, item=item.pk)
    assert found.status_code == 200
    assert "20.00 is left over" in found.content.decode() and f'data-of="{one}"' in found.content.decode()
    assert (
        "is not an amount"
        in post(
            browser, fjord, account, do="split", line=one, **{"account-1": "7770", "amount-1": "tolv"}
        ).content.decode()
    )
    assert "nothing of yours" in post(browser, fjord, account, do="undo").content.decode()
    for form in ({"do": "proposal", "answer": "accept:99"}, {"do": "nothing"}, {"do": "transfer"},
                 {"do": "proposal", "answer": "pay:999999999"}):  # fmt: skip
        assert 'role="alert"' in post(browser, fjord, account, line=one, **form).content.decode(), form
    assert [line.id for line in unsettled(fjord)] == [one]


def test_several_marked_lines_are_answered_together(fjord, office):
    item = an_invoice(fjord, "100.00", on=MONDAY)
    account, (one, two, three) = a_harbour(fjord, "60.00", "40.00", "5.00")
    browser = logged_in(a_person(office))
    found = post(browser, fjord, account, do="pay", line=one, also=[two], item=item.pk).content.decode()
    assert f'data-of="{three}"' in found
    item.refresh_from_db()
    assert item.left == 0


def test_put_off_with_a_note_and_found_again_under_its_tab(fjord, office):
    account, (one,) = a_harbour(fjord, "60.00")
    browser = logged_in(a_person(office))
    post(browser, fjord, account, do="ask", line=one, note="hva er dette?")
    assert Postponement.objects.get(client=fjord).is_asked
    assert f"line-{one}" not in browser.get(at(fjord, account)).content.decode()
    assert "hva er dette?" in browser.get(at(fjord, account, "?tab=postponed")).content.decode()


def test_a_split_by_form_with_amounts_as_they_are_written_here(fjord, office):
    supplier = "Fiskeforsyning"
    from nattbok.ledger.rules import PartyKind

    party = a_party(fjord, PartyKind.SUPPLIER, supplier)
    account, (one,) = a_harbour(fjord, "-1250.00")
    from nattbok.ledger.models import Party

    number = Party.objects.get(pk=party).number
    post(
        logged_in(a_person(office)), fjord, account, do="split", line=one,
        **{"account-1": "6300", "amount-1": "−1 000,00", "party-2": f"{number} {supplier}"},
    )  # fmt: skip
    assert OpenItem.objects.get(client=fjord, party=party).left == 250


def test_a_clients_own_reader_sees_and_cannot_answer(fjord, office):
    account, (one,) = a_harbour(fjord, "60.00")
    person = a_person()
    give_access(fjord, person, Role.OWNER)
    browser = logged_in(person)
    assert browser.get(at(fjord, account)).status_code == 200
    assert post(browser, fjord, account, do="voucher", line=one, account="7770").status_code in (403, 409)
    assert [line.id for line in unsettled(fjord)] == [one]


def test_a_thousand_waiting_lines_are_asked_for_in_sets(fjord, office):
    """How long it takes is measured by hand; that no query is made for each line is held here."""
    account, ids = a_harbour(fjord, *(f"{number}.00" for number in range(1, 1001)))
    browser = logged_in(a_person(office))
    browser.get(at(fjord, account))
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        page = browser.get(at(fjord, account)).content.decode()
    print(f"page of 1 000 lines: {(time.perf_counter() - begun) * 1000:.0f} ms, {len(asked)} queries")
    assert page.count("data-line=") == 1000
    assert len(asked) < 60
    begun = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        browser.get(at(fjord, rest=f"lines/{ids[500]}/pane/"))
    print(f"pane: {(time.perf_counter() - begun) * 1000:.0f} ms, {len(asked)} queries")
    assert len(asked) < 45
    begun = time.perf_counter()
    post(browser, fjord, account, do="voucher", line=ids[500], account="7770", next=ids[501])
    print(f"answer: {(time.perf_counter() - begun) * 1000:.0f} ms")


def test_every_answer_of_a_stranger_finds_nothing(fjord, office):
    account, (one,) = a_harbour(fjord, "60.00")
    other = a_client(office=an_office())
    browser = logged_in(a_person(other.office))
    assert post(browser, fjord, account, do="voucher", line=one, account="7770").status_code == 404
    assert post(browser, other, account, do="voucher", line=one, account="7770").status_code == 404
    with scope([fjord.pk]):
        assert [line.id for line in unsettled(fjord)] == [one]


@pytest.mark.parametrize("rest", ["?tab=wrong", "?line=abc", "?day=2026-13-01", "?line=99999999999999999999"])
def test_an_address_that_cannot_be_is_told_so(rest, fjord, office):
    account, _lines = a_harbour(fjord, "60.00")
    assert logged_in(a_person(office)).get(at(fjord, account, rest)).status_code == 400


def test_a_pairing_is_told_in_the_lines_story(fjord, office):
    from nattbok.ledger.models import Line
    from tests.world import an_entry, posted

    _account, (one,) = a_harbour(fjord, "-40.00")
    (entry,) = posted(fjord, an_entry(fjord, ("1920", "-40.00"), ("7770", "40.00"), on=MONDAY))
    line = Line.objects.get(client=fjord, entry=entry.id, account__number="1920")
    browser = logged_in(a_person(office))
    pane = browser.get(at(fjord, rest=f"lines/{one}/pane/")).content.decode()
    assert f'value="pair:{line.pk}"' in pane
    pairing.pair(fjord, [one], [line.pk], by="person:1")
    story = browser.get(at(fjord, rest=f"lines/{one}/")).content.decode()
    assert "Paired with" in story and f"/entries/{entry.id}/" in story
