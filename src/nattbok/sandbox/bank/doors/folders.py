"""What lies before a customer at the doors: files being sent, files taken, files to fetch.

Sent files that have no final name yet are the doors' own; once named, the bank takes them, and the doors
remember the bytes so that whoever sent them can look. Safe from any thread.
"""

import hashlib
import threading
from dataclasses import dataclass, field

from nattbok.sandbox.bank.shape import BankDoor, BankFile, Customer, Fault, Faults

UNFINISHED = (".part", ".tmp", ".filepart", "~")
LOOKS = 3  # after which a growing file is whole
# What RENAME_FAILS does, by the amount it was switched on with.
RENAME_REFUSED, CUT_BEFORE_RENAME, CUT_AFTER_RENAME, SILENT_AFTER_RENAME = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment file that the bank has taken."""

    number: int
    name: str
    data: bytes = field(repr=False)
    sha256: str
    idempotency_key: str


class NameInUse(Exception):
    """Another file has the name: the bank takes each name once."""


class Folders:
    """The files of all customers, as the doors show them."""

    def __init__(self, bank: BankDoor) -> None:
        self.bank = bank
        self._lock = threading.RLock()
        self._unfinished: dict[str, dict[str, bytearray]] = {}
        self._taken: dict[str, dict[str, Taken]] = {}
        self._looks: dict[tuple[str, str], int] = {}

    def unfinished(self, customer: Customer) -> dict[str, bytearray]:
        """The customer's files that are being sent, by name; the very ones."""
        with self._lock:
            return self._unfinished.setdefault(customer.id, {})

    def taken(self, customer: Customer) -> dict[str, Taken]:
        """The customer's files that the bank has taken through these doors, by name."""
        with self._lock:
            return dict(self._taken.get(customer.id, {}))

    def remember(self, customer: str, taken: Taken) -> None:
        """A file that the bank took before these doors were opened."""
        with self._lock:
            self._taken.setdefault(customer, {}).setdefault(taken.name, taken)

    def take(self, customer: Customer, name: str, data: bytes, *, key: str = "") -> Taken:
        """Give a whole file to the bank. Raises NameInUse; the same key gives the first answer again."""
        with self._lock:
            mine = self._taken.setdefault(customer.id, {})
            for one in mine.values():
                if key and one.idempotency_key == key:
                    return one
            # The bank may know it from before these doors were opened.
            if name in mine or name in {order.name for order in self.bank.orders(customer)}:
                raise NameInUse(name)
            answer = self.bank.upload(customer, name, data, idempotency_key=key)
            taken = Taken(answer.number, name, data, hashlib.sha256(data).hexdigest(), key)
            mine[name] = taken
            return taken

    def visible(self, customer: Customer, file: BankFile) -> int:
        """How many bytes of a waiting file are seen now. Looking makes a growing file grow."""
        with self._lock:
            place = customer.id, file.name
            if place not in self._looks:
                grows = strikes(self.bank.faults, customer, Fault.FILE_GROWING)
                self._looks[place] = 0 if grows else LOOKS
            self._looks[place] = min(LOOKS, self._looks[place] + 1)
            return file.size * self._looks[place] // LOOKS

    def whole(self, customer: Customer, name: str, data: bytes) -> bytes:
        """The bytes of a waiting file that are there now, by the last look."""
        with self._lock:
            looks = self._looks.get((customer.id, name), LOOKS)
            return data if looks == LOOKS else data[: len(data) * looks // LOOKS]


def is_unfinished(name: str) -> bool:
    """Whether the bank leaves a file of this name alone."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def is_on(faults: Faults, customer: Customer | None, fault: Fault) -> bool:
    """Whether a fault of the doors is on for the customer or for everybody; not counted."""
    return any(faults.is_on(who, fault) for who in _who(customer))


def strikes(faults: Faults, customer: Customer | None, fault: Fault) -> bool:
    """Whether it strikes now; counted."""
    return any(faults.is_on(who, fault) and faults.strikes(who, fault) for who in _who(customer))


def amount(faults: Faults, customer: Customer | None, fault: Fault) -> int:
    """What it was switched on with."""
    return next((faults.amount(who, fault) for who in _who(customer) if faults.is_on(who, fault)), 0)


def _who(customer: Customer | None) -> tuple[str, ...]:
    return (customer.id, "*") if customer else ("*",)
