"""The square payment codes printed on invoices, and what they say.

Sweden's "UsingQR" code is JSON: uqr (version), tp (type: 1 invoice, 2 credit note, 3 receipt …), nme (name),
cid (organisation number), iref (invoice reference), idt (invoice date), ddt (due date), due (to pay), vat,
cur (currency), pt (BG, PG, IBAN, BBAN) and acc (account). The European code (EPC069-12) is lines of text:
BCD, version, character set, SCT, BIC, name, IBAN, amount, purpose, reference.
Source: usingqr.com, specification 1; European Payments Council, EPC069-12.
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation

import cv2
import zxingcpp

from nattbok.reading.pictures import Pixels

DPI = 150
LONGEST_SIDE = 1_800  # pixels; a code of 25 mm is read well at this
_LONGEST_TEXT = 2_000
_EPC_LINES = 6
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)


def read(pixels: Pixels) -> tuple[str, ...]:
    """What the square codes in a picture say, as text."""
    height, width = pixels.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    if scale < 1:
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)
    return tuple(one.text for one in found if one.text and len(one.text) <= _LONGEST_TEXT)


def payment(texts: Iterable[str]) -> dict[str, str]:
    """What the first payment code says, by the names of our fields; amounts and days as we print them.

    Empty when no code is one for payment, and when two of them say different things.
    """
    said = [found for text in texts if (found := _using_qr(text) or _epc(text))]
    return said[0] if said and all(one == said[0] for one in said) else {}


def _using_qr(text: str) -> dict[str, str]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(told, dict) or "uqr" not in told:
        return {}
    is_credit = str(told.get("tp", "1")) == "2"
    found = {
        "supplier_name": _text(told.get("nme")),
        "supplier_orgno": re.sub(r"\D", "", _text(told.get("cid"))),
        "payment_ref": _text(told.get("iref")),
        "issue_date": _day(told.get("idt")),
        "due_date": _day(told.get("ddt")),
        "total": _amount(told.get("due"), is_credit),
        "vat_total": _amount(told.get("vat"), is_credit),
        "currency": _text(told.get("cur"))[:3].upper(),
    }
    kind, account = _text(told.get("pt")).upper(), re.sub(r"[\s.-]", "", _text(told.get("acc")))
    found[{"BG": "bankgiro", "PG": "plusgiro", "IBAN": "iban"}.get(kind, "bank_account")] = account
    return {name: value for name, value in found.items() if value}


def _epc(text: str) -> dict[str, str]:
    lines = text.replace("\r", "").split("\n")
    if len(lines) <= _EPC_LINES or lines[0] != "BCD" or lines[3] != "SCT":
        return {}
    lines += [""] * 12
    amount = re.fullmatch(r"([A-Z]{3})(\d+(?:\.\d{1,2})?)", lines[7].strip())
    found = {
        "supplier_name": lines[5].strip()[:100],
        "iban": re.sub(r"\s", "", lines[6]),
        "currency": amount[1] if amount else "",
        "total": _amount(amount[2], False) if amount else "",
        "payment_ref": lines[9].strip()[:40],
    }
    return {name: value for name, value in found.items() if value}


def _text(value: object) -> str:
    return str(value).strip()[:100] if isinstance(value, str | int | float) else ""


def _day(value: object) -> str:
    found = _DAY.fullmatch(_text(value))
    if found is None:
        return ""
    with suppress(ValueError):
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    return ""


def _amount(value: object, is_credit: bool) -> str:
    with suppress(InvalidOperation, ValueError):
        amount = Decimal(_text(value).replace(",", "."))
        if amount.is_finite() and abs(amount) < Decimal("1e12"):
            return f"{-abs(amount) if is_credit else amount:.2f}"
    return ""
