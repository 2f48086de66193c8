"""A line with a VAT code as the lines that it is posted as.

The amount of the line is with its VAT or without it. On the line itself stands the VAT of it, on a VAT line
what the VAT is of. Amounts are signed as the ledger: debit positive.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO, rounded
from nattbok.base.words import _
from nattbok.countries.country import VatCode, VatDirection
from nattbok.ledger.rules.drafts import LineDraft


class UnknownVatCode(Refused):
    """The code is not one of the country's, or had no rate on that day."""

    message = _("There is no VAT code {code} with a rate on {date}.")


def with_vat(
    line: LineDraft, codes: Mapping[str, VatCode], *, on: date, is_net: bool = False
) -> tuple[LineDraft, ...]:
    """`line` and the lines that its VAT code brings along on the day of delivery `on`.

    Its amount includes the VAT, or with `is_net` is without it: then the lines sum to the amount and its
    VAT. VAT that the buyer owes is never in the amount, and sums to nothing beside it. An amount in another
    currency is shared as the amount is, and all keep the line's rate. Raises UnknownVatCode.
    """
    if not line.vat_code:
        return (line,)
    code = codes.get(line.vat_code)
    try:
        percent = code.rate(on) if code else ZERO
    except ValueError:
        code = None
    if code is None:
        raise UnknownVatCode(code=line.vat_code, date=on)
    if code.direction is VatDirection.NONE:
        return (replace(line, vat_amount=ZERO),)
    if code.direction is VatDirection.REVERSE:
        return _owed_by_the_buyer(line, code, rounded(line.amount * percent / 100))
    if is_net:
        net = line.amount
        tax = rounded(net * percent / 100)
    else:
        net = rounded(line.amount * 100 / (100 + percent))
        tax = line.amount - net
    account = code.input_account if code.direction is VatDirection.INPUT else code.output_account
    base = replace(line, amount=net, vat_amount=tax, currency_amount=_part(line, net, is_net, percent))
    if not tax:
        return (base,)
    in_currency = None
    if line.currency_amount is not None and base.currency_amount is not None:
        whole = rounded(line.currency_amount * (100 + percent) / 100) if is_net else line.currency_amount
        in_currency = whole - base.currency_amount
    return base, _vat(line, account, tax, net, in_currency)


def _part(line: LineDraft, net: Decimal, is_net: bool, percent: Decimal) -> Decimal | None:
    """What is without VAT of an amount in another currency."""
    if line.currency_amount is None or is_net or net == line.amount:
        return line.currency_amount
    return rounded(line.currency_amount * 100 / (100 + percent))


def _owed_by_the_buyer(line: LineDraft, code: VatCode, owed: Decimal) -> tuple[LineDraft, ...]:
    """The buyer owes the VAT, and deducts it where the code lets it; otherwise it is cost."""
    if not owed:
        return (replace(line, vat_amount=owed),)
    if code.is_deductible:
        return (
            replace(line, vat_amount=owed),
            _vat(line, code.input_account, owed, line.amount),
            _vat(line, code.output_account, -owed, line.amount),
        )
    # The VAT is in kroner, so the line with it as well is no longer one amount in another currency.
    cost = replace(line, amount=line.amount + owed, vat_amount=owed)
    if line.currency_amount is not None:
        cost = replace(line, vat_amount=owed)
        added = LineDraft(line.account, owed, text=line.text, dimensions=line.dimensions, spread=line.spread)
        return cost, added, _vat(line, code.output_account, -owed, line.amount)
    return cost, _vat(line, code.output_account, -owed, line.amount)


def _vat(
    line: LineDraft, account: str, amount: Decimal, base: Decimal, in_currency: Decimal | None = None
) -> LineDraft:
    return LineDraft(
        account,
        amount,
        text=line.text,
        vat_code=line.vat_code,
        vat_base=base,
        currency=line.currency if in_currency is not None else "",
        currency_amount=in_currency,
        rate=line.rate if in_currency is not None else None,
    )
