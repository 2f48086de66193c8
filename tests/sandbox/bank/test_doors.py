"""The test bank's doors as a stranger, a customer, a person with a browser and an administrator meet them."""

import asyncio
import http.client
import json
import re
import socket
import threading
from urllib.parse import quote, urlencode

import asyncssh
import pytest

from nattbok.channels.channel import Outgoing
from nattbok.sandbox.bank.doors.serving import Ports, Serving
from nattbok.sandbox.bank.shape import Fault
from tests.channels.bank_doors import KEYS, open_doors
from tests.sandbox.bank.stand_in import StandIn

EVIL = "<script>alert(1)</script>.xml"


@pytest.fixture
def doors():
    with open_doors() as opened:
        yield opened


# SFTP


def within(doors, work, *, keys=KEYS, username="c1"):
    """What `work` gives on an SFTP session."""

    async def run():
        async with (
            asyncssh.connect(
                doors.serving.host,
                doors.serving.sftp_port,
                config=None,
                known_hosts=None,
                username=username,
                client_keys=[asyncssh.import_private_key(keys.private)] if keys else [],
                agent_path=None,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            return await work(sftp, connection)

    return asyncio.run(run())


def test_a_customer_sees_three_folders_and_nothing_above(doors):
    async def look(sftp, _connection):
        return [sorted(await sftp.listdir(path)) for path in ("/", "..", "/../../inbox/../..")]

    assert within(doors, look) == [[".", "..", "archive", "inbox", "outbox"]] * 3


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../etc/passwd", "outbox/../../etc/passwd", "/outbox/x/y", "nothing"]
)
def test_nothing_else_is_there(doors, path):
    async def look(sftp, _connection):
        for work in (sftp.stat(path), sftp.open(path, "rb"), sftp.remove(path), sftp.listdir(path)):
            with pytest.raises(asyncssh.SFTPError):
                await work
        with pytest.raises(asyncssh.SFTPError):
            await sftp.open(path, "wb")

    within(doors, look)


def test_what_lies_there_cannot_be_changed(doors):
    doors.bank.lay(doors.customer, "a.xml", b"a")
    doors.sftp().send(Outgoing("P.xml", b"pay"))

    async def change(sftp, connection):
        for work in (
            sftp.open("outbox/a.xml", "wb"),
            sftp.open("inbox/P.xml", "wb"),
            sftp.remove("inbox/P.xml"),
            sftp.rename("outbox/a.xml", "inbox/a.xml"),
            sftp.rename("inbox/P.xml", "inbox/Q.xml"),
            sftp.mkdir("inbox/x"),
            sftp.rmdir("inbox"),
            sftp.symlink("/etc/passwd", "inbox/x"),
            connection.run("id"),
        ):
            with pytest.raises(asyncssh.Error):
                await work

    within(doors, change)
    assert doors.bank.uploads == [("c1", "P.xml", b"pay")] and list(doors.bank.waits["c1"]) == ["a.xml"]


def test_a_file_without_a_temporary_name_is_taken_when_it_is_closed(doors):
    async def put(sftp, _connection):
        async with sftp.open("inbox/P.xml", "wb") as file:
            await file.write(b"pay")
            assert doors.bank.uploads == []

    within(doors, put)
    assert doors.bank.uploads == [("c1", "P.xml", b"pay")]


@pytest.mark.parametrize("username, keys", [("c1", None), ("c2", KEYS), ("nobody", KEYS), ("c1", "others")])
def test_only_the_customers_own_key_opens(doors, username, keys):
    from nattbok.channels.ssh_keys import make_key_pair

    other = make_key_pair()
    doors.bank.join("c2", other.public, "token-2")

    async def nothing(_sftp, _connection):
        return True

    with pytest.raises(asyncssh.PermissionDenied):
        within(doors, nothing, username=username, keys=other if keys == "others" else keys)
    assert within(doors, nothing, username="c2", keys=other)


# REST


def ask(doors, method, path, body=None, token="token-1", **headers):  # noqa: S107
    connection = http.client.HTTPConnection(doors.serving.host, doors.serving.rest_port, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        given["Authorization"] = f"Bearer {token}"
    connection.request(method, path, body, given)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def test_the_same_key_gets_the_first_answer(doors):
    first, second = (
        ask(doors, "POST", "/v1/payment-files?name=P.xml", b"pay", Idempotency_Key="k") for _ in range(2)
    )
    assert (first[0].status, first[1]) == (second[0].status, second[1])
    assert json.loads(first[1])["number"] == 1 and len(doors.bank.uploads) == 1
    other, _data = ask(doors, "POST", "/v1/payment-files?name=P.xml", b"other", Idempotency_Key="k")
    assert other.status == 409


@pytest.mark.parametrize(
    "method, path, body, status",
    [
        ("GET", "/v1/files/missing", None, 404),
        ("POST", "/v1/files/missing/archive", b"", 404),
        ("GET", "/v1/payment-files/1", None, 404),
        ("GET", "/v1/payment-files/x", None, 404),
        ("GET", "/v1/nothing", None, 404),
        ("DELETE", "/v1/files/a", None, 404),
        ("POST", "/v1/payment-files", b"pay", 400),
        ("POST", "/v1/payment-files?name=a%2Fb", b"pay", 400),
        ("POST", "/v1/payment-files?name=.x", b"pay", 400),
        ("GET", "/v1/status", None, 200),
    ],
)
def test_each_address_answers(doors, method, path, body, status):
    assert ask(doors, method, path, body)[0].status == status
    assert doors.bank.uploads == []


def test_customers_are_kept_apart(doors):
    doors.bank.join("c2", "x y", "token-2")
    doors.bank.lay(doors.customer, "a.xml", b"a")
    ask(doors, "POST", "/v1/payment-files?name=P.xml", b"pay")
    for path in ("/v1/files/a.xml", "/v1/payment-files/1"):
        assert ask(doors, "GET", path)[0].status == 200
        assert ask(doors, "GET", path, token="token-2")[0].status == 404
    assert ask(doors, "GET", "/v1/files", token="token-2")[1] == b"[]"
    assert [ask(doors, "GET", "/v1/files", token=token)[0].status for token in ("", "token-3")] == [401] * 2


def test_the_administrator_moves_the_day_and_throws_switches(doors):
    admin = doors.serving.admin_token
    said = json.loads(ask(doors, "POST", "/admin/advance", b'{"days": 2}', token=admin)[1])
    assert said == {"today": "2026-03-04"}
    given = json.dumps({"who": "c1", "fault": "key_revoked", "times": 1}).encode()
    said = json.loads(ask(doors, "POST", "/admin/faults", given, token=admin)[1])
    assert said["on"] == [{"who": "c1", "fault": "key_revoked"}]
    assert [ask(doors, "GET", "/v1/files")[0].status for _ in range(2)] == [401, 200]
    assert json.loads(ask(doors, "GET", "/admin/faults", token=admin)[1])["counts"] == {"key_revoked": 1}
    given = json.dumps({"account": "1", "kind": "customer_pays", "amount": "5.00"}).encode()
    assert b"1-1" in ask(doors, "POST", "/admin/inject", given, token=admin)[1]


@pytest.mark.parametrize(
    "path, body",
    [
        ("/admin/advance", b'{"days": 0}'),
        ("/admin/advance", b'{"days": "many"}'),
        ("/admin/advance", b"[]"),
        ("/admin/advance", b"[" * 50_000),
        ("/admin/faults", b'{"fault": "no such"}'),
        ("/admin/faults", b'{"fault": "no_answer", "times": "x"}'),
        ("/admin/inject", b'{"kind": "no such"}'),
    ],
)
def test_what_the_administrator_asks_wrongly_is_refused(doors, path, body):
    assert ask(doors, "POST", path, body, token=doors.serving.admin_token)[0].status == 400
    assert ask(doors, "POST", path, body)[0].status == 401
    assert ask(doors, "POST", path, body, token="")[0].status == 401


@pytest.mark.parametrize(
    "said",
    [b"\r\n\r\n", b"GET\r\n\r\n", b"POST /v1/payment-files?name=a HTTP/1.1\r\nContent-Length: x\r\n\r\n",
     b"A" * 200_000, b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"],
)  # fmt: skip
def test_nonsense_at_the_door_harms_nobody(doors, said):
    with socket.create_connection((doors.serving.host, doors.serving.rest_port), timeout=10) as talk:
        try:
            talk.sendall(said)
            while talk.recv(4096):
                pass
        except ConnectionError:
            pass
    assert ask(doors, "GET", "/v1/status")[0].status == 200


# The file service for people


class Browser:
    """A person's browser: keeps its cookie and fills in forms."""

    def __init__(self, doors):
        self.doors, self.cookie = doors, ""

    def get(self, path="/"):
        answer, data = ask(self.doors, "GET", path, token="", Cookie=self.cookie)
        self._keep(answer)
        return answer.status, data.decode("utf-8", "replace")

    def press(self, path, secret=None, **fields):
        if secret is None:
            secret = re.search(r'name="secret" value="([^"]*)"', self.get()[1])[1]
        body = urlencode({"secret": secret, **fields})
        kind = "application/x-www-form-urlencoded"
        answer, data = ask(self.doors, "POST", path, body, token="", Cookie=self.cookie, Content_Type=kind)
        self._keep(answer)
        return answer.status, data.decode()

    def upload(self, name, data):
        secret = re.search(r'name="secret" value="([^"]*)"', self.get()[1])[1]
        body = (
            b'--X\r\nContent-Disposition: form-data; name="secret"\r\n\r\n' + secret.encode() + b"\r\n"
            b'--X\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n'
            b"Content-Type: application/xml\r\n\r\n" + data + b"\r\n--X--\r\n"
        )
        kind = "multipart/form-data; boundary=X"
        return ask(self.doors, "POST", "/upload", body, token="", Cookie=self.cookie, Content_Type=kind)[
            0
        ].status

    def _keep(self, answer):
        if answer.headers.get("Set-Cookie"):
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]


@pytest.fixture
def kari(doors):
    browser = Browser(doors)
    assert "Log in" in browser.get()[1]
    assert browser.press("/login", customer="c1")[0] == 303
    return browser


def test_a_person_uploads_looks_approves_and_fetches(doors, kari):
    data = bytes(range(256)) * 40 + b"\r\n\r\n--"
    assert kari.upload("P001 ø.xml", data) == 303
    assert doors.bank.uploads == [("c1", "P001 ø.xml", data)]
    assert "P001 ø.xml" in kari.get()[1] and "to be approved" in kari.get()[1]
    assert "Approve all payments" in kari.get("/orders/1")[1]
    assert kari.press("/orders/1/approve", by="Kari")[0] == 303
    page = kari.get("/orders/1")[1]
    assert "Approved by Kari" in page and "Approve all payments" not in page
    doors.bank.lay(doors.customer, "pain002 1.xml", b"\xff\x00receipt")
    assert "pain002 1.xml" in kari.get()[1]
    answer, fetched = ask(doors, "GET", "/files/pain002%201.xml", token="", Cookie=kari.cookie)
    assert fetched == b"\xff\x00receipt" and "attachment" in answer.headers["Content-Disposition"]
    assert kari.press("/archive", name="pain002 1.xml")[0] == 303
    assert list(doors.bank.away["c1"]) == ["pain002 1.xml"]
    assert kari.press("/advance", days="3")[0] == 303 and "2026-03-05" in kari.get()[1]
    assert kari.press("/logout")[0] == 303 and "Log in" in kari.get()[1]


def test_what_strangers_write_is_shown_and_never_run(doors, kari):
    doors.bank.lay(doors.customer, EVIL, b"x")
    for page in (kari.get()[1], kari.get("/?said=" + quote(EVIL))[1]):
        assert "<script" not in page and "&lt;script&gt;" in page
    assert "c1 &amp; Co &lt;AS&gt;" in kari.get()[1]
    answer, _data = ask(doors, "GET", "/", token="")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/advance", "/orders/1/approve", "/archive", "/logout", "/login"])
def test_another_sites_form_is_refused(doors, kari, path):
    ask(doors, "POST", "/v1/payment-files?name=P.xml", b"pay")
    status, _page = kari.press(path, secret="guessed", days="1", by="Evil", name="a", customer="c1")
    assert status == 403
    assert doors.bank.approved == {} and str(doors.bank.today) == "2026-03-02"


def test_the_service_answers_only_under_the_machines_own_name(doors):
    assert ask(doors, "GET", "/", Host="evil.example")[0].status == 400
    assert ask(doors, "GET", "/", Host="localhost:8080")[0].status == 200


def test_a_person_without_a_log_in_sees_and_does_nothing(doors):
    doors.bank.lay(doors.customer, "a.xml", b"secret")
    stranger = Browser(doors)
    for path in ("/", "/files/a.xml", "/orders/1"):
        assert "Log in to the file service" in stranger.get(path)[1]
    assert stranger.press("/advance", days="1")[0] == 403


@pytest.mark.parametrize(
    "path, fields, status",
    [
        ("/advance", {"days": "x"}, 400),
        ("/advance", {"days": "999"}, 400),
        ("/orders/9/approve", {"by": "Kari"}, 404),
        ("/orders/9/approve", {"by": " "}, 400),
        ("/archive", {"name": "none"}, 404),
        ("/nothing", {}, 404),
        ("/upload", {}, 400),
    ],
)
def test_wrong_forms_are_told(kari, path, fields, status):
    assert kari.press(path, **fields)[0] == status


# Opening and closing


def test_doors_close_without_a_trace_even_when_somebody_waits():
    before = {thread.name for thread in threading.enumerate()}
    with open_doors() as doors:
        doors.bank.faults.switch("*", Fault.NO_ANSWER)
        waiting = [
            socket.create_connection((doors.serving.host, port))
            for port in (doors.serving.sftp_port, doors.serving.rest_port)
        ]
    assert {thread.name for thread in threading.enumerate()} <= before
    for talk in waiting:
        talk.close()


def test_doors_open_on_given_ports_and_say_when_one_is_taken():
    with Serving(StandIn()) as first:
        ports = Ports(sftp=first.sftp_port, rest=first.rest_port)
        with pytest.raises(OSError), Serving(StandIn(), ports=ports):
            pass
    with Serving(StandIn(), ports=ports) as again:
        assert (again.sftp_port, again.rest_port) == (ports.sftp, ports.rest)
