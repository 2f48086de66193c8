"""One request after the other to a bank's REST door, and what goes wrong said in our words.

Encrypted, or to this machine itself: with the authority that the bank's certificate is held to, and with our
own certificate when the bank asks for one. No proxies, passwords or redirects that nobody agreed to.
"""

import json
import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit

import httpx

from nattbok.base.errors import NattbokError, Unreachable
from nattbok.channels import trouble
from nattbok.channels.channel import CutWhileSending, SilentWhileSending, Uncertain
from nattbok.channels.rest_settings import RestSettings, check_address
from nattbok.channels.trouble import plain

PIECE = 1 << 16  # bytes
LARGEST_LIST = 10_000_000  # bytes of an answer that is read as JSON
NO_ROOM = {413, 507}
REFUSED = {401, 403}
FORM_REFUSED = {400, 401}  # with the reason in the answer (RFC 6749, 5.2)
LONGEST_FORM = 200_000  # bytes of the answer to one


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is not a refusal."""

    status: int
    body: bytes

    def data(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class RestLine:
    """Requests to the door that `settings` lead to. Used by one thread at a time."""

    def __init__(self, settings: RestSettings) -> None:
        """Raises NotEncrypted and UnusableCertificate."""
        self.settings = settings
        check_address(settings.address)
        self._client = httpx.Client(
            base_url=settings.address,
            verify=_context(settings) if settings.address.startswith("https") else False,
            timeout=httpx.Timeout(settings.answer_seconds, connect=settings.connect_seconds),
            headers={"Authorization": f"Bearer {settings.token}"} if settings.token else {},
            trust_env=False,
        )

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def get(self, path: str, *, most: int = LARGEST_LIST, **asked: str) -> Reply:
        """The answer, of which at most `most` + 1 bytes are read. Raises Unreachable."""
        with self._said(path):
            return self._reply("GET", path, most=most, params=asked)

    def post(self, path: str) -> Reply:
        """Ask for something that may be asked for again. Raises Unreachable."""
        with self._said(path):
            return self._reply("POST", path)

    def form(self, path: str, fields: Mapping[str, str]) -> Reply:
        """The answer to a form; one that says what is wrong with it is an answer too. Raises Unreachable."""
        with self._said(path):
            try:
                return self._reply("POST", path, most=LONGEST_FORM, data=fields)
            except _RefusedByTheBank as refusal:
                if refusal.reply.status in FORM_REFUSED:
                    return refusal.reply
                raise

    def send(self, path: str, name: str, data: bytes, key: str) -> Reply:
        """Send a file. Raises Unreachable when it has not come, Uncertain when nobody knows."""
        host = self.settings.host
        try:
            return self._reply(
                "POST", path, params={"name": name}, content=data, headers={"Idempotency-Key": key}
            )
        except httpx.TransportError as error:
            if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                raise self._unreached(error) from error
            if isinstance(error, httpx.TimeoutException):
                seconds = f"{self.settings.answer_seconds:g}"
                raise SilentWhileSending(host=host, name=name, seconds=seconds) from error
            raise CutWhileSending(host=host, name=name) from error
        except _NoAnswerOfTheBanks as error:
            raise Uncertain(host=host, name=name) from error
        except _RefusedByTheBank as refusal:
            raise self._refusal(refusal, name) from refusal

    @contextmanager
    def _said(self, path: str) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise self._unreached(error) from error
        except _RefusedByTheBank as refusal:
            raise self._refusal(refusal, path) from refusal

    def _reply(self, method: str, path: str, *, most: int = LARGEST_LIST, **request: Any) -> Reply:
        with self._client.stream(method, path, **request) as answer:
            body = bytearray()
            for piece in answer.iter_bytes(PIECE):
                body += piece
                if len(body) > most:
                    break
            reply = Reply(answer.status_code, bytes(body[: most + 1]))
        if answer.is_success:
            return reply
        if reply.status >= 500 and reply.status not in {503, 507}:
            raise _NoAnswerOfTheBanks(reply)
        raise _RefusedByTheBank(reply)

    def _unreached(self, error: httpx.TransportError) -> Unreachable:
        settings = self.settings
        is_early = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        if isinstance(error, httpx.TimeoutException):
            seconds = settings.connect_seconds if is_early else settings.answer_seconds
            return trouble.NoAnswerInTime(host=settings.host, seconds=f"{seconds:g}")
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return trouble.CertificateNotTrusted(host=settings.host, reason=plain(cause.verify_message))
            if isinstance(cause, socket.gaierror):
                return trouble.AddressUnknown(host=settings.host)
            if isinstance(cause, ssl.SSLError) and "ALERT" in str(cause.reason).upper():
                return trouble.TokenRefused(host=settings.host)
        if isinstance(error, httpx.ConnectError):
            parts = urlsplit(settings.address)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            return trouble.NobodyAnswers(host=settings.host, port=str(port))
        return trouble.ConnectionCut(host=settings.host)

    def _refusal(self, refusal: "_RefusedByTheBank", name: str) -> NattbokError:
        host, reply = self.settings.host, refusal.reply
        if reply.status in REFUSED:
            return trouble.TokenRefused(host=host)
        if reply.status == 503:
            return trouble.BankClosed(host=host, reason=refusal.reason)
        if reply.status in NO_ROOM:
            return trouble.NoRoomLeft(host=host, reason=refusal.reason)
        if reply.status == 409:
            return trouble.NameTaken(host=host, name=name)
        if reply.status == 404:
            return trouble.RemoteFolderMissing(host=host, folder=name)
        return trouble.RemoteRefusal(host=host, reason=refusal.reason)


class _RefusedByTheBank(Exception):
    """The bank's own no: what was asked has not been done. Never leaves this module."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply
        given = reply.data()
        message = given.get("message") if isinstance(given, dict) else None
        self.reason = plain(message) if isinstance(message, str) and message else str(reply.status)


class _NoAnswerOfTheBanks(_RefusedByTheBank):
    """A fault on the way or within the bank: nobody knows how far the request came."""


def _context(settings: RestSettings) -> ssl.SSLContext:
    try:
        if settings.authority:
            context = ssl.create_default_context(cadata=settings.authority.decode("ascii"))
        else:
            context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.certificate:
            with _readable(settings.certificate + b"\n" + settings.certificate_key) as path:
                # Without this a key with a password would be asked for at the terminal.
                context.load_cert_chain(path, password=_no_password)
    except (ssl.SSLError, UnicodeDecodeError, ValueError, OSError) as error:
        raise trouble.UnusableCertificate(reason=plain(str(error))) from error
    return context


def _no_password() -> bytes:
    return b""


@contextmanager
def _readable(data: bytes) -> Iterator[str]:
    """A path that `data` can be read from: ssl wants one. In memory where the system lets us."""
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("certificate")
        with open(number, "wb") as file:
            file.write(data)
            file.flush()
            yield f"/proc/self/fd/{number}"
        return
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        yield file.name


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
