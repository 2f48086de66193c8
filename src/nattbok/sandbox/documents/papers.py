"""What is printed on a bill: the invoice's own figures, in two layouts, in Norwegian or Swedish."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.formats.invoice.shape import Invoice
from nattbok.sandbox.documents.pdf import Text
from nattbok.sandbox.writing.ubl import Address

WORDS = {
    "NO": {
        "invoice": "Faktura", "credit": "Kreditnota", "number": "Fakturanummer", "date": "Fakturadato",
        "due": "Forfallsdato", "customer": "Kundenr", "reference": "KID", "account": "Kontonummer",
        "item": "Beskrivelse", "quantity": "Antall", "price": "Pris", "amount": "Beløp", "rate": "Mva-sats",
        "base": "Grunnlag", "vat": "Mva", "net": "Sum eks. mva", "vat_sum": "Sum mva",
        "total": "Å betale NOK", "credited": "Til gode NOK", "org": "Org.nr", "credits": "Gjelder faktura",
    },
    "SE": {
        "invoice": "Faktura", "credit": "Kreditfaktura", "number": "Fakturanummer", "date": "Fakturadatum",
        "due": "Förfallodatum", "customer": "Kundnr", "reference": "OCR", "account": "Bankgiro",
        "item": "Benämning", "quantity": "Antal", "price": "À-pris", "amount": "Belopp", "rate": "Moms %",
        "base": "Underlag", "vat": "Moms", "net": "Summa exkl. moms", "vat_sum": "Summa moms",
        "total": "Att betala SEK", "credited": "Er till godo SEK", "org": "Org.nr",
        "credits": "Avser faktura",
    },
}  # fmt: skip
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A bill with what the e-invoice leaves out: where the parties are."""

    country: str
    invoice: Invoice
    supplier: Address
    buyer: Address


def page(letter: Letter, *, layout: int = 0) -> list[Text]:
    """The texts of its one page."""
    return [*_heads(letter, layout), *_table(letter), *_sums(letter), *_foot(letter)]


def _heads(letter: Letter, layout: int) -> list[Text]:
    words, told = WORDS[letter.country], letter.invoice
    left, right = (45, 345) if layout % 2 == 0 else (330, 45)
    title = words["credit"] if told.is_credit_note else words["invoice"]
    found = [
        Text(left, 45, told.supplier.name, 15, is_bold=True),
        Text(left, 66, letter.supplier.street),
        Text(left, 78, f"{letter.supplier.post_code} {letter.supplier.city}"),
        Text(right, 45, title.upper(), 18, is_bold=True),
        Text(45, 165, told.buyer.name, 10),
        Text(45, 178, letter.buyer.street),
        Text(45, 190, f"{letter.buyer.post_code} {letter.buyer.city}"),
    ]
    pairs = [(words["number"], told.number), (words["date"], day(letter.country, told.issue_date))]
    if told.due_date is not None and not told.is_credit_note:
        pairs.append((words["due"], day(letter.country, told.due_date)))
    pairs.append((words["customer"], f"10{len(told.buyer.name):03}"))
    pairs += [(words["credits"], number) for number in told.preceding_invoices]
    for place, (label, value) in enumerate(pairs):
        y = 80 + 14 * place if layout % 2 == 0 else 82 + 14 * place
        found += [Text(right, y, label), Text(right + 105, y, value)]
    return found


def _table(letter: Letter) -> list[Text]:
    words = WORDS[letter.country]
    found = [Text(45, 250, words["item"], is_bold=True)]
    for x, name in ((360, "quantity"), (430, "price"), (485, "rate"), (550, "amount")):
        found.append(Text(x, 250, words[name], is_bold=True, is_right=True))
    for place, line in enumerate(letter.invoice.lines):
        y = 268 + 15 * place
        found += [
            Text(45, y, line.name[:46]),
            Text(360, y, f"{line.quantity or 1:f}", is_right=True),
            Text(430, y, money(line.price or line.net), is_right=True),
            Text(485, y, f"{_plain(line.vat_rate)} %", is_right=True),
            Text(550, y, money(line.net), is_right=True),
        ]
    return found


def _sums(letter: Letter) -> list[Text]:
    words, told = WORDS[letter.country], letter.invoice
    y = 300 + 15 * len(told.lines)
    found = [
        Text(x, y, words[name], is_bold=True, is_right=True)
        for x, name in ((300, "rate"), (400, "base"), (480, "vat"))
    ]
    for group in told.vat_groups:
        y += 14
        found += [
            Text(300, y, f"{_plain(group.rate)} %", is_right=True),
            Text(400, y, money(group.taxable), is_right=True),
            Text(480, y, money(group.tax), is_right=True),
        ]
    y += 26
    for name, amount, is_last in (
        ("net", told.net, False),
        ("vat_sum", told.vat, False),
        ("credited" if told.is_credit_note else "total", told.payable, True),
    ):
        size = 11.5 if is_last else 9.5
        found.append(Text(330, y, words[name], size, is_bold=is_last))
        found.append(Text(550, y, money(amount or Decimal(0)), size, is_bold=is_last, is_right=True))
        y += 16
    return found


def _foot(letter: Letter) -> list[Text]:
    words, told = WORDS[letter.country], letter.invoice
    found = [Text(45, 782, f"{words['org']}: {_org(letter)}", 8.5)]
    for means in told.payment_means[:1]:
        found += [
            Text(45, 690, words["account"]),
            Text(45, 704, account(letter.country, means.account or ""), 10.5),
            Text(215, 690, words["reference"]),
            Text(215, 704, means.payment_id or "", 10.5),
            Text(385, 690, words["due"]),
            Text(385, 704, day(letter.country, told.due_date), 10.5),
            Text(550, 690, words["amount"], is_right=True),
            Text(550, 704, money(told.payable or Decimal(0)), 10.5, is_right=True),
        ]
    return found


def _org(letter: Letter) -> str:
    number = letter.invoice.supplier.org_number or ""
    if letter.country == "NO":
        return f"NO {number[:3]} {number[3:6]} {number[6:]} MVA Foretaksregisteret"
    return f"{number[:6]}-{number[6:]}   Momsreg.nr SE{number}01   Godkänd för F-skatt"


def account(country: str, number: str) -> str:
    """An account's number as it is printed."""
    if country == "NO":
        return f"{number[:4]} {number[4:6]} {number[6:]}"
    return f"{number[:-4]}-{number[-4:]}"


def day(country: str, on: date | None) -> str:
    """A day as it is printed."""
    if on is None:
        return ""
    return on.isoformat() if country == "SE" else f"{on:%d.%m.%Y}"


def money(amount: Decimal) -> str:
    """An amount as it is printed: 12 345,60."""
    return f"{amount:,.2f}".replace(",", NO_BREAK).replace(".", ",")


def _plain(rate: Decimal | None) -> str:
    text = f"{rate or 0:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",") or "0"


def names(letters: Sequence[Letter]) -> list[str]:
    """What such papers are called by who sends them."""
    return [f"{WORDS[one.country]['invoice'].lower()}_{one.invoice.number}" for one in letters]
