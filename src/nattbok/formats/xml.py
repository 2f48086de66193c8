"""Reading XML from strangers.

`parse` gives a tree, `entries` a stream, and `streamed` a stream of a file too large to be in memory as a
tree. All decide the encoding themselves and tell the parser, so that what was looked at before parsing is
what is parsed; all refuse any document type before parsing begins, since no format of ours has one and
entities are what XML bombs and file thefts are made of.

Comments and processing instructions are dropped and text beside them joined, so `.text` is the whole text
of an element without children.

Codes of what is raised (`Unreadable.finding_code`): xml_empty, xml_too_large, xml_encoding, xml_doctype,
xml_not_xml, xml_malformed, xml_too_deep, xml_too_many_tags, xml_tag_too_long,
xml_too_many_attributes, xml_amount, xml_date.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO

from lxml import etree

from nattbok.base.errors import Unreadable
from nattbok.base.words import _

Element = etree._Element

LARGEST = 50_000_000  # bytes
DEEPEST = 100  # elements within elements
MOST_ATTRIBUTES = 200  # of one element
LARGEST_STREAMED = 200_000_000  # bytes, of a file whose parts are forgotten as they are read
MOST_TAGS = 4_000_000  # of a file; each element has one or two and costs memory
MOST_KEPT = 2_000_000  # elements of a streamed file that are in memory together
MOST_BEFORE_ROOT = 1_000  # comments and processing instructions
LONGEST_TAG = 32_768  # bytes between < and >

# What a bank or an invoice program may write. UTF-7, EBCDIC and the like can hide a document type.
_ENCODINGS = {
    "utf-8": "UTF-8",
    "utf8": "UTF-8",
    "us-ascii": "UTF-8",
    "ascii": "UTF-8",
    "iso-8859-1": "ISO-8859-1",
    "latin1": "ISO-8859-1",
    "latin-1": "ISO-8859-1",
    "iso-8859-15": "ISO-8859-15",
    "windows-1252": "CP1252",
    "cp1252": "CP1252",
}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_TOO_LONG_TAG = re.compile(rb"<[^<>!?/\s][^<>]{%d}" % LONGEST_TAG)
_SPACE = b" \t\r\n"
_BLANKS = re.compile(rb"[ \t\r\n]*")
_SAFE = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_CHUNK = 65_536  # bytes that a stream is parsed by
_elements = etree.XPath("count(descendant-or-self::*)")
_too_deep = etree.XPath("boolean(/*" + "/*" * DEEPEST + ")")
_too_many_attributes = etree.XPath(f"boolean(//*[count(@*) > {MOST_ATTRIBUTES}])")


def parse(data: bytes, *, largest: int = LARGEST) -> Element:
    """The root element of `data`; raises Unreadable for anything but sound, plain XML."""
    data, encoding = _checked(data, largest)
    try:
        root = etree.fromstring(data, etree.XMLParser(encoding=encoding, **_SAFE))
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _document_type(1)
    if _too_deep(root):
        raise _deep()
    if _too_many_attributes(root):
        raise Unreadable(
            _("An XML element has more than {most} attributes."),
            code="xml_too_many_attributes",
            most=MOST_ATTRIBUTES,
        )
    return root


def check(data: bytes, *, largest: int = LARGEST) -> None:
    """Raise what can be said against `data` before it is parsed."""
    _checked(data, largest)


def entries(
    data: bytes,
    tags: Sequence[str],
    *,
    events: Sequence[str] = ("end",),
    keep_blanks: bool = True,
    largest: int = LARGEST,
) -> Iterator[tuple[str, Element]]:
    """The (event, element) of those `tags` ("{namespace}name"), one after the other as the file is parsed.

    For large files: the caller calls `forget(element)` when done with it. Elements are at most 256 deep
    (the parser's own limit) rather than DEEPEST. Without `keep_blanks`, blanks between tags are dropped.
    """
    data, encoding = _checked(data, largest)
    walk = etree.iterparse(
        BytesIO(data),
        events=tuple(events),
        tag=tuple(tags),
        encoding=encoding,
        remove_blank_text=not keep_blanks,
        **_SAFE,
    )
    try:
        yield from walk
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None
    if walk.root is not None and walk.root.getroottree().docinfo.internalDTD is not None:
        raise _document_type(1)


def streamed(
    data: bytes, tags: Sequence[str], forgets: str, *, largest: int = LARGEST_STREAMED
) -> Iterator[Element]:
    """The elements of those `tags` as they end, in a file of any number of elements.

    Every `forgets`, one of the tags, is gone from the tree when the next element is asked for; so memory
    is that of what is not in such an element, and of the largest of them. At most MOST_KEPT elements are
    kept at once, of some 250 bytes each; a file that would need more is refused when it gets there.
    """
    data, encoding = _checked(data, largest, most_tags=0)
    parser = etree.XMLPullParser(
        events=("end",), tag=tuple(tags), encoding=encoding, remove_blank_text=True, **_SAFE
    )
    kept = 0
    try:
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            kept += chunk.count(b"<") - chunk.count(b"</")
            parser.feed(chunk)
            for _event, element in parser.read_events():
                yield element
                if element.tag == forgets:
                    kept -= int(_elements(element)) - 1
                    forget(element)
                    before = element.getprevious()
                    if before is not None and before.tag == forgets:
                        element.getparent().remove(before)
                        kept -= 1
            if kept > MOST_KEPT:
                raise Unreadable(
                    _("The file has more than {most} XML elements that must be read together."),
                    where=_line(data, start),
                    code="xml_too_many_tags",
                    most=MOST_KEPT,
                )
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise _malformed(error) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _document_type(1)


def forget(element: Element) -> None:
    """Free what `element` holds; only its empty place stays."""
    element.clear(keep_tail=False)


def root_tag(head: bytes) -> str:
    """The root's "{namespace}name", or only "name", from the first bytes of a file; "" when there is none.

    For `looks_like`: never raises, and reads at most the first start tag.
    """
    try:
        start, _encoding = _plain(head)
        start = start[_prolog_end(start) :]
    except Unreadable:
        return ""
    if not start.startswith(b"<"):
        return ""
    parser = etree.XMLPullParser(events=("start",), encoding="UTF-8", recover=True, **_SAFE)
    try:
        parser.feed(start[: _tag_end(start)])
        for _event, element in parser.read_events():
            return str(element.tag)
    except etree.XMLSyntaxError:
        return ""
    return ""


def text(node: Element, path: str, namespaces: dict[str, str] | None = None) -> str:
    """The text at `path` below `node`, without blanks around it; "" when there is no such element.

    A step without a prefix is found in any namespace; with one, in that of `namespaces`.
    """
    found = node if path in ("", ".") else node.find(_steps(path), namespaces)
    return "" if found is None else "".join(found.itertext()).strip()


def texts(node: Element, path: str, namespaces: dict[str, str] | None = None) -> list[str]:
    """The texts of all elements at `path`, in the file's order."""
    return ["".join(found.itertext()).strip() for found in node.iterfind(_steps(path), namespaces)]


def child(node: Element, path: str, namespaces: dict[str, str] | None = None) -> Element | None:
    """The first element at `path` below `node`."""
    return node.find(_steps(path), namespaces)


def children(node: Element, path: str, namespaces: dict[str, str] | None = None) -> list[Element]:
    """All elements at `path` below `node`."""
    return node.findall(_steps(path), namespaces)


def place(node: Element) -> str:
    """Where `node` is in its file: its name and line."""
    return f"{etree.QName(node).localname}, line {node.sourceline}"


@lru_cache(maxsize=64)
def _amount_pattern(decimals: int, signed: bool) -> re.Pattern[str]:
    # Zeros after the last decimal that counts say nothing and are allowed.
    sign = "-?" if signed else ""
    return re.compile(rf"{sign}[0-9]{{1,18}}(\.[0-9]{{1,{decimals}}}0{{0,20}})?", re.ASCII)


def decimal(written: str, *, decimals: int = 2, signed: bool = False, where: str = "") -> Decimal:
    """`written` as a number with at most `decimals` decimals that count, zeros beyond them allowed.

    No plus sign, exponent, comma, blank or group mark; a minus only when `signed`. Raises Unreadable with
    code xml_amount: an amount that cannot be read is never zero.
    """
    if _amount_pattern(decimals, signed).fullmatch(written) is None:
        raise Unreadable(
            _("“{amount}” is not an amount."), where=where, code="xml_amount", amount=written[:40]
        )
    return Decimal(written)


_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2}|T[0-9:.,]{4,20}(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)


def day(written: str, *, where: str = "") -> date:
    """The date of an xs:date or xs:dateTime as the sender's clock said it; its time zone is not used."""
    found = _DATE.fullmatch(written)
    try:
        if found is not None:
            return date.fromisoformat(found[1])
    except ValueError:
        pass
    raise Unreadable(_("“{date}” is not a date."), where=where, code="xml_date", date=written[:40])


@lru_cache(maxsize=2048)
def _steps(path: str) -> str:
    return "/".join(
        step if step in (".", "..", "*", "") or step[0] in "{@" or ":" in step else "{*}" + step
        for step in path.split("/")
    )


def _checked(data: bytes, largest: int, most_tags: int = MOST_TAGS) -> tuple[bytes, str]:
    """`data` as the parser is to have it, and its encoding, when nothing forbids parsing it.

    `most_tags` of 0 is for who counts them while reading.
    """
    if len(data) > largest:
        raise Unreadable(
            _("The file is {size} bytes; at most {largest} are read."),
            code="xml_too_large",
            size=len(data),
            largest=largest,
        )
    data, encoding = _plain(data)
    _prolog_end(data)
    if encoding == "UTF-8":
        _check_utf8(data)
    if most_tags and data.count(b"<") > most_tags:
        raise Unreadable(
            _("The file has more than {most} XML tags."), code="xml_too_many_tags", most=most_tags
        )
    found = _TOO_LONG_TAG.search(data)
    if found is not None:
        raise Unreadable(
            _("An XML tag is longer than {longest} bytes."),
            where=_line(data, found.start()),
            code="xml_tag_too_long",
            longest=LONGEST_TAG,
        )
    return data, encoding


def _plain(data: bytes) -> tuple[bytes, str]:
    """`data` without byte order mark, in an encoding where ASCII is itself, and which that is."""
    wide = ""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            data, wide = data[len(mark) :], encoding
            break
    else:
        if data[:2] == b"<\0" or data[:4] in (b" \0<\0", b"\n\0<\0", b"\r\0\n\0"):
            wide = "utf-16-le"
        elif data[:2] == b"\0<":
            wide = "utf-16-be"
    if wide in ("", "utf-8"):
        declared = _DECLARED.match(data[:400].lstrip(_SPACE))
        if wide or declared is None:
            return data, "UTF-8"
        encoding = _ENCODINGS.get(declared[1].decode("ascii").lower(), "")
        if not encoding:
            raise Unreadable(
                _("The file says that it is written in {encoding}, which is not read."),
                where="line 1",
                code="xml_encoding",
                encoding=declared[1].decode("ascii"),
            )
        return data, encoding
    try:
        # An odd last byte is what a cut leaves; the parser then finds the end missing.
        return data[: len(data) & ~1].decode(wide).encode(), "UTF-8"
    except UnicodeError:
        raise Unreadable(
            _("The file is not written in {encoding} all through."),
            code="xml_encoding",
            encoding=wide.upper(),
        ) from None


def _check_utf8(data: bytes) -> None:
    step = 1 << 20
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(data) or 1, step):
        try:
            decoder.decode(data[start : start + step], final=start + step >= len(data))
        except UnicodeDecodeError as error:
            # At a border the decoder counts from the bytes it kept; a line too early at most.
            raise Unreadable(
                _("The file says that it is UTF-8, but a letter there is not; it may be Latin-1."),
                where=_line(data, start + error.start),
                code="xml_encoding",
            ) from None


def _prolog_end(data: bytes) -> int:
    """Where the root element begins. Raises for a document type, and for what is not XML at all."""
    at, end = 0, len(data)
    for _part in range(MOST_BEFORE_ROOT):
        at = _BLANKS.match(data, at).end()
        if at >= end:
            raise Unreadable(_("The file is empty."), code="xml_empty")
        if data.startswith(b"<?", at):
            close, length = data.find(b"?>", at), 2
        elif data.startswith(b"<!--", at):
            close, length = data.find(b"-->", at + 4), 3
        elif data.startswith(b"<!", at):
            raise _document_type(data.count(b"\n", 0, at) + 1)
        elif data.startswith(b"<", at):
            return at
        else:
            raise Unreadable(_("The file is not XML."), where=_line(data, at), code="xml_not_xml")
        if close < 0:
            raise Unreadable(_("The file ends too early."), where=_line(data, at), code="xml_malformed")
        at = close + length
    raise Unreadable(_("The file is not XML."), where=_line(data, at), code="xml_not_xml")


def _tag_end(start: bytes) -> int:
    """Where the first tag of `start` ends, quotes reckoned with; the length of `start` when it does not."""
    quote = 0
    for at, byte in enumerate(start[:LONGEST_TAG]):
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == 0x3E:
            return at + 1
    return len(start)


def _line(data: bytes, at: int) -> str:
    return f"line {data.count(bytes([10]), 0, at) + 1}"


def _document_type(line: int) -> Unreadable:
    return Unreadable(
        _("The file has a document type (DOCTYPE), which is never read."),
        where=f"line {line}",
        code="xml_doctype",
    )


def _deep() -> Unreadable:
    return Unreadable(
        _("XML elements lie more than {deepest} deep in each other."), code="xml_too_deep", deepest=DEEPEST
    )


def _malformed(error: etree.XMLSyntaxError) -> Unreadable:
    said = (error.msg or "").split(", line ")[0]
    if "xcessive depth" in said:
        return _deep()
    return Unreadable(
        _("The XML is broken: {reason}"),
        where=f"line {error.lineno or 1}",
        code="xml_malformed",
        reason=said.strip()[:200] or "no element",
    )
