"""What every settlement report has to prove: its rows, its parts and its net agree to the øre."""

from decimal import Decimal

from nattbok.base.words import _
from nattbok.formats.bank.findings import Findings
from nattbok.formats.sales_day.shape import Settlement

MOST_ALIKE = 20  # findings of rows; the rest is counted


def row(findings: Findings, where: str, net: Decimal, stated: Decimal) -> None:
    """The amount less the fee is the net that the row states, or the report is refused."""
    if net != stated and sum(one.code == "row_does_not_add_up" for one in findings) < MOST_ALIKE:
        findings.error(
            "row_does_not_add_up",
            where,
            _("The amount less the fee is {net}; the row says {stated}."),
            net=net,
            stated=stated,
        )


def same(findings: Findings, where: str, name: str, found: Decimal | int, stated: Decimal | int) -> None:
    """A sum or a count that the report states is what its rows come to, or the report is refused."""
    if found != stated:
        findings.error(
            "does_not_add_up",
            where,
            _("The report says {name} {stated}; its rows come to {found}."),
            name=name,
            stated=stated if isinstance(stated, int) else str(stated),
            found=found if isinstance(found, int) else str(found),
        )


def whole(findings: Findings, where: str, settlement: Settlement) -> None:
    """Last of all: the settlement adds up, or the report is refused. Says nothing said already."""
    if not settlement.adds_up and not any(one.where.startswith(where) for one in findings):
        parts = settlement.gross - settlement.refunds - settlement.fee + settlement.other
        same(findings, where, "net", parts, settlement.net)
