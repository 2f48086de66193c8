"""The bank's own books: double entries, so that what stands on a statement always came from somewhere."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.base.money import ZERO

# The bank's own accounts; each has one for every currency, "other banks:NOK".
OTHER_BANKS, GIRO, FEES, INTEREST, EXCHANGE = "other banks", "giro", "fees", "interest", "exchange"
BATCHES, CAPITAL = "batches", "capital"


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount on an account: what the bank owes its holder goes up when it is positive."""

    account: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BookEntry:
    """Postings that sum to zero in each currency."""

    on: date
    text: str
    postings: tuple[Posting, ...]


class Books:
    """Entries, and what they come to."""

    def __init__(self) -> None:
        self.entries: list[BookEntry] = []
        self._balances: dict[str, Decimal] = defaultdict(lambda: ZERO)

    def post(self, on: date, text: str, postings: Sequence[Posting]) -> None:
        """Raises ValueError when they do not sum to zero in each currency."""
        sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for one in postings:
            sums[one.currency] += one.amount
        if any(sums.values()):
            raise ValueError(f"{text} on {on} does not balance: {dict(sums)}")
        self.entries.append(BookEntry(on, text, tuple(postings)))
        for one in postings:
            self._balances[one.account] += one.amount

    def balance(self, account: str) -> Decimal:
        """What the bank owes the account's holder; of the bank's own accounts what they come to."""
        return self._balances.get(account, ZERO)

    def totals(self) -> dict[str, Decimal]:
        """The sum of all accounts in each currency, computed anew from the entries: all zero."""
        found: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for entry in self.entries:
            for one in entry.postings:
                found[one.currency] += one.amount
        return dict(found)


def own(account: str, currency: str) -> str:
    """The bank's own account in a currency."""
    return f"{account}:{currency}"
