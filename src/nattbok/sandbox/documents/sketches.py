"""Papers drawn from sketches: a layout is a text in which each run stands about where it is printed.

A sketch has a head of `name: value` lines, a line of dashes, and the page. On the page two blanks part two
runs; a run begins in its column, or ends where a `|` follows it, and is moved when another is in its way.
`{word}` is a value (see `_values`); a line with `{item…}` is repeated for each item and one with `{rate…}`
for each rate of VAT. A run that begins with `#` is large, with `*` bold, with `^` small; `~` cuts a run in
two texts that touch. A line `%%` begins another page.

The head: layout (its name); country; kind; rates (of VAT); items (their texts, with `;` between); count,
least and most (how many items, and their prices); money (how 1234.5 is printed); days (as strftime);
language (of the months); face; size; pitch (points a column); leading (points a line); order (in which the
texts stand in the file: rows, columns, upwards, labels first, shuffled); side (what is written up the
margin); flags (gross, rounded, credit, no_vat, unsigned: a credit note without minus signs); trade (what the
seller's name ends in); currency; org and iban (of a seller from elsewhere).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from random import Random
from re import Match, finditer

from babel.dates import get_month_names

from nattbok.base.money import rounded
from nattbok.countries.check_digits import mod10
from nattbok.sandbox.documents import pdf
from nattbok.sandbox.documents.deals import HUNDRED, Deal, Terms, deal
from nattbok.sandbox.documents.pdf import Text

LEFT, TOP = 34, 36  # points from the corner of the page to the corner of the sketch
RIGHT = 22  # points to the right edge, at least
APART = 7  # points between two runs, at least
SMALL = 0.75
MARKS = {"#": 1.6, "*": 1.0, "^": SMALL}  # times the usual size
NEW_PAGE = "%%"
SIDE = 12  # points from the left edge
MONTHS = {
    language: list(get_month_names("wide", locale=language).values())
    for language in ("nb", "sv", "en", "da", "de", "nl")
}
# Which fields of the truth a value's word stands for.
FIELDS = {
    "supplier": "supplier_name", "SUPPLIER": "supplier_name", "org": "supplier_orgno",
    "number": "invoice_no", "issued": "issue_date",
    "due": "due_date", "net": "net", "vat": "vat_total", "total": "total", "ref": "payment_ref",
    "account": "bank_account", "bankgiro": "bankgiro", "plusgiro": "plusgiro", "iban": "iban",
    "buyerorg": "buyer_orgno",
}  # fmt: skip
ALWAYS = ("net", "vat_total", "total")


@dataclass(frozen=True, slots=True)
class Sketch:
    """A layout: its name, what its head says, and the lines of its page."""

    name: str
    head: Mapping[str, str]
    lines: tuple[str, ...]

    @property
    def flags(self) -> frozenset[str]:
        """What is out of the ordinary."""
        return frozenset(self.head.get("flags", "").split())

    @property
    def kind(self) -> str:
        """What the paper is."""
        return self.head.get("kind", "invoice")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One paper: the texts of each page in the order of the file, and what should be read of it."""

    layout: str
    country: str
    kind: str
    pages: tuple[tuple[Text, ...], ...]
    truth: dict[str, str | None]
    vat_lines: tuple[dict[str, str], ...]
    supplier: str

    def pdf(self) -> bytes:
        """The paper as a PDF with text."""
        return pdf.write(self.pages)


@cache
def sketches() -> tuple[Sketch, ...]:
    """All layouts, by name."""
    folder = files("nattbok.sandbox.documents").joinpath("layouts")
    found = []
    for one in folder.iterdir():
        if one.name.endswith(".txt"):
            found += [_read(told) for told in one.read_text(encoding="utf-8").split("\n====\n")]
    return tuple(sorted(found, key=lambda one: one.name))


def _read(told: str) -> Sketch:
    head, _dashes, page = told.strip("\n").partition("\n----\n")
    pairs = dict(line.split(":", 1) for line in head.splitlines() if line.strip())
    named = {name.strip(): value.strip() for name, value in pairs.items()}
    return Sketch(named.pop("layout"), named, tuple(page.splitlines()))


def draw(sketch: Sketch, seed: int = 0) -> Drawn:
    """The paper of this layout and seed."""
    head = sketch.head
    sale = deal(_terms(sketch), f"{sketch.name}/{seed}")
    values = {**_values(sketch, sale), **sale.others}
    random = Random(f"{sketch.name}/{seed}/order")
    pages = [
        _ordered(list(_texts(sketch, lines, sale, values)), head.get("order", "rows"), random)
        for lines in _pages(sketch.lines)
    ]
    if side := head.get("side"):
        small = float(head.get("size", 9)) * SMALL
        pages[0].append(Text(SIDE, 600, side.format(**values), small, is_upwards=True))
    used = {name for line in (*sketch.lines, side or "") for name in _words(line)}
    return Drawn(
        sketch.name, head["country"], sketch.kind, tuple(map(tuple, pages)), _truth(sketch, sale, used),
        _vat_lines(sketch, sale), sale.supplier,
    )  # fmt: skip


def _terms(sketch: Sketch) -> Terms:
    head = sketch.head
    return Terms(
        head["country"], [Decimal(one) for one in head.get("rates", "25").split()],
        [one.strip() for one in head["items"].split(";")], int(head.get("count", 3)),
        "gross" in sketch.flags, "rounded" in sketch.flags, "credit" in sketch.flags,
        int(head.get("least", 40)), int(head.get("most", 9_000)), head.get("trade", ""),
        head.get("org", ""), head.get("iban", ""),
    )  # fmt: skip


def _words(line: str) -> Iterator[str]:
    """The fields of the truth that a line prints."""
    for match in finditer(r"\{(\w+)", line):
        yield FIELDS.get(match[1].split("_")[0], "") if not match[1].startswith("old") else ""


def _truth(sketch: Sketch, sale: Deal, used: set[str]) -> dict[str, str | None]:
    sign = _sign(sketch)
    is_large = not any("{supplier}" in line for line in sketch.lines)
    said = {
        "supplier_name": sale.supplier.upper() if is_large else sale.supplier,
        "supplier_orgno": sale.org, "invoice_no": sale.number,
        "issue_date": sale.issued.isoformat(), "due_date": sale.due.isoformat(),
        "currency": sketch.head.get("currency") or {"NO": "NOK", "SE": "SEK"}[sale.country],
        "net": f"{sign * sale.net:.2f}", "vat_total": f"{sign * sale.vat:.2f}",
        "total": f"{sign * sale.total:.2f}",
        "payment_ref": sale.reference, "bank_account": sale.account, "bankgiro": sale.bankgiro,
        "plusgiro": sale.plusgiro, "iban": sale.iban, "buyer_orgno": sale.buyer_org,
    }  # fmt: skip
    always = {"currency", "total"} if "no_vat" in sketch.flags else {"currency", *ALWAYS}
    return {name: value if name in used or name in always else None for name, value in said.items()}


def _sign(sketch: Sketch) -> int:
    return -1 if "unsigned" in sketch.flags else 1


def _vat_lines(sketch: Sketch, sale: Deal) -> tuple[dict[str, str], ...]:
    sign = _sign(sketch)
    rates = () if "no_vat" in sketch.flags else sale.rates
    return tuple(
        {"rate": f"{one.rate:f}", "base": f"{sign * one.base:.2f}", "vat": f"{sign * one.vat:.2f}"}
        for one in rates
    )


def _values(sketch: Sketch, sale: Deal) -> dict[str, str]:
    """All that a sketch may print, by its words."""
    form, days = sketch.head.get("money", "1 234,50"), sketch.head.get("days", "%d.%m.%Y")
    language = sketch.head.get("language", {"NO": "nb", "SE": "sv"}[sale.country])
    is_swedish = len(sale.org) == 10 and sale.org.isdigit()
    org = f"{sale.org[:6]}-{sale.org[6:]}" if is_swedish else f"{sale.org[:3]} {sale.org[3:6]} {sale.org[6:]}"
    kroner, ore = f"{abs(sale.total):.2f}".split(".")
    account = sale.account
    first = sale.issued.replace(day=1)
    return {
        "supplier": sale.supplier, "SUPPLIER": sale.supplier.upper(), "buyer": sale.buyer,
        "org": org, "org_plain": sale.org, "org_vat": f"SE{sale.org}01" if is_swedish else f"NO {org} MVA",
        "org_mva": f"{org} MVA", "org_as_is": sale.org,
        "buyerorg": _org(sale.buyer_org), "number": sale.number,
        "issued": day(sale.issued, days, language), "due": day(sale.due, days, language),
        "terms": str((sale.due - sale.issued).days),
        "delivered": day(sale.issued - timedelta(days=4), days, language),
        "first": day(first, days, language), "last": day(first - timedelta(days=1), days, language),
        "long_before": day(sale.issued - timedelta(days=31), days, language),
        "net": money(sale.net, form), "vat": money(sale.vat, form), "total": money(sale.total, form),
        "total_kr": kroner, "total_ore": ore, "total_check": mod10(kroner + ore),
        "before": money(sale.total - sale.rounding, form), "rounding": money(sale.rounding, form),
        "old": money(Decimal("1417.50"), form), "old_two": money(Decimal("388.00"), form),
        "fee": money(Decimal("70.00"), form), "tip": money(Decimal("45.00"), form),
        "with_old": money(sale.total + Decimal("1417.50"), form),
        "with_fee": money(sale.total + Decimal("70.00"), form),
        "account": f"{account[:4]}.{account[4:6]}.{account[6:]}", "account_plain": account,
        "account_spaced": f"{account[:4]} {account[4:6]} {account[6:]}",
        "iban": " ".join(sale.iban[place : place + 4] for place in range(0, len(sale.iban), 4)),
        "iban_plain": sale.iban, "bankgiro": f"{sale.bankgiro[:-4]}-{sale.bankgiro[-4:]}",
        "bankgiro_plain": sale.bankgiro, "plusgiro": f"{sale.plusgiro[:-1]}-{sale.plusgiro[-1]}",
        "ref": sale.reference, "other_org_form": _org(sale.others["other_org"]),
    }  # fmt: skip


def _org(number: str) -> str:
    if len(number) == 10:
        return f"{number[:6]}-{number[6:]}"
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def day(on: date, form: str, language: str) -> str:
    """A day in a form of strftime, its month's name in the language."""
    name = MONTHS[language][on.month - 1]
    form = (
        form.replace("%B", name)
        .replace("%b", name[:3])
        .replace("%-d", str(on.day))
        .replace("%-m", str(on.month))
    )
    return on.strftime(form)


def money(amount: Decimal, form: str = "1 234,50") -> str:
    """An amount as the form, which is how 1234.50 is printed, has it."""
    thousands, decimal = form[1] if not form[1].isdigit() else "", form[-3]
    text = f"{abs(amount):,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    return f"-{text}" if amount < 0 else text


def _pages(lines: Sequence[str]) -> list[list[str]]:
    pages: list[list[str]] = [[]]
    for line in lines:
        if line == NEW_PAGE:
            pages.append([])
        else:
            pages[-1].append(line)
    return pages


def _texts(
    sketch: Sketch, lines: Sequence[str], sale: Deal, values: Mapping[str, str]
) -> Iterator[tuple[Text, bool]]:
    """Each text of a page, and whether it has a value."""
    head = sketch.head
    size, face = float(head.get("size", 9)), head.get("face", "sans")
    widest = max(len(line) for line in sketch.lines)
    pitch = min(float(head.get("pitch", 5.2)), (pdf.WIDTH - LEFT - RIGHT) / widest)
    y = float(TOP)
    for line in lines:
        for told in _repeated(line, sketch, sale):
            free = 0.0  # from where nothing is printed on this line
            for match in finditer(r"\S(?:\S| (?! ))*", line):
                one = _run(match, pitch, Text(0, y, "", size, face=face), {**values, **told})
                one = replace(one, x=max(one.x, free))
                free = one.x + pdf.width(one.text, one.size, face) + APART
                yield from ((part, "{" in match[0]) for part in _cut(one))
            y += float(head.get("leading", 13))


def _repeated(line: str, sketch: Sketch, sale: Deal) -> Iterator[Mapping[str, str]]:
    form = sketch.head.get("money", "1 234,50")
    if "{item" in line:
        for place, one in enumerate(sale.items, 1):
            yield {
                "item": one.text, "item_no": str(place), "item_quantity": f"{one.quantity:f}",
                "item_price": money(one.price, form), "item_amount": money(one.amount, form),
                "item_rate": f"{one.rate:f}", "item_code": f"{1000 + 37 * place}",
                "item_with_vat": money(one.amount + rounded(one.amount * one.rate / HUNDRED), form),
            }  # fmt: skip
    elif "{rate" in line:
        for one in sale.rates:
            yield {
                "rate": f"{one.rate:f}", "rate_base": money(one.base, form), "rate_vat": money(one.vat, form),
                "rate_with_vat": money(one.base + one.vat, form),
            }  # fmt: skip
    else:
        yield {}


def _run(match: Match[str], pitch: float, like: Text, values: Mapping[str, str]) -> Text:
    told = match[0]
    mark = told[0] if told[0] in MARKS and told[1:2] not in ("", " ", "*") else ""
    text = told.rstrip("|").removeprefix(mark).format(**values)
    size = like.size * MARKS.get(mark, 1.0)
    x = LEFT + pitch * match.start()
    if told.endswith("|"):
        x = LEFT + pitch * (match.end() - 1) - pdf.width(text.replace("~", ""), size, like.face)
    return replace(like, x=x, text=text, size=size, is_bold=mark in tuple("#*"))


def _cut(one: Text) -> Iterator[Text]:
    x = one.x
    for part in one.text.split("~"):
        yield replace(one, x=x, text=part)
        x += pdf.width(part, one.size, one.face)


def _ordered(texts: list[tuple[Text, bool]], order: str, random: Random) -> list[Text]:
    if order == "columns":
        texts = sorted(texts, key=lambda one: (one[0].x // 150, one[0].y))
    elif order == "upwards":
        texts = texts[::-1]
    elif order == "labels first":
        texts = sorted(texts, key=lambda one: one[1])
    elif order == "shuffled":
        random.shuffle(texts)
    return [text for text, _has_value in texts if text.text.strip()]
