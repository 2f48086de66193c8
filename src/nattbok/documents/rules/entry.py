"""From a coded bill to the entry that is drafted for it."""

import datetime
from collections.abc import Iterator, Sequence
from decimal import Decimal

from nattbok.base.errors import Refused
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.countries.country import Country, VatCode, VatDirection
from nattbok.documents.rules.bill import Bill
from nattbok.documents.rules.coded_lines import CodedLine, gross, reverse_vat
from nattbok.ledger.rules import EntryDraft, LineDraft, Spread, WaitsOn

SERIES = "K"  # kjøp, köp


class DoesNotAddUp(Refused):
    """The lines are not what the document asks for."""

    message = _("The lines come to {lines}, but the document asks for {owed}.")


class NothingOwed(Refused):
    """An entry for a bill needs an amount."""

    message = _("The document asks for nothing, so there is nothing to post.")


class NoSuchVatCode(Refused):
    """The code is not one of the country's, or not one for purchases."""

    message = _("{code} is not a VAT code for purchases.")


class VatNeedsItsOwn(Refused):
    """VAT is stated on what the buyer is to owe the VAT of."""

    message = _("With VAT code {code} the document states no VAT; here it states {vat}.")


class DiffersFromDocument(Refused):
    """What is posted of a VAT group is not what the document states of it."""

    message = _(
        "The lines of {where} come to {net} and VAT {vat}, but the document states {stated_net} and VAT "
        "{stated_vat}."
    )


class MoreVatThanStated(Refused):
    """VAT is deducted as the document states it, and never more."""

    message = _("The lines have {vat} of VAT, but the document states {stated}.")


def origin(document: int) -> str:
    """What an entry made from the document has as its origin."""
    return f"document:{document}"


def document_of(origin: str) -> int | None:
    """The document that an entry with this origin was made from, if any."""
    kind, _colon, number = origin.partition(":")
    return int(number) if kind == "document" and number.isascii() and number.isdigit() else None


def posting_day(issued_on: datetime.date, closed_through: datetime.date | None) -> datetime.date:
    """The day of issue, or the first open day after it when the books are closed then."""
    if closed_through is None or issued_on > closed_through:
        return issued_on
    return closed_through + datetime.timedelta(days=1)


def purchase(
    bill: Bill,
    coding: Sequence[CodedLine],
    *,
    supplier: int,
    law: Country,
    on: datetime.date,
    waits_on: WaitsOn,
    on_hold: bool = False,
) -> EntryDraft:
    """The entry for `bill`, coded as `coding`, dated `on`: costs and VAT in debit, the supplier in credit.

    What is spread waits on the account that `waits_on` says, as on a voucher (see ledger.queries.waits_on).
    One that was paid already has the account that paid it in credit, and is dated no earlier than that.

    A credit note is the same with the other sign. What the document states is posted to the øre: the lines,
    its rounding and what is prepaid must come to what is owed, or DoesNotAddUp is raised. The lines are
    without the document's rounding, or, where a person has put it in a line of its own, with it.
    """
    if not bill.owed:
        raise NothingOwed()
    if bill.paid_from and bill.paid_on is not None:
        on = max(on, bill.paid_on)
    lines = [line for each in coding for line in _cost(each, bill=bill, law=law, on=on, waits_on=waits_on)]
    asked = gross(coding)
    if bill.rounding and asked + bill.rounding == bill.owed:
        lines.append(LineDraft(law.accounts.rounding, bill.rounding, text=bill.number))
        asked += bill.rounding
    if asked != bill.owed:
        raise DoesNotAddUp(lines=asked, owed=bill.owed)
    _prove(bill, coding)
    if bill.paid_from:  # nothing is owed, so nothing waits to be paid
        lines.append(LineDraft(bill.paid_from, -bill.owed, text=bill.number))
    else:
        lines.append(
            LineDraft(
                law.accounts.suppliers,
                -bill.owed,
                text=bill.number,
                party=supplier,
                due_on=bill.due_on,
                number=bill.number,
                reference=bill.reference,
                on_hold=on_hold,
            )
        )
    return EntryDraft(
        date=on,
        series=SERIES,
        origin=origin(bill.document),
        text=f"{bill.seller} {bill.number}"[:300],
        lines=tuple(lines),
        file=bill.file,
    )


def _prove(bill: Bill, coding: Sequence[CodedLine]) -> None:
    """That `coding` is the document's own statements: each VAT group's net and VAT, and no VAT beyond them.

    A line that a person has written without saying which group it is of has only the sums to hold to.
    """
    of = {group.source: group for group in bill.groups if group.source}
    for source in dict.fromkeys(line.source for line in coding if line.source in of):
        group = of[source]
        lines = [line for line in coding if line.source == source]
        net, vat = sum((line.net for line in lines), ZERO), sum((line.vat for line in lines), ZERO)
        if (net, vat) != (group.net, group.vat):
            raise DiffersFromDocument(
                where=source, net=net, vat=vat, stated_net=group.net, stated_vat=group.vat
            )
    sign = -1 if bill.is_credit else 1
    vat = sum((line.vat for line in coding), ZERO)
    stated = sum((group.vat for group in bill.groups), ZERO) if bill.groups else bill.vat or ZERO
    if sign * vat > max(sign * stated, ZERO):
        raise MoreVatThanStated(vat=vat, stated=stated)


def _cost(
    line: CodedLine, *, bill: Bill, law: Country, on: datetime.date, waits_on: WaitsOn
) -> Iterator[LineDraft]:
    """A cost line with what its VAT code brings along.

    On the cost line stands the VAT of it, on a VAT line what the VAT is of.
    """
    if not line.net and not line.vat:
        return
    if not line.vat_code:
        yield _draft(line, line.net + line.vat, None, waits_on)
        return
    code = law.vat_codes.get(line.vat_code)
    if code is None or code.direction is VatDirection.OUTPUT:
        raise NoSuchVatCode(code=line.vat_code)
    if code.direction is VatDirection.NONE:
        yield _draft(line, line.net + line.vat, ZERO, waits_on)
    elif code.direction is VatDirection.INPUT:
        yield _draft(line, line.net, line.vat, waits_on)
        if line.vat:
            yield _vat(code.input_account, line.vat, line)
    elif line.vat:
        raise VatNeedsItsOwn(code=code.code, vat=line.vat)
    else:
        yield from _reverse(line, code, reverse_vat(line, code, bill.supplied_on or on), waits_on)


def _reverse(line: CodedLine, code: VatCode, vat: Decimal, waits_on: WaitsOn) -> Iterator[LineDraft]:
    """The buyer owes the VAT, and deducts it where the code lets it; otherwise it is cost."""
    yield _draft(line, line.net if code.is_deductible else line.net + vat, vat, waits_on)
    if vat:
        if code.is_deductible:
            yield _vat(code.input_account, vat, line)
        yield _vat(code.output_account, -vat, line)


def _draft(line: CodedLine, amount: Decimal, vat: Decimal | None, waits_on: WaitsOn) -> LineDraft:
    """A cost line; one that is spread waits where `waits_on` says, and its VAT is posted at once."""
    spread = None
    if line.months > 1 and line.first is not None:
        spread = Spread(line.account, line.months, line.first)
    return LineDraft(
        waits_on.of(line.account) if spread else line.account,
        amount,
        text=line.text,
        vat_code=line.vat_code,
        vat_amount=vat,
        dimensions=line.dimensions,
        spread=spread,
    )


def _vat(account: str, amount: Decimal, line: CodedLine) -> LineDraft:
    return LineDraft(account, amount, text=line.text, vat_code=line.vat_code, vat_base=line.net)
