"""A PDF written object by object: PDF/A-2b, the same bytes for the same content whenever it is made.

Source: ISO 32000-1 (PDF 1.7); ISO 19005-2 (PDF/A-2): fonts embedded, an output intent, metadata as XMP,
nothing that runs and nothing outside the file.
"""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import escape

PRODUCER = "Nattbok"
_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_CATALOG, _PAGES, _INFO = 1, 2, 3


@dataclass(frozen=True, slots=True)
class About:
    """What a PDF says of itself. `source` is what it was made from, as `urn:sha256:…`."""

    title: str
    author: str = ""
    subject: str = ""
    source: str = ""
    language: str = ""  # nb, sv
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page in points, what is drawn on it, and what that names: pictures and fonts by their objects."""

    width: float
    height: float
    content: bytes
    pictures: Mapping[str, int]
    fonts: Mapping[str, int]


class PdfFile:
    """Objects gathered in order; `whole` gives the file."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = [b"", b"", b""]  # the catalog, the tree of pages, what it says of itself

    def add(self, body: bytes) -> int:
        """An object's number."""
        self._bodies.append(body)
        return len(self._bodies)

    def stream(self, data: bytes, entries: bytes = b"", *, is_packed: bool = False) -> int:
        """A stream's number; its bytes are deflated unless they are packed already, as `entries` says."""
        if not is_packed:
            data, entries = zlib.compress(data, 9), entries + b" /Filter /FlateDecode"
        return self.add(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(data), entries, data))

    def whole(self, pages: Sequence[PdfPage], about: About) -> bytes:
        """The file."""
        kids = [self._page(page) for page in pages]
        profile = self.stream(_profile(), b" /N 3")
        intent = b"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB)"
        intent += b" /DestOutputProfile %d 0 R >>" % profile
        metadata = _metadata(about)
        # As it is, so that whoever looks for it finds it without unpacking.
        described = self.stream(metadata, b" /Type /Metadata /Subtype /XML", is_packed=True)
        language = b" /Lang %s" % text(about.language) if about.language else b""
        self._bodies[_CATALOG - 1] = (
            b"<< /Type /Catalog /Pages %d 0 R /Metadata %d 0 R /OutputIntents [%s]%s"
            b" /ViewerPreferences << /DisplayDocTitle true >> >>" % (_PAGES, described, intent, language)
        )
        numbers = b" ".join(b"%d 0 R" % kid for kid in kids)
        self._bodies[_PAGES - 1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), numbers)
        self._bodies[_INFO - 1] = _info(about)
        return self._written()

    def _page(self, page: PdfPage) -> int:
        content = self.stream(page.content)
        named = b" ".join(
            b"/%s << %s >>"
            % (kind, b" ".join(b"/%s %d 0 R" % (name.encode(), place) for name, place in there.items()))
            for kind, there in ((b"XObject", page.pictures), (b"Font", page.fonts))
            if there
        )
        return self.add(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources << %s >> /Contents %d 0 R >>"
            % (_PAGES, number(page.width), number(page.height), named, content)
        )

    def _written(self) -> bytes:
        out = bytearray(_HEAD)
        places = []
        for place, body in enumerate(self._bodies, start=1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (place, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        name = hashlib.sha256(out).hexdigest()[:32].encode()  # the same content, the same name
        out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] >>\n" % (
            len(places) + 1, _CATALOG, _INFO, name, name,
        )  # fmt: skip
        return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def number(value: float) -> bytes:
    """A number as a PDF has it: never with an exponent."""
    return b"%.4f" % value if value % 1 else b"%d" % value


def text(words: str) -> bytes:
    """Words as a PDF has them, in UTF-16."""
    return b"<%s>" % ("\ufeff" + _printable(words)).encode("utf-16-be").hex().encode()


def _info(about: About) -> bytes:
    entries = [(b"Title", about.title), (b"Author", about.author), (b"Subject", about.subject)]
    told = b" ".join(b"/%s %s" % (name, text(words)) for name, words in entries if words)
    if about.made_at is not None:
        moment = about.made_at.astimezone(UTC).strftime("(D:%Y%m%d%H%M%S+00'00')").encode()
        told += b" /CreationDate %s /ModDate %s" % (moment, moment)
    return b"<< %s /Producer (%s) >>" % (told, PRODUCER.encode())


def _metadata(about: About) -> bytes:
    """The same as XMP, and that the file is PDF/A-2b."""
    told = [
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>",
        f"<pdf:Producer>{PRODUCER}</pdf:Producer>",
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_xml(about.title)}</rdf:li></rdf:Alt></dc:title>',
    ]
    if about.author:
        told.append(f"<dc:creator><rdf:Seq><rdf:li>{_xml(about.author)}</rdf:li></rdf:Seq></dc:creator>")
    if about.subject:
        told.append(
            '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">'
            f"{_xml(about.subject)}</rdf:li></rdf:Alt></dc:description>"
        )
    if about.source:
        told.append(f"<dc:source>{_xml(about.source)}</dc:source>")
    if about.made_at is not None:
        moment = about.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
        told.append(f"<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">\n'
        + "\n".join(told)
        + '\n</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="r"?>'
    ).encode()


def _xml(words: str) -> str:
    return escape(_printable(words))


def _printable(words: str) -> str:
    return "".join(sign for sign in words if sign.isprintable())


@cache
def _profile() -> bytes:
    """The profile of sRGB, with no moment in it."""
    from PIL import ImageCms

    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = bytes.fromhex("07e8 0001 0001 0000 0000 0000")  # its first day; the library says now
    return bytes(made)
