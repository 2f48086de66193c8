"""Mails: who wrote, what about, and the files that lay in them.

The parts are found by our own splitter, in time that grows with the mail's size and no faster; single headers
and their encodings are the standard library's to read. Nothing of a mail is ever run, fetched or trusted:
what it says of sender and receiver is told, and decides nothing.
Source: RFC 5322 (form), RFC 2045-2047 and 2231 (MIME), RFC 3834 (automatic answers).
"""

import binascii
import datetime
import quopri
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message as Headers
from email.parser import HeaderParser
from email.policy import compat32, default
from typing import Any

from nattbok.base.errors import Unreadable
from nattbok.base.plain import plain
from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity

LARGEST = 50_000_000  # bytes
MOST_PARTS = 300
DEEPEST = 12  # parts within parts, mails within mails
LONGEST_HEADERS = 262_144  # bytes of one part's headers
LONGEST_HEADER = 4_096  # characters of a header that is looked into
LONGEST_NAME = 200
LOGO = 40_000  # bytes; a smaller picture that the text shows is its letterhead
SPECK = 4_000  # bytes; a smaller picture is no document, whoever shows it

_END_OF_HEADERS = re.compile(rb"\r?\n[ \t]*\r?\n")
_BLANK_BEGINNING = re.compile(rb"[ \t]*\r?\n")
_SAID_NOTHING = (
    "text/plain",
    "text/html",
    "text/calendar",
    "text/rfc822-headers",
    "text/vcard",
    "text/x-vcard",
)
_PASSED_OVER = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/ics",
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
)
_OUTLOOKS = ("application/ms-tnef", "application/vnd.ms-tnef", "application/vnd.ms-outlook")
_MAIL_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?[!-9;-~]{1,80}:[ \t]?[^\r\n]*\r?\n")
_NOT_BASE64 = bytes(set(range(256)) - set(string.ascii_letters.encode() + string.digits.encode() + b"+/="))
_TEXT_NAMES = (".xml", ".txt", ".csv", ".dat", ".ubl", ".ehf", ".bgm", ".ocr", ".sie", ".si", ".se")
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
)
_STRANGE = (  # what may go wrong in the library on what strangers write
    ArithmeticError, AssertionError, AttributeError, LookupError, MessageError, RecursionError, TypeError,
    ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that lay in a mail. `place` is the part's number: 2, or 1.3 within the first."""

    place: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it says it is, and its files. `left_out` says what was not taken, and why."""

    message_id: str
    sender: str
    subject: str
    sent_at: datetime.datetime | None
    is_automatic: bool
    attachments: tuple[Attached, ...]
    left_out: tuple[Finding, ...]


@dataclass
class _Opened:
    """What has been found so far."""

    parts: int = 0
    attachments: list[Attached] = field(default_factory=list)
    left_out: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    """One part: its own headers, what it says it is, and where it lies."""

    place: str
    headers: Headers
    kind: str
    parameters: dict[str, str]
    is_related: bool  # it is shown by the text beside it
    body: bytes


def read(data: bytes) -> Mail:
    """The mail; raises Unreadable when it is larger, deeper or of more parts than any that people write."""
    if len(data) > LARGEST:
        raise Unreadable(
            _("The mail has {size} bytes; at most {largest} are read."),
            code="mail_too_large",
            size=len(data),
            largest=LARGEST,
        )
    head, body = _split_head(data, "")
    opened = _Opened()
    _open(_part("", head, body, is_related=False), opened, depth=0)
    return Mail(
        message_id=plain(str(head.get("message-id", ""))[:LONGEST_HEADER].strip(), 255),
        sender=plain(_decoded(head, "from"), 320),
        subject=plain(_decoded(head, "subject"), 255),
        sent_at=_moment(head),
        is_automatic=_is_automatic(head),
        attachments=tuple(opened.attachments),
        left_out=tuple(opened.left_out),
    )


def first_header(data: bytes, name: str) -> str:
    """The first header of this name, as it stands in the mail's head; "" when there is none."""
    head, _body = _split_head(data[: LONGEST_HEADERS * 2], "", is_whole=False)
    return plain(str(head.get(name, ""))[:LONGEST_HEADER].strip(), 320)


# The parts


def _open(part: _Part, opened: _Opened, depth: int) -> None:
    opened.parts += 1
    if opened.parts > MOST_PARTS:
        raise Unreadable(
            _("The mail has more than {most} parts."), code="mail_parts", where=part.place, most=MOST_PARTS
        )
    if depth > DEEPEST:
        raise Unreadable(
            _("The mail has parts within parts more than {most} deep."),
            code="mail_depth",
            where=part.place,
            most=DEEPEST,
        )
    boundary = part.parameters.get("boundary", "")
    if part.kind.startswith("multipart/") and boundary:
        is_related = part.is_related or part.kind == "multipart/related"
        for number, piece in enumerate(_pieces(part.body, boundary), 1):
            head, body = _split_head(piece, part.place)
            _open(_part(_within(part.place, number), head, body, is_related), opened, depth + 1)
    elif part.kind in ("message/rfc822", "message/global") or _is_forwarded(part):
        inner = _undone(part) or b""
        head, body = _split_head(inner, part.place)
        _open(_part(_within(part.place, 1), head, body, is_related=False), opened, depth + 1)
    else:
        _leaf(part, opened)


def _is_forwarded(part: _Part) -> bool:
    """Whether it is a mail that was put in as a file: many programs send `.eml` as bytes of no kind."""
    if not _name(part).lower().endswith(".eml"):
        return False
    return _MAIL_BEGINS.match((_undone(part) or b"")[:LONGEST_HEADER]) is not None


def _leaf(part: _Part, opened: _Opened) -> None:
    """Take the part as a file, pass over what is no file, or say why it was left out."""
    name, how = _name(part), _disposition(part)
    if part.kind in _PASSED_OVER:
        return
    if part.kind in _SAID_NOTHING and not (how == "attachment" or (name and part.kind != "text/html")):
        return
    data = _undone(part)
    place = part.place or "1"
    why = _why_not(part, name, data)
    if why is None:
        if data and not _is_letterhead(part, how, data):
            opened.attachments.append(Attached(place, _with_ending(name, data, place), data))
        return
    code, text = why
    opened.left_out.append(
        Finding(Severity.HOLD, code, place, text, {"name": name or part.kind, "kind": part.kind})
    )


def _why_not(part: _Part, name: str, data: bytes | None) -> tuple[str, str] | None:
    """Why this file is not taken as a document: its code and sentence; None when it is."""
    lower = name.lower()
    if part.kind in _OUTLOOKS or lower == "winmail.dat" or lower.endswith(".msg"):
        return "mail.winmail", _(
            "The files are wrapped in {name}, which only Outlook opens. Ask the sender to send them as PDF, "
            "or to switch off “rich text”."
        )
    if part.kind in ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"):
        return "mail.encrypted", _("The mail is encrypted or sealed ({name}) and cannot be opened here.")
    if part.kind in ("message/partial", "message/external-body"):
        return "mail.elsewhere", _("A part of the mail ({name}) lies elsewhere, and is not fetched.")
    if data is None:
        return "mail.coding", _("The file {name} is written in a way that cannot be undone.")
    if not data:
        return "mail.empty", _("The file {name} is empty.")
    if _is_usable(lower, data):
        return None
    if data.startswith((b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")) and not lower.endswith(
        (".docx", ".xlsx", ".pptx", ".odt", ".ods")
    ):
        return "mail.archive", _(
            "The file {name} is an archive, and is not opened. Ask for the files themselves."
        )
    return "mail.not_a_document", _(
        "The file {name} ({kind}) is neither a PDF, a picture nor an e-invoice, and was not taken."
    )


def _is_usable(lower_name: str, data: bytes) -> bool:
    """Whether anyone here reads such a file, told by its bytes, and for plain text by its name as well."""
    head = data[:4096]
    if b"%PDF-" in head[:1024] or any(head.startswith(begins) for begins, _ending in _PICTURES):
        return True
    if head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").lower()
    if b"<html" in bare or bare.startswith(b"<!doctype") or b"<svg" in bare[:1024]:
        return False
    if bare.startswith(b"<?xml") or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return b"\0" not in head and lower_name.endswith(_TEXT_NAMES)


def _is_letterhead(part: _Part, how: str, data: bytes) -> bool:
    """Whether a picture belongs to the mail's text: a logo, a smile, a tracking dot."""
    if not any(data.startswith(begins) for begins, _ending in _PICTURES):
        return False
    if len(data) < SPECK:
        return True
    is_shown = part.is_related or "content-id" in part.headers
    return is_shown and how != "attachment" and (len(data) < LOGO or data.startswith(b"GIF8"))


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """What lies between the boundary's lines; the last piece also when the closing line is missing."""
    mark = re.escape(b"--" + boundary.encode("utf-8", "surrogateescape"))
    begins: int | None = None
    for found in re.finditer(rb"(?:^|\r?\n)" + mark + rb"(--)?[ \t]*(?=\r?\n|$)", body):
        if begins is not None:
            yield body[begins : found.start()].removeprefix(b"\r").removeprefix(b"\n")
        begins = found.end()
        if found[1]:
            return
    if begins is not None:
        yield body[begins:].removeprefix(b"\r").removeprefix(b"\n")


def _undone(part: _Part) -> bytes | None:
    """The bytes as they were before they were coded for the mail; None when that cannot be undone."""
    coding = str(part.headers.get("content-transfer-encoding", ""))[:40].strip().lower()
    if coding == "base64":
        bare = part.body.translate(None, _NOT_BASE64).split(b"=", 1)[0]
        try:
            return binascii.a2b_base64(bare[: len(bare) - (len(bare) % 4 == 1)] + b"=" * (-len(bare) % 4))
        except binascii.Error:
            return None
    if coding == "quoted-printable":
        return quopri.decodestring(part.body)
    return None if coding in ("uuencode", "x-uuencode", "uue", "x-uue", "binhex") else part.body


# The headers


def _split_head(data: bytes, place: str, *, is_whole: bool = True) -> tuple[Headers, bytes]:
    """A part's headers and what comes after them."""
    blank = _BLANK_BEGINNING.match(data)
    if blank:
        return Headers(compat32), data[blank.end() :]
    end = _END_OF_HEADERS.search(data, 0, LONGEST_HEADERS + 4)
    if end is None and len(data) > LONGEST_HEADERS and is_whole:
        raise Unreadable(
            _("The headers of a part of the mail are longer than {most} bytes."),
            code="mail_headers",
            where=place,
            most=LONGEST_HEADERS,
        )
    head, body = (data[: end.start()], data[end.end() :]) if end else (data[:LONGEST_HEADERS], b"")
    return HeaderParser(policy=compat32).parsestr(_text(head) + "\n\n"), body


def _text(head: bytes) -> str:
    """Headers as text: many programs write UTF-8 or Latin-1 where only ASCII may stand."""
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _part(place: str, headers: Headers, body: bytes, is_related: bool) -> _Part:
    kind, parameters = "text/plain", {}
    parsed = _structured(headers, "content-type")
    if parsed is not None and hasattr(parsed, "content_type"):
        kind = parsed.content_type.lower()
        parameters = {str(name).lower(): str(value) for name, value in parsed.params.items()}
    return _Part(place, headers, kind, parameters, is_related, body)


def _structured(headers: Headers, name: str) -> Any:
    """A header as the library understands it; None when it is not there, too long, or beyond it."""
    written = headers.get(name)
    if written is None:
        return None
    text = re.sub(r"[\r\n]+(?=[ \t])|[\r\n\0]+", "", str(written))
    if len(text) > LONGEST_HEADER:
        return None
    try:
        parsed = default.header_factory(name, text)
        str(parsed)
    except _STRANGE:
        return None
    return parsed


def _decoded(headers: Headers, name: str) -> str:
    parsed = _structured(headers, name)
    return str(parsed) if parsed is not None else str(headers.get(name, ""))[:LONGEST_HEADER]


def _disposition(part: _Part) -> str:
    parsed = _structured(part.headers, "content-disposition")
    return str(getattr(parsed, "content_disposition", "") or "").lower()


def _name(part: _Part) -> str:
    """What the sender called the file, without folders, signs that cannot be seen, or tricks of direction."""
    parsed = _structured(part.headers, "content-disposition")
    written = ""
    if parsed is not None and hasattr(parsed, "params"):
        written = str(parsed.params.get("filename", ""))
    written = written or part.parameters.get("name", "")
    if "=?" in written:  # coded as only other headers may be; many programs do
        try:
            written = str(default.header_factory("subject", written[:LONGEST_HEADER]))
        except _STRANGE:
            written = ""
    name = plain(re.split(r"[\\/]", written)[-1], LONGEST_NAME * 4).strip(" .")
    return name[-LONGEST_NAME:]


def _with_ending(name: str, data: bytes, place: str) -> str:
    """The file's name; one of our own when the sender gave none."""
    if name:
        return name
    if b"%PDF-" in data[:1024]:
        return f"{place}.pdf"
    return f"{place}{next((ending for begins, ending in _PICTURES if data.startswith(begins)), '')}"


def _moment(headers: Headers) -> datetime.datetime | None:
    moment = getattr(_structured(headers, "date"), "datetime", None)
    if not isinstance(moment, datetime.datetime) or not 1990 <= moment.year <= 9000:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _is_automatic(headers: Headers) -> bool:
    """Whether a program answers: a bounce, an out-of-office note, a receipt."""
    said = str(headers.get("auto-submitted", "no"))[:100].strip().lower()
    kind = str(headers.get("content-type", ""))[:100].strip().lower()
    return (
        not said.startswith(("no", "auto-generated"))
        or kind.startswith("multipart/report")
        or any(name in headers for name in ("x-autoreply", "x-autorespond"))
    )


def _within(place: str, number: int) -> str:
    return f"{place}.{number}" if place else str(number)
