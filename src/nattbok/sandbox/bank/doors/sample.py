"""Customers for a bank that runs by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from nattbok.sandbox.bank.engine import Bank
from nattbok.sandbox.bank.shape import Account, Customer
from nattbok.sandbox.making.numbers import Numbers, iban

NAMES = {
    "NO": ("Fjord Maritim AS", "Lykt og Skilt AS"),
    "SE": ("Skog och Sjö AB", "Lampa och Skylt AB"),
}
CURRENCIES = {"NO": ("NOK", "EUR"), "SE": ("SEK", "EUR")}
FUNDS = Decimal("500000.00")


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """A customer to be: its name, and the accounts it is to have, whose owner is not yet known."""

    name: str
    country: str
    approves_in_bank: bool
    accounts: tuple[tuple[str, str, str], ...]  # number, IBAN, currency
    bankgiro: str

    def open(self, bank: Bank, id: str, public_key: str, token: str) -> Customer:
        """Open the customer and its accounts, with funds. Raises ValueError."""
        customer = Customer(
            id,
            self.name,
            self.country,
            public_keys=(public_key,),
            tokens=(token,),
            approves_in_bank=self.approves_in_bank,
        )
        bank.open_customer(customer)
        for place, (number, named, currency) in enumerate(self.accounts):
            bankgiro = self.bankgiro if not place else ""
            account = Account(number, named, bankgiro, currency, self.name, id, number, f"Account {currency}")
            bank.open_account(account, FUNDS)
        return customer


def sample_customers(country: str, random: Random) -> Iterator[SampleCustomer]:
    """Two of them; the second approves its payments at the bank."""
    numbers = Numbers(random)
    for place, name in enumerate(NAMES[country]):
        accounts = tuple(_account(country, currency, numbers) for currency in CURRENCIES[country])
        bankgiro = numbers.bankgiro() if country == "SE" else ""
        yield SampleCustomer(name, country, bool(place), accounts, bankgiro)


def _account(country: str, currency: str, numbers: Numbers) -> tuple[str, str, str]:
    if country == "NO":
        number = numbers.bban()
        return number, iban("NO", number), currency
    named = numbers.swedish_iban()
    return named, named, currency
