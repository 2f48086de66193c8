"""What a settlement report comes to, in a few plain values: for the command line, tests, a person."""

from nattbok.base.money import ZERO
from nattbok.formats.sales_day.shape import Settlement, SettlementReport


def totals(report: SettlementReport) -> dict[str, object]:
    """Plain values that JSON can hold; amounts as text with two decimals, costs positive."""
    settlements = report.settlements

    def total(name: str) -> str:
        return f"{sum((getattr(one, name) for one in settlements), ZERO):.2f}"

    return {
        "message": report.message,
        "transactions": report.counts.get("transactions", report.counts.get("rows", 0))
        or sum(row.count for one in settlements for row in one.rows),
        "gross": total("gross"),
        "refunds": total("refunds"),
        "fee": total("fee"),
        "fee_apart": total("fee_apart"),
        "other": total("other"),
        "net": total("net"),
        "currency": ",".join(sorted({one.currency for one in settlements if one.currency})),
        "settlements": [_settlement(one) for one in settlements],
    }


def _settlement(one: Settlement) -> dict[str, object]:
    return {
        "payout_id": one.payout_id,
        "payment_reference": one.payment_reference,
        "date": None if one.on is None else one.on.isoformat(),
        "currency": one.currency,
        "gross": f"{one.gross:.2f}",
        "refunds": f"{one.refunds:.2f}",
        "fee": f"{one.fee:.2f}",
        "fee_vat": f"{one.fee_vat:.2f}",
        "fee_apart": f"{one.fee_apart:.2f}",
        "other": f"{one.other:.2f}",
        "net": f"{one.net:.2f}",
        "rows": len(one.rows),
        "adds_up": one.adds_up,
    }
