"""The coding grid of the document inbox: what is proposed, what was typed, and what a key makes of it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.http import QueryDict
from django.utils.dates import MONTHS

from nattbok.base.dates import Month
from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import Words, _
from nattbok.base.written import NotAnAmount, read_amount
from nattbok.clients.models import Client
from nattbok.countries.country import VatDirection
from nattbok.countries.known import country
from nattbok.documents.queries import Detail
from nattbok.documents.rules.coding import CHOSEN, CodedLine, vat_code
from nattbok.documents.rules.parts import shared_vat
from nattbok.ledger.rules import spreading
from nattbok.ledger.rules.templates import Template
from nattbok.ledger.rules.templates import shares as template_shares
from nattbok.web import shown

MOST_ROWS = 60
DIMENSIONS = ("department", "project")
COLUMNS = {
    "vat_code": _("VAT code"),
    "net": _("Net"),
    "vat": _("VAT"),
    "gross": _("Gross"),
    "department": _("Department"),
    "project": _("Project"),
    "text": _("Text"),
}
USUAL = ("vat_code", "net", "vat", "gross", "department", "project", "text")
FIXED = ("vat_code", "net", "vat")  # can be moved, and not removed: they decide what is posted
PAGE = "documents.coding"  # of the person's settings


class RowWithoutAccount(Refused):
    """A line with an amount needs an account."""

    message = _("Line {number} has an amount but no account.")


class NotTheWhole(Refused):
    """A template shares all of a line, as costs."""

    message = _("Template {key} does not share {amount} over costs alone.")


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of the coding grid; `place` counts from 1."""

    place: int
    account: str = ""
    vat_code: str = ""
    net: Decimal | None = None
    vat: Decimal | None = None
    text: str = ""
    source: str = ""
    reason: Words | None = None
    is_unsure: bool = False
    spread: str = ""  # /12 from 2026-04
    department: str = ""
    project: str = ""

    @property
    def account_written(self) -> str:
        """The account, and how it is spread, as they are typed."""
        return f"{self.account} {self.spread}".strip()

    @property
    def net_written(self) -> str:
        """The net as it is typed: without signs between the thousands."""
        return typed(self.net)

    @property
    def vat_written(self) -> str:
        """The VAT as it is typed."""
        return typed(self.vat)

    @property
    def gross_written(self) -> str:
        """Both together."""
        return "" if self.net is None and self.vat is None else typed((self.net or ZERO) + (self.vat or ZERO))


def typed(amount: Decimal | None) -> str:
    """An amount as people type it, in the reader's form."""
    text = "" if amount is None else f"{amount:.2f}"
    return text if shown.language() == "en" else text.replace(".", ",")


_BY_SETTING = _("the setting of {supplier}")


def proposed(client: Client, found: Detail, *, is_unsure: bool) -> list[GridRow]:
    """The proposed lines; without a proposal the document's VAT groups, with the account left to fill in."""
    rows = [
        replace(_row_of(place, line), is_unsure=is_unsure or not _is_certain(line))
        for place, line in enumerate(found.coding, 1)
    ]
    if rows:
        return rows
    law = country(client.country)
    for place, group in enumerate(found.bill.groups, 1):
        code = vat_code(group, bill=found.bill, law=law)
        known = code if isinstance(code, str) else ""
        text = f"{found.bill.seller} {found.bill.number}".strip()[:300]
        rows.append(GridRow(place, "", known, group.net, group.vat, text, group.source, is_unsure=True))
    return rows or [GridRow(1, net=found.bill.net, vat=found.bill.vat, is_unsure=True)]


def _is_certain(line: CodedLine) -> bool:
    return bool(line.entries or line.evidence) or line.reason.text == _BY_SETTING


def of_lines(lines: Sequence[CodedLine]) -> list[GridRow]:
    """Coded lines as rows."""
    return [_row_of(place, line) for place, line in enumerate(lines, 1)]


def _row_of(place: int, line: CodedLine) -> GridRow:
    dimensions = line.dimensions or {}
    spread = f"/{line.months} from {line.first}" if line.months > 1 and line.first else ""
    return GridRow(
        place, line.account, line.vat_code, line.net, line.vat, line.text, line.source, line.reason,
        spread=spread, department=dimensions.get("department", ""), project=dimensions.get("project", ""),
    )  # fmt: skip


def left(found: Detail, rows: Sequence[GridRow]) -> Decimal:
    """What the document asks for and the rows do not have."""
    return asked(found) - sum(((row.net or ZERO) + (row.vat or ZERO) for row in rows), ZERO)


def asked(found: Detail) -> Decimal:
    """What the lines are to come to."""
    return (found.bill.owed or ZERO) - found.bill.rounding


def rates(client: Client, found: Detail, today: datetime.date) -> dict[str, str]:
    """VAT code → the percent that is stated on a bill of that day; nothing where the buyer owes it."""
    on = found.bill.supplied_on or today
    given = {}
    for code in country(client.country).vat_codes.values():
        if code.direction is VatDirection.INPUT and code.rates and code.rates[0][0] <= on:
            given[code.code] = f"{code.rate(on).normalize():f}"
        elif code.direction is not VatDirection.OUTPUT:
            given[code.code] = "0"
    return given


def lines(found: Detail, post: QueryDict, *, today: datetime.date) -> list[CodedLine]:
    """The rows of a form that say anything. One that is as it was proposed keeps its reason."""
    rows = []
    for row in written_rows(post):
        if not row.account and not row.net and not row.vat:
            continue
        if not row.account:
            raise RowWithoutAccount(number=row.place)
        months, first = _spread(row.spread, found, today)
        rows.append(
            CodedLine(
                account=row.account,
                vat_code=row.vat_code,
                net=(row.net or ZERO) + ZERO,
                vat=(row.vat or ZERO) + ZERO,
                reason=Words(CHOSEN),
                source=row.source,
                text=row.text,
                dimensions=_dimensions(row),
                months=months,
                first=first,
            )
        )
    return [_as_proposed(line, found) for line in _sources(rows, found)]


def _spread(written: str, found: Detail, today: datetime.date) -> tuple[int, Month | None]:
    if not written:
        return 0, None
    return spreading.read(written, on=found.bill.issued_on or today)


def _dimensions(row: GridRow) -> Mapping[str, str] | None:
    said = {name: getattr(row, name) for name in DIMENSIONS if getattr(row, name)}
    return said or None


def written_rows(post: QueryDict) -> list[GridRow]:
    """The rows as the form has them, also empty ones. NotAnAmount for what is no amount."""
    rows = []
    for place in range(1, MOST_ROWS + 1):
        if f"account-{place}" not in post:
            continue
        account, spread = _account(post[f"account-{place}"])
        rows.append(
            GridRow(
                place,
                account,
                post.get(f"vat_code-{place}", "").strip().partition(" ")[0][:10],
                read_amount(post.get(f"net-{place}", "")),
                read_amount(post.get(f"vat-{place}", "")),
                said(post, f"text-{place}"),
                post.get(f"source-{place}", "")[:500],
                spread=spread,
                department=said(post, f"department-{place}")[:60],
                project=said(post, f"project-{place}")[:60],
            )
        )
    return rows


def _account(written: str) -> tuple[str, str]:
    """`6300 Leie /12 from 2026-04` is the account and how it is spread."""
    account, slash, spread = written.strip().partition("/")
    return account.strip().partition(" ")[0][:10], f"/{spread.strip()[:30]}" if slash else ""


def said(post: QueryDict, name: str) -> str:
    """What somebody wrote in a field, on one line."""
    return " ".join(post.get(name, "").replace("\0", "").split())[:300]


def _sources(rows: list[CodedLine], found: Detail) -> list[CodedLine]:
    """The rows with the VAT group that they are of, where they come to it together; else without."""
    stated = {group.source: (group.net, group.vat) for group in found.bill.groups}
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for row in rows:
        net, vat = sums.get(row.source, (ZERO, ZERO))
        sums[row.source] = (net + row.net, vat + row.vat)
    return [row if sums[row.source] == stated.get(row.source) else replace(row, source="") for row in rows]


def _as_proposed(line: CodedLine, found: Detail) -> CodedLine:
    for was in found.coding:
        if (line.account, line.vat_code, line.source) != (was.account, was.vat_code, was.source):
            continue
        others = {name: text for name, text in (was.dimensions or {}).items() if name not in DIMENSIONS}
        kept = replace(
            line, rate=was.rate, places=was.places, dimensions={**others, **(line.dimensions or {})} or None
        )
        is_same = (line.net, line.vat, line.months, line.first, dict(kept.dimensions or {})) == (
            was.net, was.vat, was.months, was.first, dict(was.dimensions or {}),
        )  # fmt: skip
        if is_same:
            return replace(kept, reason=was.reason, entries=was.entries, evidence=was.evidence)
        return kept
    return line


def expanded(
    client: Client,
    found: Detail,
    rows: Sequence[GridRow],
    templates: Mapping[str, Template],
    *,
    today: datetime.date,
) -> list[GridRow]:
    """The rows, each whose account is a template's key replaced by the template's lines for its amount.

    A row without an amount takes what is left. The document's VAT is shared as the nets are.
    """
    made: list[GridRow] = []
    for row in rows:
        template = templates.get(row.account.casefold())
        if template is None:
            made.append(row)
            continue
        net, vat = row.net, row.vat
        if not net and not vat:
            net, vat = _rest(client, found, row, rows, today)
        made += _of_template(template, replace(row, net=net or ZERO, vat=vat or ZERO), found, today)
    return [replace(row, place=place) for place, row in enumerate(made[:MOST_ROWS], 1)]


def _rest(
    client: Client, found: Detail, row: GridRow, rows: Sequence[GridRow], today: datetime.date
) -> tuple[Decimal, Decimal]:
    """What the other rows leave, as net and VAT by the row's code."""
    rest = left(found, [each for each in rows if each is not row])
    percent = Decimal(rates(client, found, today).get(row.vat_code, "0"))
    net = (rest / (1 + percent / 100)).quantize(Decimal("0.01"))
    return net, rest - net


def _of_template(template: Template, row: GridRow, found: Detail, today: datetime.date) -> list[GridRow]:
    on = found.bill.issued_on or today
    net = row.net or ZERO
    names = [str(MONTHS[month]) for month in range(1, 13)]
    parts = template_shares(template, net, on=on, months=names)
    if any(part.amount * net < 0 for part in parts) or sum((part.amount for part in parts), ZERO) != net:
        raise NotTheWhole(key=template.key, amount=net)
    vats = shared_vat(row.vat or ZERO, [part.amount for part in parts])
    reason = Words(_("template {key}: {name}"), {"key": template.key, "name": template.name})
    return [
        replace(
            row,
            account=part.account,
            vat_code=part.vat_code or row.vat_code,
            net=part.amount,
            vat=vat,
            text=part.text or row.text,
            spread=f"/{part.months} from {part.first}" if part.months else row.spread,
            department=(part.dimensions or {}).get("department", row.department),
            project=(part.dimensions or {}).get("project", row.project),
            reason=reason,
            is_unsure=False,
        )
        for part, vat in zip(parts, vats, strict=True)
    ]


def as_written(post: QueryDict) -> list[GridRow] | None:
    """The grid as the person wrote it, so that nothing is typed twice; None when it cannot be read."""
    try:
        return written_rows(post) or None
    except NotAnAmount:
        return None
