"""Clients with their customers and suppliers, before anything has happened."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from nattbok.countries.country import Country
from nattbok.sandbox.making.flavour import Flavour, Trade
from nattbok.sandbox.making.numbers import Numbers, iban
from nattbok.sandbox.office import BankAccount, Customer, Purchase, ReferenceAgreement, Supplier

BANKGIRO = "SE:BANKGIRO"
LEAST_CERTAIN = 4  # suppliers of every client whose bills have always been posted in one way


@dataclass(frozen=True, slots=True)
class Beginning:
    """A client as it begins: what stays the same all year."""

    number: str
    name: str
    org_number: str
    profile: str
    law: Country
    flavour: Flavour
    bank_account: BankAccount
    agreement: ReferenceAgreement
    customers: tuple[Customer, ...]
    suppliers: tuple[Supplier, ...]
    street: str
    city: str
    post_code: str
    sources: tuple[str, ...]


def bank_account(law: Country, numbers: Numbers) -> BankAccount:
    """A Norwegian client is known by its BBAN, a Swedish one by its IBAN, with a bankgiro number."""
    if law.code == "NO":
        bban = numbers.bban()
        return BankAccount(bban, iban("NO", bban), "", "Driftskonto", law.currency, law.accounts.bank)
    number = numbers.swedish_iban()
    return BankAccount(number, number, numbers.bankgiro(), "Företagskonto", law.currency, law.accounts.bank)


def agreement(law: Country, random: Random) -> ReferenceAgreement:
    """The usual way to check for two clients of three, another for the third."""
    first, *others = law.references.methods
    method = first if random.random() < 2 / 3 else random.choice(others)
    if law.code == "NO":
        return ReferenceAgreement(method, random.choice((11, 13, 15)))
    return ReferenceAgreement(method, None)


def names(flavour: Flavour, random: Random, count: int) -> list[str]:
    """That many company names, all different, in words (without company form)."""
    pairs = [f"{first} {second}" for first in flavour.firsts for second in flavour.seconds]
    found = random.sample(pairs, min(count, len(pairs)))
    return found + [f"{random.choice(pairs)} {place}" for place in range(2, 2 + count - len(found))]


def customers(law: Country, flavour: Flavour, random: Random, numbers: Numbers) -> tuple[Customer, ...]:
    """8 to 20 of them."""
    count = random.randint(8, 20)
    return tuple(
        Customer(
            key=f"K{10000 + place}",
            number=f"{10000 + place}",
            name=f"{name} {flavour.company}",
            org_number=numbers.org_number(law.code),
            country=law.code,
            account=_account(law, numbers),
        )
        for place, name in enumerate(names(flavour, random, count), 1)
    )


def suppliers(
    law: Country, flavour: Flavour, random: Random, numbers: Numbers, on: date, *, new: int
) -> tuple[Supplier, ...]:
    """6 to 13 known ones, at least four of them always posted in one way, and after them `new` new ones."""
    plain = [trade for trade in flavour.trades if not trade.other_account]
    mixed = [trade for trade in flavour.trades if trade.other_account]
    count = random.randint(6, 13)
    uncertain = random.randint(1, min(2, len(mixed)))
    trades = [
        *_spread(plain, random, max(LEAST_CERTAIN, count - uncertain)),
        *random.sample(mixed, uncertain),
    ]
    known = len(trades)
    trades += _spread(plain, random, new)
    return tuple(
        _supplier(law, flavour, random, numbers, on, trade, place, name, is_new=place > known)
        for place, (trade, name) in enumerate(
            zip(trades, names(flavour, random, len(trades)), strict=True), 1
        )
    )


def _spread(trades: list[Trade], random: Random, count: int) -> list[Trade]:
    """`count` of them, none twice before all are there."""
    found: list[Trade] = []
    while len(found) < count:
        found += random.sample(trades, min(len(trades), count - len(found)))
    return found


def _supplier(
    law: Country,
    flavour: Flavour,
    random: Random,
    numbers: Numbers,
    on: date,
    trade: Trade,
    place: int,
    name: str,
    *,
    is_new: bool,
) -> Supplier:
    post_code, city = random.choice(flavour.places)
    return Supplier(
        key=f"L{20000 + place}",
        number=f"{20000 + place}",
        name=f"{name.split()[0]} {trade.name} {flavour.company}",
        org_number=numbers.org_number(law.code),
        country=law.code,
        account=_account(law, numbers),
        branch="" if law.code == "NO" else BANKGIRO,
        street=f"{random.choice(flavour.streets)} {random.randint(1, 90)}",
        city=city,
        post_code=post_code,
        purchases=tuple(_purchase(law, flavour, thing, on) for thing in trade.sells),
        largest=trade.largest,
        other_account=trade.other_account,
        is_new=is_new,
    )


def _purchase(law: Country, flavour: Flavour, thing: tuple[str, str, str, str], on: date) -> Purchase:
    item, account, category, percent = thing
    code = law.purchase_vat_code(category, Decimal(percent), law.code, on)
    if code is None:
        raise ValueError(f"{item}: {law.code} has no VAT code for {category} {percent} %")
    reason = flavour.words["exempt"] if category == "E" else ""
    return Purchase(item, account, category, Decimal(percent), code, reason)


def _account(law: Country, numbers: Numbers) -> str:
    return numbers.bban() if law.code == "NO" else numbers.bankgiro()
