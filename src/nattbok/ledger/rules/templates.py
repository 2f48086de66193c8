"""Posting templates: a short key, typed where an account is, stands for a whole set of lines.

A template shares an amount over its lines: percents, fixed amounts, and what is left. Shares are exact: the
lines of a side whose percents make a hundred, or that has a line for the rest, come to the amount to the øre.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache

from babel.dates import get_month_names

from nattbok.base.dates import Month
from nattbok.base.errors import Refused
from nattbok.base.money import ORE, ZERO, split
from nattbok.base.words import _
from nattbok.countries.country import VatCode
from nattbok.ledger.rules.checks import LENGTHS, check_amount
from nattbok.ledger.rules.drafts import LineDraft
from nattbok.ledger.rules.spreading import Spread, WaitsOn, check_months
from nattbok.ledger.rules.vat import with_vat

# Letters first, so that a key is never taken for an account's number.
KEY = re.compile(r"[a-zæøåäö][a-z0-9æøåäö-]{0,9}")
MOST_LINES = 40
HUNDRED = Decimal(100)
FINEST = Decimal("0.0001")  # of a percent
PLACES = ("month", "quarter", "year", "date")  # what may stand in a text, in braces
_PLACE = re.compile(r"\{([^{}]*)\}")


class BadKey(Refused):
    """A key is short, and is never taken for a number."""

    message = _("“{key}” cannot be a template's key: one to ten letters, digits and hyphens, a letter first.")


class NoLines(Refused):
    """A template stands for lines."""

    message = _("A template has 1 to {most} lines.")


class BadShare(Refused):
    """A percent or an amount of a template's line that cannot be."""

    message = _("Line {number}: {size} is not a percent above 0 and up to 100, or not an amount above 0.")


class SharesBeyondWhole(Refused):
    """The percents of one side are at most a hundred."""

    message = _("The percents in {side} come to {sum}, which is more than 100.")


class SeveralRests(Refused):
    """What is left is left to one line of a side."""

    message = _("Only one line in {side} can take the rest.")


class BadPlace(Refused):
    """A text names what is not filled in."""

    message = _("Line {number}: {name} is not filled in; a text may have {places} in braces.")


class TemplateAccount(Refused):
    """A template's accounts are in the chart."""

    message = _("Line {number}: account {account} is not in the chart, or is no longer in use.")


class TemplateVatCode(Refused):
    """A template's VAT codes are the country's."""

    message = _("Line {number}: there is no VAT code {code}.")


class BadValidity(Refused):
    """What ends before it begins is never valid."""

    message = _("The template would end on {valid_to}, before it begins on {valid_from}.")


class BadTemplateLine(Refused):
    """A written line that is not as we write them, or a text that is too long."""

    message = _("Line {number} cannot be kept: a text is too long, or has signs that cannot be kept.")


class NoSuchTemplate(Refused):
    """The key stands for nothing in these books."""

    message = _("There is no template {key}.")


class FixedBeyondAmount(Refused):
    """The rest would go the other way."""

    message = _("The lines of template {key} come to {taken}, which is more than {amount}.")


class Side(StrEnum):
    """On which side a line stands."""

    DEBIT = "debit"
    CREDIT = "credit"


class Size(StrEnum):
    """What a line takes of the amount."""

    SHARE = "share"  # percent of it
    FIXED = "fixed"  # an amount of its own, whatever the whole is
    REST = "rest"  # what the side's other lines leave


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """One line of a template."""

    account: str
    side: Side = Side.DEBIT
    size: Size = Size.REST
    of: Decimal = ZERO  # percent, or kroner; nothing for the rest
    vat_code: str = ""
    is_net: bool = False  # what it takes is without its VAT, which is added; the rest is always with it
    text: str = ""
    dimensions: Mapping[str, str] | None = None
    months: int = 0  # spread over so many; 0 or 1: not spread
    months_on: int = 0  # the first is so many months after the entry's


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a template."""

    key: str
    name: str
    lines: tuple[TemplateLine, ...]
    version: int = 1
    valid_from: date | None = None
    valid_to: date | None = None
    of_office: bool = False  # inherited from the office, and not the client's own
    id: int | None = None

    def is_valid(self, on: date) -> bool:
        """Whether this version may be used for an entry of the day `on`."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Share:
    """What a template's line comes to, before its VAT is parted from it: a row of a voucher or a coding."""

    account: str
    amount: Decimal  # debit positive; includes the VAT, or with `is_net` does not
    vat_code: str = ""
    is_net: bool = False
    text: str = ""
    dimensions: Mapping[str, str] | None = None
    months: int = 0
    first: Month | None = None


def check_template(template: Template, *, accounts: Collection[str], vat_codes: Collection[str]) -> None:
    """Refuse what could not be used: `accounts` are those in use, `vat_codes` the country's."""
    if not KEY.fullmatch(template.key):
        raise BadKey(key=template.key[:40])
    if not 1 <= len(template.lines) <= MOST_LINES:
        raise NoLines(most=MOST_LINES)
    if template.valid_from and template.valid_to and template.valid_to < template.valid_from:
        raise BadValidity(valid_from=template.valid_from, valid_to=template.valid_to)
    for number, line in enumerate(template.lines, start=1):
        _check_line(line, number, accounts, vat_codes)
    for side in Side:
        lines = [line for line in template.lines if line.side is side]
        whole = sum((line.of for line in lines if line.size is Size.SHARE), ZERO)
        if whole > HUNDRED:
            raise SharesBeyondWhole(side=side.value, sum=f"{whole.normalize():f}")
        if sum(line.size is Size.REST for line in lines) > 1:
            raise SeveralRests(side=side.value)


def _check_line(
    line: TemplateLine, number: int, accounts: Collection[str], vat_codes: Collection[str]
) -> None:
    if line.account not in accounts:
        raise TemplateAccount(number=number, account=line.account[:40])
    if line.vat_code and line.vat_code not in vat_codes:
        raise TemplateVatCode(number=number, code=line.vat_code[:40])
    step, most = {Size.SHARE: (FINEST, HUNDRED), Size.FIXED: (ORE, Decimal(10) ** 13)}.get(
        line.size, (ORE, ZERO)
    )
    is_right = line.of.is_finite() and line.of <= most and line.of % step == 0
    if not is_right or (line.of <= 0 and line.size is not Size.REST) or (line.of and line.size is Size.REST):
        raise BadShare(number=number, size=str(line.of)[:40])
    texts = [line.text, *(line.dimensions or {}), *(line.dimensions or {}).values()]
    if any(len(text) > LENGTHS["text"] or not text.isprintable() for text in texts):
        raise BadTemplateLine(number=number)
    for name in _PLACE.findall(line.text):
        if name not in PLACES:
            places = ", ".join(f"{{{place}}}" for place in PLACES)
            raise BadPlace(number=number, name=f"{{{name[:40]}}}", places=places)
    if line.months not in (0, 1):
        check_months(line.months)
    if not 0 <= line.months_on <= 12:
        raise BadShare(number=number, size=str(line.months_on))


def shares(
    template: Template,
    amount: Decimal,
    *,
    on: date,
    codes: Mapping[str, VatCode] | None = None,
    months: Sequence[str] = (),
) -> tuple[Share, ...]:
    """The template's lines for `amount` on the day `on`, as rows of a voucher or a coding.

    `amount` is what each side comes to, with its VAT, when its percents make a hundred or it has a line for
    the rest; it is positive, or all turns round. A line without VAT leaves less to the rest: by its VAT too,
    for which `codes` are needed. `months` are the names of the twelve months, for the texts; else numbers.
    Raises FixedBeyondAmount when nothing is left for the rest to take, BadAmount for what is no amount.
    """
    check_amount(amount)
    sign = -1 if amount < 0 else 1
    found: dict[int, Decimal] = {}
    for side in Side:
        lines = [(place, line) for place, line in enumerate(template.lines) if line.side is side]
        taken = _sizes(template, lines, abs(amount), codes or {}, on)
        turned = sign if side is Side.DEBIT else -sign
        found |= {place: turned * size for place, size in taken.items()}
    return tuple(
        Share(
            line.account,
            found[place],
            line.vat_code,
            line.is_net and line.size is not Size.REST,
            filled_in(line.text, on=on, months=months),
            line.dimensions,
            line.months if line.months > 1 else 0,
            Month.of(on).plus(line.months_on) if line.months > 1 else None,
        )
        for place, line in enumerate(template.lines)
    )


def _sizes(
    template: Template,
    lines: Sequence[tuple[int, TemplateLine]],
    amount: Decimal,
    codes: Mapping[str, VatCode],
    on: date,
) -> dict[int, Decimal]:
    """Place → what the line takes of `amount`, all of them of one side; none is negative."""
    percents = [(place, line) for place, line in lines if line.size is Size.SHARE]
    left = HUNDRED - sum((line.of for _place, line in percents), ZERO)
    # Shared together with what they leave, so that what rounding leaves is nobody's to find.
    parts = split(amount, [*(line.of for _place, line in percents), left])
    found = {place: part for (place, _line), part in zip(percents, parts, strict=False)}
    found |= {place: line.of + ZERO for place, line in lines if line.size is Size.FIXED}
    for place, line in lines:
        if line.size is Size.REST:
            taken = sum((_gross(template.lines[at], size, codes, on) for at, size in found.items()), ZERO)
            if taken > amount:
                raise FixedBeyondAmount(key=template.key, taken=taken, amount=amount)
            found[place] = amount - taken
    return found


def _gross(line: TemplateLine, size: Decimal, codes: Mapping[str, VatCode], on: date) -> Decimal:
    """What a line comes to with the VAT that is added to it."""
    if not line.is_net or line.vat_code not in codes:
        return size
    drafted = with_vat(LineDraft(line.account, size, vat_code=line.vat_code), codes, on=on, is_net=True)
    return sum((each.amount for each in drafted), ZERO)


def drafted(
    share: Share,
    codes: Mapping[str, VatCode],
    *,
    on: date,
    waits_on: WaitsOn | None = None,
    currency: str = "",
) -> tuple[LineDraft, ...]:
    """A row as the lines it is posted as: VAT parted from it, and what is spread where it waits.

    The VAT of what is spread is posted at once; what is spread is without it.
    """
    line = LineDraft(
        share.account,
        share.amount,
        text=share.text,
        vat_code=share.vat_code,
        dimensions=share.dimensions,
        currency=currency,
    )
    lines = with_vat(line, codes, on=on, is_net=share.is_net)
    if not share.months:
        return lines
    if waits_on is None:
        raise ValueError("what is spread must have an account to wait on")
    spread = Spread(share.account, share.months, share.first or Month.of(on))
    return (replace(lines[0], account=waits_on.of(share.account), spread=spread), *lines[1:])


def expand(
    template: Template,
    amount: Decimal,
    *,
    on: date,
    codes: Mapping[str, VatCode],
    waits_on: WaitsOn | None = None,
    months: Sequence[str] = (),
) -> tuple[LineDraft, ...]:
    """The lines that `template` stands for when the amount is `amount` kroner and the day `on`.

    They are exact to the øre: each side that has a line for the rest, or percents of a hundred, comes to the
    amount with its VAT. `codes` are the country's VAT codes; `waits_on` says where what is spread waits,
    and is needed for a template with a spread. A line of nothing is left out.
    """
    return tuple(
        line
        for share in shares(template, amount, on=on, codes=codes, months=months)
        if share.amount
        for line in drafted(share, codes, on=on, waits_on=waits_on)
    )


@cache
def month_names(language: str) -> tuple[str, ...]:
    """The names of the twelve months, as they stand in a text in that language (nb, sv)."""
    names = get_month_names("wide", context="format", locale=language)
    return tuple(names[number] for number in range(1, 13))


def filled_in(text: str, *, on: date, months: Sequence[str] = ()) -> str:
    """`text` with {month}, {quarter}, {year} and {date} of the day `on`; other braces stay as they are."""
    name = months[on.month - 1] if len(months) == 12 else f"{on.month:02}"
    values = {
        "month": f"{name} {on.year}" if len(months) == 12 else f"{on:%Y-%m}",
        "quarter": f"{(on.month + 2) // 3}",
        "year": f"{on.year}",
        "date": on.isoformat(),
    }
    full = _PLACE.sub(lambda found: values.get(found.group(1), found.group(0)), text)
    return full[: LENGTHS["text"]]


def written_lines(template: Template) -> list[dict]:
    """The lines as JSON, amounts as text."""
    return [
        {
            "account": line.account,
            "side": line.side.value,
            "size": line.size.value,
            "of": str(line.of),
            "vat_code": line.vat_code,
            "is_net": line.is_net,
            "text": line.text,
            "dimensions": dict(line.dimensions) if line.dimensions else {},
            "months": line.months,
            "months_on": line.months_on,
        }
        for line in template.lines
    ]


def read_lines(written: Sequence[Mapping]) -> tuple[TemplateLine, ...]:
    """The lines that were written as JSON. Raises BadTemplateLine for what we have not written."""
    found = []
    for number, line in enumerate(written, start=1):
        try:
            found.append(
                TemplateLine(
                    str(line["account"]),
                    Side(line["side"]),
                    Size(line["size"]),
                    Decimal(line["of"]),
                    str(line.get("vat_code", "")),
                    bool(line.get("is_net")),
                    str(line.get("text", "")),
                    dict(line.get("dimensions") or {}) or None,
                    int(line.get("months", 0)),
                    int(line.get("months_on", 0)),
                )
            )
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise BadTemplateLine(number=number) from error
    return tuple(found)
