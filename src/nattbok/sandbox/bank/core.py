"""The bank's state and its simplest deeds: money in, money out, files put out, the clock.

Nothing here is locked or kept; `engine.Bank` does that. Every line on an account has its double entry in the
bank's own books, so that a statement adds up unless a fault says otherwise.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from nattbok.base.dates import add_open_days
from nattbok.base.money import ZERO, rounded
from nattbok.countries.country import Country
from nattbok.countries.known import country
from nattbok.formats.bank.shape import Transaction
from nattbok.sandbox.bank import books
from nattbok.sandbox.bank.books import Books, Posting, own
from nattbok.sandbox.bank.faults import Switches
from nattbok.sandbox.bank.shape import Account, Customer, Fault
from nattbok.sandbox.bank.shape import BankFile as FileSeen

OPENS = time(8)
CUT_OFFS = {"NO": time(14), "SE": time(15, 45)}  # payments after it are of the next bank day
BIC = {"NO": "DEMONO22XXX", "SE": "DEMOSESSXXX"}
LEAST_IN_SUM = 2  # giro payments of a day that are worth a sum line
HUGE = 200 * 2**20
# Kroner for one of each; invented, and the same every day.
RATES = {
    "NOK": Decimal("1"),
    "SEK": Decimal("1.04"),
    "DKK": Decimal("1.56"),
    "EUR": Decimal("11.64"),
    "USD": Decimal("10.02"),
    "GBP": Decimal("13.37"),
}


@dataclass(frozen=True, slots=True)
class BookedLine:
    """A line on an account; `details` are its payments, one or more."""

    account: str
    on: date
    reference: str  # what the bank calls the line
    details: tuple[Transaction, ...]
    is_giro: bool = False  # the day's payments with references, summed

    @property
    def amount(self) -> Decimal:
        """What the line comes to."""
        return sum((one.amount for one in self.details), ZERO)


@dataclass(slots=True)
class StoredFile:
    """A file put out for a customer. `right` is what a fault has spoilt in it, else None."""

    name: str
    kind: str
    data: bytes
    made_at: datetime
    seen_from: datetime
    right: bytes | None = None
    is_huge: bool = False
    is_archived: bool = False

    @property
    def bytes(self) -> bytes:
        """What is fetched."""
        return self.data + b" " * (HUGE - len(self.data)) if self.is_huge else self.data

    @property
    def seen(self) -> FileSeen:
        """As the customer sees it."""
        return FileSeen(self.name, HUGE if self.is_huge else len(self.data), self.kind, self.made_at)


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that is to happen to an account on a later day."""

    on: date
    account: str
    kind: str
    about: Mapping[str, Any]
    reference: str


@dataclass
class Core:
    """All the bank knows."""

    now: datetime
    faults: Switches
    customers: dict[str, Customer] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)  # by number
    names: dict[str, str] = field(default_factory=dict)  # every way to write an account → its number
    books: Books = field(default_factory=Books)
    lines: dict[str, list[BookedLine]] = field(default_factory=lambda: defaultdict(list))
    giro: dict[str, list[Transaction]] = field(default_factory=lambda: defaultdict(list))  # for the day's sum
    files: dict[str, dict[str, StoredFile]] = field(default_factory=lambda: defaultdict(dict))
    planned: list[Planned] = field(default_factory=list)
    closings: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))  # last reported
    sequence: Counter[str] = field(default_factory=Counter)  # statements of each account
    numbers: Counter[str] = field(default_factory=Counter)  # files of each customer, messages, references

    @property
    def today(self) -> date:
        """The bank's day."""
        return self.now.date()

    def law(self, customer: str) -> Country:
        """The country that a customer is in."""
        return country(self.customers[customer].country)

    def account(self, name: str) -> Account:
        """By any of its numbers. Raises KeyError."""
        return self.accounts[self.names[name]]

    def accounts_of(self, customer: str) -> list[Account]:
        """A customer's accounts."""
        return [one for one in self.accounts.values() if one.customer == customer]

    def open_customer(self, customer: Customer) -> None:
        """A new customer. Raises ValueError when the id is taken."""
        if customer.id in self.customers:
            raise ValueError(f"{customer.id} is a customer already")
        country(customer.country)
        self.customers[customer.id] = customer

    def open_account(self, account: Account, funds: Decimal) -> None:
        """A new account with funds from the bank's capital. Raises ValueError."""
        if account.customer not in self.customers:
            raise ValueError(f"{account.customer} is no customer")
        if account.currency not in RATES:
            raise ValueError(f"the bank keeps no accounts in {account.currency}")
        if taken := [name for name in account.names if name in self.names]:
            raise ValueError(f"the account {taken[0]} is open already")
        self.accounts[account.number] = account
        self.names.update(dict.fromkeys(account.names, account.number))
        if funds:
            self.post(account, funds, books.CAPITAL, "Opening funds")
        self.closings[account.number] = rounded(funds)

    def balance(self, account: str) -> Decimal:
        """What is on it now; payments that wait for the day's sum are not."""
        return self.books.balance(self.account(account).number)

    def post(self, account: Account, amount: Decimal, other: str, text: str) -> None:
        """The amount onto the account, out of one of the bank's own or, from another customer, its number."""
        currency = account.currency
        counter = other if other in self.accounts else own(other, currency)
        self.books.post(
            self.today,
            text,
            [Posting(account.number, currency, amount), Posting(counter, currency, -amount)],
        )

    def reference(self) -> str:
        """A new name of the bank's for a payment: the year, the day of the year, the number."""
        self.numbers[f"reference:{self.today}"] += 1
        return f"{self.today:%y%j}{self.numbers[f'reference:{self.today}']:05}"

    def book(self, account: Account, one: Transaction, other: str, text: str = "") -> Transaction:
        """A payment as a line of its own; it gets the bank's name if it has none."""
        one = self.named(one)
        self.post(account, one.amount, other, text or one.text or one.counterparty_name or one.bank_code)
        line = BookedLine(account.number, self.today, one.bank_reference, (one,))
        self.lines[account.number].append(line)
        return one

    def receive(self, account: Account, one: Transaction, other: str) -> Transaction:
        """Money in: with a right reference it waits for the day's sum, where the customer has it so."""
        reporting = self.customers[account.customer].reporting
        references = self.law(account.customer).references
        is_giro = reporting.sums_giro and one.reference and references.is_valid(one.reference)
        if not is_giro or one.amount <= 0:
            return self.book(account, one, other)
        one = self.named(one)
        counter = other if other in self.accounts else own(other, account.currency)
        waiting = Posting(own(books.GIRO, account.currency), account.currency, one.amount)
        self.books.post(self.today, "giro", [waiting, Posting(counter, account.currency, -one.amount)])
        self.giro[account.number].append(one)
        return one

    def named(self, one: Transaction) -> Transaction:
        """With today's dates and the bank's name for it, where it has none."""
        return replace(
            one,
            booked_on=self.today,
            value_on=one.value_on or self.today,
            bank_reference=one.bank_reference or self.reference(),
        )

    def sum_up(self, account: Account) -> None:
        """The day's payments with references onto the account: one line, or a line each when there is one."""
        waiting = self.giro.pop(account.number, [])
        if not waiting:
            return
        total = sum((one.amount for one in waiting), ZERO)
        self.post(account, total, books.GIRO, "Giro")
        reference = waiting[0].bank_reference
        if len(waiting) >= LEAST_IN_SUM:
            reference = f"SUM{self.today:%y%m%d}{account.number[-6:]}"
            waiting = [replace(one, batch_reference=reference) for one in waiting]
        line = BookedLine(account.number, self.today, reference, tuple(waiting), len(waiting) > 1)
        self.lines[account.number].append(line)

    def book_together(self, account: Account, paid: list[Transaction]) -> str:
        """Payments of a batch as one line, whose postings are made already; what the line is called."""
        if len(paid) == 1:
            reference = paid[0].bank_reference
        else:
            reference = f"B{self.reference()}"
            paid = [replace(one, batch_reference=reference) for one in paid]
        self.lines[account.number].append(BookedLine(account.number, self.today, reference, tuple(paid)))
        return reference

    def put(
        self,
        customer: str,
        kind: str,
        data: bytes,
        *,
        ending: str = "xml",
        made_at: datetime | None = None,
        seen_from: datetime | None = None,
        right: bytes | None = None,
        is_huge: bool = False,
    ) -> str:
        """Put a file out; its name."""
        self.numbers[f"file:{customer}"] += 1
        made_at = made_at or self.now
        pattern = self.customers[customer].reporting.file_names
        name = pattern.format(
            kind=kind,
            date=f"{made_at:%Y%m%d}",
            number=f"{self.numbers[f'file:{customer}']:05}",
            ending=ending,
        )
        if "{ending}" not in pattern and name.endswith(".xml"):
            name = f"{name[:-4]}.{ending}"
        if name in self.files[customer]:
            stem, dot, end = name.rpartition(".")
            name = f"{stem}_{self.numbers[f'file:{customer}']}{dot}{end}"
        self.files[customer][name] = StoredFile(
            name, kind, data, made_at, seen_from or self.now, right, is_huge
        )
        return name

    def message(self, letter: str) -> str:
        """A new MsgId of the bank's."""
        self.numbers["message"] += 1
        return f"{letter}{self.today:%y%m%d}{self.numbers['message']:07}"

    def strikes(self, fault: Fault, account: Account) -> bool:
        """Whether the fault strikes the account, its owner, or everybody."""
        return self.faults.hit(fault, account.number, account.customer)

    def next_bank_day(self, customer: str, day: date, count: int = 1) -> date:
        """The `count`-th bank day after a day, where the customer is."""
        return add_open_days(day, count, self.law(customer).is_bank_day)

    def is_open(self, day: date) -> bool:
        """Whether the bank works that day in any country it has customers in."""
        codes = {one.country for one in self.customers.values()} or {"NO"}
        return any(country(code).is_bank_day(day) for code in codes)

    def morning(self, day: date) -> datetime:
        """The first morning from that day on which the bank works."""
        while not self.is_open(day):
            day += timedelta(days=1)
        return datetime.combine(day, OPENS)


def exchanged(amount: Decimal, source: str, target: str) -> Decimal:
    """An amount in another currency at the bank's rate, to whole øre."""
    if source == target:
        return amount
    return rounded(amount * RATES[source] / RATES[target])
