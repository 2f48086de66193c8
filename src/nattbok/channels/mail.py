"""Mails from a mailbox, over IMAP.

A mail is given whole, as it lies there. Only when it is kept is it moved to another folder there, or, where
nothing may be moved, passed by the next time: by its UID, and by the mailbox's UIDVALIDITY, which says
whether UIDs still mean what they meant. Whoever is stopped between keeping and moving is given it again.
Log-in is by password, or by an access token where the host takes no passwords.
Source: RFC 9051 and RFC 3501 (IMAP), RFC 6851 (MOVE), RFC 4315 (UIDPLUS).
"""

import base64
import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nattbok.base.errors import Unreachable
from nattbok.base.words import _
from nattbok.channels import oauth, trouble
from nattbok.channels.channel import Incoming
from nattbok.channels.rest_settings import is_loopback
from nattbok.channels.trouble import plain
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.mail import first_header

LARGEST = 50_000_000  # bytes of a mail that is fetched
MOST = 2_000  # mails in one fetch
OAUTH = ("OAUTHBEARER", "XOAUTH2")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_UID = re.compile(rb"UID (\d{1,10})")


class MailboxMissing(Unreachable):
    """The folder of the mailbox is not there."""

    message = _("{host} has no mail folder {folder}.")


class NotMovedThere(Unreachable):
    """A mail that was kept could not be moved, and will come again."""

    message = _(
        "A mail was kept, but could not be moved to {folder} at {host}, and will come again: {reason}."
    )


class NotEncryptedMail(Unreachable):
    """A password never goes unencrypted over a network."""

    message = _("{host} offers no encryption. Nothing was fetched, and the password was not sent.")


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """A mailbox, and how we use it."""

    host: str
    username: str
    password: str = field(default="", repr=False)
    port: int = 993
    security: str = "tls"  # "tls", "starttls", or "none", which is for this machine alone
    folder: str = "INBOX"
    done_folder: str = ""  # where kept mails are moved; "" leaves them, and remembers their UIDs
    authority: bytes = field(default=b"", repr=False)  # PEM; only what it has signed is believed
    answer_seconds: float = 60.0
    largest: int = LARGEST
    token: Callable[[], str] | None = field(default=None, repr=False)  # instead of a password


class Handle(NamedTuple):
    """The very mail: a UID means nothing under another UIDVALIDITY."""

    validity: int
    uid: int


class Imap:
    """The mailbox that `settings` lead to. Satisfies Channel.

    `position` says how far it was fetched before, and after `done` how far it is now: {"validity", "through",
    "held"}, where all up to `through` are kept but those that are `held`.
    """

    def __init__(self, settings: ImapSettings, position: dict | None = None) -> None:
        self.settings = settings
        self.position = dict(position or {})
        self._line: _Line | None = None

    def __enter__(self) -> "Imap":
        self._opened()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the mailbox."""
        if self._line is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                self._line.logout()
            self._line = None

    def fetch(self) -> Iterator[Incoming | Finding]:
        """The mails that wait, in the order they came; findings on those too large. Raises Unreachable."""
        line = self._opened()
        with self._said():
            uids = self._waiting(line)
        for uid in uids[:MOST]:
            with self._said():
                found = self._mail(line, uid)
            if found is not None:
                yield found

    def done(self, handle: Handle) -> None:
        """The mail is kept: move it, or remember that it was. Raises Unreachable."""
        line = self._opened()
        if handle.validity != line.validity:
            return  # the mailbox is another one since; what is in it comes again, and is known
        with self._said():
            if self.settings.done_folder:
                self._move(line, handle.uid, self.settings.done_folder)
            else:
                self._remember(handle)

    def put_aside(self, handle: Handle, folder: str) -> None:
        """Move the mail to a folder of the mailbox, to be looked at by a person. Raises Unreachable."""
        line = self._opened()
        if handle.validity == line.validity:
            with self._said():
                self._move(line, handle.uid, folder)

    # The line

    def _opened(self) -> "_Line":
        if self._line is None:
            with self._said():
                line = self._connected()
            try:
                with self._said():
                    self._entered(line)
            except BaseException:
                with suppress(imaplib.IMAP4.error, OSError):
                    line.shutdown()
                raise
            self._line = line
        return self._line

    def _connected(self) -> "_Line":
        settings = self.settings
        if settings.security == "none" and not is_loopback(settings.host):
            raise NotEncryptedMail(host=settings.host)
        context = ssl.create_default_context(cadata=settings.authority.decode("ascii") or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.security == "tls":
            return _TlsLine(settings.host, settings.port, settings.largest, settings.answer_seconds, context)
        line = _PlainLine(settings.host, settings.port, settings.largest, settings.answer_seconds)
        if settings.security != "none":
            if "STARTTLS" not in line.capabilities:
                line.shutdown()
                raise NotEncryptedMail(host=settings.host)
            line.starttls(context)
        return line

    def _entered(self, line: "_Line") -> None:
        settings = self.settings
        if settings.token is not None:
            self._log_in_by_token(line, settings.token)
        else:
            self._log_in(line)
        answer, _data = line.select(_quoted(settings.folder))
        if answer != "OK":
            raise MailboxMissing(host=settings.host, folder=settings.folder)
        _kind, said = line.response("UIDVALIDITY")
        line.validity = int(said[0]) if said and said[0] else 0

    def _log_in(self, line: "_Line") -> None:
        settings = self.settings
        try:
            if "AUTH=PLAIN" in line.capabilities:
                written = f"\0{settings.username}\0{settings.password}".encode()
                line.authenticate("PLAIN", lambda _challenge: written)
            elif not f"{settings.username}{settings.password}".isascii():
                raise trouble.LoginRefused(host=settings.host, username=settings.username)
            else:
                line.login(settings.username, settings.password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise trouble.LoginRefused(host=settings.host, username=settings.username) from error

    def _log_in_by_token(self, line: "_Line", token: Callable[[], str]) -> None:
        settings = self.settings
        mechanism = next((one for one in OAUTH if f"AUTH={one}" in line.capabilities), None)
        if mechanism is None:
            raise oauth.NoOAuthThere(host=settings.host)
        said = oauth.said(mechanism, settings.username, token(), settings.host, settings.port)
        # A refusal comes with a challenge, which is answered with nothing before the server says no.
        answers = iter([said, b"\1" if mechanism == "OAUTHBEARER" else b""])
        try:
            line.authenticate(mechanism, lambda _challenge: next(answers, None))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise trouble.TokenRefused(host=settings.host) from error

    def _waiting(self, line: "_Line") -> list[int]:
        """The UIDs that are to be fetched, oldest first."""
        through, held = 0, set()
        if not self.settings.done_folder and self.position.get("validity") == line.validity:
            through, held = int(self.position.get("through", 0)), set(self.position.get("held", ()))
        answer, said = line.uid("SEARCH", "ALL")
        self._check(answer, said)
        found = sorted({int(uid) for piece in said if piece for uid in piece.split() if uid.isdigit()})
        return [uid for uid in found if uid > through or uid in held]

    def _mail(self, line: "_Line", uid: int) -> Incoming | Finding | None:
        answer, said = line.uid("FETCH", str(uid), "(UID RFC822.SIZE)")
        self._check(answer, said)
        size = next((int(found[1]) for piece in said if (found := _SIZE.search(_flat(piece)))), None)
        if size is None:
            return None  # taken away since it was listed
        if size > self.settings.largest:
            return Finding(
                Severity.HOLD,
                "mail.too_large",
                f"UID {uid}",
                _("A mail has {size} bytes; at most {largest} are read. It lies in the mailbox."),
                {"size": size, "largest": self.settings.largest},
            )
        answer, said = line.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
        self._check(answer, said)
        for piece in said:
            if isinstance(piece, tuple) and len(piece) == 2:
                named = _UID.search(piece[0])
                if named is None or int(named[1]) == uid:
                    data = bytes(piece[1])
                    return Incoming(f"{uid}.eml", data, Handle(line.validity, uid)) if data else None
        return None

    def _move(self, line: "_Line", uid: int, folder: str) -> None:
        try:
            if "MOVE" in line.capabilities:
                answer, said = line.uid("MOVE", str(uid), _quoted(folder))
                self._moved(answer, said, folder)
                return
            answer, said = line.uid("COPY", str(uid), _quoted(folder))
            self._moved(answer, said, folder)
            line.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
            if "UIDPLUS" in line.capabilities:
                line.uid("EXPUNGE", str(uid))
            else:
                line.expunge()
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise NotMovedThere(host=self.settings.host, folder=folder, reason=plain(str(error))) from error

    def _moved(self, answer: str, said: Sequence[Any], folder: str) -> None:
        if answer != "OK":
            raise NotMovedThere(host=self.settings.host, folder=folder, reason=_reason(said))

    def _remember(self, handle: Handle) -> None:
        """Kept ones up to here are passed by; those skipped on the way are looked at again."""
        position = self.position if self.position.get("validity") == handle.validity else {}
        through, held = int(position.get("through", 0)), set(position.get("held", ()))
        if handle.uid > through:
            line = self._line
            answer, said = line.uid("SEARCH", "UID", f"{through + 1}:{handle.uid}")
            self._check(answer, said)
            held |= {int(uid) for piece in said if piece for uid in piece.split() if uid.isdigit()}
            through = handle.uid
        held.discard(handle.uid)
        self.position = {"validity": handle.validity, "through": through, "held": sorted(held)}

    def _check(self, answer: str, said: Sequence[Any]) -> None:
        if answer != "OK":
            raise trouble.RemoteRefusal(host=self.settings.host, reason=_reason(said))

    @contextmanager
    def _said(self) -> Iterator[None]:
        """What goes wrong on the line, in our words; the line is then of no more use."""
        host, port = self.settings.host, str(self.settings.port)
        try:
            yield
        except Unreachable:
            raise
        except Exception as error:
            self._line = None
            match error:
                case socket.gaierror():
                    raise trouble.AddressUnknown(host=host) from error
                case ssl.SSLCertVerificationError():
                    raise trouble.CertificateNotTrusted(
                        host=host, reason=plain(error.verify_message)
                    ) from error
                case TimeoutError():
                    seconds = f"{self.settings.answer_seconds:g}"
                    raise trouble.NoAnswerInTime(host=host, seconds=seconds) from error
                case ConnectionRefusedError():
                    raise trouble.NobodyAnswers(host=host, port=port) from error
                case imaplib.IMAP4.error() | OSError() | ValueError() | IndexError():
                    raise trouble.ConnectionCut(host=host) from error
            raise


def recipient_of(data: bytes, headers: Sequence[str]) -> str:
    """Whom the last server delivered a mail to, by the first of `headers` that its head has.

    Of several under one name the topmost counts: it is the last server's, those below are whoever's.
    """
    for name in headers:
        written = first_header(data, name)
        if written:
            return written.strip().removeprefix("<").removesuffix(">").strip()
    return ""


class _Line(imaplib.IMAP4):
    """An IMAP line that takes no more than it asked for."""

    validity = 0
    largest = LARGEST

    def read(self, size: int) -> bytes:
        if size > self.largest + 65_536:
            raise self.abort("the answer is larger than what was asked for")
        return super().read(size)


class _PlainLine(_Line):
    def __init__(self, host: str, port: int, largest: int, seconds: float) -> None:
        self.largest = largest
        super().__init__(host, port, timeout=seconds)


class _TlsLine(imaplib.IMAP4_SSL, _Line):
    def __init__(self, host: str, port: int, largest: int, seconds: float, context: ssl.SSLContext) -> None:
        self.largest = largest
        super().__init__(host, port, ssl_context=context, timeout=seconds)


def _quoted(name: str) -> str:
    escaped = _modified_utf7(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _modified_utf7(name: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3)."""
    out, run = [], ""
    for letter in f"{name}\0":
        if " " <= letter <= "~" or letter == "\0":
            if run:
                coded = run.encode("utf-16-be")
                out.append("&" + base64.b64encode(coded).decode().rstrip("=").replace("/", ",") + "-")
                run = ""
            out.append("&-" if letter == "&" else letter)
        else:
            run += letter
    return "".join(out).rstrip("\0")


def _flat(piece: Any) -> bytes:
    if isinstance(piece, tuple):
        return b" ".join(part for part in piece if isinstance(part, bytes))
    return piece if isinstance(piece, bytes) else b""


def _reason(said: Sequence[Any]) -> str:
    return plain(b" ".join(_flat(piece) for piece in said).decode("utf-8", "replace"))[:200] or "NO"
