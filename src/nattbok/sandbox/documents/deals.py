"""Invented sales to print on papers: who sells to whom, what, when, and what it comes to.

The same seed gives the same sale. Numbers have right check digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from nattbok.base.money import ZERO, rounded
from nattbok.countries.check_digits import mod10, mod11
from nattbok.sandbox.making.numbers import iban

HUNDRED = Decimal(100)
FIRST_DAY, DAYS = date(2025, 7, 1), 270  # sales are made in these days: rates did not change in them
_SELLERS = {
    "NO": (
        "Bjørkedal", "Fonnaås", "Grimstveit", "Havsul", "Kvitfjell", "Lindesvåg", "Myrbråten", "Nesøya",
        "Rognlien", "Skarvøy", "Tonsåsen", "Vardehaug", "Ålvik", "Østre Sæter",
    ),
    "SE": (
        "Alnöbron", "Björkvalla", "Ekbacken", "Fårösund", "Gränslöv", "Hällarö", "Kvarnängen", "Lövåsen",
        "Mörtnäs", "Norrviken", "Rödkulla", "Sälgsjö", "Tallåsen", "Örnudden",
    ),
}  # fmt: skip
_FORMS = {"NO": ("AS", "AS", "AS", "DA", "ASA"), "SE": ("AB", "AB", "AB", "HB")}
_BUYERS = {
    "NO": ("Kjelsås Kontorfellesskap AS", "Tveit & Lunde AS", "Fiskå Prosjekt AS", "Solbakken Drift AS"),
    "SE": ("Vretens Konsult AB", "Backa Fastighetsskötsel AB", "Ljungs Redovisning AB", "Hagby Teknik AB"),
}
_STREETS = {
    "NO": ("Fjellveien", "Kirkegata", "Industriveien", "Sjøgata", "Rosenlundveien"),
    "SE": ("Kungsgatan", "Hamnvägen", "Industrigatan", "Björkstigen", "Södra Ringvägen"),
}
_CITIES = {
    "NO": ("0484 OSLO", "5053 BERGEN", "7030 TRONDHEIM", "9008 TROMSØ", "4612 KRISTIANSAND"),
    "SE": ("118 26 Stockholm", "411 05 Göteborg", "214 21 Malmö", "903 26 Umeå", "602 23 Norrköping"),
}
_PEOPLE = {
    "NO": ("Ingrid Haugen", "Ola Bråten", "Siri Nygård"),
    "SE": ("Åsa Lindgren", "Per Sjöberg", "Karin Öberg"),
}
_PLAIN = str.maketrans("æøåäöÆØÅÄÖ", "aoaaoAOAAO")


@dataclass(frozen=True, slots=True)
class Item:
    """What is sold: `amount` is without VAT, or with it where prices hold it."""

    text: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """The VAT of one rate: percent, and kroner without it, of it."""

    rate: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """A sale. `figures` are its names, numbers and days by the words that sketches use."""

    country: str
    supplier: str
    buyer: str
    org: str
    buyer_org: str
    number: str
    issued: date
    due: date
    account: str
    iban: str
    bankgiro: str
    plusgiro: str
    reference: str
    items: tuple[Item, ...]
    rates: tuple[Rate, ...]
    rounding: Decimal
    others: dict[str, str]  # all else that is printed: streets, customers' numbers, older debts

    @property
    def net(self) -> Decimal:
        """Kroner without VAT."""
        return sum((one.base for one in self.rates), ZERO)

    @property
    def vat(self) -> Decimal:
        """Kroner of VAT."""
        return sum((one.vat for one in self.rates), ZERO)

    @property
    def total(self) -> Decimal:
        """To pay."""
        return self.net + self.vat + self.rounding


@dataclass(frozen=True, slots=True)
class Terms:
    """What kind of sale is wanted."""

    country: str
    rates: Sequence[Decimal]
    items: Sequence[str]  # their texts
    count: int
    is_gross: bool = False  # prices hold the VAT
    is_rounded: bool = False  # to whole kroner
    is_credit: bool = False
    least: int = 40  # kroner, of an item's price
    most: int = 9_000
    trade: str = ""  # what the seller's name ends in
    org: str = ""  # the seller's number, and its account, where it is from elsewhere
    iban: str = ""


def deal(terms: Terms, seed: str) -> Deal:
    """The sale of this seed."""
    random = Random(seed)
    country = terms.country
    name = f"{random.choice(_SELLERS[country])} {terms.trade} {random.choice(_FORMS[country])}"
    issued = FIRST_DAY + timedelta(days=random.randrange(DAYS))
    number = str(random.choice((random.randrange(300, 9_999), random.randrange(10_000, 99_999_999))))
    items = _items(terms, random)
    rates = tuple(_rate(rate, items, terms.is_gross) for rate in terms.rates)
    sum_up = sum((one.base + one.vat for one in rates), ZERO)
    rounding = sum_up.quantize(Decimal(1)) - sum_up if terms.is_rounded else ZERO
    account = _account(random)
    return Deal(
        country, " ".join(name.split()), random.choice(_BUYERS[country]), terms.org or _org(country, random),
        _org(country, random), number, issued, issued + timedelta(days=random.choice((10, 14, 20, 30))),
        account, terms.iban or iban("NO", account), _with_mod10(f"5{random.randrange(10**5, 10**6)}"),
        _with_mod10(str(random.randrange(10**4, 10**7))),
        _with_mod10(f"{random.randrange(10**3, 10**5)}{number}"),
        items, rates, rounding, _others(country, name, issued, random),
    )  # fmt: skip


def _items(terms: Terms, random: Random) -> tuple[Item, ...]:
    sign = -1 if terms.is_credit else 1
    found = []
    for place in range(max(terms.count, len(terms.rates))):
        rate = terms.rates[place % len(terms.rates)]
        price = Decimal(random.randrange(terms.least * 100, terms.most * 100)) / HUNDRED
        quantity = Decimal(random.choice((1, 1, 1, 2, 3, 5, 12)))
        text = terms.items[place % len(terms.items)]
        found.append(Item(text, quantity, price, sign * rounded(price * quantity), rate))
    return tuple(found)


def _rate(rate: Decimal, items: Sequence[Item], is_gross: bool) -> Rate:
    whole = sum((one.amount for one in items if one.rate == rate), ZERO)
    if not is_gross:
        return Rate(rate, whole, rounded(whole * rate / HUNDRED))
    vat = rounded(whole * rate / (HUNDRED + rate))
    return Rate(rate, whole - vat, vat)


def _org(country: str, random: Random) -> str:
    if country == "SE":
        return _with_mod10(f"55{random.randrange(6, 10)}{random.randrange(10**6):06}")
    while True:
        stem = f"{random.choice('89')}{random.randrange(10**7):07}"
        left = sum(int(a) * b for a, b in zip(stem, (3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
        if left != 1:
            return f"{stem}{-left % 11}"


def _account(random: Random) -> str:
    while True:
        stem = (
            f"{random.randrange(1200, 9800)}{random.choice(('05', '16', '62'))}{random.randrange(10**4):04}"
        )
        if mod11(stem) != "-":
            return stem + mod11(stem)


def _with_mod10(stem: str) -> str:
    return stem + mod10(stem)


def _others(country: str, name: str, issued: date, random: Random) -> dict[str, str]:
    street = f"{random.choice(_STREETS[country])} {random.randrange(2, 99)}"
    site = "".join(name.translate(_PLAIN).lower().split()[:-1]).replace("&", "")
    found = {
        "street": street,
        "city": random.choice(_CITIES[country]),
        "buyer_street": f"{random.choice(_STREETS[country])} {random.randrange(2, 99)}",
        "buyer_city": random.choice(_CITIES[country]),
        "site": f"{site}.{country.lower()}",
        "person": random.choice(_PEOPLE[country]),
        "other_person": random.choice(_PEOPLE[country]),
        "customer": str(random.randrange(10_000, 999_999)),
        "order": str(random.randrange(100_000, 9_999_999)),
        "project": str(random.randrange(100, 9_999)),
        "meter": f"7359992{random.randrange(10**10, 10**11)}",
        "phone": " ".join(f"{random.randrange(100):02}" for _pair in range(4)),
        "clock": f"{random.randrange(7, 22):02}:{random.randrange(60):02}",
        "other_org": _org(country, random),
    }
    return found | {"issued_day": issued.isoformat()}
