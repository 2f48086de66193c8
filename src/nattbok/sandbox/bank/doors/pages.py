"""The bank's file service for people: upload a payment file, approve it, fetch return files.

Plain pages without scripts. They are meant for the machine they run on: whoever reaches them chooses which
customer to be. A form is taken only from a page of ours (a secret per log-in stands in it), and only under a
host name that is this machine's, so that no other site in the same browser can press a button here.
"""

import hmac
import re
import secrets
import threading
from collections.abc import Callable, Iterable
from email.parser import BytesParser
from email.policy import HTTP
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from nattbok.sandbox.bank.doors.folders import Folders, NameInUse, is_unfinished
from nattbok.sandbox.bank.doors.writing import Page, login_page, order_page, overview_page
from nattbok.sandbox.bank.shape import Customer

StartResponse = Callable[..., Any]
COOKIE = "bank"
LARGEST_FORM = 100_000  # bytes, of forms without a file
MOST_LOGINS = 1000
SECURITY = [
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
     "frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]  # fmt: skip


class Pages:
    """The WSGI application of the pages."""

    def __init__(self, folders: Folders) -> None:
        self.folders, self.bank = folders, folders.bank
        self._lock = threading.Lock()
        self._logins: dict[str, tuple[str, str]] = {}  # cookie -> customer id, secret of its forms

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        page = self._page(environ)
        body = page.body
        headers = [("Content-Type", page.kind), ("Content-Length", str(len(body))), *SECURITY, *page.headers]
        start_response(page.status, headers)
        return [body] if environ["REQUEST_METHOD"] != "HEAD" else []

    def _page(self, environ: dict[str, Any]) -> Page:
        if not _is_this_machine(environ.get("HTTP_HOST", "")):
            return Page.said("400 Bad Request", "This service answers only under the machine's own name.")
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace")
        method = environ["REQUEST_METHOD"]
        if path == "/style.css":
            return Page.style()
        if method in {"GET", "HEAD"}:
            return self._shown(environ, path)
        if method == "POST":
            return self._done(environ, path)
        return Page.said("405 Method Not Allowed", "Only GET and POST are answered.")

    # Looking

    def _shown(self, environ: dict[str, Any], path: str) -> Page:
        customer, secret = self._who(environ)
        if customer is None:
            return login_page(self.bank, self._visit(environ))
        if path == "/":
            return overview_page(self.bank, customer, secret, _asked(environ).get("said", ""))
        if found := re.fullmatch(r"/orders/([0-9]{1,12})", path):
            try:
                return order_page(self.bank, customer, secret, self.bank.status(customer, int(found[1])))
            except KeyError:
                return Page.said("404 Not Found", "There is no such payment file.")
        if path.startswith("/files/"):
            return self._file(customer, path.removeprefix("/files/"))
        return Page.said("404 Not Found", "There is no such page.")

    def _file(self, customer: Customer, name: str) -> Page:
        try:
            data = self.bank.read(customer, name)
        except KeyError:
            return Page.said("404 Not Found", "There is no such file.")
        return Page(
            "200 OK",
            data,
            "application/octet-stream",
            [("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name, safe='')}")],
        )

    # Doing

    def _done(self, environ: dict[str, Any], path: str) -> Page:
        given, file = _form(environ)
        customer, secret = self._who(environ)
        if path == "/login":
            return self._log_in(environ, given)
        if customer is None or not hmac.compare_digest(given.get("secret", "").encode(), secret.encode()):
            return Page.said(
                "403 Forbidden", "The form is not from this service, or is too old. Log in again."
            )
        if path == "/logout":
            with self._lock:
                self._logins.pop(_cookie(environ), None)
            return Page.to("/")
        if path == "/upload":
            return self._upload(customer, file)
        if path == "/advance":
            days = given.get("days", "1")
            if not days.isdigit() or not 1 <= int(days) <= 60:
                return Page.said("400 Bad Request", "Between 1 and 60 days, please.")
            return _back(f"The bank's day is now {self.bank.advance(int(days))}.")
        if path == "/archive":
            try:
                self.bank.archive(customer, given.get("name", ""))
            except KeyError:
                return Page.said("404 Not Found", "There is no such file.")
            return _back(f"{given['name']} was put away.")
        if found := re.fullmatch(r"/orders/([0-9]{1,12})/approve", path):
            return self._approve(customer, int(found[1]), given.get("by", "").strip())
        return Page.said("404 Not Found", "There is no such page.")

    def _log_in(self, environ: dict[str, Any], given: dict[str, str]) -> Page:
        """The visit's secret, set by the page that asked, keeps another site from logging a person in."""
        visit = self._visit(environ)
        if not visit or not hmac.compare_digest(given.get("secret", "").encode(), visit.encode()):
            return Page.said("403 Forbidden", "The form is not from this service, or is too old.")
        if given.get("customer") not in {customer.id for customer in self.bank.customers()}:
            return Page.said("400 Bad Request", "There is no such customer.")
        key = secrets.token_urlsafe(24)
        with self._lock:
            while len(self._logins) >= MOST_LOGINS:
                self._logins.pop(next(iter(self._logins)))
            self._logins[key] = given["customer"], secrets.token_urlsafe(24)
        return Page.to("/", [_set(key)])

    def _upload(self, customer: Customer, file: tuple[str, bytes] | None) -> Page:
        if file is None or not file[1]:
            return Page.said("400 Bad Request", "Choose a file first.")
        name, data = file
        name = name.replace("\\", "/").rsplit("/", 1)[-1]
        if not name or not name.isprintable() or len(name) > 200 or is_unfinished(name):
            return Page.said("400 Bad Request", "The file's name cannot be used.")
        try:
            taken = self.folders.take(customer, name, data)
        except NameInUse:
            return Page.said("409 Conflict", f"A file named {name} has been sent already.")
        return _back(f"{name} was received as number {taken.number}.")

    def _approve(self, customer: Customer, number: int, by: str) -> Page:
        if not by or len(by) > 100:
            return Page.said("400 Bad Request", "Write who approves.")
        try:
            self.bank.approve(customer, number, by)
        except KeyError:
            return Page.said("404 Not Found", "There is no such payment file.")
        except ValueError as error:
            return Page.said("409 Conflict", f"It cannot be approved: {error}")
        return _back(f"Payment file {number} was approved by {by}.")

    # Who is there

    def _who(self, environ: dict[str, Any]) -> tuple[Customer | None, str]:
        with self._lock:
            who, secret = self._logins.get(_cookie(environ), ("", ""))
        return next((one for one in self.bank.customers() if one.id == who), None), secret

    def _visit(self, environ: dict[str, Any]) -> str:
        """The secret of a browser that has not logged in: in its cookie and in the form."""
        found = _cookie(environ)
        return found if re.fullmatch(r"visit-[\w-]{32}", found) else f"visit-{secrets.token_urlsafe(24)}"


def _is_this_machine(host: str) -> bool:
    """Whether the request was made to a number or a name without dots, as nothing on the net is."""
    name = re.sub(r":[0-9]+$", "", host)
    return bool(re.fullmatch(r"[0-9.]+|\[[0-9a-fA-F:]+\]|[a-zA-Z0-9-]+", name))


def _cookie(environ: dict[str, Any]) -> str:
    try:
        found = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _set(value: str) -> tuple[str, str]:
    return "Set-Cookie", f"{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict"


def _asked(environ: dict[str, Any]) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}


def _back(said: str) -> Page:
    return Page.to(f"/?said={quote(said)}")


def _form(environ: dict[str, Any]) -> tuple[dict[str, str], tuple[str, bytes] | None]:
    """What was filled in, and the file if there was one."""
    kind = environ.get("CONTENT_TYPE", "")
    length = environ.get("CONTENT_LENGTH", "")
    size = int(length) if length.isdigit() else 0
    if not kind.startswith("multipart/form-data"):
        data = environ["wsgi.input"].read(min(size, LARGEST_FORM))
        return {name: values[-1] for name, values in parse_qs(data.decode("utf-8", "replace")).items()}, None
    data = environ["wsgi.input"].read(size)
    head = f"Content-Type: {kind}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + data)
    given: dict[str, str] = {}
    file = None
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True) or b""
        if part.get_filename() is not None:
            file = unquote(str(part.get_filename())), content
        elif isinstance(name, str):
            given[name] = content.decode("utf-8", "replace")
    return given, file
