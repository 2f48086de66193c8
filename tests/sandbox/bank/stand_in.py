"""A bank without books, for tests of its doors: it takes files, keeps files, and knows its customers."""

import datetime
from dataclasses import replace

from nattbok.sandbox.bank.faults import Switches
from nattbok.sandbox.bank.shape import BankFile, Customer, OrderState, OrderView, Uploaded

NOON = datetime.datetime(2026, 3, 2, 12)  # noqa: DTZ001  the bank's clock has no zone


class StandIn:
    """Satisfies `shape.BankDoor` as far as the doors need it. `uploads` are those that were taken."""

    def __init__(self) -> None:
        self.faults = Switches()
        self.now = NOON
        self.known: dict[str, Customer] = {}
        self.uploads: list[tuple[str, str, bytes]] = []
        self.waits: dict[str, dict[str, bytes]] = {}
        self.away: dict[str, dict[str, bytes]] = {}
        self.approved: dict[int, str] = {}

    @property
    def today(self) -> datetime.date:
        return self.now.date()

    def join(self, name: str, public_key: str = "", token: str = "") -> Customer:
        customer = Customer(name, f"{name} & Co <AS>", "NO", public_keys=(public_key,), tokens=(token,))
        self.known[name] = customer
        self.waits[name], self.away[name] = {}, {}
        return customer

    def lay(self, customer: Customer, name: str, data: bytes) -> None:
        self.waits[customer.id][name] = data

    def customer_by_key(self, line: str) -> Customer | None:
        shown = line.split()[:2]
        return next((c for c in self.known.values() if c.public_keys[0].split()[:2] == shown), None)

    def customer_by_token(self, token: str) -> Customer | None:
        return next((c for c in self.known.values() if token and token in c.tokens), None)

    def customers(self) -> list[Customer]:
        return list(self.known.values())

    def accounts(self, customer: Customer) -> list:
        return []

    def movements(self, customer: Customer, account: str) -> list:
        return []

    def upload(self, customer: Customer, name: str, data: bytes, *, idempotency_key: str = "") -> Uploaded:
        self.uploads.append((customer.id, name, data))
        return Uploaded(len(self.uploads), OrderState.RECEIVED, "")

    def waiting(self, customer: Customer) -> list[BankFile]:
        return [BankFile(name, len(data), "camt053", NOON) for name, data in self.waits[customer.id].items()]

    def archived(self, customer: Customer) -> list[BankFile]:
        return [BankFile(name, len(data), "camt053", NOON) for name, data in self.away[customer.id].items()]

    def read(self, customer: Customer, name: str) -> bytes:
        return (self.waits[customer.id] | self.away[customer.id])[name]

    def archive(self, customer: Customer, name: str) -> None:
        if name not in self.away[customer.id]:
            self.away[customer.id][name] = self.waits[customer.id].pop(name)

    def orders(self, customer: Customer) -> list[OrderView]:
        return [
            self.status(customer, number)
            for number, (who, _name, _data) in enumerate(self.uploads, 1)
            if who == customer.id
        ][::-1]

    def status(self, customer: Customer, number: int) -> OrderView:
        if not 1 <= number <= len(self.uploads) or self.uploads[number - 1][0] != customer.id:
            raise KeyError(number)
        name = self.uploads[number - 1][1]
        order = OrderView(number, customer.id, name, f"M{number}", OrderState.WAITING, NOON, ())
        if number in self.approved:
            return replace(order, state=OrderState.ACCEPTED, approved_by=self.approved[number])
        return order

    def approve(self, customer: Customer, number: int, by: str) -> OrderView:
        self.status(customer, number)
        self.approved.setdefault(number, by)
        return self.status(customer, number)

    def advance(self, days: int = 1) -> datetime.date:
        self.now += datetime.timedelta(days)
        return self.today

    def inject(self, account: str, kind: str, **about: object) -> str:
        if kind != "customer_pays":
            raise ValueError(f"no such kind: {kind}")
        return f"{account}-1"
