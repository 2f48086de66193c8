"""Amounts as people write them, whatever their language: read as they can only be meant, or refused."""

import re
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.words import _

LARGEST = Decimal(10) ** 13  # kroner; the ledger's columns take a little more
_PLAIN = re.compile(r"[+-]?\d*(?:[.,]\d{1,2}|[.,]-)?", re.ASCII)
_GROUPS = (  # mark between thousands, mark before øre
    (re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,(?:\d{1,2}|-))?", re.ASCII), "."),
    (re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.(?:\d{1,2}|-))?", re.ASCII), ","),
)
_ONE_GROUP = re.compile(r"[+-]?\d{1,3}[.,]\d{3}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:[.,]\d{0,12})?|[.,]\d{1,12})", re.ASCII)


class NotAnAmount(Refused):
    """What stands there cannot be read as an amount of whole øre."""

    message = _("“{written}” is not an amount. Write it as 1234,50 or 1 234.50.")


class ThousandsOrDecimals(NotAnAmount):
    """1.000 is a thousand to one reader and one to another."""

    message = _("“{written}” can mean thousands or decimals. Write {thousands} or {decimals}.")


def read_amount(written: str) -> Decimal | None:
    """An amount in whole øre; None when nothing is written.

    Blanks stand between thousands, comma or point before the øre: 1 234,50, 1234.50, 1.234,50, 1,234.50,
    -7, 1234,-. One mark with three digits after it is refused, since it can be meant in two ways.
    """
    bare = _bare(written)
    if not bare:
        return None
    if _ONE_GROUP.fullmatch(bare):
        whole, digits = re.split("[.,]", bare)
        raise ThousandsOrDecimals(written=written[:40], thousands=whole + digits, decimals=f"{whole},00")
    if not (_PLAIN.fullmatch(bare) and re.search(r"\d", bare)):
        thousands = next((mark for pattern, mark in _GROUPS if pattern.fullmatch(bare)), None)
        if thousands is None:
            raise NotAnAmount(written=written[:40])
        bare = bare.replace(thousands, "")
    found = Decimal(bare.rstrip("-").rstrip(".,").replace(",", "."))
    if abs(found) >= LARGEST:
        raise NotAnAmount(written=written[:40])
    return found.quantize(Decimal("0.01"))


def read_number(written: str) -> Decimal | None:
    """A number with as many decimals as are written, such as a rate; comma or point. None for nothing."""
    bare = _bare(written)
    if not bare:
        return None
    if not _NUMBER.fullmatch(bare):
        raise NotAnAmount(written=written[:40])
    return Decimal(bare.replace(",", "."))


def _bare(written: str) -> str:
    return "".join(written.split()).replace("\N{MINUS SIGN}", "-")
