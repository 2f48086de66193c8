"""What a bank rule is: when it holds, and what it posts. As data, so that it is kept, shown and compared."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Direction(StrEnum):
    """Which way the money goes."""

    IN = "in"
    OUT = "out"


class Mode(StrEnum):
    """How far a rule may go."""

    SUGGEST = "suggest"
    POST = "post"


class Takes(StrEnum):
    """How much of a payment a part is."""

    REST = "rest"  # what the other parts leave
    AMOUNT = "amount"  # this much, without sign
    PERCENT = "percent"  # of the payment, rounded to øre
    GROUP = "group"  # what the pattern's first group finds in the text


class Kind(StrEnum):
    """What a rule posts."""

    PARTS = "parts"
    SETTLEMENT = "settlement"  # what the acquirer's report says; waits until there is one


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must all hold of a payment. A blank says nothing."""

    direction: str = ""
    payer: str = ""  # stands in the payer's name
    payer_account: str = ""  # in normal form
    bank_account: int = 0  # the client's own account that it is on
    contains: tuple[str, ...] = ()  # each stands somewhere in the text
    words: tuple[str, ...] = ()  # each is a whole word of the text
    pattern: str = ""  # found in the text: see `patterns`
    least: Decimal | None = None  # of the amount without sign, both inclusive
    most: Decimal | None = None
    bank_code: str = ""  # PMNT-MDOP-CHRG, or its beginning up to a dash
    first_day: int = 0  # of the month, both inclusive; a first day after the last goes over the month's end
    last_day: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One line that a rule posts: on an account, or on a customer's or supplier's ledger."""

    takes: Takes = Takes.REST
    account: str = ""
    party: int = 0
    amount: Decimal | None = None  # without sign, or a percentage
    pattern: str = ""
    is_deducted: bool = False  # a fee taken from what was paid in: it goes the other way than the rest
    vat_code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """What a rule posts beside the bank account."""

    kind: Kind = Kind.PARTS
    parts: tuple[Part, ...] = ()
    clearing: str = ""  # of a settlement: see PayoutAccounts
    fee: str = ""
    fee_vat_code: str = ""
    refund: str = ""
    reserve: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule, as it may be used tonight."""

    id: int
    version: int
    name: str
    conditions: Conditions
    posting: Posting
    place: int = 0  # the lowest is asked first; equals are asked together
    mode: Mode = Mode.SUGGEST
    author: str = ""
    approved_by: str = ""
    largest: Decimal | None = None  # beyond it the rule suggests
    valid_from: date | None = None
    valid_through: date | None = None
    despite_open_items: bool = False  # also when the payer has open items that this may pay
    after_movement: int = 0  # what came before is the backlog: it is suggested for, whatever the mode
    party_accounts: dict[int, str] = field(default_factory=dict)  # party → its control account
    party_names: dict[int, str] = field(default_factory=dict)

    @property
    def may_post(self) -> bool:
        """Whether a named person has let it post by itself."""
        return self.mode is Mode.POST and bool(self.approved_by)

    @property
    def told(self) -> dict:
        """Which rule it was, for the evidence of what it does."""
        return {
            "rule": self.id,
            "version": self.version,
            "name": self.name,
            "author": self.author,
            "approved_by": self.approved_by,
        }
