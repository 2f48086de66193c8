"""What an invented office, its clients and their night consist of, and the truth about every file.

All amounts are Decimal with two decimals in the client's currency; in the books debit is positive and credit
negative. Nothing here is real: names are invented, numbers lie in ranges that are not given out.

Keys are text and unique within one client: a customer's ("K10003"), a supplier's ("L20007"), an open item's
("sale:10412", "bill:L20007:88123"), an entry's ("pay:2026-03").
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.base.money import ZERO


@dataclass(frozen=True, slots=True)
class Office:
    """The firm that keeps the books."""

    name: str
    org_number: str
    country: str


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A client's account at its bank, and the ledger account it is kept on."""

    number: str  # as the bank writes it: BBAN (NO), IBAN (SE)
    iban: str
    bankgiro: str  # "" where there is none
    title: str
    currency: str
    ledger_account: str

    @property
    def other_numbers(self) -> tuple[str, ...]:
        """The account's other names."""
        return tuple(one for one in (self.iban, self.bankgiro) if one and one != self.number)


@dataclass(frozen=True, slots=True)
class ReferenceAgreement:
    """What is agreed with the bank about the references (KID, OCR) of a client's invoices."""

    method: str  # one of the country's `references.methods`
    length: int | None  # characters in all; None when any length is agreed


@dataclass(frozen=True, slots=True)
class Customer:
    """Someone the client sells to."""

    key: str
    number: str
    name: str
    org_number: str
    country: str
    account: str  # where its payments come from; the bank has confirmed it before


@dataclass(frozen=True, slots=True)
class Purchase:
    """One kind of thing a supplier sells: how it is posted and what the e-invoice says of its VAT."""

    item: str
    account: str
    category: str  # UN/CEFACT 5305
    rate: Decimal  # percent
    vat_code: str
    reason: str = ""  # why nothing is charged, where nothing is


@dataclass(frozen=True, slots=True)
class Supplier:
    """Someone the client buys from.

    Each bill has one group of lines for each of `purchases`, always on their accounts, unless
    `other_account` is given: then bills of the past were posted on it every second time, and no one can
    say from the books where the next one belongs. `is_new`: the books have not met it before tonight.
    """

    key: str
    number: str
    name: str
    org_number: str
    country: str
    account: str
    branch: str  # "SE:BANKGIRO" for a bankgiro number, otherwise ""
    street: str
    city: str
    post_code: str
    purchases: tuple[Purchase, ...]
    largest: int  # net kroner of its usual bills, at most
    other_account: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of an entry to be posted before the night.

    A line with a VAT code has `vat_amount`, the VAT of it, unless it is the VAT itself, which has `vat_base`.
    Both have the sign of their line. A line with `party` is an open item, called `key`, or settles some:
    `settles` names each and how much of it (positive).
    """

    account: str
    amount: Decimal
    party: str = ""
    vat_code: str = ""
    vat_base: Decimal | None = None
    vat_amount: Decimal | None = None
    number: str = ""  # the invoice's or credit note's
    reference: str = ""
    due_on: date | None = None
    key: str = ""
    settles: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """An entry to be posted before the night; its lines sum to zero."""

    key: str
    date: date
    series: str
    text: str
    lines: tuple[HistoryLine, ...]


@dataclass(frozen=True, slots=True)
class Client:
    """A company whose books the office keeps, with a year of them."""

    number: str
    name: str
    org_number: str
    country: str
    profile: str  # "full", "mixed" or "self"
    street: str
    city: str
    post_code: str
    bank_account: BankAccount
    agreement: ReferenceAgreement
    customers: tuple[Customer, ...]
    suppliers: tuple[Supplier, ...]
    sources: tuple[str, ...]  # the folders its files come in: "bank", "documents", or "post" for both
    history: tuple[HistoryEntry, ...]  # in the order of their dates

    @property
    def known_suppliers(self) -> tuple[Supplier, ...]:
        """Those the books have met."""
        return tuple(one for one in self.suppliers if not one.is_new)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What the books say of an invoice or credit note when the night begins."""

    key: str
    party: str
    number: str
    reference: str
    date: date
    due_on: date | None
    amount: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class NightFile:
    """A file that lies waiting in one of a client's folders."""

    client: str
    source: str
    name: str
    data: bytes

    @property
    def path(self) -> str:
        """Where it lies under the client's own folder."""
        return f"{self.source}/{self.name}"


@dataclass(frozen=True, slots=True)
class PaymentTruth:
    """A line on a bank account, and the one right thing to do with it.

    `allocations` are (open item key, amount): positive for an invoice paid, negative for a credit note used.
    `outcome` is "post", "post_on_account" (the customer is certain, the invoice is not) or "hold".
    """

    client: str
    bank_reference: str  # AcctSvcrRef in camt
    also_called: tuple[str, ...]  # what OCR giro and BgMax call the same payment
    amount: Decimal  # money in positive
    step: str  # of the matching ladder: KID_EXACT, KID_CLOSED, LIST, NONE …
    outcome: str
    why: str  # in a few words, for whoever reads a report
    customer: str = ""  # the customer's key, where it is certain
    allocations: tuple[tuple[str, Decimal], ...] = ()
    unallocated: Decimal = ZERO
    account: str = ""  # where it belongs, when it is neither a customer's nor a supplier's


@dataclass(frozen=True, slots=True)
class BillTruth:
    """A bill, and the one right thing to do with it.

    `outcome` is "post", and then `lines` are all lines of the entry by account, summed, which come to zero;
    "either", which has lines too, but may as well be left to a person; or "ask", and then `reason` is
    new_supplier, uncertain_history, duplicate, changed_account, wrong_buyer, does_not_add_up or unreadable.
    """

    client: str
    path: str  # of its file
    supplier: str  # the supplier's key
    supplier_org_number: str
    number: str
    outcome: str
    reason: str = ""
    is_credit_note: bool = False
    owed: Decimal = ZERO  # negative for a credit note
    lines: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """An office on one night. The same seed gives the same world, to the byte."""

    seed: int
    office: Office
    starts_on: date  # the day of the opening balances
    bank_day: date  # what the bank's files tell of
    night: date
    clients: tuple[Client, ...]
    files: tuple[NightFile, ...]
    payments: tuple[PaymentTruth, ...]  # money in
    other_lines: tuple[PaymentTruth, ...]  # fees and money out
    bills: tuple[BillTruth, ...]

    def client(self, number: str) -> Client:
        """The client with this number; KeyError when there is none."""
        for client in self.clients:
            if client.number == number:
                return client
        raise KeyError(number)

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Every (client number, folder) that files come from."""
        return tuple((client.number, source) for client in self.clients for source in client.sources)
