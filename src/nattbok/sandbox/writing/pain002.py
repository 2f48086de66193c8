"""pain.002, the bank's answer to a payment file, versions 03 and 10.

Source: ISO 20022, pain.002.001.03 and pain.002.001.10.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nattbok.sandbox.writing.xml import Node, document

VERSIONS = ("03", "10")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a payment."""

    instruction_id: str
    end_to_end_id: str
    status: str  # ACSC, RJCT …
    amount: Decimal
    currency: str
    reason: str = ""  # of ISO 20022, or the bank's own when it is longer than four letters
    information: str = ""
    bank_reference: str = ""
    execute_on: date | None = None  # told where the day is another than was asked for


@dataclass(frozen=True, slots=True)
class SaidOfBatch:
    """What is said of a batch; nothing of itself when `status` is ""."""

    id: str
    status: str = ""
    reason: str = ""
    information: str = ""
    payments: tuple[Said, ...] = ()


def write(
    *,
    version: str,
    message_id: str,
    created: str,
    original_id: str,
    original_message: str,
    count: int,
    total: Decimal,
    status: str = "",
    reason: str = "",
    information: str = "",
    batches: tuple[SaidOfBatch, ...] = (),
) -> bytes:
    """The message; `status` is the whole file's, "" when nothing is said of it. Raises ValueError."""
    if version not in VERSIONS:
        raise ValueError(f"pain.002.001.{version} is not written here")
    header: Node = ("GrpHdr", [("MsgId", message_id), ("CreDtTm", created)])
    group: Node = (
        "OrgnlGrpInfAndSts",
        [
            ("OrgnlMsgId", original_id),
            ("OrgnlMsgNmId", original_message),
            ("OrgnlNbOfTxs", str(count)),
            ("OrgnlCtrlSum", f"{total:.2f}"),
            ("GrpSts", status or None),
            _reason(reason, information),
        ],
    )
    return document(
        "Document",
        [("CstmrPmtStsRpt", [header, group, *(_batch(one, version) for one in batches)])],
        {None: f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"},
    )


def _batch(one: SaidOfBatch, version: str) -> Node:
    return (
        "OrgnlPmtInfAndSts",
        [
            ("OrgnlPmtInfId", one.id),
            ("PmtInfSts", one.status or None),
            _reason(one.reason, one.information),
            *(_payment(payment, f"{one.id}-{place}", version) for place, payment in enumerate(one.payments)),
        ],
    )


def _payment(one: Said, status_id: str, version: str) -> Node:
    day = one.execute_on.isoformat() if one.execute_on else None
    asked: Node = ("ReqdExctnDt", day if version == "03" else [("Dt", day)]) if day else None
    return (
        "TxInfAndSts",
        [
            ("StsId", status_id[-35:]),
            ("OrgnlInstrId", one.instruction_id or None),
            ("OrgnlEndToEndId", one.end_to_end_id),
            ("TxSts", one.status),
            _reason(one.reason, one.information),
            ("AcctSvcrRef", one.bank_reference or None),
            (
                "OrgnlTxRef",
                [("Amt", [("InstdAmt", f"{one.amount:.2f}", {"Ccy": one.currency})]), asked],
            ),
        ],
    )


def _reason(code: str, information: str) -> Node:
    if not code:
        return None
    kind = "Cd" if len(code) == 4 else "Prtry"
    return ("StsRsnInf", [("Rsn", [(kind, code)]), ("AddtlInf", information[:105] or None)])
