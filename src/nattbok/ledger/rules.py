"""What may be posted, and how it is proven afterwards.

Amounts are Decimal in the client's currency, two decimals, debit positive and credit negative.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum

from nattbok.base.errors import Refused
from nattbok.base.money import ORE, ZERO
from nattbok.base.words import _

# Amounts are numeric(16,2); a larger one is a mistake long before it is a payment.
LARGEST = Decimal("99999999999999.99")
RATE = Decimal("0.00000001")
ONE = Decimal(1)


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


class IsAReversal(Refused):
    """A reversal stands; what it took back is posted anew from its origin."""

    message = _("Entry {entry} is itself a reversal; post what it took back anew instead.")


class NoSuchEntry(Refused):
    """The entry is not this client's."""

    message = _("There is no entry {entry} in these books.")


class BadText(Refused):
    """A text that the database would cut short or refuse."""

    message = _(
        "A text for {field} is longer than {limit} characters, or has characters that cannot be kept."
    )


class BadCurrency(Refused):
    """An amount in the client's own currency is the amount itself; another one has its sign and a rate."""

    message = _("{currency_amount} {currency} does not go together with the amount {amount}.")


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


# How long each text may be; the columns are as long.
LENGTHS = {
    "text": 300,
    "origin": 200,
    "series": 5,
    "reference": 100,
    "number": 100,
    "currency": 3,
    "vat_code": 10,
}
HIGHEST_RATE = Decimal(10) ** 10


def check(
    draft: EntryDraft,
    *,
    accounts: Mapping[str, str],
    closed_through: date | None,
    parties: Collection[int],
    currency: str = "",
) -> None:
    """Refuse, in words, a draft that the database would refuse, or would keep otherwise than it was asked.

    `accounts` maps the number of each account in use to whose subledger it is the sum of, or "".
    `currency` is the client's own.
    """
    if len(draft.lines) < 2:
        raise TooFewLines(count=len(draft.lines))
    if closed_through is not None and draft.date <= closed_through:
        raise PeriodClosed(closed_through=closed_through, date=draft.date)
    _check_texts(draft, ("text", "origin", "series"))
    total = ZERO
    for line in draft.lines:
        if line.account not in accounts:
            raise NoSuchAccount(account=line.account)
        if bool(accounts[line.account]) != (line.party is not None):
            raise PartyMissing(account=line.account)
        if line.party is not None and line.party not in parties:
            raise NoSuchParty()
        check_amount(line.amount)
        if line.party is not None and line.amount == 0:
            raise BadAmount(amount=line.amount)
        if line.settles and line.party is None:
            raise NotOnePartys()
        for settled in line.settles:
            check_amount(settled.amount)
        _check_currency(line, currency)
        for amount in (line.vat_base, line.vat_amount):
            if amount is not None:
                check_amount(amount)
        _check_texts(line, ("text", "reference", "number", "currency", "vat_code"))
        total += line.amount
    if total != 0:
        raise Unbalanced(difference=total)


def check_amount(amount: Decimal) -> None:
    """BadAmount unless `amount` is whole øre within the ledger's range: the database would round it."""
    if not amount.is_finite() or abs(amount) > LARGEST or amount.quantize(ORE) != amount:
        raise BadAmount(amount=amount)


def rate(line: LineDraft) -> Decimal:
    """The client's currency for one unit of the line's, eight decimals; 1 when they are the same."""
    if line.rate is not None:
        return line.rate.quantize(RATE)
    if not line.currency_amount or line.amount == line.currency_amount:
        return ONE
    return (line.amount / line.currency_amount).quantize(RATE)


def _check_currency(line: LineDraft, own: str) -> None:
    if line.currency_amount is None and line.rate is None:
        if own and line.currency not in ("", own):
            raise BadCurrency(currency=line.currency, currency_amount=None, amount=line.amount)
        return
    if line.currency_amount is not None:
        check_amount(line.currency_amount)
        is_own = line.currency in ("", own)
        if (is_own and line.currency_amount != line.amount) or line.currency_amount * line.amount < 0:
            raise BadCurrency(
                currency=line.currency or own, currency_amount=line.currency_amount, amount=line.amount
            )
    if line.rate is not None and not (line.rate.is_finite() and 0 < line.rate < HIGHEST_RATE):
        raise BadAmount(amount=line.rate)
    found = rate(line)
    if line.currency_amount and line.amount and not 0 < found < HIGHEST_RATE:
        raise BadAmount(amount=found)


def _check_texts(holder: EntryDraft | LineDraft, fields: Sequence[str]) -> None:
    for field in fields:
        text = getattr(holder, field)
        if not text:
            continue
        is_kept = len(text) <= LENGTHS[field] and (text.isascii() or _is_unicode(text)) and "\0" not in text
        if not is_kept:
            raise BadText(field=field, limit=LENGTHS[field])


def _is_unicode(text: str) -> bool:
    """Whether `text` has no half of a surrogate pair, which UTF-8 cannot say."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _exactly(number: Decimal | None) -> str | None:
    """One text per number, whatever zeros it is written with."""
    if number is None:
        return None
    return str(number.normalize()) if number else "0"


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
                _exactly(line.amount),
                line.text,
                line.currency,
                _exactly(line.currency_amount),
                _exactly(line.rate),
                line.vat_code,
                _exactly(line.vat_base),
                _exactly(line.vat_amount),
                line.party,
                None if line.due_on is None else line.due_on.isoformat(),
                line.number,
                line.reference,
                dict(line.dimensions) if line.dimensions else None,
                [[settled.item, _exactly(settled.amount)] for settled in line.settles],
            ]
            for line in draft.lines
        ],
    ]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """A line as it stands in the tables, for the hash chain."""

    account: str
    amount: Decimal
    currency: str
    currency_amount: Decimal
    rate: Decimal
    text: str
    vat_code: str
    vat_base: Decimal | None
    vat_amount: Decimal | None
    party: int | None
    due_on: date | None
    reference: str
    dimensions: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Link:
    """What an entry's link in the hash chain is made of: the entry as it stands in the tables.

    `act_print` is the fingerprint of the act, so that why an entry was posted is in the chain as well.
    """

    position: int
    series: str
    number: int
    date: date
    text: str
    origin: str
    round: int
    reverses: int | None
    file: int | None
    content: str
    act: int
    act_print: str
    posted_at: datetime
    lines: Sequence[LinkedLine]

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
            self.file,
            self.content,
            self.act,
            self.act_print,
            self.posted_at.astimezone(UTC).isoformat(),
            [
                [
                    line.account,
                    _ore(line.amount),
                    line.currency,
                    _ore(line.currency_amount),
                    f"{line.rate:.8f}",
                    line.text,
                    line.vat_code,
                    None if line.vat_base is None else _ore(line.vat_base),
                    None if line.vat_amount is None else _ore(line.vat_amount),
                    line.party,
                    None if line.due_on is None else line.due_on.isoformat(),
                    line.reference,
                    sorted(line.dimensions.items()) if line.dimensions else None,
                ]
                for line in self.lines
            ],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _ore(amount: Decimal) -> str:
    """As the database keeps it: two decimals, and a zero without a sign."""
    return f"{amount:.2f}" if amount else "0.00"


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
