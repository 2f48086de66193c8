"""A bill that was read from its pages: its reading and words are written as they are kept, so that no engine
has to look at anything."""

import io
import itertools

from PIL import Image

from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.desk import actions as desk
from nattbok.documents.actions import reading as reading_actions
from nattbok.documents.models import Document, KeptPage
from nattbok.documents.queries import deciding
from nattbok.documents.rules import reading as rules
from nattbok.documents.rules import reading_questions as questions
from tests.documents.invoices import BY, Seller, received

_shades = itertools.count(1)
WORDS = {
    "Kjenning": (0.60, 0.10), "20417": (0.75, 0.10), "Dato": (0.60, 0.14), "02.03.2026": (0.75, 0.14),
    "1": (0.74, 0.60), "000,00": (0.755, 0.60), "250,00": (0.75, 0.64), "1250,00": (0.75, 0.68),
}  # fmt: skip


def a_picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (300, 400), (255, 255, 255 - next(_shades))).save(written, "PNG")
    return written.getvalue()


def a_read_bill(client: Client, seller: Seller, **fields: str | None) -> int:
    """A picture of a bill of 1 000 and its VAT, read but for its number; `fields` are read otherwise."""
    (pk,) = received(client, a_picture())
    found = {
        "supplier_name": seller.company.name,
        "supplier_orgno": seller.company.number,
        "issue_date": "2026-03-02",
        "due_date": "2026-03-16",
        "currency": client.currency,
        "net": "1000.00",
        "vat_total": "250.00",
        "total": "1250.00",
        "bank_account": seller.account,
        "buyer_orgno": client.org_number,
    } | fields
    reading = {
        "kind": "invoice", "engine": "ocr_tiny", "country": client.country, "language": "nb",
        "supplier_country": seller.company.country,
        "vat_number": f"NO{seller.company.number}MVA", "is_addressed": True, "is_illegible": False,
        "is_proven": False, "pages": 1, "rounding": "0.00", "pieces": [], "findings": [],
        "vat": [{"rate": "25", "base": "1000.00", "vat": "250.00", "is_proven": True}],
        "fields": {name: _field(name, value) for name, value in found.items() if value is not None},
    }  # fmt: skip
    document = Document.objects.select_related("file").get(pk=pk)
    KeptPage.objects.create(
        client=client, file=document.file, number=0, width=300, height=400, source="ocr_tiny", turned=0,
        sharpness=1.0,
        words=[[text, x, y, x + 0.011 * len(text), y + 0.02, 1.0, 0.0] for text, (x, y) in WORDS.items()],
    )  # fmt: skip
    kept = reading_actions.write(client, document, reading)
    if kept.is_held:
        doubts = rules.doubts(reading, law=country(client.country), org_number=client.org_number)
        desk.ask(client, [questions.question(pk, kept, doubts, deciding.bill_of(client, document))], by=BY)
    return pk


def _field(name: str, value: str) -> dict:
    place = {"total": (0.75, 0.68), "issue_date": (0.75, 0.14)}.get(name)
    return {
        "value": value, "confidence": 0.99, "proof": "confirmed", "source": "ocr_tiny",
        "reason": "It stands with its label, and something else on the paper says the same.",
        "place": {"page": 0, "box": [*place, place[0] + 0.11, place[1] + 0.02]} if place else None,
        "second": None, "is_proven": True, "is_remembered": False,
    }  # fmt: skip
