"""Lists of lines that a person has exported from the net bank: CSV, told by the names of its columns.

A last way out, for clients without any agreement with their bank. Such a list proves nothing of itself but
by a running balance, where the bank writes one; whether lines are missing at either end, nobody can see. It
has no bank reference: two equal lines on a day are two, and are numbered by whoever keeps them, so lines are
given in the order of their days, oldest first, and the same lines get the same numbers when they are
exported again. Its kind is INTRADAY: it never closes a day, and the bank's own statement may tell the same
lines again without harm.

Most lists do not name their account: `account` is then "", and the receiving side asks which one it is.
Lines that are only reserved ("Reservert" in the place of a date) are PENDING and have no day.

Findings. Hold: balance_mismatch, currency_mismatch. Note: no_account, no_balance.
Unreadable: csv_not_known, csv_empty, csv_both_ways, csv_cut, and the codes of `formats.table`.

Sources and columns: `bank_csv_profiles`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import table
from nattbok.formats.bank.bank_csv_profiles import PROFILES, Profile, bare
from nattbok.formats.bank.findings import Findings
from nattbok.formats.bank.shape import BankFile, Kind, Statement, Status, Transaction

_MOST_BEFORE = 10  # lines before the header


def looks_like(head: bytes) -> bool:
    """Whether one of the first lines names the columns of a bank's export."""
    return _profile(table.head_lines(head, _MOST_BEFORE)) is not None


def read(data: bytes) -> BankFile:
    """The one list of the file; raises Unreadable when a line of it cannot be read for certain."""
    written = table.text(data)
    found = _profile([line.strip() for line in written.split("\n", _MOST_BEFORE)[:_MOST_BEFORE]])
    if found is None:
        raise Unreadable(
            _("The file is not a list of lines from a net bank that is known here."),
            where="line 1",
            code="csv_not_known",
        )
    profile, delimiter, before = found
    findings, place = Findings(), f"line {before + 1}"
    rows = _rows(written, profile, delimiter, before)
    lines = [_line(profile, said, number) for number, said in rows]
    if not lines:
        raise Unreadable(_("There is no line in the list."), where=place, code="csv_empty")
    _not_cut(written, profile, delimiter)
    booked = [line for line in lines if line.is_booked]
    if _is_newest_first(booked):
        lines.reverse()
        booked.reverse()
    opening, closing = _balances(profile, booked, place, findings)
    currency = _currency(profile, lines, findings)
    account = _account(lines)
    if not account:
        findings.note(
            "no_account", place, _("The list does not say which account it is of; whoever brings it has to.")
        )
    booked_in, booked_out = _ways(booked)
    waiting_in, waiting_out = _ways([line for line in lines if not line.is_booked])
    days = [line.transaction.booked_on for line in booked if line.transaction.booked_on]
    statement = Statement(
        account=account,
        currency=currency,
        kind=Kind.INTRADAY,
        starts_on=min(days, default=None),
        ends_on=max(days, default=None),
        opening=opening,
        closing=closing,
        entries=len(lines),
        transactions=tuple(line.transaction for line in lines),
        payments=len(booked),
        not_booked=len(lines) - len(booked),
        booked_in=booked_in,
        booked_out=booked_out,
        waiting_in=waiting_in,
        waiting_out=waiting_out,
        findings=tuple(findings),
    )
    return BankFile(message=f"bank_csv {profile.name}", kind=Kind.INTRADAY, statements=(statement,))


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as read, with what only the list as a whole can make use of."""

    transaction: Transaction
    currency: str
    own_account: str
    balance: Decimal | None

    @property
    def is_booked(self) -> bool:
        return self.transaction.status is Status.BOOKED


def _profile(lines: Sequence[str]) -> tuple[Profile, str, int] | None:
    """The profile, its mark between cells, and how many lines stand before the header."""
    for number, line in enumerate(lines):
        for delimiter in table.DELIMITERS:
            names = tuple(bare(cell) for cell in line.split(delimiter))
            while names and not names[-1]:
                names = names[:-1]
            for profile in PROFILES if len(names) > 1 else ():
                if sorted(names) == sorted(profile.names):
                    return profile, delimiter, number
    return None


def _rows(
    written: str, profile: Profile, delimiter: str, before: int
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the header, by their columns' names as the profile writes them."""
    below = written.split("\n", before)[before]
    as_written = dict(zip(profile.names, profile.columns, strict=True))
    header: list[str] | None = None
    for line, cells in table.rows(below, delimiter, is_quoted=profile.is_quoted):
        if header is None:
            header = [as_written[bare(cell)] for cell in cells if cell]
            continue
        number = line + before
        yield number, table.named(cells, header, number)


def _line(profile: Profile, said: dict[str, str], number: int) -> _Line:
    where = f"line {number}"
    text = " ".join(filter(None, (said[name] for name in profile.texts)))
    written = said[profile.booked_on]
    is_pending = any(written.casefold() == word.casefold() or word in text for word in profile.pending)
    amount = _amount(profile, said, where)
    sender = _bare_account(said.get(profile.sender, ""))
    receiver = _bare_account(said.get(profile.receiver, ""))
    own, other = (sender, receiver) if amount < ZERO else (receiver, sender)
    if profile.account:
        own = _bare_account("".join(said[name] for name in profile.account))
    return _Line(
        Transaction(
            amount=amount,
            booked_on=None if is_pending else table.day(written, where),
            value_on=_value_day(profile, said, where),
            status=Status.PENDING if is_pending else Status.BOOKED,
            text=text,
            counterparty_name=said.get(profile.counterparty, ""),
            counterparty_account="" if profile.account else other,
            where=where,
        ),
        currency=said.get(profile.currency_in, "") or profile.currency,
        own_account=own,
        balance=None
        if not profile.balance or not said[profile.balance]
        else table.amount(said[profile.balance], where, point=profile.point, thousands=profile.thousands),
    )


def _value_day(profile: Profile, said: dict[str, str], where: str) -> date | None:
    written = said.get(profile.value_on, "")
    return table.day(written, where) if written and written not in profile.pending else None


def _amount(profile: Profile, said: dict[str, str], where: str) -> Decimal:
    """Signed; one column, or one for each way of which exactly one is filled in."""

    def of(name: str) -> Decimal:
        return table.amount(said[name], where, point=profile.point, thousands=profile.thousands)

    if profile.amount:
        return of(profile.amount)
    if bool(said[profile.money_in]) == bool(said[profile.money_out]):
        raise Unreadable(
            _("The line has to have an amount in or an amount out, and one of them only."),
            where=where,
            code="csv_both_ways",
        )
    is_out = not said[profile.money_in]
    amount = of(profile.money_out if is_out else profile.money_in)
    if is_out and not profile.out_has_minus:
        amount = -amount
    if (amount > ZERO) == is_out and amount:
        raise Unreadable(
            _("“{amount}” is not an amount."),
            where=where,
            code="table_amount",
            amount=said[profile.money_out if is_out else profile.money_in][:40],
        )
    return amount + ZERO


def _not_cut(written: str, profile: Profile, delimiter: str) -> None:
    """A file that ends within its last line could have lost digits of an amount that ends the line."""
    if written.endswith(("\n", "\r", '"', delimiter)):
        return
    last = written.rsplit("\n", 1)[-1].rsplit(delimiter, 1)[-1].strip()
    whole = last[-3:-2] == profile.point and last[-2:].isdigit()
    if profile.columns[-1] in (profile.money_in, profile.money_out, profile.balance) and not whole:
        raise Unreadable(
            _("The file may be cut: its last line does not end, and its last amount has no decimals."),
            where=f"line {written.count(chr(10)) + 1}",
            code="csv_cut",
        )


def _is_newest_first(booked: Sequence[_Line]) -> bool:
    """By the days; where all are of one day by the balances; else as most banks have it."""
    days = [line.transaction.booked_on for line in booked]
    if days and days[0] != days[-1]:
        return days[0] > days[-1]
    return bool(_chain_breaks(booked)) or len(booked) < 2


def _chain_breaks(lines: Sequence[_Line]) -> list[_Line]:
    """The lines, oldest first, whose balance is not the one before it and their amount."""
    return [
        later
        for earlier, later in pairwise(lines)
        if earlier.balance is None
        or later.balance is None
        or earlier.balance + later.transaction.amount != later.balance
    ]


def _balances(
    profile: Profile, booked: Sequence[_Line], place: str, findings: Findings
) -> tuple[Decimal | None, Decimal | None]:
    """The balance before the first line and after the last, when the lines lead from one to the other."""
    if not profile.balance or not booked or any(line.balance is None for line in booked):
        findings.note(
            "no_balance", place, _("The list has no balances, so nothing proves that no line is missing.")
        )
        return None, None
    broken = _chain_breaks(booked)
    if broken:
        findings.hold(
            "balance_mismatch",
            broken[0].transaction.where,
            _("The balance before the line and its amount do not come to the balance after it."),
        )
    first, last = booked[0], booked[-1]
    if first.balance is None or last.balance is None:
        return None, None
    return first.balance - first.transaction.amount, last.balance


def _currency(profile: Profile, lines: Sequence[_Line], findings: Findings) -> str:
    met = list(dict.fromkeys(line.currency for line in lines))
    for other in met[1:]:
        findings.hold(
            "currency_mismatch",
            next(line.transaction.where for line in lines if line.currency == other),
            _("An amount is in {other}, the account in {currency}."),
            other=other[:10],
            currency=met[0],
        )
    return met[0] if met else profile.currency


def _account(lines: Sequence[_Line]) -> str:
    """The own account, when the lines that name one all name the same."""
    named = {line.own_account for line in lines if line.own_account}
    return named.pop() if len(named) == 1 else ""


def _ways(lines: Sequence[_Line]) -> tuple[Decimal, Decimal]:
    """The sums in and out, both without sign."""
    amounts = [line.transaction.amount for line in lines]
    return (
        sum((amount for amount in amounts if amount > ZERO), ZERO),
        -sum((amount for amount in amounts if amount < ZERO), ZERO) + ZERO,
    )


def _bare_account(written: str) -> str:
    return "".join(filter(str.isalnum, written)).upper()
