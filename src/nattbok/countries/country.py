"""The list of what a country must supply."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from nattbok.base.dates import in_force

Rates = tuple[tuple[date, Decimal], ...]  # (valid from, percent), oldest first


class AccountKind(StrEnum):
    """What an account is in the accounts of the year."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    COST = "cost"


@dataclass(frozen=True, slots=True)
class ChartAccount:
    """One account of the chart that a client of this country begins with."""

    number: str
    name: str  # in the country's own language
    name_en: str
    kind: AccountKind
    control: str = ""  # "customer" or "supplier" when it is the subledger's control account
    vat_code: str = ""  # the code a line on it normally has
    report_group: str = ""  # SAF-T grouping code (NO)
    report_category: str = ""  # SAF-T grouping category, which goes with the code (NO)


class VatDirection(StrEnum):
    """Which way the VAT of a code goes."""

    OUTPUT = "output"
    INPUT = "input"
    REVERSE = "reverse"  # owed by the buyer, and deducted in the same return when `is_deductible`
    NONE = "none"


@dataclass(frozen=True, slots=True)
class VatCode:
    """How a line counts in the return, and where its VAT is posted."""

    code: str
    name: str  # in the country's own language
    name_en: str
    direction: VatDirection
    rates: Rates
    output_account: str = ""  # where output VAT is posted
    input_account: str = ""  # where input VAT is posted
    standard_code: str = ""  # the authority's code (SAF-T in NO, the box of the return in SE)
    is_deductible: bool = True  # False on a reverse code: the VAT owed is added to the cost
    is_reported: bool = True  # False: for the books alone, never in the return
    base_box: str = ""  # SE: the box that the base is summed in
    vat_box: str = ""  # SE: the box that output VAT is summed in
    deduction_box: str = ""  # SE: the box that input VAT is summed in

    def rate(self, on: date) -> Decimal:
        """The rate in percent on the day of delivery `on`; raises ValueError before the first one."""
        percent = in_force(self.rates, on)
        if percent is None:
            raise ValueError(f"VAT code {self.code} has no rate on {on}")
        return percent


@dataclass(frozen=True, slots=True)
class StandardAccounts:
    """The account numbers of the country's chart that postings need by their role."""

    bank: str
    customers: str
    suppliers: str
    sales: str
    purchases: str
    rounding: str
    bank_charges: str
    equity: str  # the counterpart of opening balances
    interest_income: str
    interest_cost: str
    exchange_gain: str
    exchange_loss: str
    vat_settlement: str  # what is owed for a return that is filed
    unallocated: str  # where money waits that is not yet known
    prepaid: str  # where a cost waits that is spread over months
    deferred: str  # where an income waits that is spread over months


class References(Protocol):
    """The checked numbers that payers quote: KID in Norway, OCR in Sweden."""

    methods: tuple[str, ...]  # the names of the ways to check, the usual one first

    def is_valid(self, reference: str, *, lengths: Sequence[int] = (), methods: Sequence[str] = ()) -> bool:
        """Whether `reference` has a right check digit, and the agreed length and method where given."""
        ...

    def make(self, number: str, *, method: str = "", length: int | None = None) -> str:
        """`number` with its check digit (and length digit where the method has one)."""
        ...

    def near(self, reference: str, known: Sequence[str]) -> list[str]:
        """Those of `known` that differ by one wrong digit, two swapped digits, or a lost or added one."""
        ...


@dataclass(frozen=True, slots=True)
class ExpenseCategory:
    """Where what an employee paid is posted, and which VAT of it may be deducted."""

    account: str
    vat_codes: tuple[str, ...]  # the input codes its receipts may have; none: no VAT is deducted
    needs_participants: bool = False  # who took part must be told


@dataclass(frozen=True, slots=True)
class Country:
    """A country the house can keep books in."""

    code: str  # ISO 3166 alpha-2
    language: str  # "nb" or "sv"
    currency: str
    chart: tuple[ChartAccount, ...]
    accounts: StandardAccounts
    vat_codes: Mapping[str, VatCode]
    expenses: Mapping[str, ExpenseCategory]  # food, phone, purchase, travel, representation
    entertainment: frozenset[str]  # accounts whose documents must say the occasion and who took part
    no_vat_code: str  # a purchase of which no VAT is deducted
    paid_from: Mapping[str, str]  # how a bill was paid (bank, cash, private) → the account that paid it
    goods_rates: Mapping[str, Rates]  # what the law fixes for a class of goods ("food"), where it is known
    purchase_vat_code: Callable[[str, Decimal | None, str, date], str | None]
    # (UN/CEFACT category, percent, the seller's country, day) → our code for a purchase, None when unsure
    references: References
    is_bank_day: Callable[[date], bool]
    next_bank_day: Callable[[date], date]  # the day itself when it is one
    is_org_number: Callable[[str], bool]
    normal_org_number: Callable[[str], str]  # digits only
    normal_account: Callable[[str], str]
    # a bank account number in the one form that BBAN and IBAN of the same account share; "" when it is none
    same_account: Callable[[str, str], bool]
    org_scheme: str  # the e-invoice network's scheme of the organisation number: 0192, 0007
    retention_years: int
