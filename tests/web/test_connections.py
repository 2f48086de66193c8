"""A connection is set up by a person, step by step, against a bank over real sockets; files by hand too."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from nattbok.bank import actions
from nattbok.bank.models import Movement
from nattbok.bank.queries import connections as queries
from nattbok.bank.rules.connections import Form, State
from nattbok.clients.actions import give_access
from nattbok.clients.rules import Role
from nattbok.files.actions import keep
from nattbok.files.models import File
from nattbok.outbox import actions as outbox
from nattbok.outbox import queries as sendings
from nattbok.outbox.rules import State as Sent
from nattbok.sandbox.bank.doors.serving import Ports, Serving
from nattbok.trail.actions import act
from nattbok.trail.models import Act
from tests.bank.bank_connections import DAY, an_account
from tests.bank.test_fetching import FRI, camt053
from tests.sandbox.bank.stand_in import StandIn
from tests.web.visitors import a_person, logged_in


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("NATTBOK_BANK_SETTLE", "0")
    monkeypatch.setenv("NATTBOK_BANK_PATIENCE", "3")


@pytest.fixture
def browser(office):
    return logged_in(a_person(office))


def home(client) -> str:
    return f"/clients/{client.pk}/bank/connections/"


def test_a_direct_connection_is_set_up_step_by_step(fjord, browser):
    account = an_account(fjord)
    answer = browser.post(
        home(fjord),
        {"do": "order", "bank": "test", "form": "sftp", "account": account.pk, "is_test": "on"},
    )
    page = answer.url
    (row,) = queries.connections(fjord)
    (key,) = queries.keys(fjord, row.id)
    text = browser.get(page).content.decode()
    assert key.public_key in text  # to be sent to the bank
    bank = StandIn()
    customer = bank.join("c1", key.public_key)
    with Serving(bank, ports=Ports(rest=None)) as serving:
        told = {"do": "register", "address": f"{serving.host}:{serving.sftp_port}", "username": customer.id}
        assert browser.post(page, told).status_code == 302
        assert browser.post(page, {"do": "activate"}).status_code == 200  # refused, in words
        assert queries.connection(fjord, row.id).state is State.REGISTERED
        found = browser.post(page, {"do": "look_at_key"})
        assert found.context["found_key"] == serving.host_keys[0]
        browser.post(page, {"do": "confirm_key", "host_key": found.context["found_key"]})
        browser.post(page, {"do": "test"})
        assert {test["state"] for test in browser.get(page).context["tests"]} == {"done"}
        browser.post(page, {"do": "activate"})
        assert queries.connection_for(fjord, account.pk).may_go
        browser.post(page, {"do": "make_next_key"})
        wrong = browser.post(page, {"do": "test_next"})
        assert wrong.context["next_failed"] is not None
        browser.post(page, {"do": "suspend"})
        assert not queries.connection(fjord, row.id).may_go


def test_no_private_key_or_token_is_on_a_page(fjord, browser):
    made = actions.order(fjord, bank="test", form=Form.REST, accounts=[], by="test")
    page = f"{home(fjord)}{made}/"
    browser.post(page, {"do": "register", "address": "https://bank.example"})
    browser.post(page, {"do": "token", "token": "hemmelig-token-123"})
    text = browser.get(page).content.decode()
    assert "hemmelig" not in text and "A token is kept since" in text
    other = actions.order(fjord, bank="test", form=Form.SFTP, accounts=[], by="test")
    assert "PRIVATE KEY" not in browser.get(f"{home(fjord)}{other}/").content.decode()


def test_settings_of_the_bank_are_kept_and_bad_ones_refused(fjord, browser):
    made = actions.order(fjord, bank="dnb", form=Form.SFTP, accounts=[], by="test")
    page = f"{home(fjord)}{made}/"
    told = {
        "do": "register", "address": "sftp.bank.example", "username": "u", "agreement_id": "123",
        "folder_out": "til_bank", "cut_off": "13:30", "names_in": "C053* C054*", "sends_empty_days": "on",
    }  # fmt: skip
    browser.post(page, told)
    profile = queries.connection(fjord, made).profile
    assert (profile.folder_out, profile.names_in) == ("til_bank", ("C053*", "C054*"))
    assert f"{profile.cut_off('NO'):%H:%M}" == "13:30"
    answer = browser.post(page, told | {"folder_out": "../../etc"})
    assert answer.status_code == 200 and "cannot be used" in answer.content.decode()
    assert queries.connection(fjord, made).profile.folder_out == "til_bank"


def test_files_are_put_in_several_at_once_in_any_order(fjord, browser):
    an_account(fjord)
    files = {
        "later.xml": camt053(FRI, number=2, opening="10.00"),
        "first.xml": camt053(DAY),
        "empty.xml": b"",
        "broken.xml": camt053(DAY, number=7, message="M7")[:-400],
        "photo.jpg": b"\xff\xd8\xff\xe0 not a bank file",
        "again.xml": camt053(DAY),
    }
    given = [SimpleUploadedFile(name, data) for name, data in files.items()]
    answer = browser.post(home(fjord), {"do": "upload", "files": given})
    results = {one.name: one for one in answer.context["results"]}
    good = {name for name, one in results.items() if one.is_good}
    assert good == {"later.xml", "first.xml", "again.xml"}
    assert results["first.xml"].words.values == {"count": 1}
    assert Movement.objects.filter(client=fjord).count() == 2
    assert File.objects.filter(client=fjord).count() == 4  # the empty one and the repeat are none
    assert Act.objects.filter(client=fjord, kind="bank.files_uploaded").count() == 1
    again = browser.post(home(fjord), {"do": "upload", "files": [SimpleUploadedFile("x.xml", camt053(DAY))]})
    assert again.context["bad"] == 0
    assert Movement.objects.filter(client=fjord).count() == 2


def test_a_payment_file_is_taken_out_by_a_person(fjord, browser):
    account = an_account(fjord)
    made = actions.order(fjord, bank="test", form=Form.FILE, accounts=[account.pk], by="test")
    actions.registered(fjord, made, by="test", on=DAY)
    file = keep(fjord, b"<pain.001/>", name="NB1.xml", came_by="made").file
    deed = act(fjord, "test.approved", "test")
    outbox.send_file(fjord, "batch:1", connection=made, name="NB1.xml", file=file.pk, act=deed)
    assert "NB1.xml" in browser.get(home(fjord)).content.decode()
    answer = browser.post(home(fjord), {"do": "take_out", "key": "batch:1"})
    assert answer.content == b"<pain.001/>"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="NB1.xml"'
    row = sendings.sending(fjord, "batch:1")
    assert row.state is Sent.SENT and row.was_handed_over
    assert browser.post(home(fjord), {"do": "take_out", "key": "batch:9"}).status_code == 404


def test_a_file_on_its_way_by_itself_is_not_taken_out(fjord, browser):
    made = actions.order(fjord, bank="test", form=Form.SFTP, accounts=[], by="test")
    file = keep(fjord, b"<pain.001/>", name="NB1.xml", came_by="made").file
    outbox.send_file(
        fjord,
        "batch:1",
        connection=made,
        name="NB1.xml",
        file=file.pk,
        act=act(fjord, "test.approved", "test"),
    )
    from nattbok.outbox.models import Sending

    Sending.objects.filter(client=fjord).update(state="uncertain")
    assert browser.post(home(fjord), {"do": "take_out", "key": "batch:1"}).status_code == 409
    browser.post(home(fjord), {"do": "again", "key": "batch:1"})
    assert sendings.sending(fjord, "batch:1").state is Sent.WAITING


@pytest.mark.parametrize("role", [Role.READER, Role.APPROVER, Role.OWNER])
def test_only_those_who_keep_the_books_change_anything(fjord, role):
    made = actions.order(fjord, bank="test", form=Form.FILE, accounts=[], by="test")
    person = a_person()
    give_access(fjord, person, role)
    browser = logged_in(person)
    for page, deed in ((home(fjord), "order"), (home(fjord), "upload"), (f"{home(fjord)}{made}/", "suspend")):
        assert browser.post(page, {"do": deed, "bank": "test", "form": "file"}).status_code in (403, 404, 409)
    text = browser.get(f"{home(fjord)}{made}/").content.decode()
    assert 'value="suspend"' not in text
    assert queries.connection(fjord, made).state is State.ORDERED


@pytest.mark.parametrize("deed", ["", "drop table", "x" * 5000])
def test_what_is_no_deed(fjord, browser, deed):
    made = actions.order(fjord, bank="test", form=Form.FILE, accounts=[], by="test")
    assert browser.post(home(fjord), {"do": deed}).status_code == 400
    assert browser.post(f"{home(fjord)}{made}/", {"do": deed}).status_code == 400


def test_the_list_of_supported_banks(fjord, browser):
    text = browser.get(f"/clients/{fjord.pk}/bank/supported/").content.decode()
    for name in ("DNB", "Nordea", "SpareBank 1", "Eika", "Handelsbanken", "Swedbank", "SEB", "Danske Bank"):
        assert name in text
    assert "pain.001.001.09" in text and "Secure Envelope" in text
