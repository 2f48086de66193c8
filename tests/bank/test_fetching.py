"""Sending and fetching over real sockets, with a bank that misbehaves; and what the watch says of it."""

import datetime
from decimal import Decimal

import pytest

from nattbok.bank import actions
from nattbok.bank.actions import fetching, watching
from nattbok.bank.actions.receiving import unread
from nattbok.bank.models import RemoteFile, StatementFile
from nattbok.bank.queries import connections as queries
from nattbok.bank.queries.ways import way_to
from nattbok.bank.rules.connections import Form, State
from nattbok.base.words import Words
from nattbok.desk.queries import waiting
from nattbok.files.actions import keep
from nattbok.files.models import Arrival, File
from nattbok.formats.bank.shape import BankFile, Kind, Statement, Transaction
from nattbok.outbox import actions as outbox
from nattbok.outbox import queries as sendings
from nattbok.outbox.rules import State as Sent
from nattbok.sandbox.bank.doors.folders import CUT_AFTER_RENAME, CUT_BEFORE_RENAME, SILENT_AFTER_RENAME
from nattbok.sandbox.bank.shape import Fault
from nattbok.sandbox.writing import bgmax, camt
from nattbok.trail.actions import act
from tests.bank.bank_connections import BY, DAY, World, a_connection, an_account

FRI, MON, TUE = (DAY + datetime.timedelta(days=count) for count in (1, 4, 5))
ROBOT = "robot:test"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setenv("NATTBOK_BANK_SETTLE", "0")
    monkeypatch.setenv("NATTBOK_BANK_PATIENCE", "2")


def camt053(day, *, number=1, opening="0.00", amount="10.00", message="", account="99990244851"):
    """A day's statement with one payment."""
    start = Decimal(opening)
    one = Transaction(Decimal(amount), day, day, bank_reference=f"R{number}{amount}")
    statement = Statement(
        account,
        "NOK" if account.isdecimal() else "SEK",
        Kind.STATEMENT,
        number=f"S{number}",
        sequence=number,
        starts_on=day,
        ends_on=day,
        opening=start,
        closing=start + one.amount,
        transactions=(one,),
    )
    return camt.write(
        BankFile(
            "camt.053.001.02",
            Kind.STATEMENT,
            message or f"M{number}",
            f"{day}T23:00:00",
            statements=(statement,),
        )
    )


def fetched(world: World, on=DAY) -> fetching.Fetched:
    found = actions.fetch(world.client, by=ROBOT, on=on)
    for file in unread(world.client):
        actions.receive(world.client, file, by=ROBOT)
    return found


def asked(client) -> dict[str, Words]:
    return {question.kind: question.reason for question in waiting([client])}


def watched(world: World, on, now=None) -> set[str]:
    """The kinds of questions on the banks that are open on the morning of `on`."""
    actions.watch(world.client, on=on, by=ROBOT, now=now)
    return {kind for kind in asked(world.client) if kind in watching.KINDS}


def handed_in(world: World, key="batch:1", data=b"<pain.001/>") -> str:
    name = world.row.profile.file_name(key.replace(":", ""), DAY)
    file = keep(world.client, data, name=name, came_by="made").file
    deed = act(world.client, "test.approved", "test")
    outbox.send_file(world.client, key, connection=world.connection, name=name, file=file.pk, act=deed)
    return key


def sent(world: World, on=DAY):
    return outbox.send_files(world.client, way_to(world.client), by=ROBOT, on=on, insist=True)


@pytest.mark.parametrize("form", [Form.SFTP, Form.REST])
def test_the_whole_cycle(fjord, form):
    """Out: sent once and taken by the bank. In: kept, read, and then put away there."""
    with a_connection(fjord, form) as world:
        handed_in(world)
        assert sent(world).sent == 1
        assert [data for _who, _name, data in world.bank.uploads] == [b"<pain.001/>"]
        world.bank.lay(world.customer, "camt053_1.xml", camt053(DAY))
        assert fetched(world, FRI) == fetching.Fetched(files=1)
        assert world.bank.waits[world.customer.id] == {}
        assert list(world.bank.away[world.customer.id]) == ["camt053_1.xml"]
        (remote,) = queries.fetched(fjord, world.connection)
        assert (remote.name, remote.times, remote.format) == ("camt053_1.xml", 1, "camt")
        assert remote.archived_at is not None
        assert File.objects.get(client=fjord, pk=remote.file).came_by == form.value
        assert world.row.last_fetched_on == FRI
        (account,) = queries.accounts(fjord)
        assert (account.mirrored_through, account.last_file) == (DAY, "camt053_1.xml")
        assert watched(world, FRI) <= {watching.NO_RECEIPT}


def test_nothing_is_put_away_before_it_is_kept(fjord, monkeypatch):
    """Stopped in the transaction that keeps, the bank still has the file and gives it again."""
    with a_connection(fjord) as world:
        world.bank.lay(world.customer, "camt053_1.xml", camt053(DAY))

        class Killed(BaseException):
            pass

        def killed(*_given, **_named):
            raise Killed

        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(fetching, "act", killed)
            actions.fetch(fjord, by=ROBOT, on=DAY)
        assert not RemoteFile.objects.filter(client=fjord).exists()
        assert list(world.bank.waits[world.customer.id]) == ["camt053_1.xml"]
        assert fetched(world).files == 1


def test_a_file_given_again_is_known(fjord):
    with a_connection(fjord) as world:
        world.bank.lay(world.customer, "a.xml", camt053(DAY))
        fetched(world)
        world.bank.lay(world.customer, "b.xml", camt053(DAY))
        assert fetched(world, FRI) == fetching.Fetched(repeats=1)
        assert Arrival.objects.filter(client=fjord, is_repeat=True).count() == 1
        assert StatementFile.objects.filter(client=fjord).count() == 1


def test_a_silent_bank_keeps_no_other_waiting(fjord):
    with a_connection(fjord) as silent, a_connection(fjord) as other:
        other.bank.lay(other.customer, "x.xml", camt053(DAY))
        silent.bank.faults.switch("*", Fault.NO_ANSWER)
        assert actions.fetch(fjord, by=ROBOT, on=DAY) == fetching.Fetched(files=1, silent=1)
        assert watching.SILENT in watched(silent, DAY)
        silent.bank.faults.switch("*", Fault.NO_ANSWER, False)
        actions.fetch(fjord, by=ROBOT, on=DAY)
        assert watching.SILENT not in watched(silent, DAY)


@pytest.mark.parametrize(
    "fault, kind",
    [
        (Fault.NO_ANSWER, watching.SILENT),
        (Fault.KEY_REVOKED, watching.SILENT),
        (Fault.MAINTENANCE, watching.SILENT),
        (Fault.HOST_KEY_CHANGED, watching.HOST_KEY),
    ],
)
def test_each_fault_of_the_door_is_asked_about_and_cured(fjord, fault, kind):
    with a_connection(fjord) as world:
        world.bank.lay(world.customer, "a.xml", camt053(DAY))
        handed_in(world)
        world.bank.faults.switch("*", fault)
        assert sent(world).waiting == 1
        assert fetched(world).silent == 1
        assert watched(world, DAY) >= {kind}
        assert world.bank.uploads == []
        world.bank.faults.switch("*", fault, False)
        assert sent(world).sent == 1
        assert fetched(world).files == 1
        assert kind not in watched(world, DAY)


@pytest.mark.parametrize(
    "fault, amount, first, uploads",
    [
        (Fault.DISCONNECT_IN_UPLOAD, 4, Sent.WAITING, 0),
        (Fault.DISK_FULL, 0, Sent.WAITING, 0),
        (Fault.RENAME_FAILS, 0, Sent.WAITING, 0),
        (Fault.RENAME_FAILS, CUT_BEFORE_RENAME, Sent.UNCERTAIN, 0),
        (Fault.RENAME_FAILS, CUT_AFTER_RENAME, Sent.UNCERTAIN, 1),
        (Fault.RENAME_FAILS, SILENT_AFTER_RENAME, Sent.UNCERTAIN, 1),
    ],
)
@pytest.mark.parametrize("form", [Form.SFTP, Form.REST])
def test_whatever_happens_on_the_way_the_bank_gets_it_once_at_most(
    fjord, form, fault, amount, first, uploads
):
    with a_connection(fjord, form) as world:
        handed_in(world)
        world.bank.faults.switch("*", fault, times=1, amount=amount)
        sent(world)
        if form is Form.SFTP:  # over REST nobody can tell what a request that failed has done
            assert sendings.sending(fjord, "batch:1").state is first
        assert len(world.bank.uploads) == uploads
        assert watching.NOT_SENT in watched(world, DAY)
        for _round in range(2):
            sent(world)
        state = sendings.sending(fjord, "batch:1").state
        if form is Form.SFTP and amount == CUT_BEFORE_RENAME:
            # It may be that the bank took it in and shows it no more: a person looks, and says so.
            assert state is Sent.UNCERTAIN and world.bank.uploads == []
            outbox.try_again(fjord, "batch:1", by=BY)
            sent(world)
            state = sendings.sending(fjord, "batch:1").state
        assert state is Sent.SENT
        assert len(world.bank.uploads) == 1
        assert watching.NOT_SENT not in watched(world, DAY)


def test_a_growing_file_is_taken_when_it_is_whole(fjord):
    with a_connection(fjord) as world:
        world.bank.lay(world.customer, "a.xml", camt053(DAY))
        world.bank.faults.switch("*", Fault.FILE_GROWING)
        taken = [fetched(world).files for _round in range(3)]
        assert sum(taken) == 1
        assert File.objects.get(client=fjord).size == len(camt053(DAY))


def test_a_file_too_large_is_asked_about_and_the_others_are_taken(fjord, monkeypatch):
    with a_connection(fjord) as world:
        monkeypatch.setattr("nattbok.bank.queries.ways.LARGEST", 2000)
        world.bank.lay(world.customer, "huge.xml", b"x" * 2001)
        world.bank.lay(world.customer, "ok.txt", b"NY000010 not much")
        assert fetched(world).files == 1
        assert fetching.NOT_TAKEN in asked(fjord)
        del world.bank.waits[world.customer.id]["huge.xml"]
        fetched(world)
        assert fetching.NOT_TAKEN not in asked(fjord)


def test_a_late_statement_is_asked_about_until_it_comes(fjord):
    with a_connection(fjord) as world:
        fetched(world, FRI)
        assert watched(world, FRI) == {watching.LATE}
        assert asked(fjord)[watching.LATE].values == {"account": "Driftskonto", "date": DAY.isoformat()}
        fetched(world, MON)
        assert watched(world, MON) == {watching.LATE}
        assert asked(fjord)[watching.LATE].values["count"] == 2
        world.bank.lay(world.customer, "a.xml", camt053(DAY))
        world.bank.lay(world.customer, "b.xml", camt053(FRI, number=2, opening="10.00"))
        fetched(world, MON)
        assert watched(world, MON) == set()


def test_a_gap_is_asked_about_until_it_is_filled(fjord):
    with a_connection(fjord) as world:
        files = [
            camt053(DAY),
            camt053(FRI, number=2, opening="10.00"),
            camt053(MON, number=3, opening="20.00"),
        ]
        for number in (0, 2):
            world.bank.lay(world.customer, f"{number}.xml", files[number])
        fetched(world, TUE)
        assert watched(world, TUE) == {watching.GAP, watching.LATE}
        assert (
            len([one for one in waiting([fjord]) if one.kind == watching.GAP]) == 2
        )  # by number, by balance
        world.bank.lay(world.customer, "1.xml", files[1])
        fetched(world, TUE)
        assert watched(world, TUE) == set()


def test_one_message_id_for_two_files_is_an_alarm(fjord):
    with a_connection(fjord) as world:
        world.bank.lay(world.customer, "a.xml", camt053(DAY, message="SAME"))
        world.bank.lay(world.customer, "b.xml", camt053(FRI, number=2, opening="10.00", message="SAME"))
        fetched(world, MON)
        assert watched(world, MON) == {watching.REPEATED}
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
        assert watching.REPEATED not in watched(world, MON, later)


def test_a_feed_that_has_gone_quiet(fjord):
    with a_connection(fjord) as world:
        world.bank.lay(world.customer, "a.xml", camt053(DAY))
        fetched(world, FRI)
        days = [DAY + datetime.timedelta(days=count) for count in range(1, 9)]
        quiet = [day for day in days if watching.STALE in watched(world, day)]
        assert quiet[0] == DAY + datetime.timedelta(days=7)  # Monday, Tuesday and Wednesday without any file
        world.bank.lay(world.customer, "b.xml", camt053(FRI, number=2, opening="10.00"))
        fetched(world, days[-1])
        assert watching.STALE not in watched(world, days[-1])


def test_bgmax_is_warned_of_when_it_is_no_longer_complete(skog):
    autumn = datetime.date(2026, 9, 15)
    with a_connection(skog) as world:
        account = world.account
        account.other_numbers = ["51234567"]
        account.save()
        paid = Transaction(
            Decimal("10.00"), autumn, autumn, reference="12344", bank_reference="1", bank_code="1"
        )
        statement = Statement(
            "51234567", "SEK", Kind.GIRO, number="1", starts_on=autumn, ends_on=autumn, transactions=(paid,)
        )
        data = bgmax.write([statement], created=f"{autumn:%Y%m%d}120000000000", account="5000000005491000")
        world.bank.lay(world.customer, "bgmax.txt", data)
        fetched(world, autumn)
        assert watching.BGMAX not in watched(world, datetime.date(2026, 9, 7))
        assert watching.BGMAX in watched(world, datetime.date(2026, 9, 16))
        assert watching.BGMAX not in watched(world, datetime.date(2026, 12, 1))  # long past


def test_no_answer_to_a_payment_file_is_an_alarm(fjord):
    with a_connection(fjord) as world:
        handed_in(world)
        sent(world, DAY)
        row = sendings.sending(fjord, "batch:1")
        assert watching.NO_RECEIPT in watched(world, FRI, row.sent_at)
        outbox.receipt_came(fjord, "batch:1", row.sent_at)
        assert watching.NO_RECEIPT not in watched(world, FRI, row.sent_at)
        handed_in(world, "batch:2", b"<2/>")
        sent(world, DAY)
        week = datetime.timedelta(days=7)
        assert watching.NO_RECEIPT not in watched(world, DAY, row.sent_at)
        assert watching.NO_RECEIPT in watched(world, DAY, row.sent_at + week)  # by the clock


def test_a_bank_that_takes_its_time_is_given_it(fjord):
    with a_connection(fjord) as world:
        actions.change(fjord, world.connection, by=BY, settings={"statement_lag": 1})
        actions.try_out(fjord, world.connection, by=BY)
        actions.activate(fjord, world.connection, by=BY, on=DAY)
        assert watched(world, FRI) == set()
        assert watched(world, MON) == {watching.LATE}


def test_file_based_is_watched_too_and_nothing_is_fetched(fjord):
    account = an_account(fjord)
    made = actions.order(fjord, bank="test", form=Form.FILE, accounts=[account.pk], by=BY)
    actions.registered(fjord, made, by=BY, on=DAY)
    assert actions.fetch(fjord, by=ROBOT, on=FRI) == fetching.Fetched()
    actions.watch(fjord, on=FRI, by=ROBOT)
    assert set(asked(fjord)) == {watching.LATE}
    actions.suspend(fjord, made, by=BY)
    assert queries.connection(fjord, made).state is State.SUSPENDED


def test_an_account_without_connection_is_not_watched(fjord):
    an_account(fjord)
    assert actions.watch(fjord, on=FRI, by=ROBOT) == 0
