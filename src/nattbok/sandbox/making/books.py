"""A year of one client's books: sales, bills, pay, and the payments of most of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from nattbok.base.dates import DateRange, Month
from nattbok.base.money import ZERO
from nattbok.countries.country import Country
from nattbok.sandbox.making.amounts import kroner, ore, percent_of
from nattbok.sandbox.making.parties import Beginning
from nattbok.sandbox.office import Customer, HistoryEntry, HistoryLine, Purchase, Supplier

MANUAL, SALES, BILLS, BANK = "A", "S", "L", "B"
PAY_DAY = 25
TAX_DAY = 28
MANY_CUSTOMERS = 13  # from then on two people are paid


@dataclass(frozen=True, slots=True)
class Sale:
    """An invoice to a customer, or (negative) a credit note, as it is planned; `tag` is the planner's own."""

    customer: Customer
    date: date
    days: int
    net: Decimal
    account: str
    vat_code: str
    is_paid: bool
    tag: str = ""


@dataclass(frozen=True, slots=True)
class SoldItem:
    """A sale as it stands in the books."""

    key: str
    customer: Customer
    number: str
    reference: str
    date: date
    amount: Decimal
    tag: str


@dataclass(slots=True)
class Books:
    """The entries so far; `sold` and `bills` tell what they are about."""

    entries: list[HistoryEntry] = field(default_factory=list)
    sold: list[SoldItem] = field(default_factory=list)
    bills: dict[str, list[tuple[str, Decimal]]] = field(default_factory=dict)  # supplier: (number, first net)
    next_number: dict[str, int] = field(default_factory=dict)  # of the supplier's next bill

    def tagged(self, tag: str) -> list[SoldItem]:
        """The sales planned under this tag, in the order of their numbers."""
        return [item for item in self.sold if item.tag == tag]


def make_books(one: Beginning, days: DateRange, planned: Iterable[Sale], random: Random) -> Books:
    """The entries of `days`, in the order of their dates; `planned` sales among them."""
    books = Books()
    books.entries.append(_opening(one, days.first, random))
    _sell(one, books, [*planned, *_usual_sales(one, days, random)], days, random)
    _buy(one, books, days, random)
    for month in days.months():
        _month(one, books, month, days, random)
    books.entries.sort(key=lambda entry: entry.date)
    return books


def plan_sale(one: Beginning, customer: Customer, on: date, random: Random, **fields: object) -> Sale:
    """A sale of the usual kind on the day `on`."""
    account, code = random.choice(one.flavour.sales)
    return Sale(
        customer=customer,
        date=on,
        days=random.choice((14, 14, 30)),
        net=fields.pop("net", None) or kroner(random, 300, 70_000),
        account=account,
        vat_code=code,
        is_paid=bool(fields.pop("is_paid", False)),
        tag=str(fields.pop("tag", "")),
    )


def bill_lines(
    law: Country, supplier: Supplier, nets: Iterable[tuple[Purchase, Decimal]], on: date, account: str = ""
) -> tuple[list[HistoryLine], Decimal]:
    """The cost and VAT lines of a bill, and what it comes to. Negative nets are a credit note's."""
    lines: list[HistoryLine] = []
    taxes: list[HistoryLine] = []
    total = ZERO
    for purchase, net in nets:
        code = law.vat_codes[purchase.vat_code]
        vat = percent_of(net, code.rate(on))
        lines.append(
            HistoryLine(account or purchase.account, net, vat_code=purchase.vat_code, vat_amount=vat)
        )
        if vat:
            taxes.append(HistoryLine(code.input_account, vat, vat_code=purchase.vat_code, vat_base=net))
        total += net + vat
    return lines + taxes, total


def _opening(one: Beginning, on: date, random: Random) -> HistoryEntry:
    flavour, accounts = one.flavour, one.law.accounts
    bank = Decimal(random.randint(300, 1_400) * 1000) + kroner(random, 0, 900)
    equipment = Decimal(random.randint(60, 600) * 1000)
    capital = Decimal(random.choice((30_000, 50_000, 100_000)))
    rest = bank + equipment - capital
    amounts = (
        (flavour.equipment, equipment),
        (accounts.bank, bank),
        (flavour.capital, -capital),
        (accounts.equity, -rest),
    )
    lines = tuple(HistoryLine(account, ore(amount)) for account, amount in amounts)
    return HistoryEntry("opening", on, MANUAL, flavour.words["opening"], lines)


def _usual_sales(one: Beginning, days: DateRange, random: Random) -> list[Sale]:
    """About a sale a week; the older ones are paid, and of the last two months a few are not."""
    found = []
    for customer in one.customers:
        for _ in range(random.randint(3, 5)):
            on = days.first + timedelta(days=random.randrange(len(days)))
            age = (days.last - on).days
            is_paid = age > 16 and random.random() < (0.97 if age > 60 else 0.65)
            found.append(plan_sale(one, customer, on, random, is_paid=is_paid))
    return found


def _sell(one: Beginning, books: Books, sales: list[Sale], days: DateRange, random: Random) -> None:
    first = random.randint(101, 899) * 100 + 1
    sales.sort(key=lambda sale: sale.date)
    for number, sale in enumerate(sales, first):
        _sale(one, books, sale, str(number), days, random)


def _sale(one: Beginning, books: Books, sale: Sale, number: str, days: DateRange, random: Random) -> None:
    law, words = one.law, one.flavour.words
    is_credit_note = sale.net < 0
    key = f"sale:{number}"
    reference = "" if is_credit_note else reference_of(one, sale.customer, number)
    code = law.vat_codes[sale.vat_code]
    vat = percent_of(sale.net, code.rate(sale.date))
    amount = sale.net + vat
    due_on = sale.date + timedelta(days=sale.days)
    books.entries.append(
        HistoryEntry(
            key,
            sale.date,
            SALES,
            f"{words['credit' if is_credit_note else 'invoice']} {number}",
            (
                HistoryLine(
                    law.accounts.customers,
                    amount,
                    party=sale.customer.key,
                    number=number,
                    reference=reference,
                    due_on=due_on,
                    key=key,
                ),
                HistoryLine(sale.account, -sale.net, vat_code=sale.vat_code, vat_amount=-vat),
                HistoryLine(code.output_account, -vat, vat_code=sale.vat_code, vat_base=-sale.net),
            ),
        )
    )
    books.sold.append(SoldItem(key, sale.customer, number, reference, sale.date, amount, sale.tag))
    if sale.is_paid:
        latest = (days.last - sale.date).days
        on = sale.date + timedelta(days=min(latest, max(1, sale.days + random.randint(-8, 6))))
        books.entries.append(
            HistoryEntry(
                f"paid:{number}",
                law.next_bank_day(on) if law.next_bank_day(on) <= days.last else on,
                BANK,
                f"{words['payment']} {number}",
                (
                    HistoryLine(law.accounts.bank, amount),
                    HistoryLine(
                        law.accounts.customers, -amount, party=sale.customer.key, settles=((key, amount),)
                    ),
                ),
            )
        )


def reference_of(one: Beginning, customer: Customer, number: str) -> str:
    """The invoice's reference: in Norway the customer's number goes before the invoice's."""
    stem = f"{customer.number[1:]}{number:0>6}" if one.law.code == "NO" else number
    agreed = one.agreement
    return one.law.references.make(stem, method=agreed.method, length=agreed.length)


def _buy(one: Beginning, books: Books, days: DateRange, random: Random) -> None:
    for supplier in one.suppliers:
        number = random.randint(1_000, 90_000)
        books.bills[supplier.key] = []
        if not supplier.is_new:
            count = random.randint(3, 6)
            places = sorted(random.sample(range(len(days) - 3), count))
            for turn, place in enumerate(places):
                account = supplier.other_account if turn % 2 else ""
                on = days.first + timedelta(days=place)
                _bill(one, books, supplier, str(number), on, account, days, random)
                number += random.randint(1, 40)
        books.next_number[supplier.key] = number


def _bill(
    one: Beginning,
    books: Books,
    supplier: Supplier,
    number: str,
    on: date,
    account: str,
    days: DateRange,
    random: Random,
) -> None:
    law, words = one.law, one.flavour.words
    nets = [
        (purchase, kroner(random, max(80, supplier.largest // 10), supplier.largest))
        for purchase in supplier.purchases
    ]
    lines, total = bill_lines(one.law, supplier, nets, on, account)
    key = f"bill:{supplier.key}:{number}"
    due_on = on + timedelta(days=random.choice((14, 20, 30)))
    control = HistoryLine(
        law.accounts.suppliers, -total, party=supplier.key, number=number, due_on=due_on, key=key
    )
    text = f"{words['bill']} {number} {supplier.name}"
    books.entries.append(HistoryEntry(key, on, BILLS, text, (*lines, control)))
    books.bills[supplier.key].append((number, nets[0][1]))
    paid_on = law.next_bank_day(due_on)
    if paid_on <= days.last:
        books.entries.append(
            HistoryEntry(
                f"paid:{key}",
                paid_on,
                BANK,
                f"{words['paid']} {number} {supplier.name}",
                (
                    HistoryLine(law.accounts.suppliers, total, party=supplier.key, settles=((key, total),)),
                    HistoryLine(law.accounts.bank, -total),
                ),
            )
        )


def _month(one: Beginning, books: Books, month: Month, days: DateRange, random: Random) -> None:
    """Pay, what is withheld from the pay before, the bank's fee, and depreciation."""
    pay, accounts, words = one.flavour.pay, one.law.accounts, one.flavour.words
    people = 1 + (len(one.customers) > MANY_CUSTOMERS)
    wages = Decimal(people * 36_000 + random.randint(0, 40) * 100)
    withheld = percent_of(wages, Decimal(31))
    contribution = percent_of(wages, Decimal(pay.contribution_percent))
    holiday = percent_of(wages, Decimal(pay.holiday_percent))
    owed = withheld + contribution
    depreciation = Decimal(2_500)
    fee = kroner(random, 40, 250)
    for name, day, series, text, amounts in (
        (
            "pay",
            PAY_DAY,
            MANUAL,
            words["pay"],
            (
                (pay.wages, wages),
                (pay.withheld, -withheld),
                (accounts.bank, withheld - wages),
                (pay.contribution, contribution),
                (pay.contribution_owed, -contribution),
                (pay.holiday, holiday),
                (pay.holiday_owed, -holiday),
            ),
        ),
        (
            "tax",
            TAX_DAY,
            BANK,
            words["tax"],
            ((pay.withheld, withheld), (pay.contribution_owed, contribution), (accounts.bank, -owed)),
        ),
        ("fee", TAX_DAY, BANK, words["fee"], ((accounts.bank_charges, fee), (accounts.bank, -fee))),
        (
            "depreciation",
            month.last.day,
            MANUAL,
            words["depreciation"],
            ((one.flavour.depreciation, depreciation), (one.flavour.depreciated, -depreciation)),
        ),
    ):
        on = month.first.replace(day=day)
        if on in days:
            lines = tuple(HistoryLine(account, ore(amount)) for account, amount in amounts)
            books.entries.append(HistoryEntry(f"{name}:{month}", on, series, f"{text} {month}", lines))
