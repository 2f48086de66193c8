"""OCR giro, the Norwegian file of incoming payments with KID (Nets, earlier BBS), 80 characters, ISO-8859-1.

One statement per assignment (records 20 to 88), which is one account and agreement. Each payment is a
record 30, a record 31, and for payments with free text a record 32. The transaction type does not decide
whether a payment is read, since types not in the specification occur; types 18 and 20 are reversals,
money out, as is any payment with the sign "-".

Trailers (88 and 89) count transactions and records and sum the amounts: types 18 and 20 are ADDED to the
sum although they are money out, those with sign "-" are subtracted. A file whose trailers do not agree
has an error, and nothing of it may be stored.

`bank_reference`, the payment's key: account-date-centre-day-part-serial-number, where the date is Nets'
settlement date, part the part settlement and number the transaction's in its assignment. All payments of
one `batch_reference`, date-part-serial, are one line on the bank's statement.

Findings. Error: trailer_count, trailer_records, trailer_sum, trailer_dates, missing_trailer,
record_order. Hold: sign_unclear, negative_total. Note: assignment_not_read, unknown_record.
Unreadable: ocr_not_ocr, ocr_record, not_a_number, not_a_date, too_large.

Source: Nets, OCR giro, System specification; for the sign "-" real files.
"""

import re
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

_HEAD = re.compile(rb"(\xef\xbb\xbf)?\s*NY000010[0-9]{8}", re.ASCII)
_REVERSALS = frozenset(("18", "20"))
_NO_ACCOUNT = "00000000000"
_PAYMENT = re.compile(
    r"NY09(?P<type>\d\d)30(?P<number>\d{7})(?P<day>\d{6})(?P<centre>\d\d)(?P<part>\d\d\d)(?P<serial>\d{5})"
    r"(?P<sign>[0 -])(?P<amount>\d{17})(?P<reference>.{25}).{6}",
    re.ASCII,
)


def looks_like(head: bytes) -> bool:
    """Whether a file that begins so is a transmission from Nets with an OCR assignment in sight."""
    if _HEAD.match(head) is None:
        return False
    return re.search(rb"NY21\d\d20", head[:20_000]) is None or b"NY090020" in head


def read(data: bytes) -> BankFile:
    """All assignments of the file; of several files one after the other, those of all."""
    records = fixed.records(data, lambda text: text.startswith("NY"), code="ocr_record")
    if not records or records[0][1][:8] != "NY000010":
        raise Unreadable(
            _("The file is not an OCR giro file: it does not begin with NY000010."),
            where="line 1",
            code="ocr_not_ocr",
        )
    reader = _Reader()
    for line, record in records:
        reader.take(line, record)
    reader.end(records[-1][0])
    return BankFile(
        message="ocr_giro",
        kind=Kind.GIRO,
        message_id=",".join(reader.transmissions),
        created=reader.created,
        statements=tuple(reader.statements),
        findings=tuple(reader.findings),
    )


@dataclass(slots=True)
class _Assignment:
    """Records 20 to 88 while they are read."""

    line: int
    service: str
    number: str
    account: str
    agreement: str
    records: int = 1
    count: int = 0
    trailer_sum: Decimal = ZERO
    money_in: Decimal = ZERO
    money_out: Decimal = ZERO
    days: set[date] = field(default_factory=set)
    batches: set[str] = field(default_factory=set)
    transactions: list[Transaction] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)


class _Reader:
    """Record after record; the last payment is kept until all its records are seen."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.findings = Findings()
        self.transmissions: list[str] = []
        self.created = ""
        self._is_open = False
        self._records = self._count = 0
        self._sum = self._said = ZERO
        self._assignment: _Assignment | None = None
        self._payment: re.Match[str] | None = None
        self._payment_line = 0
        self._payment_key = ""
        self._payer = ""
        self._text = ""
        self._days: dict[str, tuple[date, str]] = {}  # as written, and as keys have it
        self._seen: dict[str, int] = {}

    def take(self, line: int, record: str) -> None:
        """One record."""
        kind = record[6:8]
        assignment = self._assignment
        if assignment is not None and record[2:4] != assignment.service and kind not in ("10", "20", "89"):
            self.findings.error(
                "record_order",
                f"line {line}",
                _("A record of service {service} stands in an assignment of service {other}."),
                service=record[2:4],
                other=assignment.service,
            )
        if assignment is not None and kind in ("30", "31", "32") and assignment.service == "09":
            self._records += 1
            assignment.records += 1
            if kind == "30":
                self._begin_payment(line, record)
            elif self._payment is None or record[4:6] + record[8:15] != self._payment_key:
                self.findings.error(
                    "record_order",
                    f"line {line}",
                    _("Record {kind} does not follow its record 30."),
                    kind=kind,
                )
            elif kind == "31":
                self._payer = record[47:58]
            else:
                self._text += record[15:55].rstrip() + "\n"
        elif kind == "10":
            self._begin_file(line, record)
        elif kind == "20":
            self._begin_assignment(line, record)
        elif kind == "88":
            self._end_assignment(line, record)
        elif kind == "89":
            self._end_file(line, record)
        else:
            self._other(line, record)

    def end(self, line: int) -> None:
        """After the last record."""
        if self._is_open:
            self._missing(line, "89")

    def _begin_file(self, line: int, record: str) -> None:
        if self._is_open:
            self._missing(line, "89")
        self._is_open = True
        self._records, self._count, self._sum, self._said = 1, 0, ZERO, ZERO
        self.transmissions.append(record[16:23].strip())

    def _begin_assignment(self, line: int, record: str) -> None:
        if self._assignment is not None or not self._is_open:
            self._missing(line, "88" if self._assignment is not None else "10")
            self._close()
        self._records += 1
        self._seen = {}  # an assignment told again is the same payments; only within one are twins two
        self._assignment = _Assignment(
            line, record[2:4], record[17:24].strip(), record[24:35].strip(), record[8:17].strip().lstrip("0")
        )
        if record[2:4] != "09":
            self.findings.note(
                "assignment_not_read",
                f"line {line}",
                _("An assignment of service {service} is not OCR giro and is left out."),
                service=record[2:4],
            )
        elif re.fullmatch(r"\d{11}", record[24:35], re.ASCII) is None:
            raise Unreadable(
                _("“{account}” is not an account."),
                where=f"line {line}",
                code="not_a_number",
                account=record[24:35],
            )

    def _begin_payment(self, line: int, record: str) -> None:
        self._end_payment()
        self._payment = _PAYMENT.fullmatch(record)
        self._payment_line, self._payer, self._text = line, "", ""
        self._payment_key = record[4:6] + record[8:15]  # all its records repeat type and number
        if self._payment is None:
            raise Unreadable(
                _("The payment “{record}” has something else than digits where numbers stand."),
                where=f"line {line}",
                code="not_a_number",
                record=record[:49],
            )

    def _end_payment(self) -> None:
        """The payment whose records are all seen becomes a transaction."""
        payment, assignment = self._payment, self._assignment
        if payment is None or assignment is None:
            return
        self._payment = None
        kind, transaction, written, centre, part, serial, sign, ore, reference = payment.groups()
        if written not in self._days:
            new = fixed.short_day(written, self._payment_line)
            self._days[written] = (new, f"{new:%Y%m%d}")
        day, stamp = self._days[written]
        amount = fixed.ore(ore)
        is_reversal = kind in _REVERSALS
        assignment.count += 1
        assignment.trailer_sum += -amount if sign == "-" else amount
        if sign == "-" and is_reversal:
            assignment.findings.hold(
                "sign_unclear",
                f"line {self._payment_line}",
                _("A reversal (type {kind}) with a minus: which way it goes is unclear."),
                kind=kind,
            )
        if is_reversal or sign == "-":
            is_reversal = True
            assignment.money_out += amount
            amount = -amount
        else:
            assignment.money_in += amount
        batch = f"{stamp}-{part[2]}-{serial}"
        assignment.days.add(day)
        assignment.batches.add(batch)
        key = f"{assignment.account}-{stamp}-{centre}-{part[:2]}-{part[2]}-{serial}-{transaction}"
        reference = reference.strip()
        assignment.transactions.append(
            Transaction(
                amount=amount,
                booked_on=day,
                value_on=None,
                bank_reference=occurrence(key, self._seen),
                batch_reference=batch,
                reference=reference,
                remittances=(Remittance(reference=reference, amount=amount),) if reference else (),
                text=self._text.strip(),
                counterparty_account="" if self._payer == _NO_ACCOUNT else self._payer.strip(),
                bank_code=kind,
                is_reversal=is_reversal,
                where=f"line {self._payment_line}",
            )
        )

    def _end_assignment(self, line: int, record: str) -> None:
        self._end_payment()
        assignment = self._assignment
        if assignment is None:
            self.findings.error(
                "record_order", f"line {line}", _("Record {kind} does not follow its record 20."), kind="88"
            )
            return
        assignment.records += 1
        self._records += 1
        count = fixed.number(record[8:16], line, "88")
        total = fixed.amount(record[24:41], line, "88")
        if assignment.service == "09":
            self._check(
                assignment.findings,
                f"line {line}",
                (count, assignment.count),
                (fixed.number(record[16:24], line, "88"), assignment.records),
                (total, abs(assignment.trailer_sum)),
            )
            self._check_days(assignment, line, record)
            if assignment.trailer_sum < 0:
                assignment.findings.hold(
                    "negative_total",
                    f"line {line}",
                    _("The payments come to {total}, but the trailer has no sign that could prove it."),
                    total=assignment.trailer_sum,
                )
            self._count += assignment.count
            self._sum += assignment.trailer_sum
        else:
            self._count += count
            self._sum += total
        self._said += total
        self._close()

    def _check_days(self, assignment: _Assignment, line: int, record: str) -> None:
        if not assignment.days:
            return
        for written, day in ((record[47:53], min(assignment.days)), (record[53:59], max(assignment.days))):
            if written.strip(" 0") and fixed.short_day(written, line) != day:
                assignment.findings.error(
                    "trailer_dates",
                    f"line {line}",
                    _("The trailer says {said}, the payments {found}."),
                    said=fixed.short_day(written, line),
                    found=day,
                )

    def _close(self) -> None:
        self._end_payment()
        one = self._assignment
        self._assignment = None
        if one is None or one.service != "09":
            return
        self.statements.append(
            Statement(
                account=one.account,
                currency="NOK",
                kind=Kind.GIRO,
                number=one.number,
                agreement=one.agreement,
                starts_on=min(one.days, default=None),
                ends_on=max(one.days, default=None),
                entries=len(one.batches),
                transactions=tuple(one.transactions),
                payments=one.count,
                booked_in=one.money_in,
                booked_out=one.money_out,
                findings=tuple(one.findings),
            )
        )

    def _end_file(self, line: int, record: str) -> None:
        if self._assignment is not None:
            self._missing(line, "88")
            self._close()
        if not self._is_open:
            self.findings.error(
                "record_order", f"line {line}", _("Record {kind} does not follow its record 10."), kind="89"
            )
            return
        self._is_open = False
        # Of several assignments with a negative one it is not said whether it adds or subtracts: both pass.
        total = fixed.amount(record[24:41], line, "89")
        self._check(
            self.findings,
            f"line {line}",
            (fixed.number(record[8:16], line, "89"), self._count),
            (fixed.number(record[16:24], line, "89"), self._records + 1),
            (total, abs(self._sum) if total != self._said else total),
        )
        self.created = fixed.short_day(record[41:47], line).isoformat()

    def _other(self, line: int, record: str) -> None:
        self._records += 1
        if self._assignment is not None:
            self._assignment.records += 1
            if self._assignment.service != "09":
                return
        self.findings.note(
            "unknown_record", f"line {line}", _("Record type {record} is not known."), record=record[6:8]
        )

    def _check(
        self,
        findings: Findings,
        where: str,
        counts: tuple[int, int],
        records: tuple[int, int],
        sums: tuple[Decimal, Decimal],
    ) -> None:
        """Each pair is (what the trailer says, what is there)."""
        if counts[0] != counts[1]:
            findings.error(
                "trailer_count",
                where,
                _("The trailer says {said} payments; there are {found}."),
                said=counts[0],
                found=counts[1],
            )
        if records[0] != records[1]:
            findings.error(
                "trailer_records",
                where,
                _("The trailer says {said} records; there are {found}."),
                said=records[0],
                found=records[1],
            )
        if sums[0] != sums[1]:
            findings.error(
                "trailer_sum",
                where,
                _("The trailer says {said} in all; the payments come to {found}."),
                said=sums[0],
                found=sums[1],
            )

    def _missing(self, line: int, kind: str) -> None:
        if kind == "89" and self._assignment is not None:
            self._close()
        self.findings.error(
            "missing_trailer", f"line {line}", _("Record {kind} is missing; the file may be cut."), kind=kind
        )
