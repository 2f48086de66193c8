"""The SFTP channel against a bank's door: what is sent and fetched, and each way it can go wrong."""

import json
import multiprocessing
import os
import socket
import threading

import asyncssh
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nattbok.base.errors import Unreachable
from nattbok.channels import sftp, ssh_keys, trouble
from nattbok.channels.channel import CutWhileSending, Outgoing, SilentWhileSending, Uncertain
from nattbok.channels.remembered import Remembered
from nattbok.channels.ssh_line import host_key
from nattbok.formats.finding import Finding
from nattbok.sandbox.bank.doors.folders import (
    CUT_AFTER_RENAME,
    CUT_BEFORE_RENAME,
    LOOKS,
    SILENT_AFTER_RENAME,
)
from nattbok.sandbox.bank.shape import Fault
from tests.channels.bank_doors import KEYS, fetched, open_doors, taken

FILE = Outgoing("P001.xml", b"<Document>pay</Document>" * 9000)


def findings(channel) -> dict[str, str]:
    return {found.where: found.code for found in channel.fetch() if isinstance(found, Finding)}


# All well


def test_a_file_is_fetched_until_it_is_done(doors):
    doors.bank.lay(doors.customer, "camt053_1.xml", b"<a/>" * 70_000)
    doors.bank.lay(doors.customer, "camt053_2.xml", b"<b/>")
    channel = doors.sftp()
    first, second = list(channel.fetch()), list(channel.fetch())
    assert first == second
    assert [one.name for one in first] == ["camt053_1.xml", "camt053_2.xml"]
    assert first[0].data == b"<a/>" * 70_000
    channel.done(first[0].handle)
    assert fetched(channel) == {"camt053_2.xml": b"<b/>"}
    assert list(doors.bank.away["c1"]) == ["camt053_1.xml"]
    channel.done(first[0].handle)  # said again, nothing happens


def test_a_file_is_sent_once_however_often_it_is_asked(doors):
    channel = doors.sftp()
    assert channel.find(FILE.name) is None
    sent = channel.send(FILE)
    assert (sent.size, sent.was_there) == (len(FILE.data), False)
    found = channel.find(FILE.name)
    assert found.is_same(FILE.data, found.sha256) and len(found.sha256) == 64
    assert channel.send(FILE).was_there
    assert taken(doors) == [(FILE.name, FILE.data)]


def test_another_file_of_the_same_name_is_not_sent(doors):
    channel = doors.sftp()
    channel.send(FILE)
    with pytest.raises(trouble.NameTaken):
        channel.send(Outgoing(FILE.name, b"other"))
    assert len(taken(doors)) == 1


def test_one_line_serves_all_that_is_done_inside(doors):
    doors.bank.lay(doors.customer, "a.xml", b"a")
    with doors.sftp() as channel:
        for found in channel.fetch():
            channel.done(found.handle)
        channel.send(FILE)
        assert sum(thread.name == "sftp-line" for thread in threading.enumerate()) == 1
    assert "sftp-line" not in {thread.name for thread in threading.enumerate()}


def test_only_what_is_asked_for_is_fetched(doors):
    for name in ("camt053.xml", "ocr.txt", "x.part", ".hidden.xml", "y.XML"):
        doors.bank.lay(doors.customer, name, b"x")
    assert list(fetched(doors.sftp(patterns=("*.xml", "ocr*")))) == ["camt053.xml", "ocr.txt"]


def test_large_and_empty_files_are_told_and_not_read(doors):
    doors.bank.lay(doors.customer, "large.xml", b"x" * 2000)
    doors.bank.lay(doors.customer, "empty.xml", b"")
    assert findings(doors.sftp(largest=1000)) == {"large.xml": "sftp.too_large", "empty.xml": "sftp.empty"}


def test_files_may_be_left_where_they_are(doors):
    doors.bank.lay(doors.customer, "a.xml", b"a")
    channel = doors.sftp(archive_folder="")
    for found in channel.fetch():
        channel.done(found.handle)
    assert fetched(channel) == {"a.xml": b"a"}


def test_more_files_than_one_fetch_takes_come_the_next_times(doors, monkeypatch):
    """Files that stay there are remembered, so those behind the first many are reached."""
    monkeypatch.setattr(sftp, "MOST", 2)
    for name in "abcde":
        doors.bank.lay(doors.customer, f"{name}.xml", name.encode())
    position, came, many = {}, [], []
    for _night in range(4):
        channel = Remembered(doors.sftp(archive_folder=""), position)
        found = list(channel.fetch())
        for one in found:
            if isinstance(one, Finding):
                many.append(one.code)
            else:
                came.append(one.name)
                channel.done(one.handle)
        position = json.loads(json.dumps(channel.position))
    assert came == [f"{name}.xml" for name in "abcde"]
    assert (many, len(position["kept"])) == (["sftp.many"] * 2, 5)


def test_a_file_replaced_since_it_was_read_is_not_put_away(doors):
    doors.bank.lay(doors.customer, "a.xml", b"old")
    channel = doors.sftp()
    (found,) = channel.fetch()
    doors.bank.lay(doors.customer, "a.xml", b"newer")
    channel.done(found.handle)
    assert fetched(channel) == {"a.xml": b"newer"}


@pytest.mark.parametrize("name", ["", "a/b", "..", "../x", "a\\b", "x.part", ".x", "a\nb", "x" * 300])
def test_a_name_that_is_none_is_refused(doors, name):
    with pytest.raises(trouble.UnusableName):
        doors.sftp().send(Outgoing(name, b"x"))


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=1, max_size=70_000))
def test_any_bytes_come_as_they_were(data):
    with open_doors() as doors:
        channel = doors.sftp()
        channel.send(Outgoing("a", data))
        doors.bank.lay(doors.customer, "b", data)
        assert taken(doors) == [("a", data)]
        assert fetched(channel) == {"b": data}


# Each thing that goes wrong


@pytest.mark.parametrize(
    "fault, settings, reason",
    [
        (Fault.NO_ANSWER, {"connect_seconds": 0.3}, trouble.NoAnswerInTime),
        (Fault.HOST_KEY_CHANGED, {}, trouble.HostKeyChanged),
        (Fault.KEY_REVOKED, {}, trouble.LoginRefused),
        (Fault.MAINTENANCE, {}, trouble.BankClosed),
    ],
)
@pytest.mark.parametrize("who", ["c1", "*"])
def test_a_closed_door_says_why(doors, fault, settings, reason, who):
    doors.bank.faults.switch(who, fault)
    doors.bank.lay(doors.customer, "a.xml", b"a")
    channel = doors.sftp(**settings)
    for work in (lambda: list(channel.fetch()), lambda: channel.send(FILE), lambda: channel.find("a")):
        with pytest.raises(reason):
            work()
    assert doors.bank.faults.counts[fault] == 3
    doors.bank.faults.switch(who, fault, False)
    assert taken(doors) == []
    channel.send(FILE)
    assert fetched(channel) == {"a.xml": b"a"}


def test_a_maintenance_is_told_in_the_banks_words(doors):
    doors.bank.faults.switch("c1", Fault.MAINTENANCE)
    with pytest.raises(trouble.BankClosed, match="until 06:00"):
        doors.sftp().find("x")


@pytest.mark.parametrize(
    "fault, amount, reason",
    [
        (Fault.DISCONNECT_IN_UPLOAD, 50_000, trouble.ConnectionCut),
        (Fault.DISCONNECT_IN_UPLOAD, 0, trouble.ConnectionCut),
        (Fault.DISK_FULL, 0, trouble.NoRoomLeft),
        (Fault.RENAME_FAILS, 0, trouble.NotRenamed),
    ],
)
def test_what_certainly_has_not_come_is_sent_again(doors, fault, amount, reason):
    doors.bank.faults.switch("c1", fault, amount=amount)
    channel = doors.sftp()
    for _try in range(2):
        with pytest.raises(reason):
            channel.send(FILE)
    doors.bank.faults.switch("c1", fault, False)
    assert taken(doors) == [] and channel.find(FILE.name) is None
    channel.send(FILE)
    assert taken(doors) == [(FILE.name, FILE.data)]
    assert doors.serving.folders.unfinished(doors.customer) == {}  # nothing half is left


@pytest.mark.parametrize(
    "amount, doubt, came",
    [
        (CUT_BEFORE_RENAME, CutWhileSending, False),
        (CUT_AFTER_RENAME, CutWhileSending, True),
        (SILENT_AFTER_RENAME, SilentWhileSending, True),
    ],
)
def test_after_a_doubt_a_look_tells(doors, amount, doubt, came):
    doors.bank.faults.switch("c1", Fault.RENAME_FAILS, times=1, amount=amount)
    channel = doors.sftp(answer_seconds=0.5)
    with pytest.raises(doubt) as raised:
        channel.send(FILE)
    assert isinstance(raised.value, Uncertain) and not isinstance(raised.value, Unreachable)
    assert (channel.find(FILE.name) is not None) is came
    assert channel.send(FILE).was_there is came
    assert taken(doors) == [(FILE.name, FILE.data)]


def test_a_line_that_has_broken_is_made_anew(doors):
    doors.bank.faults.switch("c1", Fault.DISCONNECT_IN_UPLOAD, times=1, amount=1)
    with doors.sftp() as channel:
        with pytest.raises(trouble.ConnectionCut):
            channel.send(FILE)
        channel.send(FILE)
    assert len(taken(doors)) == 1


def test_a_file_that_grows_is_not_taken_before_it_is_whole(doors):
    whole = b"<Document>" + b"x" * 90_000 + b"</Document>"
    doors.bank.faults.switch("c1", Fault.FILE_GROWING, times=1)
    doors.bank.lay(doors.customer, "camt.xml", whole)
    channel = doors.sftp()
    came = [fetched(channel) for _night in range(LOOKS)]
    assert came[0] == {} and came[-1] == {"camt.xml": whole}
    assert {data for night in came for data in night.values()} == {whole}


def test_nothing_is_waited_for_when_nothing_lies_there(doors):
    assert list(doors.sftp(settle_seconds=3600).fetch()) == []


@pytest.mark.parametrize("settings", [{"download_folder": "nowhere"}, {"upload_folder": "no/where"}])
def test_a_missing_folder_is_named(doors, settings):
    channel = doors.sftp(**settings)
    (folder,) = settings.values()
    with pytest.raises(trouble.RemoteFolderMissing, match=folder):
        list(channel.fetch()) if "download_folder" in settings else channel.send(FILE)


def test_a_folder_that_may_not_be_written_to_is_named(doors):
    with pytest.raises(trouble.NotPermitted, match="outbox"):
        doors.sftp(upload_folder="outbox").send(FILE)


@pytest.mark.parametrize(
    "settings, reason",
    [
        ({"host": "no-such-host.invalid"}, trouble.AddressUnknown),
        ({"username": "stranger"}, trouble.LoginRefused),
        ({"private_key": ssh_keys.make_key_pair().private}, trouble.LoginRefused),
        ({"private_key": b"no key"}, trouble.UnusableKey),
        ({"host_keys": ()}, trouble.HostKeyMissing),
        ({"host_keys": ("no key",)}, trouble.UnusableHostKey),
        ({"host_keys": (KEYS.public,)}, trouble.HostKeyChanged),
    ],
)
def test_wrong_settings_are_told_apart(doors, settings, reason):
    with pytest.raises(reason):
        doors.sftp(**settings).send(FILE)
    assert taken(doors) == []


def test_a_second_agreed_key_admits_a_bank_that_changes(doors):
    channel = doors.sftp(host_keys=(KEYS.public, *doors.serving.host_keys))
    channel.send(FILE)
    assert len(taken(doors)) == 1


def test_a_port_without_a_bank_says_so(doors):
    with socket.create_server((doors.serving.host, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(trouble.NoAnswerInTime):
            doors.sftp(port=port, connect_seconds=0.3).find("x")
    with pytest.raises(trouble.NobodyAnswers, match=str(port)):
        doors.sftp(port=port).find("x")


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n" + b"\0" * 40, b""]
)
def test_a_stranger_at_the_port_is_no_bank(doors, greeting):
    with socket.create_server((doors.serving.host, 0)) as stranger:

        def answer():
            with stranger.accept()[0] as taken:
                taken.sendall(greeting)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(Unreachable):
            doors.sftp(port=stranger.getsockname()[1], connect_seconds=2).find("x")


# Several at once, and killed


def test_two_who_send_the_same_at_once_send_it_once(doors):
    outcomes, barrier = [], threading.Barrier(2)

    def send():
        with doors.sftp() as channel:
            barrier.wait()
            outcomes.append(channel.send(FILE))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 2
    assert taken(doors) == [(FILE.name, FILE.data)]


def test_one_channel_is_used_by_several_threads(doors):
    for number in range(8):
        doors.bank.lay(doors.customer, f"{number}.xml", b"%d" % number)
    channel, came = doors.sftp(), []

    def fetch():
        came.append(fetched(channel))

    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(one) for one in came] == [8] * 4


def _send_and_die(channel):
    """Ends without a word in the moment before the rename."""

    async def die(*_names):
        os._exit(9)

    asyncssh.SFTPClient.rename = die
    channel.send(FILE)


def test_killed_between_upload_and_rename_nothing_has_come_and_nothing_stays(doors):
    channel = doors.sftp()
    process = multiprocessing.get_context("fork").Process(target=_send_and_die, args=(channel,))
    process.start()
    process.join(20)
    assert process.exitcode == 9
    assert taken(doors) == [] and channel.find(FILE.name) is None
    assert len(doors.serving.folders.unfinished(doors.customer)) == 1
    channel.send(FILE)
    assert taken(doors) == [(FILE.name, FILE.data)]
    assert doors.serving.folders.unfinished(doors.customer) == {}


# Keys, and testing the connection


def test_a_key_pair_is_one(doors):
    pair = ssh_keys.make_key_pair("Fjord Regnskap Ås")
    assert pair.public.startswith("ssh-ed25519 ") and pair.private.startswith(b"-----BEGIN OPENSSH")
    assert ssh_keys.public_line(pair.private) == pair.public
    assert ssh_keys.fingerprint(pair.public).startswith("SHA256:")
    assert pair.private != ssh_keys.make_key_pair().private


def test_the_hosts_key_is_fetched_to_be_agreed(doors):
    shown = host_key(doors.serving.host, doors.serving.sftp_port, seconds=5)
    assert ssh_keys.fingerprint(shown) == ssh_keys.fingerprint(doors.serving.host_keys[0])
    with pytest.raises(trouble.NobodyAnswers):
        host_key(doors.serving.host, 1, seconds=5)


def test_settings_never_show_the_private_key(doors):
    assert "PRIVATE" not in repr(doors.sftp().settings)


def outcome(channel) -> dict[str, bool | None]:
    return {step.name: step.ok for step in channel.probe()}


ALL = ("reach", "host_key", "log_in", "list", "read", "archive", "write")


def test_a_connection_in_order_passes_every_step_and_leaves_nothing(doors):
    doors.bank.lay(doors.customer, "a.xml", b"a")
    steps = doors.sftp().probe()
    assert [(step.name, step.ok) for step in steps] == [(name, True) for name in ALL]
    assert all(str(step.words) for step in steps)
    assert taken(doors) == [] and doors.serving.folders.unfinished(doors.customer) == {}
    assert list(doors.bank.waits["c1"]) == ["a.xml"]


@pytest.mark.parametrize(
    "fault, settings, failed",
    [
        (Fault.HOST_KEY_CHANGED, {}, "host_key"),
        (Fault.KEY_REVOKED, {}, "log_in"),
        (Fault.MAINTENANCE, {}, "log_in"),
        (None, {"port": 1}, "reach"),
        (None, {"private_key": b"no key"}, "log_in"),
        (None, {"host_keys": ()}, "host_key"),
    ],
)
def test_a_connection_that_fails_says_where_and_what_to_do(doors, fault, settings, failed):
    if fault:
        doors.bank.faults.switch("c1", fault)
    steps = doors.sftp(**settings).probe()
    assert [step.name for step in steps] == list(ALL)
    (bad,) = [step for step in steps if step.ok is False]
    assert bad.name == failed and str(bad.words)
    if not isinstance(settings.get("private_key"), bytes):
        assert str(bad.advice)
    after = ALL[ALL.index(failed) + 1 :]
    assert [step.name for step in steps if step.ok is None and step.name in after] == list(after)


@pytest.mark.parametrize(
    "fault, settings, failed",
    [
        (Fault.DISK_FULL, {}, ["write"]),
        (None, {"upload_folder": "x"}, ["write"]),
        (None, {"download_folder": "x"}, ["list", "read"]),
        (None, {"archive_folder": "x"}, ["archive"]),
    ],
)
def test_each_folder_is_tried_for_itself(doors, fault, settings, failed):
    if fault:
        doors.bank.faults.switch("c1", fault)
    assert [name for name, ok in outcome(doors.sftp(**settings)).items() if not ok] == failed
