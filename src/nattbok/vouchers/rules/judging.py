"""Whether a voucher can be posted: each line's reason against it, and what it would be posted as."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO, rounded
from nattbok.base.words import Words, _
from nattbok.base.written import NotADay, NotAnAmount, read_amount, read_day, read_number
from nattbok.countries.country import AccountKind, VatCode
from nattbok.ledger.rules import EntryDraft, LineDraft, Spread, WaitsOn, check, with_vat
from nattbok.ledger.rules import spreading as spreads
from nattbok.ledger.rules.checks import HIGHEST_RATE, LENGTHS
from nattbok.ledger.rules.templates import Template
from nattbok.vouchers.rules import written
from nattbok.vouchers.rules.written import Row, Voucher

SERIES = "A"
CURRENCY = Decimal("0.01")  # what rounding may part an amount from its currency and rate by
MOST_NAMES = 5

NO_DATE = _("The voucher has no date.")
CLOSED = _("The books are closed through {closed_through}, and the voucher is dated {date}.")
TOO_FEW = _("A voucher needs at least two lines; this has {count}.")
UNBALANCED = _("Debit and credit differ by {difference}.")
NO_ACCOUNT = _("The line has no account.")
UNKNOWN_ACCOUNT = _("There is no account “{written}” in the chart.")
MANY_ACCOUNTS = _("“{written}” can be several accounts: {names}.")
OUT_OF_USE = _("Account {account} is no longer in use.")
IS_TEMPLATE = _("“{key}” is a template; it is filled in when the line has an amount.")
NO_AMOUNT = _("The line has no amount.")
BOTH_SIDES = _("The line has an amount both in debit and in credit.")
PARTY_MISSING = _("Account {account} needs a customer or supplier.")
PARTY_NOT_HERE = _("Account {account} has no customers or suppliers.")
UNKNOWN_PARTY = _("There is no customer or supplier “{written}” for account {account}.")
MANY_PARTIES = _("“{written}” can be several: {names}.")
UNKNOWN_CODE = _("There is no VAT code {code} with a rate on {date}.")
NO_VAT_HERE = _("A line on account {account} has no VAT code: it is a customer's or supplier's.")
OWN_CURRENCY = _("{currency} is the currency of these books: write the amount in debit or credit.")
NO_CURRENCY = _("{written} is not a currency: three letters, such as EUR.")
RATE_MISSING = _("An amount in {currency} needs a rate, or an amount in {own}.")
RATE_DIFFERS = _("{currency_amount} {currency} at {rate} is {comes_to}, and the line has {amount}.")
BAD_RATE = _("“{written}” is not a rate.")
NOT_SPREAD = _("Only costs and income are spread over months; account {account} is neither.")
NO_WAITING = _("What is spread waits on account {account}, which is not in use in these books.")
BOTH_VATS = _("The line has VAT as it is written, and so it takes no spread and no net.")


@dataclass(frozen=True, slots=True)
class AccountFact:
    """An account as far as a voucher must know it."""

    number: str
    name: str
    kind: str = AccountKind.ASSET.value
    control: str = ""
    vat_code: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PartyFact:
    """A customer or supplier that a line may mean."""

    id: int
    kind: str
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the judge knows of the books."""

    accounts: Mapping[str, AccountFact]
    parties: Sequence[PartyFact]
    codes: Mapping[str, VatCode]
    currency: str
    waits_on: WaitsOn
    closed_through: datetime.date | None
    templates: Mapping[str, Template]
    today: datetime.date


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A line: its account's name, what it comes to, and why it cannot be posted as it stands."""

    reasons: tuple[Words, ...] = ()
    account: AccountFact | None = None
    party: PartyFact | None = None
    lines: tuple[LineDraft, ...] = ()
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A voucher judged: its lines, what is against it as a whole, its sums, and the entry it would be."""

    rows: tuple[JudgedRow, ...]
    reasons: tuple[Words, ...]
    debit: Decimal
    credit: Decimal  # positive
    date: datetime.date | None
    draft: EntryDraft | None  # None when it cannot be posted

    @property
    def difference(self) -> Decimal:
        """What the debit is more than the credit."""
        return self.debit - self.credit

    @property
    def all_reasons(self) -> list[Words]:
        """Everything that is against it, the lines' first."""
        return [*(reason for row in self.rows for reason in row.reasons), *self.reasons]


def judge(voucher: Voucher, facts: Facts) -> Judgement:
    """All that is against `voucher`, at its lines and as a whole; and when nothing is, its entry."""
    on, reasons = None, []
    try:
        on = read_day(voucher.date, near=facts.today)
        if on is None:
            reasons.append(Words(NO_DATE))
    except NotADay as refusal:
        reasons.append(refusal.words)
    if on and facts.closed_through and on <= facts.closed_through:
        values = {"closed_through": facts.closed_through.isoformat(), "date": on.isoformat()}
        reasons.append(Words(CLOSED, values))
    rows = tuple(_row(row, facts, on or facts.today) for row in voucher.rows)
    lines = tuple(line for row in rows for line in row.lines)
    debit = sum((line.amount for line in lines if line.amount > 0), ZERO)
    credit = -sum((line.amount for line in lines if line.amount < 0), ZERO)
    if len(lines) < 2:
        reasons.append(Words(TOO_FEW, {"count": len(lines)}))
    elif debit != credit:
        reasons.append(Words(UNBALANCED, {"difference": f"{debit - credit:.2f}"}))
    draft = None
    if not reasons and not any(row.reasons for row in rows):
        draft, last = _checked(voucher, lines, on, facts)
        reasons += last
    return Judgement(rows, tuple(reasons), debit, credit, on, draft)


def _checked(
    voucher: Voucher, lines: tuple[LineDraft, ...], on: datetime.date, facts: Facts
) -> tuple[EntryDraft | None, list[Words]]:
    """The entry, held to what the ledger holds all entries to; or what that says."""
    draft = EntryDraft(
        on,
        SERIES,
        origin(voucher.token),
        voucher.text[: LENGTHS["text"]],
        lines,
        voucher.files[0] if voucher.files else None,
    )
    try:
        check(
            draft,
            accounts={number: each.control for number, each in facts.accounts.items() if each.is_active},
            closed_through=facts.closed_through,
            parties={party.id for party in facts.parties},
            currency=facts.currency,
        )
    except Refused as refusal:
        return None, [refusal.words]
    return draft, []


def origin(token: str) -> str:
    """What the entry of a voucher has as its origin."""
    return f"voucher:{token}"


def _row(row: Row, facts: Facts, on: datetime.date) -> JudgedRow:
    if row.is_blank:
        return JudgedRow(is_blank=True)
    row = written.with_spread(row)
    reasons: list[Words] = []
    account = _account(row.account, facts, reasons)
    party = _party(row, account, facts, reasons)
    base = _amounts(row, facts, reasons)
    if account and account.control and row.vat_code:
        reasons.append(Words(NO_VAT_HERE, {"account": account.number}))
    due_on = None
    try:
        due_on = read_day(row.due_on, near=on)
    except NotADay as refusal:
        reasons.append(refusal.words)
    if base is None or account is None:
        return JudgedRow(tuple(reasons), account, party)
    line = replace(
        base,
        account=account.number,
        text=row.text,
        vat_code=row.vat_code.partition(" ")[0],
        party=party.id if party else None,
        due_on=due_on,
        number=row.number[: LENGTHS["number"]],
        reference="".join(row.reference.split())[: LENGTHS["reference"]],
        dimensions={name: getattr(row, name) for name in ("department", "project") if getattr(row, name)}
        or None,
    )
    lines = _posted_as(row, line, account, facts, on, reasons)
    return JudgedRow(tuple(reasons), account, party, lines)


def _posted_as(
    row: Row, line: LineDraft, account: AccountFact, facts: Facts, on: datetime.date, reasons: list[Words]
) -> tuple[LineDraft, ...]:
    """The line with what its VAT code and its spread make of it; reasons are added where they cannot."""
    try:
        exact = read_amount(row.vat_amount), read_amount(row.vat_base)
    except NotAnAmount as refusal:
        reasons.append(refusal.words)
        return ()
    if exact != (None, None):
        # VAT as it stands on a document, which may have been rounded otherwise: nothing is added to it.
        if row.spread or row.is_net:
            reasons.append(Words(BOTH_VATS))
        return (replace(line, vat_amount=exact[0], vat_base=exact[1]),)
    try:
        lines = with_vat(line, facts.codes, on=on, is_net=bool(row.is_net))
    except Refused:
        values = {"code": line.vat_code, "date": on.isoformat()}
        reasons.append(Words(UNKNOWN_CODE, values))
        return (replace(line, vat_code=""),)
    return (_spread(row, lines[0], account, facts, on, reasons), *lines[1:])


def _spread(
    row: Row, line: LineDraft, account: AccountFact, facts: Facts, on: datetime.date, reasons: list[Words]
) -> LineDraft:
    if not row.spread:
        return line
    try:
        months, first = spreads.read(row.spread, on=on)
    except Refused as refusal:
        reasons.append(refusal.words)
        return line
    number = facts.waits_on.of(account.number)
    waiting = facts.accounts.get(number)
    if account.kind not in (AccountKind.COST.value, AccountKind.INCOME.value):
        reasons.append(Words(NOT_SPREAD, {"account": account.number}))
    elif waiting is None or not waiting.is_active or waiting.control:
        reasons.append(Words(NO_WAITING, {"account": number}))
    else:
        return replace(line, account=number, spread=Spread(account.number, months, first))
    return line


def _account(typed: str, facts: Facts, reasons: list[Words]) -> AccountFact | None:
    if not typed:
        reasons.append(Words(NO_ACCOUNT))
        return None
    if typed not in facts.accounts and typed.lower() in facts.templates:
        reasons.append(Words(IS_TEMPLATE, {"key": typed.lower()}))
        return None
    found = accounts_like(typed, facts.accounts)
    if len(found) == 1:
        if not found[0].is_active:
            reasons.append(Words(OUT_OF_USE, {"account": found[0].number}))
        return found[0]
    if found:
        names = ", ".join(f"{account.number} {account.name}" for account in found[:MOST_NAMES])
        reasons.append(Words(MANY_ACCOUNTS, {"written": typed, "names": names}))
    else:
        reasons.append(Words(UNKNOWN_ACCOUNT, {"written": typed}))
    return None


def accounts_like(typed: str, accounts: Mapping[str, AccountFact]) -> list[AccountFact]:
    """What accounts somebody may mean by what they typed: one when it is a number, or a name, or part of it.

    Accounts out of use are meant only when their number is written.
    """
    number = typed.split(" ", 1)[0]
    if number in accounts:
        return [accounts[number]]
    wanted = typed.casefold()
    active = [account for account in accounts.values() if account.is_active]
    for is_meant in (
        lambda name: name == wanted,
        lambda name: name.startswith(wanted),
        lambda name: wanted in name,
    ):
        found = [account for account in active if is_meant(account.name.casefold())]
        if found:
            return sorted(found, key=lambda account: account.number)
    return []


def _party(row: Row, account: AccountFact | None, facts: Facts, reasons: list[Words]) -> PartyFact | None:
    if account is None:
        return None
    if not account.control:
        if row.party:
            reasons.append(Words(PARTY_NOT_HERE, {"account": account.number}))
        return None
    if not row.party:
        reasons.append(Words(PARTY_MISSING, {"account": account.number}))
        return None
    ours = [party for party in facts.parties if party.kind == account.control]
    number, wanted = row.party.split(" ", 1)[0], row.party.casefold()
    found = [party for party in ours if party.number == number]
    found = found or [party for party in ours if party.name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{party.number} {party.name}" for party in found[:MOST_NAMES])
        reasons.append(Words(MANY_PARTIES, {"written": row.party, "names": names}))
    else:
        reasons.append(Words(UNKNOWN_PARTY, {"written": row.party, "account": account.number}))
    return None


def _amounts(row: Row, facts: Facts, reasons: list[Words]) -> LineDraft | None:
    """The line's amount, in another currency too where it is; None with a reason when there is none."""
    try:
        debit, credit = read_amount(row.debit), read_amount(row.credit)
        foreign = read_amount(row.currency_amount)
    except NotAnAmount as refusal:
        reasons.append(refusal.words)
        return None
    if debit and credit:
        reasons.append(Words(BOTH_SIDES))
        return None
    amount = debit if debit else -credit if credit else None
    code = row.currency.upper()
    if foreign is None and not code:
        if not amount:
            reasons.append(Words(NO_AMOUNT))
            return None
        return LineDraft("", amount)
    return _foreign(row, facts, reasons, amount, code, foreign)


def _foreign(
    row: Row, facts: Facts, reasons: list[Words], amount: Decimal | None, code: str, foreign: Decimal | None
) -> LineDraft | None:
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        reasons.append(Words(NO_CURRENCY, {"written": row.currency or "–"}))
        return None
    if code == facts.currency:
        reasons.append(Words(OWN_CURRENCY, {"currency": code}))
        return None
    try:
        rate = read_number(row.rate)
    except NotAnAmount:
        rate = Decimal(-1)
    if rate is not None and not 0 < rate < HIGHEST_RATE:
        reasons.append(Words(BAD_RATE, {"written": row.rate}))
        return None
    if not foreign and amount and rate:
        foreign = rounded(amount / rate)
    if not foreign or (not amount and not rate):
        reasons.append(Words(RATE_MISSING, {"currency": code, "own": facts.currency}))
        return None
    if not amount:
        amount = rounded(foreign * rate)
    # The side says which way it goes; the amount in the currency has no sign of its own beside it.
    foreign = abs(foreign) if amount > 0 else -abs(foreign)
    if rate is not None and abs(rounded(foreign * rate) - amount) > CURRENCY:
        values = {
            "currency_amount": f"{abs(foreign):.2f}",
            "currency": code,
            "rate": f"{rate.normalize():f}",
            "comes_to": f"{abs(rounded(foreign * rate)):.2f}",
            "amount": f"{abs(amount):.2f}",
        }
        reasons.append(Words(RATE_DIFFERS, values))
        return None
    return LineDraft("", amount, currency=code, currency_amount=foreign, rate=rate)
