"""The sums a document states, against what they follow from. Nothing here changes an amount.

Source: EN 16931-1:2017 with its validation artefacts 1.3.16 (BR-CO, BR-S, BR-E and siblings) and
Peppol BIS Billing 3.0.21 (PEPPOL-EN16931-R120). Tolerances are those of the rules.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal

from nattbok.base.money import ORE
from nattbok.base.words import _
from nattbok.formats.finding import Finding, Severity
from nattbok.formats.invoice.shape import Invoice, InvoiceLine, VatGroup

_NOTHING = Decimal(0)
_UNIT = Decimal(1)
_SLACK = Decimal("0.02")
_HUNDRED = Decimal(100)

# How a category is named in the rules' ids.
RULE_OF = {
    "S": "S",
    "Z": "Z",
    "E": "E",
    "AE": "AE",
    "K": "IC",
    "G": "G",
    "O": "O",
    "L": "AF",
    "M": "AG",
    "B": "B",
}
_WITH_RATES = {"S", "L", "M"}  # summed for each rate, within one unit; the others in all, to the øre


def findings(invoice: Invoice) -> Iterator[Finding]:
    """What does not add up, in the order of the rules."""
    yield from _totals(invoice)
    for group in invoice.vat_groups:
        yield from _group_tax(group)
    yield from _group_bases(invoice)
    for line in invoice.lines:
        yield from _line(line)


_WIDE = Context(prec=80)  # no product of what is read is longer


def rounded(amount: Decimal) -> Decimal:
    """To whole øre, halves away from zero, whatever the size."""
    return amount.quantize(ORE, rounding=ROUND_HALF_UP, context=_WIDE)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return rounded(sum(amounts, _NOTHING))


def _totals(invoice: Invoice) -> Iterator[Finding]:
    """BR-CO-10 to 16: from the lines to what is to be paid."""
    sources = invoice.sources
    allowances = [each.amount for each in invoice.allowances_charges if not each.is_charge]
    charges = [each.amount for each in invoice.allowances_charges if each.is_charge]
    line_total, net, vat, gross = invoice.line_total, invoice.net, invoice.vat, invoice.gross
    if line_total is not None:
        yield from _compared(
            "BR-CO-10",
            sources["line_total"],
            _("The sum of the lines is stated as {stated}, but the lines sum to {computed}."),
            line_total,
            _sum(line.net for line in invoice.lines),
        )
    if allowances or invoice.allowance_total is not None:
        yield from _compared(
            "BR-CO-11",
            sources.get("allowance_total") or _total_place(invoice),
            _("The sum of discounts is stated as {stated}, but the discounts sum to {computed}."),
            invoice.allowance_total,
            _sum(allowances),
        )
    if charges or invoice.charge_total is not None:
        yield from _compared(
            "BR-CO-12",
            sources.get("charge_total") or _total_place(invoice),
            _("The sum of charges is stated as {stated}, but the charges sum to {computed}."),
            invoice.charge_total,
            _sum(charges),
        )
    if net is not None and line_total is not None:
        yield from _compared(
            "BR-CO-13",
            sources["net"],
            _("The total without VAT is stated as {stated}, but lines, discounts, charges give {computed}."),
            net,
            rounded(line_total - (invoice.allowance_total or _NOTHING) + (invoice.charge_total or _NOTHING)),
        )
    if vat is not None and invoice.vat_groups:
        yield from _compared(
            "BR-CO-14",
            sources["vat"],
            _("The VAT is stated as {stated}, but the VAT of all rates sums to {computed}."),
            vat,
            _sum(group.tax for group in invoice.vat_groups),
        )
    if gross is not None and net is not None:
        if vat is None:
            yield Finding(
                Severity.HOLD,
                "BR-CO-15",
                sources["gross"],
                _("No VAT total is stated in the document's currency, {currency}."),
                {"currency": invoice.currency},
            )
        else:
            yield from _compared(
                "BR-CO-15",
                sources["gross"],
                _("The total with VAT is stated as {stated}, but net and VAT give {computed}."),
                gross,
                rounded(net + vat),
            )
    if invoice.payable is not None and gross is not None:
        yield from _compared(
            "BR-CO-16",
            sources["payable"],
            _("The amount to pay is stated as {stated}, but total, prepaid and rounding give {computed}."),
            invoice.payable,
            rounded(gross - (invoice.prepaid or _NOTHING) + (invoice.rounding or _NOTHING)),
        )


def _total_place(invoice: Invoice) -> str:
    return invoice.sources.get("payable", "").rpartition("/")[0]


def _compared(
    code: str, where: str, sentence: str, stated: Decimal | None, computed: Decimal
) -> Iterator[Finding]:
    if stated != computed:
        yield Finding(
            Severity.HOLD,
            code,
            where,
            sentence,
            {"stated": None if stated is None else str(stated), "computed": str(computed)},
        )


def _group_tax(group: VatGroup) -> Iterator[Finding]:
    """BR-CO-17: base times rate, rounded half up; less than one unit off is allowed, and said."""
    computed = rounded(abs(group.taxable) * (group.rate or _NOTHING) / _HUNDRED)
    if group.taxable < 0:
        computed = -computed
    off = abs(abs(group.tax) - abs(computed))
    if not off and (group.tax >= 0) == (computed >= 0):
        return
    values = {
        "stated": str(group.tax),
        "computed": str(computed),
        "taxable": str(group.taxable),
        "rate": group.rate_text or "0",
    }
    sentence = _("The VAT is stated as {stated}, but {rate} % of {taxable} is {computed}.")
    where = f"{group.xpath}/cbc:TaxAmount"
    has_other_sign = group.tax * computed < 0
    free = not group.rate
    if has_other_sign or (free and group.tax) or off >= _UNIT:
        yield Finding(Severity.HOLD, "BR-CO-17", where, sentence, values)
        yield Finding(Severity.HOLD, f"BR-{RULE_OF.get(group.category, 'S')}-09", where, sentence, values)
    elif off:
        yield Finding(Severity.NOTE, "vat_group_rounding", where, sentence, values)


def _key(category: str | None, rate: Decimal | None) -> tuple[str, Decimal | None]:
    category = category or ""
    return (category, rate or _NOTHING) if category in _WITH_RATES else (category, None)


def _group_bases(invoice: Invoice) -> Iterator[Finding]:
    """BR-S-08 and siblings: a group's base is its lines and charges without its discounts."""
    if not invoice.vat_groups:
        return
    computed: dict[tuple[str, Decimal | None], Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        computed[_key(line.vat_category, line.vat_rate)] += line.net
    for each in invoice.allowances_charges:
        amount = each.amount if each.is_charge else -each.amount
        computed[_key(each.vat_category, each.vat_rate)] += amount
    stated: dict[tuple[str, Decimal | None], list[VatGroup]] = defaultdict(list)
    for group in invoice.vat_groups:
        stated[_key(group.category, group.rate)].append(group)
    for key, groups in stated.items():
        yield from _base(key[0], groups, computed.pop(key, _NOTHING))
    for (category, rate), amount in computed.items():
        yield Finding(
            Severity.HOLD,
            f"BR-{RULE_OF.get(category, 'CO')}-{'01' if category in RULE_OF else '18'}",
            invoice.sources.get("vat", invoice.vat_groups[0].xpath),
            _("Lines of {amount} have VAT category “{category}” {rate}, which the VAT totals do not have."),
            {"amount": str(amount), "category": category[:10], "rate": "" if rate is None else f"{rate} %"},
        )


def _base(category: str, groups: list[VatGroup], computed: Decimal) -> Iterator[Finding]:
    first, code = groups[0], f"BR-{RULE_OF.get(category, 'CO')}-08"
    if len(groups) > 1:
        yield Finding(
            Severity.HOLD,
            f"BR-{RULE_OF.get(category, 'CO')}-01",
            groups[1].xpath,
            _("VAT category “{category}” is in the VAT totals {times} times with the same rate."),
            {"category": category[:10], "times": len(groups)},
        )
    stated = sum((group.taxable for group in groups), _NOTHING)
    off = abs(stated - computed)
    values = {
        "stated": str(stated),
        "computed": str(computed),
        "category": category[:10],
        "rate": first.rate_text or "0",
    }
    sentence = _("The base of {category} {rate} % is stated as {stated}, but its lines sum to {computed}.")
    where = f"{first.xpath}/cbc:TaxableAmount"
    if off and (category not in _WITH_RATES or off >= _UNIT):
        yield Finding(Severity.HOLD, code, where, sentence, values)
    elif off:
        yield Finding(Severity.NOTE, "vat_base_rounding", where, sentence, values)


def _line(line: InvoiceLine) -> Iterator[Finding]:
    """Prices are never negative (BR-27, BR-28). That they do not explain the net is only worth saying."""
    for code, price, what in (
        ("BR-27", line.price, "cbc:PriceAmount"),
        ("BR-28", line.gross_price, "cac:AllowanceCharge/cbc:BaseAmount"),
    ):
        if price is not None and price < 0:
            yield Finding(
                Severity.HOLD,
                code,
                f"{line.xpath}/cac:Price/{what}",
                _("The price {stated} is negative; it is the quantity that should be."),
                {"stated": str(price)},
            )
    if line.price is None or line.quantity is None:
        return
    base = _UNIT if line.base_quantity is None else line.base_quantity
    if base <= 0:
        yield Finding(
            Severity.NOTE,
            "PEPPOL-EN16931-R121",
            f"{line.xpath}/cac:Price/cbc:BaseQuantity",
            _("The price is for {stated} pieces; that must be more than nothing."),
            {"stated": str(base)},
        )
        return
    explained = line.quantity * line.price
    if base != _UNIT:
        explained /= base
    for each in line.allowances_charges:
        explained += each.amount if each.is_charge else -each.amount
    if abs(line.net - explained) > _SLACK:
        yield Finding(
            Severity.NOTE,
            "PEPPOL-EN16931-R120",
            f"{line.xpath}/cbc:LineExtensionAmount",
            _("The line states {stated}, but quantity and price give {computed}. What it states counts."),
            {"stated": str(line.net), "computed": str(rounded(explained))},
        )
