"""From parts that have their place to the cost lines of a bill: shared, gathered and exact to the øre."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from nattbok.base.dates import Month
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.documents.rules.bill import Bill, Group
from nattbok.documents.rules.coded_lines import CodedLine
from nattbok.documents.rules.office_rules import Coding
from nattbok.documents.rules.parts import Part, shared_vat
from nattbok.documents.rules.shares import Share, divided
from nattbok.ledger.rules.templates import Side, Size, Template
from nattbok.ledger.rules.templates import shares as template_shares


class TemplateIsMissing(Refused):
    """A setting or a rule names a template that is not there, or no longer."""

    message = _("There is no template {key}.")


class TemplateDoesNotFit(Refused):
    """On a bill, a template shares the costs: its lines are debits that come to the whole."""

    message = _("Template {key} cannot code this bill: its lines do not come to {amount}.")


@dataclass(frozen=True, slots=True)
class Placed:
    """A part with where it goes, and why."""

    part: Part
    vat_code: str
    coding: Coding
    reason: Words
    dimensions: Mapping[str, str] | None = None  # on every line, unless a share has its own
    entries: tuple[int, ...] = ()
    evidence: Mapping | None = None


def accounts_of(coding: Coding, templates: Mapping[str, Template]) -> set[str]:
    """All accounts that a coding may use."""
    if coding.template:
        known = templates.get(coding.template)
        return {line.account for line in known.lines} if known else set()
    found = {each.account or coding.account for each in coding.shares}
    return found | ({coding.account} if coding.account and not coding.shares else set())


def following(part: Part, placed: Sequence[Placed], code: str) -> Placed:
    """A discount or charge goes where the largest part of its group goes, else of the bill."""
    of = [each for each in placed if each.part.group == part.group] or list(placed)
    largest = max(of, key=lambda each: abs(each.part.net))
    return replace(largest, part=part, vat_code=largest.vat_code if largest in of else code)


def lines(
    bill: Bill, placed: Sequence[Placed], templates: Mapping[str, Template], first: Month | None
) -> tuple[CodedLine, ...]:
    """The cost lines: in the order of the VAT groups, parts that go to the same place together.

    They come to each group's net and VAT to the øre. Raises TemplateIsMissing and TemplateDoesNotFit.
    """
    found: list[CodedLine] = []
    for group in dict.fromkeys(each.part.group for each in placed):
        together = _gathered([each for each in placed if each.part.group == group])
        vats = shared_vat(group.vat, [each.part.net for each in together])
        for each, vat in zip(together, vats, strict=True):
            found += _shared(bill, group, each, vat, templates, first)
    return tuple(line for line in found if line.net or line.vat)


def _gathered(placed: Sequence[Placed]) -> list[Placed]:
    """The parts of a group that go to the same place, as one part each; the largest tells the reason."""
    by_place: dict[tuple, list[Placed]] = {}
    for each in placed:
        dimensions = tuple(sorted((each.dimensions or {}).items()))
        by_place.setdefault((each.vat_code, _key(each.coding), dimensions), []).append(each)
    found = []
    for same in by_place.values():
        largest = max(same, key=lambda each: abs(each.part.net))
        part = replace(
            largest.part,
            net=sum((each.part.net for each in same), ZERO),
            places=tuple(sorted(place for each in same for place in each.part.places)),
        )
        entries = tuple(dict.fromkeys(entry for each in same for entry in each.entries))
        found.append(replace(largest, part=part, entries=entries))
    return sorted(found, key=lambda each: min(each.part.places, default=0))


def _key(coding: Coding) -> tuple:
    shares = tuple(
        (each.share, each.account, tuple(sorted((each.dimensions or {}).items()))) for each in coding.shares
    )
    return coding.account, shares, coding.template, coding.months


def _shared(
    bill: Bill,
    group: Group,
    placed: Placed,
    vat: Decimal,
    templates: Mapping[str, Template],
    first: Month | None,
) -> list[CodedLine]:
    if placed.coding.template:
        return _by_template(bill, group, placed, vat, templates, first)
    keys = placed.coding.shares or (Share(Decimal(1), placed.coding.account),)
    nets, vats = divided(placed.part.net, keys), divided(vat, keys)
    months = placed.coding.months if placed.coding.months > 1 and first else 0
    return [
        _line(
            bill,
            group,
            placed,
            each.account or placed.coding.account,
            net,
            part,
            dimensions={**(placed.dimensions or {}), **(each.dimensions or {})},
            months=months,
            first=first if months else None,
        )
        for each, net, part in zip(keys, nets, vats, strict=True)
    ]


def _by_template(
    bill: Bill,
    group: Group,
    placed: Placed,
    vat: Decimal,
    templates: Mapping[str, Template],
    first: Month | None,
) -> list[CodedLine]:
    """The template's lines for the part's net; the document's VAT is shared as the nets are."""
    template = templates.get(placed.coding.template)
    if template is None:
        raise TemplateIsMissing(key=placed.coding.template)
    net = placed.part.net
    is_of_bill = len({each.source for each in bill.groups if each.net or each.vat}) == 1
    is_fixed = any(line.size is Size.FIXED for line in template.lines)
    if any(line.side is Side.CREDIT for line in template.lines) or (is_fixed and not is_of_bill):
        raise TemplateDoesNotFit(key=template.key, amount=net)
    on = bill.issued_on or bill.supplied_on
    if on is None:
        raise TemplateDoesNotFit(key=template.key, amount=net)
    parts = template_shares(template, net, on=on)
    if sum((each.amount for each in parts), ZERO) != net:
        raise TemplateDoesNotFit(key=template.key, amount=net)
    return [
        _line(
            bill,
            group,
            replace(placed, vat_code=each.vat_code or placed.vat_code),
            each.account,
            each.amount,
            part,
            dimensions={**(placed.dimensions or {}), **(each.dimensions or {})},
            months=each.months,
            first=_first(template, place, first) if each.months else None,
        )
        for place, (each, part) in enumerate(
            zip(parts, shared_vat(vat, [each.amount for each in parts]), strict=True)
        )
    ]


def _first(template: Template, place: int, first: Month | None) -> Month | None:
    return first.plus(template.lines[place].months_on) if first else None


def _line(
    bill: Bill,
    group: Group,
    placed: Placed,
    account: str,
    net: Decimal,
    vat: Decimal,
    *,
    dimensions: Mapping[str, str],
    months: int,
    first: Month | None,
) -> CodedLine:
    return CodedLine(
        account=account,
        vat_code=placed.vat_code,
        net=net,
        vat=vat,
        reason=placed.reason,
        rate=group.rate,
        source=group.source,
        text=f"{bill.seller} {bill.number}"[:300],
        dimensions=dict(dimensions) or None,
        entries=placed.entries,
        places=placed.part.places,
        months=months,
        first=first,
        evidence=placed.evidence,
    )
