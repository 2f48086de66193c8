"""Whether a rule holds for a payment, and the lines it posts: or why they cannot be posted."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from nattbok.bank.rules import vat
from nattbok.bank.rules.bank_rules import patterns
from nattbok.bank.rules.bank_rules.shape import Conditions, Direction, Part, Rule, Takes
from nattbok.bank.rules.shape import OtherLine, Payment
from nattbok.base.money import ZERO, rounded
from nattbok.base.words import Words, _
from nattbok.countries.country import VatCode

NOT_FOUND = _("The rule {rule} finds no amount in the text by the pattern {pattern}.")
UNBALANCED = _("The rule {rule} comes to {sum}, but {paid} was paid.")
NEGATIVE = _("The rule {rule} leaves {rest} for its last line.")
BAD_VAT = _("The rule {rule} has a VAT code that cannot be used on that day: {code}.")
_WORD = re.compile(r"\w+(?:[-/]\w+)*")
_PLAIN = re.compile(r"\d+")
_DECIMALS = re.compile(r"(\d{1,3}(?:[ .\u00a0']\d{3})+|\d+)[.,](\d{2})")
_COMMA_GROUPS = re.compile(r"(\d{1,3}(?:,\d{3})+)\.(\d{2})")


def is_valid_on(rule: Rule, day: date) -> bool:
    """Whether the rule may be used for a payment of that day."""
    return (rule.valid_from is None or rule.valid_from <= day) and (
        rule.valid_through is None or day <= rule.valid_through
    )


def holds(asked: Conditions, payment: Payment) -> bool:
    """Whether all that is asked is true of the payment. Capitals and small letters are alike."""
    size = abs(payment.amount)
    if asked.direction and (asked.direction == Direction.IN) != (payment.amount > 0):
        return False
    if asked.least is not None and size < asked.least:
        return False
    if asked.most is not None and size > asked.most:
        return False
    if asked.bank_account and asked.bank_account != payment.bank_account:
        return False
    if asked.payer_account and asked.payer_account != payment.payer_account:
        return False
    if asked.bank_code and not _is_code(asked.bank_code, payment.bank_code):
        return False
    if asked.first_day and not _is_day(asked.first_day, asked.last_day, payment.booked_on.day):
        return False
    if asked.payer and asked.payer.casefold() not in " ".join(payment.payer_name.casefold().split()):
        return False
    return _is_said(asked, payment.text)


def _is_said(asked: Conditions, text: str) -> bool:
    if not (asked.contains or asked.words or asked.pattern):
        return True
    plain = " ".join(text.split())
    folded = plain.casefold()
    if not all(part.casefold() in folded for part in asked.contains):
        return False
    if asked.words:
        there = set(_WORD.findall(folded)) | set(folded.split())
        if not all(word.casefold() in there for word in asked.words):
            return False
    return not asked.pattern or patterns.found(asked.pattern, plain) is not None


def _is_code(asked: str, code: str) -> bool:
    asked, code = asked.upper(), code.upper()
    return code == asked or code.startswith(f"{asked}-")


def _is_day(first: int, last: int, day: int) -> bool:
    return first <= day <= last if first <= last else day >= first or day <= last


def lines(rule: Rule, payment: Payment, vat_codes: Mapping[str, VatCode]) -> tuple[OtherLine, ...] | Words:
    """The lines the rule posts beside the bank's, signed as the ledger, or why it posts nothing.

    They sum to exactly minus the payment. A part is never guessed: when the text lacks an amount, or the
    parts do not come to what was paid, the rule posts nothing.
    """
    parts = rule.posting.parts
    plain = " ".join(payment.text.split())
    paid = abs(payment.amount)
    amounts: list[Decimal | None] = []
    for part in parts:
        size = _size(part, paid, plain)
        if size is None and part.takes is not Takes.REST:
            return Words(NOT_FOUND, {"rule": rule.name, "pattern": part.pattern})
        amounts.append(size if size is None or not part.is_deducted else -size)
    known = sum((amount for amount in amounts if amount is not None), ZERO)
    rest = paid - known
    for at, part in enumerate(parts):
        if amounts[at] is None:
            if rest * (-1 if part.is_deducted else 1) < 0:
                return Words(NEGATIVE, {"rule": rule.name, "rest": str(rest)})
            amounts[at], rest = rest, ZERO
    if rest != 0:
        return Words(UNBALANCED, {"rule": rule.name, "sum": str(known), "paid": str(paid)})
    sign = -1 if payment.amount > 0 else 1
    drafted: list[OtherLine] = []
    for part, amount in zip(parts, amounts, strict=True):
        if not amount:
            continue
        line = OtherLine(
            account=part.account or rule.party_accounts.get(part.party, ""),
            amount=sign * amount,
            text=(part.text or payment.payer_name or plain)[:300],
            party=part.party,
            reference=payment.reference if part.party else "",
        )
        try:
            drafted += vat.with_vat(line, part.vat_code, vat_codes, on=payment.booked_on)
        except (KeyError, ValueError):
            return Words(BAD_VAT, {"rule": rule.name, "code": part.vat_code})
    return tuple(drafted)


def _size(part: Part, paid: Decimal, plain: str) -> Decimal | None:
    match part.takes:
        case Takes.AMOUNT:
            return part.amount
        case Takes.PERCENT:
            return rounded(paid * part.amount / 100)
        case Takes.GROUP:
            found = patterns.found(part.pattern, plain)
            return amount_in(found[1]) if found and found[1] else None
    return None


def amount_in(written: str) -> Decimal | None:
    """The amount a text says: `10000,00`, `1 234,50`, `1.234,50`, `1,234.50`, `500`; None when in doubt."""
    text = written.strip()
    if _PLAIN.fullmatch(text):
        return Decimal(text).quantize(Decimal("0.01")) if len(text) <= 12 else None
    found = _DECIMALS.fullmatch(text) or _COMMA_GROUPS.fullmatch(text)
    if found is None:
        return None
    whole = re.sub(r"\D", "", found[1])
    return Decimal(f"{whole}.{found[2]}") if len(whole) <= 12 else None
