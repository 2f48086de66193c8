"""What may be posted, and how it is proven afterwards.

Amounts are Decimal in the client's currency, two decimals, debit positive and credit negative.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from nattbok.base.errors import Refused
from nattbok.base.money import ORE, ZERO
from nattbok.base.words import _

# Amounts are numeric(16,2); a larger one is a mistake long before it is a payment.
LARGEST = Decimal("99999999999999.99")


class PartyKind(StrEnum):
    """On which side of a trade the other stands."""

    CUSTOMER = "customer"
    SUPPLIER = "supplier"


class Unbalanced(Refused):
    """Debit and credit differ."""

    message = _("The entry does not balance: its lines sum to {difference}.")


class BadAmount(Refused):
    """More than two decimals, or too large."""

    message = _("{amount} is not an amount in whole øre within the ledger's range.")


class TooFewLines(Refused):
    """An entry is at least two lines."""

    message = _("An entry needs at least two lines; this has {count}.")


class NoSuchAccount(Refused):
    """The account is not in the client's chart, or is closed for posting."""

    message = _("Account {account} is not in the chart, or is no longer in use.")


class PartyMissing(Refused):
    """A control account without a party, or a party on another account."""

    message = _("Account {account} and its customer or supplier do not go together.")


class NoSuchParty(Refused):
    """The customer or supplier is not this client's."""

    message = _("There is no such customer or supplier.")


class PeriodClosed(Refused):
    """The day lies in a closed period."""

    message = _("The books are closed through {closed_through}, and the entry is dated {date}.")


class OutsideYears(Refused):
    """The day lies in no fiscal year of the client."""

    message = _("There is no fiscal year for {date}.")


class OriginConflict(Refused):
    """The same origin was posted before with other content."""

    message = _("{origin} is already posted, with other content.")


class AlreadyReversed(Refused):
    """An entry is reversed once."""

    message = _("Entry {entry} is already reversed.")


class SettledBeyond(Refused):
    """More would be settled than is left."""

    message = _("{amount} cannot be settled against an item of which {left} is left.")


class NotOnePartys(Refused):
    """A settlement joins a debit and a credit of one party on one account."""

    message = _("These items are not a debit and a credit of the same customer or supplier.")


@dataclass(frozen=True, slots=True)
class Settles:
    """That a line pays `amount` (positive) of the open item `item`."""

    item: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line of an entry not yet posted."""

    account: str  # the account's number
    amount: Decimal
    text: str = ""
    currency: str = ""  # the client's own when blank
    currency_amount: Decimal | None = None
    rate: Decimal | None = None
    vat_code: str = ""
    vat_base: Decimal | None = None
    vat_amount: Decimal | None = None
    party: int | None = None
    due_on: date | None = None
    number: str = ""  # the invoice's or credit note's own number
    reference: str = ""
    dimensions: Mapping[str, str] | None = None
    settles: tuple[Settles, ...] = ()
    on_hold: bool = False


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """An entry not yet posted. The same `origin` is posted once."""

    date: date
    series: str
    origin: str
    text: str
    lines: tuple[LineDraft, ...]
    file: int | None = None
    reverses: int | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry that is in the books."""

    id: int
    series: str
    number: int
    origin: str
    was_there: bool  # it had been posted before, with the same content
    items: tuple[int | None, ...] = ()  # the open item of each line, for the newly posted


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A line that waits for its payment, with the party's name beside it. Signed as the ledger: debit +."""

    id: int
    party: int
    party_kind: PartyKind
    party_number: str
    party_name: str
    account: str
    date: date
    due_on: date | None
    number: str
    reference: str
    currency: str
    currency_amount: Decimal
    amount: Decimal
    left: Decimal
    on_hold: bool = False
    entry: int = 0
    is_invoice: bool = True  # an invoice or a credit note, rather than a payment on account


def check(
    draft: EntryDraft,
    *,
    accounts: Mapping[str, str],
    closed_through: date | None,
    parties: Collection[int],
) -> None:
    """Refuse, in words, a draft that the database would refuse.

    `accounts` maps the number of each account in use to whose subledger it is the sum of, or "".
    """
    if len(draft.lines) < 2:
        raise TooFewLines(count=len(draft.lines))
    if closed_through is not None and draft.date <= closed_through:
        raise PeriodClosed(closed_through=closed_through, date=draft.date)
    total = ZERO
    for line in draft.lines:
        if line.account not in accounts:
            raise NoSuchAccount(account=line.account)
        if bool(accounts[line.account]) != (line.party is not None):
            raise PartyMissing(account=line.account)
        if line.party is not None and line.party not in parties:
            raise NoSuchParty()
        if (
            not line.amount.is_finite()
            or line.amount.quantize(ORE) != line.amount
            or abs(line.amount) > LARGEST
        ):
            raise BadAmount(amount=line.amount)
        if line.party is not None and line.amount == 0:
            raise BadAmount(amount=line.amount)
        total += line.amount
    if total != 0:
        raise Unbalanced(difference=total)


def content(draft: EntryDraft) -> str:
    """A fingerprint (SHA-256, hex) of all that the draft asks for: the same draft has the same one."""
    asked = [
        draft.date.isoformat(),
        draft.series,
        draft.origin,
        draft.text,
        draft.file,
        draft.reverses,
        [
            [
                line.account,
                str(line.amount.quantize(ORE)),
                line.text,
                line.currency,
                None if line.currency_amount is None else str(line.currency_amount.quantize(ORE)),
                line.vat_code,
                None if line.vat_base is None else str(line.vat_base.quantize(ORE)),
                None if line.vat_amount is None else str(line.vat_amount.quantize(ORE)),
                line.party,
                None if line.due_on is None else line.due_on.isoformat(),
                line.number,
                line.reference,
                dict(line.dimensions) if line.dimensions else None,
                [[settled.item, str(settled.amount.quantize(ORE))] for settled in line.settles],
            ]
            for line in draft.lines
        ],
    ]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """What an entry's link in the hash chain is made of: the entry as it stands in the tables."""

    position: int
    series: str
    number: int
    date: date
    text: str
    origin: str
    round: int
    reverses: int | None
    act: int
    lines: Sequence[tuple]  # account, amount, currency, currency amount, vat code, party, due on, reference

    def after(self, before: str) -> str:
        """The link (SHA-256, hex) that follows the link `before`; the first follows ""."""
        parts = [
            before,
            self.position,
            self.series,
            self.number,
            self.date.isoformat(),
            self.text,
            self.origin,
            self.round,
            self.reverses,
            self.act,
            [
                [
                    account,
                    f"{amount:.2f}",
                    currency,
                    f"{currency_amount:.2f}",
                    vat_code,
                    party,
                    None if due_on is None else due_on.isoformat(),
                    reference,
                ]
                for account, amount, currency, currency_amount, vat_code, party, due_on, reference in (
                    self.lines
                )
            ],
        ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def reversal(draft: EntryDraft, entry: int, *, on: date, text: str) -> EntryDraft:
    """The entry that undoes `entry`, posted as `draft`: the same lines with the other sign."""
    return EntryDraft(
        date=on,
        series=draft.series,
        origin=f"reversal:{entry}",
        text=text,
        lines=tuple(
            LineDraft(
                account=line.account,
                amount=-line.amount,
                text=line.text,
                currency=line.currency,
                currency_amount=None if line.currency_amount is None else -line.currency_amount,
                rate=line.rate,
                vat_code=line.vat_code,
                vat_base=None if line.vat_base is None else -line.vat_base,
                vat_amount=None if line.vat_amount is None else -line.vat_amount,
                party=line.party,
                due_on=line.due_on,
                number=line.number,
                reference=line.reference,
                dimensions=line.dimensions,
            )
            for line in draft.lines
        ),
        reverses=entry,
    )
