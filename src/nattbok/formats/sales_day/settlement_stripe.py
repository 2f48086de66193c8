"""Stripe: the itemised payout reconciliation report, a CSV file.

Each row belongs to one payout (`automatic_payout_id`): gross less fee is net, in the payout's currency.
Refunds are rows with a negative gross, monthly fees rows of their own without a source. The report states no
total: the payout's net is the sum of its rows, and the bank line has to prove it, unless the payout itself is
a row (`reporting_category` payout). Categories that are not known are kept as what they are, `other`.

Findings. Error: row_does_not_add_up, does_not_add_up, currencies_mixed. Note: not_paid_out.
Unreadable: settlement_not_this, settlement_empty, and the codes of `formats.table`.

Source: Stripe, Payout reconciliation report, column names of itemised activity.
"""

from collections import defaultdict
from decimal import Decimal

from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import table
from nattbok.formats.bank.findings import Findings
from nattbok.formats.sales_day import checks
from nattbok.formats.sales_day.columns import empty, header_of, is_header, not_this
from nattbok.formats.sales_day.shape import Row, RowKind, Settlement, SettlementReport, parts

COLUMNS = ("automatic_payout_id", "currency", "gross", "fee", "net", "reporting_category")
_REFUNDS = frozenset(("refund", "refund_failure", "partial_capture_reversal"))
_FEES = frozenset(("fee", "network_cost", "tax"))


def looks_like(head: bytes) -> bool:
    """Whether the first line names the columns of the report."""
    return is_header(head, COLUMNS)


def read(data: bytes) -> SettlementReport:
    """A settlement for each payout, in the order the report first names them."""
    header, found = header_of(data, COLUMNS) or not_this("Stripe")
    findings = Findings()
    rows: dict[str, list[Row]] = defaultdict(list)
    paid: dict[str, Decimal] = defaultdict(lambda: ZERO)
    about: dict[str, dict[str, str]] = {}
    waiting = 0
    count = 0
    for line, cells in found:
        said = table.named(cells, header, line)
        where = f"line {line}"
        gross, fee, net = (table.amount(said[name], f"{where}, {name}", point=".") for name in COLUMNS[2:5])
        checks.row(findings, where, gross - fee, net)
        count += 1
        payout = said["automatic_payout_id"]
        if not payout:
            waiting += 1
            continue
        first = about.setdefault(payout, said)
        if first["currency"] != said["currency"]:
            findings.error(
                "currencies_mixed",
                where,
                _("The payout is in {one}, the row in {other}."),
                one=first["currency"],
                other=said["currency"][:10],
            )
        category = said["reporting_category"]
        if category in ("payout", "payout_reversal"):
            paid[payout] -= net
            continue
        rows[payout].append(
            Row(
                kind=_kind(category),
                amount=gross,
                fee=fee,
                on=table.day(said["created"], f"{where}, created") if said.get("created") else None,
                reference=said.get("balance_transaction_id", ""),
                order=said.get("source_id", ""),
                text=said.get("description") or category,
                where=where,
            )
        )
    if waiting:
        findings.note(
            "not_paid_out", "", _("{count} rows are not paid out yet, and are left for later."), count=waiting
        )
    if not about:
        raise empty()
    settlements = []
    for payout, first in about.items():
        own = tuple(rows[payout])
        gross, refunds, fee, other = parts(own)
        net = gross - refunds - fee + other
        day = first.get("automatic_payout_effective_at")
        settlement = Settlement(
            source="stripe",
            payout_id=payout,
            payment_reference=payout,
            on=table.day(day, "automatic_payout_effective_at") if day else None,
            currency=first["currency"].upper(),
            gross=gross,
            fee=fee,
            refunds=refunds,
            other=other,
            net=paid.get(payout, net),
            rows=own,
            is_net_stated=payout in paid,
        )
        checks.whole(findings, payout, settlement)
        settlements.append(settlement)
    return SettlementReport("settlement_stripe", tuple(settlements), {"rows": count}, tuple(findings))


def _kind(category: str) -> RowKind:
    if category == "charge":
        return RowKind.SALE
    if category in _REFUNDS:
        return RowKind.REFUND
    return RowKind.FEE if category in _FEES else RowKind.OTHER
