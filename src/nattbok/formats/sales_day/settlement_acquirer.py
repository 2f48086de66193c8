"""Card acquirers in the manner of Nets, Teller, Diners and Amex: CSV built of record types.

The first cell of a row is its record, the header names the fields; a value is found by its record and its
field's name, wherever the column stands. Record 10 opens a payout, 20 is the sum of one card brand, 90 the
payout's total. Most brands are paid net; where the net is the whole amount, the fee is charged later by an
invoice or on the 15th of the next month (`fee_apart`).

Findings. Error: row_does_not_add_up, does_not_add_up, currencies_mixed, record_order, missing_total.
Unreadable: settlement_not_this, settlement_empty, and the codes of `formats.table`.

Source: nets.eu, afregning og advisering (records and fields by name). The field names differ between
agreements and are not public: `FIELDS` is the one layout at hand, and the place to add others.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import table
from nattbok.formats.bank.findings import Findings
from nattbok.formats.sales_day import checks
from nattbok.formats.sales_day.columns import empty, header_of, is_header, not_this
from nattbok.formats.sales_day.shape import Row, RowKind, Settlement, SettlementReport, parts

RECORD = "REC"
FIELDS = {
    "10": {"merchant": "FIELD2", "day": "FIELD4", "currency": "FIELD5", "reference": "FIELD6"},
    "20": {
        "brand": "FIELD1",
        "count": "FIELD2",
        "gross": "FIELD3",
        "fee": "FIELD4",
        "net": "FIELD5",
        "currency": "FIELD6",
    },
    "90": {"net": "FIELD5", "currency": "FIELD6"},
}
COLUMNS = (RECORD, *sorted({name for names in FIELDS.values() for name in names.values()}))


def looks_like(head: bytes) -> bool:
    """Whether the first line names the records' fields."""
    return is_header(head, COLUMNS)


@dataclass
class _Open:
    """A payout from its record 10 until its record 90."""

    merchant: str
    day: date
    currency: str
    reference: str
    where: str
    rows: list[Row] = field(default_factory=list)


def read(data: bytes) -> SettlementReport:
    """A settlement for each record 10."""
    header, found = header_of(data, COLUMNS) or not_this("Nets/Teller")
    findings = Findings()
    settlements: list[Settlement] = []
    current: _Open | None = None
    records: dict[str, int] = {}
    where = "line 1"
    for line, cells in found:
        said = table.named(cells, header, line)
        where, record = f"line {line}", said[RECORD]
        records[record] = records.get(record, 0) + 1
        names = FIELDS.get(record)
        if names is None:
            findings.error("record_order", where, _("The record {record} is not known."), record=record[:20])
            continue
        values = {meaning: said[name] for meaning, name in names.items()}
        if (record == "10") == (current is not None):
            findings.error(
                "record_order",
                where,
                _("The record {record} may not stand here; a payout is one 10, some 20 and one 90."),
                record=record,
            )
        if record == "10":
            day = table.day(values["day"], f"{where}, day")
            reference = values["reference"].removeprefix("ref").strip(" .:")
            current = _Open(values["merchant"], day, values["currency"], reference, where)
            continue
        if current is None:
            continue
        if values["currency"] != current.currency:
            findings.error(
                "currencies_mixed",
                where,
                _("The payout is in {one}, the row in {other}."),
                one=current.currency,
                other=values["currency"][:10],
            )
        if record == "20":
            current.rows.append(_brand(values, where, findings))
            continue
        settlements.append(_settlement(current, _amount(values, "net", where), where, findings))
        current = None
    if current is not None:
        findings.error("missing_total", where, _("The payout has no total (record 90): the file may be cut."))
    if not settlements and not findings:
        raise empty()
    return SettlementReport("settlement_acquirer", tuple(settlements), records, tuple(findings))


def _brand(values: dict[str, str], where: str, findings: Findings) -> Row:
    gross, fee, net = (_amount(values, name, where) for name in ("gross", "fee", "net"))
    is_apart = net == gross
    if not is_apart:
        checks.row(findings, where, gross - fee, net)
    count = values["count"]
    return Row(
        kind=RowKind.SALE if gross >= ZERO else RowKind.REFUND,
        amount=gross,
        fee=ZERO if is_apart else fee,
        fee_apart=fee if is_apart else ZERO,
        text=values["brand"],
        count=int(count) if count.isascii() and count.isdigit() and len(count) < 10 else 1,
        where=where,
    )


def _settlement(current: _Open, net: Decimal, where: str, findings: Findings) -> Settlement:
    rows = tuple(current.rows)
    gross, refunds, fee, other = parts(rows)
    settlement = Settlement(
        source="acquirer",
        payout_id=current.reference,
        payment_reference=current.reference,
        on=current.day,
        currency=current.currency,
        gross=gross,
        fee=fee,
        refunds=refunds,
        other=other,
        net=net,
        rows=rows,
        fee_apart=sum((row.fee_apart for row in rows), ZERO),
        merchant=current.merchant,
        is_net_stated=True,
    )
    checks.whole(findings, where, settlement)
    return settlement


def _amount(values: dict[str, str], name: str, where: str) -> Decimal:
    return table.amount(values[name], f"{where}, {name}", thousands=".")
