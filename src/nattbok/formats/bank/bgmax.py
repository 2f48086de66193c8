"""BgMax, the Swedish file of incoming bankgiro payments, 80 characters, ISO-8859-1.

One statement per deposit: the payments (20) and deductions (21) between a section's opening (05) and a
deposit (15), which counts and sums them. The trailer (70) counts the records of the file. Trailing blanks
may be cut. Record types not known are left out, as the manual says.

Only reference codes 2 and 4 are checked references; the others' references become text. Records 22 and 23
list what a payment is for; with amount zero only the list is given. A file marked T is a test.

`bank_reference`, the payment's key: the BGC number, unique for two years, with the deposit's date and,
but for kronor, the currency. `batch_reference` is the deposit's serial number, also on the statement.

Findings. Error: deposit_count, deposit_sum, trailer_count, missing_deposit, missing_trailer,
record_order. Hold: test_file, extra_references_do_not_sum. Note: maybe_incomplete, unknown_record.
Unreadable: bgmax_not_bgmax, bgmax_record, not_a_number, not_a_date, too_large.

Source: Bankgirot, Bankgiro Inbetalningar, technical manual, November 2019. From 8 September 2026 payments
on the new infrastructure are left out of these files, and from 28 November 2026 there are none.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats.bank import fixed
from nattbok.formats.bank.findings import Findings
from nattbok.formats.bank.identity import occurrence
from nattbok.formats.bank.shape import BankFile, Kind, Remittance, Statement, Transaction

INCOMPLETE_FROM = date(2026, 9, 8)

_HEAD = re.compile(rb"(\xef\xbb\xbf)?\s*01BGMAX {15}", re.ASCII)
_CHECKED = frozenset("24")
_NO_NUMBER = re.compile(r"[0 ]*")
# Record 70: the field's place and what it counts.
_COUNTS = (
    ("payments", slice(2, 10)),
    ("deductions", slice(10, 18)),
    ("extra_refs", slice(18, 26)),
    ("deposits", slice(26, 34)),
)


def looks_like(head: bytes) -> bool:
    """Whether a file that begins so is BgMax."""
    return _HEAD.match(head) is not None


def read(data: bytes) -> BankFile:
    """All deposits of the file."""
    records = fixed.records(data, lambda text: text[:2].isascii() and text[:2].isdigit(), code="bgmax_record")
    if not records or not records[0][1].startswith("01BGMAX "):
        raise Unreadable(
            _("The file is not BgMax: it does not begin with 01BGMAX."),
            where="line 1",
            code="bgmax_not_bgmax",
        )
    reader = _Reader(*records[0])
    for line, record in records[1:]:
        reader.take(line, record)
    reader.end(records[-1][0])
    return BankFile(
        message="bgmax",
        kind=Kind.GIRO,
        message_id=reader.created,
        created=reader.created,
        is_test=reader.is_test,
        statements=tuple(reader.statements),
        counts={name: reader.counts[name] for name, _place in _COUNTS},
        findings=tuple(reader.findings),
    )


@dataclass(slots=True)
class _Payment:
    """Record 20 or 21, and those that belong to it."""

    line: int
    amount: Decimal  # signed
    bankgiro: str
    number: str  # the BGC number
    channel: str
    remittances: list[Remittance] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    name: str = ""
    org_number: str = ""
    listed: Decimal = ZERO  # the sum of the extra references
    unlisted: int = 0  # extra references without amount
    extras: int = 0


class _Reader:
    """Record after record; payments are kept until their deposit comes."""

    def __init__(self, line: int, start: str) -> None:
        self.statements: list[Statement] = []
        self.findings = Findings()
        self.counts: Counter[str] = Counter()
        self.created = start[24:44].strip()
        self.is_test = start[44] != "P"
        self._day = fixed.long_day(start[24:32], line)
        self._section = ("", "")  # account and currency
        self._payments: list[_Payment] = []
        self._is_ended = False
        self._seen: dict[str, int] = {}
        if self._day >= INCOMPLETE_FROM:
            self.findings.note(
                "maybe_incomplete",
                f"line {line}",
                _("From {day} BgMax files leave out payments made in the new way; camt.054 has them all."),
                day=INCOMPLETE_FROM,
            )

    def take(self, line: int, record: str) -> None:
        """One record."""
        if self._is_ended:
            self.findings.error("record_order", f"line {line}", _("There are records after the trailer."))
            return
        kind = record[:2]
        if kind in ("20", "21"):
            self._payment(line, record, kind)
        elif kind in ("22", "23", "25", "26", "27", "28", "29"):
            if not self._payments:
                self.findings.error(
                    "record_order",
                    f"line {line}",
                    _("Record {kind} does not follow a payment."),
                    kind=kind,
                )
            elif kind in ("22", "23"):
                self._extra(line, record, kind)
            else:
                self._about(record, kind)
        elif kind == "05":
            self._check_no_payments(line)
            bankgiro, plusgiro = record[2:12].strip().lstrip("0"), record[12:22].strip().lstrip("0")
            if not (bankgiro or plusgiro).isdigit():
                raise Unreadable(
                    _("“{account}” is not an account."),
                    where=f"line {line}",
                    code="not_a_number",
                    account=bankgiro,
                )
            self._section = (bankgiro or plusgiro, record[22:25].strip() or "SEK")
        elif kind == "15":
            self._deposit(line, record)
        elif kind == "70":
            self._trailer(line, record)
        else:
            self.findings.note(
                "unknown_record", f"line {line}", _("Record type {record} is not known."), record=kind
            )

    def end(self, line: int) -> None:
        """After the last record."""
        if not self._is_ended:
            self._check_no_payments(line)
            self._missing_trailer(line)

    def _payment(self, line: int, record: str, kind: str) -> None:
        if not self._section[0]:
            self.findings.error("record_order", f"line {line}", _("The payment is in no section."))
        amount = fixed.amount(record[37:55], line, kind)
        bankgiro = record[2:12].strip().lstrip("0")
        payment = _Payment(
            line=line,
            amount=-amount if kind == "21" else amount,
            bankgiro=bankgiro,
            number=record[57:69].strip(),
            channel=record[56],
        )
        self.counts["deductions" if kind == "21" else "payments"] += 1
        self._payments.append(payment)
        self._reference(payment, record, None, is_credit_note=False)

    def _extra(self, line: int, record: str, kind: str) -> None:
        payment = self._payments[-1]
        self.counts["extra_refs"] += 1
        amount = fixed.amount(record[37:55], line, kind)
        if payment.amount < 0:
            amount = -amount
        amount = -amount if kind == "23" else amount
        payment.extras += 1
        payment.listed += amount
        payment.unlisted += not amount
        self._reference(payment, record, amount or None, is_credit_note=kind == "23")

    def _reference(
        self, payment: _Payment, record: str, amount: Decimal | None, *, is_credit_note: bool
    ) -> None:
        """A checked reference is one; any other is text."""
        reference = record[12:37].strip()
        if record[55] in _CHECKED and reference:
            payment.remittances.append(
                Remittance(reference=reference, amount=amount, is_credit_note=is_credit_note)
            )
        elif not _NO_NUMBER.fullmatch(reference):
            payment.texts.append(reference)

    def _about(self, record: str, kind: str) -> None:
        payment = self._payments[-1]
        if kind == "25":
            payment.texts.append(record[2:52].strip())
        elif kind == "26":
            payment.name = record[2:37].strip()
        elif kind == "29":
            payment.org_number = record[2:14].strip().lstrip("0")

    def _deposit(self, line: int, record: str) -> None:
        self.counts["deposits"] += 1
        day = fixed.long_day(record[37:45], line)
        serial = record[45:50].strip()
        total = fixed.amount(record[50:68], line, "15")
        count = fixed.number(record[71:79], line, "15")
        findings = Findings()
        payments, self._payments = self._payments, []
        account, currency = self._section
        where = f"line {line}"
        money_in = sum((one.amount for one in payments if one.amount > 0), ZERO)
        money_out = -sum((one.amount for one in payments if one.amount < 0), ZERO)
        if not account:
            findings.error("record_order", where, _("The deposit is in no section."))
        if count != len(payments):
            findings.error(
                "deposit_count",
                where,
                _("The deposit says {said} payments; there are {found}."),
                said=count,
                found=len(payments),
            )
        if total != abs(money_in - money_out):
            findings.error(
                "deposit_sum",
                where,
                _("The deposit says {said}; the payments come to {found}."),
                said=total,
                found=money_in - money_out,
            )
        if record[68:71].strip() not in ("", currency):
            findings.error(
                "deposit_sum",
                where,
                _("The deposit is in {currency}, its section in {section}."),
                currency=record[68:71],
                section=currency,
            )
        if self.is_test:
            findings.hold("test_file", "line 1", _("The file is a test and must never be posted."))
        self._seen = {}  # a deposit told again is the same payments; only within one are twins two
        transactions = tuple(self._transaction(one, day, serial, currency, findings) for one in payments)
        self.statements.append(
            Statement(
                account=account,
                currency=currency,
                kind=Kind.GIRO,
                number=serial.lstrip("0"),
                starts_on=day,
                ends_on=day,
                entries=1,
                transactions=transactions,
                payments=len(transactions),
                booked_in=money_in,
                booked_out=money_out,
                findings=tuple(findings),
            )
        )

    def _transaction(
        self, one: _Payment, day: date, serial: str, currency: str, findings: Findings
    ) -> Transaction:
        where = f"line {one.line}"
        if one.extras and not one.unlisted and one.listed != one.amount:
            findings.hold(
                "extra_references_do_not_sum",
                where,
                _("The payment is {amount}; what it says it pays comes to {listed}."),
                amount=one.amount,
                listed=one.listed,
            )
        key = f"{one.number}-{day:%Y%m%d}" + ("" if currency == "SEK" else f"-{currency}")
        references = one.remittances
        return Transaction(
            amount=one.amount,
            booked_on=day,
            value_on=day,
            bank_reference=occurrence(key, self._seen) if one.number.strip("0") else "",
            batch_reference=serial.lstrip("0"),
            reference=references[0].reference if len(references) == 1 and one.extras <= 1 else "",
            remittances=tuple(references),
            text="\n".join(one.texts),
            counterparty_name=one.name,
            counterparty_account=one.bankgiro,
            counterparty_org_number=one.org_number,
            bank_code=one.channel.strip(),
            is_reversal=one.amount < 0,
            where=where,
        )

    def _trailer(self, line: int, record: str) -> None:
        self._check_no_payments(line)
        self._is_ended = True
        for name, place in _COUNTS:
            said = fixed.number(record[place], line, "70")
            if said != self.counts[name]:
                self.findings.error(
                    "trailer_count",
                    f"line {line}",
                    _("The trailer says {said} {name}; there are {found}."),
                    said=said,
                    name=name,
                    found=self.counts[name],
                )

    def _check_no_payments(self, line: int) -> None:
        """Payments that no deposit sums up prove that the file is not whole."""
        if self._payments:
            self.findings.error(
                "missing_deposit",
                f"line {line}",
                _("{number} payments are in no deposit (record 15)."),
                number=len(self._payments),
            )
            self._payments = []

    def _missing_trailer(self, line: int) -> None:
        self.findings.error(
            "missing_trailer", f"line {line}", _("Record {kind} is missing; the file may be cut."), kind="70"
        )
