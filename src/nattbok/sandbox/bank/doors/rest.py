"""The bank's REST door: payment files in, files out, states; and an administrator's switches.

A customer shows `Authorization: Bearer <token>`. Payment files are sent with `Idempotency-Key`: the same key
gives the first answer again.

    POST /v1/payment-files?name=NAME      the file as the body; 201 with its number and state
    GET  /v1/payment-files?name=NAME      those taken under this name (all, without a name)
    GET  /v1/payment-files/NUMBER         one, with its payments and their states
    GET  /v1/files                        files that wait: name, size, kind, made_at
    GET  /v1/files/NAME                   one file's bytes
    POST /v1/files/NAME/archive           put it away
    GET  /v1/status                       the bank's day, and who is asking

The administrator's token, made at the start, opens /admin: POST /admin/advance {"days": 1}, POST
/admin/faults {"who", "fault", "on", "times", "amount"}, GET /admin/faults, POST /admin/inject {"account",
"kind", …}.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs, unquote

from nattbok.sandbox.bank.doors.folders import (
    RENAME_REFUSED,
    Folders,
    NameInUse,
    Taken,
    amount,
    is_on,
    is_unfinished,
    strikes,
)
from nattbok.sandbox.bank.doors.pages import Pages
from nattbok.sandbox.bank.shape import BankFile, Customer, Fault, OrderView

StartResponse = Callable[..., Any]
MAINTENANCE = "The bank is closed for maintenance until 06:00"
REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    411: "Length Required",
    500: "Internal Server Error",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}
LONGEST_NAME = 200


class Answer(Exception):
    """An answer found on the way: raised so that whoever is asked can say no at any depth."""

    def __init__(self, status: int, content: object = None, **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.body = content if isinstance(content, bytes) else b""
        if content is not None and not isinstance(content, bytes):
            self.body = json.dumps(content, default=str).encode()
            self.headers["Content-Type"] = "application/json"


class Application:
    """The WSGI application: REST under /v1 and /admin, the file service for people elsewhere."""

    def __init__(self, folders: Folders, admin_token: str) -> None:
        self.folders, self.bank = folders, folders.bank
        self._admin_token = admin_token
        self._pages = Pages(folders)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
        if not path.startswith(("/v1/", "/admin/")):
            return self._pages(environ, start_response)
        try:
            answer = self._answer(environ, path)
        except Answer as raised:
            answer = raised
        headers = {"Content-Type": "application/octet-stream"} | answer.headers
        headers["Content-Length"] = str(len(answer.body))
        start_response(f"{answer.status} {REASONS[answer.status]}", list(headers.items()))
        return [answer.body]

    def _answer(self, environ: dict[str, Any], path: str) -> Answer:
        parts = [part for part in path.split("/") if part]
        if parts[0] == "admin":
            self._admit_administrator(environ)
            return self._administer(environ, parts[1:])
        customer = self._admit(environ)
        match environ["REQUEST_METHOD"], parts[1:]:
            case "POST", ["payment-files"]:
                return self._take(environ, customer)
            case "GET", ["payment-files"]:
                return self._taken(environ, customer)
            case "GET", ["payment-files", number]:
                return self._order(customer, number)
            case "GET", ["files"]:
                return Answer(200, [self._file(customer, file) for file in self.bank.waiting(customer)])
            case "GET", ["files", name]:
                return self._bytes(customer, name)
            case "POST", ["files", name, "archive"]:
                return self._archive(customer, name)
            case "GET", ["status"]:
                return Answer(200, {"today": self.bank.today, "customer": customer.id, "name": customer.name})
        raise Answer(404, {"message": "There is no such address"})

    def _admit(self, environ: dict[str, Any]) -> Customer:
        token = _token(environ)
        customer = self.bank.customer_by_token(token) if token else None
        faults = self.bank.faults
        if strikes(faults, customer, Fault.MAINTENANCE):
            raise Answer(503, {"message": MAINTENANCE}, Retry_After="3600")
        if customer is None or strikes(faults, customer, Fault.KEY_REVOKED):
            raise Answer(401, {"message": "The token is not known, or has been revoked"})
        return customer

    # Payment files

    def _take(self, environ: dict[str, Any], customer: Customer) -> Answer:
        name = _asked(environ).get("name", "")
        if not _is_proper(name):
            raise Answer(400, {"message": "The file needs a name without slashes"})
        faults = self.bank.faults
        if strikes(faults, customer, Fault.DISK_FULL):
            raise Answer(507, {"message": "No space left on device"})
        is_refused = is_on(faults, customer, Fault.RENAME_FAILS) and (
            amount(faults, customer, Fault.RENAME_FAILS) == RENAME_REFUSED
        )
        if is_refused and strikes(faults, customer, Fault.RENAME_FAILS):
            raise Answer(500, {"message": "The file could not be stored"})
        data = _body(environ)
        key = environ.get("HTTP_IDEMPOTENCY_KEY", "")
        try:
            taken = self.folders.take(customer, name, data, key=key)
        except NameInUse:
            raise Answer(409, {"message": "Another file has this name"}) from None
        if taken.sha256 != hashlib.sha256(data).hexdigest():
            raise Answer(409, {"message": "Another file was sent with this Idempotency-Key"})
        return Answer(201, self._receipt(customer, taken))

    def _taken(self, environ: dict[str, Any], customer: Customer) -> Answer:
        name = _asked(environ).get("name", "")
        found = self.folders.taken(customer).values()
        return Answer(200, [self._receipt(customer, one) for one in found if name in {"", one.name}])

    def _receipt(self, customer: Customer, taken: Taken) -> dict[str, object]:
        try:
            order = self.bank.status(customer, taken.number)
            status, message = str(order.state), order.message
        except KeyError:
            status, message = "RJCT", "The file could not be read"
        return {
            "number": taken.number,
            "name": taken.name,
            "size": len(taken.data),
            "sha256": taken.sha256,
            "status": status,
            "message": message,
        }

    def _order(self, customer: Customer, number: str) -> Answer:
        if not re.fullmatch(r"[0-9]{1,12}", number):
            raise Answer(404, {"message": "There is no such payment file"})
        try:
            return Answer(200, _order_data(self.bank.status(customer, int(number))))
        except KeyError:
            raise Answer(404, {"message": "There is no such payment file"}) from None

    # Files to fetch

    def _file(self, customer: Customer, file: BankFile) -> dict[str, object]:
        return {
            "name": file.name,
            "size": self.folders.visible(customer, file),
            "kind": file.kind,
            "made_at": file.made_at.isoformat() if file.made_at else "",
        }

    def _bytes(self, customer: Customer, name: str) -> Answer:
        waiting = {file.name for file in self.bank.waiting(customer)}
        try:
            data = self.bank.read(customer, name)
        except KeyError:
            raise Answer(404, {"message": "There is no such file"}) from None
        return Answer(200, self.folders.whole(customer, name, data) if name in waiting else data)

    def _archive(self, customer: Customer, name: str) -> Answer:
        try:
            self.bank.archive(customer, name)
        except KeyError:
            raise Answer(404, {"message": "There is no such file"}) from None
        return Answer(204)

    # The administrator

    def _admit_administrator(self, environ: dict[str, Any]) -> None:
        if not hmac.compare_digest(_token(environ).encode(), self._admin_token.encode()):
            raise Answer(401, {"message": "Only the administrator's token opens this"})

    def _administer(self, environ: dict[str, Any], parts: list[str]) -> Answer:
        method = environ["REQUEST_METHOD"]
        if (method, parts) == ("GET", ["faults"]):
            return Answer(200, self._faults())
        if method != "POST" or parts not in (["advance"], ["faults"], ["inject"]):
            raise Answer(404, {"message": "There is no such address"})
        given = _json(environ)
        try:
            if parts == ["advance"]:
                return Answer(200, {"today": self.bank.advance(_days(given.get("days", 1)))})
            if parts == ["inject"]:
                account, kind = str(given.pop("account", "")), str(given.pop("kind", ""))
                return Answer(200, {"bank_reference": self.bank.inject(account, kind, **given)})
            self.bank.faults.switch(
                str(given.get("who", "*")),
                Fault(given.get("fault", "")),
                bool(given.get("on", True)),
                times=int(given.get("times", 0)),
                amount=int(given.get("amount", 0)),
            )
        except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
            raise Answer(400, {"message": f"{error}"[:300]}) from error
        return Answer(200, self._faults())

    def _faults(self) -> dict[str, object]:
        faults = self.bank.faults
        who = ["*", *(customer.id for customer in self.bank.customers())]
        who += [account.number for one in self.bank.customers() for account in self.bank.accounts(one)]
        return {
            "today": self.bank.today,
            "on": [
                {"who": one, "fault": fault} for one in who for fault in Fault if faults.is_on(one, fault)
            ],
            "counts": {str(fault): count for fault, count in faults.counts.items() if count},
        }


def _token(environ: dict[str, Any]) -> str:
    return environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ").strip()


def _asked(environ: dict[str, Any]) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}


def _body(environ: dict[str, Any]) -> bytes:
    if not environ.get("CONTENT_LENGTH", "").isdigit():
        raise Answer(411, {"message": "The length must be told"})
    return environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))


def _json(environ: dict[str, Any]) -> dict[str, Any]:
    try:
        given = json.loads(_body(environ) or b"{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Answer(400, {"message": "The body must be a JSON object"})
    return given


def _days(days: object) -> int:
    if not isinstance(days, int) or not 1 <= days <= 400:
        raise ValueError("days must be a whole number between 1 and 400")
    return days


def _is_proper(name: str) -> bool:
    return bool(
        name
        and len(name) <= LONGEST_NAME
        and name.isprintable()
        and not set(name) & {"/", "\\"}
        and not is_unfinished(unquote(name))
    )


def _order_data(order: OrderView) -> dict[str, object]:
    return asdict(order) | {"total": order.total}
