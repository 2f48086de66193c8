"""What a random night is built in: a client with customers and open items, and the lines on its account.

Amounts are never equal by chance: each is given out once, unless a line wants two of the same.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from random import Random
from typing import Any

from nattbok.base.money import ZERO
from nattbok.countries.known import country
from nattbok.formats.bank.shape import Transaction
from nattbok.sandbox.making.amounts import kroner, ore
from nattbok.sandbox.making.flavour import FLAVOURS
from nattbok.sandbox.making.numbers import Numbers, iban
from nattbok.sandbox.making.parties import names

REFERENCE, OTHER, ABROAD = "PMNT-RCDT-VCOM", "PMNT-RCDT-DMCT", "PMNT-RCDT-XBCT"
OUT, FEE, INTEREST, RETURN = "PMNT-ICDT-DMCT", "PMNT-MDOP-CHRG", "ACMT-MCOP-INTR", "PMNT-ICDT-RRTN"
CARD = "PMNT-CCRD-POSD"
BIC = {"NO": "DEMONO22XXX", "SE": "DEMOSESSXXX"}
LARGEST_SUBSET = 6
FIRST_NUMBERS = (10_400, 20_100, 51_200, 104_500, 616_500)  # none looks like a date
Row = dict[str, Any]
_TOLD = (  # what an expected row may say
    "allocations",
    "unallocated",
    "note",
    "customer",
    "rule",
    "lines",
    "rounding",
    "settlement",
    "payment",
    "may_post_if_opted_in",
)


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer of the client."""

    id: str
    name: str
    org_number: str
    account: str


@dataclass(slots=True)
class Item:
    """An invoice (positive) or a credit note (negative), and what of it is open."""

    id: str
    number: str
    payer: Payer
    reference: str
    date: date
    due: date
    amount: Decimal
    open: Decimal
    currency: str
    left: Decimal  # when all that may be posted is posted


@dataclass(slots=True)
class Line:
    """A line of the night, and the one right answer to it."""

    transaction: Transaction
    expected: Row
    is_giro: bool = False  # part of the sum line, and of the giro file
    on_statement: bool = True
    on_notice: bool = True
    only_amount_of: Payer | None = None  # nothing but the amount and this payer say what it pays
    solutions: int = 0  # how many sets of that payer's items have the amount


@dataclass
class Making:
    """A night under way."""

    code: str
    random: Random
    as_of: date
    numbers: Numbers = field(init=False)
    payers: list[Payer] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    rules: list[Row] = field(default_factory=list)
    sent: list[Row] = field(default_factory=list)
    settlements: list[Row] = field(default_factory=list)
    settings: Row = field(default_factory=dict)
    used: set[Decimal] = field(default_factory=set)
    _free: list[Payer] = field(default_factory=list)
    _number: int = 0
    _bank: int = 0
    _scheme: tuple[str, int | None] = ("", None)

    def __post_init__(self) -> None:
        random = self.random
        self.law, self.flavour = country(self.code), FLAVOURS[self.code]
        self.numbers = Numbers(random)
        self._number = random.choice(FIRST_NUMBERS) + random.randrange(90)
        self._bank = random.randrange(5, 20)
        method = random.choices(self.law.references.methods, (4, 1))[0]
        self._scheme = (method, random.choice((11, 13, 15)) if self.code == "NO" else None)
        limit = random.choice(("0.00", "0.00", "1.00")) if self.code == "NO" else "1.00"
        self.settings = {"rounding_limit": limit, "unique_may_post": False, "fx_may_post": False}
        forms = {"NO": ("AS", "AS", "ANS", "SA"), "SE": ("AB", "AB", "HB", "ek. för.")}[self.code]
        for place, name in enumerate(names(self.flavour, random, random.randint(16, 30)), 1):
            account = self.numbers.bban() if self.code == "NO" else self.numbers.bankgiro()
            org_number = self.numbers.org_number(self.code)
            self.payers.append(
                Payer(f"K{10000 + place}", f"{name} {random.choice(forms)}", org_number, account)
            )
        self._free = random.sample(self.payers, len(self.payers))

    def payer(self) -> Payer:
        """Any customer."""
        return self.random.choice(self.payers)

    def own_payer(self) -> Payer:
        """A customer that no other line takes in this way; its amounts must speak for themselves."""
        return self._free.pop()

    def amount(self, least: int = 400, most: int = 25_000) -> Decimal:
        """A new amount."""
        while True:
            found = kroner(self.random, least, most)
            if self.take(found):
                return found

    def take(self, *amounts: Decimal) -> bool:
        """Whether the amounts were free; then they are no longer."""
        if any(amount in self.used for amount in amounts) or len(set(amounts)) < len(amounts):
            return False
        self.used.update(amounts)
        return True

    def item(
        self,
        payer: Payer,
        amount: Decimal | None = None,
        *,
        open_: Decimal | None = None,
        currency: str = "",
    ) -> Item:
        """A new invoice, or a credit note when the amount is negative, which has no reference."""
        random = self.random
        self._number += random.randint(1, 3)
        number = str(self._number)
        on = self.as_of - timedelta(days=random.randint(9, 39))
        amount = self.amount() if amount is None else amount
        made = Item(
            id=f"F{number}",
            number=number,
            payer=payer,
            reference=self.reference(payer, number) if amount > 0 else "",
            date=on,
            due=on + timedelta(days=14),
            amount=amount,
            open=amount if open_ is None else open_,
            currency=currency or self.law.currency,
            left=amount if open_ is None else open_,
        )
        self.items.append(made)
        return made

    def reference(self, payer: Payer, number: str) -> str:
        """The client's way to make one."""
        method, length = self._scheme
        stem = f"{payer.id[-4:]}{number:0>6}" if length is not None else number
        return self.law.references.make(stem, method=method, length=length)

    def is_known(self, token: str) -> bool:
        """Whether it is a number or reference of some item, or would pass for an organisation number."""
        known = {one for item in self.items for one in (item.number, item.reference)}
        return token in known or self.law.is_org_number(token)

    def line(
        self, amount: Decimal, step: str, outcome: str, *, payer: Payer | None = None, **about: Any
    ) -> Line:
        """A line; what is not of the transaction belongs to the expected row or to the line itself."""
        own = {name: about.pop(name) for name in Line.__slots__ if name in about}
        row = {name: about.pop(name) for name in _TOLD if name in about}
        self._bank += self.random.randint(7, 18)
        about.setdefault("bank_code", OUT if amount < 0 else OTHER)
        if payer is not None:
            about.setdefault("counterparty_name", payer.name)
            about.setdefault("counterparty_account", payer.account)
        transaction = Transaction(
            amount=ore(amount),
            booked_on=self.as_of,
            value_on=self.as_of,
            bank_reference=about.pop("bank_reference", f"{self.as_of:%y%j}{self._bank:05}"),
            **about,
        )
        made = Line(transaction, self._expected(transaction, step, outcome, row), **own)
        self.lines.append(made)
        return made

    def _expected(self, one: Transaction, step: str, outcome: str, row: Row) -> Row:
        paid: list[tuple[Item, Decimal]] = row.pop("allocations", [])
        if outcome == "post":
            for item, amount in paid:
                item.left -= amount
        is_told = outcome in ("hold", "post_on_account")
        unallocated = row.pop("unallocated", one.amount if is_told else ZERO)
        return {
            "amount": str(one.amount),
            "step": step,
            "outcome": outcome,
            "allocations": [{"item": item.id, "amount": str(ore(amount))} for item, amount in paid],
            "unallocated": str(ore(unallocated)),
            "note": row.pop("note", ""),
            **{name: str(told) if isinstance(told, Decimal) else told for name, told in row.items()},
            "bank_reference": one.bank_reference,
            "reference": one.reference or None,
        }

    def faults(self) -> list[str]:
        """Where chance has made an answer wrong, so that the night must be made anew."""
        return [
            f"{line.expected['note']}: {found}"
            for line in self.lines
            if line.only_amount_of is not None
            for found in self._ambiguities(line, line.only_amount_of)
        ]

    def _ambiguities(self, line: Line, payer: Payer) -> list[str]:
        amount = line.transaction.amount
        found = []
        for name in ("open", "left"):  # before anything of the night is posted, and after
            items = [
                getattr(item, name)
                for item in self.items
                if item.payer == payer and item.currency == self.law.currency and getattr(item, name)
            ]
            count = sum(
                sum(chosen, ZERO) == amount
                for size in range(1, min(LARGEST_SUBSET, len(items)) + 1)
                for chosen in combinations(items, size)
            )
            if count != line.solutions:
                found.append(f"{count} sets of {name} amounts, not {line.solutions}")
        return found

    def client(self) -> Row:
        """The world's client."""
        company = self.flavour.company
        name = names(self.flavour, self.random, 60)[-1]
        made: Row = {
            "name": f"{name} Klient {company}",
            "orgnr": self.numbers.org_number(self.code),
            "country": self.code,
            "currency": self.law.currency,
        }
        if self.code == "NO":
            number = self.numbers.bban()
            return made | {"bank_account": number, "iban": iban("NO", number), "bic": BIC["NO"]}
        number = self.numbers.swedish_iban()
        return made | {
            "bankgiro": self.numbers.bankgiro(),
            "bank_account": f"9999-{number[-7:]}",
            "iban": number,
            "bic": BIC["SE"],
        }

    def world(self) -> Row:
        """world.json."""
        client = self.client()
        return {
            "client": client,
            "as_of": self.as_of.isoformat(),
            "customers": [
                {
                    "id": one.id,
                    "name": one.name,
                    "orgnr": one.org_number,
                    "bank_account": one.account,
                    "account_confirmed": 2,
                }
                for one in self.payers
            ],
            "open_items": [
                {
                    "id": one.id,
                    "number": one.number,
                    "customer": one.payer.id,
                    "kind": "invoice" if one.amount > 0 else "credit",
                    "reference": one.reference or None,
                    "date": one.date.isoformat(),
                    "due": one.due.isoformat(),
                    "amount": str(one.amount),
                    "open": str(ore(one.open)),
                    "currency": one.currency,
                    "state": "open" if one.open else "paid",
                }
                for one in self.items
            ],
            "rules": self.rules,
            "sent_payments": self.sent,
            "settlements": self.settlements,
            "settings": self.settings,
        }
