"""Vipps MobilePay: SettlementReport, XML 2.0 and 3.0, and the CSV file with several tables in one.

One settlement is one payout of one sales unit. In all forms gross is sold less refunded, and gross less fee
is net. A settlement of type Gross is paid in full, and its fees are charged later (`fee_apart`).

XML 3.0 states the sums of captures, refunds, gross, fee and net, the number of transactions, and what was
settled; 2.0 the gross, the fee, the net and the number. CSV: a row's first cell is its table, the table's
first row its header, and amounts have a sign: fees and refunds are negative. All of it has to agree.

Findings. Error: row_does_not_add_up, does_not_add_up, currencies_mixed, settlement_id_differs.
Note: decimal_comma, unknown_row. Unreadable: settlement_not_this, settlement_empty, settlement_incomplete,
settlement_misplaced, and the codes of `formats.xml` and `formats.table`.

Source: vippsas/vipps-developers, settlements: SettlementReport-2.0.xsd, -3.0.xsd, and its samples.
"""

from nattbok.formats import xml
from nattbok.formats.sales_day.columns import not_this
from nattbok.formats.sales_day.settlement_vipps import csv_report, xml_report
from nattbok.formats.sales_day.shape import SettlementReport

__all__ = ["looks_like", "read"]


def looks_like(head: bytes) -> bool:
    """Whether it is either of the XML versions, or begins with the CSV file's tables."""
    return xml.root_tag(head) in xml_report.ROOTS or csv_report.looks_like(head)


def read(data: bytes) -> SettlementReport:
    """A settlement for each payout, in the file's order."""
    if xml.root_tag(data[:65_536]) in xml_report.ROOTS:
        return xml_report.read(data)
    if not csv_report.looks_like(data[:65_536]):
        not_this("Vipps")
    return csv_report.read(data)
