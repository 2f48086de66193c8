"""Looking twice: a page by the larger model when the quick one was unsure, a value by the other model."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from nattbok.reading import dates, ocr, trust
from nattbok.reading.pages import Sheet
from nattbok.reading.shape import ACCOUNTS, Kind, Proof, Reading
from nattbok.reading.words import Source

KEY_FIELDS = ("supplier_orgno", "invoice_no", "issue_date", "total", "net", "vat_total")
LEAST = 0.5  # a key field surer than this is not read again


def is_weak(reading: Reading) -> bool:
    """Whether some page was read by the quick model and a key field is missing or unsure."""
    if all(page.source is not Source.TINY for page in reading.pages):
        return False
    key = KEY_FIELDS if reading.kind is not Kind.INVOICE else (*KEY_FIELDS, "due_date")
    if any(name not in reading.fields or reading.fields[name].confidence < LEAST for name in key):
        return True
    return reading.kind is Kind.INVOICE and not any(name in reading.fields for name in ACCOUNTS)


def worth(reading: Reading) -> float:
    """How much a reading has to say, to tell the better of two."""
    return sum(one.confidence for one in reading.fields.values()) + 0.5 * len(reading.vat_lines)


def again(sheet: Sheet, on_page: Callable[[], None]) -> Sheet:
    """The sheet as the larger model reads it, where the quick one has."""
    if sheet.picture is None or sheet.page.source is not Source.TINY:
        return sheet
    on_page()
    words = ocr.words(sheet.picture, sheet.page.number, Source.SMALL)
    return replace(sheet, page=replace(sheet.page, words=words, source=Source.SMALL))


def confirmed(reading: Reading, sheets: Sequence[Sheet]) -> Reading:
    """Numbers and days without check digits, read again by the other model: what both say is confirmed."""
    pictures = {sheet.page.number: sheet for sheet in sheets if sheet.picture is not None}
    fields = dict(reading.fields)
    for name in ("invoice_no", "issue_date", "due_date"):
        one = fields.get(name)
        sheet = pictures.get(one.place.page) if one is not None and one.place is not None else None
        if sheet is None or one.proof is not Proof.LABELLED or one.second is not None:
            continue
        other = Source.SMALL if sheet.page.source is Source.TINY else Source.TINY
        text, sure = ocr.line(sheet.picture, one.place.box, other)
        if sure >= trust.SURE_SIGNS and _says(name, text, one.value):
            fields[name] = replace(
                one,
                proof=Proof.CONFIRMED,
                confidence=trust.confidence(name, Proof.CONFIRMED, False),
                is_proven=trust.is_proven(Proof.CONFIRMED, False, sure),
            )
    return replace(reading, fields=fields)


def _says(name: str, text: str, value: str) -> bool:
    if name == "invoice_no":
        return re.sub(r"\W", "", value).upper() in re.sub(r"\W", "", text).upper()
    return any(one.day.isoformat() == value for one in dates.find(text))
