"""Zettle (PayPal): the finance API's list of account transactions, a JSON file.

Amounts are whole øre (minor units) with the sign of what they add to the balance; a fee is a row of its own
(PAYMENT_FEE), a refund a negative PAYMENT, and the payout a negative row (PAYOUT) that empties what came
before it. What has come since the last payout is not paid out yet. The list does not name its currency.

Findings. Error: does_not_add_up. Note: not_paid_out. Unreadable: settlement_not_this, settlement_empty,
settlement_broken, table_amount, table_date, table_too_large.

Source: iZettle/api-documentation, finance-api.
"""

import json
from decimal import Decimal

from nattbok.base.errors import Unreadable
from nattbok.base.money import ZERO
from nattbok.base.words import _
from nattbok.formats import table
from nattbok.formats.bank.findings import Findings
from nattbok.formats.sales_day import checks
from nattbok.formats.sales_day.columns import empty, not_this
from nattbok.formats.sales_day.shape import Row, RowKind, Settlement, SettlementReport, parts

LARGEST = 10_000_000  # bytes; what JSON is read into takes ten times as much
_SIGN = b'"originatorTransactionType"'


def looks_like(head: bytes) -> bool:
    """Whether it is JSON that names the API's own fields."""
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return bare[:1] in (b"{", b"[") and _SIGN in bare[:4096]


def read(data: bytes) -> SettlementReport:
    """A settlement for each payout, oldest first."""
    findings = Findings()
    settlements = []
    rows: list[Row] = []
    taken = _rows(data)
    for _moment, _number, row, is_payout in sorted(taken, key=lambda one: one[:2]):
        if not is_payout:
            rows.append(row)
            continue
        own = tuple(rows)
        gross, refunds, fee, other = parts(own)
        settlement = Settlement(
            source="zettle",
            payout_id=row.reference,
            payment_reference="",
            on=row.on,
            currency="",
            gross=gross,
            fee=fee,
            refunds=refunds,
            other=other,
            net=-row.amount,
            rows=own,
            is_net_stated=True,
        )
        checks.whole(findings, row.where, settlement)
        settlements.append(settlement)
        rows = []
    if not settlements:
        raise empty()
    if rows:
        findings.note(
            "not_paid_out",
            rows[0].where,
            _("{count} rows are not paid out yet, and are left for later."),
            count=len(rows),
        )
    return SettlementReport("settlement_zettle", tuple(settlements), {"rows": len(taken)}, tuple(findings))


def _rows(data: bytes) -> list[tuple[str, int, Row, bool]]:
    """The rows with what they are sorted by: their moment, then their place, payouts after all else."""
    if len(data) > LARGEST:
        raise Unreadable(
            _("The file is {size} bytes; at most {largest} are read."),
            code="table_too_large",
            size=len(data),
            largest=LARGEST,
        )
    try:
        found = json.loads(
            data.decode("utf-8-sig"), parse_float=_no_number, parse_constant=_no_number, parse_int=str,
            object_pairs_hook=_once,
        )  # fmt: skip
    except (ValueError, RecursionError) as error:
        if not looks_like(data[:4096]):
            not_this("Zettle")
        raise Unreadable(
            _("The JSON is broken: {reason}"),
            where=f"line {getattr(error, 'lineno', 1)}",
            code="settlement_broken",
            reason=str(error)[:200],
        ) from None
    listed = found.get("data") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        not_this("Zettle")
    rows = []
    for number, said in enumerate(listed):
        where = f"data[{number}]"
        kind = said.get("originatorTransactionType")
        moment, amount = said.get("timestamp"), said.get("amount")
        if not all(isinstance(one, str) and one for one in (kind, moment, amount)):
            not_this("Zettle")
        number_of = table.ore(amount, f"{where}.amount")
        row = Row(
            kind=_kind(kind, number_of),
            amount=number_of,
            on=table.day(moment, f"{where}.timestamp"),
            reference=str(said.get("originatingTransactionUuid") or ""),
            text=kind,
            where=where,
        )
        # The API's answers have the newest first, a saved file perhaps not; a payout ends its moment.
        rows.append((moment, 0 if kind != "PAYOUT" else 1, row, kind == "PAYOUT"))
    return rows


def _kind(kind: str, amount: Decimal) -> RowKind:
    if kind == "PAYMENT":
        return RowKind.SALE if amount >= ZERO else RowKind.REFUND
    return RowKind.FEE if kind.endswith("_FEE") else RowKind.OTHER


def _no_number(written: str) -> str:
    raise ValueError(f"{written[:40]} is not a whole number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found
