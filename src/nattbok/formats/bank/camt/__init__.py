"""camt.052, camt.053 and camt.054: the account reports of ISO 20022, versions 02 to 13.

camt.053 is the statement of booked days, camt.054 the notice of what single entries consist of, camt.052
the day so far. Amounts carry no sign: CdtDbtInd gives the direction, also when RvslInd is true.
The file is read as a stream, one entry (Ntry) at a time, so that one of 200 MB may be read; a file of
several accounts gives several statements.

What proves itself: opening balance + booked entries = closing balance (053); details = entry; the
summary (TxsSummry) = entries; batch count = details. What does not is held, with a finding that says what
and where.

Findings, all of a statement. Hold: balance_mismatch, missing_balance, reversals_flipped,
details_do_not_sum, batch_count_mismatch, summary_mismatch, currency_mismatch, missing_booking_date,
not_last_page. Note: detail_in_other_currency, charges_between, amounts_differ, batch_total_differs,
remittance_differs, split_unknown.
Unreadable: camt_version, camt_not_camt, camt_no_statement, camt_incomplete, camt_twice, camt_misplaced,
camt_direction, and the codes of `formats.xml`.

Source: ISO 20022, Bank-to-Customer Cash Management, camt.052/053/054.001.
"""

import re

from nattbok.base.errors import Unreadable
from nattbok.base.words import _
from nattbok.formats import xml
from nattbok.formats.bank.camt.entry import Lines
from nattbok.formats.bank.camt.names import Names
from nattbok.formats.bank.camt.statement import statement
from nattbok.formats.bank.shape import BankFile, Kind, Statement

_NAMESPACE = re.compile(
    r"\{(urn:iso:std:iso:20022:tech:xsd:(camt\.05[234]\.\d{3}\.(\d{2})))\}Document", re.ASCII
)
LARGEST = xml.LARGEST_STREAMED  # bytes; it is read entry by entry
_VERSIONS = frozenset(f"{number:02}" for number in range(2, 14))
_PARTS = {
    "camt.052.001": (Kind.INTRADAY, "BkToCstmrAcctRpt", "Rpt"),
    "camt.053.001": (Kind.STATEMENT, "BkToCstmrStmt", "Stmt"),
    "camt.054.001": (Kind.NOTICE, "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}


def looks_like(head: bytes) -> bool:
    """Whether a file that begins so is a camt.052, .053 or .054 of any version."""
    return _NAMESPACE.fullmatch(xml.root_tag(head)) is not None


def read(data: bytes, *, largest: int = LARGEST) -> BankFile:
    """The file's statements; raises Unreadable when it is not sound camt or over `largest` bytes."""
    found = _NAMESPACE.fullmatch(xml.root_tag(data))
    if found is None:
        xml.check(data, largest=largest)  # says more when it is not even XML
        raise Unreadable(
            _("The file is not a camt.052, camt.053 or camt.054."), where="line 1", code="camt_not_camt"
        )
    namespace, message, version = found.groups()
    if version not in _VERSIONS or message[:-3] not in _PARTS:
        raise Unreadable(
            _("{version} is a version that is not read."),
            where="line 1",
            code="camt_version",
            version=message,
        )
    kind, body_name, part_name = _PARTS[message[:-3]]
    names = Names(namespace)
    header: dict[str, str] = {}
    statements: list[Statement] = []
    part_tag, entry_tag, body_tag = names.tag(part_name), names.tag("Ntry"), names.tag(body_name)
    wanted = (names.tag("GrpHdr"), part_tag, entry_tag)
    lines = Lines(names)
    for node in xml.streamed(data, wanted, entry_tag, largest=largest):
        if node.tag == entry_tag:
            _check_parent(node, part_tag)
            lines.add(node)
        elif node.tag == part_tag:
            _check_parent(node, body_tag)
            statements.append(
                statement(node, names, lines, kind=kind, place=f"{part_name} {len(statements) + 1}")
            )
            xml.forget(node)
            lines = Lines(names)
        else:
            header = header or names.texts(node)
    if not statements:
        raise Unreadable(_("There is no statement in the file."), where=body_name, code="camt_no_statement")
    return BankFile(
        message=message,
        kind=kind,
        message_id=header.get("MsgId", ""),
        created=header.get("CreDtTm", ""),
        statements=tuple(statements),
    )


def _check_parent(node: xml.Element, tag: str) -> None:
    parent = node.getparent()
    if parent is None or parent.tag != tag:
        raise Unreadable(
            _("An element stands where it may not."), where=xml.place(node), code="camt_misplaced"
        )
