"""The end of a statement: its account and balances, and whether all adds up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.bank.camt.entry import Lines
from nattbok.formats.bank.camt.names import Names, account, direction, money
from nattbok.formats.bank.shape import Kind, Statement

_PAGES = frozenset(("StmtPgntn", "RptPgntn", "NtfctnPgntn"))


@dataclass(frozen=True, slots=True)
class _Balance:
    code: str
    amount: Decimal  # signed
    currency: str
    on: date | None


def statement(node: xml.Element, names: Names, lines: Lines, *, kind: Kind, place: str) -> Statement:
    """The statement whose entries were read into `lines`; `place` is its place in the file."""
    parts = {name: child for child in node if (name := names[child.tag]) != "Ntry"}
    owner = parts.get("Acct")
    number = account(names, owner)
    if not number:
        raise Unreadable(
            _("There is no account number."), where=f"{place}, line {node.sourceline}", code="camt_incomplete"
        )
    where = f"{place}, {number}"
    balances = [_balance(names, child) for child in node if names[child.tag] == "Bal"]
    opening, closing = _opening(balances), _closing(balances) if kind is not Kind.INTRADAY else None
    currency = _currency(names.text(owner, "Ccy"), lines, opening, closing, where)
    starts_on, ends_on = _period(names, parts.get("FrToDt"), opening, closing)
    if kind is Kind.STATEMENT:
        _check_balance(lines, balances, opening, closing, where)
    _check_summary(names, parts.get("TxsSummry"), lines, where)
    pages = next((child for name, child in parts.items() if name in _PAGES), None)
    is_last_page = names.text(pages, "LastPgInd") not in ("false", "0")
    if not is_last_page:
        lines.findings.hold(
            "not_last_page",
            where,
            _("More pages of this statement are to come; it is not whole without them."),
        )
    sequence = names.text(node, "ElctrncSeqNb")
    return Statement(
        account=number,
        currency=currency,
        kind=kind,
        number=names.text(node, "Id"),
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 19 else None,
        starts_on=starts_on,
        ends_on=ends_on,
        opening=None if opening is None else opening.amount,
        closing=None if closing is None else closing.amount,
        entries=lines.entries,
        transactions=tuple(lines.transactions),
        payments=lines.payments,
        not_booked=lines.not_booked,
        booked_in=lines.booked_in,
        booked_out=lines.booked_out,
        waiting_in=lines.waiting_in,
        waiting_out=lines.waiting_out,
        is_last_page=is_last_page,
        findings=tuple(lines.findings),
    )


def _balance(names: Names, node: xml.Element) -> _Balance:
    parts = names.parts(node)
    given = money(parts.get("Amt"))
    if given is None:
        raise Unreadable(_("The balance has no amount."), where=xml.place(node), code="camt_incomplete")
    return _Balance(
        code=names.text(parts.get("Tp"), "CdOrPrtry", "Cd"),
        amount=given[0] * direction(parts.get("CdtDbtInd"), node),
        currency=given[1],
        on=names.day(parts.get("Dt")),
    )


def _opening(balances: list[_Balance]) -> _Balance | None:
    """OPBD, or PRCD, the day before's closing balance; of several the first."""
    return next((one for code in ("OPBD", "PRCD") for one in balances if one.code == code), None)


def _closing(balances: list[_Balance]) -> _Balance | None:
    """CLBD; of several the last."""
    return next((one for one in reversed(balances) if one.code == "CLBD"), None)


def _currency(
    given: str, lines: Lines, opening: _Balance | None, closing: _Balance | None, where: str
) -> str:
    """The account's currency; whatever is in another one is held."""
    currency = given or next(iter(lines.currencies), "") or (opening.currency if opening else "")
    met = dict(lines.currencies)
    for balance in (opening, closing):
        if balance is not None:
            met.setdefault(balance.currency, f"{where}, {balance.code}")
    for other, place in met.items():
        if other != currency:
            lines.findings.hold(
                "currency_mismatch",
                place,
                _("An amount is in {other}, the account in {currency}."),
                other=other,
                currency=currency,
            )
    return currency


def _period(
    names: Names, node: xml.Element | None, opening: _Balance | None, closing: _Balance | None
) -> tuple[date | None, date | None]:
    period = {} if node is None else names.texts(node)
    starts = period.get("FrDtTm") or period.get("FrDt")
    ends = period.get("ToDtTm") or period.get("ToDt")
    return (
        xml.day(starts, where="FrToDt") if starts else (opening.on if opening else None),
        xml.day(ends, where="FrToDt") if ends else (closing.on if closing else None),
    )


def _check_balance(
    lines: Lines, balances: list[_Balance], opening: _Balance | None, closing: _Balance | None, where: str
) -> None:
    """Opening balance + booked entries = closing balance, or the statement is held and it is said why."""
    if opening is None or closing is None:
        lines.findings.hold(
            "missing_balance",
            where,
            _("The opening or the closing balance (OPBD, CLBD) is missing, so nothing proves the entries."),
        )
        return
    moved = lines.booked_in - lines.booked_out
    reached = opening.amount + moved
    if reached == closing.amount:
        return
    values = {
        "opening": opening.amount,
        "moved": moved,
        "closing": closing.amount,
        "difference": closing.amount - reached,
    }
    if lines.reversed and reached - 2 * lines.reversed == closing.amount:
        lines.findings.hold(
            "reversals_flipped",
            where,
            _(
                "Opening balance {opening} + entries {moved} is not the closing balance {closing}; it is if "
                "the reversals go the other way than the bank says ({difference})."
            ),
            **values,
        )
        return
    later = ZERO
    if closing.on is not None:
        later = sum((amount for day, amount in lines.by_value_day.items() if day > closing.on), ZERO)
    forward = any(one.code == "FWAV" and one.amount == reached for one in balances)
    if forward or (later and reached - later == closing.amount):
        text = _(
            "Opening balance {opening} + entries {moved} is not the closing balance {closing}: entries with "
            "a later value date are missing in it ({difference})."
        )
    else:
        text = _(
            "Opening balance {opening} + entries {moved} is not the closing balance {closing}: "
            "{difference} is unexplained."
        )
    lines.findings.hold("balance_mismatch", where, text, **values)


def _check_summary(names: Names, node: xml.Element | None, lines: Lines, where: str) -> None:
    """The bank's own counts and sums, of all entries or of the booked ones."""
    if node is None:
        return
    booked = lines.entries - lines.not_booked
    every = (lines.booked_in + lines.waiting_in, lines.booked_out + lines.waiting_out)
    truths = {
        "TtlNtries": ((lines.entries, sum(every)), (booked, lines.booked_in + lines.booked_out)),
        "TtlCdtNtries": ((lines.credits, every[0]), (lines.booked_credits, lines.booked_in)),
        "TtlDbtNtries": (
            (lines.entries - lines.credits, every[1]),
            (booked - lines.booked_credits, lines.booked_out),
        ),
    }
    for name, child in names.parts(node).items():
        if name not in truths:
            continue
        said = names.texts(child)
        count = said.get("NbOfNtries") or None
        total = None if not said.get("Sum") else xml.decimal(said["Sum"], decimals=5, where=xml.place(child))
        for number, amount in truths[name]:
            if (count is None or count.lstrip("0") == (str(number) if number else "")) and total in (
                None,
                amount,
            ):
                break
        else:
            lines.findings.hold(
                "summary_mismatch",
                f"{where}, {name}",
                _("The summary says {count} entries of {total}; there are {number} of {amount}."),
                count=count,
                total=total,
                number=truths[name][0][0],
                amount=truths[name][0][1],
            )
