"""What a key or a button does to a voucher that is being written: templates, the counter line, the rest."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.words import Words
from nattbok.base.written import NotADay, NotAnAmount, read_amount, read_day
from nattbok.ledger.rules import LineDraft, with_vat
from nattbok.ledger.rules.templates import Template, shares
from nattbok.vouchers.rules import written
from nattbok.vouchers.rules.judging import Facts, judge
from nattbok.vouchers.rules.written import MOST_ROWS, Row, Voucher, written_amount


def expanded(
    voucher: Voucher, facts: Facts, *, months: Sequence[str] = ()
) -> tuple[Voucher, tuple[str, ...], tuple[Words, ...]]:
    """The voucher with its template keys filled in where their lines have amounts.

    Also which keys were filled in, and why others could not be. `months` are the months' names, for texts.
    """
    rows: list[Row] = []
    filled, refused = [], []
    on = _day(voucher, facts)
    for row in voucher.rows:
        template = None if row.account in facts.accounts else facts.templates.get(row.account.lower())
        amount = _amount(row)
        if template is None or amount is None or not template.is_valid(on):
            rows.append(row)
            continue
        try:
            rows += _filled(row, template, amount, facts, on, months)
            filled.append(template.key)
        except Refused as refusal:
            rows.append(row)
            refused.append(refusal.words)
    if len(rows) > MOST_ROWS:
        return voucher, (), (written.TooManyRows(most=MOST_ROWS).words,)
    return replace(voucher, rows=tuple(rows)), tuple(filled), tuple(refused)


def _filled(
    row: Row, template: Template, amount: Decimal, facts: Facts, on: datetime.date, months: Sequence[str]
) -> list[Row]:
    found = []
    for share in shares(template, amount, on=on, codes=facts.codes, months=months):
        if not share.amount:
            continue
        account = facts.accounts.get(share.account)
        is_partys = account is not None and bool(account.control)
        dimensions = share.dimensions or {}
        found.append(
            Row(
                account=share.account,
                text=share.text or row.text,
                vat_code=share.vat_code,
                is_net="1" if share.is_net else "",
                debit=written_amount(share.amount) if share.amount > 0 else "",
                credit=written_amount(-share.amount) if share.amount < 0 else "",
                department=dimensions.get("department", row.department),
                project=dimensions.get("project", row.project),
                spread=f"/{share.months} from {share.first}" if share.months else "",
                **(
                    {name: getattr(row, name) for name in ("party", "due_on", "number", "reference")}
                    if is_partys
                    else {}
                ),
            )
        )
    return found


def balanced(voucher: Voucher, facts: Facts, *, at: int | None = None) -> Voucher:
    """The voucher with a line that takes the difference: the one at place `at` if it has no amount, else new.

    Nothing is changed when there is no difference.
    """
    rows = list(_written(voucher))
    difference = judge(replace(voucher, rows=tuple(rows)), facts).difference
    if not difference or len(rows) >= MOST_ROWS:
        return voucher
    if at is not None and at < len(rows) and not rows[at].debit and not rows[at].credit:
        rows[at] = _taking(rows[at], difference, facts, voucher)
    else:
        rows.append(_taking(Row(), difference, facts, voucher))
    return replace(voucher, rows=tuple(rows))


def copied(voucher: Voucher, facts: Facts, *, at: int) -> Voucher:
    """The voucher with a copy of the line at place `at` after it, which takes the rest."""
    rows = list(_written(voucher))
    if at >= len(rows) or len(rows) >= MOST_ROWS:
        return voucher
    difference = judge(replace(voucher, rows=tuple(rows)), facts).difference
    bare = replace(
        rows[at], debit="", credit="", currency="", currency_amount="", rate="", vat_amount="", vat_base=""
    )
    rows.insert(at + 1, _taking(bare, difference, facts, voucher) if difference else bare)
    return replace(voucher, rows=tuple(rows))


def without(voucher: Voucher, *, at: int) -> Voucher:
    """The voucher without the line at place `at`."""
    return replace(voucher, rows=tuple(row for place, row in enumerate(voucher.rows) if place != at))


def turned(voucher: Voucher, *, at: int) -> Voucher:
    """The voucher with the line at place `at` net where it was gross, and the other way round."""
    return replace(
        voucher,
        rows=tuple(
            replace(row, is_net="" if row.is_net else "1") if place == at else row
            for place, row in enumerate(voucher.rows)
        ),
    )


def _written(voucher: Voucher) -> tuple[Row, ...]:
    """The lines up to the last that is written, so that places stay what they are."""
    rows = list(voucher.rows)
    while rows and rows[-1].is_blank:
        rows.pop()
    return tuple(rows)


def _taking(row: Row, difference: Decimal, facts: Facts, voucher: Voucher) -> Row:
    """`row` with the amount that closes `difference`; without its VAT where it is a net line."""
    amount = -difference
    if row.is_net:
        amount = _net(row, amount, facts, _day(voucher, facts))
    return replace(
        row,
        debit=written_amount(amount) if amount > 0 else "",
        credit=written_amount(-amount) if amount < 0 else "",
    )


def _net(row: Row, amount: Decimal, facts: Facts, on: datetime.date) -> Decimal:
    try:
        line = LineDraft("", amount, vat_code=row.vat_code.partition(" ")[0])
        found = with_vat(line, facts.codes, on=on)
    except Refused:
        return amount
    return found[0].amount if len(found) == 2 else amount


def _amount(row: Row) -> Decimal | None:
    try:
        row = written.with_spread(row)
        debit, credit = read_amount(row.debit), read_amount(row.credit)
    except NotAnAmount:
        return None
    if debit and credit:
        return None
    return debit or (-credit if credit else None)


def _day(voucher: Voucher, facts: Facts) -> datetime.date:
    try:
        return read_day(voucher.date, near=facts.today) or facts.today
    except NotADay:
        return facts.today


def as_rows(
    lines: Sequence[LineDraft], facts: Facts, on: datetime.date, parties: dict[int, str]
) -> list[Row]:
    """The lines of an entry as somebody would have written them: VAT within its line where it comes to that.

    What was rounded otherwise stays as it is, line by line. `parties` are the numbers of those named.
    """
    rows, place = [], 0
    while place < len(lines):
        row, taken = _as_row(lines[place:], facts, on, parties)
        rows.append(row)
        place += taken
    return rows


def _as_row(
    lines: Sequence[LineDraft], facts: Facts, on: datetime.date, parties: dict[int, str]
) -> tuple[Row, int]:
    first = lines[0]
    account = first.spread.account if first.spread else first.account
    row = Row(
        account=account,
        text=first.text,
        vat_code=first.vat_code,
        department=(first.dimensions or {}).get("department", ""),
        project=(first.dimensions or {}).get("project", ""),
        party=parties.get(first.party, "") if first.party else "",
        due_on=first.due_on.isoformat() if first.due_on else "",
        number=first.number,
        reference=first.reference,
        spread=f"/{first.spread.months} from {first.spread.first}" if first.spread else "",
    )
    for count in (3, 2, 1):
        some = lines[:count]
        if len(some) < count or first.vat_amount is None or first.vat_base is not None:
            continue
        for is_net in (False, True):
            if count == 3 and is_net:
                continue
            whole = first.amount if is_net or count == 3 else sum((line.amount for line in some), Decimal(0))
            if _same(first, whole, some, facts, on, is_net=is_net):
                return _with_amount(replace(row, is_net="1" if is_net else ""), first, whole, facts), count
    row = replace(row, vat_amount=written_amount(first.vat_amount), vat_base=written_amount(first.vat_base))
    return _with_amount(row, first, first.amount, facts), 1


def _same(
    first: LineDraft,
    whole: Decimal,
    lines: Sequence[LineDraft],
    facts: Facts,
    on: datetime.date,
    *,
    is_net: bool,
) -> bool:
    """Whether `whole` on the first line's account would have been posted as just these lines."""
    is_foreign = first.currency_amount is not None and first.currency not in ("", facts.currency)
    if is_foreign and len(lines) > 1:
        return False  # what was posted in another currency stays as it is, but for a line alone
    bare = LineDraft(first.account, whole, vat_code=first.vat_code)
    try:
        made = with_vat(bare, facts.codes, on=on, is_net=is_net)
    except Refused:
        return False
    return [(line.account, line.amount, line.vat_code, line.vat_base, line.vat_amount) for line in made] == [
        (line.account, line.amount, line.vat_code, line.vat_base, line.vat_amount) for line in lines
    ]


def _with_amount(row: Row, line: LineDraft, amount: Decimal, facts: Facts) -> Row:
    is_foreign = line.currency_amount is not None and line.currency not in ("", facts.currency)
    return replace(
        row,
        debit=written_amount(amount) if amount > 0 else "",
        credit=written_amount(-amount) if amount < 0 else "",
        currency=line.currency if is_foreign else "",
        currency_amount=written_amount(abs(line.currency_amount)) if is_foreign else "",
        rate=f"{line.rate.normalize():f}" if is_foreign and line.rate else "",
    )
