"""The voucher's pages without their script: all that a key does, a button does."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.files.models import File
from nattbok.files.queries import data
from nattbok.ledger.models import Entry
from nattbok.ledger.queries import templates
from nattbok.vouchers.models import VoucherDraft
from nattbok.vouchers.rules.written import COLUMNS
from tests.web.visitors import a_person, logged_in
from tests.world import a_client, an_invoice, booked

TOKEN = re.compile(r'name="token" value="([a-z0-9]+)"')


@pytest.fixture
def desk(fjord, office):
    """An accountant before the voucher of a client."""
    return logged_in(a_person(office)), f"/clients/{fjord.pk}/voucher/"


def form(page, *rows: dict, **head) -> dict:
    """What the form sends with these lines in it."""
    token = TOKEN.search(page.content.decode()).group(1)
    columns = {f"line_{name}": [row.get(name, "") for row in rows] for name in COLUMNS}
    return {"token": token, "date": "2026-03-12", "text": "Leie", "do": "post", **columns, **head}


RENT = ({"account": "6300", "vat_code": "1", "debit": "1250"}, {"account": "1920", "credit": "1250"})


def test_a_voucher_is_posted_and_the_next_one_keeps_the_day(desk, fjord):
    browser, address = desk
    sent = form(browser.get(address), *RENT)
    answer = browser.post(address, sent, follow=True)
    page = answer.content.decode()
    assert "Posted as entry A 1." in page
    assert 'name="date" value="2026-03-12"' in page and TOKEN.search(page).group(1) != sent["token"]
    assert booked(fjord) == (
        "1  2026-03-12  6300  1000.00\n1  2026-03-12  2710  250.00\n1  2026-03-12  1920  -1250.00"
    )
    # The other window, or the second press: the same entry.
    assert "Posted as entry A 1." in browser.post(address, sent, follow=True).content.decode()
    assert Entry.objects.filter(client=fjord).count() == 1


@pytest.mark.parametrize(
    "rows, said",
    [
        (({"account": "6300", "debit": "100"}, {"account": "1920", "credit": "90"}), "differ by 10.00"),
        (
            ({"account": "1500", "debit": "100"}, {"account": "1920", "credit": "100"}),
            "needs a customer or supplier",
        ),
        (
            ({"account": "9998", "debit": "100"}, {"account": "1920", "credit": "100"}),
            "There is no account “9998”",
        ),
        (({"account": "6300", "debit": "ti"}, {"account": "1920", "credit": "10"}), "“ti” is not an amount"),
        (({"account": "6300"}, {"account": "1920", "credit": "10"}), "The line has no amount."),
        (
            ({"account": "6300", "debit": "10", "spread": "/1"}, {"account": "1920", "credit": "10"}),
            "2 to 120 months",
        ),
        (
            ({"account": "6300", "debit": "10", "vat_code": "X"}, {"account": "1920", "credit": "10"}),
            "no VAT code X",
        ),
    ],
)
def test_what_cannot_be_posted_says_why_at_its_line(desk, fjord, rows, said):
    browser, address = desk
    answer = browser.post(address, form(browser.get(address), *rows))
    assert answer.status_code == 409 and said in answer.content.decode()
    assert not Entry.objects.filter(client=fjord).exists()


def test_the_buttons_do_what_the_keys_do(desk, fjord):
    browser, address = desk
    page = browser.get(address)
    sent = form(page, {"account": "6300", "vat_code": "1", "debit": "1250"}, do="balance")
    assert 'name="line_credit" class="amount" value="1250.00"' in browser.post(address, sent).content.decode()
    sent = form(page, {"account": "6300", "debit": "100"}, {"account": "1920", "credit": "250"}, do="rest:0")
    answer = browser.post(address, sent).content.decode()
    assert answer.count('name="line_account" value="6300"') == 2 and 'value="150.00"' in answer
    sent = form(page, *RENT, do="remove:0")
    assert 'value="6300" list' not in browser.post(address, sent).content.decode()
    # What was written is there again, in another window and another day.
    assert 'name="line_account" value="1920"' in browser.get(address).content.decode()
    sent = form(page, *RENT, do="discard")
    browser.post(address, sent)
    assert not VoucherDraft.objects.filter(client=fjord).exists()


def test_files_are_attached_and_shown_on_the_entry(desk, fjord):
    browser, address = desk
    page = browser.get(address)
    receipt = SimpleUploadedFile("kvittering.pdf", b"%PDF-1.4 hello")
    page = browser.post(address, form(page, *RENT, do="check", files=[receipt]))
    (file,) = File.objects.filter(client=fjord)
    assert "kvittering.pdf" in page.content.decode() and data(file) == b"%PDF-1.4 hello"
    other = SimpleUploadedFile("avtale.txt", b"avtale")
    browser.post(address, form(page, *RENT, files=[other], file=[str(file.pk)]))
    entry = Entry.objects.get(client=fjord)
    assert entry.file_id == file.pk
    assert "avtale.txt" in browser.get(f"/clients/{fjord.pk}/entries/{entry.pk}/").content.decode()


def test_another_clients_file_is_not_attached(desk, fjord, office):
    browser, address = desk
    browser.post(address, form(browser.get(address), *RENT, file=["999999999"]))
    assert Entry.objects.get(client=fjord).file_id is None


def test_an_entry_is_copied_and_corrected(desk, fjord, office):
    browser, address = desk
    browser.post(address, form(browser.get(address), *RENT))
    entry = Entry.objects.get(client=fjord)
    copy = browser.get(f"{address}?copy={entry.pk}").content.decode()
    assert (
        'value="6300"' in copy
        and 'value="1250.00"' in copy
        and 'name="line_account" value="2710"' not in copy
    )
    page = browser.get(f"/clients/{fjord.pk}/entries/{entry.pk}/correct/")
    assert "It is reversed, and these lines are posted in its place" in page.content.decode()
    plan = re.search(r'name="plan" value="(\w+)"', page.content.decode()).group(1)
    right = ({"account": "6340", "vat_code": "1", "debit": "1250"}, RENT[1])
    sent = form(page, *right, corrects=str(entry.pk), plan=plan, why="")
    assert browser.post(address, sent).status_code == 409  # why is asked
    for _press in range(2):
        answer = browser.post(address, sent | {"why": "Det var renovasjon"}, follow=True)
        assert answer.status_code == 200, re.findall(
            r'class="trouble"[^>]*>[^<]*|<li>[^<]*', answer.content.decode()
        )
    assert "Entry A 1 was corrected: Det var renovasjon" in answer.content.decode()
    assert Entry.objects.filter(client=fjord).count() == 3
    assert booked(fjord).count("6340  1000.00") == 1


def test_a_template_is_written_used_and_retired(desk, fjord, office):
    browser, address = desk
    here = f"/clients/{fjord.pk}/templates/"
    lines = {
        "line_account": ["6300", "1920"], "line_side": ["debit", "credit"], "line_size": ["rest", "rest"],
        "line_of": ["", ""], "line_vat_code": ["1", ""], "line_text": ["Leie {month}", ""],
    }  # fmt: skip
    tried = browser.post(here, {"key": "leie", "name": "Leie", "amount": "125", "do": "try", **lines})
    assert "What 125.00 becomes" in tried.content.decode() and "2710" in tried.content.decode()
    browser.post(here, {"key": "leie", "name": "Leie", "do": "write", **lines})
    assert "leie" in templates(fjord)
    page = browser.get(address)
    answer = browser.post(address, form(page, {"account": "leie", "debit": "125"}))
    shown = answer.content.decode()
    assert "Template leie is filled in" in shown and "Leie mars 2026" in shown
    assert not Entry.objects.filter(client=fjord).exists()  # one looks before one posts
    bad = browser.post(
        here, {"key": "leie", "name": "Leie", "do": "write", **lines | {"line_account": ["6300", "1"]}}
    )
    assert bad.status_code == 409 and "account 1 is not in the chart" in bad.content.decode()
    browser.post(here, {"key": "leie", "do": "retire"})
    assert "leie" not in templates(fjord) and "retired" in browser.get(here).content.decode()


def test_an_offices_template_is_for_chosen_clients(fjord, office):
    other = a_client(office=office)
    browser = logged_in(a_person(office))
    lines = {"line_account": ["6300"], "line_side": ["debit"], "line_size": ["rest"], "line_of": [""]}
    sent = {"key": "leie", "name": "Leie", "do": "write", "client": [str(fjord.pk)], **lines}
    assert browser.post(f"/offices/{office.pk}/templates/NO/", sent).status_code == 302
    assert set(templates(fjord)) == {"leie"} and templates(other) == {}
    stranger = logged_in(a_person(a_client().office))
    assert stranger.get(f"/offices/{office.pk}/templates/NO/").status_code == 404


def test_a_reader_may_look_and_not_post(fjord, office):
    person = a_person()
    give_access(fjord, person, Role.READER)
    browser, address = logged_in(person), f"/clients/{fjord.pk}/voucher/"
    assert "Only those who keep the books" in browser.get(address).content.decode()
    for where in (
        address,
        f"{address}draft/",
        f"/clients/{fjord.pk}/templates/",
        f"/clients/{fjord.pk}/spreads/",
    ):
        answer = browser.post(where, {"token": "abcdefgh12", "do": "post"})
        assert answer.status_code == 409 and "Only those who keep the books" in answer.content.decode()


def test_what_is_written_is_judged_while_one_writes(desk, fjord):
    browser, address = desk
    item = an_invoice(fjord, "100.00")
    sent = form(
        browser.get(address), {"account": "Kundefordringer", "party": item.party.name, "debit": "100"}
    )
    told = browser.post(f"{address}draft/", sent).json()
    assert told["rows"][0]["party"] == item.party.name and told["rows"][0]["control"] == "customer"
    assert told["difference"] == "100.00" and not told["is_balanced"]
    options = browser.get(f"{address}parties/?q=havna&kind=customer").content.decode()
    assert 'label="Havna Fisk"' in options
    assert browser.post(f"{address}draft/", sent | {"token": "'; --"}).status_code == 409


@pytest.mark.parametrize(
    "broken",
    [
        {"line_account": ["6300"] * 201},
        {"line_account": ["6300"], "line_debit": ["1", "2"]},
        {"do": "rest:99999999999999999999"},
        {"do": "remove:77"},
        {"date": "31.02.2026"},
        {"file": ["-1", "a", "9" * 30]},
        {"corrects": "1" * 19, "why": "x"},
        {"line_debit": ["1e400"] * 2},
        {"line_account": ["\ud800", "x" * 10000]},
    ],
)
def test_a_broken_form_is_answered_in_words(desk, fjord, broken):
    browser, address = desk
    if "line_account" in broken and "\ud800" in broken["line_account"]:
        broken = {"line_account": ["\x00", "x" * 10000]}
    answer = browser.post(address, form(browser.get(address), *RENT) | broken)
    assert answer.status_code in (200, 302, 404, 409)
