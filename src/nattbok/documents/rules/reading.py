"""What is kept of a reading of pages, and what is doubtful in it; rules.correcting has what people say of it.

Kept as JSON: {"kind", "engine", "country", "language", "supplier_country", "vat_number", "is_addressed",
"is_illegible", "is_proven", "pages", "rounding", "fields": {name: field}, "vat": [{"rate", "base", "vat",
"is_proven"}], "pieces": [{"first", "last", "text", "values"}], "findings": […]}. Amounts are text with two
decimals, signed as owed; days are ISO; pages count from 0.

A field is {"value", "confidence", "proof", "reason" (a text marked for translation), "source", "place":
{"page", "box": [left, top, right, bottom]} or null, "second", "is_proven", "is_remembered"}. One that a
person has corrected has `read`, what was read there. An empty value says that the paper has none.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.countries.country import Country
from nattbok.formats.finding import Finding, Severity
from nattbok.reading.shape import ACCOUNTS, AMOUNTS, REASONS, Kind, Reading
from nattbok.reading.words import Page

CORRECTED = "corrected"  # the proof of what a person has said
CORRECTED_REASON = _("A person has said so.")
LARGEST = Decimal("99999999999999.99")
_SIGNS = re.compile(r"[^0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Doubt:
    """What keeps a reading from going on unattended: the field, why, and what is likely."""

    name: str
    words: Words
    value: str = ""
    second: str = ""
    why: Words | None = None


# What is said of a field that is not certain, and of one that was not found.
_DOUBTFUL = {
    "kind": _("It is a receipt, which most often is paid already."),
    "supplier_orgno": _("The supplier’s organisation number {value} is not certain."),
    "invoice_no": _("The invoice number {value} is not certain."),
    "issue_date": _("The invoice date {value} is not certain."),
    "due_date": _("The due date {value} is not certain."),
    "currency": _("The currency {value} is not certain."),
    "net": _("The amount without VAT, {value}, is not certain."),
    "vat_total": _("The VAT {value} is not certain."),
    "total": _("The total {value} is not certain."),
    "payment_ref": _("The payment reference (KID or OCR) {value} is not certain."),
    "buyer_orgno": _("It seems to be for the company with number {value}, not for this client."),
}
_UNFOUND = {
    "supplier_orgno": _("The supplier’s organisation number was not found."),
    "invoice_no": _("The invoice number was not found."),
    "issue_date": _("The invoice date was not found."),
    "due_date": _("The due date was not found."),
    "currency": _("The currency was not found."),
    "net": _("The amount without VAT was not found."),
    "vat_total": _("The VAT was not found."),
    "total": _("The total was not found."),
    "buyer_orgno": _("Nothing on the paper says that it is for this client."),
}
_ACCOUNT = _("The account to pay to, {value}, is not certain.")
_NO_ACCOUNT = _("It does not say to which account it is to be paid.")
_VAT_LINES = _("What VAT is of which rate is not certain.")
_SUMS = _("Net, VAT and rounding come to {computed}, but the total is {total}.")
_MAY_BE_NONE = ("due_date", "supplier_orgno")  # a person may say that the paper has none


def is_of_pages(kept: Mapping) -> bool:
    """Whether it is a reading of pages, and not what an e-invoice says."""
    return "fields" in kept


def written(reading: Reading, *, is_addressed: bool) -> dict:
    """The reading as JSON can hold it; the words of its pages are kept apart."""
    return _clean(
        {
            "kind": reading.kind.value,
            "engine": reading.engine,
            "country": reading.country,
            "language": reading.language,
            "supplier_country": reading.supplier_country or reading.country,
            "vat_number": reading.vat_number,
            "is_addressed": is_addressed,
            "is_illegible": reading.is_illegible,
            "is_proven": reading.is_proven,
            "pages": len(reading.pages),
            "rounding": f"{reading.rounding:.2f}",
            "fields": {name: _field(one) for name, one in reading.fields.items()},
            "vat": [
                {
                    "rate": f"{line.rate.normalize():f}",
                    "base": f"{line.base:.2f}",
                    "vat": f"{line.vat:.2f}",
                    "is_proven": line.is_proven,
                }
                for line in reading.vat_lines
            ],
            "pieces": [
                {
                    "first": piece.first,
                    "last": piece.last,
                    "text": piece.reason.text,
                    "values": dict(piece.reason.values),
                }
                for piece in reading.pieces
            ],
            "findings": [
                {
                    "severity": finding.severity.value,
                    "code": finding.code,
                    "where": finding.where,
                    "text": finding.text,
                    "values": finding.values,
                }
                for finding in reading.findings
            ],
        }
    )


def _clean(told):
    """Without what a database takes for no text: NUL, and halves of signs."""
    if isinstance(told, str):
        return told.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(told, dict):
        return {name: _clean(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_clean(value) for value in told]
    return told


def _field(one) -> dict:
    place = None
    if one.place is not None:
        box = one.place.box
        parts = (box.left, box.top, box.right, box.bottom)
        place = {"page": one.place.page, "box": [round(min(1.0, max(0.0, part)), 4) for part in parts]}
    return {
        "value": one.value,
        "confidence": one.confidence,
        "proof": one.proof.value,
        "reason": REASONS[one.proof],
        "source": one.source,
        "place": place,
        "second": one.second,
        "is_proven": one.is_proven,
        "is_remembered": one.is_remembered,
    }


def value(kept: Mapping, name: str) -> str:
    """What the field says; "" when it was not found, or the paper has none."""
    found = kept["fields"].get(name)
    return found["value"] if found else ""


def amount(kept: Mapping, name: str) -> Decimal | None:
    """What an amount's field says, when it says one."""
    written_ = value(kept, name)
    try:
        found = Decimal(written_) if written_ else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found) <= LARGEST else None


def day(kept: Mapping, name: str) -> date | None:
    """What a day's field says, when it says one."""
    try:
        return date.fromisoformat(value(kept, name))
    except ValueError:
        return None


def is_named(pages: Sequence[Page], name: str, org_number: str) -> bool:
    """Whether the client's name or number is printed on the pages: that they are for it."""
    wanted = _plain(_FIRM.sub("", name))
    number = _SIGNS.sub("", org_number)
    if len(wanted) < 4 and not number:
        return False
    lines = [_plain(word.text) for page in pages for word in page.words]
    printed = "".join(lines)
    return (len(wanted) >= 4 and wanted in printed) or (len(number) >= 9 and number in printed)


_FIRM = re.compile(r"\b(?:as|asa|ab|hb|kb|ans|da|enk|sa)\b\.?", re.IGNORECASE)
# The models have no language: what they mix up is taken for the same.
_ALIKE = str.maketrans({"æ": "a", "ä": "a", "å": "a", "á": "a", "ø": "o", "ö": "o", "é": "e", "0": "o"})


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold().translate(_ALIKE).replace("ae", "a"))


def doubts(kept: Mapping, *, law: Country, org_number: str) -> list[Doubt]:
    """What is not certain, the most important first; none when all that is needed is proven or corrected."""
    return list(_doubts(kept, law, org_number))


def _doubts(kept: Mapping, law: Country, org_number: str) -> Iterator[Doubt]:
    fields = kept["fields"]
    if kept["kind"] == Kind.RECEIPT:
        yield Doubt("kind", Words(_DOUBTFUL["kind"]), Kind.INVOICE.value)
    yield from _buyer(kept, law, org_number)
    needed = ["supplier_orgno", "invoice_no", "issue_date", "currency", "total", "net", "vat_total"]
    if kept["kind"] == Kind.INVOICE:
        needed.insert(3, "due_date")
    for name in needed:
        if name not in fields or not (fields[name]["value"] or name in _MAY_BE_NONE):
            yield Doubt(name, Words(_UNFOUND[name]))
        elif not fields[name]["is_proven"]:
            yield _doubtful(name, fields[name], _DOUBTFUL[name])
    for name in ACCOUNTS:
        if name in fields and not fields[name]["is_proven"]:
            yield _doubtful(name, fields[name], _ACCOUNT)
    if kept["kind"] == Kind.INVOICE and not any(name in fields for name in ACCOUNTS):
        yield Doubt("bankgiro" if law.code == "SE" else "bank_account", Words(_NO_ACCOUNT))
    if "payment_ref" in fields and not fields["payment_ref"]["is_proven"]:
        yield _doubtful("payment_ref", fields["payment_ref"], _DOUBTFUL["payment_ref"])
    yield from _sums(kept)


def _doubtful(name: str, found: Mapping, text: str) -> Doubt:
    return Doubt(
        name, Words(text, {"value": found["value"]}), found["value"], found.get("second") or "",
        Words(found["reason"]),
    )  # fmt: skip


def _buyer(kept: Mapping, law: Country, org_number: str) -> Iterator[Doubt]:
    """Whom it is for: the client by its number, else by its name."""
    found = kept["fields"].get("buyer_orgno")
    if found and law.normal_org_number(found["value"]) == law.normal_org_number(org_number):
        return
    if kept["is_addressed"] and not (found and found["is_proven"]):
        return
    if found and found["value"]:
        words = Words(_DOUBTFUL["buyer_orgno"], {"value": found["value"]})
    else:
        words = Words(_UNFOUND["buyer_orgno"])
    yield Doubt("buyer_orgno", words, org_number)


def _sums(kept: Mapping) -> Iterator[Doubt]:
    """The identity from the VAT of each rate to the total, of amounts that are each believed."""
    net, vat, total = (amount(kept, name) for name in AMOUNTS)
    if net is None or vat is None or total is None:
        return  # said of the amounts themselves
    computed = net + vat + Decimal(kept["rounding"])
    if computed != total:
        words = Words(_SUMS, {"computed": str(computed), "total": str(total)})
        yield Doubt("sums", words)
    lines = kept["vat"]
    bases, vats = (sum((Decimal(line[name]) for line in lines), ZERO) for name in ("base", "vat"))
    if not lines or (bases, vats) != (net, vat) or not all(line["is_proven"] for line in lines):
        yield Doubt("vat", Words(_VAT_LINES))


def holding(kept: Mapping) -> list[Finding]:
    """The reader's own findings that no person has answered."""
    return [
        Finding(Severity(one["severity"]), one["code"], one["where"], one["text"], one["values"])
        for one in kept["findings"]
    ]


def terms(kept: Mapping) -> dict:
    """The reading by the names that e-invoices have, as a bill is made from; signed as owed.

    VAT that is not proven is in no group, so nothing is coded by it. Without VAT the paper does not say why
    there is none, so the group has no category, and a person says which VAT code it is.
    """
    return {
        "supplier": {
            "org_number": value(kept, "supplier_orgno"),
            "vat_number": kept["vat_number"],
            "country": kept["supplier_country"],
        },
        "rounding": kept["rounding"],
        "payment_means": [
            {"account": value(kept, name), "branch": _BRANCHES.get(name, "")}
            for name in ACCOUNTS
            if value(kept, name)
        ],
        "vat_groups": [
            {
                "category": "S" if Decimal(line["rate"]) else "",
                "rate": line["rate"],
                "taxable": line["base"],
                "tax": line["vat"],
                "xpath": f"vat {line['rate']} %",
            }
            for line in kept["vat"]
            if line["is_proven"]
        ],
    }


_BRANCHES = {"bankgiro": "SE:BANKGIRO", "plusgiro": "SE:PLUSGIRO"}


def teaches(kept: Mapping) -> dict[str, str]:
    """The right values of a confirmed document by field: what its supplier's memory may learn."""
    return {name: one["value"] for name, one in kept["fields"].items() if one["is_proven"] and one["value"]}
