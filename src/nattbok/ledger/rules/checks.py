"""What may be posted: in words, what the database would refuse.

Amounts are Decimal in the client's currency, two decimals, debit positive and credit negative.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from nattbok.base.money import ORE, ZERO
from nattbok.ledger.rules.drafts import EntryDraft, LineDraft
from nattbok.ledger.rules.refusals import (
    BadAmount,
    BadCurrency,
    BadText,
    NoSuchAccount,
    NoSuchParty,
    NotOnePartys,
    PartyMissing,
    PeriodClosed,
    TooFewLines,
    Unbalanced,
)
from nattbok.ledger.rules.spreading import check_first, check_months

# Amounts are numeric(16,2); a larger one is a mistake long before it is a payment.
LARGEST = Decimal("99999999999999.99")
RATE = Decimal("0.00000001")
ONE = Decimal(1)


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
        if line.spread is not None:
            _check_spread(line, accounts, draft.date)
        _check_currency(line, currency)
        for amount in (line.vat_base, line.vat_amount):
            if amount is not None:
                check_amount(amount)
        _check_texts(line, ("text", "reference", "number", "currency", "vat_code"))
        total += line.amount
    if total != 0:
        raise Unbalanced(difference=total)


def _check_spread(line: LineDraft, accounts: Mapping[str, str], on: date) -> None:
    """A spread goes between two accounts in use that have no parties."""
    check_months(line.spread.months)
    check_first(line.spread.first, on=on)
    if line.spread.account not in accounts or line.spread.account == line.account:
        raise NoSuchAccount(account=line.spread.account)
    if line.party is not None or accounts[line.spread.account]:
        raise PartyMissing(account=line.spread.account)


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
