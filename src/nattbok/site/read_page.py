"""The text that `nattbok read` shows a person: what a file is, what it says, what is wrong with it."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from importlib import import_module

from nattbok.base.words import Words, _
from nattbok.formats.bank.shape import BankFile, Statement
from nattbok.formats.finding import Severity
from nattbok.formats.invoice.shape import Invoice
from nattbok.formats.known import Outcome, Read
from nattbok.formats.payment.reasons import explained
from nattbok.formats.payment.shape import PaymentFile, Reason, Receipt, Status
from nattbok.formats.sales_day.shape import Settlement, SettlementReport
from nattbok.reading.shape import AMOUNTS, Reading
from nattbok.reading.titles import TITLES

FIRST = 20  # transactions and lines shown unless all are asked for
_WIDEST = 34  # letters of a cell
_MARKS = {"nb": (" ", ","), "sv": (" ", ","), "en": (",", ".")}  # between thousands, before decimals
_OUTCOMES = {
    Outcome.ACCEPT: _("accepted"),
    Outcome.HOLD: _("held: nothing may be posted before a person has looked"),
    Outcome.REFUSE: _("refused: nothing of it is used"),
}
_SEVERITIES = {Severity.ERROR: _("error"), Severity.HOLD: _("hold"), Severity.NOTE: _("note")}
_WIDE = Context(prec=60)
_TOTALS = (
    (_("Lines"), "line_total"),
    (_("Discounts"), "allowance_total"),
    (_("Charges"), "charge_total"),
    (_("Without VAT"), "net"),
    (_("VAT"), "vat"),
    (_("With VAT"), "gross"),
    (_("Prepaid"), "prepaid"),
    (_("Rounding"), "rounding"),
    (_("To pay"), "payable"),
)

_STATUSES = {
    Status.RECEIVED: _("received, nothing promised"),
    Status.ACCEPTED: _("accepted"),
    Status.IN_PROCESS: _("being paid"),
    Status.SETTLED: _("paid"),
    Status.CHANGED: _("accepted for another day"),
    Status.PENDING: _("waits for money or approval"),
    Status.IN_PART: _("accepted in part"),
    Status.REJECTED: _("rejected"),
}

Row = tuple[str, ...]


def page(file: str, read: Read, language: str, *, is_whole: bool = False) -> Iterator[str]:
    """The lines of the page, in `language`; `is_whole` shows all transactions, not only the first."""
    yield _plain(file)
    outcome = _say(language, _OUTCOMES[read.outcome])
    yield f"  {read.format}  {outcome}" if read.format else f"  {outcome}"
    if isinstance(read.content, BankFile):
        for statement in read.content.statements:
            yield ""
            yield from _statement(statement, language, is_whole)
    elif isinstance(read.content, Invoice):
        yield ""
        yield from _invoice(read.content, language, is_whole)
    elif isinstance(read.content, PaymentFile):
        yield from _payments(read.content, language, is_whole)
    elif isinstance(read.content, Receipt):
        yield from _receipt(read.content, language, is_whole)
    elif isinstance(read.content, Reading):
        yield from _reading(read.content, language)
    elif isinstance(read.content, SettlementReport):
        for settlement in read.content.settlements:
            yield ""
            yield from _settlement(settlement, language, is_whole)
    if read.findings:
        yield ""
        for finding in read.findings:
            place = f" ({_plain(finding.where)})" if finding.where else ""
            severity = _say(language, _SEVERITIES[finding.severity])
            yield f"  {severity} {finding.code}: {_plain(translated(finding.words, language))}{place}"


def translated(words: Words, language: str) -> str:
    """The sentence in the reader's language."""
    try:
        translate = import_module("nattbok.site.language").translate
    except ModuleNotFoundError:
        return str(words)
    return translate(words, language)


def shown(amount: Decimal | None, language: str) -> str:
    """An amount as people of that language write it: 1 234,56 or 1,234.56."""
    if amount is None:
        return ""
    thousands, point = _MARKS[language]
    text = f"{amount.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP, context=_WIDE):,.2f}"
    return text.replace(".", "|").replace(",", thousands).replace("|", point)


def _statement(statement: Statement, language: str, is_whole: bool) -> Iterator[str]:
    period = " – ".join(filter(None, (_day(statement.starts_on), _day(statement.ends_on))))
    account = f"{_say(language, _('Account'))} {_plain(statement.account)}"
    yield f"  {account}  {_plain(statement.currency)}  {period}".rstrip()
    transactions = statement.transactions
    yield from _table(
        [
            (_say(language, label), shown(amount, language))
            for label, amount in (
                (_("Opening balance"), statement.opening),
                (_("In"), statement.booked_in),
                (_("Out"), statement.booked_out),
                (_("Closing balance"), statement.closing),
            )
            if amount is not None
        ],
        right=(1,),
    )
    yield from _table(
        [
            (
                _day(one.booked_on or one.value_on),
                shown(one.amount, language),
                _cell(one.reference or one.end_to_end_id),
                _cell(one.counterparty_name or one.counterparty_account),
                _cell(one.text),
            )
            for one in (transactions if is_whole else transactions[:FIRST])
        ],
        right=(1,),
    )
    yield from _left_out(len(transactions), language, is_whole)


def _payments(file: PaymentFile, language: str, is_whole: bool) -> Iterator[str]:
    for batch in file.batches:
        yield ""
        account = f"{_say(language, _('Account'))} {_plain(batch.account)}"
        total = f"{_plain(batch.currency)}  {shown(batch.total, language)}"
        yield f"  {_plain(batch.id)}  {account}  {_day(batch.execute_on)}  {total}"
        yield from _table(
            [
                (
                    _cell(one.end_to_end_id),
                    shown(one.amount, language),
                    _cell(one.currency),
                    _cell(one.creditor_name),
                    _cell(one.account),
                    _cell(one.reference or ", ".join(invoice.number for invoice in one.invoices) or one.text),
                )
                for one in (batch.transfers if is_whole else batch.transfers[:FIRST])
            ],
            right=(1,),
        )
        yield from _left_out(len(batch.transfers), language, is_whole)


def _receipt(receipt: Receipt, language: str, is_whole: bool) -> Iterator[str]:
    yield ""
    yield f"  {_plain(receipt.original_message_id)}  {_status(receipt.status, language)}".rstrip()
    yield from _why(receipt.reasons, language)
    for batch in receipt.batches:
        yield f"  {_plain(batch.payment_info_id)}  {_status(batch.status, language)}".rstrip()
        yield from _why(batch.reasons, language)
    for one in receipt.transfers if is_whole else receipt.transfers[:FIRST]:
        amount = shown(one.amount, language)
        yield f"  {_plain(one.end_to_end_id)}  {amount}  {_status(one.status, language)}".rstrip()
        yield from _why(one.reasons, language)
    yield from _left_out(len(receipt.transfers), language, is_whole)


def _reading(reading: Reading, language: str) -> Iterator[str]:
    if not reading.fields:
        return
    yield ""
    unattended = _("all of it is proven") if reading.is_proven else _("a person must look at it")
    yield f"  {reading.kind}  {reading.engine}  {_say(language, unattended)}"
    yield from _table(
        [
            (
                _say(language, TITLES[name]),
                shown(Decimal(one.value), language) if name in AMOUNTS else _cell(one.value),
                f"{one.confidence:.0%}",
                _say(language, one.reason.text),
            )
            for name, one in reading.fields.items()
        ],
        right=(2,),
    )
    for line in reading.vat_lines:
        base, vat = shown(line.base, language), shown(line.vat, language)
        yield f"  {_say(language, _('VAT'))} {line.rate:f} %  {base}  {vat}"


def _status(status: Status | str, language: str) -> str:
    known = _STATUSES.get(status) if isinstance(status, Status) else None
    return _plain(str(status)) if known is None else f"{status} {_say(language, known)}"


def _why(reasons: Sequence[Reason], language: str) -> Iterator[str]:
    for reason in reasons:
        found = explained(reason.code)
        said = f"{_say(language, found.meaning)} {_say(language, found.advice)}"
        yield f"    {_plain(reason.code)} {said} {_plain(reason.text)}".rstrip()


def _settlement(settlement: Settlement, language: str, is_whole: bool) -> Iterator[str]:
    about = (settlement.source, settlement.payout_id, _day(settlement.on), settlement.currency)
    yield "  " + "  ".join(_plain(text) for text in about if text)
    yield from _table(
        [
            (_say(language, label), shown(amount, language))
            for label, amount in (
                (_("Sold"), settlement.gross),
                (_("Refunded"), settlement.refunds),
                (_("Fee"), settlement.fee),
                (_("Fee charged later"), settlement.fee_apart),
                (_("Other"), settlement.other),
                (_("Paid out"), settlement.net),
            )
            if amount or label in ("Sold", "Fee", "Paid out")
        ],
        right=(1,),
    )
    yield from _table(
        [
            (
                _day(row.on),
                shown(row.amount, language),
                shown(row.fee, language),
                _cell(row.order or row.text),
            )
            for row in (settlement.rows if is_whole else settlement.rows[:FIRST])
        ],
        right=(1, 2),
    )
    yield from _left_out(len(settlement.rows), language, is_whole)


def _invoice(invoice: Invoice, language: str, is_whole: bool) -> Iterator[str]:
    kind = _say(language, _("Credit note") if invoice.is_credit_note else _("Invoice"))
    issued = _day(invoice.issue_date)
    yield f"  {kind} {_plain(invoice.number)}  {issued}  {_plain(invoice.currency)}".rstrip()
    yield from _table(
        [
            (_say(language, label), text)
            for label, text in (
                (_("From"), _who(invoice.supplier.name, invoice.supplier.org_number)),
                (_("To"), _who(invoice.buyer.name, invoice.buyer.org_number)),
                (_("Paid to"), _who(invoice.payee.name, invoice.payee.org_number) if invoice.payee else ""),
                (_("Due"), _day(invoice.due_date)),
                (_("Corrects"), ", ".join(map(_plain, invoice.preceding_invoices))),
                (
                    _("Account"),
                    ", ".join(_plain(one.account) for one in invoice.payment_means if one.account),
                ),
                (
                    _("Reference"),
                    _plain(invoice.payment_means[0].payment_id) if invoice.payment_means else "",
                ),
                (
                    _("Attachments"),
                    ", ".join(_plain(one.filename or one.number) for one in invoice.attachments),
                ),
            )
            if text
        ]
    )
    yield ""
    yield from _table(
        [
            (
                _cell(line.number),
                _cell(line.name),
                shown(line.net, language),
                _vat(line.vat_category, line.vat_rate),
            )
            for line in (invoice.lines if is_whole else invoice.lines[:FIRST])
        ],
        right=(2,),
    )
    yield from _left_out(len(invoice.lines), language, is_whole)
    yield ""
    yield from _table(
        [
            (_vat(group.category, group.rate), shown(group.taxable, language), shown(group.tax, language))
            for group in invoice.vat_groups
        ],
        right=(1, 2),
    )
    yield ""
    yield from _table(
        [
            (_say(language, label), shown(getattr(invoice, name), language))
            for label, name in _TOTALS
            if getattr(invoice, name) is not None
        ],
        right=(1,),
    )


def _left_out(count: int, language: str, is_whole: bool) -> Iterator[str]:
    if count > FIRST and not is_whole:
        yield "  " + _say(language, _("… and {count} more; --all shows them"), count=count - FIRST)


def _table(rows: Sequence[Row], right: tuple[int, ...] = ()) -> Iterator[str]:
    """The rows with their columns under each other; those numbered in `right` end under each other."""
    if not rows:
        return
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield ("  " + "  ".join(cells)).rstrip()


def _vat(category: str | None, rate: Decimal | None) -> str:
    return _cell(" ".join(filter(None, (category, None if rate is None else f"{rate.normalize():f} %"))))


def _who(name: str, number: str | None) -> str:
    return _plain(" ".join(filter(None, (name, number))))


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _cell(text: str | None) -> str:
    text = _plain(text)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _plain(text: str | None) -> str:
    """One line without what would steer the terminal."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text or "").split())


def _say(language: str, sentence: str, **values: str | int) -> str:
    return translated(Words(sentence, values), language)
