"""From what is kept of a rule, or written in a form, to the rule, and back. Anything doubtful is refused."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from nattbok.bank.rules.bank_rules.patterns import compiled
from nattbok.bank.rules.bank_rules.shape import Conditions, Direction, Kind, Part, Posting, Takes
from nattbok.base.errors import Refused
from nattbok.base.money import ORE, ZERO
from nattbok.base.words import _
from nattbok.ledger.rules import LARGEST

LONGEST = 200  # letters of a condition
MOST_PARTS = 20
SHORTEST_TEXT = 3  # letters: a shorter text stands in almost anything


class BadRule(Refused):
    """What is written is no rule; the sentence says why."""

    message = _("This is no bank rule.")

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(**values)
        self.message = message


NO_NAME = _("The rule has no name.")
NOTHING = _("The rule says nothing of who pays or what is written, so it would hold for everything.")
UNKNOWN = _("Rules have nothing called {name}.")
TOO_LONG = _("“{text}” is too long.")
TOO_SHORT = _("“{text}” is too short: it stands in almost anything.")
NOT_AMOUNT = _("“{text}” is not an amount without sign in whole øre.")
NOT_DAY = _("The days of the month are from 1 to 31, and both are given.")
RANGE = _("The smallest amount is larger than the largest.")
DIRECTION = _("Money goes in or out.")
NO_PARTS = _("The rule says nothing of what to post.")
NOT_ONE_PLACE = _("Each line of a rule is on one account, or on one customer's or supplier's ledger.")
ONE_REST = _("At most one line of a rule takes the rest.")
NO_REST = _("The rule's lines cannot sum to the payment: one must take the rest, or be found in the text.")
PERCENT = _("A percentage is more than 0 and at most 100.")
PATTERN = _("An amount that is found in the text needs a pattern with one group in brackets.")
VAT_ON_PARTY = _("A line on a customer's or supplier's ledger has no VAT code.")
SETTLEMENT = _("A settlement needs its clearing account and its fee account.")


def conditions(given: Mapping[str, Any]) -> Conditions:
    """The conditions, or BadRule. At least one that tells payments apart must be given."""
    known = _only(given, Conditions)
    read = Conditions(
        direction=_direction(known.get("direction")),
        payer=_text(known.get("payer"), SHORTEST_TEXT),
        payer_account=_text(known.get("payer_account")),
        bank_account=_id(known.get("bank_account")),
        contains=_texts(known.get("contains"), SHORTEST_TEXT),
        words=_texts(known.get("words"), 1),
        pattern=_text(known.get("pattern")),
        least=_amount(known.get("least")),
        most=_amount(known.get("most")),
        bank_code=_text(known.get("bank_code")),
        first_day=_day(known.get("first_day")),
        last_day=_day(known.get("last_day")),
    )
    if read.pattern:
        compiled(read.pattern)
    if bool(read.first_day) != bool(read.last_day):
        raise BadRule(NOT_DAY)
    if read.least is not None and read.most is not None and read.least > read.most:
        raise BadRule(RANGE)
    if not any((read.payer, read.payer_account, read.contains, read.words, read.pattern, read.bank_code)):
        raise BadRule(NOTHING)
    return read


def posting(given: Mapping[str, Any]) -> Posting:
    """What is posted, or BadRule: its lines can sum to a payment, and each has its place."""
    known = _only(given, Posting)
    kind = _among(Kind, known.get("kind") or Kind.PARTS)
    accounts = {
        name: _text(known.get(name)) for name in ("clearing", "fee", "fee_vat_code", "refund", "reserve")
    }
    if kind is Kind.SETTLEMENT:
        if not accounts["clearing"] or not accounts["fee"]:
            raise BadRule(SETTLEMENT)
        return Posting(kind=kind, **accounts)
    listed = known.get("parts") or ()
    if not isinstance(listed, list | tuple) or not listed or len(listed) > MOST_PARTS:
        raise BadRule(NO_PARTS)
    parts = tuple(_part(one) for one in listed)
    rest = sum(part.takes is Takes.REST for part in parts)
    if rest > 1:
        raise BadRule(ONE_REST)
    if not rest and all(part.takes is Takes.AMOUNT for part in parts) and len(parts) > 1:
        raise BadRule(NO_REST)
    return Posting(parts=parts)


def _part(given: Any) -> Part:
    if not isinstance(given, Mapping):
        raise BadRule(NO_PARTS)
    known = _only(given, Part)
    part = Part(
        takes=_among(Takes, known.get("takes") or Takes.REST),
        account=_text(known.get("account")),
        party=_id(known.get("party")),
        amount=_amount(known.get("amount")),
        pattern=_text(known.get("pattern")),
        is_deducted=bool(known.get("is_deducted")),
        vat_code=_text(known.get("vat_code")),
        text=_text(known.get("text")),
    )
    if bool(part.account) == bool(part.party):
        raise BadRule(NOT_ONE_PLACE)
    if part.party and part.vat_code:
        raise BadRule(VAT_ON_PARTY)
    if part.takes in (Takes.AMOUNT, Takes.PERCENT) and not part.amount:
        raise BadRule(PERCENT if part.takes is Takes.PERCENT else NOT_AMOUNT, text=part.amount)
    if part.takes is Takes.PERCENT and part.amount > 100:
        raise BadRule(PERCENT)
    if part.takes is Takes.GROUP and (not part.pattern or compiled(part.pattern).groups != 1):
        raise BadRule(PATTERN)
    return part


def written(one: Conditions | Posting) -> dict:
    """As it is kept: only what says something, amounts as text. `conditions` and `posting` read it back."""
    return _said(asdict(one))


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _said(each) for name, each in value.items() if each not in ("", 0, None, (), False, [])}
    if isinstance(value, list | tuple):
        return [_said(each) for each in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.value if isinstance(value, Direction | Takes | Kind) else value


def _only(given: Mapping[str, Any], of: type) -> dict[str, Any]:
    names = {field.name for field in fields(of)}
    for name in given:
        if name not in names:
            raise BadRule(UNKNOWN, name=str(name)[:40])
    return dict(given)


def _text(value: Any, shortest: int = 0) -> str:
    text = " ".join(str(value or "").split())
    if len(text) > LONGEST or "\0" in text:
        raise BadRule(TOO_LONG, text=text[:40])
    if text and len(text) < shortest:
        raise BadRule(TOO_SHORT, text=text)
    return text


def _texts(value: Any, shortest: int) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else list(value or ())
    if len(listed) > MOST_PARTS:
        raise BadRule(TOO_LONG, text=str(listed[0])[:40])
    return tuple(filter(None, (_text(one, shortest) for one in listed)))


def _amount(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        amount = Decimal(str(value).replace("\u00a0", "").replace(" ", "").replace(",", "."))
        if not amount.is_finite() or not ZERO <= amount <= LARGEST or amount != amount.quantize(ORE):
            raise InvalidOperation
    except InvalidOperation:
        raise BadRule(NOT_AMOUNT, text=str(value)[:40]) from None
    return amount.quantize(ORE)


def _number(value: Any, is_right: Callable[[int], bool], why: str) -> int:
    if value in (None, ""):
        return 0
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise BadRule(why) from None
    if number and not is_right(number):
        raise BadRule(why)
    return number


def _day(value: Any) -> int:
    return _number(value, lambda day: 1 <= day <= 31, NOT_DAY)


def _id(value: Any) -> int:
    return _number(value, lambda pk: 0 < pk < 2**62, NOT_ONE_PLACE)


def _direction(value: Any) -> str:
    if value in (None, ""):
        return ""
    if value not in (Direction.IN, Direction.OUT):
        raise BadRule(DIRECTION)
    return Direction(value).value


def _among(kind: type, value: Any):
    try:
        return kind(value)
    except ValueError:
        raise BadRule(UNKNOWN, name=str(value)[:40]) from None
