"""A file goes to the bank once, whoever sends it and whenever the sender is stopped."""

import datetime
import hashlib
import threading
import time

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from nattbok.base.errors import Refused, Unreachable
from nattbok.channels.channel import CutWhileSending, Found, Outgoing, Sent
from nattbok.channels.trouble import NobodyAnswers, UnusableName
from nattbok.db.scope import scope
from nattbok.files.actions import keep
from nattbok.outbox import actions, queries
from nattbok.outbox.actions import FilesSent
from nattbok.outbox.actions.sending import AlreadyThere, NotAsBefore
from nattbok.outbox.models import Sending
from nattbok.outbox.rules import State, is_file_due
from nattbok.trail.actions import act
from tests.world import a_client

BANK = 77
DAY = datetime.date(2026, 3, 12)


class Killed(BaseException):
    """What a killed process looks like from inside: nothing after it is done."""


class Inbox:
    """A bank's folder. What it takes in it no longer shows, as banks do."""

    repeats_safely = False
    before_rename = None

    def __init__(self):
        self.there: dict[str, bytes] = {}
        self.taken_in: list[bytes] = []
        self.sends = 0
        self.fails: BaseException | None = None
        self.fails_at = ""  # find, temporary, renaming, renamed
        self.waits = 0.0

    def find(self, name):
        self._maybe("find")
        data = self.there.get(name)
        return data and Found(name, len(data), hashlib.sha256(data).hexdigest())

    def send(self, outgoing: Outgoing) -> Sent:
        self.sends += 1
        self._maybe("temporary")
        time.sleep(self.waits)
        self.before_rename()
        self._maybe("renaming")
        assert outgoing.name not in self.there
        self.there[outgoing.name] = outgoing.data
        self._maybe("renamed")
        return Sent(outgoing.name, len(outgoing.data))

    def take_in(self):
        self.taken_in += self.there.values()
        self.there.clear()

    def _maybe(self, place):
        if self.fails is not None and self.fails_at == place:
            fails, self.fails = self.fails, None
            raise fails


def handed_in(client, key="batch:1", data=b"<pain/>", name="NB1.xml", connection_id=BANK):
    file = keep(client, data, name=name, came_by="made").file
    deed = act(client, "test.approved", "test")
    actions.send_file(client, key, connection=connection_id, name=name, file=file.pk, act=deed)
    return key


def sent(client, bank, **more) -> FilesSent:
    return actions.send_files(client, lambda _connection: bank, by="robot:test", on=DAY, insist=True, **more)


def state(client, key="batch:1") -> State:
    return queries.sending(client, key).state


def test_a_file_is_sent_once(fjord):
    bank = Inbox()
    handed_in(fjord)
    assert state(fjord) is State.WAITING
    assert sent(fjord, bank) == FilesSent(sent=1)
    assert sent(fjord, bank) == FilesSent()
    assert bank.there == {"NB1.xml": b"<pain/>"}
    row = queries.sending(fjord, "batch:1")
    assert (row.state, row.sent_on, row.sent_by, row.tries) == (State.SENT, DAY, "robot:test", 1)
    assert [one.key for one in queries.unanswered(fjord)] == ["batch:1"]


def test_a_deed_taken_back_sends_nothing(fjord):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        handed_in(fjord)
        raise ZeroDivisionError
    bank = Inbox()
    assert sent(fjord, bank) == FilesSent()
    assert bank.sends == 0


def test_the_same_key_is_one_file(fjord):
    handed_in(fjord)
    handed_in(fjord)
    with pytest.raises(NotAsBefore):
        handed_in(fjord, data=b"<other/>")
    assert Sending.objects.filter(client=fjord).count() == 1


@pytest.mark.parametrize("again", [{"data": b"<other/>"}, {"name": "NB2.xml"}])
def test_a_name_and_a_content_go_once_over_a_connection(fjord, again):
    handed_in(fjord)
    with pytest.raises(IntegrityError), transaction.atomic():
        handed_in(fjord, key="batch:2", **again)


@pytest.mark.parametrize(
    "trouble, at, then, sends",
    [
        (NobodyAnswers(host="b", port="22"), "find", State.WAITING, 1),
        (NobodyAnswers(host="b", port="22"), "temporary", State.WAITING, 2),
        (NobodyAnswers(host="b", port="22"), "renaming", State.WAITING, 2),  # said: certainly not come
        (UnusableName(name="x"), "temporary", State.FAILED, 1),
        (CutWhileSending(host="b", name="NB1.xml"), "renamed", State.UNCERTAIN, 1),
    ],
)
def test_what_went_wrong_is_kept_and_mended(fjord, trouble, at, then, sends):
    bank = Inbox()
    bank.fails, bank.fails_at = trouble, at
    handed_in(fjord)
    sent(fjord, bank)
    row = queries.sending(fjord, "batch:1")
    assert row.state is then
    assert row.trouble.text == trouble.message
    sent(fjord, bank)
    assert state(fjord) is (State.FAILED if then is State.FAILED else State.SENT)
    assert bank.sends == sends
    assert len(bank.there) == (then is not State.FAILED)


@pytest.mark.parametrize("at", ["find", "temporary", "renaming", "renamed"])
@pytest.mark.parametrize("is_taken_in", [False, True])
def test_a_killed_sender_sends_once(fjord, at, is_taken_in):
    """Wherever it is killed, the one that comes after it leaves exactly one file, or asks."""
    bank = Inbox()
    bank.fails, bank.fails_at = Killed(), at
    handed_in(fjord)
    with pytest.raises(Killed):
        sent(fjord, bank)
    if is_taken_in:
        bank.take_in()
    for _round in range(3):
        sent(fjord, bank)
    files = bank.taken_in + list(bank.there.values())
    if at == "renaming" or (at == "renamed" and is_taken_in):
        assert state(fjord) is State.UNCERTAIN  # nobody can tell: the receipt does, or a person
        assert len(files) == (at == "renamed")
    else:
        assert state(fjord) is State.SENT
        assert files == [b"<pain/>"]


def test_a_receipt_proves_that_an_uncertain_file_came(fjord):
    bank = Inbox()
    bank.fails, bank.fails_at = Killed(), "renamed"
    handed_in(fjord)
    with pytest.raises(Killed):
        sent(fjord, bank)
    bank.take_in()
    sent(fjord, bank)
    at = datetime.datetime(2026, 3, 12, 9, tzinfo=datetime.UTC)
    actions.receipt_came(fjord, "batch:1", at)
    actions.receipt_came(fjord, "batch:1", at + datetime.timedelta(hours=1))
    row = queries.sending(fjord, "batch:1")
    assert (row.state, row.receipt_at, row.trouble) == (State.SENT, at, None)
    assert queries.unanswered(fjord) == []
    sent(fjord, bank)
    assert bank.sends == 1


def test_a_person_may_say_that_it_never_came(fjord):
    bank = Inbox()
    bank.fails, bank.fails_at = Killed(), "renaming"
    handed_in(fjord)
    with pytest.raises(Killed):
        sent(fjord, bank)
    sent(fjord, bank)
    assert state(fjord) is State.UNCERTAIN
    with pytest.raises(AlreadyThere):
        actions.handed_over(fjord, "batch:1", by="person:1")
    with pytest.raises(AlreadyThere):
        actions.withdraw(fjord, "batch:1", by="person:1")
    actions.try_again(fjord, "batch:1", by="person:1")
    sent(fjord, bank)
    assert state(fjord) is State.SENT
    with pytest.raises(AlreadyThere):
        actions.try_again(fjord, "batch:1", by="person:1")


def test_another_file_of_the_same_name_is_not_overwritten(fjord):
    bank = Inbox()
    bank.there["NB1.xml"] = b"<somebody else's/>"
    handed_in(fjord)
    assert sent(fjord, bank) == FilesSent(failed=1)
    assert bank.sends == 0


def test_a_bank_that_knows_a_repeat_is_sent_to_again(fjord):
    bank = Inbox()
    bank.repeats_safely = True
    bank.fails, bank.fails_at = Killed(), "renaming"
    handed_in(fjord)
    with pytest.raises(Killed):
        sent(fjord, bank)
    sent(fjord, bank)
    assert state(fjord) is State.SENT


def test_two_senders_at_once_send_once(fjord):
    bank = Inbox()
    bank.waits = 0.3
    for number in range(3):
        handed_in(fjord, key=f"batch:{number}", data=b"%d" % number, name=f"NB{number}.xml")
    totals = []

    def run():
        try:
            with scope([fjord.pk]):
                totals.append(sent(fjord, bank))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _one in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(total.sent for total in totals) == 3
    assert bank.sends == 3 and len(bank.there) == 3


def test_a_silent_bank_keeps_the_others_waiting_and_another_bank_goes_on(fjord):
    silent, other = Inbox(), Inbox()
    silent.fails, silent.fails_at = NobodyAnswers(host="b", port="22"), "find"
    handed_in(fjord)
    handed_in(fjord, key="batch:2", data=b"2", name="NB2.xml")
    handed_in(fjord, key="batch:3", data=b"3", name="NB3.xml", connection_id=78)
    ways = {BANK: silent, 78: other}
    total = actions.send_files(fjord, ways.get, by="robot:test", on=DAY, insist=True)
    assert total == FilesSent(sent=1, waiting=1)
    assert silent.sends == 0


def test_what_a_person_carries_is_not_sent_as_well(fjord):
    handed_in(fjord)
    assert actions.send_files(fjord, lambda _one: None, by="robot:test", on=DAY) == FilesSent()
    actions.handed_over(fjord, "batch:1", by="person:5", on=DAY)
    actions.handed_over(fjord, "batch:1", by="person:5", on=DAY)
    row = queries.sending(fjord, "batch:1")
    assert row.was_handed_over and row.sent_on == DAY
    bank = Inbox()
    assert sent(fjord, bank) == FilesSent()
    assert bank.sends == 0


def test_what_was_sent_by_itself_is_not_handed_over(fjord):
    handed_in(fjord)
    sent(fjord, Inbox())
    with pytest.raises(AlreadyThere):
        actions.handed_over(fjord, "batch:1", by="person:5")


def test_a_withdrawn_file_is_not_sent(fjord):
    handed_in(fjord)
    actions.withdraw(fjord, "batch:1", by="person:5")
    actions.withdraw(fjord, "batch:1", by="person:5")
    bank = Inbox()
    assert sent(fjord, bank) == FilesSent()
    assert bank.sends == 0


def test_a_way_that_cannot_be_opened_is_told(fjord):
    class Locked(Refused):
        message = "locked"

    def no_way(_connection):
        raise Locked()

    handed_in(fjord)
    assert actions.send_files(fjord, no_way, by="robot:test", on=DAY) == FilesSent(waiting=1)
    assert [row.trouble.text for row in queries.troubled(fjord)] == ["locked"]


def test_nothing_is_sent_in_a_transaction_that_could_be_taken_back(fjord):
    handed_in(fjord)
    with pytest.raises(TransactionManagementError), transaction.atomic():
        sent(fjord, Inbox())


@pytest.mark.parametrize(
    "change", [{"state": "waiting", "sent_at": None}, {"name": "NB9.xml"}, {"connection": 1}]
)
def test_the_database_lets_no_sent_file_become_another(fjord, change):
    handed_in(fjord)
    sent(fjord, Inbox())
    with pytest.raises(IntegrityError), transaction.atomic():
        Sending.objects.filter(client=fjord).update(**change)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        Sending.objects.filter(client=fjord).delete()


def test_another_clients_files_are_not_seen(fjord):
    handed_in(fjord)
    other = a_client("NO")
    with scope([other.pk]):
        assert queries.sending(fjord, "batch:1") is None
        assert sent(fjord, Inbox()) == FilesSent()


@pytest.mark.parametrize(
    "tries, minutes, is_due",
    [
        (0, None, True),
        (1, 0, False),
        (1, 1, True),
        (2, 1, False),
        (2, 2, True),
        (40, 29, False),
        (40, 30, True),
    ],
)
def test_a_file_tried_in_vain_waits_a_little_longer_each_time(tries, minutes, is_due):
    since = None if minutes is None else datetime.timedelta(minutes=minutes)
    assert is_file_due(tries, since) is is_due


def test_unreachable_is_certain():
    """What the sender trusts: an Unreachable says that nothing came, and Uncertain is none of its kind."""
    assert not issubclass(CutWhileSending, Unreachable)
