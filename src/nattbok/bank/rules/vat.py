"""A line with a VAT code as the lines it is posted as: what is paid through the bank includes its VAT."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from nattbok.bank.rules.shape import OtherLine
from nattbok.base.money import ZERO, rounded
from nattbok.countries.country import VatCode, VatDirection

ROUNDED_OFF = Decimal("0.05")  # what a report may be off, having rounded the VAT of each of its rows


def with_vat(
    line: OtherLine, vat_code: str, codes: Mapping[str, VatCode], *, on: date
) -> tuple[OtherLine, ...]:
    """`line`, whose amount includes its VAT, and the lines its code brings along; they sum to its amount.

    On the line stands the VAT of it, on a VAT line what the VAT is of, signed as the ledger. Raises KeyError
    for an unknown code and ValueError for one without a rate on the day `on`.
    """
    if not vat_code:
        return (line,)
    code = codes[vat_code]
    if code.direction is VatDirection.NONE:
        return (replace(line, vat_code=vat_code, vat_amount=ZERO),)
    percent = code.rate(on)
    if code.direction is VatDirection.REVERSE:
        owed = rounded(line.amount * percent / 100)
        first = line.amount if code.is_deductible else line.amount + owed
        drafted = [replace(line, amount=first, vat_code=vat_code, vat_amount=owed)]
        if owed and code.is_deductible:
            drafted.append(_vat(line, code.input_account, owed, line.amount, vat_code))
        if owed:
            drafted.append(_vat(line, code.output_account, -owed, line.amount, vat_code))
        return tuple(drafted)
    account = code.input_account if code.direction is VatDirection.INPUT else code.output_account
    net = rounded(line.amount * 100 / (100 + percent))
    tax = line.amount - net
    first = replace(line, amount=net, vat_code=vat_code, vat_amount=tax)
    return (first, _vat(line, account, tax, net, vat_code)) if tax else (first,)


def with_stated_vat(
    line: OtherLine, vat_code: str, codes: Mapping[str, VatCode], stated: Decimal, *, on: date
) -> tuple[OtherLine, ...]:
    """As `with_vat`, with the VAT of it that a report states: what that is not of is without VAT.

    Raises ValueError as well when that much VAT cannot be in it, or its code has none that is paid.
    """
    code = codes[vat_code]
    if code.direction in (VatDirection.NONE, VatDirection.REVERSE) or stated * line.amount < 0:
        raise ValueError(f"{vat_code} does not go with a stated VAT of {stated}")
    if not stated:
        return (line,)
    base = rounded(stated * 100 / code.rate(on)) if code.rate(on) else ZERO
    rest = line.amount - stated - base
    if abs(rest) <= ROUNDED_OFF:
        base, rest = base + rest, ZERO
    if not base or rest * line.amount < 0:
        raise ValueError(f"{line.amount} cannot have {stated} of VAT in it")
    account = code.input_account if code.direction is VatDirection.INPUT else code.output_account
    taxed = replace(line, amount=base, vat_code=vat_code, vat_amount=stated)
    found = (taxed, replace(line, amount=rest), _vat(line, account, stated, base, vat_code))
    return tuple(one for one in found if one.amount)


def _vat(line: OtherLine, account: str, amount: Decimal, base: Decimal, code: str) -> OtherLine:
    return OtherLine(account, amount, text=line.text, vat_code=code, vat_base=base)
