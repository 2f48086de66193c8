"""The REST channel against a bank's door: what is sent and fetched, and each way it can go wrong."""

import http.server
import threading

import pytest

from nattbok.base.errors import Unreachable
from nattbok.channels import trouble
from nattbok.channels.bank_rest import BankRest
from nattbok.channels.channel import CutWhileSending, Outgoing, SilentWhileSending, Uncertain
from nattbok.channels.rest_settings import RestSettings
from nattbok.formats.finding import Finding
from nattbok.sandbox.bank.doors.certificates import Authority
from nattbok.sandbox.bank.doors.folders import (
    CUT_AFTER_RENAME,
    CUT_BEFORE_RENAME,
    LOOKS,
    RENAME_REFUSED,
    SILENT_AFTER_RENAME,
)
from nattbok.sandbox.bank.shape import Fault
from tests.channels.bank_doors import fetched, open_doors, taken

FILE = Outgoing("P001.xml", b"<Document>pay</Document>" * 9000, key="deed-1")


# All well


def test_a_file_is_fetched_until_it_is_done(doors):
    doors.bank.lay(doors.customer, "camt053 æ#1.xml", b"<a/>" * 70_000)
    doors.bank.lay(doors.customer, "z.xml", b"<b/>")
    channel = doors.rest()
    first, second = list(channel.fetch()), list(channel.fetch())
    assert first == second
    assert [one.name for one in first] == ["camt053 æ#1.xml", "z.xml"]
    assert first[0].data == b"<a/>" * 70_000
    channel.done(first[0].handle)
    assert fetched(channel) == {"z.xml": b"<b/>"}
    channel.done(first[0].handle)  # said again, nothing happens
    doors.bank.away["c1"].clear()
    channel.done(first[0].handle)  # and when the bank has thrown it away


def test_a_file_is_sent_once_however_often_it_is_asked(doors):
    with doors.rest() as channel:
        assert channel.find(FILE.name) is None
        sent = channel.send(FILE)
        assert (sent.reference, sent.was_there) == ("1", False)
        found = channel.find(FILE.name)
        assert (found.size, found.reference) == (len(FILE.data), "1")
        assert channel.send(FILE).was_there
        assert channel.status(sent.reference) == "PDNG"
    assert taken(doors) == [(FILE.name, FILE.data)]


def test_another_file_of_the_same_name_is_not_sent(doors):
    channel = doors.rest()
    channel.send(FILE)
    with pytest.raises(trouble.NameTaken):
        channel.send(Outgoing(FILE.name, b"other"))
    assert len(taken(doors)) == 1


def test_two_who_send_the_same_at_once_send_it_once(doors):
    outcomes, barrier = [], threading.Barrier(2)

    def send():
        with doors.rest() as channel:
            barrier.wait()
            outcomes.append(channel.send(FILE))

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.reference for one in outcomes] == ["1", "1"]
    assert taken(doors) == [(FILE.name, FILE.data)]


def test_large_and_empty_and_unasked_files_are_not_read(doors):
    for name, size in (("large.xml", 2000), ("empty.xml", 0), ("other.txt", 5)):
        doors.bank.lay(doors.customer, name, b"x" * size)
    found = list(doors.rest(largest=1000, patterns=("*.xml",)).fetch())
    assert {one.where: one.code for one in found if isinstance(one, Finding)} == {
        "large.xml": "rest.too_large",
        "empty.xml": "rest.empty",
    }
    assert len(found) == 2


# Each thing that goes wrong


@pytest.mark.parametrize(
    "fault, settings, reason",
    [
        (Fault.NO_ANSWER, {"answer_seconds": 0.3}, trouble.NoAnswerInTime),
        (Fault.KEY_REVOKED, {}, trouble.TokenRefused),
        (Fault.MAINTENANCE, {}, trouble.BankClosed),
    ],
)
@pytest.mark.parametrize("who", ["c1", "*"])
def test_a_closed_door_says_why(doors, fault, settings, reason, who):
    doors.bank.faults.switch(who, fault)
    doors.bank.lay(doors.customer, "a.xml", b"a")
    channel = doors.rest(**settings)
    for work in (lambda: list(channel.fetch()), lambda: channel.send(FILE), lambda: channel.find("a")):
        with pytest.raises(reason):
            work()
    assert doors.bank.faults.counts[fault] == 3
    doors.bank.faults.switch(who, fault, False)
    assert taken(doors) == []
    channel.send(FILE)
    assert fetched(channel) == {"a.xml": b"a"}


def test_a_full_disk_is_told_and_nothing_has_come(doors):
    doors.bank.faults.switch("c1", Fault.DISK_FULL, times=1)
    channel = doors.rest()
    with pytest.raises(trouble.NoRoomLeft, match="No space left"):
        channel.send(FILE)
    assert taken(doors) == []
    channel.send(FILE)
    assert len(taken(doors)) == 1


@pytest.mark.parametrize(
    "fault, amount, doubt, came",
    [
        (Fault.DISCONNECT_IN_UPLOAD, 100_000, CutWhileSending, False),
        (Fault.RENAME_FAILS, RENAME_REFUSED, Uncertain, False),
        (Fault.RENAME_FAILS, CUT_BEFORE_RENAME, CutWhileSending, False),
        (Fault.RENAME_FAILS, CUT_AFTER_RENAME, CutWhileSending, True),
        (Fault.RENAME_FAILS, SILENT_AFTER_RENAME, SilentWhileSending, True),
    ],
)
def test_after_a_doubt_a_look_tells(doors, fault, amount, doubt, came):
    doors.bank.faults.switch("c1", fault, times=1, amount=amount)
    channel = doors.rest(answer_seconds=0.7)
    with pytest.raises(doubt) as raised:
        channel.send(FILE)
    assert isinstance(raised.value, Uncertain) and not isinstance(raised.value, Unreachable)
    assert (channel.find(FILE.name) is not None) is came
    assert channel.send(FILE).was_there is came
    assert taken(doors) == [(FILE.name, FILE.data)]


def test_a_file_that_grows_is_not_taken_before_it_is_whole(doors):
    whole = b"<Document>" + b"x" * 90_000 + b"</Document>"
    doors.bank.faults.switch("c1", Fault.FILE_GROWING, times=1)
    doors.bank.lay(doors.customer, "camt.xml", whole)
    channel = doors.rest()
    came = [fetched(channel) for _night in range(LOOKS)]
    assert came[0] == {} and came[-1] == {"camt.xml": whole}
    assert {data for night in came for data in night.values()} == {whole}


@pytest.mark.parametrize(
    "settings, reason",
    [
        ({"address": "http://bank.example"}, trouble.NotEncrypted),
        ({"address": "ftp://bank.example"}, trouble.NotEncrypted),
        ({"address": "https://"}, trouble.NotEncrypted),
        ({"address": "https://user:secret@bank.example"}, trouble.NotEncrypted),
        ({"address": "https://bank.example:99999"}, trouble.NotEncrypted),
        ({"address": "https://no-such-host.invalid"}, trouble.AddressUnknown),
        ({"address": "https://no-such-host.invalid", "authority": b"none"}, trouble.UnusableCertificate),
        ({"address": "https://no-such-host.invalid", "certificate": b"x"}, trouble.UnusableCertificate),
        ({"token": "wrong"}, trouble.TokenRefused),
        ({"token": ""}, trouble.TokenRefused),
    ],
)
def test_wrong_settings_are_told_apart(doors, settings, reason):
    with pytest.raises(reason):
        doors.rest(**settings).send(FILE)
    assert taken(doors) == []


@pytest.mark.parametrize(
    "status, body",
    [
        (200, b"not json"),
        (200, b'{"a": 1}'),
        (200, b"[" * 100_000),
        (200, b'[{"name": "P001.xml"}]'),
        (302, b""),
        (404, b""),
        (418, b'{"message": {"a": 1}}'),
        (200, b"x" * 20_000_000),
    ],
)
def test_a_stranger_at_the_port_is_no_bank(doors, status, body):
    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Location", "https://elsewhere.invalid/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_told):
            pass

    with http.server.ThreadingHTTPServer((doors.serving.host, 0), Stranger) as stranger:
        threading.Thread(target=stranger.serve_forever, daemon=True).start()
        channel = BankRest(RestSettings(f"http://{doors.serving.host}:{stranger.server_port}", token="t"))
        try:
            with pytest.raises(Unreachable):
                channel.send(FILE)
        finally:
            stranger.shutdown()


# Certificates on both sides


@pytest.fixture(scope="module")
def both():
    with open_doors(tls=True) as opened:
        yield opened


def secure(both, **settings) -> BankRest:
    pair = both.serving.authority.for_customer("c1")
    return both.rest(
        **{
            "address": both.serving.tls_address,
            "authority": both.serving.authority.certificate,
            "certificate": pair.certificate,
            "certificate_key": pair.key,
        }
        | settings
    )


def test_both_sides_show_who_they_are(both):
    with secure(both) as channel:
        channel.send(FILE)
        assert channel.find(FILE.name).size == len(FILE.data)
        assert [step.ok for step in channel.probe()] == [True] * 6
    assert len(taken(both)) == 1


def test_a_stranger_is_not_let_in_and_a_false_bank_not_spoken_to(both):
    stranger = Authority.made(both.serving.host)
    pair = stranger.for_customer("c1")
    for settings, reason in (
        ({"certificate": b"", "certificate_key": b""}, Unreachable),
        ({"certificate": pair.certificate, "certificate_key": pair.key}, Unreachable),
        ({"authority": stranger.certificate}, trouble.CertificateNotTrusted),
    ):
        with pytest.raises(reason):
            secure(both, **settings).find("x")
    both.bank.faults.switch("c1", Fault.HOST_KEY_CHANGED, times=1)
    with pytest.raises(trouble.CertificateNotTrusted):
        secure(both).find("x")
    assert secure(both).find("x") is None
    assert both.bank.faults.counts[Fault.HOST_KEY_CHANGED] == 1


# Testing the connection

ALL = ("reach", "host_key", "log_in", "list", "read", "write")


def test_a_connection_in_order_passes_every_step_and_leaves_nothing(doors):
    doors.bank.lay(doors.customer, "a.xml", b"a")
    steps = doors.rest().probe()
    assert [(step.name, step.ok) for step in steps] == [(name, True) for name in ALL]
    assert taken(doors) == [] and list(doors.bank.waits["c1"]) == ["a.xml"]


@pytest.mark.parametrize(
    "fault, settings, failed",
    [
        (Fault.KEY_REVOKED, {}, "log_in"),
        (Fault.MAINTENANCE, {}, "log_in"),
        (Fault.NO_ANSWER, {"answer_seconds": 0.3}, "reach"),
        (None, {"address": "https://no-such-host.invalid"}, "reach"),
        (None, {"address": "http://bank.example"}, "host_key"),
    ],
)
def test_a_connection_that_fails_says_where_and_what_to_do(doors, fault, settings, failed):
    if fault:
        doors.bank.faults.switch("c1", fault)
    steps = doors.rest(**settings).probe()
    assert {step.name for step in steps} == set(ALL)
    (bad,) = [step for step in steps if step.ok is False]
    assert bad.name == failed and str(bad.words)
    assert [
        step.name for step in steps if step.ok is None and step.name in ALL[ALL.index(failed) + 1 :]
    ] == list(ALL[ALL.index(failed) + 1 :])


def test_settings_never_show_what_is_secret(doors):
    assert "token-1" not in repr(doors.rest().settings)
