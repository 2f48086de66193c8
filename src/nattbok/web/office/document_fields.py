"""What was read from a picture or PDF, field by field: its value, how sure and why, and where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nattbok.base.words import Words, _
from nattbok.clients.models import Client
from nattbok.countries.known import country
from nattbok.documents import queries
from nattbok.documents.queries import Detail, ShownPage
from nattbok.reading.shape import ACCOUNTS, AMOUNTS, Kind
from nattbok.reading.titles import TITLES
from nattbok.web import shown
from nattbok.web.office.document_pictures import MOST_SHOWN

KINDS = {
    Kind.INVOICE: _("Invoice"),
    Kind.CREDIT_NOTE: _("Credit note"),
    Kind.RECEIPT: _("Receipt"),
    Kind.REMINDER: _("Reminder"),
    Kind.STATEMENT: _("Statement of account"),
    Kind.DELIVERY_NOTE: _("Delivery note"),
    Kind.ORDER: _("Order or offer"),
    Kind.UNKNOWN: _("Unknown"),
}
READ_BY = {
    "xml": _("read from the e-invoice inside the PDF"),
    "text": _("read from the PDF’s own text"),
    "ocr_tiny": _("read from the picture (OCR)"),
    "ocr_small": _("read from the picture (OCR)"),
}
E_INVOICE = _("read as an e-invoice")
DATES = ("issue_date", "due_date")
# Those that are always there to fill in; the others are when something was found.
ALWAYS = ("supplier_orgno", "invoice_no", "issue_date", "due_date", "currency", "total", "net", "vat_total")
ORDER = (
    "supplier_name", "supplier_orgno", "invoice_no", "credited_number", "issue_date", "due_date", "total",
    "net", "vat_total", "rounding", "currency", "payment_ref", *ACCOUNTS, "buyer_orgno",
)  # fmt: skip
GRAIN = 1000  # a page is so many units wide and tall in what is laid over it


def read_by(found: Detail, *, is_invoice: bool) -> str:
    """How it was read, marked: as the e-invoice it is, or by which engine; "" for what was not."""
    return READ_BY.get(str(found.reading.get("engine", "")), E_INVOICE if is_invoice else "")


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle over a page, in thousandths of its width and height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ReadField:
    """One field that can be corrected. `lights` names its place on the picture."""

    name: str
    label: str  # marked
    written: str  # as it is typed
    lights: str
    page: int | None  # from 0 in the file
    frame: Frame | None
    is_unsure: bool
    reason: Words | None
    percent: int | None  # how many of a hundred such values were right
    second: str
    is_wide: bool = False


@dataclass(frozen=True, slots=True)
class RateRow:
    """The VAT of one rate."""

    rate: str
    base: str
    vat: str
    is_unsure: bool


@dataclass(frozen=True, slots=True)
class Read:
    """All that can be corrected of a document."""

    kind: str
    fields: tuple[ReadField, ...]
    rates: tuple[RateRow, ...]
    doubts: int


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page of the picture, with the frames of the fields that were found on it."""

    number: int  # from 1 in the file
    turned: int  # degrees clockwise that the file's own page lies
    width: int
    height: int
    fields: tuple[ReadField, ...]
    has_words: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """A word of the page that a click puts into the field in focus."""

    text: str
    frame: Frame


def read(client: Client, found: Detail) -> Read | None:
    """The fields of a document that was read from its pages; None for data and for what is not read yet."""
    if not found.is_of_pages:
        return None
    kept = found.reading
    main = "bankgiro" if country(client.country).code == "SE" else "bank_account"
    names = [
        name for name in ORDER
        if name in kept["fields"] or name in ALWAYS
        or (name == main and not any(each in kept["fields"] for each in ACCOUNTS))
        or (name == "credited_number" and kept.get("kind") == Kind.CREDIT_NOTE)
        or (name == "rounding" and kept.get("rounding") not in (None, "0.00"))
    ]  # fmt: skip
    fields = tuple(_field(name, kept) for name in names)
    rates = tuple(
        RateRow(line["rate"], _typed(line["base"]), _typed(line["vat"]), not line.get("is_proven"))
        for line in kept.get("vat") or ()
    )
    return Read(kept.get("kind", ""), fields, rates, sum(field.is_unsure for field in fields))


def _field(name: str, kept: Mapping) -> ReadField:
    one = kept["fields"].get(name)
    label = TITLES.get(name, name)
    lights = f"read:{name}"
    if name == "rounding":
        return ReadField(name, label, _typed(kept["rounding"]), lights, None, None, False, None, None, "")
    if one is None:
        is_needed = name in ALWAYS
        why = Words(_("It was not found: write it, or click it in the picture.")) if is_needed else None
        return ReadField(name, label, "", lights, None, None, is_needed, why, None, "")
    place = one.get("place")
    is_unsure = not one.get("is_proven") and not _is_known_by_number(name, kept)
    confidence = one.get("confidence")
    return ReadField(
        name,
        label,
        _written(name, one["value"]),
        lights,
        place["page"] if place else None,
        frame(place["box"]) if place else None,
        is_unsure,
        Words(one["reason"]) if one.get("reason") else None,
        round(float(confidence) * 100) if is_unsure and confidence is not None else None,
        _written(name, one["second"]) if one.get("second") else "",
        name == "supplier_name",
    )


def _is_known_by_number(name: str, kept: Mapping) -> bool:
    """A name counts for nothing where the number says who it is."""
    return name == "supplier_name" and bool(kept["fields"].get("supplier_orgno", {}).get("is_proven"))


def _written(name: str, value: str) -> str:
    """As it is typed in the reader's language: days and amounts in its form."""
    if name in DATES:
        return shown.value(value)
    return _typed(value) if name in AMOUNTS else value


def _typed(amount: str) -> str:
    return amount if shown.language() == "en" else amount.replace(".", ",")


def frame(box: Sequence[float]) -> Frame:
    """A box of shares as a rectangle over the page, a little larger than what it is around."""
    left, top, right, bottom = (min(1.0, max(0.0, float(part))) for part in box)
    x, y = max(0, round(left * GRAIN) - 4), max(0, round(top * GRAIN) - 3)
    width = min(GRAIN - x, round((right - left) * GRAIN) + 8)
    return Frame(x, y, max(width, 4), max(min(GRAIN - y, round((bottom - top) * GRAIN) + 6), 4))


def page_pictures(pages: Sequence[ShownPage], read_: Read | None) -> list[PagePicture]:
    """The pages as they are shown, each with the fields that were found on it."""
    return [
        PagePicture(
            page.number + 1,
            page.turned,
            max(1, round(page.width)),
            max(1, round(page.height)),
            tuple(field for field in read_.fields if field.page == page.number) if read_ else (),
            True,
        )
        for page in pages[:MOST_SHOWN]
    ]


def spots(client: Client, document: int, page: int) -> list[Spot]:
    """The words of a page (from 1), an amount's groups of digits joined: 1 250,00 is one."""
    found: list[queries.WordBox] = []
    for word in queries.words_of(client, document, page - 1):
        last = found[-1] if found else None
        if last is not None and _goes_on(last, word):
            found[-1] = queries.WordBox(
                f"{last.text} {word.text}", last.left, min(last.top, word.top), word.right,
                max(last.bottom, word.bottom),
            )  # fmt: skip
        else:
            found.append(word)
    return [
        Spot(word.text, frame((word.left, word.top, word.right, word.bottom))) for word in found if word.text
    ]


def _goes_on(last: "queries.WordBox", word: "queries.WordBox") -> bool:
    """Whether `word` is the next three digits of the amount that `last` begins."""
    head, tail = last.text.lstrip("-\N{MINUS SIGN}").split(" "), word.text
    if not (head[-1].isdigit() and 1 <= len(head[0]) <= 3 and tail[:3].isdigit()):
        return False
    if len(tail) > 3 and tail[3:4] not in (",", "."):
        return False
    if any(len(part) != 3 for part in head[1:]):
        return False
    height = max(word.bottom - word.top, 0.001)
    is_beside = -0.2 * height <= word.left - last.right <= 0.7 * height
    return is_beside and abs(word.top - last.top) < 0.5 * height


def plain_pages(numbers: Sequence[int]) -> list[PagePicture]:
    """Pages of a file that was not read: only pictures."""
    return [PagePicture(number, 0, 0, 0, (), has_words=False) for number in numbers]
