"""Klarna: the settlement report, a CSV file of all rows of one or more payouts.

Rows are SALE, FEE, RETURN and others, told apart by `payment_reference`, which is also what stands on the
bank line. Amounts are whole öre (minor units) with the sign of what they add to the payout; the VAT within a
fee is `vat_amount`. The report states no total: the net is the sum of its rows, and the bank line has to
prove it.

Findings. Error: currencies_mixed, unpaid_row. Unreadable: settlement_not_this, settlement_empty, and the
codes of `formats.table`.

Source: Klarna, Settlement reports, column names.
"""

from collections import defaultdict

from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import table
from nattbok.formats.bank.findings import Findings
from nattbok.formats.sales_day import checks
from nattbok.formats.sales_day.columns import empty, header_of, is_header, not_this
from nattbok.formats.sales_day.shape import Row, RowKind, Settlement, SettlementReport, parts

COLUMNS = ("type", "amount", "currency_code", "payment_reference", "detailed_type")
_KINDS = {
    "SALE": RowKind.SALE,
    "RETURN": RowKind.REFUND,
    "REVERSAL": RowKind.OTHER,
    "FEE": RowKind.FEE,
    "COMMISSION": RowKind.FEE,
}


def looks_like(head: bytes) -> bool:
    """Whether the first line names the columns of the report."""
    return is_header(head, COLUMNS)


def read(data: bytes) -> SettlementReport:
    """A settlement for each payment reference, in the order the report first names them."""
    header, found = header_of(data, COLUMNS) or not_this("Klarna")
    findings = Findings()
    rows: dict[str, list[Row]] = defaultdict(list)
    about: dict[str, dict[str, str]] = {}
    count = 0
    for line, cells in found:
        said = table.named(cells, header, line)
        where = f"line {line}"
        count += 1
        reference = said["payment_reference"]
        amount = table.ore(said["amount"], f"{where}, amount")
        vat = table.ore(said["vat_amount"], f"{where}, vat_amount") if said.get("vat_amount") else ZERO
        if not reference:
            findings.error("unpaid_row", where, _("The row does not say which payout it belongs to."))
            continue
        first = about.setdefault(reference, said)
        if first["currency_code"] != said["currency_code"]:
            findings.error(
                "currencies_mixed",
                where,
                _("The payout is in {one}, the row in {other}."),
                one=first["currency_code"],
                other=said["currency_code"][:10],
            )
        kind = _KINDS.get(said["type"], RowKind.OTHER)
        day = said.get("capture_date") or said.get("sale_date")
        rows[reference].append(
            Row(
                kind=kind,
                amount=amount,
                fee_vat=-vat if kind is RowKind.FEE else ZERO,
                on=table.day(day, f"{where}, capture_date") if day else None,
                reference=said.get("capture_id") or said.get("order_id", ""),
                order=said.get("merchant_reference1", ""),
                text=said["detailed_type"] or said["type"],
                where=where,
            )
        )
    if not about:
        raise empty()
    settlements = []
    for reference, first in about.items():
        own = tuple(rows[reference])
        gross, refunds, fee, other = parts(own)
        settlement = Settlement(
            source="klarna",
            payout_id=reference,
            payment_reference=reference,
            on=table.day(first["payout_date"], "payout_date") if first.get("payout_date") else None,
            currency=first["currency_code"].upper(),
            gross=gross,
            fee=fee,
            refunds=refunds,
            other=other,
            net=gross - refunds - fee + other,
            rows=own,
            fee_vat=sum((row.fee_vat for row in own), ZERO),
        )
        checks.whole(findings, reference, settlement)
        settlements.append(settlement)
    return SettlementReport("settlement_klarna", tuple(settlements), {"rows": count}, tuple(findings))
