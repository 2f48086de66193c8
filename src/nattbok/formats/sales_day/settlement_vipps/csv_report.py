"""The CSV form: four tables in one file, each row beginning with the name of its table."""

from dataclasses import replace
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import table
from nattbok.formats.bank.findings import Findings
from nattbok.formats.sales_day import checks
from nattbok.formats.sales_day.columns import empty
from nattbok.formats.sales_day.shape import Row, RowKind, Settlement, SettlementReport, parts

SETTLEMENT, TRANSACTION, FEE = "SettlementInfo", "TransactionInfo", "FeeInfo"
_TABLES = (SETTLEMENT, TRANSACTION, FEE)
_NEEDED = {
    SETTLEMENT: ("SettlementID", "SettlementDate", "Gross", "Fee", "Refund", "Net", "NumberOfTransactions"),
    TRANSACTION: ("TransactionId", "SettlementId", "Gross", "Fee", "Refund", "Net"),
    FEE: (),
}


def looks_like(head: bytes) -> bool:
    """Whether the first lines are the merchant's table and the header of the settlements'."""
    lines = table.head_lines(head, 12)
    first = next(filter(None, lines), "")
    return first.replace('"', "").startswith("OrganizationNumber") and any(
        line.replace('"', "").startswith(SETTLEMENT) for line in lines
    )


def read(data: bytes) -> SettlementReport:
    """A settlement for each row of the table SettlementInfo, with its transactions."""
    written = table.text(data)
    delimiter = table.delimiter_of(next(filter(None, written.splitlines()), ""))
    findings = Findings()
    headers: dict[str, list[str]] = {}
    found: list[tuple[str, dict[str, str]]] = []
    rows: dict[str, list[Row]] = {}
    counts = dict.fromkeys(_TABLES, 0)
    for line, cells in table.rows(written, delimiter):
        name, where = cells[0], f"line {line}"
        if name not in _TABLES:
            if headers:  # after the merchant's and Vipps' own tables
                findings.note("unknown_row", where, _("The row is of a table that is not read."))
            continue
        if name not in headers:
            _needed(cells, name, where)
            headers[name] = cells
            continue
        said = table.named(_whole(cells, headers[name], where, findings), headers[name], line)
        counts[name] += 1
        if name == SETTLEMENT:
            found.append((where, said))
        elif name == TRANSACTION:
            rows.setdefault(said["SettlementId"], []).extend(_rows(said, where, findings))
    if not found:
        raise empty()
    if len(found) == 1 and len(rows) == 1:
        _check_id(found[0], rows, findings)
    settlements = [
        _settlement(where, said, tuple(rows.pop(said["SettlementID"], ())), findings) for where, said in found
    ]
    for number, left in rows.items():
        findings.error(
            "settlement_id_differs",
            left[0].where,
            _("The transactions are of the settlement {number}, which the report does not have."),
            number=number[:40],
        )
    counts = {"transactions": counts[TRANSACTION], "fees": counts[FEE]}
    return SettlementReport("settlement_vipps_csv", tuple(settlements), counts, tuple(findings))


def _check_id(found: tuple[str, dict[str, str]], rows: dict[str, list[Row]], findings: Findings) -> None:
    """One settlement and the transactions of one: they belong together, or the report is wrong."""
    where, said = found
    (number,) = rows
    if number != said["SettlementID"]:
        findings.error(
            "settlement_id_differs",
            where,
            _("The report is of the settlement {one}, its transactions are of {other}."),
            one=said["SettlementID"][:40],
            other=number[:40],
        )
        rows[said["SettlementID"]] = rows.pop(number)


def _settlement(where: str, said: dict[str, str], rows: tuple[Row, ...], findings: Findings) -> Settlement:
    gross, fee, refunds, net = (_amount(said, name, where) for name in ("Gross", "Fee", "Refund", "Net"))
    number = said["NumberOfTransactions"]
    count = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else -1
    found = parts(rows)
    checks.same(findings, where, "NumberOfTransactions", sum(row.count for row in rows), count)
    checks.same(findings, where, "Gross", found[0], gross)
    checks.same(findings, where, "Refund", -found[1] + ZERO, refunds)
    checks.same(findings, where, "Fee", -found[2] + ZERO, fee)
    checks.same(findings, where, "Net", found[0] - found[1] - found[2], net)
    settlement = Settlement(
        source="vipps",
        payout_id=said["SettlementID"],
        payment_reference=said["SettlementID"],
        on=table.day(said["SettlementDate"], f"{where}, SettlementDate"),
        currency=said.get("Currency", ""),
        gross=found[0],
        refunds=found[1],
        fee=found[2],
        other=found[3],
        net=net,
        rows=rows,
        account="".join(filter(str.isalnum, said.get("SettlementAccount", ""))),
        merchant=said.get("SalesUnitName", ""),
        is_net_stated=True,
    )
    checks.whole(findings, where, settlement)
    return settlement


def _rows(said: dict[str, str], where: str, findings: Findings) -> list[Row]:
    """A capture, a refund, or both; amounts with the sign of what they add."""
    gross, fee, refund, net = (_amount(said, name, where) for name in ("Gross", "Fee", "Refund", "Net"))
    checks.row(findings, where, gross + fee + refund, net)
    row = Row(
        kind=RowKind.REFUND if refund and not gross else RowKind.SALE,
        amount=gross or refund,
        fee=-fee + ZERO,
        on=table.day(said["SalesDate"], f"{where}, SalesDate") if said.get("SalesDate") else None,
        reference=said["TransactionId"],
        order=said.get("OrderID", ""),
        where=where,
    )
    if gross and refund:
        return [row, replace(row, kind=RowKind.REFUND, amount=refund, fee=ZERO, count=0)]
    return [row]


def _whole(cells: list[str], header: list[str], where: str, findings: Findings) -> list[str]:
    """The row's cells, with a Net that was written with a comma in a comma file put together again.

    Vipps' own sample has `16450,62` so; only where that makes the row fit its header, and with a note.
    """
    at = header.index("Net") if "Net" in header else -1
    if len(cells) != len(header) + 1 or at < 0:
        return cells
    whole, decimals = cells[at], cells[at + 1]
    if not whole.lstrip("-").isdigit() or len(decimals) != 2 or not decimals.isdigit():
        return cells
    findings.note(
        "decimal_comma", where, _("The net was written with a comma in a file where commas part the cells.")
    )
    return [*cells[:at], f"{whole}.{decimals}", *cells[at + 2 :]]


def _needed(cells: list[str], name: str, where: str) -> None:
    missing = [column for column in _NEEDED[name] if column not in cells]
    if missing:
        raise Unreadable(
            _("{element} is missing."), where=where, code="settlement_incomplete", element=missing[0]
        )


def _amount(said: dict[str, str], name: str, where: str) -> Decimal:
    return table.amount(said[name], f"{where}, {name}", point="." if "." in said[name] else ",")
