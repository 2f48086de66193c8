"""An acquirer's report of a payout, in the columns of Stripe's itemised payout reconciliation."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import StringIO

COLUMNS = (
    "automatic_payout_id",
    "automatic_payout_effective_at",
    "balance_transaction_id",
    "created",
    "available_on",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "description",
)


def write_stripe(payout: str, on: date, currency: str, sales: Sequence[tuple[Decimal, Decimal]]) -> bytes:
    """A payout's sales as (gross, fee); a refund is a negative gross."""
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for place, (gross, fee) in enumerate(sales, 1):
        category = "charge" if gross >= 0 else "refund"
        rows.writerow(
            (
                payout,
                f"{on} 00:00:00",
                f"txn_{on:%y%m%d}{place:06}",
                f"{on} 10:00:00",
                f"{on} 00:00:00",
                currency.lower(),
                f"{gross:.2f}",
                f"{fee:.2f}",
                f"{gross - fee:.2f}",
                category,
                f"ch_{on:%y%m%d}{place:06}",
                f"Order {place}",
            )
        )
    return out.getvalue().encode("utf-8")
