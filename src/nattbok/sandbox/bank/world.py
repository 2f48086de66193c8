"""The bank of an invented office: its clients' accounts, and how their customers pay in the days to come.

The bank opens on the night of the world. Each account begins with what its last statement closed with: what
the books say, and what the night's files tell of the day before. From then on the bank's own days go on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from nattbok.base.dates import add_open_days
from nattbok.base.money import ZERO
from nattbok.countries.known import country
from nattbok.sandbox.bank.engine import Bank
from nattbok.sandbox.bank.shape import Account, Customer, Reporting
from nattbok.sandbox.books_at_night import balances, open_items
from nattbok.sandbox.making.amounts import kroner
from nattbok.sandbox.office import Client, OpenItem, PaymentTruth, World
from nattbok.sandbox.office import Customer as Payer

SHARE_PAID = 0.6  # of the open invoices, in five days
USUAL_DAYS = 5
# How many of 100 payments are of each kind.
WAYS = {
    "paid": 62,
    "paid_short": 8,
    "paid_over": 6,
    "paid_number_in_text": 10,
    "paid_without_reference": 6,
    "paid_wrong_reference": 3,
    "paid_again": 5,
}
LESS, MORE = Decimal("100.00"), Decimal("50.00")


@dataclass(frozen=True, slots=True)
class Injection:
    """What is to happen to an account on a day, and the one right thing to do with it."""

    on: date
    account: str
    kind: str
    about: Mapping[str, Any]
    truth: PaymentTruth  # its bank reference is known when it has been handed to the bank


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to happen, in the order of the days."""

    injections: tuple[Injection, ...] = ()

    def play(self, bank: Bank) -> list[PaymentTruth]:
        """Hand all of it to the bank, which lets it happen on its days; the truths, each with its name."""
        return [
            replace(
                one.truth,
                bank_reference=bank.inject(one.account, one.kind, on=one.on, **one.about),
            )
            for one in self.injections
        ]


def customer_id(client: Client | str) -> str:
    """What the bank calls a client."""
    return f"c{client if isinstance(client, str) else client.number}"


def token(world: World, client: Client) -> str:
    """Its way in to the REST door: a word nobody guesses and everybody can compute again."""
    return sha256(f"{world.seed}:{client.number}:{client.org_number}".encode()).hexdigest()[:40]


def make_bank(
    world: World, *, path: Path | None = None, public_keys: Mapping[str, Sequence[str]] | None = None
) -> Bank:
    """A bank with an account for every client, which opens on the world's night.

    `public_keys` are OpenSSH lines by client number. Every fourth client approves in the net bank.
    """
    bank = Bank(world.night, path=path)
    for place, client in enumerate(world.clients):
        made = Customer(
            id=customer_id(client),
            name=client.name,
            country=client.country,
            public_keys=tuple((public_keys or {}).get(client.number, ())),
            tokens=(token(world, client),),
            approves_in_bank=place % 4 == 3,
            reporting=_reporting(place, client),
        )
        bank.open_customer(made)
        number = client.bank_account
        account = Account(
            number=number.number,
            iban=number.iban,
            bankgiro=number.bankgiro,
            currency=number.currency,
            owner=client.name,
            customer=made.id,
            title=number.title,
        )
        bank.open_account(account, closing_balance(world, client))
    return bank


def closing_balance(world: World, client: Client) -> Decimal:
    """What is on the client's account when the bank day before the night has closed."""
    law = country(client.country)
    lines = (*world.payments, *world.other_lines)
    moved = sum((one.amount for one in lines if one.client == client.number), ZERO)
    return balances(client.history).get(law.accounts.bank, ZERO) + moved


def make_plan(world: World, days: int = USUAL_DAYS) -> Plan:
    """What happens at the bank from the night on, in so many bank days; always the same for a world."""
    found: list[Injection] = []
    for client in world.clients:
        found += _Planner(world, client, days).plan()
    return Plan(tuple(sorted(found, key=lambda one: one.on)))


def _reporting(place: int, client: Client) -> Reporting:
    is_swedish = client.country == "SE"
    return Reporting(
        version="08" if is_swedish or place % 4 == 3 else "02",
        as_iban=is_swedish or place % 4 == 2,
        sums_giro=place % 3 != 2,
        giro_file=not is_swedish and place % 3 == 0,
        lists_debit_details=place % 5 != 1,
    )


class _Planner:
    """One client's."""

    def __init__(self, world: World, client: Client, days: int) -> None:
        self._client, self.days = client, days
        self.law = country(client.country)
        self._random = Random(f"bank:{world.seed}:{client.number}")
        self._first = self.law.next_bank_day(world.night)
        self._spent = {
            key for one in world.payments if one.client == client.number for key, _amount in one.allocations
        }
        self._found: list[Injection] = []

    def plan(self) -> list[Injection]:
        """Payments of open invoices, and what banks and card companies do to everybody."""
        client, random = self._client, self._random
        payers = {one.key: one for one in client.customers}
        share = min(1.0, SHARE_PAID * self.days / USUAL_DAYS)
        for item in open_items(client.history).values():
            is_sale = item.party in payers and item.left == item.amount > LESS * 2
            if is_sale and item.reference and item.key not in self._spent and random.random() < share:
                (kind,) = random.choices(list(WAYS), list(WAYS.values()))
                _MAKERS[kind](self, item, payers[item.party])
        self._other()
        return self._found

    def day(self, last: int | None = None) -> date:
        """One of the days, of the first `last`."""
        count = self._random.randrange(self.days if last is None else max(1, last))
        return add_open_days(self._first, count, self.law.is_bank_day)

    def add(
        self, on: date, kind: str, amount: Decimal, step: str, outcome: str, why: str, /, **about: Any
    ) -> None:
        """One more; what belongs to the truth is taken out of `about`."""
        told = {name: about.pop(name) for name in ("customer", "allocations", "unallocated") if name in about}
        truth = PaymentTruth(
            client=self._client.number,
            bank_reference="",
            also_called=(),
            amount=amount,
            step=step,
            outcome=outcome,
            why=why,
            **told,
        )
        self._found.append(Injection(on, self._client.bank_account.number, kind, about, truth))

    def _other(self) -> None:
        random = self._random
        fee = kroner(random, 30, 180)
        self.add(self.day(), "fee", -fee, "FEE", "hold", "a fee of the bank's", amount=fee)
        spent = kroner(random, 100, 4_000)
        self.add(
            self.day(),
            "card_purchase",
            -spent,
            "OUT",
            "hold",
            "a card purchase",
            amount=spent,
            text=f"*{random.randrange(10**4):04} KAFFE OG KAKE",
        )
        if random.random() < 0.3:
            interest = kroner(random, 5, 400)
            why = "interest from the bank"
            self.add(self.day(), "interest", interest, "INTEREST", "hold", why, amount=interest)
        if random.random() < 0.3:
            refund = kroner(random, 500, 9_000)
            why = "the state pays back tax"
            self.add(self.day(), "tax_refund", refund, "NONE", "hold", why, amount=refund)
        if random.random() < 0.25:
            gross = kroner(random, 2_000, 30_000)
            fee = (gross * Decimal("0.0275")).quantize(Decimal("0.01"))
            why = "a card company's payout, net of its fee"
            about = {"gross": gross, "fee": fee}
            self.add(self.day(), "card_settlement", gross - fee, "SETTLEMENT", "hold", why, **about)


def _told(item: OpenItem, payer: Payer) -> dict[str, Any]:
    return {
        "invoice": {"reference": item.reference, "number": item.number, "amount": item.left},
        "by": {"name": payer.name, "account": payer.account},
    }


def _paid(planner: _Planner, item: OpenItem, payer: Payer, last: int | None = None) -> date:
    on = planner.day(last)
    planner.add(
        on,
        "paid",
        item.left,
        "KID_EXACT",
        "post",
        "the reference and the amount are of one open item",
        customer=payer.key,
        allocations=((item.key, item.left),),
        **_told(item, payer),
    )
    return on


def _paid_again(planner: _Planner, item: OpenItem, payer: Payer) -> None:
    """Twice, on two days."""
    on = _paid(planner, item, payer, planner.days - 1)
    planner.add(
        add_open_days(on, 1, planner.law.is_bank_day),
        "paid",
        item.left,
        "KID_CLOSED",
        "post_on_account",
        "the invoice is paid already, so the money is the customer's",
        customer=payer.key,
        unallocated=item.left,
        **_told(item, payer),
    )


def _short(planner: _Planner, item: OpenItem, payer: Payer) -> None:
    paid = item.left - LESS
    planner.add(
        planner.day(),
        "paid_short",
        paid,
        "KID_PARTIAL",
        "post",
        "the reference is right and part of the invoice is paid",
        customer=payer.key,
        allocations=((item.key, paid),),
        less=LESS,
        **_told(item, payer),
    )


def _over(planner: _Planner, item: OpenItem, payer: Payer) -> None:
    planner.add(
        planner.day(),
        "paid_over",
        item.left + MORE,
        "KID_OVER",
        "post",
        "the invoice is paid, and the rest is the customer's",
        customer=payer.key,
        allocations=((item.key, item.left),),
        unallocated=MORE,
        more=MORE,
        **_told(item, payer),
    )


def _number_in_text(planner: _Planner, item: OpenItem, payer: Payer) -> None:
    planner.add(
        planner.day(),
        "paid_number_in_text",
        item.left,
        "REF_AMOUNT",
        "post",
        "the text has the number of one open item, and the amount is what is open",
        customer=payer.key,
        allocations=((item.key, item.left),),
        **_told(item, payer),
    )


def _without_reference(planner: _Planner, item: OpenItem, payer: Payer) -> None:
    why = "nothing but the amount points to an item"
    on = planner.day()
    planner.add(on, "paid_without_reference", item.left, "NONE", "hold", why, **_told(item, payer))


def _wrong_reference(planner: _Planner, item: OpenItem, payer: Payer) -> None:
    why = "the check digit of the reference is wrong"
    on = planner.day()
    planner.add(on, "paid_wrong_reference", item.left, "KID_INVALID", "hold", why, **_told(item, payer))


_MAKERS: dict[str, Callable[[_Planner, OpenItem, Payer], object]] = {
    "paid": _paid,
    "paid_again": _paid_again,
    "paid_short": _short,
    "paid_over": _over,
    "paid_number_in_text": _number_in_text,
    "paid_without_reference": _without_reference,
    "paid_wrong_reference": _wrong_reference,
}
