"""The token server beside the mailboxes, on a real port of this machine: RFC 6749, as much as we need.

POST /token    grant_type=refresh_token&refresh_token=…&client_id=…    {"access_token", "refresh_token"}
               grant_type=client_credentials&client_id=…&client_secret=…    {"access_token"}
"""

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

from nattbok.sandbox.http_door import HttpDoor
from nattbok.sandbox.mail.mailboxes import Mailboxes

PROGRAM = ("nattbok", "programmets hemmelighet")  # client id and secret


class TokenServer(HttpDoor):
    """Gives tokens for `mailboxes` inside `with TokenServer(mailboxes) as server:` at `server.address`."""

    def __init__(self, mailboxes: Mailboxes) -> None:
        super().__init__(_Handler, name="token-server", mailboxes=mailboxes)

    @property
    def address(self) -> str:
        """Where tokens are asked for."""
        return f"{super().address}/token"


class _Handler(BaseHTTPRequestHandler):
    mailboxes: Mailboxes
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        faults = self.mailboxes.faults
        if "dead" in faults:
            self.close_connection = True
        elif "busy" in faults:
            self._say(503, {"error": "temporarily_unavailable"})
        elif "babbling" in faults:
            self._say(200, ["not", "a", "token"])
        elif "unknown_program" in faults or fields.get("client_id") != PROGRAM[0]:
            self._say(401, {"error": "invalid_client", "error_description": "AADSTS7000222: expired"})
        else:
            self._give(fields)

    def _give(self, fields: dict[str, str]) -> None:
        if fields.get("grant_type") == "client_credentials":
            if fields.get("client_secret") != PROGRAM[1]:
                self._say(401, {"error": "invalid_client"})
                return
            given = {"access_token": self.mailboxes.token_of_program(), "token_type": "Bearer"}
            self._say(200, given)
            return
        is_over = "expired" in self.mailboxes.faults
        found = None if is_over else self.mailboxes.token(fields.get("refresh_token", ""))
        if found is None:
            self._say(400, {"error": "invalid_grant", "error_description": "AADSTS70008: expired"})
            return
        access, refresh = found
        self._say(200, {"access_token": access, "refresh_token": refresh, "expires_in": 3600})

    def log_message(self, *given: object) -> None:
        """Say nothing."""

    def _say(self, status: int, given: object) -> None:
        body = json.dumps(given).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
