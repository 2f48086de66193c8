"""SettlementReport in XML, as a stream of transactions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO, rounded
from nattbok.base.words import _
from nattbok.formats import table, xml
from nattbok.formats.bank.camt.names import Names
from nattbok.formats.bank.findings import Findings
from nattbok.formats.sales_day import checks
from nattbok.formats.sales_day.columns import empty
from nattbok.formats.sales_day.shape import Row, RowKind, Settlement, SettlementReport, parts

ROOTS = {
    "{http://vipps.dnb.no/XMLSchema/SettlementReport.xsd}SettlementReport": "2.0",
    "{http://vipps.no/xmlschema/SettlementReport-3.0.xsd}SettlementReport": "3.0",
}


def read(data: bytes) -> SettlementReport:
    """A settlement for each SettlementInfo."""
    tag = xml.root_tag(data)
    reader = _Reader(Names(tag[1:].rpartition("}")[0]), ROOTS[tag])
    tags = {reader.names.tag(name): step for name, step in reader.steps.items()}
    for _event, node in xml.entries(data, tuple(tags), keep_blanks=False):
        tags[node.tag](node)
        xml.forget(node)
    if not reader.settlements:
        raise empty()
    counts = {"transactions": reader.transactions, "fees": reader.fees}
    findings = tuple(reader.findings)
    return SettlementReport(f"settlement_vipps_{reader.version}", tuple(reader.settlements), counts, findings)


@dataclass
class _Sums:
    """What the transactions of one settlement come to."""

    capture: Decimal = ZERO
    refund: Decimal = ZERO  # negative
    fee: Decimal = ZERO
    count: int = 0


class _Reader:
    """Transactions, then the settlement they are of, then the sales unit."""

    def __init__(self, names: Names, version: str) -> None:
        self.names, self.version = names, version
        self.findings = Findings()
        self.settlements: list[Settlement] = []
        self.transactions = self.fees = 0
        self.steps: dict[str, Callable[[xml.Element], None]] = {
            "TransactionInfo": self.transaction,
            "SettlementInfo": self.settlement,
            "FeeInfo": self.fee,
            "PaymentsInfo": self.payments,
            "SettlementDetailsInfo": self.unit,
        }
        self._rows: list[Row] = []
        self._sums = _Sums()
        self._own = self._of_unit = 0  # where the settlements of this account, of this unit, begin

    def transaction(self, node: xml.Element) -> None:
        """One capture, one refund, or both."""
        self._below(node, "SettlementInfo")
        said, where = self.names.texts(node), xml.place(node)
        gross, net = (
            self._amount(said, "TransactionGrossAmount", node),
            self._amount(said, "TransactionNetAmount", node),
        )
        stated = self._amount(said, "TransactionFeeAmount", node)
        # 2.0 does not say which sign a fee has; the net does.
        fee = -stated if self.version == "2.0" and stated and gross + stated == net else stated
        checks.row(self.findings, where, gross - fee, net)
        if self.version == "2.0":
            capture, refund = (gross, ZERO) if gross >= ZERO else (ZERO, gross)
        else:
            capture = self._amount(said, "TransactionCaptureAmount", node)
            refund = self._amount(said, "TransactionRefundAmount", node)
            checks.row(self.findings, where, capture + refund, gross)
        day = said.get("TransactionTime") or said.get("TransactionDate")
        row = Row(
            kind=RowKind.REFUND if refund and not capture else RowKind.SALE,
            amount=capture or refund,
            fee=fee,
            on=table.day(day, where) if day else None,
            reference=said.get("TransactionID", ""),
            order=said.get("OrderID", ""),
            where=where,
        )
        self._rows.append(row)
        if capture and refund:
            self._rows.append(replace(row, kind=RowKind.REFUND, amount=refund, fee=ZERO, count=0))
        self._sums = _Sums(
            self._sums.capture + capture,
            self._sums.refund + refund,
            self._sums.fee + fee,
            self._sums.count + 1,
        )
        self.transactions += 1

    def settlement(self, node: xml.Element) -> None:
        """SettlementInfo: what its transactions come to, as the report says and as they sum."""
        self._below(node, "PaymentsInfo")
        said, where, sums = self.names.texts(node), xml.place(node), self._sums
        if not said.get("SettlementID"):
            raise self._incomplete(node, "SettlementID")
        fee = sums.fee
        stated = {
            name: self._amount(said, f"{name}SettlementAmount", node) for name in ("Gross", "Net", "Fee")
        }
        same = checks.same
        same(self.findings, where, "NumOfTransactions", sums.count, _count(said.get("NumOfTransactions", "")))
        same(self.findings, where, "GrossSettlementAmount", sums.capture + sums.refund, stated["Gross"])
        same(self.findings, where, "FeeSettlementAmount", abs(fee), abs(stated["Fee"]))
        same(self.findings, where, "NetSettlementAmount", sums.capture + sums.refund - fee, stated["Net"])
        net, is_gross = stated["Net"], False
        if self.version == "3.0":
            capture = self._amount(said, "CaptureSettlementAmount", node)
            refund = self._amount(said, "RefundSettlementAmount", node)
            same(self.findings, where, "CaptureSettlementAmount", sums.capture, capture)
            same(self.findings, where, "RefundSettlementAmount", sums.refund, refund)
            is_gross = said.get("SettlementType") == "Gross"
            net = self._amount(said, "SettledAmount", node)
            same(self.findings, where, "SettledAmount", stated["Gross" if is_gross else "Net"], net)
        day = said.get("SettlementDate") or said.get("SettlementBatchDate")
        settlement = Settlement(
            source="vipps",
            payout_id=said["SettlementID"],
            payment_reference=said["SettlementID"],
            on=table.day(day, f"{where}, SettlementDate") if day else None,
            currency=said.get("SettlementCurrencyCode", ""),
            gross=ZERO,
            fee=ZERO,
            refunds=ZERO,
            other=ZERO,
            net=net,
            rows=tuple(self._rows),
            is_net_stated=True,
        )
        settlement = _apart(settlement) if is_gross else _with_parts(settlement)
        checks.whole(self.findings, where, settlement)
        self.settlements.append(settlement)
        self._rows, self._sums = [], _Sums()

    def fee(self, node: xml.Element) -> None:
        """A fee that is charged apart."""
        self._below(node, "FeeDetailsInfo")
        self.fees += 1

    def payments(self, node: xml.Element) -> None:
        """PaymentsInfo: the account, and in 2.0 the totals of its settlements."""
        self._below(node, "SettlementDetailsInfo")
        said, where = self.names.texts(node), xml.place(node)
        own = self.settlements[self._own :]
        if said.get("NumOfSettlements"):
            number = _count(said["NumOfSettlements"])
            checks.same(self.findings, where, "NumOfSettlements", len(own), number)
        if self.version == "2.0":
            for name, found in (
                ("TotalSettledGrossAmount", sum((one.gross - one.refunds for one in own), ZERO)),
                ("TotalSettledNetAmount", sum((one.net for one in own), ZERO)),
                ("TotalSettledFeeAmount", abs(sum((one.fee for one in own), ZERO))),
            ):
                if said.get(name):
                    stated = self._amount(said, name, node)
                    checks.same(self.findings, where, name, found, abs(stated) if "Fee" in name else stated)
        account = "".join(filter(str.isalnum, said.get("SettlementAccountNum", "")))
        self.settlements[self._own :] = [replace(one, account=account) for one in own]
        self._own = len(self.settlements)

    def unit(self, node: xml.Element) -> None:
        """SettlementDetailsInfo: the sales unit."""
        name = self.names.text(node, "SaleUnitName")
        own = self.settlements[self._of_unit :]
        self.settlements[self._of_unit :] = [replace(one, merchant=name) for one in own]
        self._of_unit = len(self.settlements)

    def _amount(self, said: dict[str, str], name: str, node: xml.Element) -> Decimal:
        if name not in said:
            raise self._incomplete(node, name)
        where = f"{xml.place(node)}, {name}"
        return rounded(xml.decimal(said[name].removeprefix("+"), signed=True, where=where)) + ZERO

    def _below(self, node: xml.Element, name: str) -> None:
        parent = node.getparent()
        if parent is None or parent.tag != self.names.tag(name):
            raise Unreadable(
                _("An element stands where it may not."), where=xml.place(node), code="settlement_misplaced"
            )

    def _incomplete(self, node: xml.Element, missing: str) -> Unreadable:
        return Unreadable(
            _("{element} is missing."), where=xml.place(node), code="settlement_incomplete", element=missing
        )


def _with_parts(settlement: Settlement) -> Settlement:
    gross, refunds, fee, other = parts(settlement.rows)
    return replace(settlement, gross=gross, refunds=refunds, fee=fee, other=other)


def _apart(settlement: Settlement) -> Settlement:
    """The settlement when it was paid without its fees."""
    rows = tuple(replace(row, fee=ZERO, fee_apart=row.fee) for row in settlement.rows)
    fee_apart = sum((row.fee_apart for row in rows), ZERO)
    return _with_parts(replace(settlement, rows=rows, fee_apart=fee_apart))


def _count(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else -1
