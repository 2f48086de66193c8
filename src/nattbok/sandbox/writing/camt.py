"""camt.052, camt.053 and camt.054, versions 02 and 08, from the shape they are read into.

Transactions after each other with the same `batch_reference` are one entry with several details; one that
`sums_up` others is an entry with the batch's count and no details; the rest are an entry each. Charges are
told on the detail, whose amount is what was booked; findings are not written.
Source: ISO 20022, camt.05n.001.02 and camt.05n.001.08.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby

from nattbok.base.money import ZERO
from nattbok.formats.bank.shape import BankFile, Kind, Remittance, Statement, Status, Transaction
from nattbok.sandbox.writing.xml import Node, document

VERSIONS = ("02", "08")
_BODIES = {
    "052": ("BkToCstmrAcctRpt", "Rpt"),
    "053": ("BkToCstmrStmt", "Stmt"),
    "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
_STATUSES = {Status.BOOKED: "BOOK", Status.PENDING: "PDNG", Status.INFORMATION: "INFO"}
_UNKNOWN_CODE = "PMNT-NTAV-NTAV"
_TEXT_WIDTH = 140
_RATE = Decimal("0.0001")


def write(file: BankFile, *, owner: str = "", bic: str = "") -> bytes:
    """`file.message` says which message and version, e.g. "camt.053.001.02". Raises ValueError for others.

    `owner` is the name on the accounts, `bic` the bank's own. `created` is written as it is.
    """
    kind, version = file.message.removeprefix("camt.")[:3], file.message[-2:]
    if kind not in _BODIES or version not in VERSIONS or len(file.message) != len("camt.053.001.02"):
        raise ValueError(f"{file.message!r} is not written here")
    body, part = _BODIES[kind]
    writer = _Writer(version, owner, bic, file.created)
    header: Node = ("GrpHdr", [("MsgId", file.message_id), ("CreDtTm", file.created)])
    return document(
        "Document",
        [(body, [header, *((part, writer.statement(one)) for one in file.statements)])],
        {None: f"urn:iso:std:iso:20022:tech:xsd:{file.message}"},
    )


class _Writer:
    """The parts of one version."""

    def __init__(self, version: str, owner: str, bic: str, created: str) -> None:
        self._is_new = version == "08"
        self._owner, self._bic, self._created = owner, bic, created

    def statement(self, one: Statement) -> list[Node]:
        """Stmt, Ntfctn or Rpt."""
        return [
            ("Id", one.number or "1"),
            None if one.sequence is None else ("ElctrncSeqNb", str(one.sequence)),
            ("CreDtTm", self._created),
            self._period(one),
            (
                "Acct",
                [
                    ("Id", [_account(one.account, one.currency)]),
                    ("Ccy", one.currency),
                    ("Ownr", [("Nm", self._owner)]) if self._owner else None,
                    self._bank(),
                ],
            ),
            *(
                (
                    _balance("OPBD", one.opening, one.currency, one.starts_on),
                    _balance("CLBD", one.closing, one.currency, one.ends_on),
                )
                if one.kind is not Kind.NOTICE
                else ()
            ),
            *(
                ("Ntry", self._entry(lines, one.currency, place))
                for place, lines in enumerate(_entries(one), 1)
            ),
        ]

    def _bank(self) -> Node:
        tag = "BICFI" if self._is_new else "BIC"
        return ("Svcr", [("FinInstnId", [(tag, self._bic)])]) if self._bic else None

    def _period(self, one: Statement) -> Node:
        if one.starts_on is None or one.ends_on is None:
            return None
        return (
            "FrToDt",
            [("FrDtTm", f"{one.starts_on}T00:00:00"), ("ToDtTm", f"{one.ends_on}T23:59:59")],
        )

    def _entry(self, lines: list[Transaction], currency: str, place: int) -> list[Node]:
        first = lines[0]
        total = sum((line.amount for line in lines), ZERO)
        if not self._is_new and len({line.amount < 0 for line in lines}) > 1:
            raise ValueError("in version 02 the payments of an entry all go one way")
        is_bare = len(lines) == 1 and not _has_detail(first)
        status = _STATUSES[first.status]
        return [
            ("NtryRef", str(place)),
            _money(total, currency),
            _direction(total),
            ("RvslInd", "true") if first.is_reversal else None,
            ("Sts", [("Cd", status)] if self._is_new else status),
            _day("BookgDt", first.booked_on),
            _day("ValDt", first.value_on),
            ("AcctSvcrRef", first.batch_reference or first.bank_reference or None),
            _code(first.bank_code),
            None if is_bare else ("NtryDtls", self._details(lines, currency, total)),
            ("AddtlNtryInf", first.text or None) if is_bare or first.sums_up else None,
        ]

    def _details(self, lines: list[Transaction], currency: str, total: Decimal) -> list[Node]:
        first = lines[0]
        number = first.sums_up or (len(lines) if len(lines) > 1 else 0)
        batch: Node = None
        if number:
            batch = (
                "Btch",
                [
                    ("PmtInfId", first.payment_info_id or None),
                    ("NbOfTxs", str(number)),
                    _money(total, currency, "TtlAmt"),
                    _direction(total),
                ],
            )
        if first.sums_up:
            return [batch]
        return [batch, *(("TxDtls", self._detail(line, currency)) for line in lines)]

    def _detail(self, line: Transaction, currency: str) -> list[Node]:
        amounts: list[Node] = [("TxAmt", [_money(line.amount, currency), _exchange(line, currency)])]
        if line.instructed_amount is not None:
            amounts.insert(0, ("InstdAmt", [_money(line.instructed_amount, line.instructed_currency)]))
        return [
            (
                "Refs",
                [
                    ("MsgId", line.message_id or None),
                    ("AcctSvcrRef", line.bank_reference or None),
                    ("PmtInfId", line.payment_info_id or None),
                    ("EndToEndId", line.end_to_end_id or None),
                ],
            ),
            *((_money(line.amount, currency), _direction(line.amount)) if self._is_new else ()),
            ("AmtDtls", amounts),
            _code(line.bank_code),
            self._charges(line, currency),
            self._parties(line, currency),
            ("RmtInf", _remittance(line, currency)),
            ("RtrInf", [("Rsn", [("Cd", line.return_reason)])]) if line.return_reason else None,
        ]

    def _charges(self, line: Transaction, currency: str) -> Node:
        if line.charges is None:
            return None
        charged: list[Node] = [_money(line.charges, currency), ("CdtDbtInd", "DBIT")]
        return ("Chrgs", [("Rcrd", charged)] if self._is_new else charged)

    def _parties(self, line: Transaction, currency: str) -> Node:
        side = "Cdtr" if (line.amount < 0) != line.is_reversal else "Dbtr"
        who: list[Node] = [("Nm", line.counterparty_name or None)]
        if line.counterparty_org_number:
            who.append(("Id", [("OrgId", [("Othr", [("Id", line.counterparty_org_number)])])]))
        found: list[Node] = []
        if line.counterparty_name or line.counterparty_org_number:
            found.append((side, [("Pty", who)] if self._is_new else who))
        if line.counterparty_account:
            found.append((f"{side}Acct", [("Id", [_account(line.counterparty_account, currency)])]))
        return ("RltdPties", found)


def _entries(one: Statement) -> Iterator[list[Transaction]]:
    numbered = enumerate(one.transactions)
    for _key, lines in groupby(numbered, lambda pair: pair[1].batch_reference or f"\0{pair[0]}"):
        yield [line for _place, line in lines]


def _has_detail(line: Transaction) -> bool:
    """Whether there is more to say of a payment than its entry can."""
    return bool(
        line.sums_up
        or line.remittances
        or line.counterparty_name
        or line.counterparty_account
        or line.counterparty_org_number
        or line.end_to_end_id
        or line.payment_info_id
        or line.message_id
        or line.return_reason
        or line.instructed_amount is not None
        or line.charges is not None
        or line.batch_reference not in ("", line.bank_reference)
    )


def _exchange(line: Transaction, currency: str) -> Node:
    """The rate from the currency it was sent in, in four decimals."""
    if not line.instructed_amount or line.instructed_currency in ("", currency):
        return None
    rate = (abs(line.amount) / abs(line.instructed_amount)).quantize(_RATE)
    return (
        "CcyXchg",
        [("SrcCcy", line.instructed_currency), ("TrgtCcy", currency), ("XchgRate", f"{rate:f}")],
    )


def _remittance(line: Transaction, currency: str) -> list[Node]:
    texts: list[Node] = [
        ("Ustrd", words[at : at + _TEXT_WIDTH])
        for words in line.text.split("\n")
        for at in range(0, len(words), _TEXT_WIDTH)
    ]
    return texts + [_structured(one, currency) for one in line.remittances]


def _structured(one: Remittance, currency: str) -> Node:
    amount = "CdtNoteAmt" if one.is_credit_note else "RmtdAmt"
    document_code = "CREN" if one.is_credit_note else "CINV"
    return (
        "Strd",
        [
            ("RfrdDocInf", [_typed(document_code), ("Nb", one.invoice)]) if one.invoice else None,
            None if one.amount is None else ("RfrdDocAmt", [_money(one.amount, currency, amount)]),
            ("CdtrRefInf", [_typed("SCOR"), ("Ref", one.reference)]) if one.reference else None,
        ],
    )


def _typed(code: str) -> Node:
    return ("Tp", [("CdOrPrtry", [("Cd", code)])])


def _account(number: str, currency: str) -> Node:
    if number[:2].isalpha():
        return ("IBAN", number)
    is_bankgiro = currency == "SEK" and len(number) in (7, 8)
    scheme: Node = ("SchmeNm", [("Prtry", "BGNR") if is_bankgiro else ("Cd", "BBAN")])
    return ("Othr", [("Id", number), scheme])


def _balance(code: str, amount: Decimal | None, currency: str, on: date | None) -> Node:
    if amount is None:
        return None
    return ("Bal", [_typed(code), _money(amount, currency), _direction(amount), _day("Dt", on)])


def _money(amount: Decimal, currency: str, name: str = "Amt") -> Node:
    return (name, f"{abs(amount):.2f}", {"Ccy": currency})


def _direction(amount: Decimal) -> Node:
    return ("CdtDbtInd", "DBIT" if amount < 0 else "CRDT")


def _day(name: str, on: date | None) -> Node:
    return None if on is None else (name, [("Dt", on.isoformat())])


def _code(code: str) -> Node:
    words = (code or _UNKNOWN_CODE).split("-")
    if len(words) != 3:
        return ("BkTxCd", [("Prtry", [("Cd", code)])])
    family: Node = ("Fmly", [("Cd", words[1]), ("SubFmlyCd", words[2])])
    return ("BkTxCd", [("Domn", [("Cd", words[0]), family])])
