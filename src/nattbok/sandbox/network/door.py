"""The access point's REST door, on a real port of this machine.

GET  /v1/inbox/{participant}              {"messages": [{"id", "size"}]}
GET  /v1/inbox/{participant}/{id}         the envelope
POST /v1/inbox/{participant}/{id}/ack     it is kept; 404 when there is no such message
GET  /v1/participants/{participant}       {"state": none | pending | active | refused, "reason"}
POST /v1/participants/{participant}       receive for it; …/end: no longer
GET  /v1/directory/{participant}          {"access_point", "document_types"}; 404 when it is in no directory
POST /v1/outbox/{participant}?name=…      an envelope to be sent, under its own number; the same again is one
GET  /v1/outbox/{participant}/{number}    {"size", "sha256", "state": accepted | delivered | failed, "reason"}
"""

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, unquote, urlsplit

from nattbok.sandbox.http_door import HttpDoor
from nattbok.sandbox.network.point import AccessPoint, Fault, Message


class Door(HttpDoor):
    """The door of `point`, open inside `with Door(point) as door:` at `door.address`."""

    def __init__(self, point: AccessPoint, *, port: int = 0) -> None:
        super().__init__(_Handler, name="access-point", port=port, point=point)
        self.point = point


class _Handler(BaseHTTPRequestHandler):
    point: AccessPoint
    body = b""
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer("POST")

    def log_message(self, *given: object) -> None:
        """Say nothing."""

    def _answer(self, method: str) -> None:
        point = self.point
        if Fault.DEAD in point.faults:
            self.close_connection = True
            return
        if Fault.BUSY in point.faults:
            self._say(503, {"message": "closed for maintenance"})
            return
        if self.headers.get("Authorization") != f"Bearer {point.token}":
            self._say(401, {"message": "who are you?"})
            return
        parts = [unquote(part) for part in urlsplit(self.path).path.split("/")[1:]]
        match [method, *parts]:
            case ["GET", "v1", "inbox", who]:
                waiting = point.waiting(who)
                self._say(200, {"messages": [{"id": m.id, "size": len(m.data)} for m in waiting]})
            case ["GET", "v1", "inbox", who, number]:
                self._message(self._found(who, number))
            case ["POST", "v1", "inbox", who, number, "ack"]:
                self._acknowledge(self._found(who, number))
            case ["GET", "v1", "participants", who]:
                self._say(200, {"state": point.participant(who).state})
            case ["POST", "v1", "participants", who]:
                state, reason = point.register(who)
                self._say(200, {"state": state, "reason": reason})
            case ["POST", "v1", "participants", who, "end"]:
                point.unregister(who)
                self._say(200, {"state": "none"})
            case ["GET", "v1", "directory", who]:
                self._directory(who)
            case ["POST", "v1", "outbox", who]:
                self._hand_in(who)
            case ["GET", "v1", "outbox", who, number] if point.fate(who, number):
                self._say(200, point.fate(who, number))
            case _:
                self._say(404, {"message": "there is no such thing"})

    def _directory(self, who: str) -> None:
        entry = self.point.entry(who)
        if entry is None:
            self.close_connection = True
            return
        self._say(200 if entry else 404, entry or {"message": "there is no such participant"})

    def _found(self, who: str, number: str) -> Message | None:
        with self.point.lock:
            return next((m for m in self.point.participant(who).inbox if m.id == number), None)

    def _message(self, message: Message | None) -> None:
        if message is None:
            self._say(404, {"message": "no such message"})
            return
        faults = self.point.faults
        data = message.data[: len(message.data) // 2] if Fault.HALF in faults else message.data
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if Fault.CUT in faults:
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
            return
        self.wfile.write(data)

    def _hand_in(self, who: str) -> None:
        name = parse_qs(urlsplit(self.path).query).get("name", [""])[0]
        refusal = self.point.hand_in(who, name, self.body)
        if Fault.MUTE in self.point.faults:
            self.close_connection = True
            return
        self._say(422 if refusal else 202, {"message": refusal} if refusal else {"id": name})

    def _acknowledge(self, message: Message | None) -> None:
        if message is None:
            self._say(404, {"message": "no such message"})
            return
        with self.point.lock:
            message.is_acknowledged = True
        if Fault.DEAF in self.point.faults:
            self.close_connection = True
            return
        self._say(200, {"state": "acknowledged"})

    def _say(self, status: int, given: dict) -> None:
        body = json.dumps(given).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
