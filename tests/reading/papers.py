"""Invoices that nobody sent, in layouts of many kinds: as words with places, and as pictures."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from PIL import Image, ImageDraw, ImageFont

from nattbok.countries.check_digits import mod10, mod11
from nattbok.reading.words import Box, Page, Source, Word

WIDTH, HEIGHT = 595.0, 842.0  # points of an A4
LETTER = 0.52  # of its height: how wide a letter is taken to be


@dataclass
class Paper:
    """What is printed: texts with their place in points, and what should be read."""

    country: str
    truth: dict[str, str]
    vat_lines: list[tuple[str, str, str]]
    texts: list[tuple[float, float, str, float]] = field(default_factory=list)
    kind: str = "invoice"

    def put(self, x: float, y: float, text: str, size: float = 9) -> None:
        """Print a text from x, with its upper edge at y."""
        self.texts.append((x, y, text, size))

    def right(self, x: float, y: float, text: str, size: float = 9) -> None:
        """Print a text that ends at x."""
        self.texts.append((x - LETTER * size * len(text), y, text, size))

    def page(self, number: int = 0) -> Page:
        """The page as a text layer gives it: word for word."""
        return Page(number, tuple(self._words(number)), WIDTH, HEIGHT, Source.TEXT)

    def _words(self, number: int) -> Iterator[Word]:
        for x, y, text, size in self.texts:
            at = x
            for word in text.split(" "):
                wide = LETTER * size * len(word)
                if word:
                    yield Word(
                        word,
                        Box(at / WIDTH, y / HEIGHT, (at + wide) / WIDTH, (y + 1.2 * size) / HEIGHT),
                        number,
                    )
                at += wide + LETTER * size * 0.55

    def picture(self, scale: float = 2.2) -> Image.Image:
        """The page as a scanner gives it."""
        made = Image.new("RGB", (int(WIDTH * scale), int(HEIGHT * scale)), "white")
        pen = ImageDraw.Draw(made)
        for x, y, text, size in self.texts:
            pen.text((x * scale, y * scale), text, fill="black", font=ImageFont.load_default(size * scale))
        return made

    def jpeg(self, scale: float = 2.2) -> bytes:
        """The page as a JPEG file."""
        kept = io.BytesIO()
        self.picture(scale).save(kept, "JPEG", quality=85)
        return kept.getvalue()


def org_no(stem: str) -> str:
    """A Norwegian organisation number from its first eight digits, or the next that has a check digit."""
    for number in range(int(stem), int(stem) + 20):
        weights = (3, 2, 7, 6, 5, 4, 3, 2)
        left = sum(int(digit) * weight for digit, weight in zip(str(number), weights, strict=True)) % 11
        if left != 1:
            return f"{number}{(11 - left) % 11}"
    raise ValueError(stem)


def account(stem: str) -> str:
    """A Norwegian account number from its first ten digits, or the next that has a check digit."""
    for number in range(int(stem), int(stem) + 20):
        digits = f"{number:010}"
        if mod11(digits) != "-":
            return digits + mod11(digits)
    raise ValueError(stem)


def checked(stem: str) -> str:
    """Digits with their Luhn digit after them."""
    return stem + mod10(stem)


def money(amount: Decimal, style: str = " ,") -> str:
    """An amount printed with the two signs of `style`: between thousands, before the øre."""
    return (
        f"{amount:,.2f}".replace(",", "\0")
        .replace(".", style[1])
        .replace("\0", style[0].strip("_") if style[0] != " " else " ")
    )


@dataclass(frozen=True)
class Sale:
    """What is billed: numbers, days and amounts."""

    country: str = "NO"
    seller: str = "Lyngdal Møbelsnekkeri AS"
    site: str = "lyngdalmobelsnekkeri.no"
    buyer: str = "Kystlyd Kontor AS"
    seller_org: str = org_no("91827364")
    buyer_org: str = org_no("92736455")
    number: str = "20417"
    issued: date = date(2026, 3, 12)
    terms: int = 14
    account: str = account("1503120045")
    bankgiro: str = checked("599126")
    reference: str = checked("0020417000")
    bases: Sequence[tuple[int, str]] = ((25, "4180.40"),)
    rounding: str = "0.00"

    @property
    def due(self) -> date:
        return self.issued + timedelta(days=self.terms)

    @property
    def lines(self) -> list[tuple[Decimal, Decimal, Decimal]]:
        return [
            (Decimal(rate), Decimal(base), (Decimal(base) * rate / 100).quantize(Decimal("0.01")))
            for rate, base in self.bases
        ]

    @property
    def net(self) -> Decimal:
        return sum((base for _rate, base, _vat in self.lines), Decimal(0))

    @property
    def vat(self) -> Decimal:
        return sum((vat for _rate, _base, vat in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.net + self.vat + Decimal(self.rounding)

    def truth(self, **more: str) -> dict[str, str]:
        """The fields that every layout prints, and more of them."""
        return {
            "supplier_orgno": self.seller_org,
            "invoice_no": self.number,
            "issue_date": self.issued.isoformat(),
            "due_date": self.due.isoformat(),
            "currency": "NOK" if self.country == "NO" else "SEK",
            "net": f"{self.net:.2f}",
            "vat_total": f"{self.vat:.2f}",
            "total": f"{self.total:.2f}",
        } | more

    def paper(self, **more: str) -> Paper:
        """An empty paper with what should be read from it."""
        lines = [(f"{rate}", f"{base:.2f}", f"{vat:.2f}") for rate, base, vat in self.lines]
        return Paper(self.country, self.truth(**more), lines)


SWEDISH = Sale(
    country="SE", seller="Vrena Plåtslageri AB", site="vrenaplat.se", buyer="Kolmården Redovisning AB",
    seller_org=checked("556812344"), buyer_org=checked("559017732"), number="5114",
    bases=((25, "7345.00"),), rounding="-0.25",
)  # fmt: skip


def stacked(sale: Sale) -> Paper:
    """Norwegian, pairs of labels and values to the right, table of VAT with four columns, slip of fields."""
    paper = sale.paper(bank_account=sale.account, payment_ref=sale.reference)
    paper.put(40, 40, sale.seller, 15)
    paper.put(40, 62, "Verkstedveien 3 · 4580 LYNGDAL")
    paper.put(40, 110, sale.buyer)
    paper.put(40, 122, "Kaigata 9")
    paper.put(40, 134, "5003 BERGEN")
    paper.put(380, 80, "FAKTURA", 18)
    for place, (label, value) in enumerate(
        (
            ("Fakturanummer", sale.number),
            ("Kundenummer", "30044"),
            ("Fakturadato", sale.issued.strftime("%d.%m.%Y")),
            ("Forfallsdato", sale.due.strftime("%d.%m.%Y")),
            ("Leveringsdato", (sale.issued - timedelta(days=3)).strftime("%d.%m.%Y")),
            ("Deres ref.", "Tore Lie"),
        )
    ):
        paper.put(380, 110 + 13 * place, label)
        paper.put(470, 110 + 13 * place, value)
    y = 240
    for x, text in (
        (40, "Varenr"),
        (100, "Beskrivelse"),
        (330, "Antall"),
        (390, "Pris"),
        (450, "Mva"),
        (515, "Beløp"),
    ):
        paper.put(x, y, text)
    for place, (rate, base, _vat) in enumerate(sale.lines):
        y = 258 + 14 * place
        paper.put(40, y, f"10{place}5")
        paper.put(100, y, "Benkeplate eik 2,4 m")
        paper.right(355, y, "1")
        paper.right(430, y, money(base))
        paper.right(480, y, f"{rate} %")
        paper.right(555, y, money(base))
    y = 400
    for x, text in ((250, "Sats"), (320, "Grunnlag"), (400, "Mva"), (480, "Sum")):
        paper.put(x, y, text)
    for place, (rate, base, vat) in enumerate(sale.lines):
        y = 414 + 14 * place
        paper.put(250, y, f"{rate}%")
        paper.right(370, y, money(base))
        paper.right(440, y, money(vat))
        paper.right(525, y, money(base + vat))
    paper.put(250, 470, "Sum ekskl. mva")
    paper.right(525, 470, money(sale.net))
    paper.put(250, 484, "Merverdiavgift")
    paper.right(525, 484, money(sale.vat))
    paper.put(250, 500, "Å betale NOK", 11)
    paper.right(525, 500, money(sale.total), 11)
    paper.put(40, 640, "Kontonummer")
    paper.put(40, 652, f"{sale.account[:4]} {sale.account[4:6]} {sale.account[6:]}")
    paper.put(200, 640, "KID")
    paper.put(200, 652, sale.reference)
    paper.put(330, 640, "Forfall")
    paper.put(330, 652, sale.due.strftime("%d.%m.%Y"))
    paper.put(450, 640, "Beløp")
    paper.put(450, 652, money(sale.total))
    paper.put(
        40,
        790,
        f"Foretaksregisteret NO {sale.seller_org[:3]} {sale.seller_org[3:6]} {sale.seller_org[6:]} MVA",
    )
    paper.put(330, 790, f"post@{sale.site}")
    return paper


def columns(sale: Sale) -> Paper:
    """Swedish, summary as a row of headings over a row of amounts, and a foot of columns."""
    paper = sale.paper(bankgiro=sale.bankgiro, payment_ref=sale.reference)
    paper.put(40, 40, sale.seller, 14)
    paper.put(330, 40, "Faktura", 16)
    for place, (label, value) in enumerate(
        (
            ("Fakturanr", sale.number),
            ("Fakturadatum", sale.issued.isoformat()),
            ("OCR", sale.reference),
            ("Kundnr", "1187"),
        )
    ):
        paper.put(330, 70 + 13 * place, label)
        paper.put(430, 70 + 13 * place, value)
    paper.put(330, 140, "Faktureringsadress", 7)
    paper.put(330, 150, sale.buyer)
    paper.put(330, 162, "Storgatan 4")
    paper.put(330, 174, "618 30 KOLMÅRDEN")
    paper.put(40, 210, "Vår referens")
    paper.put(140, 210, "Lena Ek")
    paper.put(40, 223, "Betalningsvillkor")
    paper.put(140, 223, f"{sale.terms} dagar netto")
    paper.put(40, 236, "Förfallodatum")
    paper.put(140, 236, sale.due.isoformat())
    paper.put(40, 249, "Dröjsmålsränta")
    paper.put(140, 249, "8,00 %")
    for x, text in ((40, "Art.nr"), (110, "Benämning"), (330, "Lev. antal"), (400, "Á-pris"), (500, "Summa")):
        paper.put(x, 280, text)
    for place, (_rate, base, _vat) in enumerate(sale.lines):
        paper.put(40, 296 + 14 * place, f"B{place}")
        paper.put(110, 296 + 14 * place, "Montering hängrännor")
        paper.right(360, 296 + 14 * place, "1,00")
        paper.right(430, 296 + 14 * place, money(base))
        paper.right(540, 296 + 14 * place, money(base))
    heads = ["Exkl. moms", "Moms %", "Moms kr", "Öresavr.", "Summa att betala"]
    values = [
        money(sale.net),
        f"{sale.lines[0][0]},00",
        money(sale.vat),
        money(Decimal(sale.rounding)),
        f"SEK {money(sale.total)}",
    ]
    for x, head, value in zip((40, 140, 220, 320, 420), heads, values, strict=True):
        paper.put(x, 650, head, 8)
        paper.put(x, 663, value, 9)
    foot = (
        (40, ("Adress", "Plåtvägen 8", "611 56 NYKÖPING")),
        (170, ("Telefon", "0155-21 45 87", "Webb", f"www.{sale.site}")),
        (300, ("Bankgiro", f"{sale.bankgiro[:-4]}-{sale.bankgiro[-4:]}")),
        (
            400,
            (
                "Organisationsnr",
                f"{sale.seller_org[:6]}-{sale.seller_org[6:]}",
                "Momsreg.nr",
                f"SE{sale.seller_org}01",
            ),
        ),
        (500, ("Godkänd för F-skatt",)),
    )
    for x, texts in foot:
        for place, text in enumerate(texts):
            paper.put(x, 760 + 11 * place, text, 8)
    return paper


def compact(sale: Sale) -> Paper:
    """Norwegian, everything in one narrow column with dots between, and dates of two-figure years."""
    paper = sale.paper(bank_account=sale.account, payment_ref=sale.reference)
    paper.put(60, 50, "Faktura " + sale.number, 14)
    paper.put(60, 75, f"Dato: {sale.issued.strftime('%d.%m.%y')}")
    paper.put(60, 88, f"Forfall: {sale.due.strftime('%d.%m.%y')}")
    paper.put(60, 110, f"Til: {sale.buyer}, org.nr {sale.buyer_org}")
    paper.put(60, 123, f"Fra: {sale.seller}, org.nr {sale.seller_org} MVA")
    y = 160.0
    for _rate, base, _vat in sale.lines:
        paper.put(60, y, "Snekkerarbeid i mars")
        paper.right(400, y, money(base, ".,"))
        y += 14
    y += 10
    paper.put(60, y, "Sum uten mva")
    paper.right(400, y, money(sale.net, ".,"))
    for rate, base, vat in sale.lines:
        y += 14
        paper.put(60, y, f"{rate} % mva av {money(base, '.,')}")
        paper.right(400, y, money(vat, ".,"))
    y += 16
    paper.put(60, y, "Totalt inkl. mva")
    paper.right(400, y, f"kr {money(sale.total, '.,')}")
    paper.put(
        60,
        y + 40,
        f"Betales til konto {sale.account[:4]}.{sale.account[4:6]}.{sale.account[6:]}"
        f" med KID {sale.reference}",
    )
    paper.put(60, y + 60, f"{sale.site} | hei@{sale.site}")
    return paper


def english(sale: Sale) -> Paper:
    """In English, with the months in words and the amounts with points."""
    paper = sale.paper(bank_account=sale.account)
    paper.put(40, 50, sale.seller, 13)
    paper.put(40, 68, f"VAT reg. no. NO {sale.seller_org} MVA")
    paper.put(40, 100, "Bill to")
    paper.put(40, 112, sale.buyer)
    paper.put(40, 124, f"Org. no. {sale.buyer_org}")
    paper.put(400, 50, "INVOICE", 16)
    for place, (label, value) in enumerate(
        (
            ("Invoice number", sale.number),
            ("Invoice date", f"{sale.issued.day} {sale.issued.strftime('%B %Y')}"),
            ("Due date", f"{sale.due.day} {sale.due.strftime('%B %Y')}"),
            ("Customer no.", "778"),
        )
    ):
        paper.put(340, 80 + 14 * place, label)
        paper.put(450, 80 + 14 * place, value)
    for place, (rate, base, vat) in enumerate(sale.lines):
        paper.put(40, 220 + 14 * place, "Design work")
        paper.right(540, 220 + 14 * place, money(base, ",."))
        paper.put(340, 330 + 14 * place, f"VAT {rate}%")
        paper.right(540, 330 + 14 * place, money(vat, ",."))
    paper.put(340, 316, "Subtotal")
    paper.right(540, 316, money(sale.net, ",."))
    paper.put(340, 372, "Total due")
    paper.right(540, 372, f"NOK {money(sale.total, ',.')}")
    paper.put(40, 500, f"Please pay to account {sale.account[:4]} {sale.account[4:6]} {sale.account[6:]}")
    paper.put(40, 513, f"www.{sale.site}")
    return paper


def slip(sale: Sale) -> Paper:
    """Swedish, with a payment slip whose foot is read by machines, and labels over values in a grid."""
    paper = sale.paper(bankgiro=sale.bankgiro, payment_ref=sale.reference)
    paper.put(40, 40, "RÄKNING / FAKTURA", 12)
    paper.put(40, 58, sale.seller, 11)
    grid = (
        ("Fakturans datum", sale.issued.strftime("%y%m%d")), ("Fakturanummer", sale.number),
        ("Oss tillhanda senast", sale.due.isoformat()), ("Kundnummer", "44120"),
    )  # fmt: skip
    for place, (label, value) in enumerate(grid):
        paper.put(40 + 130 * place, 100, label, 7)
        paper.put(40 + 130 * place, 112, value)
    paper.put(330, 140, sale.buyer)
    paper.put(330, 152, "Storgatan 4")
    y = 220
    for rate, base, vat in sale.lines:
        paper.put(40, y, "Plåtarbete enligt offert")
        paper.right(540, y, money(base))
        paper.put(340, y + 60, f"Moms {rate} %")
        paper.right(540, y + 60, money(vat))
    paper.put(340, 266, "Belopp före moms")
    paper.right(540, 266, money(sale.net))
    paper.put(340, 294, "Öresavrundning")
    paper.right(540, 294, money(Decimal(sale.rounding)))
    paper.put(340, 312, "ATT BETALA", 11)
    paper.right(540, 312, money(sale.total), 11)
    paper.put(
        40, 400, f"Org.nr {sale.seller_org[:6]}-{sale.seller_org[6:]}  Innehar F-skattebevis  {sale.site}"
    )
    kroner, ore = f"{sale.total:.2f}".split(".")
    check = mod10(kroner + ore)
    paper.put(40, 800, f"# {sale.reference} # {kroner} {ore} {check} > {sale.bankgiro}#41#", 10)
    return paper


LAYOUTS = {
    "stacked": (stacked, Sale()),
    "stacked, two rates": (stacked, Sale(bases=((25, "1200.00"), (15, "86.50")))),
    "columns": (columns, SWEDISH),
    "compact": (compact, Sale()),
    "compact, two rates": (compact, Sale(bases=((25, "310.00"), (12, "95.10")))),
    "english": (english, Sale(number="INV-2026-0092")),
    "slip": (slip, SWEDISH),
}
