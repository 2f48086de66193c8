"""Words that lie unseen over their places on a page, so that a reader's search and copying find them.

The font has one glyph for every sign there is: a stroke with no area from corner to corner of a box half as
wide as it is tall, so that readers know its extent. What a sign means stands in its ToUnicode map. So no
alphabet is missing, and the font is less than a thousand bytes.
Source: ISO 32000-1, 9.3.6 (text that is neither filled nor stroked) and 9.7.4 (CIDFonts); OpenType 1.9.
"""

import math
import struct
from collections.abc import Iterable

from nattbok.reading.pdf_file import PdfFile, number
from nattbok.reading.words import Word

FONT = "F"
MOST_SIGNS = 60_000  # on a page; more is no paper
_UNITS, _ADVANCE, _ASCENT, _DESCENT = 1000, 500, 800, -200
_LEAST_HEIGHT = 0.3  # of its box: how tall a leaning line is at least
_TOGETHER = 100  # signs in one block of the map


class UnseenFont:
    """The signs met so far, each with the number it has in the file's strings."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def content(self, words: Iterable[Word], width: float, height: float) -> bytes:
        """What lays the words over a page of so many points."""
        drawn, signs = [], 0
        for word in words:
            signs += len(word.text)
            if signs > MOST_SIGNS:
                break
            drawn.append(self._line(word, width, height))
        return b"BT\n3 Tr\n%sET\n" % b"".join(drawn)

    def _line(self, word: Word, width: float, height: float) -> bytes:
        """A line in its box: along how it leans, and stretched to its length."""
        written = "".join(sign for sign in word.text if sign.isprintable())
        left, right = (min(1.0, max(0.0, part)) * width for part in (word.box.left, word.box.right))
        top, bottom = ((1 - min(1.0, max(0.0, part))) * height for part in (word.box.top, word.box.bottom))
        long, tall = right - left, top - bottom
        if not written or long <= 0 or tall <= 0:
            return b""
        slope = word.lean * height / width
        size = max(tall - abs(slope) * long, _LEAST_HEIGHT * tall)
        angle = math.atan(slope)
        start = top - size if slope > 0 else bottom
        across, down = math.cos(angle), -math.sin(angle)
        stretched = 100 * (long / across) / (len(written) * size * _ADVANCE / _UNITS)
        placed = (across, down, -down, across, left, start - _DESCENT / _UNITS * size)
        return b"/%s %s Tf %s Tz %s Tm <%s> Tj\n" % (
            FONT.encode(), number(size), number(stretched), b" ".join(number(one) for one in placed),
            b"".join(b"%04x" % self._number(sign) for sign in written),
        )  # fmt: skip

    def _number(self, sign: str) -> int:
        return self._numbers.setdefault(sign, len(self._numbers) + 1)

    def add_to(self, file: PdfFile) -> int:
        """The font in the file, when all pages have been laid; its object."""
        program = _program()
        inside = file.stream(program, b" /Length1 %d" % len(program))
        described = file.add(
            b"<< /Type /FontDescriptor /FontName /Unseen /Flags 5 /FontBBox [0 %d %d %d] /ItalicAngle 0"
            b" /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %d 0 R >>"
            % (_DESCENT, _ADVANCE, _ASCENT, _ASCENT, _DESCENT, _ASCENT, inside)
        )
        glyphs = file.stream(b"\0\0" + b"\0\1" * len(self._numbers))
        family = file.add(
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Unseen /DW %d /FontDescriptor %d 0 R"
            b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
            b" /CIDToGIDMap %d 0 R >>" % (_ADVANCE, described, glyphs)
        )
        meanings = file.stream(self._meanings())
        return file.add(
            b"<< /Type /Font /Subtype /Type0 /BaseFont /Unseen /Encoding /Identity-H"
            b" /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (family, meanings)
        )

    def _meanings(self) -> bytes:
        pairs = [
            b"<%04x> <%s>" % (place, sign.encode("utf-16-be").hex().encode())
            for sign, place in self._numbers.items()
        ]
        blocks = [pairs[start : start + _TOGETHER] for start in range(0, len(pairs), _TOGETHER)]
        mapped = b"".join(
            b"%d beginbfchar\n%s\nendbfchar\n" % (len(block), b"\n".join(block)) for block in blocks
        )
        return (
            b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            b"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            b"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
            + mapped
            + b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        )


def _program() -> bytes:
    """The font's program: a TrueType font of an empty glyph and the one."""
    box = (0, _DESCENT, _ADVANCE, _ASCENT)
    # One contour of two points: its end, no instructions, both on the curve, how far each is from the last.
    stroke = struct.pack(">hhhhhHHBBhhhh", 1, *box, 1, 0, 1, 1, 0, _ADVANCE, _DESCENT, _ASCENT - _DESCENT)
    tables = {
        b"glyf": stroke,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh", 0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0, _UNITS, 0, 0, 0, _DESCENT,
            _ADVANCE, _ASCENT, 0, 8, 2, 0, 0,
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhh8xhH", 0x00010000, _ASCENT, _DESCENT, 0, _ADVANCE, 0, 0, _ADVANCE, 1, 0, 0, 0, 1
        ),
        b"hmtx": struct.pack(">Hhh", _ADVANCE, 0, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(stroke) // 2),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x00010000, 2, 2, 1, 0, 0, 1, *(0,) * 8),
    }  # fmt: skip
    count = len(tables)
    log = count.bit_length() - 1
    head = struct.pack(">IHHHH", 0x00010000, count, 16 << log, log, 16 * (count - (1 << log)))
    place, rows, bodies = len(head) + 16 * count, b"", b""
    for name, body in tables.items():
        rows += struct.pack(">4sIII", name, _sum(body), place + len(bodies), len(body))
        bodies += body + b"\0" * (-len(body) % 4)
    whole = head + rows + bodies
    at = whole.index(tables[b"head"]) + 8
    return whole[:at] + struct.pack(">I", (0xB1B0AFBA - _sum(whole)) & 0xFFFFFFFF) + whole[at + 4 :]


def _sum(data: bytes) -> int:
    padded = data + b"\0" * (-len(data) % 4)
    return sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
