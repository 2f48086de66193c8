"""PDF files with texts in the reader's own fonts, pictures that fill a page, and files inside.

As little of PDF 1.7 as such papers need. Texts are in the three families that every reader has, in WinAnsi,
so all of Norwegian and Swedish can be written. Source: ISO 32000-1.
"""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842  # points of an A4
# Widths of what stands in amounts and numbers, in thousandths of the size, with a digit's and any other's.
_WIDTHS = {
    "sans": ({" ": 278, ",": 278, ".": 278, "-": 333, "\N{NO-BREAK SPACE}": 278, "%": 889}, 556, 540),
    "serif": ({" ": 250, ",": 250, ".": 250, "-": 333, "\N{NO-BREAK SPACE}": 250, "%": 833}, 500, 480),
    "mono": ({}, 600, 600),
}
# Each face plain and bold, by the names that a page's drawing uses.
_FACES = {
    "sans": (("F1", "Helvetica"), ("F2", "Helvetica-Bold")),
    "serif": (("F3", "Times-Roman"), ("F4", "Times-Bold")),
    "mono": (("F5", "Courier"), ("F6", "Courier-Bold")),
}
# Two letters drawn as one, which WinAnsi lacks: their codes here, and the fonts' own names of them.
_JOINED = {"\N{LATIN SMALL LIGATURE FF}": b"\x01", "\N{LATIN SMALL LIGATURE FI}": b"\x02"}
_ENCODING = "<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [1 /ff /fi] >>"


@dataclass(frozen=True, slots=True)
class Text:
    """A text on a page: from `x`, its upper edge at `y`, points from the upper left corner."""

    x: float
    y: float
    text: str
    size: float = 9.5
    is_bold: bool = False
    is_right: bool = False  # it ends at x
    face: str = "sans"  # or serif, mono
    is_upwards: bool = False  # it is written up along the margin


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG that fills the page."""

    jpeg: bytes
    width: int  # pixels
    height: int
    is_grey: bool = False


Page = Sequence[Text] | Picture


def width(text: str, size: float, face: str = "sans") -> float:
    """About how wide a text is, in points; exactly for amounts."""
    widths, digit, other = _WIDTHS[face]
    units = sum(widths.get(sign, digit if sign.isdigit() else other) for sign in text)
    return units * size / 1000


def write(pages: Sequence[Page], *, attached: Mapping[str, bytes] = {}, extra: str = "") -> bytes:
    """The file. `attached` are files inside it, `extra` stands in the catalogue as it is."""
    made = _Objects()
    catalog, tree = made.reserve(), made.reserve()
    fonts = {
        name: made.add(f"<< /Type /Font /Subtype /Type1 /BaseFont /{face} /Encoding {_ENCODING} >>")
        for both in _FACES.values()
        for name, face in both
    }
    kids = [_page(made, page, tree, fonts) for page in pages]
    made.put(tree, f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>")
    files = "".join(_attached(made, name, data) for name, data in sorted(attached.items()))
    inside = f" /Names << /EmbeddedFiles << /Names [{files}] >> >>" if files else ""
    made.put(catalog, f"<< /Type /Catalog /Pages {tree} 0 R{inside} {extra}>>")
    return made.file(catalog)


def _page(made: "_Objects", page: Page, tree: int, fonts: Mapping[str, int]) -> int:
    box = f"/MediaBox [0 0 {WIDTH} {HEIGHT}] /Parent {tree} 0 R"
    if isinstance(page, Picture):
        space = "DeviceGray" if page.is_grey else "DeviceRGB"
        image = made.stream(
            page.jpeg,
            f"/Type /XObject /Subtype /Image /Width {page.width} /Height {page.height} "
            f"/ColorSpace /{space} /BitsPerComponent 8 /Filter /DCTDecode",
        )
        drawn = made.stream(f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /Im Do Q".encode())
        resources = f"/Resources << /XObject << /Im {image} 0 R >> >>"
    else:
        drawn = made.stream(b"\n".join(_drawn(one) for one in page))
        used = " ".join(f"/{name} {number} 0 R" for name, number in fonts.items())
        resources = f"/Resources << /Font << {used} >> >>"
    return made.add(f"<< /Type /Page {box} {resources} /Contents {drawn} 0 R >>")


def _drawn(one: Text) -> bytes:
    x = one.x - width(one.text, one.size, one.face) if one.is_right else one.x
    written = b"".join(_JOINED.get(sign) or sign.encode("cp1252", "replace") for sign in one.text)
    for sign in (b"\\", b"(", b")"):
        written = written.replace(sign, b"\\" + sign)
    font = _FACES[one.face][one.is_bold][0].encode()
    turn = "0 1 -1 0" if one.is_upwards else "1 0 0 1"
    place = f"{one.size:g} Tf {turn} {x:.2f} {HEIGHT - one.y - one.size:.2f} Tm".encode()
    return b"BT /" + font + b" " + place + b" (" + written + b") Tj ET"


def _attached(made: "_Objects", name: str, data: bytes) -> str:
    inside = made.stream(data, "/Type /EmbeddedFile /Subtype /text#2Fxml")
    told = made.add(
        f"<< /Type /Filespec /F ({name}) /UF ({name}) /AFRelationship /Alternative "
        f"/EF << /F {inside} 0 R >> >>"
    )
    return f"({name}) {told} 0 R "


class _Objects:
    """The objects of a file, in the order of their numbers."""

    def __init__(self) -> None:
        self._made: list[bytes] = []

    def reserve(self) -> int:
        self._made.append(b"")
        return len(self._made)

    def put(self, number: int, text: str) -> None:
        self._made[number - 1] = text.encode("latin-1")

    def add(self, text: str) -> int:
        number = self.reserve()
        self.put(number, text)
        return number

    def stream(self, data: bytes, more: str = "") -> int:
        packed = data if "/Filter" in more else zlib.compress(data, 6)
        kind = more if "/Filter" in more else f"{more} /Filter /FlateDecode"
        number = self.reserve()
        head = f"<< {kind} /Length {len(packed)} >>\nstream\n".encode()
        self._made[number - 1] = head + packed + b"\nendstream"
        return number

    def file(self, catalog: int) -> bytes:
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, body in enumerate(self._made, 1):
            places.append(len(out))
            out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
        for place in places:
            out += f"{place:010} 00000 n \n".encode()
        known = hashlib.md5(out, usedforsecurity=False).hexdigest()
        out += (
            f"trailer\n<< /Size {len(places) + 1} /Root {catalog} 0 R /ID [<{known}> <{known}>] >>\n"
            f"startxref\n{start}\n%%EOF\n"
        ).encode()
        return bytes(out)
