"""Builders for papers that are read: a PDF with a text layer, and a client that gets it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from nattbok.clients.models import Client
from nattbok.documents import actions
from nattbok.reading.process import Reader
from tests.documents.invoices import BY, Seller, kept
from tests.reading import papers
from tests.reading.papers import Paper, Sale

HEIGHT = papers.HEIGHT


@cache
def the_reader() -> Reader:
    """One process that reads, for all tests of a run; it ends with them."""
    return Reader(patience=60)


def a_pdf(*pages: Paper) -> bytes:
    """The papers as one PDF with a text layer, one page each; Helvetica, in WinAnsi."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    for paper in pages:
        drawn = b"".join(_text(*text) for text in paper.texts)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return _whole(objects)


def _text(x: float, y: float, text: str, size: float) -> bytes:
    written = (
        text.encode("cp1252", "replace").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    )
    return b"BT /F1 %.2f Tf %.2f %.2f Td (%s) Tj ET\n" % (size, x, HEIGHT - y - size, written)


def _whole(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def a_sale(client: Client, seller: Seller, **fields: object) -> Sale:
    """What `seller` bills the client, as its paper says."""
    base = papers.SWEDISH if client.country == "SE" else Sale()
    giro = {"bankgiro": seller.account} if client.country == "SE" else {"account": seller.account}
    whose = {"seller": seller.company.name, "seller_org": seller.company.number, "buyer": client.name}
    return replace(base, **(whose | {"buyer_org": client.org_number} | giro | fields))


def came(client: Client, *data: bytes, name: str = "faktura.pdf") -> list[int]:
    """The files as documents of the client, not yet read."""
    return list(actions.receive(client, [kept(client, each, name) for each in data], by=BY).documents)


def seen(client: Client, reader: Reader, **fields: object) -> actions.Seen:
    """All that waits, read."""
    actions.teach(client, by=BY)
    return actions.read(client, reader, by=BY, **fields)
